package io.securememcached.operator.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SaslConfigTest {

  @Test
  void text() {
    assertThat(SaslConfig.text())
        .isEqualTo(
            """
            mech_list: plain
            log_level: 5
            sasldb_path: /etc/sasl2/memcached-sasldb2
            pwcheck_method: auxprop
            auxprop_plugin: sasldb
            """);
  }
}
