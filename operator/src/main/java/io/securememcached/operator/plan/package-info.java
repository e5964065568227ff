/** What an edited resource would do to its servers, by the code that decides it: pure. */
package io.securememcached.operator.plan;
