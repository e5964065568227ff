package io.securememcached.operator.resource;

import io.securememcached.operator.api.v1beta1.SecureMemcached;

/** An annotation that stops all changes to the servers and logins of a resource. */
public final class Pause {

  /** Any value but {@code false} pauses, so that a typing error changes nothing. */
  public static final String ANNOTATION = "securememcached.io/pause";

  private Pause() {}

  /** Whether a resource is paused. */
  public static boolean of(SecureMemcached primary) {
    return !primary
        .getMetadata()
        .getAnnotations()
        .getOrDefault(ANNOTATION, "false")
        .equals("false");
  }
}
