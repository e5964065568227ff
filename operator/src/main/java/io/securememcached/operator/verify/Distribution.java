package io.securememcached.operator.verify;

import java.time.LocalDate;
import java.util.Optional;

/** Distribution of a server's memcached package: backported fixes don't show in the version. */
public enum Distribution {
  /**
   * CentOS 7, release 1.4.15-10.el7_3.1, which its image pins. Its changelog names the fixes; the
   * end of support is CentOS's own announcement.
   */
  CENTOS_7(LocalDate.of(2024, 6, 30)),
  /**
   * Debian 12, from release 1.6.18-1+deb12u1 on. Fixes by the package's changelog; the end is that
   * of Debian's long-term support, which followed the security team's on 2026-06-10.
   */
  DEBIAN_12(LocalDate.of(2028, 6, 30)),
  /**
   * Debian 13 with memcached 1.6.45 or newer from Debian's unstable suite, built by this project.
   * The end is that of Debian's long-term support for the base; memcached itself is fixed by a
   * newer release of this image.
   */
  DEBIAN_13(LocalDate.of(2030, 6, 30)),
  /** A user-provided image, of which only memcached's version is known. */
  UNKNOWN(null);

  private final Optional<LocalDate> lastFixes;

  Distribution(LocalDate lastFixes) {
    this.lastFixes = Optional.ofNullable(lastFixes);
  }

  /** Last day on which its packages get security fixes; empty if not known. */
  public Optional<LocalDate> lastFixes() {
    return lastFixes;
  }
}
