package io.securememcached.operator.watches;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.impl.cache.CacheImpl;
import io.fabric8.kubernetes.client.informers.impl.cache.ProcessorStore;
import io.fabric8.kubernetes.client.informers.impl.cache.SharedProcessor;
import io.securememcached.operator.exposure.RouteExposures;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is known of objects that are left out, behind the caches of the informers. */
class ForeignBudgetTest {

  private static final String SHOP = "shop";

  /** More than a namespace's share. */
  private static final int TOO_MUCH = 1_100;

  /** Far more than another thread needs to look in between. */
  private static final int REPLACEMENTS = 20_000;

  private final ForeignBudget budget = new ForeignBudget(4_000);
  private final Watched<Service> services =
      new Watched<>(service -> List.of(service.getMetadata().getNamespace()));

  @Test
  void objectThatFitsIsCached() {
    services.list(List.of(service("a", 0)));
    assertThat(services.names()).containsExactly("a");
    assertThat(services.store.leavesOut(SHOP)).isFalse();
    assertThat(services.seen).containsExactly("added a");
  }

  @Test
  void newObjectThatFitsDoesNotHideOneThatIsLeftOut() {
    services.list(List.of());
    services.informer.update(service("large", TOO_MUCH));
    services.informer.update(service("small", 0));
    services.informer.update(service("small", 1));
    assertThat(services.names()).containsExactly("small");
    assertThat(services.store.leavesOut(SHOP)).isTrue();
    assertThat(services.store.leavesOut("other")).isFalse();
  }

  @Test
  void eachOneOfTheFirstListCounts() {
    services.list(List.of(service("a", TOO_MUCH), service("b", TOO_MUCH), service("c", TOO_MUCH)));
    services.informer.delete(service("a", TOO_MUCH));
    services.informer.delete(service("b", TOO_MUCH));
    assertThat(services.store.leavesOut(SHOP)).isTrue();
    services.informer.delete(service("c", TOO_MUCH));
    assertThat(services.store.leavesOut(SHOP)).isFalse();
    assertThat(services.seen).as("audited again").endsWith("deleted c");
  }

  @Test
  void deletionWhileTheWatchIsDownIsNoticed() {
    services.list(List.of(service("large", TOO_MUCH), service("small", 0)));
    services.list(List.of(service("large", TOO_MUCH), service("small", 0)));
    assertThat(services.store.leavesOut(SHOP)).isTrue();
    services.list(List.of(service("small", 0)));
    assertThat(services.store.leavesOut(SHOP)).isFalse();
    assertThat(services.seen).as("audited again").endsWith("deleted large");
  }

  @Test
  void objectThatIsReducedIsCachedAndReported() {
    services.list(List.of(service("a", TOO_MUCH)));
    services.informer.update(service("a", 0));
    assertThat(services.names()).containsExactly("a");
    assertThat(services.store.leavesOut(SHOP)).isFalse();
    assertThat(services.seen).containsExactly("added a", "added a");
  }

  @Test
  void objectThatGrowsIsLeftOut() {
    services.list(List.of(service("a", 0)));
    services.informer.update(service("a", TOO_MUCH));
    assertThat(services.names()).isEmpty();
    assertThat(services.store.leavesOut(SHOP)).isTrue();
    assertThat(services.seen).containsExactly("added a", "updated a");
  }

  @Test
  void moreThanAreKnownByNameAreIncompleteUntilAListIsWithoutThem() {
    List<Service> all =
        IntStream.rangeClosed(0, ForeignBudget.MOST_LEFT_OUT)
            .mapToObj(i -> service("large-" + i, TOO_MUCH))
            .toList();
    services.list(all);
    assertThat(services.stored()).hasSize(ForeignBudget.MOST_LEFT_OUT);
    all.forEach(services.informer::delete);
    assertThat(services.stored()).isEmpty();
    assertThat(services.store.leavesOut(SHOP)).isTrue();
    services.list(List.of());
    assertThat(services.store.leavesOut(SHOP)).isFalse();
  }

  @Test
  void watchThatEndsGivesItsShareBack() {
    services.list(List.of(service("a", 700), service("large", TOO_MUCH)));
    Watched<Service> next = new Watched<>(service -> List.of(SHOP));
    next.list(List.of(service("b", 700)));
    assertThat(next.store.leavesOut(SHOP)).as("a is in the way").isTrue();

    services.store.close();
    services.informer.update(service("late", 700));
    assertThat(services.stored()).isEmpty();
    assertThat(services.store.leavesOut(SHOP)).isFalse();
    next.list(List.of(service("b", 700)));
    assertThat(next.names()).containsExactly("b");
    assertThat(next.store.leavesOut(SHOP)).isFalse();
  }

  /** A reconciliation that finds nothing at that moment would take the object for deleted. */
  @Test
  void objectIsVisibleWhileItIsReplaced() {
    services.list(List.of(service("a", 100)));
    AtomicBoolean ended = new AtomicBoolean();
    CompletableFuture<Boolean> alwaysSeen =
        CompletableFuture.supplyAsync(
            () -> {
              boolean isSeen = true;
              while (isSeen && !ended.get()) {
                isSeen = !services.cache.byIndex("concerns", SHOP).isEmpty();
              }
              return isSeen;
            });
    for (int i = 0; i < REPLACEMENTS && !alwaysSeen.isDone(); i++) {
      services.informer.update(service("a", 100 + i % 2));
    }
    ended.set(true);
    assertThat(alwaysSeen.join()).isTrue();
  }

  @Test
  void replacedObjectCountsOnce() {
    services.list(List.of(service("a", 500)));
    for (int i = 0; i < 10; i++) {
      services.informer.update(service("a", 500 + i));
    }
    assertThat(services.names()).containsExactly("a");
    services.informer.delete(service("a", 509));
    services.informer.update(service("b", 800));
    assertThat(services.names()).containsExactly("b");
  }

  /** It may expose the servers there. */
  @Test
  void routeIsMissingInTheNamespaceThatItLeadsTo() {
    Watched<GenericKubernetesResource> routes = new Watched<>(RouteExposures::namespaces);
    routes.list(
        List.of(
            new GenericKubernetesResourceBuilder()
                .withKind("HTTPRoute")
                .withNewMetadata()
                .withNamespace("web")
                .withName("a")
                .withUid("1")
                .withResourceVersion("1")
                .endMetadata()
                .addToAdditionalProperties(
                    "spec",
                    Map.of(
                        "backendRefs",
                        List.of(Map.of("name", "x".repeat(TOO_MUCH), "namespace", SHOP))))
                .build()));
    assertThat(routes.cache.byIndex("concerns", SHOP))
        .hasSize(1)
        .allMatch(ForeignBudget::isLeftOut);
  }

  private static Service service(String name, int length) {
    return new ServiceBuilder()
        .withNewMetadata()
        .withNamespace(SHOP)
        .withName(name)
        .withUid(name)
        .withResourceVersion(Integer.toString(length))
        .addToLabels("text", "x".repeat(length))
        .endMetadata()
        .build();
  }

  /** What an informer does with a store. */
  private final class Watched<T extends HasMetadata> {
    final ForeignBudget.Store<T> store = budget.new Store<>();
    final CacheImpl<T> cache = new CacheImpl<>();
    final List<String> seen = new ArrayList<>();
    final ProcessorStore<T> informer;

    Watched(Function<T, Collection<String>> concerned) {
      cache.setItemStore(store);
      cache.removeIndexer(Cache.NAMESPACE_INDEX);
      cache.addIndexers(Map.of("concerns", object -> List.copyOf(concerned.apply(object))));
      SharedProcessor<T> processor = new SharedProcessor<>();
      processor.addProcessorListener(new Seen<>(seen), 0, List::of);
      processor.addProcessorListener(store.lists(), 0, List::of);
      informer = new ProcessorStore<>(cache, processor);
    }

    void list(Collection<T> objects) {
      informer.update(List.copyOf(objects));
      boolean wasEmpty =
          informer.syncList(objects.stream().map(informer::getKey).collect(Collectors.toSet()));
      informer.onList("1", wasEmpty);
    }

    List<T> stored() {
      return cache.list();
    }

    List<String> names() {
      return stored().stream()
          .filter(object -> !ForeignBudget.isLeftOut(object))
          .map(object -> object.getMetadata().getName())
          .toList();
    }
  }

  private record Seen<T extends HasMetadata>(List<String> seen) implements ResourceEventHandler<T> {
    @Override
    public void onAdd(T object) {
      seen.add("added " + object.getMetadata().getName());
    }

    @Override
    public void onUpdate(T before, T now) {
      seen.add("updated " + now.getMetadata().getName());
    }

    @Override
    public void onDelete(T object, boolean unknownState) {
      seen.add("deleted " + object.getMetadata().getName());
    }
  }
}
