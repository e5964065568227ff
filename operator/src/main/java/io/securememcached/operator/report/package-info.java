/**
 * What the checks of a resource's servers have found, for people, programs and pipelines. Pure: it
 * asks nobody.
 */
package io.securememcached.operator.report;
