package io.securememcached.operator.watches;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Children;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.resource.Settings;
import io.securememcached.operator.rotation.Logins;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SelectedServersTest {

  private static final Settings SETTINGS =
      new Settings(
          "system",
          Map.of("app", "operator"),
          Map.of(Image.Flavor.CentOS7, "memcached", Image.Flavor.Debian12, "memcached"));

  private final Map<String, List<HasMetadata>> index = new HashMap<>();

  /** Two policies and two Services of its own, whether it is alone or one of a thousand. */
  @ParameterizedTest
  @ValueSource(ints = {1, 10, 100, 1000})
  void auditLooksAtAsManyObjectsHoweverManyResourcesThereAre(int count) {
    for (int i = 0; i < count; i++) {
      Children.desired(resource("cache-" + i), SETTINGS, Logins.none(Map.of())).stream()
          .filter(child -> child instanceof NetworkPolicy || child instanceof Service)
          .forEach(this::add);
    }
    assertThat(found("cache-0")).hasSize(4);
  }

  @Test
  void whatAsksForNoResourceIsLookedAtForEach() {
    add(policy("all", "{podSelector: {}}"));
    add(policy("none", "{}"));
    add(policy("app", "{podSelector: {matchLabels: {app: web}}}"));
    add(
        policy(
            "several",
            "{podSelector: {matchExpressions: [{key: securememcached.io/server-of, operator: Exists}]}}"));
    add(service("app", "{selector: {app: web}}"));
    add(service("without", "{}"));
    assertThat(names("cache"))
        .containsExactlyInAnyOrder("all", "none", "app", "several", "app", "without");
    assertThat(names("other")).hasSameElementsAs(names("cache"));
  }

  /** The owner and the labels of the object itself say whatever its author likes. */
  @Test
  void whatSelectsTheServersIsLookedAtWhoeverItSaysItIsOf() {
    NetworkPolicy forged =
        policy("forged", "{podSelector: {matchLabels: {securememcached.io/server-of: cache}}}");
    forged.getMetadata().setLabels(Map.of(Labels.RESOURCE, "other"));
    add(forged);
    assertThat(names("cache")).containsExactly("forged");
    assertThat(names("other")).isEmpty();
  }

  @Test
  void podWithTheLabelOfAnotherResourceBringsWhatSelectsThat() {
    add(policy("open", "{podSelector: {matchLabels: {securememcached.io/server-of: other}}}"));
    Pod relabelled =
        new PodBuilder()
            .withNewMetadata()
            .withName("cache-0")
            .addToLabels(Labels.SERVER_OF, "other")
            .endMetadata()
            .build();
    assertThat(found("cache", relabelled)).hasSize(1);
    assertThat(found("cache")).isEmpty();
  }

  @Test
  void otherNamespacesAreNotLookedAt() {
    NetworkPolicy elsewhere = policy("all", "{podSelector: {}}");
    elsewhere.getMetadata().setNamespace("elsewhere");
    add(elsewhere);
    assertThat(found("cache")).isEmpty();
  }

  private void add(HasMetadata object) {
    SelectedServers.keys(object)
        .forEach(key -> index.computeIfAbsent(key, any -> new ArrayList<>()).add(object));
  }

  private List<HasMetadata> found(String name, Pod... pods) {
    return SelectedServers.keys(resource(name), List.of(pods)).stream()
        .flatMap(key -> index.getOrDefault(key, List.of()).stream())
        .toList();
  }

  private List<String> names(String name) {
    return found(name).stream().map(object -> object.getMetadata().getName()).toList();
  }

  private static SecureMemcached resource(String name) {
    return Serialization.unmarshal(
        """
        apiVersion: securememcached.io/v1beta1
        kind: SecureMemcached
        metadata: {name: %s, namespace: shop, uid: uid-%s, generation: 1}
        spec: {}
        """
            .formatted(name, name),
        SecureMemcached.class);
  }

  private static NetworkPolicy policy(String name, String spec) {
    NetworkPolicy policy = Serialization.unmarshal("spec: " + spec, NetworkPolicy.class);
    return new NetworkPolicyBuilder(policy)
        .withNewMetadata()
        .withName(name)
        .withNamespace("shop")
        .endMetadata()
        .build();
  }

  private static Service service(String name, String spec) {
    return new ServiceBuilder(Serialization.unmarshal("spec: " + spec, Service.class))
        .withNewMetadata()
        .withName(name)
        .withNamespace("shop")
        .endMetadata()
        .build();
  }
}
