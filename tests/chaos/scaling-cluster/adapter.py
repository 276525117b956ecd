"""metrics.k8s.io as metrics-server gives it: every kubelet's /metrics/resource each `seconds`, cpu as
the rate between the last two pages. Served from this machine through the API server's aggregation."""

import http.client
import pathlib
import re
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

import https_json  # noqa: E402

GROUP = "/apis/metrics.k8s.io/v1beta1"
SAMPLE = re.compile(
    r'^(container_cpu_usage_seconds_total|container_memory_working_set_bytes)\{([^}]*)\} (\S+) (\d+)$',
    re.M,
)
LABEL = re.compile(r'(\w+)="([^"]*)"')


class Adapter:
    def __init__(self, kube, folder, address, seconds):
        self.kube, self.address, self.seconds = kube, address, seconds
        self.samples = {}  # (namespace, pod, container) -> [older cpu, newer cpu]; each (value, time)
        self.memory = {}
        self.nodes = kube.node_names()
        self.port = https_json.serve(self.answer, folder, "0.0.0.0")
        threading.Thread(target=self._scrape_for_ever, daemon=True).start()

    def register(self):
        meta = {"name": "chaos-metrics", "namespace": "kube-system"}
        ports = [{"name": "https", "port": self.port}]
        self.kube.apply(
            {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {"ports": ports}},
            {
                "apiVersion": "discovery.k8s.io/v1",
                "kind": "EndpointSlice",
                "metadata": {**meta, "labels": {"kubernetes.io/service-name": meta["name"]}},
                "addressType": "IPv4",
                "endpoints": [{"addresses": [self.address], "conditions": {"ready": True}}],
                "ports": ports,
            },
            {
                "apiVersion": "apiregistration.k8s.io/v1",
                "kind": "APIService",
                "metadata": {"name": "v1beta1.metrics.k8s.io"},
                "spec": {
                    "group": "metrics.k8s.io",
                    "version": "v1beta1",
                    "groupPriorityMinimum": 100,
                    "versionPriority": 100,
                    "insecureSkipTLSVerify": True,
                    "service": {**meta, "port": self.port},
                },
            },
        )

    def _scrape_for_ever(self):
        while True:
            started = time.monotonic()
            for node in self.nodes:
                try:
                    self._take(self._page(node))
                except (OSError, http.client.HTTPException):
                    pass  # the next one
            time.sleep(max(0.0, self.seconds - (time.monotonic() - started)))

    def _page(self, node):
        connection = http.client.HTTPConnection("127.0.0.1", self.kube._port, timeout=10)
        connection.request("GET", f"/api/v1/nodes/{node}/proxy/metrics/resource")
        return connection.getresponse().read().decode()

    def _take(self, page):
        for metric, labels, value, at in SAMPLE.findall(page):
            found = dict(LABEL.findall(labels))
            key = (found["namespace"], found["pod"], found["container"])
            if metric.startswith("container_memory"):
                self.memory[key] = float(value)
                continue
            known = self.samples.setdefault(key, [])
            if not known or int(at) > known[-1][1]:
                self.samples[key] = [*known[-1:], (float(value), int(at))]

    def pod_metrics(self, namespace, names):
        items = []
        for name in names:
            containers, times = [], []
            for key, samples in list(self.samples.items()):
                if key[:2] != (namespace, name) or len(samples) < 2:
                    continue
                (old, since), (new, until) = samples
                cores = max(0.0, new - old) / ((until - since) / 1000)
                usage = {"cpu": f"{cores * 1e9:.0f}n", "memory": f"{self.memory.get(key, 0):.0f}"}
                containers.append({"name": key[2], "usage": usage})
                times.append((until, until - since))
            if containers:
                until, window = min(times)
                stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(until / 1000))
                items.append(
                    {
                        "metadata": {"name": name, "namespace": namespace},
                        "timestamp": stamp,
                        "window": f"{window / 1000:.3f}s",
                        "containers": containers,
                    }
                )
        return {
            "kind": "PodMetricsList",
            "apiVersion": "metrics.k8s.io/v1beta1",
            "metadata": {},
            "items": items,
        }

    def answer(self, target):
        url = urllib.parse.urlsplit(target)
        parts = url.path.removeprefix(GROUP).strip("/").split("/")
        if len(parts) != 3:
            resource = {"name": "pods", "singularName": "", "namespaced": True, "kind": "PodMetrics"}
            return {
                "kind": "APIResourceList",
                "apiVersion": "v1",
                "groupVersion": "metrics.k8s.io/v1beta1",
                "resources": [{**resource, "verbs": ["get", "list"]}],
            }
        selector = urllib.parse.parse_qs(url.query).get("labelSelector", [""])[0]
        pods = self.kube.pods(parts[1], urllib.parse.quote(selector))
        return self.pod_metrics(parts[1], [pod["metadata"]["name"] for pod in pods])
