package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.Container;

/** The template from which pods were created that wait for an update: a ControllerRevision. */
public sealed interface TemplateRevision {

  /**
   * The StatefulSet controller has recorded it.
   *
   * @param server memcached's container
   */
  record Recorded(Container server) implements TemplateRevision {}

  /**
   * It can't be read, or is not the StatefulSet's.
   *
   * @param why one clause, such as "was not found"
   */
  record Unknown(String why) implements TemplateRevision {}
}
