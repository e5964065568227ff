package io.securememcached.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import io.securememcached.operator.resource.AppliedTemplate;
import io.securememcached.operator.testing.Fleet;
import io.securememcached.operator.verify.Distribution;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** By which image a server is judged. */
class RunningImageTest {

  private static final Map<Image.Flavor, String> IMAGES =
      Map.of(
          Image.Flavor.CentOS7, "example/memcached:1.4.15-centos7",
          Image.Flavor.Debian13, "example/memcached:1.6.45-debian13");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // The image is a flavor's, whatever the resource has by now.
        "{flavor: Debian13}      | {}                                       | example/memcached:1.4.15-centos7 | CENTOS_7",
        "{reference: own}        | {\"image.flavor\": \"CentOS7\"}          | example/memcached:1.4.15-centos7 | CENTOS_7",
        "{flavor: Debian13}      | no record                                | example/memcached:1.4.15-centos7 | CENTOS_7",
        // It is that of an earlier release, or a mirror's.
        "{flavor: Debian13}      | {\"image.flavor\": \"CentOS7\"}          | mirror/memcached@sha256:1        | CENTOS_7",
        "{}                      | {}                                       | mirror/memcached@sha256:1        | DEBIAN_12",
        // Only the user knows what it has fixed.
        "{flavor: CentOS7}       | {\"image.reference\": \"own:1-centos7\"} | own:1-centos7                    | UNKNOWN",
        "{reference: own}        | {}                                       | own                              | UNKNOWN",
        // Nothing is known of the pod.
        "{flavor: Debian13}      | no record                                | mirror/memcached@sha256:1        | DEBIAN_13"
      })
  void serverIsJudgedByWhatItRuns(
      String wanted, String settings, String image, Distribution expected) {
    SecureMemcached resource = Fleet.resource("{image: %s}".formatted(wanted));
    resource.setStatus(
        Serialization.unmarshal("{\"flavor\": \"Debian12\"}", SecureMemcachedStatus.class));
    assertThat(RunningImage.distribution(resource, pod(settings, image), IMAGES))
        .isEqualTo(expected);
  }

  /** Whoever may create pods writes any record. */
  @Test
  void foreignPodIsJudgedByItsImageAlone() {
    assertThat(RunningImage.distribution("example/memcached:1.6.45-debian13", IMAGES))
        .isEqualTo(Distribution.DEBIAN_13);
    assertThat(RunningImage.distribution("own", IMAGES)).isEqualTo(Distribution.UNKNOWN);
  }

  private static Pod pod(String settings, String image) {
    return new PodBuilder()
        .withNewMetadata()
        .addToAnnotations(AppliedTemplate.SETTINGS, settings)
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName("memcached")
        .withImage(image)
        .endContainer()
        .endSpec()
        .build();
  }
}
