package io.securememcached.operator.resource;

import java.util.List;

/**
 * Which images resources may name in {@code image.reference}. An image is any program, and it reads
 * all logins of its resource, so an administrator may want to say which.
 *
 * @param entries {@code *} for any image; a text with {@code /} at its end for all images whose
 *     reference begins with it; else one repository, with any tag or digest, or one reference. None
 *     for no image at all. References are compared as they are written: {@code memcached} is not
 *     {@code docker.io/library/memcached}
 */
public record AllowedImages(List<String> entries) {

  private static final String ANY = "*";

  public AllowedImages {
    entries = List.copyOf(entries);
  }

  /** All images. */
  public static AllowedImages any() {
    return new AllowedImages(List.of(ANY));
  }

  /** Whether resources may name an image. */
  public boolean allows(String reference) {
    return entries.stream().anyMatch(entry -> allows(entry, reference));
  }

  /** For people. */
  public String describe() {
    return entries.isEmpty() ? "none" : String.join(", ", entries);
  }

  private static boolean allows(String entry, String reference) {
    if (entry.equals(ANY) || entry.equals(reference)) {
      return true;
    }
    if (!reference.startsWith(entry)) {
      return false;
    }
    String rest = reference.substring(entry.length());
    // What follows a repository is its tag or digest; with a slash in it, it would be the port of
    // another registry.
    return entry.endsWith("/")
        || (rest.startsWith(":") || rest.startsWith("@")) && rest.indexOf('/') < 0;
  }
}
