/**
 * The commands of kubectl's plugin that run in the operator's pod, {@code --verify} and {@code
 * --plan}: arguments, the run, and exit codes.
 */
package io.securememcached.operator.cli;
