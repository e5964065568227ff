package io.securememcached.operator.app;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.deser.BeanDeserializerBuilder;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.deser.ContextualDeserializer;
import com.fasterxml.jackson.databind.deser.SettableBeanProperty;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks at a class of Kubernetes' model when a field of that type is first read. Jackson would look
 * at all classes that can be reached from a kind, hundreds from a pod, most of which never occur.
 */
final class LazyModel extends BeanDeserializerModifier {

  private static final long serialVersionUID = 1;

  @Override
  public BeanDeserializerBuilder updateBuilder(
      DeserializationConfig config, BeanDescription bean, BeanDeserializerBuilder builder) {
    List<SettableBeanProperty> properties = new ArrayList<>();
    builder.getProperties().forEachRemaining(properties::add);
    for (SettableBeanProperty property : properties) {
      if (!property.hasValueDeserializer()
          && ofModel(property.getType())
          && config.getAnnotationIntrospector().findUnwrappingNameTransformer(property.getMember())
              == null) {
        builder.addOrReplaceProperty(
            property.withValueDeserializer(new OnFirstUse(property.getType(), null)), true);
      }
    }
    return builder;
  }

  private static boolean ofModel(JavaType type) {
    JavaType content = type.isContainerType() ? type.getContentType() : type;
    return content.isTypeOrSubTypeOf(KubernetesResource.class);
  }

  private static final class OnFirstUse extends JsonDeserializer<Object>
      implements ContextualDeserializer {

    private final JavaType type;
    private final BeanProperty property;
    private volatile JsonDeserializer<Object> found;

    OnFirstUse(JavaType type, BeanProperty property) {
      this.type = type;
      this.property = property;
    }

    @Override
    public JsonDeserializer<?> createContextual(DeserializationContext context, BeanProperty of) {
      return new OnFirstUse(type, of);
    }

    @Override
    public Object deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      return found(context).deserialize(parser, context);
    }

    private JsonDeserializer<Object> found(DeserializationContext context)
        throws JsonMappingException {
      if (found == null) {
        found = context.findContextualValueDeserializer(type, property);
      }
      return found;
    }
  }
}
