/** The reconciler, and what it needs to see and to write children. */
package io.securememcached.operator.reconcile;
