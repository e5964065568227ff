package io.securememcached.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import io.securememcached.operator.exposure.Exposure;
import io.securememcached.operator.exposure.Kind;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Condition NotExposed. */
class NotExposedConditionTest extends StatusFixture {

  @Test
  void exposureThatWasFoundStandsWhenAReconciliationFails() {
    exposures =
        List.of(
            new Exposure(Kind.FOREIGN_POLICY, "NetworkPolicy all", "allows ingress from anywhere"));
    primary.setStatus(status(set(2, 2), List.of(), Optional.empty()));

    assertThat(
            condition(
                status(
                    set(2, 2),
                    List.of(),
                    Optional.of(new Failure(Stage.SERVERS, Reason.ChildRejected, "quota"))),
                "NotExposed"))
        .isEqualTo("False Exposed NetworkPolicy all: allows ingress from anywhere");
  }

  @Test
  void saysWhoOpensTheServers() {
    exposures =
        List.of(
            new Exposure(Kind.FOREIGN_POLICY, "NetworkPolicy all", "allows ingress from anywhere"));
    assertThat(ready(set(2, 2), List.of(pod(0, true), pod(1, true))))
        .isEqualTo("False Exposed NetworkPolicy all: allows ingress from anywhere");
  }

  /** A kind that can't be read is no reason to stop a delivery, and no proof either. */
  @Test
  void saysWhatCouldNotBeLookedAt() {
    unread = List.of("HTTPRoute: conversion webhook failed");
    SecureMemcachedStatus status =
        status(set(2, 2), List.of(pod(0, true), pod(1, true)), Optional.empty());
    assertThat(condition(status, "NotExposed"))
        .startsWith("Unknown AuditIncomplete ")
        .endsWith(" HTTPRoute: conversion webhook failed");
    assertThat(condition(status, "Ready")).startsWith("True AllServersReady");

    exposures =
        List.of(
            new Exposure(Kind.FOREIGN_POLICY, "NetworkPolicy all", "allows ingress from anywhere"));
    assertThat(ready(set(2, 2), List.of(pod(0, true), pod(1, true))))
        .isEqualTo("False Exposed NetworkPolicy all: allows ingress from anywhere");
  }

  @Test
  void whatIsIntendedIsToldAndExposesNothing() {
    exposures =
        List.of(
            new Exposure(
                Kind.FOREIGN_POLICY,
                "NetworkPolicy a",
                "allows egress to anywhere (port 53 only, for DNS)",
                true));
    assertThat(
            condition(
                status(set(2, 2), List.of(pod(0, true), pod(1, true)), Optional.empty()),
                "NotExposed"))
        .isEqualTo(
            "True NotExposed No foreign object exposes the servers. Intended: NetworkPolicy a: allows egress to anywhere (port 53 only, for DNS).");
    exposures =
        List.of(
            new Exposure(
                Kind.FOREIGN_POLICY,
                "NetworkPolicy a",
                "allows egress to anywhere (port 53 only, for DNS)",
                true),
            new Exposure(
                Kind.FOREIGN_POLICY, "NetworkPolicy b", "allows ingress from anywhere; delete it"));
    assertThat(
            condition(
                status(set(2, 2), List.of(pod(0, true), pod(1, true)), Optional.empty()),
                "NotExposed"))
        .isEqualTo(
            "False Exposed NetworkPolicy b: allows ingress from anywhere; delete it. Intended: NetworkPolicy a: allows egress to anywhere (port 53 only, for DNS).");
  }
}
