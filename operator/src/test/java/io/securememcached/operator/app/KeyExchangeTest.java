package io.securememcached.operator.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS with the image's JVM flags: a server may insist on any group that API servers have. */
class KeyExchangeTest {

  private static final Path BIN = Path.of(System.getProperty("java.home"), "bin");
  private static final String PASSWORD = "password";

  @TempDir private static Path folder;
  private static Path store;

  @BeforeAll
  static void makeCertificate() throws IOException, InterruptedException {
    store = folder.resolve("server.p12");
    run(
        BIN.resolve("keytool").toString(),
        "-genkeypair",
        "-alias",
        "server",
        "-keyalg",
        "RSA",
        "-dname",
        "CN=localhost",
        "-ext",
        "san=dns:localhost",
        "-keystore",
        store.toString(),
        "-storepass",
        PASSWORD);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x25519", "secp256r1", "secp384r1", "secp521r1"})
  void groupOfTheServerIsFound(String group) throws Exception {
    assertThat(exitOfClient(group)).isZero();
  }

  /** The client is held to the flags: this group the JDK has as well. */
  @Test
  void otherGroupsAreNotOffered() throws Exception {
    assertThat(exitOfClient("x448")).isEqualTo(HandshakeClient.REFUSED);
  }

  private static int exitOfClient(String group) throws Exception {
    try (SSLServerSocket server =
        (SSLServerSocket)
            context()
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      SSLParameters parameters = server.getSSLParameters();
      parameters.setNamedGroups(new String[] {group});
      server.setSSLParameters(parameters);
      Thread.ofPlatform().daemon().start(() -> shakeHands(server));
      List<String> command = new ArrayList<>(List.of(BIN.resolve("java").toString()));
      Files.readAllLines(Guarded.ROOT.resolve("images/operator/jvm.args")).stream()
          .filter(line -> line.startsWith("-Djdk.tls."))
          .forEach(command::add);
      command.addAll(
          List.of(
              "-Djavax.net.ssl.trustStore=" + store,
              "-Djavax.net.ssl.trustStorePassword=" + PASSWORD,
              "-cp",
              System.getProperty("java.class.path"),
              HandshakeClient.class.getName(),
              Integer.toString(server.getLocalPort())));
      return run(command.toArray(String[]::new));
    }
  }

  private static void shakeHands(SSLServerSocket server) {
    try (SSLSocket socket = (SSLSocket) server.accept()) {
      socket.startHandshake();
    } catch (IOException e) {
      // The client tells.
    }
  }

  private static SSLContext context() throws IOException, GeneralSecurityException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray()), PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private static int run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (!process.waitFor(1, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("Still runs after a minute: " + List.of(command));
    }
    return process.exitValue();
  }
}
