package io.securememcached.operator.install;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cel.bundle.Cel;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.SimpleType;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import io.securememcached.operator.status.Health;
import io.securememcached.operator.status.Reason;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.luaj.vm2.Globals;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.lib.jse.JsePlatform;

/** The health checks in examples/gitops: how they are generated, and what they say. */
public final class HealthChecks {

  /** Argo CD's settings. */
  static final String ARGO_CD = "examples/gitops/argo-cd/health.yaml";

  /** Flux' Kustomization. */
  static final String FLUX = "examples/gitops/flux/caches.yaml";

  private static final String KEY =
      "resource.customizations.health.securememcached.io_SecureMemcached";
  private static final String BEGIN =
      "  # Generated from the reasons that the operator knows; GitOpsTest keeps it so.\n";

  private HealthChecks() {}

  /** {@link #ARGO_CD}. */
  static String argoCd() {
    return """
    # Generated from the reasons that the operator knows; GitOpsTest keeps it so.
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: argocd-cm
      namespace: argocd
      labels:
        app.kubernetes.io/name: argocd-cm
        app.kubernetes.io/part-of: argocd
    data:
      %s: |
        local progressing = {%s}
        local health = {status = "Progressing", message = "The operator has not observed this generation yet"}
        local conditions = obj.status ~= nil and obj.status.conditions or {}
        for _, condition in ipairs(conditions) do
          if condition.type == "Ready" and condition.observedGeneration == obj.metadata.generation then
            health.message = condition.message
            if condition.status == "True" then
              health.status = "Healthy"
            elseif condition.status == "False" and not progressing[condition.reason] then
              health.status = "Degraded"
            end
          end
        end
        return health
    """
        .formatted(
            KEY, progressing().map(name -> name + " = true").collect(Collectors.joining(", ")));
  }

  /** {@link #FLUX}, with the generated end of a file that a person wrote otherwise. */
  static String flux(String file) {
    return file.substring(0, file.indexOf(BEGIN))
        + BEGIN
        + """
          healthCheckExprs:
            - apiVersion: securememcached.io/v1beta1
              kind: SecureMemcached
              failed: >-
                has(status.conditions) && status.conditions.exists(c, c.type == 'Ready' && c.observedGeneration == metadata.generation
                && c.status == 'False' && !(c.reason in [%s]))
              current: >-
                has(status.conditions) && status.conditions.exists(c, c.type == 'Ready' && c.observedGeneration == metadata.generation
                && c.status == 'True')
        """
            .formatted(
                progressing().map(name -> "'" + name + "'").collect(Collectors.joining(", ")));
  }

  private static Stream<String> progressing() {
    return Arrays.stream(Reason.values())
        .filter(reason -> reason.health() == Health.PROGRESSING)
        .map(Reason::name);
  }

  /** What Argo CD makes of a resource: its Lua script, run. */
  public static String argoCd(JsonNode resource) {
    String script = Yaml.documents(Yaml.text(ARGO_CD)).getFirst().at("/data").get(KEY).asText();
    Globals globals = JsePlatform.standardGlobals();
    globals.set("obj", lua(resource));
    return globals.load(script).call().get("status").checkjstring();
  }

  /**
   * What Flux makes of a resource: its expressions, evaluated in the order that Flux documents,
   * after it has compared the generations.
   */
  public static String flux(JsonNode resource) {
    JsonNode observed = resource.at("/status/observedGeneration");
    if (!observed.isMissingNode() && !observed.equals(resource.at("/metadata/generation"))) {
      return "InProgress";
    }
    JsonNode checks =
        Yaml.find(Yaml.documents(Yaml.text(FLUX)), "Kustomization", "caches")
            .at("/spec/healthCheckExprs/0");
    if (isTrue(checks.at("/failed").asText(), resource)) {
      return "Failed";
    }
    return isTrue(checks.at("/current").asText(), resource) ? "Current" : "InProgress";
  }

  private static boolean isTrue(String expression, JsonNode resource) {
    Cel cel =
        CelFactory.standardCelBuilder()
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addVar("metadata", SimpleType.DYN)
            .addVar("status", SimpleType.DYN)
            .build();
    try {
      return (Boolean)
          cel.createProgram(cel.compile(expression).getAst())
              .eval(
                  Map.of(
                      "metadata", fields(resource.at("/metadata")),
                      "status", fields(resource.at("/status"))));
    } catch (CelValidationException | CelEvaluationException e) {
      throw new IllegalStateException(expression, e);
    }
  }

  /** CEL knows whole numbers of 64 bits only. */
  private static Object fields(JsonNode node) {
    if (node.isObject()) {
      return node.properties().stream()
          .collect(Collectors.toMap(Map.Entry::getKey, field -> fields(field.getValue())));
    }
    if (node.isArray()) {
      return node.valueStream().map(HealthChecks::fields).toList();
    }
    if (node.isBoolean()) {
      return node.asBoolean();
    }
    return node.isNumber() ? (Object) node.asLong() : node.asText();
  }

  private static LuaValue lua(JsonNode node) {
    if (node.isObject()) {
      LuaTable table = new LuaTable();
      node.properties().forEach(field -> table.set(field.getKey(), lua(field.getValue())));
      return table;
    }
    if (node.isArray()) {
      LuaTable table = new LuaTable();
      node.valueStream().forEach(item -> table.insert(0, lua(item)));
      return table;
    }
    if (node.isNumber()) {
      return LuaValue.valueOf(node.asDouble());
    }
    return node.isBoolean() ? LuaValue.valueOf(node.asBoolean()) : LuaValue.valueOf(node.asText());
  }
}
