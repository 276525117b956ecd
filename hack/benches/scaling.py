"""N ScalingPolicies over M pods on a real kube-apiserver; see hack/bench.

Objects are written into etcd as the API server would, because 110,000 creations through it take
longer than the measurement. Metrics come from a server here that answers as Prometheus does. With
--hpa the same objects are then given to the HorizontalPodAutoscaler of kube-controller-manager."""

import argparse
import base64
import http.server
import json
import math
import os
import random
import re
import shutil
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request
import uuid

import hpa
from ports import free_port

PODS_PER_NAMESPACE = 500
REQUEST_MILLICORES = 100
TRANSACTION_PUTS = 100  # etcd's limit is 128
WARM_UP_SECONDS = 45  # three periods: statuses written for the first time are not the steady state
STEP = 97  # one policy of so many leaves its band now and then
UNCHECKED = ssl._create_unverified_context()  # servers of this process and its children


def now_text():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))


class Landscape:
    """The objects: each policy has one Deployment with its share of the pods."""

    def __init__(self, policies, pods):
        self.policies = policies
        self.each = max(1, pods // policies)
        self.per_namespace = max(1, PODS_PER_NAMESPACE // self.each)

    def place(self, index):
        return f"bench-{index // self.per_namespace:03}", f"web-{index:05}"

    def pod_name(self, index, pod):
        return f"web-{index:05}-6d4cf56db6-{pod:05}"

    def namespaces(self):
        return sorted({self.place(i)[0] for i in range(self.policies)})

    def objects(self):
        born = now_text()
        for name in self.namespaces():
            yield f"/registry/namespaces/{name}", {
                "apiVersion": "v1", "kind": "Namespace", "metadata": self.meta("", name, born),
                "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}
        for index in range(self.policies):
            space, name = self.place(index)
            yield f"/registry/chatflow.dev/scalingpolicies/{space}/{name}", self.policy(space, name, born)
            deployment = self.deployment(space, name, born)
            yield f"/registry/deployments/{space}/{name}", deployment
            for pod in range(self.each):
                yield (f"/registry/pods/{space}/{self.pod_name(index, pod)}",
                       self.pod(space, name, self.pod_name(index, pod), index, born))

    def meta(self, space, name, born, **more):
        meta = {"name": name, "uid": str(uuid.UUID(int=random.getrandbits(128), version=4)),
                "creationTimestamp": born, "generation": 1, **more}
        if space:
            meta["namespace"] = space
        return meta

    def policy(self, space, name, born):
        return {"apiVersion": "chatflow.dev/v1alpha1", "kind": "ScalingPolicy",
                "metadata": self.meta(space, name, born),
                "spec": {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
                         "minReplicas": 2, "maxReplicas": 50, "evaluationPeriodSeconds": 15,
                         "metrics": [{"type": "Resource", "resource": {"name": "cpu", "band": {
                             "scaleUpAbove": 70, "scaleDownBelow": 30, "aimFor": 60}}}]}}

    def template(self, name):
        return {"metadata": {"labels": {"app": name}},
                "spec": {"restartPolicy": "Always", "terminationGracePeriodSeconds": 30,
                         "dnsPolicy": "ClusterFirst", "schedulerName": "default-scheduler",
                         "securityContext": {},
                         "containers": [{"name": "web", "image": "registry.k8s.io/pause:3.10",
                                         "imagePullPolicy": "IfNotPresent",
                                         "terminationMessagePath": "/dev/termination-log",
                                         "terminationMessagePolicy": "File",
                                         "resources": {"requests": {"cpu": f"{REQUEST_MILLICORES}m"}}}]}}

    def deployment(self, space, name, born):
        return {"apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": self.meta(space, name, born),
                "spec": {"replicas": self.each, "selector": {"matchLabels": {"app": name}},
                         "template": self.template(name), "revisionHistoryLimit": 10,
                         "progressDeadlineSeconds": 600,
                         "strategy": {"type": "RollingUpdate", "rollingUpdate": {
                             "maxSurge": "25%", "maxUnavailable": "25%"}}},
                "status": {"observedGeneration": 1, "replicas": self.each,
                           "readyReplicas": self.each, "availableReplicas": self.each}}

    def pod(self, space, app, name, index, born):
        ready = [{"type": kind, "status": "True", "lastTransitionTime": born}
                 for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")]
        owner = [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"{app}-6d4cf56db6",
                  "uid": f"00000000-0000-4000-8000-{index:012}", "controller": True,
                  "blockOwnerDeletion": True}]
        spec = self.template(app)["spec"] | {"nodeName": f"node-{index % 100:03}"}
        return {"apiVersion": "v1", "kind": "Pod",
                "metadata": self.meta(space, name, born, ownerReferences=owner,
                                      labels={"app": app, "pod-template-hash": "6d4cf56db6"}),
                "spec": spec,
                "status": {"phase": "Running", "startTime": born, "conditions": ready,
                           "podIP": f"10.{index % 200}.{index // 200 % 200}.7", "qosClass": "Burstable",
                           "containerStatuses": [{"name": "web", "ready": True, "restartCount": 0,
                                                  "image": "registry.k8s.io/pause:3.10", "imageID": "",
                                                  "started": True,
                                                  "state": {"running": {"startedAt": born}}}]}}


class Metrics:
    """cpu of every pod: a slow wave inside the band; every STEP-th policy goes beyond it."""

    request_millicores = REQUEST_MILLICORES

    def __init__(self, landscape):
        self.heads = {}  # by namespace
        for index in range(landscape.policies):
            space, _ = landscape.place(index)
            for pod in range(landscape.each):
                labels = (f'"namespace":"{space}","pod":"{landscape.pod_name(index, pod)}",'
                          f'"container":"web"')
                self.heads.setdefault(space, []).append((index, labels))

    def ratio(self, index, now):
        wave = math.sin(now / 120 + index)
        return 0.5 + (0.4 if index % STEP == 0 else 0.12) * wave

    def body(self, now, form=b""):
        """The samples of the namespaces that the query names; of all where it names none."""
        query = urllib.parse.parse_qs(form.decode()).get("query", [""])[0]
        named = re.search(r'namespace=~"([^"]*)"', query)
        stamp = f"{now:.3f}"
        parts = []
        for space in named.group(1).split("|") if named else self.heads:
            for index, labels in self.heads.get(space, []):
                cores = self.ratio(index, now) * REQUEST_MILLICORES / 1000
                parts.append(f'{{"metric":{{"chatflow":"usage",{labels}}},"value":[{stamp},"{cores:.6f}"]}}')
                parts.append(f'{{"metric":{{"chatflow":"time",{labels}}},"value":[{stamp},"{now - 3:.3f}"]}}')
        return ('{"status":"success","data":{"resultType":"vector","result":[' + ",".join(parts)
                + "]}}").encode()

    def serve(self):
        metrics = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                form = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                body = metrics.body(time.time(), form)
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.handle_error = lambda *_: None  # the controller waited no longer; its metrics tell
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server.server_address[1]


class Cluster:
    """etcd and kube-apiserver, nothing else."""

    def __init__(self, assets, folder):
        self.assets, self.folder = assets, folder
        self.etcd_url = f"http://127.0.0.1:{free_port()}"
        self.port = free_port()
        self.processes = []
        self.kubeconfig = f"{folder}/kubeconfig"

    def start(self, name, *arguments):
        log = open(f"{self.folder}/{os.path.basename(name)}.log", "w")
        process = subprocess.Popen([name, *arguments], stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def start_etcd(self):
        self.start(f"{self.assets}/etcd", "--data-dir", f"{self.folder}/etcd",
                   "--listen-client-urls", self.etcd_url, "--advertise-client-urls", self.etcd_url,
                   "--listen-peer-urls", f"http://127.0.0.1:{free_port()}", "--unsafe-no-fsync",
                   "--quota-backend-bytes", str(4 << 30), "--log-level", "error")
        wait_for(lambda: urllib.request.urlopen(f"{self.etcd_url}/health").status == 200, "etcd")

    def write(self, objects):
        def text(value):
            return base64.b64encode(value.encode()).decode()

        def flush(batch):
            puts = [{"requestPut": {"key": text(key), "value": text(json.dumps(value))}}
                    for key, value in batch]
            urllib.request.urlopen(urllib.request.Request(
                f"{self.etcd_url}/v3/kv/txn", json.dumps({"success": puts}).encode())).read()

        batch, count = [], 0
        for item in objects:
            batch.append(item)
            if len(batch) == TRANSACTION_PUTS:
                count += len(batch)
                flush(batch)
                batch = []
        if batch:
            flush(batch)
        return count + len(batch)

    def start_api_server(self):
        folder = self.folder
        subprocess.run(["openssl", "genrsa", "-out", f"{folder}/sa.key", "2048"], check=True,
                       stderr=subprocess.DEVNULL)
        with open(f"{folder}/tokens.csv", "w") as tokens:
            tokens.write('bench,bench,1,"system:masters"\n')
        self.start(f"{self.assets}/kube-apiserver", f"--etcd-servers={self.etcd_url}",
                   "--bind-address=127.0.0.1", f"--secure-port={self.port}",
                   f"--cert-dir={folder}/certificates", f"--token-auth-file={folder}/tokens.csv",
                   "--authorization-mode=RBAC", f"--service-account-key-file={folder}/sa.key",
                   f"--service-account-signing-key-file={folder}/sa.key",
                   "--service-account-issuer=https://kubernetes.default.svc",
                   "--service-cluster-ip-range=10.0.0.0/24",
                   "--disable-admission-plugins=ServiceAccount")
        with open(self.kubeconfig, "w") as config:
            config.write(json.dumps({
                "apiVersion": "v1", "kind": "Config", "current-context": "bench",
                "clusters": [{"name": "bench", "cluster": {
                    "server": f"https://127.0.0.1:{self.port}", "insecure-skip-tls-verify": True}}],
                "users": [{"name": "bench", "user": {"token": "bench"}}],
                "contexts": [{"name": "bench", "context": {"cluster": "bench", "user": "bench"}}]}))
        wait_for(lambda: self.kubectl("get", "--raw", "/readyz") == "ok", "kube-apiserver")

    def kubectl(self, *arguments):
        return subprocess.run([f"{self.assets}/kubectl", "--kubeconfig", self.kubeconfig, *arguments],
                              check=True, capture_output=True, text=True).stdout

    def kubectl_apply(self, manifest):
        subprocess.run([f"{self.assets}/kubectl", "--kubeconfig", self.kubeconfig, "apply", "-f", "-"],
                       check=True, input=json.dumps(manifest), capture_output=True, text=True)

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_for(is_so, what, seconds=120):
    give_up = time.time() + seconds
    while time.time() < give_up:
        try:
            if is_so():
                return
        except (OSError, subprocess.CalledProcessError):
            pass
        time.sleep(0.2)
    raise SystemExit(f"{what} did not get ready within {seconds} s")


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid, field):
    with open(f"/proc/{pid}/status") as status:
        found = re.search(rf"{field}:\s+(\d+) kB", status.read())
    return int(found.group(1)) / 1024


def memory_text(pid):
    return f"{memory_mib(pid, 'VmRSS'):.0f} MiB, at most {memory_mib(pid, 'VmHWM'):.0f}"


class Scrape:
    def __init__(self, port, scheme="http"):
        self.text = urllib.request.urlopen(f"{scheme}://127.0.0.1:{port}/metrics",
                                           context=UNCHECKED).read().decode()

    def sum(self, name, having=""):
        return sum(float(line.rsplit(" ", 1)[1]) for line in self.text.splitlines()
                   if re.match(rf"{name}(\{{| )", line) and having in line)

    def buckets(self, name):
        found = re.findall(rf'{name}_bucket{{le="([^"]+)"}} (\S+)', self.text)
        return {bound: float(count) for bound, count in found}


def late(before, after):
    """The bound of the bucket below which 99 % of the late evaluations began."""
    old, new = (scrape.buckets("chatflow_period_overrun_seconds") for scrape in (before, after))
    total = new.get("+Inf", 0) - old.get("+Inf", 0)
    for bound, count in new.items():
        if count - old.get(bound, 0) >= 0.99 * total:
            return bound, total
    return "none", total


def measure(arguments, cluster, prometheus_port):
    metrics_port = free_port()
    controller = cluster.start(arguments.controller, "--kubeconfig", cluster.kubeconfig,
                               "--no-leader-election", "--metrics-address", f"127.0.0.1:{metrics_port}",
                               "--health-address", "127.0.0.1:0",
                               "--prometheus-url", f"http://127.0.0.1:{prometheus_port}")
    started = time.time()
    decided = "chatflow_scaling_decisions_total"
    wait_for(lambda: Scrape(metrics_port).sum(decided) > 0, "the lists", 300)
    listed = memory_text(controller.pid)
    wait_for(lambda: Scrape(metrics_port).sum(decided) >= arguments.policies,
             "every policy's first evaluation", 600)
    first = time.time() - started
    print(f"first evaluation of every policy after {first:.0f} s", flush=True)
    time.sleep(WARM_UP_SECONDS)
    before, cpu, began = Scrape(metrics_port), cpu_seconds(controller.pid), time.time()
    time.sleep(arguments.minutes * 60)
    after, used, took = Scrape(metrics_port), cpu_seconds(controller.pid) - cpu, time.time() - began
    evaluations = after.sum(decided) - before.sum(decided)
    bound, late_count = late(before, after)
    requests = "rest_client_requests_total"
    rows = [
        ("policies, pods", f"{arguments.policies}, {arguments.pods}"),
        ("measured", f"{took:.0f} s"),
        ("first evaluation of all", f"{first:.0f} s"),
        ("evaluations per second", f"{evaluations / took:.1f} (asked for {arguments.policies / 15:.1f})"),
        ("cpu", f"{used / took:.3f} cores, {used / max(evaluations, 1) * 1e6:.0f} µs per evaluation"),
        ("memory when the lists are in", listed),
        ("memory", memory_text(controller.pid)),
        ("99 % of evaluations late by", f"at most {bound} s ({late_count:.0f} late at all)"),
        ("requests to the API server", f"{(after.sum(requests) - before.sum(requests)) / took:.1f}/s"),
        ("of these writes", f"{(after.sum(requests, 'PATCH') - before.sum(requests, 'PATCH')) / took:.1f}/s"),
        ("changes of replicas", f"{after.sum('chatflow_scaling_changes_total') - before.sum('chatflow_scaling_changes_total'):.0f}"),
    ]
    show(rows)
    stop(controller)
    if arguments.keep:
        shutil.copy(f"{cluster.folder}/{os.path.basename(arguments.controller)}.log", arguments.keep)
        with open(f"{arguments.keep}.metrics", "w") as page:
            page.write(after.text)


def show(rows):
    for name, value in rows:
        print(f"{name:32} {value}", flush=True)


def stop(process):
    process.terminate()
    process.wait(30)


def measure_hpa(arguments, cluster, landscape, metrics):
    """What the same objects cost kube-controller-manager, which asks for the metrics of each by itself."""
    hpa.register_metrics(cluster, hpa.serve_metrics(metrics, landscape, cluster.folder))
    wait_for(lambda: cluster.kubectl("get", "--raw", hpa.GROUP), "metrics.k8s.io")
    cluster.write(hpa.objects(landscape, now_text()))
    port = free_port()
    manager = hpa.start(cluster, port)
    evaluated = "horizontal_pod_autoscaler_controller_reconciliation_duration_seconds_count"
    wait_for(lambda: Scrape(port, "https").sum(evaluated) > 0, "kube-controller-manager")
    started = time.time()
    wait_for(lambda: Scrape(port, "https").sum(evaluated) >= arguments.policies,
             "every autoscaler's first evaluation", 1800)
    first = time.time() - started
    time.sleep(WARM_UP_SECONDS)
    before, cpu, began = Scrape(port, "https"), cpu_seconds(manager.pid), time.time()
    time.sleep(arguments.minutes * 60)
    after, used, took = Scrape(port, "https"), cpu_seconds(manager.pid) - cpu, time.time() - began
    count = after.sum(evaluated) - before.sum(evaluated)
    requests = "rest_client_requests_total"
    show([
        ("", ""),
        ("kube-controller-manager", f"{hpa.SYNCS} syncs at once, {hpa.QPS} requests/s allowed"),
        ("measured", f"{took:.0f} s"),
        ("first evaluation of all", f"{first:.0f} s"),
        ("evaluations per second", f"{count / took:.1f} (asked for {arguments.policies / 15:.1f})"),
        ("cpu", f"{used / took:.3f} cores, {used / max(count, 1) * 1e6:.0f} µs per evaluation"),
        ("memory", memory_text(manager.pid)),
        ("requests to the API server", f"{(after.sum(requests) - before.sum(requests)) / took:.1f}/s"),
    ])
    stop(manager)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--policies", type=int, default=1000)
    parser.add_argument("--pods", type=int, default=5000)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--hpa", action="store_true", help="then the HPA of kube-controller-manager")
    parser.add_argument("--keep", help="file for the controller's log and its last /metrics")
    for name in ("assets", "controller", "crds"):
        parser.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()
    random.seed(1)
    landscape = Landscape(arguments.policies, arguments.pods)
    folder = tempfile.mkdtemp(prefix="chatflow-bench-")
    cluster = Cluster(arguments.assets, folder)
    try:
        cluster.start_etcd()
        written = cluster.write(landscape.objects())
        cluster.start_api_server()
        cluster.kubectl("apply", "--server-side", "-f", arguments.crds)
        wait_for(lambda: cluster.kubectl("get", "--raw", "/apis/chatflow.dev/v1alpha1"), "the kind")
        print(f"{written} objects", flush=True)
        metrics = Metrics(landscape)
        measure(arguments, cluster, metrics.serve())
        if arguments.hpa:
            measure_hpa(arguments, cluster, landscape, metrics)
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
