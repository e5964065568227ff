/** Kubernetes events about a resource: created when something changed, never twice for one. */
package io.securememcached.operator.events;
