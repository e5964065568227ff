/**
 * The custom resource {@code SecureMemcached} as records, one block a file.
 *
 * <p>The CRD in {@code crds/} is generated from these classes: this is the only source of
 * descriptions, defaults and rules. A default is written twice, in {@code @Default} for the API
 * server and in the compact constructor for code that builds a spec without one; {@code CrdTest}
 * keeps both equal.
 */
package io.securememcached.operator.api.v1beta1;
