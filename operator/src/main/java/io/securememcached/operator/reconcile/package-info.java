/** The reconciliation of one resource: start reading at SecureMemcachedReconciler. */
package io.securememcached.operator.reconcile;
