package io.securememcached.operator.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Dependencies go one way, as docs/architecture.md draws them. */
@AnalyzeClasses(packages = LayersTest.ROOT, importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {

  static final String ROOT = "io.securememcached.operator";

  private static final Path SOURCES =
      Guarded.ROOT.resolve("operator/src/main/java/io/securememcached/operator");

  /** Lines of a source file; a longer one does more than one thing. */
  private static final int LONGEST = 300;

  /** Share of all lines that one package may hold; a larger one holds more than one capability. */
  private static final double LARGEST = 0.12;

  /** Each package and those that it uses. */
  private static final String USES =
      """
      text:
      sasl:
      api: text
      rotation: api
      monitoring: rotation
      memcached: text
      metrics: text
      verify: memcached text
      report: verify
      resource: api memcached rotation sasl zones
      updates: api resource
      exposure: api memcached resource text
      zones: api memcached text
      status: api exposure memcached monitoring resource rotation text updates verify zones
      memory: api exposure resource
      client: api memory status text
      probe: api
      watches: api client exposure memory resource text zones
      events: api resource rotation status text updates
      children: api client exposure monitoring resource rotation status watches
      credentials: api children client memcached monitoring probe resource rotation sasl status text watches
      verification: api exposure memcached probe rotation status text verify watches
      rollout: api client events resource status text updates verify watches
      leader: api
      plan: api resource rollout status text updates
      config: api monitoring resource
      endpoint: client config text
      scrape: memcached metrics rotation text
      exporter: api config endpoint memcached metrics monitoring resource rotation scrape text
      reconcile: api children credentials events exposure leader monitoring probe resource rollout rotation status text updates verification watches
      process: api config endpoint leader probe reconcile resource rollout watches
      cli: api config exposure memcached plan report resource status verify
      """;

  @ArchTest
  static void packagesUseThoseThatAreListed(JavaClasses classes) {
    Map<String, Set<String>> uses = new TreeMap<>();
    for (JavaClass of : classes) {
      Set<String> used = uses.computeIfAbsent(room(of), name -> new TreeSet<>());
      of.getDirectDependenciesFromSelf().stream()
          .map(dependency -> dependency.getTargetClass())
          .filter(target -> target.getPackageName().startsWith(ROOT))
          .map(LayersTest::room)
          .filter(target -> !target.equals(room(of)))
          .forEach(used::add);
    }
    // Main puts the process together.
    uses.remove("");
    assertThat(
            uses.entrySet().stream()
                .map(of -> (of.getKey() + ": " + String.join(" ", of.getValue())).strip()))
        .containsExactlyInAnyOrderElementsOf(USES.lines().toList());
  }

  private static String room(JavaClass of) {
    String name = of.getPackageName();
    return name.equals(ROOT) ? "" : name.substring(ROOT.length() + 1).split("\\.")[0];
  }

  @ArchTest
  static final ArchRule NO_CIRCLES = slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule PURE_PACKAGES_KNOW_NO_KUBERNETES =
      noClasses()
          .that()
          .resideInAnyPackage(
              ROOT + ".text..",
              ROOT + ".sasl..",
              ROOT + ".rotation..",
              ROOT + ".monitoring..",
              ROOT + ".memcached..",
              ROOT + ".metrics..",
              ROOT + ".verify..",
              ROOT + ".report..")
          .should()
          .dependOnClassesThat(resideInAnyPackage("io.fabric8..", "io.javaoperatorsdk.."));

  @ArchTest
  static final ArchRule DESIRED_STATE_AND_STATUS_ASK_NOBODY =
      noClasses()
          .that()
          .resideInAnyPackage(ROOT + ".resource..", ROOT + ".exposure..", ROOT + ".status..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                      "io.fabric8.kubernetes.client.dsl..", "io.javaoperatorsdk..", "java.net..")
                  .and(not(type(URLEncoder.class))));

  @ArchTest
  static final ArchRule METRICS_ARE_TEXT_FROM_STATISTICS =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".metrics..")
          .should()
          .dependOnClassesThat(resideInAnyPackage("java.net..", "java.nio..", "java.time.."));

  @ArchTest
  static final ArchRule NO_STATIC_MUTABLE_STATE = fields().that().areStatic().should().beFinal();

  @Test
  void sourceFilesAreShort() throws IOException {
    for (Path source : sources()) {
      assertThat(lines(source)).as("%s", source).isLessThanOrEqualTo(LONGEST);
    }
  }

  @Test
  void packagesAreSmall() throws IOException {
    Map<Path, Integer> byPackage =
        sources().stream()
            .filter(source -> !source.getParent().equals(SOURCES))
            .collect(
                Collectors.groupingBy(
                    source -> SOURCES.relativize(source).getName(0),
                    Collectors.summingInt(LayersTest::lines)));
    int all = byPackage.values().stream().mapToInt(Integer::intValue).sum();
    assertThat(byPackage)
        .isNotEmpty()
        .allSatisfy((name, lines) -> assertThat(lines).isLessThanOrEqualTo((int) (all * LARGEST)));
  }

  private static List<Path> sources() throws IOException {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      List<Path> sources = files.filter(file -> file.toString().endsWith(".java")).toList();
      assertThat(sources).isNotEmpty();
      return sources;
    }
  }

  private static int lines(Path source) {
    try {
      return Files.readAllLines(source).size();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
