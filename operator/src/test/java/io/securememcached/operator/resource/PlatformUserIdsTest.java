package io.securememcached.operator.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import org.junit.jupiter.api.Test;

/** Servers on platforms that assign user ids, as OpenShift does. */
class PlatformUserIdsTest {

  @Test
  void podsNameNoIdsAndReadTheirLoginsAsAnybody() {
    PodSpec pod = pod(true);
    assertThat(Serialization.asYaml(pod)).doesNotContain("runAsUser", "runAsGroup", "fsGroup");
    assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
    assertThat(pod.getVolumes().getFirst().getSecret().getDefaultMode()).isEqualTo(0444);
  }

  @Test
  void elsewhereTheyRunAsTheImagesUserWhomNobodyElseReadsLoginsOf() {
    PodSpec pod = pod(false);
    assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(11211);
    assertThat(pod.getSecurityContext().getFsGroup()).isEqualTo(11211);
    assertThat(pod.getVolumes().getFirst().getSecret().getDefaultMode()).isEqualTo(0440);
  }

  private static PodSpec pod(boolean platformUserIds) {
    SecureMemcached primary = Golden.example("minimal");
    Settings settings = Golden.SETTINGS;
    return Servers.desired(
            primary,
            new Settings(
                settings.operatorNamespace(),
                settings.operatorLabels(),
                settings.images(),
                settings.intended(),
                settings.allowedImages(),
                platformUserIds,
                settings.defaultFlavor(),
                settings.externalAnnotations(),
                settings.mesh()),
            0)
        .getSpec()
        .getTemplate()
        .getSpec();
  }
}
