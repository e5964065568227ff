package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.util.Map;
import java.util.TreeMap;

/** Labels and the rest of the metadata that all children share. */
public final class Labels {

  /** On every child; the operator's caches hold only objects that carry it. */
  public static final String MANAGED_BY = "app.kubernetes.io/managed-by";

  /**
   * On every child: the name of its resource. An own key, as GitOps tools claim objects with {@code
   * app.kubernetes.io/instance} and prune what they did not apply.
   */
  public static final String RESOURCE = "securememcached.io/resource";

  /**
   * On policies, which have no owner: the uid of their resource
   * (docs/adr/0022-policies-outlive-their-resource.md).
   */
  public static final String RESOURCE_UID = "securememcached.io/resource-uid";

  /** Value of {@link #MANAGED_BY}, and the field manager of all that the operator writes. */
  public static final String OPERATOR = "securememcached-operator";

  /** On the servers' pods: the name of their resource. Only the operator sets it. */
  public static final String SERVER_OF = "securememcached.io/server-of";

  /**
   * On a Secret that a user provides: the name of the resource that may read it. Its owner consents
   * by the label; a reference to the Secret in a resource is no consent.
   */
  public static final String LOGIN_FOR = "securememcached.io/login-for";

  /** On every child: what it is for. */
  static final String COMPONENT = "app.kubernetes.io/component";

  /**
   * On a ConfigMap with lists of CIDRs for source zones; its value does not matter. Its owner
   * consents by the label that resources of the namespace read it, and the operator caches no other
   * ConfigMap.
   */
  public static final String CIDRS = "securememcached.io/cidrs";

  /**
   * On a Secret of another namespace: the namespace of the resource that may copy a login into it.
   * Its owner consents by the label (docs/adr/0034-logins-in-other-namespaces.md).
   */
  public static final String COPY_FROM = "securememcached.io/copy-from";

  /**
   * Annotation of such a Secret: the name of the resource's Secret that is copied, where the two
   * names differ.
   */
  public static final String COPY_OF = "securememcached.io/copy-of";

  private Labels() {}

  /** Whether a Secret's label allows a resource of its namespace to read it. */
  public static boolean isLoginFor(SecureMemcached primary, HasMetadata secret) {
    Map<String, String> labels = secret.getMetadata().getLabels();
    return labels != null && Names.name(primary).equals(labels.get(LOGIN_FOR));
  }

  /** Selects the servers' pods: one label that users can't set through the resource. */
  public static Map<String, String> serverSelector(SecureMemcached primary) {
    return Map.of(SERVER_OF, Names.name(primary));
  }

  /** {@link #serverSelector} as text, for the scale subresource. */
  public static String serverSelectorText(SecureMemcached primary) {
    return SERVER_OF + "=" + Names.name(primary);
  }

  /** Whether an object has the operator's label, which nobody else may set. */
  public static boolean isOperators(HasMetadata object) {
    Map<String, String> labels = object.getMetadata().getLabels();
    return labels != null && OPERATOR.equals(labels.get(MANAGED_BY));
  }

  /** Whether an object carries the labels of a child of this resource. */
  public static boolean isChildOf(SecureMemcached primary, HasMetadata object) {
    return isOperators(object)
        && Names.name(primary).equals(object.getMetadata().getLabels().get(RESOURCE));
  }

  /** Whether the pods of a StatefulSet count as servers of a resource of this name. */
  public static boolean selectsServersOf(String name, StatefulSet set) {
    ObjectMeta pods = set.getSpec().getTemplate().getMetadata();
    return pods != null && pods.getLabels() != null && name.equals(pods.getLabels().get(SERVER_OF));
  }

  static Map<String, String> of(SecureMemcached primary, String component) {
    Map<String, String> labels = new TreeMap<>();
    labels.put("app.kubernetes.io/name", "memcached");
    labels.put(RESOURCE, Names.name(primary));
    labels.put(COMPONENT, component);
    labels.put("app.kubernetes.io/part-of", "securememcached");
    labels.put(MANAGED_BY, OPERATOR);
    return labels;
  }

  /**
   * Name, namespace, labels, annotations and the owner, so that the child is garbage-collected with
   * its resource. The user's labels never override the operator's own.
   */
  static ObjectMetaBuilder meta(SecureMemcached primary, String name, String component) {
    ObjectMeta owner = primary.getMetadata();
    return withoutOwner(primary, name, component)
        .addNewOwnerReference()
        .withApiVersion(primary.getApiVersion())
        .withKind(primary.getKind())
        .withName(owner.getName())
        .withUid(owner.getUid())
        .withController(true)
        .withBlockOwnerDeletion(true)
        .endOwnerReference();
  }

  /** Name, namespace, labels and annotations. */
  static ObjectMetaBuilder withoutOwner(SecureMemcached primary, String name, String component) {
    Map<String, String> labels = new TreeMap<>(primary.getSpec().labels());
    labels.putAll(of(primary, component));
    return new ObjectMetaBuilder()
        .withName(name)
        .withNamespace(primary.getMetadata().getNamespace())
        .withLabels(labels)
        .withAnnotations(new TreeMap<>(primary.getSpec().annotations()));
  }
}
