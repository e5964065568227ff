package io.securememcached.operator.api.v1beta1;

/** The addresses a server listens on. */
public enum Listen {
  /** The pod's own address, reachable for the source zones, and 127.0.0.1 inside the pod. */
  PodIP,
  /** 127.0.0.1 inside the pod only. */
  Loopback
}
