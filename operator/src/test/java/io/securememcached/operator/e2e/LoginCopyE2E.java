package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.securememcached.operator.api.v1beta1.CredentialsPhase;
import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.resource.Labels;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** A client in another namespace mounts the copy of a login, and still logs in after a rotation. */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class LoginCopyE2E {

  private static final String SECRET = "sessions-credentials";

  /** Longer than a kubelet takes to update a mounted Secret. */
  private static final String OVERLAP = "100s";

  private final Sandbox cache;
  private final Sandbox shop;
  private Place web;

  LoginCopyE2E(Cluster cluster, Installation installation) {
    cache = new Sandbox(cluster, installation, "e2e-copy-cache");
    shop = new Sandbox(cluster, installation, "e2e-copy-shop");
  }

  @BeforeAll
  void start() {
    cache.apply(
        "sessions",
        """
        users: [{name: sessions, secretNamespaces: [%1$s]}]
        rotation: {overlap: %2$s}
        sourceZones:
          - name: shop
            sources: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}}]
        """
            .formatted(shop.namespace(), OVERLAP));
    shop.client()
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(shop.namespace())
                .withName(SECRET)
                .addToLabels(Labels.COPY_FROM, cache.namespace())
                .endMetadata()
                .build())
        .create();
    Pod pod = BarePods.pod("web", Map.of()).build();
    var container = pod.getSpec().getContainers().getFirst();
    container.setCommand(List.of("sleep", "infinity"));
    container
        .getVolumeMounts()
        .add(new VolumeMountBuilder().withName("login").withMountPath("/login").build());
    pod.getSpec()
        .getVolumes()
        .add(
            new VolumeBuilder()
                .withName("login")
                .withNewSecret()
                .withSecretName(SECRET)
                .endSecret()
                .build());
    shop.client().pods().inNamespace(shop.namespace()).resource(pod).create();
    shop.awaitPod("web");
    web = shop.in("web");
    cache.awaitReady("sessions");
  }

  @AfterAll
  void stop() {
    cache.close();
    shop.close();
  }

  @Test
  void mountedCopyLogsInBeforeAndAfterARotation() throws MemcachedException {
    Server server = cache.server("sessions-0", SECRET);
    Sandbox.awaitReach(web, server, Place.Reach.CONNECTED);
    Sandbox.eventually("the copy in the pod", () -> assertThat(mounted()).contains("@sessions."));
    PlainCredentials first = login(mounted());
    try (Relay relay = new Relay(web, server)) {
      assertThat(takes(relay, first)).isTrue();

      cache.annotate("sessions", "securememcached.io/rotate=1");
      cache.await(
          "sessions", resource -> resource.getStatus().credentials().getFirst().generation() == 2);
      assertThat(takes(relay, login(mounted()))).as("the overlap").isTrue();

      cache.await(
          "sessions",
          resource ->
              resource.getStatus().credentials().getFirst().phase() == CredentialsPhase.Active);
      PlainCredentials second = login(mounted());
      assertThat(second.user()).isNotEqualTo(first.user());
      assertThat(takes(relay, second)).isTrue();
      // The counter-example: a client that keeps its first login is locked out once a server has
      // read the file.
      Sandbox.eventually(
          "the first login to end", () -> assertThat(quietly(relay, first)).isFalse());
    }
  }

  private String mounted() {
    return web.run("cat", "/login/uri").output();
  }

  private static PlainCredentials login(String uri) {
    String[] login = URI.create(uri.strip()).getRawUserInfo().split(":");
    return new PlainCredentials(login[0], login[1]);
  }

  private static boolean takes(Relay relay, PlainCredentials login) throws MemcachedException {
    try (MemcachedClient client = relay.connect()) {
      return client.authenticate(login).ok();
    }
  }

  private static boolean quietly(Relay relay, PlainCredentials login) {
    try {
      return takes(relay, login);
    } catch (MemcachedException e) {
      throw new AssertionError(e);
    }
  }
}
