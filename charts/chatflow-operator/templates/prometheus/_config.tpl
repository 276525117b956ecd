{{- define "operator.prometheusConfig" -}}
{{- $bundled := .Values.prometheus.bundled -}}
global:
  scrape_interval: {{ $bundled.scrapeInterval }}
  scrape_timeout: {{ $bundled.scrapeInterval }}
  evaluation_interval: 15s
rule_files: [/etc/prometheus/chatflow.rules.yaml]
scrape_configs:
# CPU and memory of every container, from each kubelet's cAdvisor.
- job_name: kubelet-cadvisor
  # cAdvisor dates its samples itself; without this a pod that is gone would live on for minutes.
  track_timestamps_staleness: true
  scrape_interval: {{ $bundled.kubelet.scrapeInterval }}
  scrape_timeout: {{ $bundled.kubelet.scrapeInterval }}
  scheme: https
  authorization:
    credentials_file: /var/run/secrets/kubernetes.io/serviceaccount/token
  tls_config:
    {{- if eq $bundled.kubelet.access "Proxy" }}
    ca_file: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt
    {{- else }}
    # Kubelets sign their serving certificates themselves unless the cluster was told otherwise.
    insecure_skip_verify: true
    {{- end }}
  kubernetes_sd_configs: [{role: node}]
  relabel_configs:
  {{- if eq $bundled.kubelet.access "Proxy" }}
  - target_label: __address__
    replacement: kubernetes.default.svc:443
  - source_labels: [__meta_kubernetes_node_name]
    target_label: __metrics_path__
    replacement: /api/v1/nodes/$1/proxy/metrics/cadvisor
  {{- else }}
  - target_label: __metrics_path__
    replacement: /metrics/cadvisor
  {{- end }}
  - source_labels: [__meta_kubernetes_node_name]
    target_label: instance
  metric_relabel_configs:
  - source_labels: [__name__]
    action: keep
    regex: container_cpu_usage_seconds_total|container_cpu_cfs_periods_total|container_cpu_cfs_throttled_periods_total|container_memory_working_set_bytes
  # Sums of a whole pod or node have no container name; the sandbox is called POD.
  - source_labels: [container]
    action: drop
    regex: (POD)?
  # A restarted container goes on in its old series as a counter reset: a rate needs no new pair.
  - action: labelkeep
    regex: __name__|job|instance|namespace|pod|container
# The controller: its series name the policy's namespace, so the scraped labels win.
- job_name: chatflow-controller
  honor_labels: true
  kubernetes_sd_configs:
  - role: pod
    namespaces:
      own_namespace: true
    selectors:
    - role: pod
      label: app.kubernetes.io/name={{ include "operator.name" . }},app.kubernetes.io/instance={{ .Release.Name }},app.kubernetes.io/component=controller
  relabel_configs:
  - source_labels: [__meta_kubernetes_pod_container_port_name]
    action: keep
    regex: metrics
  - source_labels: [__meta_kubernetes_pod_name]
    target_label: instance
# Pods that ask for it by annotation: prometheus.io/scrape, /port, /path, /scheme.
- job_name: annotated-pods
  kubernetes_sd_configs: [{role: pod}]
  sample_limit: {{ $bundled.annotatedPods.sampleLimit }}
  relabel_configs:
  - source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_scrape]
    action: keep
    regex: "true"
  - source_labels: [__meta_kubernetes_pod_phase]
    action: drop
    regex: Pending|Succeeded|Failed
  - source_labels: [__meta_kubernetes_namespace, __meta_kubernetes_pod_label_app_kubernetes_io_instance, __meta_kubernetes_pod_label_app_kubernetes_io_component]
    action: drop
    regex: {{ .Release.Namespace }};{{ .Release.Name }};controller
  - source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_scheme]
    target_label: __scheme__
    regex: (https?)
  - source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_path]
    target_label: __metrics_path__
    regex: (.+)
  - source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_port, __meta_kubernetes_pod_ip]
    target_label: __address__
    regex: (\d+);([0-9.]+)
    replacement: $2:$1
  - source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_port, __meta_kubernetes_pod_ip]
    target_label: __address__
    regex: (\d+);([0-9A-Fa-f]*:[0-9A-Fa-f:]*)
    replacement: "[$2]:$1"
  - source_labels: [__meta_kubernetes_namespace]
    target_label: namespace
  - source_labels: [__meta_kubernetes_pod_name]
    target_label: pod
  - source_labels: [__meta_kubernetes_pod_label_app_kubernetes_io_name]
    target_label: app
{{- with $bundled.extraScrapeConfigs }}
{{ toYaml . }}
{{- end }}
{{- end -}}
