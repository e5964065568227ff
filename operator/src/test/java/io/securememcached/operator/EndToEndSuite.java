package io.securememcached.operator;

import org.junit.platform.suite.api.IncludeClassNamePatterns;
import org.junit.platform.suite.api.SelectPackages;
import org.junit.platform.suite.api.Suite;

/**
 * All end-to-end tests, one after the other, as they share a cluster. Failsafe gives a test class
 * to the next process that is free: as one class they stay in one process, beside which another has
 * the integration tests. The suite comes first, as it takes longest, and this package is the first
 * in the alphabet.
 */
@Suite
@SelectPackages("io.securememcached.operator")
@IncludeClassNamePatterns(".*E2E")
class EndToEndSuite {}
