package io.securememcached.operator.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Hands the one {@link ApiServer} of this JVM to the tests of a class, as a parameter. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(WithApiServer.Extension.class)
public @interface WithApiServer {

  /**
   * Starts the API server at its first use; JUnit closes it after the last test.
   *
   * <p>The scope is the session: with several processes, Surefire makes a request of each class.
   */
  final class Extension implements ParameterResolver {

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == ApiServer.class;
    }

    @Override
    public ApiServer resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getStore(
              StoreScope.LAUNCHER_SESSION, ExtensionContext.Namespace.create(WithApiServer.class))
          .getOrComputeIfAbsent(ApiServer.class, type -> new ApiServer(), ApiServer.class);
    }
  }
}
