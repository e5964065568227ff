package io.securememcached.operator.e2e;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the one {@link Cluster} and the one {@link Installation} of this run, as parameters,
 * and keeps the operator's log of a test that fails: the cluster may be gone when somebody looks.
 */
final class E2EEnvironment implements ParameterResolver, AfterTestExecutionCallback {

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == Cluster.class || type == Installation.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    ExtensionContext.Store store = store(context);
    Cluster cluster =
        store.getOrComputeIfAbsent(Cluster.class, key -> Cluster.obtain(), Cluster.class);
    return parameter.getParameter().getType() == Cluster.class
        ? cluster
        : store.getOrComputeIfAbsent(
            Installation.class, key -> new Installation(cluster), Installation.class);
  }

  @Override
  public void afterTestExecution(ExtensionContext context) throws IOException {
    Installation installation = store(context).get(Installation.class, Installation.class);
    if (context.getExecutionException().isPresent() && installation != null) {
      Path log =
          Guarded.ROOT.resolve(
              "operator/target/failsafe-reports/%s.%s.operator.log"
                  .formatted(
                      context.getRequiredTestClass().getSimpleName(),
                      context.getRequiredTestMethod().getName()));
      Files.writeString(log, installation.logs());
      System.out.println("  the operator's log: " + log);
    }
  }

  private static ExtensionContext.Store store(ExtensionContext context) {
    return context.getRoot().getStore(Namespace.create(E2EEnvironment.class));
  }
}
