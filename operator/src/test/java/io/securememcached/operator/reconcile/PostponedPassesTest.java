package io.securememcached.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PostponedPassesTest {

  private final List<Event> events = new ArrayList<>();
  private final PostponedPasses postponed = new PostponedPasses();

  PostponedPassesTest() {
    postponed.setEventHandler(events::add);
    postponed.start();
  }

  @Test
  void eachResourceHasOneWholePassLater() {
    assertThat(postponed.take(resource("cache"))).isTrue();
    assertThat(postponed.take(resource("cache"))).isTrue();
    assertThat(postponed.take(resource("carts"))).isTrue();
    assertThat(postponed.areOver()).isFalse();
    assertThat(events).isEmpty();
    postponed.begin();
    assertThat(events)
        .extracting(Event::getRelatedCustomResourceID)
        .containsExactlyInAnyOrder(
            new ResourceID("cache", "default"), new ResourceID("carts", "default"));
  }

  @Test
  void nothingIsPostponedOnceAllIsRead() {
    postponed.begin();
    assertThat(postponed.areOver()).isTrue();
    assertThat(postponed.take(resource("cache"))).isFalse();
    assertThat(events).isEmpty();
  }

  /** The framework's answer to the event of a resource whose pass is about to end. */
  @Test
  void passThatBeginsAtTheEventIsAWholeOne() {
    List<Boolean> taken = new ArrayList<>();
    postponed.setEventHandler(event -> taken.add(postponed.take(resource("cache"))));
    postponed.take(resource("cache"));
    postponed.begin();
    assertThat(taken).containsExactly(false);
  }

  private static SecureMemcached resource(String name) {
    SecureMemcached resource = new SecureMemcached();
    resource.getMetadata().setNamespace("default");
    resource.getMetadata().setName(name);
    return resource;
  }
}
