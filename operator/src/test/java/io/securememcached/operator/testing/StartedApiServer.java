package io.securememcached.operator.testing;

/** An API server outside of JUnit. */
public final class StartedApiServer {

  private StartedApiServer() {}

  /** Starts one; the caller closes it. */
  public static ApiServer start() {
    return new ApiServer();
  }
}
