{{- define "smc.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "smc.fullname" -}}
{{- $name := include "smc.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "smc.serviceAccountName" -}}
{{- default (include "smc.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}

{{/* Never changes during the life of a release: servers let pods with these labels in, which are the operator's and the exporter's. */}}
{{- define "smc.releaseLabels" -}}
app.kubernetes.io/name: {{ include "smc.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* The same for a Deployment's selector, which is immutable. */}}
{{- define "smc.selectorLabels" -}}
{{ include "smc.releaseLabels" . }}
app.kubernetes.io/component: operator
{{- end -}}

{{- define "smc.exporterSelectorLabels" -}}
{{ include "smc.releaseLabels" . }}
app.kubernetes.io/component: exporter
{{- end -}}

{{- define "smc.exporterName" -}}
{{- printf "%s-exporter" (include "smc.fullname" . | trunc 54 | trimSuffix "-") -}}
{{- end -}}

{{- define "smc.labels" -}}
{{ include "smc.mergedLabels" (dict "root" . "component" "operator") }}
{{- end -}}

{{/* Keeps a pod out of Istio's ambient mesh: its node proxy accepts every connection before the server does, so checks would find every port open. Means nothing without Istio. */}}
{{- define "smc.meshLabels" -}}
istio.io/dataplane-mode: none
{{- end -}}

{{- define "smc.exporterLabels" -}}
{{ include "smc.mergedLabels" (dict "root" . "component" "exporter") }}
{{- end -}}

{{/* All labels of an object, each once: the chart's own before the object's values, and those before commonLabels. From a dict: root, component, and optionally labels, a map, and own, YAML. */}}
{{- define "smc.mergedLabels" -}}
{{- $own := dict
  "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_")
  "app.kubernetes.io/version" .root.Chart.AppVersion
  "app.kubernetes.io/part-of" "securememcached"
  "app.kubernetes.io/managed-by" .root.Release.Service
  "app.kubernetes.io/component" .component }}
{{- $labels := dict }}
{{- /* Not merge, for which an empty value is none. */}}
{{- range $source := list .root.Values.commonLabels (default dict .labels) (include "smc.releaseLabels" .root | fromYaml) $own (default "" .own | fromYaml) }}
{{- range $key, $value := $source }}
{{- $_ := set $labels $key $value }}
{{- end }}
{{- end }}
{{- toYaml $labels }}
{{- end -}}

{{/* Not the selector labels: the Service must not select the test's pod. */}}
{{- define "smc.testLabels" -}}
app.kubernetes.io/name: {{ include "smc.name" . | trunc 58 | trimSuffix "-" }}-test
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* A reference with the registry that global has in place of the project's own; others may not be there. From a dict: root, reference. */}}
{{- define "smc.mirrored" -}}
{{- $registry := .root.Values.global.imageRegistry -}}
{{- if and $registry (hasPrefix "ghcr.io/securememcached/" .reference) -}}
{{- printf "%s/%s" $registry (trimPrefix "ghcr.io/" .reference) -}}
{{- else -}}
{{- .reference -}}
{{- end -}}
{{- end -}}

{{- define "smc.image" -}}
{{- $repository := include "smc.mirrored" (dict "root" . "reference" .Values.image.repository) -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{/* The watched namespaces as a JSON list, OWN resolved; empty for all. */}}
{{- define "smc.namespaces" -}}
{{- $names := list -}}
{{- range .Values.watchNamespaces -}}
{{- $names = append $names (ternary $.Release.Namespace . (eq . "OWN")) -}}
{{- end -}}
{{- $names | uniq | toJson -}}
{{- end -}}

{{/* Whether OpenShift gives pods their user and group ids. */}}
{{- define "smc.platformUserIds" -}}
{{- if eq (toString .Values.openshift.enabled) "auto" -}}
{{- .Capabilities.APIVersions.Has "security.openshift.io/v1" -}}
{{- else -}}
{{- .Values.openshift.enabled -}}
{{- end -}}
{{- end -}}

{{/* The operator needs no capability, no root and no writable file system. */}}
{{- define "smc.podSecurityContext" -}}
runAsNonRoot: true
{{- if ne (include "smc.platformUserIds" .) "true" }}
runAsUser: 65532
runAsGroup: 65532
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "smc.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* CEL: whether the pods of the StatefulSet in this variable are confined to what a server needs. */}}
{{- define "smc.confinedServers" -}}
{{- $s := printf "%s.spec.template.spec" . -}}
{{ $s }}.?serviceAccountName.orValue("") == {{ . }}.metadata.name && !{{ $s }}.?automountServiceAccountToken.orValue(true) && !{{ $s }}.?hostNetwork.orValue(false) && !{{ $s }}.?hostPID.orValue(false) && !{{ $s }}.?hostIPC.orValue(false) && {{ $s }}.?volumes.orValue([]).all(v, has(v.secret) || has(v.configMap) || has(v.emptyDir) || has(v.downwardAPI)) && ({{ $s }}.containers + {{ $s }}.?initContainers.orValue([])).all(c, !c.?securityContext.?allowPrivilegeEscalation.orValue(true) && !c.?securityContext.?privileged.orValue(false))
{{- end -}}

{{/* CEL: whether the Service in this variable opens a server to nobody, or only to what a zone can name. */}}
{{- define "smc.closedService" -}}
size({{ . }}.spec.?externalIPs.orValue([])) == 0 && ({{ . }}.spec.type == "ClusterIP" || {{ . }}.spec.type == "LoadBalancer" && {{ . }}.spec.?externalTrafficPolicy.orValue("") == "Local" && {{ . }}.spec.?selector[?"statefulset.kubernetes.io/pod-name"].hasValue() && {{ . }}.spec.?selector[?"securememcached.io/server-of"].hasValue() && size({{ . }}.spec.?loadBalancerSourceRanges.orValue([])) > 0 && {{ . }}.spec.?loadBalancerSourceRanges.orValue([]).all(r, isCIDR(r) && (cidr(r).prefixLength() >= (cidr(r).ip().family() == 4 ? 8 : 16) || r.startsWith("fd") && cidr(r).prefixLength() >= 8 || r == "fc00::/7")))
{{- end -}}

{{/* CEL: whether the requesting account may act as an operator in this namespace. */}}
{{- define "smc.mayActAsOperator" -}}
authorizer.group("securememcached.io").resource("securememcacheds").subresource("status").namespace(request.namespace).check("patch").allowed()
{{- end -}}

{{/* The operator's permissions where it manages SecureMemcacheds: the verbs it uses, and no others. */}}
{{- define "smc.rules" -}}
# The operator reads the resources and writes only their status.
- apiGroups: [securememcached.io]
  resources: [securememcacheds]
  verbs: [list, watch]
- apiGroups: [securememcached.io]
  resources: [securememcacheds/status]
  verbs: [patch]
# Children block the deletion of their owner; the admission plugin OwnerReferencesPermissionEnforcement requires this permission then.
- apiGroups: [securememcached.io]
  resources: [securememcacheds/finalizers]
  verbs: [update]
# Children are written by server-side apply, which is patch, and create for a new object. get shows who owns an object with a child's name.
- apiGroups: [""]
  resources: [serviceaccounts]
  verbs: [get, list, watch, create, patch]
# update removes what was added to a child and what would expose a server. delete ends an address outside of the cluster.
- apiGroups: [""]
  resources: [services]
  verbs: [get, list, watch, create, patch, update, delete]
- apiGroups: [apps]
  resources: [statefulsets]
  verbs: [get, list, watch, create, patch, update]
# delete prunes what a change of the spec makes superfluous: a zone, a user, the budget of a single server. Everything else is garbage-collected with its owner.
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [get, list, watch, create, patch, update, delete]
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch, create, patch, delete]
# Lists of CIDRs for source zones. Only the metadata of ConfigMaps with label securememcached.io/cidrs is watched; the contents of those that a resource uses are requested by name.
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, list, watch]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch, delete]
# patch sets labels and annotations of a running pod: those of the spec, and one that triggers a volume refresh: the kubelet updates the sasldb within a second instead of a minute
# and a half. delete restarts a
# server, one at a time: the StatefulSet recreates it.
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch, patch, delete]
# The template that a pod was created from, with which the exposure audit compares one that waits for an update. Requested by name, once for each.
- apiGroups: [apps]
  resources: [controllerrevisions]
  verbs: [get]
# The exposure audit reads foreign objects and never changes them.
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [list, watch]
- apiGroups: [networking.k8s.io]
  resources: [ingresses]
  verbs: [list, watch]
- apiGroups: [gateway.networking.k8s.io]
  resources: [httproutes, grpcroutes, tcproutes, tlsroutes, udproutes]
  verbs: [list, watch]
# CPU and memory of a running server, without a restart.
- apiGroups: [""]
  resources: [pods/resize]
  verbs: [patch]
# The readiness gate of a server that passed its checks.
- apiGroups: [""]
  resources: [pods/status]
  verbs: [patch]
# list shows why Kubernetes creates no pods of a StatefulSet: the reason is in events only.
- apiGroups: [""]
  resources: [events]
  verbs: [create, list]
{{- end -}}

{{/* Who may read the metrics, as environment variables of the operator and of the exporter. */}}
{{- define "smc.metricsProtection" -}}
- name: METRICS_AUTHENTICATION
  value: {{ .Values.metrics.authentication | quote }}
{{- if .Values.metrics.tlsSecretName }}
- name: TLS_CERTIFICATE_FOLDER
  value: /certificate
{{- end }}
{{- end -}}

{{/* Where Prometheus' pods may read the metrics of the operator or of the exporter. */}}
{{- define "smc.metricsEndpoint" -}}
- port: metrics
  path: /metrics
  interval: {{ .Values.serviceMonitor.interval }}
  # The labels namespace and pod are those of a cache, not of the target.
  honorLabels: true
  {{- if .Values.metrics.authentication }}
  scheme: https
  {{- with .Values.serviceMonitor.tokenSecretName }}
  authorization:
    credentials:
      name: {{ . }}
      key: token
  {{- else }}
  bearerTokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token
  {{- end }}
  tlsConfig:
    {{- if .Values.metrics.tlsSecretName }}
    ca:
      secret:
        name: {{ .Values.metrics.tlsSecretName }}
        key: ca.crt
    serverName: {{ .host }}
    {{- else }}
    # A certificate that the process makes at its start can't be known.
    insecureSkipVerify: true
    {{- end }}
  {{- end }}
  {{- with .Values.serviceMonitor.relabelings }}
  relabelings: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.serviceMonitor.metricRelabelings }}
  metricRelabelings: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* Names of the Secrets with credentials for the registry; empty without any. */}}
{{- define "smc.imagePullSecrets" -}}
{{- $names := .Values.imagePullSecrets }}
{{- range .Values.global.imagePullSecrets }}
{{- if kindIs "map" . }}
{{- $names = append $names .name }}
{{- else }}
{{- $names = append $names . }}
{{- end }}
{{- end }}
{{- range $i, $name := uniq $names }}
{{- if $i }}
{{ end }}- name: {{ $name }}
{{- end }}
{{- end -}}

{{/* The update strategy with Kubernetes' defaults: what the API server sets itself has no owner, and Helm could not remove it for Recreate, beside which the API server refuses it. */}}
{{- define "smc.strategy" -}}
{{- $strategy := deepCopy .Values.strategy }}
{{- if not $strategy.type }}
{{- $_ := set $strategy "type" (ternary "RollingUpdate" "Recreate" (or .Values.leaderElection (not (empty .Values.strategy)))) }}
{{- end }}
{{- if eq $strategy.type "RollingUpdate" }}
{{- $rolling := dict "maxSurge" "25%" "maxUnavailable" "25%" }}
{{- /* Not merge, for which 0 is no value. */}}
{{- range $key, $value := default dict $strategy.rollingUpdate }}
{{- $_ := set $rolling $key $value }}
{{- end }}
{{- $_ := set $strategy "rollingUpdate" $rolling }}
{{- end }}
{{- toYaml $strategy }}
{{- end -}}

{{/* Where a pod of this chart runs, and before which others; may be empty. From a dict: root, affinity. */}}
{{- define "smc.placement" -}}
{{- $placement := dict }}
{{- range $field := list "nodeSelector" "tolerations" "priorityClassName" }}
{{- with index $.root.Values $field }}
{{- $_ := set $placement $field . }}
{{- end }}
{{- end }}
{{- with .affinity }}
{{- $_ := set $placement "affinity" . }}
{{- end }}
{{- with $placement }}
{{- toYaml . }}
{{- end }}
{{- end -}}

{{/* Constraints; one without a labelSelector counts the pods with these labels. From a dict: constraints, labels. */}}
{{- define "smc.topologySpread" -}}
{{- $ours := dict "labelSelector" (dict "matchLabels" (.labels | fromYaml)) }}
{{- range $i, $constraint := .constraints }}
{{- if $i }}
{{ end }}- {{ toYaml (ternary $constraint (merge (deepCopy $constraint) $ours) (hasKey $constraint "labelSelector")) | nindent 2 | trim }}
{{- end }}
{{- end -}}

{{/* The kubelet's probes of the health port. */}}
{{- define "smc.probes" -}}
startupProbe:
  httpGet:
    path: /readyz
    port: health
  periodSeconds: 1
  timeoutSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet:
    path: /livez
    port: health
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet:
    path: /readyz
    port: health
  periodSeconds: 5
  timeoutSeconds: 5
{{- end -}}

{{/* Who may connect to a metrics port. */}}
{{- define "smc.metricsPeers" -}}
# The pod of `helm test`.
- podSelector:
    matchLabels: {{- include "smc.testLabels" . | nindent 6 }}
{{- with .Values.metrics.from }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* A Role with its binding in each watched namespace, or a ClusterRole with its own for all. From a dict: root, name, labels, account, rules, and rulesOfAll, which are added to a ClusterRole. */}}
{{- define "smc.watchingRoles" -}}
{{- $of := . }}
{{- $namespaces := include "smc.namespaces" .root | fromJsonArray }}
{{- range $namespace := default (list "") $namespaces }}
{{- $prefix := ternary "" "Cluster" (ne $namespace "") }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $prefix }}Role
metadata:
  name: {{ $of.name }}
  {{- with $namespace }}
  namespace: {{ . }}
  {{- end }}
  labels: {{- $of.labels | nindent 4 }}
rules:
  {{- $of.rules | nindent 2 }}
  {{- if not $namespace }}
  {{- with $of.rulesOfAll }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- end }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $prefix }}RoleBinding
metadata:
  name: {{ $of.name }}
  {{- with $namespace }}
  namespace: {{ . }}
  {{- end }}
  labels: {{- $of.labels | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ $prefix }}Role
  name: {{ $of.name }}
subjects:
  - kind: ServiceAccount
    name: {{ $of.account }}
    namespace: {{ $of.root.Release.Namespace }}
{{- end }}
{{- end -}}

{{- define "smc.rulesOfAll" -}}
# Shows whether an operator in another namespace that manages a resource is still alive.
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [securememcached-operator]
  verbs: [get]
{{- end -}}

{{- define "smc.exporterRules" -}}
- apiGroups: [securememcached.io]
  resources: [securememcacheds]
  verbs: [list, watch]
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch]
{{- end -}}
