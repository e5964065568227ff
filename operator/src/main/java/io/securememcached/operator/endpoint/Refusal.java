package io.securememcached.operator.endpoint;

/**
 * Why a caller gets no metrics.
 *
 * @param status of HTTP
 * @param challenge value of the WWW-Authenticate header, for 401; else empty
 * @param text the way out, for the caller
 */
record Refusal(int status, String challenge, String text) {

  private static final String CHALLENGE = "Bearer realm=\"metrics\"";

  static Refusal noToken() {
    return new Refusal(
        401,
        CHALLENGE,
        "Send the token of a ServiceAccount in the header Authorization: Bearer TOKEN");
  }

  static Refusal invalidToken() {
    return new Refusal(
        401,
        CHALLENGE + ", error=\"invalid_token\"",
        "The token is invalid or has expired; send a current token of a ServiceAccount");
  }

  static Refusal forbidden(String text) {
    return new Refusal(403, "", text);
  }

  /** The caller's rights are not known: that is no permission. */
  static Refusal unavailable(String text) {
    return new Refusal(503, "", text);
  }
}
