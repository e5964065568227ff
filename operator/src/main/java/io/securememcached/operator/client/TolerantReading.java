package io.securememcached.operator.client;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.deser.DeserializationProblemHandler;
import com.fasterxml.jackson.databind.deser.ValueInstantiator;
import com.fasterxml.jackson.databind.deser.std.DelegatingDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import io.fabric8.kubernetes.api.model.Quantity;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedSpec;
import io.securememcached.operator.api.v1beta1.Sizes;
import io.securememcached.operator.api.v1beta1.Source;
import io.securememcached.operator.api.v1beta1.SourceZone;
import io.securememcached.operator.api.v1beta1.UpdatePolicy;
import io.securememcached.operator.api.v1beta1.UpdateWindow;
import io.securememcached.operator.text.Quoted;
import java.io.IOException;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Reads resources of a later version of this operator's CRD, so that one of them fails neither
 * itself nor its list. An unknown field is ignored. An unknown value is absent, too, and {@link
 * SecureMemcached#getUnreadable} names it: an absent value would otherwise be defaulted, and would
 * change servers.
 */
final class TolerantReading extends SimpleModule {

  private static final long serialVersionUID = 1;

  /** Attribute of a deserialization: the unreadable fields of the resource. */
  private static final Object UNREADABLE = new Object();

  private static final int LONGEST_VALUE = 60;

  @Override
  public void setupModule(SetupContext context) {
    super.setupModule(context);
    context.addBeanDeserializerModifier(new Resources());
    context.addDeserializationProblemHandler(new Absent());
    context.setMixInAnnotations(SecureMemcached.class, Copied.class);
    context.setMixInAnnotations(Quantity.class, Amount.class);
    // As the API server writes an empty list of metadata.
    context
        .configOverride(List.class)
        .setSetterInfo(JsonSetter.Value.forValueNulls(Nulls.AS_EMPTY));
  }

  /** A copy by writing and reading must not lose the unreadable fields. */
  private abstract static class Copied {

    @JsonIgnore(false)
    @JsonProperty
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    abstract List<String> getUnreadable();
  }

  @JsonDeserialize(using = AmountReader.class)
  private abstract static class Amount {}

  /** Kubernetes' own reader throws if there is no text, which fails the whole list. */
  private static final class AmountReader extends Quantity.Deserializer {

    @Override
    public Quantity deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      return parser.currentToken().isScalarValue() && !parser.getText().isEmpty()
          ? super.deserialize(parser, context)
          : (Quantity) context.handleUnexpectedToken(Quantity.class, parser);
    }
  }

  private static final class Resources extends BeanDeserializerModifier {

    private static final long serialVersionUID = 1;

    @Override
    public JsonDeserializer<?> modifyDeserializer(
        DeserializationConfig config, BeanDescription bean, JsonDeserializer<?> deserializer) {
      return bean.getBeanClass() == SecureMemcached.class
          ? new ResourceReader(deserializer)
          : deserializer;
    }
  }

  private static final class ResourceReader extends DelegatingDeserializer {

    private static final long serialVersionUID = 1;

    ResourceReader(JsonDeserializer<?> bean) {
      super(bean);
    }

    @Override
    protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> bean) {
      return new ResourceReader(bean);
    }

    @Override
    public Object deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      List<String> unreadable = new ArrayList<>();
      context.setAttribute(UNREADABLE, unreadable);
      try {
        SecureMemcached resource = (SecureMemcached) super.deserialize(parser, context);
        unreadable.addAll(resource.getUnreadable());
        check(resource.getSpec(), unreadable);
        resource.setUnreadable(unreadable.stream().distinct().sorted().toList());
        return resource;
      } finally {
        context.setAttribute(UNREADABLE, null);
      }
    }
  }

  /** Adds text values that this version can't parse. */
  private static void check(SecureMemcachedSpec spec, List<String> unreadable) {
    check("spec.cacheSize", spec.cacheSize(), Sizes::bytes, unreadable);
    check("spec.maxItemSize", spec.maxItemSize(), Sizes::bytes, unreadable);
    check(
        "spec.rotation.interval",
        spec.rotation().interval(),
        of -> spec.rotation().intervalDuration(),
        unreadable);
    check(
        "spec.rotation.overlap",
        spec.rotation().overlap(),
        of -> spec.rotation().overlapDuration(),
        unreadable);
    check(
        "spec.verification.interval",
        spec.verification().interval(),
        of -> spec.verification().intervalDuration(),
        unreadable);
    check(spec.updates(), unreadable);
    check("spec.resources.requests", spec.resources().requests(), unreadable);
    check("spec.resources.limits", spec.resources().limits(), unreadable);
    for (SourceZone zone : spec.sourceZones()) {
      if (zone != null && zone.sources().stream().anyMatch(TolerantReading::saysNothing)) {
        unreadable.add("spec.sourceZones: a source of zone '" + zone.name() + "'");
      }
    }
  }

  private static void check(UpdatePolicy updates, List<String> unreadable) {
    check("spec.updates.pause", updates.pause(), of -> updates.pauseDuration(), unreadable);
    for (int i = 0; i < updates.windows().size(); i++) {
      UpdateWindow window = updates.windows().get(i);
      String path = "spec.updates.windows." + i;
      check(path + ".start", window.start(), of -> window.startTime(), unreadable);
      check(path + ".duration", window.duration(), of -> window.openDuration(), unreadable);
    }
  }

  private static void check(String path, Map<String, Quantity> amounts, List<String> unreadable) {
    amounts.forEach(
        (name, amount) -> {
          if (amount != null) {
            check(
                path + "." + name,
                amount.toString(),
                of -> amount.getNumericalAmount(),
                unreadable);
          }
        });
  }

  private static void check(
      String path, String value, Consumer<String> read, List<String> unreadable) {
    try {
      read.accept(value);
    } catch (IllegalArgumentException | DateTimeException | ArithmeticException e) {
      unreadable.add(path + ": '" + value + "'");
    }
  }

  /** A source without a known field would allow everything. */
  private static boolean saysNothing(Source source) {
    return source == null
        || source.cidr().isEmpty()
            && source.podSelector() == null
            && source.namespaceSelector() == null
            && source.list().filter(list -> !list.configMap().isEmpty()).isEmpty();
  }

  /** Elsewhere a value of a wrong type remains an error. */
  private static final class Absent extends DeserializationProblemHandler {

    @Override
    public Object handleWeirdStringValue(
        DeserializationContext context, Class<?> type, String value, String message)
        throws IOException {
      return absent(context, context.getParser(), value);
    }

    @Override
    public Object handleWeirdNumberValue(
        DeserializationContext context, Class<?> type, Number value, String message)
        throws IOException {
      return absent(context, context.getParser(), value.toString());
    }

    @Override
    public Object handleUnexpectedToken(
        DeserializationContext context,
        JavaType type,
        JsonToken token,
        JsonParser parser,
        String message)
        throws IOException {
      return skipped(context, parser);
    }

    @Override
    public Object handleMissingInstantiator(
        DeserializationContext context,
        Class<?> type,
        ValueInstantiator instantiator,
        JsonParser parser,
        String message)
        throws IOException {
      return skipped(context, parser);
    }

    private static Object skipped(DeserializationContext context, JsonParser parser)
        throws IOException {
      Object absent = absent(context, parser, parser.getText());
      if (absent == null) {
        parser.skipChildren();
      }
      return absent;
    }

    private static Object absent(DeserializationContext context, JsonParser parser, String value) {
      if (!(context.getAttribute(UNREADABLE) instanceof List<?> found)) {
        return NOT_HANDLED;
      }
      @SuppressWarnings("unchecked")
      List<String> unreadable = (List<String>) found;
      String path = parser.getParsingContext().pathAsPointer().toString();
      int spec = path.indexOf("/spec");
      int status = path.indexOf("/status");
      // The operator rewrites the status, and does not depend on its old contents.
      if (spec >= 0 && (status < 0 || spec < status)) {
        unreadable.add(
            path.substring(spec + 1).replace('/', '.')
                + ": '"
                + Quoted.printable(value, LONGEST_VALUE)
                + "'");
      }
      return null;
    }
  }
}
