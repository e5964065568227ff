package io.securememcached.operator.resource;

import java.util.List;

/**
 * Images that resources may use in {@code image.reference}. An image can be any program, and reads
 * all logins of its resource, so an administrator may restrict them.
 *
 * @param entries {@code *} for any image; an entry that ends with {@code /} for all images whose
 *     reference begins with it; else one repository, with any tag or digest, or one reference.
 *     Empty for no image. References are compared literally: {@code memcached} is not {@code
 *     docker.io/library/memcached}
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

  /** Whether resources may use an image. */
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
    // After a repository follows its tag or digest; with a slash it would be the port of another
    // registry.
    return entry.endsWith("/")
        || (rest.startsWith(":") || rest.startsWith("@")) && rest.indexOf('/') < 0;
  }
}
