package io.securememcached.operator.status;

/**
 * A pass that could not be finished.
 *
 * @param stage what could not be written
 * @param message what happened and what to do, without any secret
 */
public record Failure(Stage stage, Reason reason, String message) {}
