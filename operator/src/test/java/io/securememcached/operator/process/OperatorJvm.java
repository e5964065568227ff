package io.securememcached.operator.process;

import io.fabric8.kubernetes.api.model.ConfigBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.Main;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The operator in a JVM of its own, as in its image but for the image. */
public final class OperatorJvm implements AutoCloseable {

  private final Path folder;
  private final Process process;

  private OperatorJvm(Path folder, Process process) {
    this.folder = folder;
    this.process = process;
  }

  /**
   * Starts it.
   *
   * @param api how to reach the API server: an address, a CA and a token
   * @param environment on top of {@link TestingOperator#ENVIRONMENT}
   */
  public static OperatorJvm start(Config api, Map<String, String> environment) {
    return start(kubeconfig(api), environment, "-Xmx128m");
  }

  /**
   * Starts it with flags of the JVM.
   *
   * @param kubeconfig how to reach the API server
   * @param environment on top of {@link TestingOperator#ENVIRONMENT}
   */
  public static OperatorJvm start(
      String kubeconfig, Map<String, String> environment, String... flags) {
    try {
      Path folder = Files.createTempDirectory("operator-jvm");
      Path file = Files.writeString(folder.resolve("kubeconfig"), kubeconfig);
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of(flags));
      command.addAll(
          List.of(
              "-XX:TieredStopAtLevel=1",
              "--enable-native-access=ALL-UNNAMED",
              "-cp",
              System.getProperty("java.class.path"),
              Main.class.getName()));
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().putAll(new HashMap<>(TestingOperator.ENVIRONMENT));
      builder.environment().putAll(environment);
      builder.environment().put("KUBECONFIG", file.toString());
      builder.redirectErrorStream(true).redirectOutput(log(folder));
      return new OperatorJvm(folder, builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String kubeconfig(Config api) {
    return Serialization.asYaml(
        new ConfigBuilder()
            .withApiVersion("v1")
            .withKind("Config")
            .withCurrentContext("test")
            .addNewCluster()
            .withName("test")
            .withNewCluster()
            .withServer(api.getMasterUrl())
            .withCertificateAuthority(api.getCaCertFile())
            .withCertificateAuthorityData(api.getCaCertData())
            .withInsecureSkipTlsVerify(api.isTrustCerts())
            .endCluster()
            .endCluster()
            .addNewUser()
            .withName("test")
            .withNewUser()
            .withToken(api.getOauthToken())
            .endUser()
            .endUser()
            .addNewContext()
            .withName("test")
            .withNewContext()
            .withCluster("test")
            .withUser("test")
            .endContext()
            .endContext()
            .build());
  }

  private static File log(Path folder) {
    return folder.resolve("log").toFile();
  }

  /** All that it has logged. */
  public String log() {
    try {
      return Files.readString(log(folder).toPath());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Waits until it has ended by itself; a failure shows what its threads do. */
  public void awaitEnd(Duration patience) {
    try {
      if (!process.waitFor(patience)) {
        signal("QUIT");
        process.waitFor(Duration.ofSeconds(2));
        throw new AssertionError("Still runs: " + log());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Sends it a signal, such as STOP. */
  public void signal(String name) {
    try {
      int code =
          new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
      if (code != 0) {
        throw new IllegalStateException("kill -" + name + " ended with " + code);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(30, TimeUnit.SECONDS);
      Files.deleteIfExists(folder.resolve("kubeconfig"));
      Files.deleteIfExists(log(folder).toPath());
      Files.deleteIfExists(folder);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
