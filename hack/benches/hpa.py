"""The HorizontalPodAutoscaler of Kubernetes over the same objects: kube-controller-manager with this
one controller, and metrics.k8s.io served from here through the API server's aggregation."""

import pathlib
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests/support"))

import https_json  # noqa: E402

GROUP = "/apis/metrics.k8s.io/v1beta1"
TARGET_UTILIZATION = 60  # what the policies aim for
QPS = 1000  # of 20 by default, with which 10,000 objects take a quarter of an hour
SYNCS = 50  # of 5 by default


def objects(landscape, born):
    for index in range(landscape.policies):
        space, name = landscape.place(index)
        yield f"/registry/horizontalpodautoscalers/{space}/{name}", {
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
            "metadata": landscape.meta(space, name, born),
            "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
                     "minReplicas": 2, "maxReplicas": 50,
                     "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {
                         "type": "Utilization", "averageUtilization": TARGET_UTILIZATION}}}]},
            "status": {"currentReplicas": 0, "desiredReplicas": 0}}


def pod_metrics(metrics, landscape, space, app, now):
    index = int(app.rsplit("-", 1)[1])
    milli = metrics.ratio(index, now) * metrics.request_millicores
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
    return {"kind": "PodMetricsList", "apiVersion": "metrics.k8s.io/v1beta1", "metadata": {}, "items": [
        {"metadata": {"name": landscape.pod_name(index, pod), "namespace": space}, "timestamp": stamp,
         "window": "30s", "containers": [{"name": "web", "usage": {"cpu": f"{milli:.0f}m"}}]}
        for pod in range(landscape.each)]}


def serve_metrics(metrics, landscape, folder):
    """The port."""

    def answer(target):
        url = urllib.parse.urlsplit(target)
        parts = url.path.removeprefix(GROUP).strip("/").split("/")
        if len(parts) != 3:  # but namespaces/NAME/pods
            return {"kind": "APIResourceList", "apiVersion": "v1",
                    "groupVersion": "metrics.k8s.io/v1beta1", "resources": []}
        selector = urllib.parse.parse_qs(url.query)["labelSelector"][0]
        return pod_metrics(metrics, landscape, parts[1], selector.split("=")[1], time.time())

    return https_json.serve(answer, folder)


def register_metrics(cluster, port):
    """metrics.k8s.io of the API server is answered from that port of this machine."""
    for manifest in (
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "metrics", "namespace": "kube-system"},
             "spec": {"type": "ExternalName", "externalName": "localhost", "ports": [{"port": port}]}},
            {"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
             "metadata": {"name": "v1beta1.metrics.k8s.io"},
             "spec": {"group": "metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100,
                      "versionPriority": 100, "insecureSkipTLSVerify": True,
                      "service": {"name": "metrics", "namespace": "kube-system", "port": port}}}):
        cluster.kubectl_apply(manifest)


def start(cluster, port):
    return cluster.start(
        f"{cluster.assets}/kube-controller-manager", "--kubeconfig", cluster.kubeconfig,
        "--controllers=horizontal-pod-autoscaler-controller", "--leader-elect=false",
        "--bind-address=127.0.0.1", f"--secure-port={port}", f"--cert-dir={cluster.folder}/manager",
        "--authorization-always-allow-paths=/metrics,/healthz", "--use-service-account-credentials=false",
        f"--concurrent-horizontal-pod-autoscaler-syncs={SYNCS}", f"--kube-api-qps={QPS}",
        f"--kube-api-burst={2 * QPS}")
