package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.api.v1beta1.Released;
import io.securememcached.operator.testing.KubectlYaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * A dry run of a release, pushed to a registry and installed from there, with the commands of
 * docs/verify-a-release.md and nothing of the checkout.
 *
 * <p>Its name keeps it out of {@code mvn verify}, as the first build of the tools takes many
 * minutes; {@code -Dit.test=ReleaseRun} runs it. It needs the testbed: the registry answers without
 * TLS, and only to the node itself.
 */
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReleaseRun {

  private static final Duration BUILD = Duration.ofMinutes(60);
  private static final Duration COMMAND = Duration.ofMinutes(5);
  private static final String VERSION = Released.current();
  private static final String HOST = "127.0.0.1:5050";
  private static final String REGISTRY = HOST + "/securememcached";
  private static final String NAMESPACE = "release";
  private static final String PAGE = "docs/verify-a-release.md";

  private final TestbedCluster cluster = new TestbedCluster();
  private final Path release = Guarded.ROOT.resolve("operator/target/release");
  private final Path again = Guarded.ROOT.resolve("operator/target/release-again");
  private final Path home = Guarded.ROOT.resolve("operator/target/release-home");
  private String path;
  private Process registry;
  private boolean isFree;

  @BeforeAll
  void makeAndPush() throws IOException {
    path =
        Stream.concat(
                Stream.of(
                    Shell.run(
                        Guarded.ROOT,
                        Map.of(),
                        BUILD,
                        "release/tools/install",
                        "crane",
                        "cosign",
                        "krew")),
                Stream.concat(
                    cluster.tools().stream().map(Path::toString), Stream.of(System.getenv("PATH"))))
            .collect(Collectors.joining(":"));
    make(release);
    Files.createDirectories(home);
    // An operator of somebody else would be removed below.
    assertThat(run("helm list --all-namespaces --short")).as("releases in the testbed").isEmpty();
    isFree = true;
    registry = serve("testbed/testbed", "node");
    Sandbox.eventually(
        "the registry", () -> assertThat(tryRun("crane catalog " + HOST).code()).isZero());
    String pushed =
        run("'" + Guarded.ROOT.resolve("release/push") + "' '" + release + "' " + REGISTRY);
    assertThat(pushed).contains(REGISTRY + "/operator@sha256:", REGISTRY + "/charts/");
  }

  private static void make(Path folder) {
    Shell.run(
        Guarded.ROOT,
        Map.of(),
        BUILD,
        "release/run",
        VERSION,
        "--dry-run",
        "--image",
        "operator",
        "--image",
        "memcached-debian13",
        "--out",
        folder.toString());
  }

  /** Starts a registry without TLS, by a command that goes before its own. */
  private Process serve(String... before) {
    List<String> command = new ArrayList<>(List.of(before));
    command.addAll(List.of("env", "crane", "registry", "serve", "--address", HOST));
    return Shell.start(Guarded.ROOT, environment(), command.toArray(String[]::new));
  }

  @AfterAll
  void stop() {
    if (!isFree) {
      cluster.close();
      return;
    }
    tryRun(
        "helm uninstall securememcached-operator --namespace securememcached-system --wait;"
            + " kubectl delete namespace "
            + NAMESPACE
            + " securememcached-system --ignore-not-found;"
            + " kubectl delete --ignore-not-found --filename crds.yaml");
    if (registry != null) {
      registry.descendants().forEach(ProcessHandle::destroy);
      registry.destroy();
    }
    cluster.close();
  }

  private Map<String, String> environment() {
    return Map.of(
        "PATH",
        path,
        "KUBECONFIG",
        cluster.kubeconfig().toString(),
        "HOME",
        home.toString(),
        "SECUREMEMCACHED_CACHE",
        cluster.tools().getFirst().getParent().getParent().toString(),
        "KREW_ROOT",
        home.resolve("krew").toString());
  }

  /** Runs commands on the node, in the folder of the release. */
  private Shell.Result tryRun(String commands) {
    return Shell.tryRun(
        Guarded.ROOT,
        environment(),
        COMMAND,
        "testbed/testbed",
        "node",
        "bash",
        "-euo",
        "pipefail",
        "-c",
        "cd '" + release + "'\n" + SETTINGS + commands);
  }

  private String run(String commands) {
    Shell.Result result = tryRun(commands);
    assertThat(result.code()).as("%s%n%s", commands, result).isZero();
    return result.output();
  }

  /**
   * What the page's first block sets, for a dry run; and the API server's address as the node sees
   * it.
   */
  private static final String SETTINGS =
      """
      sed "s|127.0.0.1|$(ip route show default | cut -d' ' -f3)|" "$KUBECONFIG" >"$HOME/kubeconfig"
      export KUBECONFIG=$HOME/kubeconfig
      version=%s
      registry=%s
      signer=(--key cosign.pub --insecure-ignore-tlog=true)
      """
          .formatted(VERSION, REGISTRY);

  /** The commands under a heading of the page. */
  private static List<String> blocks(String heading) throws IOException {
    String section =
        Files.readString(Guarded.ROOT.resolve(PAGE)).split("\n## " + heading + "\n", 2)[1];
    List<String> blocks = new ArrayList<>();
    for (String part : section.split("\n## ", 2)[0].split("```bash\n")) {
      if (part.contains("\n```")) {
        blocks.add(part.split("\n```", 2)[0]);
      }
    }
    return blocks;
  }

  @Test
  @Order(1)
  void everySignatureIsVerified() throws IOException {
    assertThat(run(blocks("Chart and images").getFirst())).contains("docker-manifest-digest");
    assertThat(run(blocks("Files").getFirst()))
        .contains("install.yaml: OK", "values-digests.yaml: OK");
    for (String heading : List.of("Where it was built", "What is inside")) {
      run(blocks(heading).getFirst());
    }
  }

  /** The counter-example is the other image, which has no jar. */
  @Test
  @Order(1)
  void sbomsNameEachJarAndMemcached() throws IOException {
    List<String> jars;
    try (Stream<Path> files = Files.list(Guarded.ROOT.resolve("operator/target/lib"))) {
      jars = files.map(file -> file.getFileName().toString().replace(".jar", "")).toList();
    }
    assertThat(jars).isNotEmpty();
    for (String sbom : List.of("jars-" + VERSION, "operator-" + VERSION + "-amd64")) {
      assertThat(components(sbom)).as(sbom).containsAll(jars);
    }
    assertThat(components("memcached-1.6.45-debian13-amd64"))
        .contains("memcached-1.6.45-1+securememcached1")
        .doesNotContainAnyElementsOf(jars);
  }

  /** The public log of signatures refuses documents of some megabytes. */
  @Test
  @Order(1)
  void sbomsAreSmallEnoughForTheLog() throws IOException {
    try (Stream<Path> files = Files.list(release.resolve("sbom"))) {
      assertThat(files)
          .hasSize(6)
          .allSatisfy(file -> assertThat(Files.size(file)).as("%s", file).isLessThan(1_000_000));
    }
    String image = "sbom/memcached-1.6.45-debian13-amd64.spdx.json";
    JsonNode spdx =
        Serialization.unmarshal(Files.readString(release.resolve(image)), JsonNode.class);
    assertThat(spdx.at("/packages")).hasSizeGreaterThan(5);
    assertThat(spdx.has("files")).isFalse();
    assertThat(spdx.at("/relationships"))
        .isNotEmpty()
        .noneMatch(relationship -> relationship.toString().contains("SPDXRef-File-"));
  }

  /** Name and version of each part in an SBOM, as in the file names of jars. */
  private List<String> components(String sbom) throws IOException {
    List<String> found = new ArrayList<>();
    Serialization.unmarshal(
            Files.readString(release.resolve("sbom/" + sbom + ".cdx.json")), JsonNode.class)
        .at("/components")
        .forEach(part -> found.add(part.at("/name").asText() + "-" + part.at("/version").asText()));
    return found;
  }

  /**
   * By {@code skipRange}, whatever is installed: here a subscription follows the channel's only
   * entry, and a catalog of all versions takes the range from the bundle.
   */
  @Test
  @Order(1)
  void catalogLeadsFromEveryEarlierVersion() throws IOException {
    List<JsonNode> parts = KubectlYaml.documents(Files.readString(release.resolve("catalog.yaml")));
    assertThat(parts)
        .extracting(part -> part.at("/schema").asText())
        .containsExactly("olm.package", "olm.channel", "olm.bundle");
    JsonNode entries = parts.get(1).at("/entries");
    String range = "<" + VERSION;
    assertThat(entries).hasSize(1);
    assertThat(entries.at("/0/name").asText()).isEqualTo("securememcached-operator.v" + VERSION);
    assertThat(entries.at("/0/skipRange").asText()).isEqualTo(range);

    JsonNode properties = parts.get(2).at("/properties");
    assertThat(properties)
        .extracting(property -> property.at("/type").asText())
        .containsExactly("olm.package", "olm.gvk", "olm.csv.metadata");
    JsonNode shown = properties.at("/2/value");
    assertThat(shown.at("/annotations").get("olm.skipRange").asText()).isEqualTo(range);
    assertThat(shown.at("/crdDescriptions/owned/0/kind").asText()).isEqualTo("SecureMemcached");
    assertThat(shown).extracting(JsonNode::isNull).as("what the bundle lacks").containsOnly(false);
    assertThat(parts.get(2).at("/relatedImages"))
        .extracting(image -> image.at("/image").asText().replaceFirst("@.*", ""))
        .contains(
            "ghcr.io/securememcached/operator-bundle",
            "ghcr.io/securememcached/operator:" + VERSION,
            "ghcr.io/securememcached/memcached:1.6.45-debian13");
  }

  @Test
  @Order(2)
  void copiesAreVerified() throws IOException {
    run(
        blocks("A registry of your own")
                .getFirst()
                .replace("registry.example.com/mirror", HOST + "/mirror")
            + "\ncosign verify \"${signer[@]}\" \"$mirror/operator:$version\""
            + "\nimage=$mirror/operator@$(crane digest --platform linux/amd64 $mirror/operator:$version)"
            + "\ncosign verify-attestation \"${signer[@]}\" --type cyclonedx \"$image\"");
  }

  @Test
  @Order(3)
  void chartInstallsAndTheFirstCacheIsReady() throws IOException {
    String install =
        blocks("Chart and images")
            .getLast()
            .replace("\"oci:", "--plain-http \"oci:")
            .replace(
                "--values values-digests.yaml",
                "--values mirror.yaml --set image.repository=$registry/operator --timeout 3m");
    run(
        "sed \"s|ghcr.io/securememcached|$registry|\" values-digests.yaml >mirror.yaml\n"
            + install);
    run(
        """
        kubectl create namespace %1$s
        kubectl apply --namespace %1$s --filename %2$s
        kubectl wait --namespace %1$s --for=condition=Ready --timeout=2m securememcached/sessions
        """
            .formatted(NAMESPACE, Guarded.ROOT.resolve("examples/minimal/cache.yaml")));
    assertThat(
            run(
                "kubectl get pods --namespace securememcached-system --output"
                    + " jsonpath='{.items[*].spec.containers[*].image}'"))
        .contains(REGISTRY + "/operator@sha256:")
        .doesNotContain("ghcr.io");
  }

  @Test
  @Order(4)
  void pluginIsInstalledFromItsKrewManifest() {
    // krew wants an index, which `kubectl krew update` clones.
    run(
        """
        mkdir -p "$KREW_ROOT/index/default/plugins"
        cp securememcached.yaml "$KREW_ROOT/index/default/plugins/"
        git -C "$KREW_ROOT/index/default" init --quiet
        krew install --manifest=securememcached.yaml --archive=kubectl-securememcached-$version.tar.gz
        """);
    assertThat(
            run(
                "PATH=$KREW_ROOT/bin:$PATH kubectl securememcached verify sessions --namespace "
                    + NAMESPACE))
        .contains("sessions-0");
    run("krew uninstall securememcached");
  }

  @Test
  @Order(5)
  void uninstallLeavesTheServersAndThenNothing() {
    run("helm uninstall securememcached-operator --namespace securememcached-system --wait");
    assertThat(run("kubectl get pods --namespace " + NAMESPACE)).contains("sessions-0");
    run("kubectl delete namespace " + NAMESPACE + " securememcached-system");
    run("kubectl delete --filename crds.yaml");
  }

  /** Another image under the released tag. */
  @Test
  @Order(6)
  void tamperedImageIsRefused() {
    assertRefused(
        "crane append --base $registry/memcached:1.6.45-debian13 --platform linux/amd64"
            + " --new_layer kubectl-securememcached-$version.tar.gz"
            + " --new_tag $registry/tampered:1\n"
            + "crane copy $registry/tampered:1 $registry/operator:$version",
        "cosign verify \"${signer[@]}\" $registry/operator:$version",
        "no signatures found");
    // The digests of the release still name the released one.
    run("crane digest \"$registry/operator@$(sed -n 's|  .*/operator:.*||p' digests.txt)\"");
  }

  @Test
  @Order(7)
  void tamperedChartIsRefused() {
    String chart = "securememcached-operator-$version.tgz";
    String tamper =
        "rm -rf tampered && mkdir tampered && tar --extract --file="
            + chart
            + " --directory=tampered\n"
            + "echo '# Changed.' >>tampered/securememcached-operator/values.yaml\n"
            + "cd tampered && helm package securememcached-operator\n";
    assertRefused(
        tamper + "helm push " + chart + " oci://$registry/charts --plain-http",
        "cosign verify \"${signer[@]}\" $registry/charts/securememcached-operator:$version",
        "no signatures found");
    assertRefused(
        "cp checksums.txt tampered/",
        "cd tampered && sha256sum --check --ignore-missing checksums.txt",
        "securememcached-operator-" + VERSION + ".tgz: FAILED");
  }

  @Test
  @Order(8)
  void tamperedFilesAreRefused() {
    assertRefused(
        "sed 's/restricted/privileged/' install.yaml >tampered/install.yaml",
        "cosign verify-blob-attestation \"${signer[@]}\" --bundle provenance.sigstore.json"
            + " --type slsaprovenance1 tampered/install.yaml",
        "digests do not match");
    assertRefused(
        "sed 's/^./0/' checksums.txt >tampered/checksums.txt",
        "cosign verify-blob \"${signer[@]}\" --bundle checksums.txt.sigstore.json"
            + " tampered/checksums.txt",
        "invalid signature");
  }

  @Test
  @Order(9)
  void tamperedPluginIsRefused() {
    assertRefused(
        """
        mkdir -p tampered/plugin
        tar --extract --file=kubectl-securememcached-$version.tar.gz --directory=tampered/plugin
        echo 'echo changed' >>tampered/plugin/kubectl-securememcached
        tar --create --gzip --file=tampered/plugin.tar.gz --directory=tampered/plugin .
        """,
        "KREW_ROOT=$HOME/krew-tampered krew install --manifest=securememcached.yaml"
            + " --archive=tampered/plugin.tar.gz",
        "checksum does not match");
  }

  private void assertRefused(String tamper, String check, String message) {
    run(tamper);
    Shell.Result result = tryRun(check);
    assertThat(result.code()).as("%s", result).isNotZero();
    assertThat(result.output() + result.errors()).contains(message);
  }

  /** A version is never changed, and nothing is pushed then. */
  @Test
  @Order(10)
  void versionInTheRegistryIsNotOverwritten() {
    assertRefused(
        "true",
        "'" + Guarded.ROOT.resolve("release/push") + "' . $registry",
        "a version is never changed");
  }

  /** Nor where the registry does not say what it has. */
  @Test
  @Order(10)
  void registryThatDoesNotAnswerGetsNothing() {
    assertRefused(
        "true",
        "'" + Guarded.ROOT.resolve("release/push") + "' . 127.0.0.1:1/securememcached",
        "the registry does not say whether it has 127.0.0.1:1/securememcached/");
  }

  @Test
  @Order(11)
  void secondRunHasTheSameBytes() throws IOException {
    make(again);
    Path fresh = Guarded.ROOT.resolve("operator/target/release");
    run("rm -rf tampered mirror.yaml");
    Shell.Result same = compare(fresh, again);
    assertThat(same.code()).as("%s", same).isZero();
    Files.writeString(
        again.resolve("install.yaml"), Files.readString(again.resolve("install.yaml")) + "\n");
    Shell.Result other = compare(fresh, again);
    assertThat(other.code()).isEqualTo(1);
    assertThat(other.output()).startsWith("differs: install.yaml\n");
  }

  /** The commands that README.md has until the first release. */
  @Test
  @Order(12)
  void imagesInARegistryOfYourOwnAreInstalled() throws IOException {
    List<String> commands =
        ReadmeE2E.commands().stream()
            .filter(command -> command.contains("registry.example.com/mirror"))
            .map(command -> command.replace("registry.example.com/mirror", HOST + "/own"))
            .toList();
    assertThat(commands).hasSize(2);
    // The node has a network of its own, and so a loopback address: the pushed images move there.
    Process onMachine = serve();
    try {
      String move =
          """
          until crane catalog %1$s >/dev/null 2>&1; do kill -0 %2$d; sleep 0.1; done
          %3$s
          rm -rf "$HOME/own"
          for name in operator:%4$s memcached:1.6.45-debian13; do
            mkdir -p "$HOME/own/$name"
            crane pull --format oci %1$s/own/$name "$HOME/own/$name"
          done
          """
              .formatted(HOST, onMachine.pid(), commands.getFirst(), VERSION);
      Shell.run(Guarded.ROOT, environment(), COMMAND, "bash", "-euo", "pipefail", "-c", move);
    } finally {
      onMachine.destroy();
    }
    run(
        """
        cd '%1$s'
        for name in operator:%2$s memcached:1.6.45-debian13; do
          crane push "$HOME/own/$name" %3$s/own/$name
        done
        %4$s
        """
            .formatted(Guarded.ROOT, VERSION, HOST, commands.getLast()));
    for (String line : firstCache()) {
      run("cd '" + Guarded.ROOT + "'\n" + line);
    }
    assertThat(
            run(
                "kubectl get pods --all-namespaces --output"
                    + " jsonpath='{.items[*].spec.containers[*].image}'"))
        .contains(HOST + "/own/operator:" + VERSION, HOST + "/own/memcached:1.6.45-debian13")
        .doesNotContain("ghcr.io/securememcached");
    run("helm test securememcached-operator --namespace securememcached-system");
    run("kubectl delete namespace shop");
    run("helm uninstall securememcached-operator --namespace securememcached-system --wait");
  }

  /** README's commands from the first cache to a client's statistics. */
  private static List<String> firstCache() throws IOException {
    List<String> commands = ReadmeE2E.commands();
    int first = commands.indexOf("kubectl create namespace shop");
    int last =
        commands.indexOf(
            commands.stream().filter(line -> line.contains("memcstat")).findFirst().orElseThrow());
    assertThat(first).isNotNegative().isLessThan(last);
    return commands.subList(first, last + 1);
  }

  private static Shell.Result compare(Path first, Path second) {
    return Shell.tryRun(
        Guarded.ROOT, Map.of(), COMMAND, "release/compare", first.toString(), second.toString());
  }
}
