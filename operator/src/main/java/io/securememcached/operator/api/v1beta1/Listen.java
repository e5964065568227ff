package io.securememcached.operator.api.v1beta1;

/** The address a server listens on. */
public enum Listen {
  /** The pod's own address, reachable for the source zones. */
  PodIP,
  /** 127.0.0.1 inside the pod. */
  Loopback
}
