package io.securememcached.operator.watches;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.securememcached.operator.memory.Payload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which updates of a foreign Service are audited, as it is cached. */
class ForeignChangesTest {

  private final List<String> reconciled = new ArrayList<>();
  private final ForeignChanges<Service> changes =
      new ForeignChanges<>(() -> true, service -> List.of("shop"), reconciled::add);

  @Test
  void exposingAnnotationThatIsAddedIsAudited() {
    changes.onUpdate(service(Map.of()), service(Map.of("tailscale.com/expose", "true")));
    assertThat(reconciled).containsExactly("shop");
  }

  @Test
  void exposingAnnotationThatIsRemovedIsAudited() {
    changes.onUpdate(service(Map.of("tailscale.com/expose", "true")), service(Map.of()));
    assertThat(reconciled).containsExactly("shop");
  }

  @Test
  void otherAnnotationIsNot() {
    changes.onUpdate(
        service(Map.of("tailscale.com/expose", "true")),
        service(Map.of("tailscale.com/expose", "yes", "example.com/checked-at", "noon")));
    assertThat(reconciled).isEmpty();
  }

  private static Service service(Map<String, String> annotations) {
    return (Service)
        Payload.cut(
            new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName("web")
                .withAnnotations(annotations)
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build(),
            0);
  }
}
