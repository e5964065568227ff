package io.securememcached.operator.e2e;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the one {@link Cluster} and the one {@link Installation} of this run, as parameters.
 */
final class E2EEnvironment implements ParameterResolver {

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == Cluster.class || type == Installation.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    ExtensionContext.Store store =
        context.getRoot().getStore(Namespace.create(E2EEnvironment.class));
    Cluster cluster =
        store.getOrComputeIfAbsent(Cluster.class, key -> Cluster.obtain(), Cluster.class);
    return parameter.getParameter().getType() == Cluster.class
        ? cluster
        : store.getOrComputeIfAbsent(
            Installation.class, key -> new Installation(cluster), Installation.class);
  }
}
