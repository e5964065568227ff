package io.securememcached.operator.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Whatever is said, what is shown is short, one line and printable. */
class QuotedTest {

  @Property
  void anythingIsShownShortAndPrintable(
      @ForAll String said, @ForAll @IntRange(min = 4, max = 500) int longest) {
    assertThat(Quoted.printable(said, longest))
        .hasSizeLessThanOrEqualTo(longest)
        .matches("[\\x20-\\x7e]*");
  }

  @Property
  void quotingTwiceChangesNothing(@ForAll String said) {
    Quoted once = Quoted.of(said);
    assertThat(Quoted.of(once.text())).isEqualTo(once);
  }

  @Example
  void ordinaryWordsStayAsTheyAre() {
    assertThat(Quoted.of("1.6.18").text()).isEqualTo("1.6.18");
    assertThat(Quoted.of("x".repeat(Quoted.LONGEST)).text()).hasSize(Quoted.LONGEST).endsWith("x");
  }

  @Example
  void whatIsCutOffIsSeen() {
    assertThat(Quoted.of("x".repeat(1_000_000)).text()).hasSize(Quoted.LONGEST).endsWith("x...");
    assertThat(Quoted.printable("\n".repeat(1_000_000) + "x", 10)).isEqualTo("...");
    assertThat(Quoted.printable("a\r\nb\u001b[2Jc\u202e", 80)).isEqualTo("a b [2Jc");
  }

  /** What somebody wrote into a status is cut when it is read, too. */
  @Example
  void readsAndWritesAsText() throws JsonProcessingException {
    ObjectMapper mapper = new ObjectMapper();
    assertThat(mapper.writeValueAsString(Quoted.of("1.6.18"))).isEqualTo("\"1.6.18\"");
    assertThat(mapper.readValue("\"" + "x".repeat(100_000) + "\"", Quoted.class).text())
        .hasSize(Quoted.LONGEST);
  }
}
