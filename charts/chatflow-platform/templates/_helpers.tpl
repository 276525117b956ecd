{{/* Name of a component's objects. One platform per namespace needs no prefix. Argument: (list . "redis") */}}
{{- define "platform.name" -}}
{{- printf "%s%s" (index . 0).Values.namePrefix (index . 1) -}}
{{- end -}}

{{/* What finds the pods of a component; never changes within a release. Argument: (list . "redis") */}}
{{- define "platform.selectorLabels" -}}
app.kubernetes.io/name: {{ index . 1 }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
{{- end -}}

{{- define "platform.labels" -}}
{{- $root := index . 0 -}}
{{ include "platform.selectorLabels" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/part-of: chatflow
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Labels of pods: none that a new chart version changes, or every upgrade would restart the databases. */}}
{{- define "platform.podLabels" -}}
{{ include "platform.selectorLabels" . }}
app.kubernetes.io/part-of: chatflow
{{- with (index . 0).Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Registry, tag and pull policy of `image` serve for all. Argument: (list . .Values.redis.image) */}}
{{- define "platform.image" -}}
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

{{- define "platform.secretName" -}}
{{- default (include "platform.name" (list . "chatflow-credentials")) .Values.credentials.existingSecret -}}
{{- end -}}

{{/* What Pod Security "restricted" asks for. Argument: the numeric user. */}}
{{- define "platform.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "platform.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Settings that hold for the pods of every component. Argument: (list . component-values) */}}
{{- define "platform.podSettings" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $component.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $component.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $component.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $component.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Refuses more pods than PostgreSQL has connections for. */}}
{{- define "platform.checkConnections" -}}
{{- if .Values.postgres.enabled -}}
{{- /* Connections of a pod; those of worker and socket are fixed. Ten are left for people and migrations. */}}
{{- $pools := dict "chatServer" .Values.chatServer.postgresPoolSize -}}
{{- if .Values.worker.enabled }}{{ $_ := set $pools "worker" 2 }}{{ end -}}
{{- if .Values.socket.enabled }}{{ $_ := set $pools "socket" 4 }}{{ end -}}
{{- $most := 10 -}}
{{- $parts := list -}}
{{- range $name, $pool := $pools -}}
{{- $component := index $.Values $name -}}
{{- /* A rollout has one pod more. */}}
{{- $pods := add 1 (ternary $component.scaling.maxReplicas $component.replicas $component.scaling.enabled) -}}
{{- $most = add $most (mul $pods $pool) -}}
{{- $parts = append $parts (printf "%d pods of %s with %d" $pods $name (int $pool)) -}}
{{- end -}}
{{- if gt $most (int64 .Values.postgres.maxConnections) -}}
{{- fail (printf "%s may need %d connections, but postgres.maxConnections is %d: raise it, or lower chatServer.postgresPoolSize or maxReplicas" (join ", " $parts) $most (int .Values.postgres.maxConnections)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Where chat-server finds its data: the chart's own PostgreSQL and Redis, or given ones. */}}
{{- define "platform.postgresHost" -}}
{{- if .Values.postgres.enabled -}}{{ include "platform.name" (list . "postgres") }}
{{- else -}}{{ required "postgres.external.host is needed when postgres.enabled is false" .Values.postgres.external.host }}{{- end -}}
{{- end -}}
{{/* The Redis that chat-server, worker and socket share. Argument: (list . "CHATFLOW_REDIS") */}}
{{- define "platform.queueRedisEnv" -}}
{{- $root := index . 0 -}}
{{- $prefix := index . 1 -}}
{{- $redis := $root.Values.queueRedis -}}
- name: {{ $prefix }}_URL
{{- if $redis.enabled }}
  value: {{ printf "redis://%s:6379" (include "platform.name" (list $root "queue-redis")) | quote }}
- name: {{ $prefix }}_PASSWORD_FILE
  value: /etc/chatflow/credentials/redis-password
{{- else }}
  valueFrom:
    secretKeyRef:
      name: {{ required "queueRedis.external.existingSecret is needed when queueRedis.enabled is false" $redis.external.existingSecret }}
      key: {{ $redis.external.key }}
{{- end }}
{{- end -}}
{{/* What of the credentials worker and socket see. */}}
{{- define "platform.workloadCredentials" -}}
- {key: postgres-password, path: postgres-password}
{{- if .Values.queueRedis.enabled }}
- {key: redis-password, path: redis-password}
{{- end }}
{{- end -}}
{{- define "platform.redisHost" -}}
{{- if .Values.redis.enabled -}}{{ include "platform.name" (list . "redis") }}
{{- else -}}{{ required "redis.external.host is needed when redis.enabled is false" .Values.redis.external.host }}{{- end -}}
{{- end -}}
