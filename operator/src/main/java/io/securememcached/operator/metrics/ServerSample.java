package io.securememcached.operator.metrics;

/**
 * A server and what came of asking it.
 *
 * @param namespace of the resource
 * @param name of the resource
 * @param pod name of the server's pod
 */
public record ServerSample(String namespace, String name, String pod, ScrapeOutcome outcome) {}
