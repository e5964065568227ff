package io.securememcached.operator.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.securememcached.operator.verify.CheckResult;
import io.securememcached.operator.verify.Outcome;
import java.util.Locale;

/** JSON for programs; fields are only added, never renamed. */
final class JsonReport {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private JsonReport() {}

  static String render(ResourceReport report) {
    ObjectNode root =
        MAPPER
            .createObjectNode()
            .put("namespace", report.namespace())
            .put("name", report.name())
            .put("time", report.time().toString())
            .put("outcome", Words.of(report.outcome()));
    for (Outcome outcome : Outcome.values()) {
      root.put(Words.of(outcome), report.count(outcome));
    }
    var servers = root.putArray("servers");
    report.servers().forEach(server -> add(servers.addObject(), server, report));
    try {
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree of texts and numbers is always JSON", e);
    }
  }

  private static void add(ObjectNode node, ServerReport server, ResourceReport report) {
    node.put("pod", server.pod())
        .put("address", server.address())
        .put("image", server.image())
        .put("distribution", server.distribution().name())
        .put("support", word(Words.support(server.distribution(), report.time())))
        .put("outcome", Words.of(server.outcome()));
    server.distribution().lastFixes().ifPresent(day -> node.put("lastFixes", day.toString()));
    server.notAsked().ifPresent(reason -> node.put("notAsked", reason));
    var checks = node.putArray("checks");
    server.results().forEach(result -> add(checks.addObject(), result));
  }

  private static void add(ObjectNode node, CheckResult result) {
    node.put("id", result.check().id())
        .put("byHand", result.check().byHand())
        .put("ran", result.check().ran())
        .put("expected", result.check().expected())
        .put("outcome", Words.of(result.outcome()))
        .put("evidence", result.evidence())
        .put("millis", result.took().toMillis());
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
