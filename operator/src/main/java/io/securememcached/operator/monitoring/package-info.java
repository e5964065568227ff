/**
 * The exporter's own login on the servers: one key in the operator's namespace, and the passwords
 * that are derived from it. Pure: no Kubernetes, no clock, no network;
 * docs/adr/0030-exporter-logins-are-derived.md says why they are derived.
 */
package io.securememcached.operator.monitoring;
