package io.securememcached.operator.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The truth table of docs/adr/0023-who-owns-a-child.md. */
class OwnershipTest {

  private static final Map<String, String> CHILD =
      Map.of(Labels.MANAGED_BY, Labels.OPERATOR, Labels.RESOURCE, "cache");

  private final SecureMemcached primary = new SecureMemcached();

  OwnershipTest() {
    primary.setMetadata(
        new ObjectMetaBuilder().withName("cache").withNamespace("shop").withUid("now").build());
  }

  /**
   * Owner: the resource, the one of its name before it, another object. Labels: those of a child,
   * with the uid of the resource or of the one before it. Applied: by this operator's field
   * manager.
   */
  @ParameterizedTest(name = "{0} owner={1} labels={2} applied={3}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # kind                | owner  | labels   | applied | owned | adoptable | prunable
          Service               | itself | none     | false   | true  | true      | false
          Service               | itself | child    | true    | true  | true      | false
          Service               | before | child    | true    | false | true      | false
          Service               | before | none     | true    | false | false     | false
          Service               | other  | child    | true    | false | false     | false
          Service               | none   | child    | true    | true  | true      | false
          Service               | none   | child    | false   | false | true      | false
          Service               | none   | none     | true    | false | false     | false
          Service               | none   | none     | false   | false | false     | false
          PodDisruptionBudget   | itself | child    | true    | true  | true      | true
          PodDisruptionBudget   | none   | child    | false   | false | true      | true
          PodDisruptionBudget   | other  | child    | false   | false | false     | false
          Secret                | itself | none     | false   | true  | true      | true
          Secret                | none   | child    | true    | true  | true      | true
          Secret                | none   | child    | false   | false | false     | false
          Secret                | before | child    | true    | false | false     | false
          Secret                | other  | child    | true    | false | false     | false
          Secret with logins    | none   | child    | false   | false | true      | false
          Secret with logins    | before | child    | true    | false | true      | false
          Secret with logins    | other  | child    | true    | false | false     | false
          NetworkPolicy         | none   | uid      | false   | true  | true      | true
          NetworkPolicy         | other  | uid      | false   | true  | true      | true
          NetworkPolicy         | none   | uid-past | false   | true  | true      | true
          NetworkPolicy         | none   | child    | false   | true  | true      | true
          NetworkPolicy         | before | child    | false   | true  | true      | true
          NetworkPolicy         | other  | child    | true    | false | false     | false
          NetworkPolicy         | none   | none     | true    | true  | true      | true
          NetworkPolicy         | other  | none     | true    | false | false     | false
          NetworkPolicy         | none   | none     | false   | false | false     | false
          """)
  void whoOwnsAnObject(
      String kind,
      String owner,
      String labels,
      boolean applied,
      boolean owned,
      boolean adoptable,
      boolean prunable) {
    HasMetadata object = object(kind);
    object.setMetadata(
        new ObjectMetaBuilder()
            .withName("object")
            .withLabels(labels(labels))
            .withAnnotations(kind.endsWith("logins") ? Map.of(Secrets.LOGINS, "{}") : Map.of())
            .withOwnerReferences(owners(owner))
            .withManagedFields(
                new ManagedFieldsEntryBuilder()
                    .withManager(applied ? Labels.OPERATOR : "kubectl")
                    .withOperation("Apply")
                    .build())
            .build());

    assertThat(Ownership.isOwned(primary, object)).as("owned").isEqualTo(owned);
    assertThat(Ownership.isAdoptable(primary, object)).as("adoptable").isEqualTo(adoptable);
    assertThat(Ownership.isPrunable(primary, object)).as("prunable").isEqualTo(prunable);
  }

  private static HasMetadata object(String kind) {
    return switch (kind) {
      case "NetworkPolicy" -> new NetworkPolicy();
      case "PodDisruptionBudget" -> new PodDisruptionBudget();
      case "Service" -> new Service();
      default -> new Secret();
    };
  }

  private static Map<String, String> labels(String which) {
    return switch (which) {
      case "none" -> Map.of();
      case "uid" -> Map.of(Labels.RESOURCE_UID, "now");
      case "uid-past" -> {
        Map<String, String> past = new HashMap<>(CHILD);
        past.put(Labels.RESOURCE_UID, "before");
        yield past;
      }
      default -> CHILD;
    };
  }

  private static List<OwnerReference> owners(String which) {
    return switch (which) {
      case "none" -> List.of();
      case "itself" -> List.of(owner("SecureMemcached", "cache", "now"));
      case "before" -> List.of(owner("SecureMemcached", "cache", "before"));
      default -> List.of(owner("Deployment", "web", "web"));
    };
  }

  private static OwnerReference owner(String kind, String name, String uid) {
    return new OwnerReferenceBuilder().withKind(kind).withName(name).withUid(uid).build();
  }
}
