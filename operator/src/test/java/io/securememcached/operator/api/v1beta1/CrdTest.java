package io.securememcached.operator.api.v1beta1;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.sasl.Realms;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class CrdTest {

  @Test
  void crdIsGeneratedFromTheRecords() throws IOException {
    Guarded.assertUpToDate(
        "crds/securememcacheds.securememcached.io.yaml", Serialization.asYaml(Crd.generate()));
  }

  /** A status with more is rejected, one without a limit could exceed the size of an object. */
  @Test
  void pendingUpdateHoldsAsManyServersAsThereCanBe() {
    JsonNode schema =
        new ObjectMapper()
            .valueToTree(Crd.generate())
            .at("/spec/versions/0/schema/openAPIV3Schema/properties");
    assertThat(
            schema
                .at("/status/properties/pendingUpdates/items/properties/servers/maxItems")
                .asInt())
        .isEqualTo(schema.at("/spec/properties/replicas/maximum").asInt())
        .isEqualTo(Realms.MOST_SERVERS);
  }
}
