package io.securememcached.operator.testing;

import io.fabric8.kubeapitest.KubeAPIServer;
import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import io.fabric8.kubeapitest.Utils;
import io.fabric8.kubeapitest.binary.OSInfo;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TimeZone;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A real etcd and kube-apiserver on loopback with the CRD, and nothing else: no controllers, so
 * nothing starts pods, collects garbage or empties namespaces. {@link WithApiServer} hands it out.
 */
public final class ApiServer implements AutoCloseable {

  /** The CRD as it is shipped. */
  public static final Path CRD =
      Guarded.ROOT.resolve("crds/securememcacheds.securememcached.io.yaml");

  /** The operator's account in install.yaml. */
  public static final String ACCOUNT =
      "system:serviceaccount:securememcached-system:securememcached-operator";

  /** What says what the account may do. */
  private static final Set<String> ACCOUNT_KINDS =
      Set.of(
          "ClusterRole",
          "ClusterRoleBinding",
          "ValidatingAdmissionPolicy",
          "ValidatingAdmissionPolicyBinding");

  private static final String BINARIES = "kubernetes.binaries";

  private static final String ADVICE =
      "tests named *IT need etcd, kube-apiserver and kubectl: install Go 1.26 or newer, with which testbed/testbed builds them, or name a folder that has them by -D"
          + BINARIES
          + "=FOLDER";

  /** It takes 6 s alone, and longer beside a build. */
  private static final int START_LIMIT_MILLIS = 300_000;

  private final Path folder;
  private final KubeAPIServer server;
  private final KubernetesClient client;
  private final AtomicInteger namespaces = new AtomicInteger();
  private boolean closed;

  ApiServer() {
    try {
      folder = Files.createTempDirectory("api-server");
      linkBinaries(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server =
        new KubeAPIServer(
            KubeAPIServerConfigBuilder.anAPIServerConfig()
                .withTestDir(folder.toString())
                .withOfflineMode(true)
                .withUpdateKubeConfig(false)
                .withStartupTimeout(START_LIMIT_MILLIS)
                .withApiServerFlag("--bind-address", "127.0.0.1")
                .build());
    // A test run that is broken off ends this JVM, but not the processes that it started.
    Runtime.getRuntime().addShutdownHook(new Thread(this::close));
    startAtNoon(server);
    client =
        new KubernetesClientBuilder()
            .withConfig(config())
            .withHttpClientFactory(new OkHttpClientFactory())
            .build();
    installCrd();
    installAccount();
  }

  /** A client with all rights, shared by the tests. */
  public KubernetesClient client() {
    return client;
  }

  /** How to reach it, with all rights. */
  public Config config() {
    return Config.fromKubeconfig(server.getKubeConfigYaml());
  }

  /** How the operator's own account reaches it, with the rights and the limits of install.yaml. */
  public Config accountConfig() {
    Config config = config();
    config.setImpersonateUsername(ACCOUNT);
    return config;
  }

  /** How to reach it, for another process. */
  public String kubeconfig() {
    return server.getKubeConfigYaml();
  }

  /** How to reach it, for another process that reads a file. */
  Path kubeconfigFile() throws IOException {
    Path kubeconfig = folder.resolve("kubeconfig");
    if (!Files.exists(kubeconfig)) {
      Files.writeString(kubeconfig, server.getKubeConfigYaml());
    }
    return kubeconfig;
  }

  /**
   * What a program said.
   *
   * @param text standard output and standard error
   */
  public record Output(int code, String text) {}

  /** Runs the real kubectl with all rights, with a text as its standard input. */
  public Output kubectl(String input, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(binaries().resolve("kubectl").toString());
    command.addAll(List.of(arguments));
    return run(input, command);
  }

  /** Runs commands of a document with all rights, in a shell that stops at the first failure. */
  public Output shell(String commands) throws IOException {
    return run("", List.of("bash", "-e", "-o", "pipefail", "-c", commands));
  }

  private Output run(String input, List<String> command) throws IOException {
    Path kubeconfig = kubeconfigFile();
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(Guarded.ROOT.toFile()).redirectErrorStream(true);
    builder.environment().put("KUBECONFIG", kubeconfig.toString());
    builder.environment().merge("PATH", binaries().toString(), (path, own) -> own + ":" + path);
    Process process = builder.start();
    try (OutputStream standardInput = process.getOutputStream()) {
      standardInput.write(input.getBytes(StandardCharsets.UTF_8));
    }
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      return new Output(process.waitFor(), text);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while kubectl ran", e);
    }
  }

  /** A fresh namespace. */
  public String newNamespace() {
    return newNamespace("test-" + namespaces.incrementAndGet());
  }

  /** A fresh namespace with a name of the test's own. */
  public String newNamespace(String name) {
    client
        .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
        .create();
    return name;
  }

  /** Applies a resource without servers, as a user does. */
  public void applyWithoutServers(String namespace, String name) {
    client()
        .resource(
            """
            apiVersion: securememcached.io/v1beta1
            kind: SecureMemcached
            metadata: {name: %s}
            spec: {replicas: 0}
            """
                .formatted(name))
        .inNamespace(namespace)
        .patch(
            new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager("test")
                .build());
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (client != null) {
      client.close();
    }
    server.stop();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * kube-api-test ends its waits at a time of day, and in the last minute before midnight that is
   * one of the morning: it gives up at once. So it waits in a time zone where it is noon.
   */
  private static void startAtNoon(KubeAPIServer server) {
    TimeZone own = TimeZone.getDefault();
    int hour = LocalTime.now(ZoneOffset.UTC).getHour();
    TimeZone.setDefault(TimeZone.getTimeZone(ZoneOffset.ofHours(12 - hour)));
    try {
      server.start();
    } finally {
      TimeZone.setDefault(own);
    }
  }

  private void installCrd() {
    try (InputStream yaml = Files.newInputStream(CRD)) {
      serve(client.apiextensions().v1().customResourceDefinitions().load(yaml).item());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void installAccount() {
    try (InputStream yaml = Files.newInputStream(Guarded.ROOT.resolve("install/install.yaml"))) {
      client.load(yaml).items().stream()
          .filter(object -> ACCOUNT_KINDS.contains(object.getKind()))
          .forEach(object -> client.resource(object).create());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Creates the definition of a kind, and returns once its objects can be created. */
  public CustomResourceDefinition serve(CustomResourceDefinition definition) {
    return client
        .resource(client.resource(definition).create())
        .waitUntilCondition(ApiServer::isEstablished, 30, TimeUnit.SECONDS);
  }

  /** A definition that was made a moment ago has null for conditions, and no empty list. */
  private static boolean isEstablished(CustomResourceDefinition seen) {
    return seen != null
        && seen.getStatus() != null
        && seen.getStatus().getConditions() != null
        && seen.getStatus().getConditions().stream()
            .anyMatch(
                condition ->
                    condition.getType().equals("Established")
                        && condition.getStatus().equals("True"));
  }

  /** kube-api-test looks for its binaries in a folder named after their version. */
  private static void linkBinaries(Path folder) throws IOException {
    Path binaries = binaries();
    Path version =
        Files.createDirectories(
            folder.resolve("k8s").resolve("1.0.0" + Utils.platformSuffix(new OSInfo())));
    for (String name : List.of("etcd", "kube-apiserver", "kubectl")) {
      Path binary = binaries.resolve(name);
      if (!Files.isExecutable(binary)) {
        throw new IllegalStateException(binary + " is missing; " + ADVICE);
      }
      if (name.equals("kube-apiserver")) {
        writeApiServer(version.resolve(name), binary);
      } else {
        Files.createSymbolicLink(version.resolve(name), binary);
      }
    }
  }

  /**
   * The range of Services that kube-api-test sets has 254 addresses, which the Services of all
   * tests use up, as nothing collects garbage. It comes after the flags of the caller, and the last
   * one counts.
   */
  private static void writeApiServer(Path file, Path binary) throws IOException {
    Files.writeString(
        file,
        """
        #!/bin/sh
        exec '%s' "$@" --service-cluster-ip-range=10.96.0.0/16
        """
            .formatted(binary));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Folder of the programs of Kubernetes. */
  static Path binaries() throws IOException {
    String given = System.getProperty(BINARIES);
    if (given != null) {
      return Path.of(given);
    }
    Process testbed =
        new ProcessBuilder(
                Guarded.ROOT.resolve("testbed/testbed").toString(), "binaries", "kubernetes")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String output = new String(testbed.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (testbed.waitFor() != 0) {
        throw new IllegalStateException("'testbed/testbed binaries kubernetes' failed; " + ADVICE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while kube-apiserver was built", e);
    }
    return Path.of(output.strip());
  }
}
