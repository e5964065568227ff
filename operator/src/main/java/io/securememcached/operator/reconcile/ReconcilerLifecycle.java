package io.securememcached.operator.reconcile;

import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.leader.OtherOperators;
import io.securememcached.operator.monitoring.ExporterSettings;
import io.securememcached.operator.probe.ServerTasks;
import io.securememcached.operator.resource.Settings;
import io.securememcached.operator.rollout.RestartLimit;
import io.securememcached.operator.watches.ReconcileGuard;
import io.securememcached.operator.watches.WatchFaults;
import java.time.Duration;
import java.time.InstantSource;

/** The reconciler from its start to its stop. */
public final class ReconcilerLifecycle {

  private final ReconcileGuard guard = new ReconcileGuard();
  private final SecureMemcachedReconciler reconciler;

  /**
   * A reconciler that has not started.
   *
   * @param exporter whether the exporter has logins
   * @param others says which resources are left alone
   * @param tasks run what is asked of servers
   * @param metrics get the results of the checks, and the statuses
   * @param limit of all restarts
   * @param faults told of what can't be read
   */
  public ReconcilerLifecycle(
      Settings settings,
      ExporterSettings exporter,
      OtherOperators others,
      InstantSource clock,
      ServerTasks tasks,
      PrometheusMeterRegistry metrics,
      RestartLimit limit,
      WatchFaults faults) {
    reconciler =
        new SecureMemcachedReconciler(
            others,
            guard,
            context ->
                new Components(
                    settings, exporter, guard, clock, tasks, metrics, limit, faults, context));
  }

  public Reconciler<SecureMemcached> reconciler() {
    return reconciler;
  }

  /**
   * Begins to delete the policies and copied logins of deleted resources, and to write the
   * exporter's key; to be called once all lists are read and this instance leads.
   */
  public void begin() {
    reconciler.components().pruner().begin();
    reconciler.components().copyPruner().begin();
    reconciler.components().exporterKey().begin();
  }

  /**
   * Lets no reconciliation begin any more and waits for those that run; to be called before the
   * framework is stopped.
   *
   * @return false when some still run after the timeout
   */
  public boolean end(Duration timeout) {
    if (reconciler.components() != null) {
      reconciler.components().pruner().end();
      reconciler.components().copyPruner().end();
      reconciler.components().exporterKey().end();
    }
    return guard.end(timeout);
  }
}
