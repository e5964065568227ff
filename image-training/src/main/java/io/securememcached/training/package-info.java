/** The training run of the operator's image: a build step, in no image. */
package io.securememcached.training;
