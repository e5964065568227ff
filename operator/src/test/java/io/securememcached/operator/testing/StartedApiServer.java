package io.securememcached.operator.testing;

/** An API server for one user alone. */
public final class StartedApiServer {

  private StartedApiServer() {}

  /** Starts one; the caller closes it. */
  public static ApiServer start() {
    return new ApiServer();
  }
}
