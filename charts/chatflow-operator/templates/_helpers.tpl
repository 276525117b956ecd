{{/* Base of all names: the release's, with "chatflow" in it. */}}
{{- define "operator.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains "chatflow" .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-chatflow" .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "operator.controllerName" -}}
{{- printf "%s-controller" (include "operator.fullname" .) -}}
{{- end -}}

{{- define "operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* What finds the pods of a component; never changes within a release. Argument: (list . "controller") */}}
{{- define "operator.selectorLabels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "operator.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "operator.labels" -}}
{{- $root := index . 0 -}}
{{ include "operator.selectorLabels" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/part-of: chatflow
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Labels of pods: none that a new chart version changes without a new image. */}}
{{- define "operator.podLabels" -}}
{{ include "operator.selectorLabels" . }}
app.kubernetes.io/part-of: chatflow
{{- with (index . 0).Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/*
registry/repository:tag or @digest; registry and tag of the controller's image serve for all.
Argument: (list . .Values.prometheus.bundled.image)
*/}}
{{- define "operator.image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- with default $root.Values.image.registry $image.registry -}}{{ . }}/{{- end -}}
{{- $image.repository -}}
{{- if $image.digest -}}
@{{ $image.digest }}
{{- else -}}
:{{ coalesce $image.tag $root.Values.image.tag $root.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "operator.controllerName" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "operator.prometheusFullname" -}}
{{- printf "%s-prometheus" (include "operator.fullname" .) -}}
{{- end -}}

{{/* Where the controller asks: the given URL, else the bundled Prometheus, else nothing. */}}
{{- define "operator.prometheusUrl" -}}
{{- if .Values.prometheus.url -}}
{{- .Values.prometheus.url -}}
{{- else if .Values.prometheus.bundled.enabled -}}
{{- printf "http://%s.%s.svc:9090" (include "operator.prometheusFullname" .) .Release.Namespace -}}
{{- end -}}
{{- end -}}

{{/* Plural names of the kinds this chart brings, so that RBAC and CRDs cannot disagree. */}}
{{- define "operator.plurals" -}}
{{- $plurals := list -}}
{{- range $path, $_ := .Files.Glob "files/crds/*.yaml" -}}
{{- $crd := $.Files.Get $path | fromYaml -}}
{{- $plurals = append $plurals $crd.spec.names.plural -}}
{{- end -}}
{{- $plurals | sortAlpha | toJson -}}
{{- end -}}

{{/* What Pod Security "restricted" asks for, and a root file system nobody can write to. */}}
{{- define "operator.podSecurityContext" -}}
{{- $user := . -}}
runAsNonRoot: true
runAsUser: {{ $user }}
runAsGroup: {{ $user }}
fsGroup: {{ $user }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "operator.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* The default spread knows the pods of its own Deployment. Argument: (list . constraints component) */}}
{{- define "operator.topologySpread" -}}
{{- $root := index . 0 -}}
{{- range index . 1 }}
- {{ toYaml . | nindent 2 | trim }}
  {{- if not (hasKey . "labelSelector") }}
  labelSelector:
    matchLabels:
      {{- include "operator.selectorLabels" (list $root (index $ 2)) | nindent 6 }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* The port in a URL, or the scheme's own. */}}
{{- define "operator.portOfUrl" -}}
{{- $url := urlParse . -}}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" -}}
{{- if $port -}}{{ $port }}{{- else if eq $url.scheme "https" -}}443{{- else -}}80{{- end -}}
{{- end -}}
