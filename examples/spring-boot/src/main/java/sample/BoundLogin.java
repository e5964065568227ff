package sample;

import java.util.Optional;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import org.springframework.cloud.bindings.Binding;
import org.springframework.cloud.bindings.Bindings;
import org.springframework.stereotype.Component;

/**
 * The binding of type "memcached". It is read from its files at each login, so that a change needs
 * no restart; properties of a configuration tree would keep what they were at the start.
 */
@Component
class BoundLogin implements CallbackHandler {

  String user() {
    return Optional.ofNullable(System.getenv("MEMCACHED_USERNAME"))
        .filter(user -> !user.isEmpty())
        .orElseGet(() -> binding().getSecret().get("username"));
  }

  /** Servers as HOST:PORT, with commas. */
  String servers() {
    return binding().getSecret().get("servers");
  }

  @Override
  public void handle(Callback[] callbacks) throws UnsupportedCallbackException {
    for (Callback callback : callbacks) {
      if (callback instanceof NameCallback name) {
        name.setName(user());
      } else if (callback instanceof PasswordCallback password) {
        password.setPassword(binding().getSecret().get("password").toCharArray());
      } else {
        throw new UnsupportedCallbackException(callback);
      }
    }
  }

  private static Binding binding() {
    return new Bindings()
        .filterBindings("memcached").stream()
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "no binding of type memcached under " + Bindings.SERVICE_BINDING_ROOT));
  }
}
