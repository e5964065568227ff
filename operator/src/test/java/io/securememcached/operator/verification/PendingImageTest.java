package io.securememcached.operator.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.memcached.TestingMemcached;
import io.securememcached.operator.probe.ServerTasks;
import io.securememcached.operator.resource.AppliedTemplate;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.status.Finding;
import io.securememcached.operator.testing.Fleet;
import io.securememcached.operator.verify.Check;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A server that waits for another image is judged by its own: here it is memcached 1.4.15, of which
 * CentOS 7 has fixed the serious vulnerabilities.
 */
@Timeout(60)
class PendingImageTest {

  private static final Map<Image.Flavor, String> IMAGES =
      Map.of(Image.Flavor.CentOS7, "example/centos7", Image.Flavor.Debian13, "example/debian13");

  private final TestingMemcached server = TestingMemcached.refusing("1.4.15");
  private final Queue<Runnable> asked = new ArrayDeque<>();
  private final ServerTasks tasks = (namespace, urgency, task) -> asked.add(task);
  private final ServerVerifier verifier =
      new ServerVerifier(
          tasks, IMAGES, InstantSource.system(), new SimpleMeterRegistry(), pod -> true);

  PendingImageTest() throws IOException {}

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  @Test
  void serverOfCentOsHasItsFixesWhateverComesNext() {
    assertThat(vulnerabilities("{flavor: Debian13}", "example/centos7", "{}")).isEmpty();
  }

  /** The counter-example: nobody knows what a user-provided image has fixed. */
  @Test
  void userProvidedImageHasThemNotThoughCentOsComesNext() {
    assertThat(
            vulnerabilities(
                "{flavor: CentOS7}", "example/own", "{\"image.reference\": \"example/own\"}"))
        .hasValueSatisfying(
            found -> assertThat(found.evidence().text()).startsWith("1.4.15 (UNKNOWN): CVE-"));
  }

  private Optional<Finding> vulnerabilities(String wanted, String image, String settings) {
    SecureMemcached resource =
        Fleet.resource("{port: %d, image: %s}".formatted(server.address().getPort(), wanted));
    Pod pod = pod(image, settings);
    verifier.verify(resource, List.of(pod), Logins.none(Map.of()), List.of());
    asked.remove().run();
    return verifier.known(List.of(pod)).get("uid").failure(Check.KNOWN_VULNERABILITIES);
  }

  private static Pod pod(String image, String settings) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace("shop")
        .withName("cache-0")
        .withUid("uid")
        .addToAnnotations(AppliedTemplate.SETTINGS, settings)
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName("memcached")
        .withImage(image)
        .endContainer()
        .endSpec()
        .withNewStatus()
        .withPodIP("127.0.0.1")
        .endStatus()
        .build();
  }
}
