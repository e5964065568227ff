package io.securememcached.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Condition ImageSupported. */
class ImageConditionTest extends StatusFixture {

  /** Another default must not restart servers by surprise, and must not stay unseen. */
  @Test
  void serversKeepTheFlavorThatTheyWereCreatedWith() {
    StatefulSet servers = set(2, 2).orElseThrow();
    servers.getMetadata().setAnnotations(Map.of("securememcached.io/flavor", "Debian12"));
    SecureMemcachedStatus kept =
        status(Optional.of(servers), List.of(pod(0, true), pod(1, true)), Optional.empty());

    assertThat(kept.image()).isEqualTo("example/debian");
    assertThat(kept.flavor()).isEqualTo("Debian12");
    assertThat(condition(kept, "ImageSupported"))
        .startsWith("True ImageSupported")
        .endsWith(
            "The servers keep flavor Debian12, the default at their creation; the operator's default is now CentOS7. Set spec.image.flavor to change it.");

    primary.setSpec(
        Serialization.unmarshal(
                "{\"spec\": {\"replicas\": 2, \"image\": {\"flavor\": \"CentOS7\"}}}",
                SecureMemcached.class)
            .getSpec());
    SecureMemcachedStatus named =
        status(Optional.of(servers), List.of(pod(0, true), pod(1, true)), Optional.empty());
    assertThat(named.image()).isEqualTo("example/centos7");
    assertThat(condition(named, "ImageSupported")).doesNotContain("keep");
  }

  @Test
  void imageOfOnesOwnIsNotJudged() {
    primary.setSpec(
        Serialization.unmarshal(
                "{\"spec\": {\"image\": {\"reference\": \"example/own\"}}}", SecureMemcached.class)
            .getSpec());
    assertThat(
            condition(status(set(1, 1), List.of(pod(0, true)), Optional.empty()), "ImageSupported"))
        .startsWith("Unknown ImageUnknown");
    primary.setSpec(
        Serialization.unmarshal(
                "{\"spec\": {\"image\": {\"flavor\": \"Debian12\"}}}", SecureMemcached.class)
            .getSpec());
    assertThat(
            condition(status(set(1, 1), List.of(pod(0, true)), Optional.empty()), "ImageSupported"))
        .isEqualTo("True ImageSupported The image gets security updates until 2028-06-30.");
  }

  /** A tag that was built again is a difference of revisions, and no reason not to be ready. */
  @Test
  void imageThatWasBuiltAgainIsToldAndNothingElse() {
    primary.setSpec(
        Serialization.unmarshal(
                "{\"spec\": {\"replicas\": 2, \"image\": {\"flavor\": \"Debian12\"}}}",
                SecureMemcached.class)
            .getSpec());
    SecureMemcachedStatus status =
        status(
            set(2, 2),
            List.of(runs(pod(0, true), "a@sha256:1"), runs(pod(1, true), "a@sha256:2")),
            Optional.empty());

    assertThat(condition(status, "ImageSupported"))
        .startsWith(
            "Unknown ImageRevisionsDiffer Servers run 2 different images for example/debian: ")
        .contains("sha256:1 on sessions-0, sha256:2 on sessions-1", "@sha256:digest");
    assertThat(condition(status, "Ready")).startsWith("True AllServersReady");
    assertThat(condition(status, "NotExposed")).startsWith("True NotExposed");
  }
}
