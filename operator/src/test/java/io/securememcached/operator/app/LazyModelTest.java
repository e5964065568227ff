package io.securememcached.operator.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.BeanDeserializerBuilder;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.module.SimpleModule;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.securememcached.operator.resource.Golden;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LazyModelTest {

  private static final String POD =
      """
      {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "cache-0"}, "spec": {
        "affinity": null, "tolerations": [], "imagePullSecrets": [{"name": "pull"}],
        "containers": [{"name": "memcached", "resources": {"limits": {"memory": "64Mi"}},
          "livenessProbe": {"tcpSocket": {"port": "memcached"}}}]}}""";

  private final Set<Class<?>> lookedAt = new HashSet<>();

  @Test
  void classesThatDoNotOccurAreNotLookedAt() throws IOException {
    assertThat(lazy().readValue(POD, Pod.class))
        .isEqualTo(new ObjectMapper().readValue(POD, Pod.class));
    assertThat(lookedAt).as("classes of a pod").hasSizeLessThan(12).contains(Pod.class);
    // Without it:
    lookedAt.clear();
    new ObjectMapper().registerModule(recorder()).readValue(POD, Pod.class);
    assertThat(lookedAt).as("all classes that a pod may hold").hasSizeGreaterThan(100);
  }

  @Test
  void childrenAreReadAsEver() throws IOException {
    KubernetesSerialization plain = new KubernetesSerialization(new ObjectMapper(), true);
    for (String name : Golden.examples()) {
      for (HasMetadata child : Golden.desired(Golden.example(name))) {
        String text = plain.asJson(child);
        HasMetadata read = ApiClient.serialization().unmarshal(text, child.getClass());
        assertThat(read).isEqualTo(plain.unmarshal(text, child.getClass()));
      }
    }
  }

  @Test
  void fieldsOfAnUnwrappedPropertyAreFound() throws IOException {
    Reference read = lazy().readValue("{\"name\": \"pull\", \"key\": \"token\"}", Reference.class);
    assertThat(read.reference.getName()).isEqualTo("pull");
  }

  private ObjectMapper lazy() {
    return new ObjectMapper()
        .registerModule(new SimpleModule("lazy").setDeserializerModifier(new LazyModel()))
        .registerModule(recorder());
  }

  private SimpleModule recorder() {
    return new SimpleModule("recorder")
        .setDeserializerModifier(
            new BeanDeserializerModifier() {
              @Override
              public BeanDeserializerBuilder updateBuilder(
                  DeserializationConfig config,
                  BeanDescription bean,
                  BeanDeserializerBuilder builder) {
                lookedAt.add(bean.getBeanClass());
                return builder;
              }
            });
  }

  static final class Reference {
    @JsonUnwrapped public LocalObjectReference reference;
    public String key;
  }
}
