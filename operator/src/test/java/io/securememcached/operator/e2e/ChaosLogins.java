package io.securememcached.operator.e2e;

import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.memcached.Status;
import io.securememcached.operator.memcached.Timeouts;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.resource.Secrets;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clients that log in with every login that was published and has not run out: one that is replaced
 * stays valid for the overlap.
 */
final class ChaosLogins implements AutoCloseable {

  /** What the test itself writes into a Secret starts so; it was never promised to be valid. */
  static final String FORGED = "forged-";

  /** A time in a Secret has whole seconds, and a check takes a while. */
  private static final Duration MARGIN = Duration.ofSeconds(3);

  /** A server that goes answers nothing more; the others are not to wait for it for long. */
  private static final Timeouts TIMEOUTS =
      new Timeouts(Duration.ofSeconds(1), Duration.ofSeconds(3), Duration.ofSeconds(3));

  private final Place place;
  private final ChaosPods pods;
  private final String resource;
  private final Duration overlap;
  private final ChaosHistory history;
  private final SharedIndexInformer<Secret> informer;
  private final Map<PlainCredentials, Instant> validUntil = new ConcurrentHashMap<>();
  private final Map<String, PlainCredentials> published = new ConcurrentHashMap<>();
  private final AtomicInteger logins = new AtomicInteger();
  private final AtomicBoolean ended = new AtomicBoolean();
  private final AtomicBoolean revoking = new AtomicBoolean();
  private final Thread thread;

  /** Begins to log in, from a place that the resource's zones let in all the time. */
  ChaosLogins(
      Sandbox sandbox,
      Place place,
      ChaosPods pods,
      String resource,
      Duration overlap,
      ChaosHistory history) {
    this.place = place;
    this.pods = pods;
    this.resource = resource;
    this.overlap = overlap;
    this.history = history;
    informer =
        sandbox
            .client()
            .secrets()
            .inNamespace(sandbox.namespace())
            .withLabel(Labels.RESOURCE, resource)
            .inform(
                new ResourceEventHandler<>() {
                  @Override
                  public void onAdd(Secret secret) {
                    seen(secret);
                  }

                  @Override
                  public void onUpdate(Secret before, Secret secret) {
                    seen(secret);
                  }

                  @Override
                  public void onDelete(Secret secret, boolean isUnknown) {
                    // Whoever read it goes on with it until there is another one.
                  }
                });
    thread = Thread.ofVirtual().start(this::logIn);
  }

  int logins() {
    return logins.get();
  }

  /** All logins may end from now on. */
  synchronized void revoke() {
    revoking.set(true);
    validUntil.clear();
  }

  /** The revocation is over; what clients read now is promised again. */
  synchronized void revoked() {
    revoking.set(false);
    published.values().forEach(login -> validUntil.put(login, Instant.MAX));
  }

  /** Whether what is in a Secret now has been seen. */
  synchronized boolean isNewest(Secret secret) {
    return secret != null && login(secret).equals(published.get(secret.getMetadata().getName()));
  }

  /** What clients read in a Secret. */
  static PlainCredentials login(Secret secret) {
    return new PlainCredentials(value(secret, Secrets.USERNAME), value(secret, Secrets.PASSWORD));
  }

  private synchronized void seen(Secret secret) {
    String name = secret.getMetadata().getName();
    PlainCredentials login = login(secret);
    if (!name.startsWith(resource + "-credentials") || login.password().startsWith(FORGED)) {
      return;
    }
    PlainCredentials before = published.put(name, login);
    if (revoking.get() || login.equals(before)) {
      return;
    }
    history.note("published: login " + login.user() + " in " + name);
    if (before != null) {
      validUntil.computeIfPresent(
          before, (key, until) -> written(secret).plus(overlap).minus(MARGIN));
    }
    validUntil.put(login, Instant.MAX);
  }

  /** When the operator wrote it, by the API server's clock. */
  private static Instant written(Secret secret) {
    return secret.getMetadata().getManagedFields().stream()
        .filter(fields -> fields.getManager().equals("securememcached-operator"))
        .map(ManagedFieldsEntry::getTime)
        .map(Instant::parse)
        .max(Instant::compareTo)
        .orElse(Instant.MIN);
  }

  private static String value(Secret secret, String key) {
    return secret.getData() == null || secret.getData().get(key) == null
        ? FORGED
        : new String(Base64.getDecoder().decode(secret.getData().get(key)), StandardCharsets.UTF_8);
  }

  private void logIn() {
    while (!ended.get()) {
      for (Pod pod : pods.ready(resource)) {
        Server server =
            new Server(
                pod.getMetadata().getName(),
                pod.getStatus().getPodIP(),
                11211,
                new PlainCredentials("nobody", "nothing"));
        try (Relay relay = new Relay(place, server)) {
          for (PlainCredentials login : validUntil.keySet()) {
            if (!ended.get() && isPromised(login) && pods.isSame(pod)) {
              logIn(relay, pod, login);
            }
          }
        }
      }
    }
  }

  private void logIn(Relay relay, Pod pod, PlainCredentials login) {
    try (MemcachedClient client = MemcachedClient.connect(relay.address(), TIMEOUTS)) {
      Status status = client.authenticate(login).status();
      logins.incrementAndGet();
      if (status == Status.AUTH_ERROR && isPromised(login) && pods.isSame(pod)) {
        history.violation(
            "login %s was refused at %s, and is valid until %s"
                .formatted(login.user(), pod.getMetadata().getName(), validUntil.get(login)));
        validUntil.remove(login);
      }
    } catch (MemcachedException e) {
      // A server that goes or starts answers nobody: that ends no login.
      if (!ended.get()) {
        history.note("no answer of " + pod.getMetadata().getName() + ": " + e.getMessage());
      }
    }
  }

  private boolean isPromised(PlainCredentials login) {
    Instant until = validUntil.get(login);
    return until != null && Instant.now().isBefore(until);
  }

  @Override
  public void close() {
    ended.set(true);
    thread.interrupt();
    informer.close();
  }
}
