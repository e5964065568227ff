package io.securememcached.operator.memory;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.deser.std.DelegatingDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.TreeTraversingParser;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;

/**
 * Reduces objects of lists and watches before they are cached, as anyone who may create objects of
 * a watched kind decides on their size. An object that is requested by name is left complete.
 */
public final class BoundedReading extends SimpleModule {

  private static final long serialVersionUID = 1;

  @Override
  public void setupModule(SetupContext context) {
    super.setupModule(context);
    context.addBeanDeserializerModifier(new Objects());
  }

  private static final class Objects extends BeanDeserializerModifier {

    private static final long serialVersionUID = 1;

    @Override
    public JsonDeserializer<?> modifyDeserializer(
        DeserializationConfig config, BeanDescription bean, JsonDeserializer<?> deserializer) {
      return HasMetadata.class.isAssignableFrom(bean.getBeanClass())
          ? new ObjectReader(deserializer)
          : deserializer;
    }
  }

  private static final class ObjectReader extends DelegatingDeserializer {

    private static final long serialVersionUID = 1;

    ObjectReader(JsonDeserializer<?> bean) {
      super(bean);
    }

    @Override
    protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> bean) {
      return new ObjectReader(bean);
    }

    @Override
    public Object deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      boolean isKept = isKept(parser);
      long from = parser.currentTokenLocation().getByteOffset();
      Object object = super.deserialize(parser, context);
      long to = parser.currentLocation().getByteOffset();
      return isKept && object instanceof HasMetadata read
          ? Payload.cut(read, from < 0 || to < 0 ? Long.MAX_VALUE : to - from)
          : object;
    }

    /** Whether this is an item of a list, or the object of a watch's event. */
    private static boolean isKept(JsonParser parser) {
      if (parser instanceof TreeTraversingParser) {
        return true;
      }
      JsonStreamContext parent = parser.getParsingContext().getParent();
      return parent != null && !parent.inRoot();
    }
  }
}
