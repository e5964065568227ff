/**
 * Reports of the checks of a resource's servers, for people, programs and pipelines. Pure: no input
 * but the results.
 */
package io.securememcached.operator.report;
