/** The operator's settings, read from the environment. */
package io.securememcached.operator.config;
