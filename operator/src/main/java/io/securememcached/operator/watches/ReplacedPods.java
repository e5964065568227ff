package io.securememcached.operator.watches;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.function.Consumer;

/** Tells a pod from its successor of the same name. */
public final class ReplacedPods {

  private ReplacedPods() {}

  /**
   * Reports a pod that was deleted while the watch was down: a list that finds its successor under
   * the same name yields an update. Returns true, as an update triggers a reconciliation in any
   * case.
   */
  public static boolean report(Pod before, Pod now, Consumer<Pod> podGone) {
    if (!isSame(before, now)) {
      podGone.accept(before);
    }
    return true;
  }

  static boolean isSame(Pod one, Pod other) {
    return one.getMetadata().getUid().equals(other.getMetadata().getUid());
  }
}
