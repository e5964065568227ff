package io.securememcached.operator.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.verify.Check;
import io.securememcached.operator.verify.CheckResult;
import io.securememcached.operator.verify.Outcome;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class ReportTest {

  private static final String GOLDEN = "operator/src/test/resources/report/";
  private static final int CHECKS = Check.values().length;

  @ParameterizedTest
  @CsvSource({"table, table.txt", "guide, guide.txt", "json, report.json", "junit, junit.xml"})
  void looksAsItDid(String format, String file) throws IOException {
    Guarded.assertUpToDate(GOLDEN + file, Format.of(format).render(Samples.mixed(), 120));
  }

  @ParameterizedTest
  @CsvSource({
    "PASSED, PASSED, PASSED",
    "PASSED, UNKNOWN, UNKNOWN",
    "UNKNOWN, FAILED, FAILED",
    "FAILED, PASSED, FAILED"
  })
  void worstServerCounts(Outcome one, Outcome two, Outcome all) {
    assertThat(
            Samples.report(Samples.server("a", one, "seen"), Samples.server("b", two, "seen"))
                .outcome())
        .isEqualTo(all);
  }

  /** A check that no step has would be missing from the table. */
  @Test
  void guideHasEveryCheckOnce() {
    List<CheckResult> results = Samples.server("a", Outcome.PASSED, "seen").results();

    assertThat(GuideStep.of(results).stream().flatMap(step -> step.results().stream()))
        .containsExactlyInAnyOrderElementsOf(results);
  }

  @Test
  void failedCheckOfAStepIsShownAndCounts() {
    List<CheckResult> results =
        Arrays.stream(Check.values())
            .map(
                check ->
                    new CheckResult(
                        check,
                        check == Check.ANONYMOUS_REFUSED ? Outcome.FAILED : Outcome.PASSED,
                        check.id() + " seen",
                        Duration.ZERO))
            .toList();

    assertThat(GuideStep.of(results))
        .filteredOn(step -> step.outcome() != Outcome.PASSED)
        .singleElement()
        .extracting(GuideStep::byHand, GuideStep::seen)
        .containsExactly("mech_list: plain", "anonymous-refused seen");
  }

  @Test
  void resourceWithoutServersIsNotPassed() throws Exception {
    ResourceReport none = Samples.report();
    assertThat(none.outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(Format.TABLE.render(none, 120)).contains("0 passed").contains(Words.NO_SERVER);
    assertThat(new ObjectMapper().readTree(Format.JSON.render(none, 0)).at("/outcome").asText())
        .isEqualTo("unknown");
    assertThat(xml(none).getElementsByTagName("testcase").getLength()).isOne();
    assertThat(attributes(xml(none), "error", "message")).containsExactly(Words.NO_SERVER);
  }

  @Test
  void serverThatWasNotAskedIsNotPassed() {
    assertThat(Samples.mixed().servers().getLast().outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(Samples.mixed().servers().getLast().results()).hasSize(CHECKS);
  }

  /** A pipeline goes by the elements, and shows their messages. */
  @Test
  void junitTellsWhatFailedAndWhatIsUnknown() throws Exception {
    Document xml = xml(Samples.mixed());
    assertThat(xml.getElementsByTagName("testcase").getLength()).isEqualTo(3 * CHECKS);
    assertThat(attributes(xml, "failure", "message"))
        .containsExactly("0x00 [2J</failure>]]> & \"PLAIN\"");
    assertThat(attributes(xml, "error", "message"))
        .containsExactlyInAnyOrder(
            "no password was sent, as a wrong password was not rejected",
            "Pod not found; see the events of the StatefulSet.");
    assertThat(xml.getElementsByTagName("error").getLength()).isEqualTo(1 + CHECKS);
    assertThat(xml.getElementsByTagName("skipped").getLength()).isZero();
    Element root = xml.getDocumentElement();
    assertThat(root.getAttribute("tests")).isEqualTo(String.valueOf(3 * CHECKS));
    assertThat(root.getAttribute("failures")).isEqualTo("1");
    assertThat(root.getAttribute("errors")).isEqualTo(String.valueOf(1 + CHECKS));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 80, 81, 100, 120, 160, 1000})
  void tableKeepsItsWidthAndItsWords(int width) {
    String table = Format.TABLE.render(Samples.mixed(), width);
    assertThat(table).doesNotContain("\u001b");
    assertThat(table.lines().filter(line -> line.contains("-+-")))
        .hasSize(2 * (CHECKS + 1))
        .allMatch(line -> line.length() == Math.max(80, width));
    assertThat(table.lines().filter(line -> line.contains(" | ")))
        .allMatch(line -> line.length() <= Math.max(80, width));
    if (width >= 160) {
      // Wide enough for each word.
      assertThat(table).contains("unauthenticated-refused", "--servers=<address>;");
    }
  }

  @Test
  void wordLongerThanItsColumnIsCutNotLost() {
    String word = "x".repeat(200);
    String table =
        Format.TABLE.render(Samples.report(Samples.server("a", Outcome.PASSED, word)), 80);
    assertThat(table.chars().filter(c -> c == 'x').count()).isGreaterThanOrEqualTo(200L * CHECKS);
  }

  @Test
  void everyFieldOfTheJsonIsDescribed() throws IOException {
    Set<String> names = new TreeSet<>();
    collect(new ObjectMapper().readTree(Format.JSON.render(Samples.mixed(), 0)), names);
    String page = Files.readString(Guarded.ROOT.resolve("docs/verify.md"));
    assertThat(names).contains("notAsked", "evidence").allMatch(name -> page.contains("`" + name));
  }

  @Test
  void unknownFormatIsRefused() {
    assertThatThrownBy(() -> Format.of("xml"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid -o 'xml': expected one of table, guide, json, junit");
  }

  private static void collect(JsonNode node, Set<String> names) {
    node.fieldNames().forEachRemaining(names::add);
    node.forEach(child -> collect(child, names));
  }

  private static Document xml(ResourceReport report) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(
            new ByteArrayInputStream(
                Format.JUNIT.render(report, 0).getBytes(StandardCharsets.UTF_8)));
  }

  private static Set<String> attributes(Document xml, String element, String attribute) {
    Set<String> values = new TreeSet<>();
    var elements = xml.getElementsByTagName(element);
    for (int i = 0; i < elements.getLength(); i++) {
      values.add(((Element) elements.item(i)).getAttribute(attribute));
    }
    return values;
  }
}
