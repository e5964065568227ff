package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** The Application of examples/gitops/argo-cd/caches.yaml, and what Argo CD says of it. */
final class ArgoCdApplication implements AutoCloseable {

  private static final String REFRESH = "argocd.argoproj.io/refresh";

  private final ArgoCd argoCd;

  /** Its states, in the order of its changes. */
  private final List<String> seen = new CopyOnWriteArrayList<>();

  private Optional<Watch> watch = Optional.empty();

  ArgoCdApplication(ArgoCd argoCd) {
    this.argoCd = argoCd;
  }

  /** Its states since the last {@link #forget}. */
  List<String> seen() {
    return seen;
  }

  /** Forgets the states up to now. */
  void forget() {
    seen.clear();
  }

  /** Changes it, by a merge patch. */
  void patch(String patch) {
    argoCd.inNamespace("patch", "application/caches", "--type=merge", "--patch=" + patch);
  }

  /** Collects its states from now on. */
  void watch(KubernetesClient client) {
    watch =
        Optional.of(
            client
                .genericKubernetesResources("argoproj.io/v1alpha1", "Application")
                .inNamespace(ArgoCd.NAMESPACE)
                .watch(
                    new Watcher<>() {
                      @Override
                      public void eventReceived(Action action, GenericKubernetesResource resource) {
                        String state = state(tree(resource));
                        if (seen.isEmpty() || !seen.getLast().equals(state)) {
                          seen.add(state);
                        }
                      }

                      @Override
                      public void onClose(WatcherException cause) {
                        throw new AssertionError("The watch ended", cause);
                      }
                    }));
  }

  /** As it is now. */
  JsonNode get() {
    return Serialization.unmarshal(
        argoCd.inNamespace("get", "application/caches", "--output=json"), JsonNode.class);
  }

  private static JsonNode tree(GenericKubernetesResource resource) {
    return Serialization.unmarshal(Serialization.asJson(resource), JsonNode.class);
  }

  /** As Argo CD shows it: "Synced Healthy", say. */
  static String state(JsonNode application) {
    return application.at("/status/sync/status").asText()
        + " "
        + application.at("/status/health/status").asText();
  }

  /** Lets Argo CD compare again, and waits until it has. */
  void refresh() {
    argoCd.inNamespace("annotate", "--overwrite", "application/caches", REFRESH + "=hard");
    Sandbox.eventually(
        "a comparison",
        () -> assertThat(get().at("/metadata/annotations").findValue(REFRESH)).isNull());
  }

  /** Waits until it is so of a commit. */
  void await(String state, String revision) {
    Sandbox.eventually(
        state,
        () -> {
          JsonNode now = get();
          assertThat(state(now)).as("%s after %s", now.at("/status"), seen).isEqualTo(state);
          assertThat(now.at("/status/sync/revision").asText()).isEqualTo(revision);
        });
  }

  /** New settings tell at a refresh that begins after Argo CD has read them. */
  void awaitRefreshed(String state) {
    Sandbox.eventually(
        state,
        () -> {
          refresh();
          assertThat(state(get())).isEqualTo(state);
        });
  }

  /** Ends the watch; the Application stays. */
  @Override
  public void close() {
    watch.ifPresent(Watch::close);
  }
}
