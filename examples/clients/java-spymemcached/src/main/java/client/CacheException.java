package client;

/** A server could not be used. */
final class CacheException extends Exception {

  private static final long serialVersionUID = 1;

  CacheException(String message) {
    super(message);
  }
}
