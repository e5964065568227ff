package io.securememcached.operator.status;

import static java.util.regex.Pattern.CASE_INSENSITIVE;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a user can set where Kubernetes rejects an object: a quota, a LimitRange, a policy. Policies
 * have free texts, so the advice is a guess by their words, and is said beside the text itself.
 */
public final class RejectionAdvice {

  /** Before it is the name of a policy, which says nothing about its reason. */
  private static final Pattern START = Pattern.compile("denied (?:the )?request: ");

  private static final Pattern MISSING_FOR_QUOTA =
      Pattern.compile("failed quota: \\S+: must specify ([a-z.,-]+)");

  private static final Pattern EXCEEDED_QUOTA = Pattern.compile("exceeded quota: ([^,\\s]+)");

  private static final Pattern LIMIT_RANGE =
      Pattern.compile("(minimum|maximum) (cpu|memory|ephemeral-storage) usage per");

  private static final Pattern RATIO =
      Pattern.compile("(cpu|memory|ephemeral-storage) max limit to request ratio per");

  /** The first whose words are found counts. */
  private record Rule(Pattern words, String advice) {

    Rule(String words, String advice) {
      this(Pattern.compile(words, CASE_INSENSITIVE), advice);
    }
  }

  private static final List<Rule> RULES =
      List.of(
          new Rule("match these scopes|priority ?class", "Set spec.scheduling.priorityClassName"),
          new Rule(
              "security context constraint|runAs(?:User|Group)|fsGroup|supplementalGroups|\\b(?:user|group) ids?\\b",
              "Set the chart value openshift.enabled, or grant the SCC nonroot-v2, see docs/install.md#openshift"),
          new Rule(
              "liveness(?!, readiness, or)",
              "Exempt the servers in that policy, as they have no liveness probe: a restart empties the cache"),
          new Rule("topology ?spread", "Set spec.scheduling.topologySpreadConstraints"),
          new Rule("affinity", "Set spec.scheduling.affinity"),
          new Rule("nodeSelector", "Set spec.scheduling.nodeSelector"),
          new Rule("\\blabels?\\b", "Set spec.labels and spec.pod.labels"),
          new Rule("\\bannotations?\\b", "Set spec.annotations and spec.pod.annotations"),
          new Rule("pull ?policy", "Set spec.image.pullPolicy"),
          new Rule(
              "\\bimages?\\b|registry|registries|\\brepositor(?:y|ies)\\b",
              "Set spec.image.reference, or the chart values images"),
          new Rule("LoadBalancer|NodePort", "Remove spec.external"),
          new Rule("\\bcpu\\b.*\\blimit|\\blimits?\\W{1,3}cpu", "Set spec.resources.limits.cpu"),
          new Rule("\\bcpu\\b|\\bmemory\\b|\\bresources?\\b|\\blimits?\\b", "Set spec.resources"));

  private RejectionAdvice() {}

  /** The API server's message with the advice, where it rejects a child. */
  public static String added(Reason reason, String said) {
    return reason != Reason.ChildRejected
        ? said
        : of(said).map(way -> said + ". " + way + ", or change what rejects it").orElse(said);
  }

  /**
   * What to do, as a clause without a full stop; empty if the text has no known word.
   *
   * @param said by the API server
   */
  static Optional<String> of(String said) {
    String[] parts = START.split(said, 2);
    String reason = parts[parts.length - 1];
    return find(MISSING_FOR_QUOTA, reason)
        .map(found -> "Set " + fields(found.group(1).split(",")))
        .or(
            () ->
                find(EXCEEDED_QUOTA, reason)
                    .map(
                        found ->
                            "Lower spec.replicas, spec.cacheSize or spec.resources, or have quota %s raised"
                                .formatted(found.group(1))))
        .or(
            () ->
                find(LIMIT_RANGE, reason)
                    .map(
                        found ->
                            "Set spec.resources.%s.%s within the bounds of 'kubectl describe limitrange'"
                                .formatted(
                                    found.group(1).equals("minimum") ? "requests" : "limits",
                                    found.group(2))))
        .or(
            () ->
                find(RATIO, reason)
                    .map(
                        found ->
                            "Set "
                                + fields("requests." + found.group(1), "limits." + found.group(1))))
        .or(
            () ->
                RULES.stream()
                    .filter(rule -> rule.words().matcher(reason).find())
                    .map(Rule::advice)
                    .findFirst());
  }

  private static Optional<MatchResult> find(Pattern pattern, String text) {
    return pattern.matcher(text).results().findFirst();
  }

  private static String fields(String... amounts) {
    return Arrays.stream(amounts)
        .map(amount -> "spec.resources." + (amount.contains(".") ? amount : "requests." + amount))
        .collect(Collectors.joining(" and "));
  }
}
