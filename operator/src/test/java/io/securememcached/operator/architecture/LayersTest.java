package io.securememcached.operator.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Dependencies go one way, as docs/architecture.md draws them. */
@AnalyzeClasses(packages = LayersTest.ROOT, importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {

  static final String ROOT = "io.securememcached.operator";

  /** Lines of a source file; a longer one does more than one thing. */
  private static final int LONGEST = 300;

  @ArchTest
  static final ArchRule LAYERS =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("text")
          .definedBy(ROOT + ".text..")
          .layer("api")
          .definedBy(ROOT + ".api..")
          .layer("sasl")
          .definedBy(ROOT + ".sasl..")
          .layer("rotation")
          .definedBy(ROOT + ".rotation..")
          .layer("memcached")
          .definedBy(ROOT + ".memcached..")
          .layer("verify")
          .definedBy(ROOT + ".verify..")
          .layer("report")
          .definedBy(ROOT + ".report..")
          .layer("resource")
          .definedBy(ROOT + ".resource..")
          .layer("exposure")
          .definedBy(ROOT + ".exposure..")
          .layer("status")
          .definedBy(ROOT + ".status..")
          .layer("reconcile")
          .definedBy(ROOT + ".reconcile..")
          .layer("app")
          .definedBy(ROOT + ".app..")
          .whereLayer("text")
          .mayNotAccessAnyLayer()
          .whereLayer("api")
          .mayOnlyAccessLayers("text")
          .whereLayer("sasl")
          .mayNotAccessAnyLayer()
          .whereLayer("rotation")
          .mayOnlyAccessLayers("api")
          .whereLayer("memcached")
          .mayOnlyAccessLayers("text")
          .whereLayer("verify")
          .mayOnlyAccessLayers("text", "memcached")
          .whereLayer("report")
          .mayOnlyAccessLayers("text", "verify")
          .whereLayer("resource")
          .mayOnlyAccessLayers("api", "sasl", "rotation")
          .whereLayer("exposure")
          .mayOnlyAccessLayers("text", "memcached", "api", "resource")
          .whereLayer("status")
          .mayOnlyAccessLayers(
              "text", "memcached", "api", "resource", "rotation", "verify", "exposure")
          .whereLayer("reconcile")
          .mayOnlyAccessLayers(
              "text",
              "api",
              "sasl",
              "rotation",
              "memcached",
              "verify",
              "resource",
              "exposure",
              "status")
          .whereLayer("app")
          .mayNotBeAccessedByAnyLayer();

  @ArchTest
  static final ArchRule PURE_PACKAGES_KNOW_NO_KUBERNETES =
      noClasses()
          .that()
          .resideInAnyPackage(
              ROOT + ".text..",
              ROOT + ".sasl..",
              ROOT + ".rotation..",
              ROOT + ".memcached..",
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
  static final ArchRule NO_STATIC_MUTABLE_STATE = fields().that().areStatic().should().beFinal();

  @Test
  void sourceFilesAreShort() throws IOException {
    try (Stream<Path> files = Files.walk(Guarded.ROOT.resolve("operator/src/main/java"))) {
      List<Path> sources = files.filter(file -> file.toString().endsWith(".java")).toList();
      assertThat(sources).isNotEmpty();
      for (Path source : sources) {
        assertThat(Files.readAllLines(source)).as("%s", source).hasSizeLessThanOrEqualTo(LONGEST);
      }
    }
  }
}
