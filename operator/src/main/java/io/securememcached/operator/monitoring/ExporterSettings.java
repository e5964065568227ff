package io.securememcached.operator.monitoring;

import java.time.Duration;

/**
 * Whether the exporter has logins.
 *
 * @param enabled whether servers accept the exporter; otherwise there is no key
 * @param keyRotation time between two keys, at least the overlap {@link ExporterKeys#OVERLAP}
 */
public record ExporterSettings(boolean enabled, Duration keyRotation) {}
