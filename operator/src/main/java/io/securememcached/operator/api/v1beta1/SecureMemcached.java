package io.securememcached.operator.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;

/**
 * Memcached with SASL authentication, without UDP, and with access from named source zones only.
 */
@Group(SecureMemcached.GROUP)
@Version("v1beta1")
@ShortNames("smc")
// Else each object derives it from its kind, by twenty regular expressions.
@Plural("securememcacheds")
@ValidationRule(
    value =
        "size(self.metadata.name) <= 50 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
    message =
        "metadata.name must be at most 50 characters of a-z, 0-9 and '-', starting with a letter, as it is part of DNS names")
@ValidationRule(
    value = "self.metadata.name != 'securememcached-operator'",
    message =
        "metadata.name is reserved for the operator's own login, as a resource without users names its clients' login after itself; choose another name")
// Those that had the name before it was reserved can still be changed.
@ValidationRule(
    value = "self.metadata.name != 'securememcached-exporter' || oldSelf.hasValue()",
    optionalOldSelf = true,
    message =
        "metadata.name is reserved for the exporter's login, as a resource without users names its clients' login after itself; choose another name")
@AdditionalPrinterColumn(
    name = "Servers",
    jsonPath = ".status.readyServers",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "Cache",
    jsonPath = ".spec.cacheSize",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "Zones",
    jsonPath = ".status.zones",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "Proven",
    jsonPath = ".status.conditions[?(@.type==\"SASLEnforced\")].status",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "Ready",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "Reason",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason",
    type = AdditionalPrinterColumn.Type.STRING,
    priority = 1)
@AdditionalPrinterColumn(
    name = "Listen",
    jsonPath = ".spec.listen",
    type = AdditionalPrinterColumn.Type.STRING,
    priority = 1)
@AdditionalPrinterColumn(
    name = "Port",
    jsonPath = ".spec.port",
    type = AdditionalPrinterColumn.Type.INTEGER,
    priority = 1)
@AdditionalPrinterColumn(
    name = "Image",
    jsonPath = ".status.image",
    type = AdditionalPrinterColumn.Type.STRING,
    priority = 1)
@AdditionalPrinterColumn(
    name = "UpToDate",
    jsonPath = ".status.conditions[?(@.type==\"UpToDate\")].status",
    type = AdditionalPrinterColumn.Type.STRING,
    priority = 1)
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
public final class SecureMemcached
    extends CustomResource<SecureMemcachedSpec, SecureMemcachedStatus> implements Namespaced {

  /** The API group of this operator. */
  public static final String GROUP = "securememcached.io";

  private static final long serialVersionUID = 1L;

  /** Never null; see {@link #getUnreadable}. */
  @SuppressWarnings("serial") // The lists of List.copyOf are.
  private List<String> unreadable = List.of();

  /**
   * Fields of the spec that this operator version does not support, with their value, such as
   * {@code spec.listen: 'HostPort'}. The values are absent from {@link #getSpec}. Not part of the
   * API.
   */
  @JsonIgnore
  public List<String> getUnreadable() {
    return unreadable;
  }

  /** See {@link #getUnreadable}. */
  public void setUnreadable(List<String> unreadable) {
    this.unreadable = List.copyOf(unreadable);
  }

  /** Without managedFields, which are half of the JSON and not needed. */
  @Override
  @JsonIgnoreProperties("managedFields")
  public void setMetadata(ObjectMeta metadata) {
    super.setMetadata(metadata);
  }

  @Override
  protected SecureMemcachedSpec initSpec() {
    return SecureMemcachedSpec.defaults();
  }

  @Override
  protected SecureMemcachedStatus initStatus() {
    return SecureMemcachedStatus.empty();
  }
}
