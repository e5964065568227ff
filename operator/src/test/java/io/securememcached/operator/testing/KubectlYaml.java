package io.securememcached.operator.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Reads YAML as kubectl does: by YAML 1.1, in which {@code Off} is a boolean. fabric8 and Jackson
 * read it by other rules, by which a file is fine that no user could apply.
 */
public final class KubectlYaml {

  private static final ObjectMapper JSON = new ObjectMapper();

  private KubectlYaml() {}

  /** All documents of a text, without the empty ones. */
  public static List<JsonNode> documents(String text) {
    List<JsonNode> documents = new ArrayList<>();
    reader()
        .loadAll(text)
        .forEach(
            document -> {
              if (document != null) {
                documents.add(JSON.valueToTree(document));
              }
            });
    return documents;
  }

  /** The first document as JSON, for a library that reads YAML by other rules. */
  public static String json(String text) {
    return documents(text).getFirst().toString();
  }

  private static Yaml reader() {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    // Generated files are large.
    options.setCodePointLimit(16 << 20);
    return new Yaml(
        new WholeNumbers(options),
        new Representer(new DumperOptions()),
        new DumperOptions(),
        options,
        new TimesAreText());
  }

  /** As Go writes JSON: 1.5e9 is the number 1500000000, and only 1e21 has an exponent. */
  private static final class WholeNumbers extends SafeConstructor {

    private static final double LARGEST = 1e21;

    WholeNumbers(LoaderOptions options) {
      super(options);
      yamlConstructors.put(
          Tag.FLOAT,
          new ConstructYamlFloat() {
            @Override
            public Object construct(Node node) {
              double number = (double) super.construct(node);
              return Math.rint(number) == number && Math.abs(number) < LARGEST
                  ? new BigDecimal(number).toBigInteger()
                  : (Object) number;
            }
          });
    }
  }

  /** As kubectl's library: a time stays a string. */
  private static final class TimesAreText extends Resolver {
    @Override
    protected void addImplicitResolvers() {
      addImplicitResolver(Tag.BOOL, BOOL, "yYnNtTfFoO");
      addImplicitResolver(Tag.INT, INT, "-+0123456789");
      addImplicitResolver(Tag.FLOAT, FLOAT, "-+0123456789.");
      addImplicitResolver(Tag.MERGE, MERGE, "<");
      addImplicitResolver(Tag.NULL, NULL, "~nN\0");
      addImplicitResolver(Tag.NULL, EMPTY, null);
    }
  }
}
