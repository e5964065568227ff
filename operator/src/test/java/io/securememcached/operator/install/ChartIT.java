package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What the chart renders. Needs Helm, which the testbed builds. */
class ChartIT {

  private static final String NAME = "securememcached-operator";
  private static final String EXPORTER = NAME + "-exporter";
  private static final String CRD = "securememcacheds.securememcached.io";

  /** What keeps the CRD, and so all caches of the cluster: for Helm, Argo CD and Flux. */
  private static final Map<String, String> KEPT =
      Map.of(
          "helm.sh/resource-policy", "keep",
          "argocd.argoproj.io/sync-options", "Prune=false,Delete=false",
          "kustomize.toolkit.fluxcd.io/prune", "disabled");

  private static final String HEADER =
      """
      # The chart charts/securememcached-operator with its defaults, for use without Helm. Generated: mvn test -Dupdate -Dtest=ChartIT
      apiVersion: v1
      kind: Namespace
      metadata:
        name: securememcached-system
        labels:
          app.kubernetes.io/instance: securememcached-operator
          app.kubernetes.io/part-of: securememcached
          pod-security.kubernetes.io/enforce: restricted
          pod-security.kubernetes.io/warn: restricted
      """;

  private static Helm helm;

  @BeforeAll
  static void findHelm() {
    helm = new Helm();
  }

  @Test
  void lintHasNothingToSay() {
    Helm.Result result = helm.lint(Chart.OPERATOR.folder(), Chart.CRDS.folder());
    assertThat(result.code()).as(result.output()).isZero();
    assertThat(result.output())
        .contains("2 chart(s) linted, 0 chart(s) failed")
        .doesNotContain("[WARNING]", "[ERROR]");
  }

  /** The counter-example: an icon that is no address. */
  @Test
  void lintFindsABadChart(@TempDir Path folder) throws IOException {
    String chart = Yaml.text(Chart.CRDS.folder() + "Chart.yaml");
    Files.writeString(
        folder.resolve("Chart.yaml"), chart.replaceFirst("icon: .*", "icon: docs/icon.svg"));
    assertThat(helm.lint(folder.toString()).code()).isNotZero();
  }

  /** Both charts ship the same CRD, and keep it. */
  @Test
  void crdIsTheSameInBothCharts() {
    Helm.Result result = helm.render(Chart.CRDS.folder(), "--set=commonLabels.team=shop");
    JsonNode crd = Yaml.find(Yaml.documents(result.output()), "CustomResourceDefinition", CRD);
    assertThat(crd.at("/spec"))
        .isEqualTo(object(List.of(), "CustomResourceDefinition", CRD).at("/spec"));
    assertThat(crd.at("/metadata/labels/team").asText()).isEqualTo("shop");
    assertThat(annotations(crd)).isEqualTo(KEPT);
    assertThat(
            annotations(
                Yaml.find(
                    Yaml.documents(helm.render(Chart.CRDS.folder(), "--set=keep=false").output()),
                    "CustomResourceDefinition",
                    CRD)))
        .isEmpty();
    assertThat(helm.render(Chart.CRDS.folder(), "--set=kept=false").code()).isNotZero();
    assertThat(helm.render(Chart.CRDS.folder(), "--set=keep=null").output())
        .contains("at '': missing property 'keep'");
  }

  /** The usual condition of a dependency is a value of the chart that it enables. */
  @ParameterizedTest
  @EnumSource
  void conditionOfADependencyIsAccepted(Chart chart) {
    Helm.Result result = helm.render(chart.folder(), "--set=enabled=true");
    assertThat(result.code()).as(result.output()).isZero();
    assertThat(helm.render(chart.folder(), "--set=enabled=yes,enable=true").output())
        .contains("additional properties 'enable' not allowed", "got string, want boolean");
  }

  @Test
  void installManifestIsTheRenderedChart() throws IOException {
    // Without the marks of Helm, which does not manage these objects then.
    String rendered =
        render("--skip-tests")
            .lines()
            .filter(
                line ->
                    !line.startsWith("# Source:")
                        && !line.contains("helm.sh/")
                        && !line.endsWith("app.kubernetes.io/managed-by: Helm"))
            .reduce("", (text, line) -> text + line + "\n");
    Guarded.assertUpToDate("install/install.yaml", HEADER + rendered);
  }

  @Test
  void crdStaysWhenTheReleaseGoes() {
    assertThat(annotations(object(List.of(), "CustomResourceDefinition", CRD))).isEqualTo(KEPT);
    assertThat(
            annotations(object(List.of("--set=crds.keep=false"), "CustomResourceDefinition", CRD)))
        .isEmpty();
  }

  /** Helm is not among those that manage these objects. */
  @Test
  void crdStaysWhenTheManifestLeavesARepository() {
    Map<String, String> kept = new TreeMap<>(KEPT);
    kept.remove("helm.sh/resource-policy");
    assertThat(
            annotations(
                Yaml.find(
                    Yaml.documents(Yaml.text("install/install.yaml")),
                    "CustomResourceDefinition",
                    CRD)))
        .isEqualTo(kept);
  }

  @Test
  void rightsAreGivenInTheWatchedNamespacesOnly() {
    List<JsonNode> objects =
        Yaml.documents(render("--set=watchNamespaces={OWN,shop},metrics.authentication=false"));
    assertThat(objects)
        .extracting(object -> object.at("/kind").asText())
        .doesNotContain("ClusterRole", "ClusterRoleBinding");
    for (String kind : List.of("Role", "RoleBinding")) {
      for (String name : List.of(NAME, EXPORTER)) {
        assertThat(objects)
            .filteredOn(object -> object.at("/kind").asText().equals(kind))
            .filteredOn(object -> object.at("/metadata/name").asText().equals(name))
            .extracting(object -> object.at("/metadata/namespace").asText())
            .containsExactly("securememcached-system", "shop");
      }
    }
    assertThat(environment(Yaml.find(objects, "Deployment", NAME), "WATCH_NAMESPACES"))
        .isEqualTo("securememcached-system,shop");
  }

  @Test
  void rolesForUsersCanBeHadInAnyCase() {
    assertThat(render("--set=watchNamespaces={shop}", "--set=userRoles.create=always"))
        .contains("aggregate-to-view", "aggregate-to-edit", "aggregate-to-admin");
    assertThat(render("--set=userRoles.create=never")).doesNotContain("aggregate-to");
  }

  /** The operator may not be allowed to do anything else there. */
  @Test
  void keyOfTheExporterIsInTheReleasesNamespace() {
    List<JsonNode> objects =
        Yaml.documents(render("--set=watchNamespaces={shop}", "--set=exporter.enabled=false"));
    for (String kind : List.of("Role", "RoleBinding")) {
      assertThat(
              Yaml.find(objects, kind, NAME + "-exporter-key").at("/metadata/namespace").asText())
          .as("also where the exporter is off: the operator deletes the key")
          .isEqualTo("securememcached-system");
    }
    assertThat(environment(Yaml.find(objects, "Deployment", NAME), "EXPORTER")).isEqualTo("false");
    assertThat(environment(Yaml.find(objects, "Deployment", NAME), "EXPORTER_KEY_ROTATION_DAYS"))
        .isEqualTo("30");
  }

  /**
   * So that Helm refuses a second release in the namespace: both would use one Lease and one key.
   */
  @Test
  void roleOfTheKeyHasTheSameNameInEveryRelease() {
    List<JsonNode> objects = Yaml.documents(render("--set=fullnameOverride=other"));
    for (String kind : List.of("Role", "RoleBinding")) {
      assertThat(Yaml.find(objects, kind, NAME + "-exporter-key").isMissingNode()).isFalse();
    }
    assertThat(
            Yaml.find(objects, "RoleBinding", NAME + "-exporter-key").at("/roleRef/name").asText())
        .isEqualTo(NAME + "-exporter-key");
  }

  @Test
  void severalReplicasGetABudget() {
    assertThat(object(List.of("--set=replicas=2"), "PodDisruptionBudget", NAME).isMissingNode())
        .isFalse();
    assertThat(object(List.of(), "PodDisruptionBudget", NAME).isMissingNode()).isTrue();
  }

  @Test
  void withoutALeaseTheOldPodGoesFirst() {
    List<String> off = List.of("--set=leaderElection=false");
    assertThat(object(off, "Deployment", NAME).at("/spec/strategy/type").asText())
        .isEqualTo("Recreate");
    assertThat(object(off, "Deployment", NAME).at("/spec/strategy/rollingUpdate").isMissingNode())
        .isTrue();
    assertThat(object(off, "Role", NAME + "-lease").isMissingNode()).isTrue();
  }

  /**
   * What a value leaves out has Kubernetes' default, so that no part has the API server as owner.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                                             | {"rollingUpdate":{"maxSurge":"25%","maxUnavailable":"25%"},"type":"RollingUpdate"}
          {"rollingUpdate":{"maxUnavailable":0}}                         | {"rollingUpdate":{"maxSurge":"25%","maxUnavailable":0},"type":"RollingUpdate"}
          {"type":"RollingUpdate","rollingUpdate":{"maxSurge":"50%"}}    | {"rollingUpdate":{"maxSurge":"50%","maxUnavailable":"25%"},"type":"RollingUpdate"}
          {"type":"Recreate"}                                            | {"type":"Recreate"}
          """)
  void strategyIsComplete(String value, String rendered) {
    assertThat(
            object(List.of("--set-json=strategy=" + value), "Deployment", NAME)
                .at("/spec/strategy")
                .toString())
        .isEqualTo(rendered);
  }

  @Test
  void digestTakesThePlaceOfTheTag() {
    String digest = "sha256:" + "a".repeat(64);
    JsonNode deployment = object(List.of("--set=image.digest=" + digest), "Deployment", NAME);
    assertThat(deployment.at("/spec/template/spec/containers/0/image").asText())
        .isEqualTo("ghcr.io/securememcached/operator@" + digest);
  }

  @Test
  void registryMayHaveAPort() {
    JsonNode deployment =
        object(
            List.of("--set=image.repository=registry.example.com:5000/operator,image.tag=v1"),
            "Deployment",
            NAME);
    assertThat(deployment.at("/spec/template/spec/containers/0/image").asText())
        .isEqualTo("registry.example.com:5000/operator:v1");
  }

  @Test
  void globalRegistryIsThatOfAllDefaultImages() {
    String mirror = "registry.example.com:5000/mirror";
    assertThat(images("--set=global.imageRegistry=" + mirror))
        .hasSize(6)
        .allSatisfy(image -> assertThat(image).startsWith(mirror + "/securememcached/"));
    assertThat(images("--set=global.imageRegistry=null,global.imagePullSecrets=null"))
        .hasSize(6)
        .allSatisfy(image -> assertThat(image).startsWith("ghcr.io/securememcached/"));
  }

  /** Also a digest of values-digests.yaml, which names the project's registry. */
  @Test
  void globalRegistryLeavesOtherReferencesAlone() {
    String digest = "@sha256:" + "a".repeat(64);
    assertThat(
            images(
                "--set=global.imageRegistry=mirror.example.com,image.repository=own.example.com/operator",
                "--set=images.centos7=ghcr.io/another/memcached:1",
                "--set=images.debian13=ghcr.io/securememcached/memcached" + digest))
        .containsOnly(
            "own.example.com/operator:" + Chart.OPERATOR.metadata().at("/appVersion").asText(),
            "ghcr.io/another/memcached:1",
            "mirror.example.com/securememcached/memcached:1.6.18-debian12",
            "mirror.example.com/securememcached/memcached" + digest);
  }

  /** Charts differ in the form of an entry. */
  @Test
  void globalPullSecretsAreAdded() {
    List<JsonNode> objects =
        Yaml.documents(
            render(
                "--set=imagePullSecrets={own,both}",
                "--set-json=global.imagePullSecrets=[{\"name\":\"object\"},\"text\",\"both\"]"));
    for (JsonNode pod :
        List.of(
            Yaml.find(objects, "Deployment", NAME).at("/spec/template"),
            Yaml.find(objects, "Deployment", EXPORTER).at("/spec/template"),
            Yaml.find(objects, "Pod", NAME + "-test"))) {
      assertThat(pod.at("/spec/imagePullSecrets").findValuesAsText("name"))
          .containsExactly("own", "both", "object", "text");
    }
  }

  @Test
  void onOpenShiftPodsNameNoIds() {
    for (String option :
        List.of("--set=openshift.enabled=true", "--api-versions=security.openshift.io/v1")) {
      JsonNode deployment = object(List.of(option), "Deployment", NAME);
      assertThat(deployment.at("/spec/template/spec/securityContext").fieldNames())
          .toIterable()
          .containsExactlyInAnyOrder("runAsNonRoot", "seccompProfile");
      assertThat(environment(deployment, "USER_IDS")).isEqualTo("platform");
    }
    for (List<String> options :
        List.of(
            List.<String>of(),
            List.of("--set=openshift.enabled=false", "--api-versions=security.openshift.io/v1"))) {
      JsonNode deployment = object(options, "Deployment", NAME);
      assertThat(deployment.at("/spec/template/spec/securityContext/runAsUser").asInt())
          .isEqualTo(65532);
      assertThat(environment(deployment, "USER_IDS")).isEqualTo("fixed");
    }
  }

  @Test
  void theOperatorsOwnPodsStayOutsideOfAMesh() {
    for (String name : List.of(NAME, EXPORTER)) {
      for (String mesh : List.of("None", "IstioAmbient")) {
        JsonNode labels =
            object(List.of("--set=mesh=" + mesh), "Deployment", name)
                .at("/spec/template/metadata/labels");
        assertThat(labels.at("/istio.io~1dataplane-mode").asText()).isEqualTo("none");
      }
    }
    assertThat(environment(object(List.of("--set=mesh=IstioAmbient"), "Deployment", NAME), "MESH"))
        .isEqualTo("IstioAmbient");
  }

  @Test
  void noImagesOfTheirOwnIsAnEmptyText() {
    assertThat(
            environment(
                object(List.of("--set-json=allowedImageReferences=[]"), "Deployment", NAME),
                "ALLOWED_IMAGE_REFERENCES"))
        .isEmpty();
  }

  @Test
  void serversImagesCanBeGivenByDigest() {
    String image = "registry.example/memcached:1@sha256:" + "a".repeat(64);
    assertThat(
            environment(
                object(List.of("--set=images.debian12=" + image), "Deployment", NAME),
                "MEMCACHED_IMAGE_DEBIAN12"))
        .isEqualTo(image);
  }

  @Test
  void intendedTrafficIsHandedOnAsJson() {
    JsonNode deployment =
        object(
            List.of(
                "--set-json=intendedTraffic=[{\"name\":\"a\",\"ingress\":[{\"ports\":[{\"port\":1}]}]}]"),
            "Deployment",
            NAME);
    assertThat(environment(deployment, "INTENDED_TRAFFIC"))
        .isEqualTo("[{\"ingress\":[{\"ports\":[{\"port\":1}]}],\"name\":\"a\"}]");
  }

  @Test
  void metricsAreClosedToAllButTheTestPod() {
    JsonNode rules = object(List.of(), "NetworkPolicy", NAME).at("/spec/ingress");
    JsonNode test = object(List.of(), "Pod", NAME + "-test");
    assertThat(rules).hasSize(1);
    assertThat(object(List.of(), "NetworkPolicy", EXPORTER).at("/spec/ingress/0/from"))
        .isEqualTo(rules.at("/0/from"));
    assertThat(rules.at("/0/from")).hasSize(1);
    assertSelects(rules.at("/0/from/0/podSelector/matchLabels"), test);
    assertThat(rules.at("/0/from/0/namespaceSelector").isMissingNode()).isTrue();
  }

  @Test
  void healthPortIsTheNodesAlone() {
    List<String> open = List.of("--set=metrics.from[0].namespaceSelector.matchLabels.x=y");
    JsonNode container = object(open, "Deployment", NAME).at("/spec/template/spec/containers/0");
    for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
      assertThat(container.at("/" + probe + "/httpGet/port").asText()).isEqualTo("health");
    }
    assertThat(object(open, "NetworkPolicy", NAME).findValuesAsText("port"))
        .containsExactly("8080");
    assertThat(object(open, "Service", NAME).findValuesAsText("targetPort"))
        .containsExactly("metrics");
  }

  @Test
  void prometheusIsSentToTheMetricsPort() {
    List<String> monitored =
        List.of(
            "--set=serviceMonitor.enabled=true,metrics.port=9000",
            "--set=metrics.from[0].podSelector.matchLabels.app=prometheus");
    for (String name : List.of(NAME, EXPORTER)) {
      String port = name.equals(NAME) ? "9000" : "9150";
      JsonNode monitor = object(monitored, "ServiceMonitor", name);
      JsonNode service = object(monitored, "Service", name);
      assertThat(service.at("/spec/ports/0/name")).isEqualTo(monitor.at("/spec/endpoints/0/port"));
      assertThat(service.at("/spec/ports/0/port").asText()).isEqualTo(port);
      assertThat(monitor.at("/spec/selector/matchLabels")).isEqualTo(service.at("/spec/selector"));
      assertThat(object(monitored, "NetworkPolicy", name).findValuesAsText("port"))
          .containsExactly(port);
      assertThat(monitor.at("/spec/endpoints/0/scheme").asText()).isEqualTo("https");
    }
  }

  @Test
  void eachServiceSelectsItsOwnPods() {
    for (String name : List.of(NAME, EXPORTER)) {
      JsonNode deployment = object(List.of(), "Deployment", name);
      JsonNode selector = deployment.at("/spec/selector/matchLabels");
      assertThat(object(List.of(), "Service", name).at("/spec/selector")).isEqualTo(selector);
      assertThat(selector.at("/app.kubernetes.io~1component").asText())
          .isEqualTo(name.equals(NAME) ? "operator" : "exporter");
      assertThat(deployment.at("/spec/template/metadata/labels").properties())
          .containsAll(selector.properties());
    }
  }

  /** Servers let the operator in by two labels, and so the exporter. */
  @Test
  void exporterHasTheLabelsThatServersLetIn() {
    for (String label : List.of("name", "instance")) {
      String path = "/spec/template/metadata/labels/app.kubernetes.io~1" + label;
      assertThat(object(List.of(), "Deployment", EXPORTER).at(path))
          .isEqualTo(object(List.of(), "Deployment", NAME).at(path));
    }
  }

  /** One Secret, by its name; and no right to change anything. */
  @Test
  void exporterReadsNoSecretButItsKey() {
    List<JsonNode> rules =
        Yaml.documents(render()).stream()
            .filter(object -> object.at("/metadata/name").asText().startsWith(EXPORTER))
            // The operator's.
            .filter(object -> !object.at("/metadata/name").asText().equals(EXPORTER + "-key"))
            .flatMap(object -> object.at("/rules").valueStream())
            .toList();
    assertThat(rules).isNotEmpty();
    assertThat(rules)
        .filteredOn(rule -> rule.at("/resources").toString().contains("secrets"))
        .singleElement()
        .satisfies(
            rule ->
                assertThat(rule.at("/resourceNames").toString())
                    .isEqualTo("[\"securememcached-exporter\"]"));
    assertThat(rules)
        .flatExtracting(rule -> rule.at("/verbs").valueStream().map(JsonNode::asText).toList())
        .containsOnly("get", "list", "watch");
  }

  @Test
  void givenCertificateIsServedAndTrusted() {
    List<String> given =
        List.of(
            "--set=metrics.tlsSecretName=certificate,serviceMonitor.enabled=true",
            "--set=metrics.from[0].podSelector.matchLabels.app=prometheus");
    for (String name : List.of(NAME, EXPORTER)) {
      JsonNode deployment = object(given, "Deployment", name);
      assertThat(environment(deployment, "TLS_CERTIFICATE_FOLDER"))
          .isEqualTo(
              deployment.at("/spec/template/spec/containers/0/volumeMounts/0/mountPath").asText());
      assertThat(deployment.at("/spec/template/spec/volumes/0/secret/secretName").asText())
          .isEqualTo("certificate");
      JsonNode tls = object(given, "ServiceMonitor", name).at("/spec/endpoints/0/tlsConfig");
      assertThat(tls.at("/ca/secret/name").asText()).isEqualTo("certificate");
      assertThat(tls.at("/serverName").asText()).isEqualTo(name + ".securememcached-system.svc");
    }
  }

  @Test
  void withoutAuthenticationNobodyIsAskedForARight() {
    List<String> off = List.of("--set=metrics.authentication=false");
    assertThat(render(off.getFirst())).doesNotContain("tokenreviews", "metrics-reader");
    for (String name : List.of(NAME, EXPORTER)) {
      assertThat(environment(object(off, "Deployment", name), "METRICS_AUTHENTICATION"))
          .isEqualTo("false");
    }
  }

  @Test
  void exporterHasItsTimeout() {
    assertThat(
            environment(
                object(List.of("--set=exporter.scrapeTimeoutMillis=60000"), "Deployment", EXPORTER),
                "SCRAPE_TIMEOUT_MILLIS"))
        .isEqualTo("60000");
  }

  @Test
  void exporterCanBeLeftOut() {
    // What is left is the operator's right to delete the key.
    assertThat(Yaml.documents(render("--set=exporter.enabled=false")))
        .extracting(object -> object.at("/metadata/name").asText())
        .filteredOn(name -> name.startsWith(EXPORTER))
        .containsOnly(EXPORTER + "-key");
  }

  /** The namespace of a metric is its resource's; without this, Prometheus renames it. */
  @Test
  void labelsOfMetricsAreKept() {
    assertThat(endpoint(NAME, "").at("/honorLabels").asBoolean()).isTrue();
  }

  /** As the example has it, which PrometheusOperatorRun runs. */
  @Test
  void tokenOfPrometheusMayBeInASecret() {
    JsonNode example =
        Yaml.find(
                Yaml.documents(Yaml.text("examples/monitoring/pod-monitor.yaml")),
                "PodMonitor",
                "securememcached-exporter")
            .at("/spec/podMetricsEndpoints/0/authorization");
    String secret = example.at("/credentials/name").asText();
    for (String name : List.of(NAME, EXPORTER)) {
      JsonNode file = endpoint(name, "");
      assertThat(file.has("bearerTokenFile")).isTrue();
      assertThat(file.has("authorization")).isFalse();
      JsonNode endpoint = endpoint(name, ",serviceMonitor.tokenSecretName=" + secret);
      assertThat(endpoint.at("/authorization")).isEqualTo(example);
      assertThat(endpoint.has("bearerTokenFile")).isFalse();
      assertThat(
              endpoint(
                      name,
                      ",metrics.authentication=false,serviceMonitor.tokenSecretName=" + secret)
                  .has("authorization"))
          .isFalse();
    }
  }

  @Test
  void relabelingsAreThoseOfBothMonitors() {
    for (String name : List.of(NAME, EXPORTER)) {
      JsonNode endpoint =
          endpoint(
              name,
              ",serviceMonitor.relabelings[0].targetLabel=cluster"
                  + ",serviceMonitor.metricRelabelings[0].action=labeldrop");
      assertThat(endpoint.at("/relabelings").toString())
          .isEqualTo("[{\"targetLabel\":\"cluster\"}]");
      assertThat(endpoint.at("/metricRelabelings").toString())
          .isEqualTo("[{\"action\":\"labeldrop\"}]");
      assertThat(endpoint(name, "").has("relabelings")).isFalse();
    }
  }

  @Test
  void ruleHasTheAlertsOfTheFile() {
    JsonNode rule =
        object(
            List.of("--set=prometheusRule.enabled=true,prometheusRule.labels.release=prometheus"),
            "PrometheusRule",
            NAME);
    assertThat(rule.at("/metadata/labels/release").asText()).isEqualTo("prometheus");
    assertThat(rule.at("/spec"))
        .isEqualTo(Yaml.documents(Yaml.text(Helm.CHART + "/files/alerts.yaml")).getFirst());
    assertThat(object(List.of(), "PrometheusRule", NAME).isMissingNode()).isTrue();
  }

  @Test
  void alertsCanBeLeftOut() {
    List<String> all = alerts("--set=prometheusRule.enabled=true");
    assertThat(
            alerts(
                "--set=prometheusRule.enabled=true,prometheusRule.disabled={SecureMemcachedExporterDown}"))
        .hasSize(all.size() - 1)
        .isSubsetOf(all)
        .doesNotContain("SecureMemcachedExporterDown");
    assertThat(alerts("--set=prometheusRule.enabled=true,exporter.enabled=false"))
        .as("without an exporter it would always fire")
        .hasSize(all.size() - 1)
        .doesNotContain("SecureMemcachedExporterDown");
  }

  @Test
  void dashboardIsTheFile() {
    JsonNode map =
        object(
            List.of("--set=dashboard.enabled=true,dashboard.annotations.grafana_folder=Caches"),
            "ConfigMap",
            NAME + "-dashboard");
    assertThat(map.at("/metadata/labels/grafana_dashboard").asText()).isEqualTo("1");
    assertThat(map.at("/metadata/annotations/grafana_folder").asText()).isEqualTo("Caches");
    assertThat(map.at("/data/securememcached.json").asText().strip())
        .isEqualTo(Yaml.text(Helm.CHART + "/files/dashboard.json").strip());
    assertThat(object(List.of(), "ConfigMap", NAME + "-dashboard").isMissingNode()).isTrue();
  }

  /** A post-renderer, such as Flux', refuses a key that is twice in a map; so does this parser. */
  @Test
  void specificLabelWinsOverTheCommonOne() {
    List<JsonNode> objects =
        Yaml.documents(
            render(
                "--set=commonLabels.team=common,podLabels.team=pod,dashboard.enabled=true",
                "--set=serviceMonitor.enabled=true,serviceMonitor.labels.team=monitor",
                "--set=prometheusRule.enabled=true,prometheusRule.labels.team=rule",
                "--set=dashboard.labels.team=dashboard",
                "--set=commonLabels.rbac\\.authorization\\.k8s\\.io/aggregate-to-view=no",
                "--set=metrics.from[0].podSelector.matchLabels.app=prometheus"));
    String team = "/metadata/labels/team";
    JsonNode operator = Yaml.find(objects, "Deployment", NAME);
    assertThat(operator.at(team).asText()).isEqualTo("common");
    assertThat(operator.at("/spec/template" + team).asText()).isEqualTo("pod");
    assertThat(Yaml.find(objects, "Deployment", EXPORTER).at("/spec/template" + team).asText())
        .isEqualTo("common");
    for (String name : List.of(NAME, EXPORTER)) {
      assertThat(Yaml.find(objects, "ServiceMonitor", name).at(team).asText()).isEqualTo("monitor");
    }
    assertThat(Yaml.find(objects, "PrometheusRule", NAME).at(team).asText()).isEqualTo("rule");
    assertThat(Yaml.find(objects, "ConfigMap", NAME + "-dashboard").at(team).asText())
        .isEqualTo("dashboard");
    assertThat(
            Yaml.find(objects, "ClusterRole", NAME + "-view")
                .at("/metadata/labels/rbac.authorization.k8s.io~1aggregate-to-view")
                .asText())
        .as("the chart's own")
        .isEqualTo("true");
  }

  /** An empty value is a value. */
  @Test
  void specificLabelMayBeEmpty() {
    List<String> options =
        List.of("--set=commonLabels.team=common", "--set-string=podLabels.team=");
    assertThat(
            object(options, "Deployment", NAME)
                .at("/spec/template/metadata/labels/team")
                .textValue())
        .isEmpty();
  }

  /** It runs where the operator runs, or it is not run at all. */
  @Test
  void testPodIsPlacedAsTheOperators() {
    List<JsonNode> objects =
        Yaml.documents(
            render(
                "--set=nodeSelector.disk=fast,tolerations[0].key=infra,priorityClassName=high",
                "--set=affinity.nodeAffinity.x=y,image.pullPolicy=Always",
                "--set=commonLabels.team=shop,podAnnotations.note=a,podAnnotations.helm\\.sh/hook=no"));
    JsonNode test = Yaml.find(objects, "Pod", NAME + "-test");
    JsonNode operator = Yaml.find(objects, "Deployment", NAME).at("/spec/template");
    for (String field : List.of("nodeSelector", "tolerations", "affinity", "priorityClassName")) {
      assertThat(test.at("/spec/" + field))
          .as(field)
          .isNotIn(MissingNode.getInstance())
          .isEqualTo(operator.at("/spec/" + field));
    }
    assertThat(test.at("/spec/containers/0/imagePullPolicy").asText()).isEqualTo("Always");
    assertThat(test.at("/metadata/labels/team").asText()).isEqualTo("shop");
    assertThat(test.at("/metadata/annotations/note").asText()).isEqualTo("a");
    assertThat(test.at("/metadata/annotations/helm.sh~1hook").asText()).isEqualTo("test");
    assertThat(test.at("/metadata/labels").properties())
        .as("a Service or a zone would take it for the operator")
        .doesNotContainAnyElementsOf(
            operator.at("/metadata/labels").properties().stream()
                .filter(label -> label.getKey().equals("app.kubernetes.io/name"))
                .toList());
  }

  /** What keeps operators apart would keep the other pods off all their nodes. */
  @Test
  void onlyOperatorsKeepAwayFromOthers() {
    List<String> apart =
        List.of(
            "--set-json=affinity.podAntiAffinity={\"a\":\"b\"}",
            "--set-json=affinity.podAffinity={\"c\":\"d\"}");
    List<String> near = new ArrayList<>(apart);
    near.add("--set-json=affinity.nodeAffinity={\"e\":\"f\"}");
    String affinity = "/spec/template/spec/affinity";
    assertThat(object(near, "Deployment", NAME).at(affinity)).hasSize(3);
    assertThat(object(near, "Deployment", EXPORTER).at(affinity).toString())
        .isEqualTo("{\"nodeAffinity\":{\"e\":\"f\"}}");
    assertThat(object(near, "Pod", NAME + "-test").at("/spec/affinity").toString())
        .isEqualTo("{\"nodeAffinity\":{\"e\":\"f\"}}");
    assertThat(object(apart, "Deployment", EXPORTER).at(affinity).isMissingNode()).isTrue();

    near.add("--set-json=exporter.affinity={\"podAffinity\":{\"g\":\"h\"}}");
    assertThat(object(near, "Deployment", EXPORTER).at(affinity).toString())
        .as("in place of the operator's")
        .isEqualTo("{\"podAffinity\":{\"g\":\"h\"}}");
  }

  @Test
  void testPodGetsThroughANarrowPolicy() {
    String from = "--set=metrics.from[0].podSelector.matchLabels.app=prometheus";
    JsonNode policy = object(List.of(from), "NetworkPolicy", NAME);
    JsonNode test = object(List.of(from), "Pod", NAME + "-test");
    assertSelects(policy.at("/spec/ingress/0/from/0/podSelector/matchLabels"), test);
    assertThat(policy.at("/spec/ingress/0/from/1/podSelector/matchLabels/app").asText())
        .isEqualTo("prometheus");
  }

  /** As docs/install.md says. */
  @Test
  void notesNameEachPinnedImage() {
    String image = "registry.example.com/mirror/memcached:1.6.45-debian13";
    String digest = "sha256:" + "a".repeat(64);
    assertThat(helm.notes("--set=images.debian13=" + image, "--set=image.digest=" + digest))
        .contains(
            "an upgrade that reuses the values keeps them",
            "\n  image: ghcr.io/securememcached/operator@" + digest + "\n",
            "\n  images.debian13: " + image + "\n")
        .doesNotContain("images.debian12", "images.centos7");
    assertThat(helm.notes("--set=image.repository=registry.example.com/mirror/operator"))
        .as("its tag is the chart's")
        .doesNotContain("reuses the values", "image:");
  }

  /** After the CRD or the operator has gone, nothing prunes the NetworkPolicies. */
  @Test
  void notesDeleteResourcesBeforeTheOperator() {
    Matcher link = Pattern.compile("/blob/main/(docs/install.md)#uninstall$").matcher(helm.notes());
    assertThat(link.find()).isTrue();
    assertThat(Yaml.text(link.group(1))).contains("\n## Uninstall\n");
    assertThat(helm.notes())
        .contains("delete the SecureMemcacheds before you uninstall")
        .doesNotContain("delete crd");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --set=replica=2                             | additional properties 'replica' not allowed
          --set=image.name=x                          | additional properties 'name' not allowed
          --set=watchNamespaces={Shop}                | watchNamespaces
          --set=logLevel=loud                         | logLevel
          --set=images.debian12=a b                   | images/debian12
          --set=images.debian12=a@sha256:b            | images/debian12
          --set=allowedImageReferences={a b}          | allowedImageReferences
          --set=intendedTraffic[0].names=a            | additional properties 'names' not allowed
          --set=openshift.enabled=maybe               | openshift/enabled
          --set=podLabels.app\\.kubernetes\\.io/name=x | app.kubernetes.io/name
          --set=replicas=2,leaderElection=false       | two operators would act at the same time
          --set=exporter.keyRotationDays=0            | exporter/keyRotationDays
          --set=serviceMonitor.enabled=true           | serviceMonitor.enabled requires metrics.from
          --set=healthPort=8080                       | healthPort and metrics.port are equal
          --set=prometheusRule.enabled=true,prometheusRule.disabled={SecureMemcachedDown} | there is no alert SecureMemcachedDown
          --set=dashboard.labels.helm\\.sh/x=y         | helm.sh/x
          --set=healthPort=9150                       | healthPort and exporter.port are equal
          --set=exporter.replica=2                    | additional properties 'replica' not allowed
          --set=networkPolicy.from[0].podSelector.x=y | additional properties 'from' not allowed
          --set=exporter.scrapeTimeoutMillis=5        | exporter/scrapeTimeoutMillis
          --set-json=global.imagePullSecrets=[{}]     | global/imagePullSecrets
          --set=image.repository=reg/op:v1            | image/repository
          --set=podAnnotations=null                   | at '': missing property 'podAnnotations'
          --set=strategy=null                         | at '': missing property 'strategy'
          --set=crds.keep=null                        | at '/crds': missing property 'keep'
          --set=admissionPolicy.enabled=null          | at '/admissionPolicy': missing property 'enabled'
          --set=leaderElection=null                   | at '': missing property 'leaderElection'
          --set=networkPolicy=null                    | at '': missing property 'networkPolicy'
          """)
  void mistakesAreRefusedByName(String option, String message) {
    Helm.Result result = helm.template(option);
    assertThat(result.code()).isNotZero();
    assertThat(result.output()).contains(message);
  }

  private static String render(String... options) {
    Helm.Result result = helm.template(options);
    assertThat(result.code()).as(result.output()).isZero();
    return result.output();
  }

  private static JsonNode object(List<String> options, String kind, String name) {
    return Yaml.find(Yaml.documents(render(options.toArray(String[]::new))), kind, name);
  }

  private static void assertSelects(JsonNode matchLabels, JsonNode pod) {
    assertThat(matchLabels.properties())
        .isNotEmpty()
        .isSubsetOf(pod.at("/metadata/labels").properties());
  }

  /** Of a ServiceMonitor, with further values. */
  private static JsonNode endpoint(String name, String values) {
    return object(
            List.of(
                "--set=serviceMonitor.enabled=true" + values,
                "--set=metrics.from[0].podSelector.matchLabels.app=prometheus"),
            "ServiceMonitor",
            name)
        .at("/spec/endpoints/0");
  }

  /** Of the pods of operator, exporter and test, and of the three flavors. */
  private static List<String> images(String... options) {
    List<JsonNode> objects = Yaml.documents(render(options));
    JsonNode operator = Yaml.find(objects, "Deployment", NAME);
    return List.of(
        operator.at("/spec/template/spec/containers/0/image").asText(),
        Yaml.find(objects, "Deployment", EXPORTER)
            .at("/spec/template/spec/containers/0/image")
            .asText(),
        Yaml.find(objects, "Pod", NAME + "-test").at("/spec/containers/0/image").asText(),
        environment(operator, "MEMCACHED_IMAGE_CENTOS7"),
        environment(operator, "MEMCACHED_IMAGE_DEBIAN12"),
        environment(operator, "MEMCACHED_IMAGE_DEBIAN13"));
  }

  private static List<String> alerts(String option) {
    return object(List.of(option), "PrometheusRule", NAME).findValuesAsText("alert");
  }

  private static Map<String, String> annotations(JsonNode object) {
    return object.at("/metadata/annotations").properties().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().asText()));
  }

  private static String environment(JsonNode deployment, String variable) {
    return deployment
        .at("/spec/template/spec/containers/0/env")
        .valueStream()
        .filter(entry -> entry.at("/name").asText().equals(variable))
        .findFirst()
        .orElseThrow()
        .at("/value")
        .asText();
  }
}
