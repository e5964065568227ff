package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Names of the children of a resource, and the addresses that follow from them. */
public final class Names {

  /** A pod number of a StatefulSet as Kubernetes writes it; limited to the digits of an int. */
  private static final Pattern ORDINAL = Pattern.compile("0|[1-9][0-9]{0,8}");

  private Names() {}

  /** Secret that the servers mount as /etc/sasl2. */
  public static String sasl(SecureMemcached primary) {
    return name(primary) + "-sasl";
  }

  /** Secret with the operator's own login. */
  public static String operator(SecureMemcached primary) {
    return name(primary) + "-operator";
  }

  /** Secret with a client's login; the user named after the resource has the short name. */
  public static String credentials(SecureMemcached primary, String user) {
    String base = name(primary) + "-credentials";
    return user.equals(name(primary)) ? base : base + "-" + user;
  }

  /** Secret with a client's login and the servers' addresses outside of the cluster. */
  public static String externalCredentials(SecureMemcached primary, String user) {
    String base = name(primary) + "-external-credentials";
    return user.equals(name(primary)) ? base : base + "-" + user;
  }

  /** Whether a Secret of this resource has one of the names of {@link #externalCredentials}. */
  public static boolean isExternalCredentials(SecureMemcached primary, HasMetadata secret) {
    String base = name(primary) + "-external-credentials";
    String name = secret.getMetadata().getName();
    return name.equals(base) || name.startsWith(base + "-");
  }

  /** Service of type LoadBalancer for a server. */
  public static String external(String server) {
    return server + "-external";
  }

  /** NetworkPolicy that denies all ingress and egress. */
  public static String defaultDeny(SecureMemcached primary) {
    return name(primary) + "-default-deny";
  }

  /** NetworkPolicy that admits the kubelet's probes in a mesh. */
  public static String mesh(SecureMemcached primary) {
    return name(primary) + "-mesh";
  }

  /** NetworkPolicy of a source zone. */
  public static String zone(SecureMemcached primary, String zone) {
    return name(primary) + "-zone-" + zone;
  }

  /** Headless Service, which gives each server its DNS name. */
  public static String nodes(SecureMemcached primary) {
    return name(primary) + "-nodes";
  }

  /** Names of the servers' pods, by number. */
  public static List<String> servers(SecureMemcached primary) {
    return IntStream.range(0, primary.getSpec().replicas())
        .mapToObj(ordinal -> server(primary, ordinal))
        .toList();
  }

  /** Name of a server's pod. */
  static String server(SecureMemcached primary, int ordinal) {
    return name(primary) + "-" + ordinal;
  }

  /**
   * The number of a server by the name of its pod, from 0; empty where no StatefulSet of this
   * resource gives that name, such as with a leading zero or more digits than a number has.
   */
  public static OptionalInt ordinal(SecureMemcached primary, String pod) {
    return ordinal(name(primary), pod);
  }

  /**
   * As above.
   *
   * @param resource name of the resource
   */
  public static OptionalInt ordinal(String resource, String pod) {
    String stem = resource + "-";
    if (!pod.startsWith(stem)) {
      return OptionalInt.empty();
    }
    String number = pod.substring(stem.length());
    return ORDINAL.matcher(number).matches()
        ? OptionalInt.of(Integer.parseInt(number))
        : OptionalInt.empty();
  }

  /** DNS name of the Service that leads to the first server. */
  public static String host(SecureMemcached primary) {
    return name(primary) + "." + primary.getMetadata().getNamespace() + ".svc";
  }

  /** DNS name of one server. */
  public static String host(SecureMemcached primary, String server) {
    return server + "." + nodes(primary) + "." + primary.getMetadata().getNamespace() + ".svc";
  }

  static String name(SecureMemcached primary) {
    return primary.getMetadata().getName();
  }
}
