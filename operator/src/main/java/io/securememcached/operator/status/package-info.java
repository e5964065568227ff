/** One class builds the status from facts, one small class per condition. */
package io.securememcached.operator.status;
