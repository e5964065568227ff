package io.securememcached.operator.sasl;

/**
 * The SASL configuration of memcached: file names, where they are mounted, and the text.
 *
 * <p>The option names are Cyrus SASL's (its {@code options} manual). Without this file, or with
 * {@code SASL_CONF_PATH} naming a file instead of its directory, Cyrus SASL offers every mechanism
 * it finds, ANONYMOUS among them: so both files are mounted as one whole directory.
 */
public final class SaslConfig {

  /** Directory of both files in the server's container, and the value of SASL_CONF_PATH. */
  public static final String MOUNT_PATH = "/etc/sasl2";

  /** Name that Cyrus SASL derives from the application name "memcached". */
  public static final String CONFIG_FILE = "memcached.conf";

  /** Name of the file that {@link SaslDb} writes. */
  public static final String SASLDB_FILE = "memcached-sasldb2";

  private static final String TEXT =
      """
      mech_list: plain
      log_level: 5
      sasldb_path: %s/%s
      pwcheck_method: auxprop
      auxprop_plugin: sasldb
      """
          .formatted(MOUNT_PATH, SASLDB_FILE);

  private SaslConfig() {}

  /** Contents of {@link #CONFIG_FILE}: PLAIN only, passwords from the sasldb only. */
  public static String text() {
    return TEXT;
  }
}
