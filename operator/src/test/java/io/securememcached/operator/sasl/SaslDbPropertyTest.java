package io.securememcached.operator.sasl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** What holds for any entries and any damage. */
class SaslDbPropertyTest {

  @Property(tries = 300)
  void readsWhatItWrote(@ForAll("entries") List<SaslEntry> entries, @ForAll Random random) {
    List<SaslEntry> shuffled = new ArrayList<>(entries);
    Collections.shuffle(shuffled, random);
    byte[] file = SaslDb.write(entries);
    assertThat(SaslDb.read(file)).containsExactlyInAnyOrderElementsOf(entries);
    assertThat(SaslDb.write(shuffled)).isEqualTo(file);
  }

  /** So whether a file fits into a Secret can be told without writing it, as a rule. */
  @Property(tries = 300)
  void sizeIsBounded(@ForAll("entries") List<SaslEntry> entries) {
    byte[] file = SaslDb.write(entries);
    assertThat((long) file.length)
        .isBetween(3L * SaslDbToolsIT.pageSize(file), HashWriter.longest(SaslDb.pairs(entries)));
    assertThat(SaslDb.fits(entries, file.length)).isTrue();
    assertThat(SaslDb.fits(entries, file.length - 1)).isFalse();
  }

  /** A damaged byte may go unnoticed in a password, but never ends in anything but this. */
  @Property(tries = 2000)
  void damageIsNamedOrHarmless(
      @ForAll @IntRange(max = 3 * 512 - 1) int offset, @ForAll byte value) {
    byte[] file =
        SaslDb.write(
            List.of(new SaslEntry("sammy", "pod-0", "a"), new SaslEntry("sammy", "pod-1", "b")));
    file[offset] = value;
    assertThatCode(
            () -> {
              try {
                SaslDb.read(file);
              } catch (SaslDbFormatException e) {
                assertThat(e).hasMessageContaining(" at offset ");
              }
            })
        .doesNotThrowAnyException();
  }

  @Provide
  Arbitrary<List<SaslEntry>> entries() {
    Arbitrary<String> name =
        Arbitraries.oneOf(
            Arbitraries.strings()
                .withCharRange('a', 'z')
                .withChars("-.0")
                .ofMinLength(1)
                .ofMaxLength(40),
            Arbitraries.strings().withChars("äß漢字").ofMinLength(1).ofMaxLength(150));
    Arbitrary<String> password =
        Arbitraries.oneOf(
            Arbitraries.strings()
                .withCharRange('\u0001', '\u007f')
                .ofMinLength(1)
                .ofMaxLength(1024),
            Arbitraries.strings().withChars("äß漢字").ofMinLength(1).ofMaxLength(300));
    return Combinators.combine(name, name, password)
        .as(SaslEntry::new)
        .list()
        .uniqueElements(e -> e.user() + "@" + e.realm())
        .ofMaxSize(200);
  }
}
