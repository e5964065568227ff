package io.securememcached.operator.metrics;

/** What came of asking a server: its statistics, or why there are none. */
public sealed interface ScrapeOutcome permits ServerStatistics, Unavailable {}
