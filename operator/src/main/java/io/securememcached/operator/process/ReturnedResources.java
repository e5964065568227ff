package io.securememcached.operator.process;

import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.controller.ControllerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.controller.ResourceAction;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Reconciles a resource that was deleted and created again before the deletion was processed. With
 * what it knows of the deleted one, java-operator-sdk forgets the event of the new one, too, and
 * tells its metrics right after (EventProcessor.cleanupForDeletedEvent of 5.2).
 */
final class ReturnedResources implements Metrics {

  private final Supplier<ControllerEventSource<SecureMemcached>> resources;

  /**
   * @param resources asked once something was deleted
   */
  ReturnedResources(Supplier<ControllerEventSource<SecureMemcached>> resources) {
    this.resources = resources;
  }

  @Override
  public void cleanupDoneFor(ResourceID id, Map<String, Object> metadata) {
    ControllerEventSource<SecureMemcached> source = resources.get();
    source
        .get(id)
        .ifPresent(resource -> source.eventReceived(ResourceAction.ADDED, resource, null, null));
  }
}
