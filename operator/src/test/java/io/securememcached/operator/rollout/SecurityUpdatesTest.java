package io.securememcached.operator.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.status.Verification;
import io.securememcached.operator.testing.Fleet;
import io.securememcached.operator.text.Quoted;
import io.securememcached.operator.updates.ServerUpdate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which pending updates close a known vulnerability of a running server. */
class SecurityUpdatesTest {

  private static final Instant NOON = Instant.parse("2026-11-28T12:00:00Z");
  private static final String OLD = "memcached:1.6.18-debian12";
  private static final String NEW = "memcached:1.6.43-debian12";
  private static final String CLOSES =
      "closes reference count overflow, which a client with a login can use to run code, and 1 more";

  private final SecureMemcached cache = Fleet.resource("{replicas: 1}");

  @Test
  void newImageSaysWhatItCloses() {
    ServerUpdate update = marked(cache, OLD, cache, NEW, "1.6.18");
    assertThat(update.isSecurityUpdate()).isTrue();
    assertThat(update.changes())
        .extracting(ServerUpdate.Change::toString)
        .containsExactly("image from " + OLD + " to " + NEW + " (" + CLOSES + ")");
  }

  @Test
  void onlyTheImageClosesAnything() {
    ServerUpdate update =
        marked(cache, OLD, Fleet.resource("{replicas: 1, threads: 2}"), NEW, "1.6.18");
    assertThat(update.changes())
        .extracting(ServerUpdate.Change::closes)
        .containsExactly("", CLOSES);
  }

  /** The counter-examples. */
  @Test
  void whatIsNotKnownIsNotSaid() {
    assertThat(marked(cache, OLD, cache, NEW, "1.6.43").isSecurityUpdate()).isFalse();
    assertThat(marked(cache, OLD, cache, NEW, "").isSecurityUpdate()).isFalse();
    assertThat(marked(cache, OLD, cache, "memcached:latest", "1.6.18").isSecurityUpdate())
        .isFalse();
    ServerUpdate unverified = updates(cache, OLD, cache, NEW).getFirst();
    assertThat(SecurityUpdates.marked(List.of(unverified), Map.of(), ""))
        .containsExactly(unverified);
  }

  /** Its tag may say anything. */
  @Test
  void userProvidedImageIsUnknown() {
    SecureMemcached own =
        Fleet.resource("{replicas: 1, image: {reference: \"%s\"}}".formatted(NEW));
    assertThat(marked(cache, OLD, own, NEW, "1.6.18").isSecurityUpdate()).isFalse();
    SecureMemcached before =
        Fleet.resource("{replicas: 1, image: {reference: \"%s\"}}".formatted(OLD));
    assertThat(marked(before, OLD, cache, NEW, "1.6.18").isSecurityUpdate()).isFalse();
  }

  private static ServerUpdate marked(
      SecureMemcached before, String old, SecureMemcached after, String image, String version) {
    List<ServerUpdate> updates = updates(before, old, after, image);
    Verification found = new Verification(NOON, Quoted.of(version), List.of());
    return SecurityUpdates.marked(
            updates,
            Map.of(updates.getFirst().pod().getMetadata().getUid(), found),
            after.getSpec().image().reference())
        .getFirst();
  }

  private static List<ServerUpdate> updates(
      SecureMemcached before, String old, SecureMemcached after, String image) {
    StatefulSet set = Fleet.set(before, old, 0);
    Pod pod = Fleet.server(set, 0, NOON);
    return ServerUpdate.all(
        after, Fleet.set(after, image, 0), List.of(pod), (other, effect) -> false);
  }
}
