package io.securememcached.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts of the API server, OpenShift, Kyverno and Gatekeeper, and the field that each asks for. */
class RejectionAdviceTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          pods "x-0" is forbidden: failed quota: compute: must specify limits.cpu for: memcached; requests.cpu for: memcached | Set spec.resources.limits.cpu
          pods "x-0" is forbidden: failed quota: compute: must specify limits.cpu,requests.memory | Set spec.resources.limits.cpu and spec.resources.requests.memory
          pods "x-0" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=4, limited: pods=4 | Lower spec.replicas, spec.cacheSize or spec.resources, or have quota compute raised
          pods "x-0" is forbidden: insufficient quota to match these scopes: [{PriorityClass In [high]}] | Set spec.scheduling.priorityClassName
          pods "x-0" is forbidden: unable to validate against any security context constraint: [provider "restricted-v2": .spec.securityContext.fsGroup: Invalid value: [11211]: 11211 is not an allowed group] | Set the chart value openshift.enabled, or grant the SCC nonroot-v2, see docs/install.md#openshift
          admission webhook "validation.gatekeeper.sh" denied the request: [limits] container <memcached> has no resource limits | Set spec.resources
          admission webhook "validate.kyverno.svc-fail" denied the request: policy shop/x for resource violation: require-labels: validation error: The label `team` is required. | Set spec.labels and spec.pod.labels
          """)
  void namesTheField(String said, String advice) {
    assertThat(RejectionAdvice.of(said)).contains(advice);
  }

  /** A name of a policy is no reason, and a guess would mislead. */
  @Test
  void saysNothingWhereTheWordsAreUnknown() {
    assertThat(
            RejectionAdvice.of(
                "ValidatingAdmissionPolicy 'image-labels' with binding 'cpu-limits' denied request: not on Fridays"))
        .isEmpty();
  }

  @Test
  void isAddedToRejectionsAlone() {
    String said = "Service x: exceeded quota: lb, requested: services=1";
    assertThat(RejectionAdvice.added(Reason.ChildRejected, said))
        .isEqualTo(
            said
                + ". Lower spec.replicas, spec.cacheSize or spec.resources, or have quota lb raised, or change what rejects it");
    assertThat(RejectionAdvice.added(Reason.RequestFailed, said)).isEqualTo(said);
  }
}
