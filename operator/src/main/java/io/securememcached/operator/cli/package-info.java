/** The verification on request, {@code --verify}: arguments, the run, and exit codes. */
package io.securememcached.operator.cli;
