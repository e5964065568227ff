package io.securememcached.operator.api.v1beta1;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.Guarded;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class CrdTest {

  @Test
  void crdIsGeneratedFromTheRecords() throws IOException {
    Guarded.assertUpToDate(
        "crds/securememcacheds.securememcached.io.yaml", Serialization.asYaml(Crd.generate()));
  }
}
