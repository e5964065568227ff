package io.securememcached.operator.leader;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Operators in other namespaces that manage the same resources. Two of them would overwrite the
 * same children without end, each allowing its own pods, so the second one ignores a resource while
 * the first one is alive. A resource's status names its operator, as users of a namespace can't
 * write it (docs/adr/0018-one-operator-for-a-resource.md).
 */
public final class OtherOperators {

  /** Much longer than a leader takes to renew its Lease, or its successor to acquire it. */
  static final Duration SILENCE = Duration.ofSeconds(30);

  private static final Duration ASK_AGAIN = Duration.ofSeconds(10);
  private static final Logger LOG = LoggerFactory.getLogger(OtherOperators.class);

  private final String namespace;
  private final String lease;
  private final boolean takesOver;
  private final LongSupplier nanos;
  private final Map<String, Seen> seen = new HashMap<>();
  private final Set<String> reported = new HashSet<>();

  /**
   * None is known yet.
   *
   * @param namespace that of this operator
   * @param lease name of the lease that each operator has in its namespace
   * @param takesOver whether resources of an operator that no longer exists are adopted. Without
   *     leases two operators would not see each other.
   * @param nanos monotonic clock
   */
  public OtherOperators(String namespace, String lease, boolean takesOver, LongSupplier nanos) {
    this.namespace = namespace;
    this.lease = lease;
    this.takesOver = takesOver;
    this.nanos = nanos;
  }

  /**
   * A Lease as last seen.
   *
   * @param version its resourceVersion; empty if it does not exist
   * @param since when it was seen first, in ns
   * @param asked when it was last requested, in ns
   */
  private record Seen(String version, long since, long asked) {}

  /**
   * What another operator that is alive and manages the resource means for it.
   *
   * @param leftAlone whether this operator leaves the resource alone
   * @param warning what to say about it, the first time only
   */
  public record Claim(boolean leftAlone, Optional<String> warning) {

    private static final Claim NONE = new Claim(false, Optional.empty());
  }

  /** Whether another operator that is alive manages the resource. */
  public synchronized Claim ask(SecureMemcached primary, KubernetesClient client) {
    String other = primary.getStatus().operatorNamespace();
    if (other.isEmpty() || other.equals(namespace)) {
      return Claim.NONE;
    }
    if (takesOver && isGone(other, client)) {
      LOG.atWarn()
          .addKeyValue("namespace", primary.getMetadata().getNamespace())
          .addKeyValue("name", primary.getMetadata().getName())
          .addKeyValue("operatorNamespace", other)
          .log("Adopted a resource whose operator no longer exists");
      return Claim.NONE;
    }
    Optional<String> warning = Optional.empty();
    if (reported.add(primary.getMetadata().getUid())) {
      String message =
          "This resource is managed by the operator in namespace %s; the operator in namespace %s ignores it. Let only one of them watch namespace %s (chart value watchNamespaces)."
              .formatted(other, namespace, primary.getMetadata().getNamespace());
      LOG.atWarn()
          .addKeyValue("namespace", primary.getMetadata().getNamespace())
          .addKeyValue("name", primary.getMetadata().getName())
          .log(message);
      warning = Optional.of(message);
    }
    return new Claim(true, warning);
  }

  /** Whether the Lease of the other operator has expired. */
  private boolean isGone(String other, KubernetesClient client) {
    long now = nanos.getAsLong();
    Seen last = seen.get(other);
    if (last == null || now - last.asked() >= ASK_AGAIN.toNanos()) {
      Optional<String> version = version(other, client);
      if (version.isEmpty()) {
        return false;
      }
      boolean same = last != null && last.version().equals(version.get());
      last = new Seen(version.get(), same ? last.since() : now, now);
      seen.put(other, last);
    }
    return last.asked() - last.since() >= SILENCE.toNanos();
  }

  /** Empty if unknown. */
  private Optional<String> version(String other, KubernetesClient client) {
    try {
      Lease held = client.leases().inNamespace(other).withName(lease).get();
      return Optional.of(held == null ? "" : held.getMetadata().getResourceVersion());
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) {
        LOG.atWarn()
            .addKeyValue("operatorNamespace", other)
            .log("Could not determine whether another operator is alive: {}", e.getMessage());
      }
      return Optional.empty();
    }
  }
}
