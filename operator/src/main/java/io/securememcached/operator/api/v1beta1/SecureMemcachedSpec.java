package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;
import static java.util.Objects.requireNonNullElseGet;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.model.annotation.SpecReplicas;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The desired state. Each field's description names its unit, its default and the cost of a change.
 *
 * @param external null when absent, see {@link #externalAccess}
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = Sizes.MAX_ITEM_RULE,
    message = "maxItemSize exceeds half of cacheSize: raise cacheSize or lower maxItemSize",
    fieldPath = ".maxItemSize")
@ValidationRule(
    value = "self.maxConnections >= 16 + 5 * self.threads",
    message =
        "maxConnections must be at least 16 + 5 * threads, as memcached reserves 8 + 4 * threads and does not start with fewer; raise maxConnections or lower threads",
    fieldPath = ".maxConnections")
@ValidationRule(
    value = Sizes.DEBIAN_LIMIT_RULE,
    message =
        "resources.limits.memory is too small for the cache and its connections: with flavor Debian12 or Debian13 it must be at least cacheSize * 9/8 + 48Mi + maxConnections * 32Ki; raise or omit it (it is then computed), lower cacheSize or maxConnections, or accept the risk with resources.allowLowMemory",
    fieldPath = ".resources")
@ValidationRule(
    value = Sizes.OTHER_LIMIT_RULE,
    message =
        "resources.limits.memory is too small for the cache and its connections: with flavor CentOS7, or none, it must be at least cacheSize * 9/8 + maxItemSize * 40 + 24Mi + maxConnections * 32Ki; raise or omit it (it is then computed), lower cacheSize, maxItemSize or maxConnections, set image.flavor to Debian13, which needs 48Mi instead of maxItemSize * 40 + 24Mi, or accept the risk with resources.allowLowMemory",
    fieldPath = ".resources")
@ValidationRule(
    value = "!has(self.external) || self.listen == 'PodIP'",
    message =
        "external leads to servers that listen on their pod's address; set listen to PodIP, or remove external",
    fieldPath = ".external")
@ValidationRule(
    value = Sizes.MEMORY_REQUEST_RULE,
    message =
        "resources.requests.memory exceeds resources.limits.memory: lower it, or raise or omit the limit",
    fieldPath = ".resources")
public record SecureMemcachedSpec(
    @JsonPropertyDescription(
            "Number of servers, each with its own cache; clients distribute keys over those that key servers of their Secret lists. Key host leads to the first server alone. Default 1. 0 stops all servers and keeps the credentials. Scaling out restarts nothing; scaling in drops the cache of the servers with the highest numbers.")
        @Default("1")
        @Min(0)
        @Max(100)
        @SpecReplicas
        Integer replicas,
    @JsonPropertyDescription(
            "The memcached image. A change of flavor or reference restarts the servers one at a time, which empties their caches; pullPolicy and pullSecrets count from the next start.")
        @Default("{}")
        Image image,
    @JsonPropertyDescription(
            "TCP port of the servers and the Services (-p). Default 11211. A change restarts the servers one at a time.")
        @Default("11211")
        @Min(1024)
        @Max(65535)
        Integer port,
    @JsonPropertyDescription(
            "Where a server listens (-l). PodIP (default): on its pod's address, reachable for the source zones, and on 127.0.0.1 inside the pod, for kubectl port-forward. Loopback: on 127.0.0.1 inside the pod only, for first tests. A change restarts the servers one at a time.")
        @Default("PodIP")
        Listen listen,
    @JsonPropertyDescription(
            "Memory for items per server (-m), a whole number of Mi or Gi from 8Mi to 256Gi. Default 64Mi. A change restarts the servers one at a time.")
        @Default("64Mi")
        @ValidationRule(
            value = Sizes.CACHE_RULE,
            message =
                "cacheSize must be a whole number of Mi or Gi from 8Mi to 256Gi, such as 64Mi")
        @Size(max = 16)
        String cacheSize,
    @JsonPropertyDescription(
            "Maximum number of open connections of a server (-c), of which memcached 1.6 reserves 8 + 4 * threads for itself. Default 1024; at least 16 + 5 * threads. The nodes must allow a container that many open files, or the server exits at start. A change restarts the servers one at a time.")
        @Default("1024")
        @Min(1)
        @Max(65536)
        Integer maxConnections,
    @JsonPropertyDescription(
            "Worker threads of a server (-t). Default 4. A change restarts the servers one at a time.")
        @Default("4")
        @Min(1)
        @Max(64)
        Integer threads,
    @JsonPropertyDescription(
            "Size of the largest item (-I), a whole number of Ki or Mi from 1Mi to 128Mi, such as 1536Ki, at most half of cacheSize. Default 1Mi. A change restarts the servers one at a time.")
        @Default("1Mi")
        @ValidationRule(
            value = Sizes.ITEM_RULE,
            message =
                "maxItemSize must be a whole number of Ki or Mi from 1Mi to 128Mi, such as 1Mi")
        @Size(max = 16)
        String maxItemSize,
    @JsonPropertyDescription(
            "Log verbosity of a server: 0 errors at start only, 1 (default, -v) also that SASL is on, 2 (-vv) every command WITH ITS KEYS, for short debugging only, never with private data. A change restarts the servers one at a time.")
        @Default("1")
        @Min(0)
        @Max(2)
        Integer verbosity,
    @JsonPropertyDescription(
            "Logins for clients. Default: one user named after this resource. Each has its own Secret with a generated password. Adding or removing one restarts nothing. A user that leaves the list, and the default user once others are named, ends after rotation.overlap, not before; annotation securememcached.io/revoke.USER ends a login immediately. To keep the default user, list it by this resource's name.")
        @Size(max = 16)
        List<User> users,
    @JsonPropertyDescription(
            "When logins rotate, and how long the previous one stays valid. A rotation reaches running servers without a restart and without losing a key.")
        @Default("{}")
        RotationPolicy rotation,
    @JsonPropertyDescription(
            "What happens to the Secrets when this resource is deleted. Delete (default): they are deleted. Retain: they are kept, and a resource of the same name adopts them; also for namespaces that are backed up and restored.")
        @Default("Delete")
        DeletionPolicy deletionPolicy,
    @JsonPropertyDescription(
            "Whether this resource is protected against deletion: the API server rejects a delete until the field is false again. Enforced by the chart's admission policies (admissionPolicy.enabled); deleting the whole namespace or the CRD is not prevented. Default false. A change restarts nothing.")
        @Default("false")
        Boolean deletionProtection,
    @JsonPropertyDescription(
            "How the hardening of running servers is verified, and whether traffic depends on it.")
        @Default("{}")
        VerificationPolicy verification,
    @JsonPropertyDescription(
            "When servers restart for a change that needs it, and how fast one after another. A change restarts nothing.")
        @Default("{}")
        UpdatePolicy updates,
    @JsonPropertyDescription(
            "Clients that may connect, by zone, as with firewalld's source zones. Default: none. A change takes effect on running servers without a restart.")
        @Size(max = 64)
        @ValidationRule(
            value =
                "self.map(zone, has(zone.sources) ? zone.sources.filter(source, has(source.cidrsFrom)).size() : 0).sum() <= 8",
            message =
                "sourceZones has more than 8 sources with cidrsFrom; join lists in one ConfigMap key")
        List<SourceZone> sourceZones,
    @JsonPropertyDescription(
            "CPU and memory of a server. Memory request and limit default to cacheSize * 9/8 + maxConnections * 32Ki + REST, where REST is 48Mi for image.flavor Debian12 and Debian13 and maxItemSize * 40 + 24Mi for CentOS7; the limit is no lower than a given request. A change resizes running servers; they restart, one at a time, only where the cluster can't.")
        @Default("{}")
        Resources resources,
    @JsonPropertyDescription("Where servers may run. A change restarts the servers one at a time.")
        @Default("{}")
        Scheduling scheduling,
    @JsonPropertyDescription(
            "Labels and annotations of the servers' pods. A change applies to running servers; they restart, one at a time, only where the API server refuses it.")
        @Default("{}")
        PodMetadata pod,
    @JsonPropertyDescription("The Service that clients use.") @Default("{}") ServiceOptions service,
    @JsonPropertyDescription(
            "A private address for each server, for the clients outside of the cluster that the cidr sources of the zones name. Default: none. Needs listen: PodIP. There is no address without a zone with a cidr. A change restarts nothing; another provider, or the end of this field, ends connections through the addresses.")
        External external,
    @JsonPropertyDescription(
            "Labels of all objects that the operator creates for this resource, such as a cost center; the pods' labels are in pod. They never override the operator's own. A change restarts nothing.")
        @Size(max = 32)
        @ValidationRule(value = PodMetadata.RESERVED_RULE, message = PodMetadata.RESERVED_MESSAGE)
        Map<String, String> labels,
    @JsonPropertyDescription(
            "Annotations of all objects that the operator creates for this resource; the pods' annotations are in pod. A change restarts nothing.")
        @Size(max = 32)
        @ValidationRule(value = PodMetadata.RESERVED_RULE, message = PodMetadata.RESERVED_MESSAGE)
        @ValidationRule(value = ExposingAnnotations.RULE, message = ExposingAnnotations.MESSAGE)
        Map<String, String> annotations) {

  public SecureMemcachedSpec {
    replicas = requireNonNullElse(replicas, 1);
    image = requireNonNullElseGet(image, Image::defaults);
    port = requireNonNullElse(port, 11211);
    listen = requireNonNullElse(listen, Listen.PodIP);
    cacheSize = requireNonNullElse(cacheSize, "64Mi");
    maxConnections = requireNonNullElse(maxConnections, 1024);
    threads = requireNonNullElse(threads, 4);
    maxItemSize = requireNonNullElse(maxItemSize, "1Mi");
    verbosity = requireNonNullElse(verbosity, 1);
    users = Copies.of(users);
    rotation = requireNonNullElseGet(rotation, RotationPolicy::onRequest);
    deletionPolicy = requireNonNullElse(deletionPolicy, DeletionPolicy.Delete);
    deletionProtection = requireNonNullElse(deletionProtection, false);
    verification = requireNonNullElseGet(verification, VerificationPolicy::defaults);
    updates = requireNonNullElseGet(updates, UpdatePolicy::defaults);
    sourceZones = Copies.of(sourceZones);
    resources = requireNonNullElseGet(resources, Resources::none);
    scheduling = requireNonNullElseGet(scheduling, Scheduling::anywhere);
    pod = requireNonNullElseGet(pod, PodMetadata::none);
    service = requireNonNullElseGet(service, ServiceOptions::none);
    labels = Copies.of(labels);
    annotations = Copies.of(annotations);
  }

  /** The same with other zones. */
  public SecureMemcachedSpec withSourceZones(List<SourceZone> zones) {
    return new SecureMemcachedSpec(
        replicas,
        image,
        port,
        listen,
        cacheSize,
        maxConnections,
        threads,
        maxItemSize,
        verbosity,
        users,
        rotation,
        deletionPolicy,
        deletionProtection,
        verification,
        updates,
        zones,
        resources,
        scheduling,
        pod,
        service,
        external,
        labels,
        annotations);
  }

  /** The spec of a resource without fields. */
  public static SecureMemcachedSpec defaults() {
    return new SecureMemcachedSpec(
        null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
        null, null, null, null, null, null, null, null);
  }

  /** The addresses for clients outside of the cluster, if they are requested. */
  public Optional<External> externalAccess() {
    return Optional.ofNullable(external);
  }
}
