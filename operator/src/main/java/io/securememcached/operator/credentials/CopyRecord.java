package io.securememcached.operator.credentials;

import java.util.Map;
import java.util.Optional;

/**
 * What was last written into a copy, or would have been.
 *
 * @param version resourceVersion since then; empty if it was not written
 * @param data in Base64
 * @param rejection why it was not written, if the API server has rejected it
 */
record CopyRecord(String version, Map<String, String> data, Optional<CopyRejection> rejection) {

  static CopyRecord written(String version, Map<String, String> data) {
    return new CopyRecord(version, data, Optional.empty());
  }

  /** Of a Secret that the operator may not write. */
  static CopyRecord refused(Map<String, String> data) {
    return new CopyRecord("", data, Optional.empty());
  }

  static CopyRecord rejected(CopyRejection rejection, Map<String, String> data) {
    return new CopyRecord("", data, Optional.of(rejection));
  }

  /** Whether a version of the Secret has the data. */
  boolean isWritten(String version, Map<String, String> data) {
    return this.version.equals(version) && this.data.equals(data);
  }

  /** Why the data was rejected, if it was. */
  Optional<CopyRejection> rejectionOf(Map<String, String> data) {
    return rejection.filter(rejected -> this.data.equals(data));
  }
}
