package client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.callback.UnsupportedCallbackException;

/**
 * The mounted Secret, in the layout of the Service Binding specification: a file for each of
 * username, password and servers. The library asks it at every login, so that a connection that is
 * opened after the login changed has the new one.
 */
final class Login implements CallbackHandler {

  private static final Path BINDING =
      Path.of(
          Optional.ofNullable(System.getenv("SERVICE_BINDING_ROOT")).orElse("/bindings"),
          "memcached");

  String user() {
    return Optional.ofNullable(System.getenv("MEMCACHED_USERNAME"))
        .filter(user -> !user.isEmpty())
        .orElseGet(() -> read("username"));
  }

  /** Servers as HOST:PORT, with commas. */
  String servers() {
    return read("servers");
  }

  @Override
  public void handle(Callback[] callbacks) throws UnsupportedCallbackException {
    for (Callback callback : callbacks) {
      if (callback instanceof NameCallback name) {
        name.setName(user());
      } else if (callback instanceof PasswordCallback password) {
        password.setPassword(read("password").toCharArray());
      } else {
        throw new UnsupportedCallbackException(callback);
      }
    }
  }

  private static String read(String key) {
    try {
      return Files.readString(BINDING.resolve(key));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
