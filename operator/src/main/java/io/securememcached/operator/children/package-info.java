/**
 * The objects of a resource as they are in the cluster: applied when they differ, pruned when they
 * should no longer exist, and never overwritten when they belong to somebody else.
 */
package io.securememcached.operator.children;
