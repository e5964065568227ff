package io.securememcached.operator.exposure;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectorsTest {

  /** Columns: a label {@code tier} that is absent, in the list, not in the list. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                                            | true  | true  | true
          {matchLabels: {}}                                             | true  | true  | true
          {matchExpressions: []}                                        | true  | true  | true
          {matchLabels: {tier: cache}}                                  | false | true  | false
          {matchLabels: {tier: cache, app: memcached}}                  | false | true  | false
          {matchLabels: {tier: cache, app: web}}                        | false | false | false
          {matchExpressions: [{key: tier, operator: In, values: [web, cache]}]}    | false | true  | false
          {matchExpressions: [{key: tier, operator: NotIn, values: [web, cache]}]} | true  | false | true
          {matchExpressions: [{key: tier, operator: Exists}]}           | false | true  | true
          {matchExpressions: [{key: tier, operator: DoesNotExist}]}     | true  | false | false
          {matchExpressions: [{key: tier, operator: Unheard}]}          | true  | true  | true
          {matchLabels: {app: web}, matchExpressions: [{key: tier, operator: Exists}]} | false | false | false
          {matchExpressions: [{key: tier, operator: Exists}, {key: tier, operator: NotIn, values: [cache]}]} | false | false | true
          """)
  void takesThePodsThatKubernetesTakes(
      String selector, boolean absent, boolean listed, boolean unlisted) {
    LabelSelector read = TestingCluster.read(selector, LabelSelector.class);

    assertThat(Selectors.matches(read, Map.of("app", "memcached"))).isEqualTo(absent);
    assertThat(Selectors.matches(read, Map.of("app", "memcached", "tier", "cache")))
        .isEqualTo(listed);
    assertThat(Selectors.matches(read, Map.of("app", "memcached", "tier", "other")))
        .isEqualTo(unlisted);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                       | false
          {app: memcached}         | true
          {app: web}               | false
          {app: memcached, tier: cache} | false
          """)
  void servicesWithoutASelectorTakeNothing(String selector, boolean taken) {
    Map<String, String> read =
        TestingCluster.read("selector: " + selector, ServiceSpec.class).getSelector();

    assertThat(Selectors.matchesService(read, Map.of("app", "memcached"))).isEqualTo(taken);
  }

  @Property
  void requirementsAddUp(
      @ForAll("selectors") LabelSelector one,
      @ForAll("selectors") LabelSelector two,
      @ForAll("labels") Map<String, String> labels) {
    LabelSelector both = new LabelSelector();
    both.setMatchExpressions(
        Stream.of(one, two).flatMap(part -> part.getMatchExpressions().stream()).toList());

    assertThat(Selectors.matches(both, labels))
        .isEqualTo(Selectors.matches(one, labels) && Selectors.matches(two, labels));
  }

  @Property
  void anOperatorAndItsOppositeTakeAllBetweenThem(
      @ForAll("keys") String key,
      @ForAll("values") List<String> values,
      @ForAll("labels") Map<String, String> labels) {
    assertThat(Selectors.matches(selector(key, "In", values), labels))
        .isNotEqualTo(Selectors.matches(selector(key, "NotIn", values), labels));
    assertThat(Selectors.matches(selector(key, "Exists", List.of()), labels))
        .isNotEqualTo(Selectors.matches(selector(key, "DoesNotExist", List.of()), labels));
  }

  @Property
  void aLabelIsAListOfOne(
      @ForAll("keys") String key, @ForAll("labels") Map<String, String> labels) {
    LabelSelector label = new LabelSelector();
    label.setMatchLabels(Map.of(key, "a"));

    assertThat(Selectors.matches(label, labels))
        .isEqualTo(Selectors.matches(selector(key, "In", List.of("a")), labels));
  }

  @Provide
  Arbitrary<String> keys() {
    return Arbitraries.of("app", "tier", "zone");
  }

  @Provide
  Arbitrary<List<String>> values() {
    return Arbitraries.of("a", "b", "c").list().uniqueElements().ofMinSize(1).ofMaxSize(3);
  }

  @Provide
  Arbitrary<Map<String, String>> labels() {
    return Arbitraries.maps(keys(), Arbitraries.of("a", "b", "c"));
  }

  @Provide
  Arbitrary<LabelSelector> selectors() {
    return Combinators.combine(
            keys(), Arbitraries.of("In", "NotIn", "Exists", "DoesNotExist"), values())
        .as(SelectorsTest::selector);
  }

  private static LabelSelector selector(String key, String operator, List<String> values) {
    LabelSelector selector = new LabelSelector();
    selector.getMatchExpressions().add(new LabelSelectorRequirement(key, operator, values));
    return selector;
  }
}
