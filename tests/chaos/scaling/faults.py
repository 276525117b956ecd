"""Faults of a Prometheus, an API server and the controller itself; see tests/chaos/scaling/run.

Every policy has four pods at 50 % of a band from 30 to 70. Half of them have no stabilization window
("quick"): one wrong answer taken for 0 and they shrink. The others have 300 s ("patient"): one leader that
forgets what the last one knew and they shrink. At the end the quick ones' load falls in earnest, and they
have to shrink, or the check proves nothing."""

import argparse
import http.server
import json
import os
import random
import shutil
import signal
import socket
import tempfile
import threading
import time

from scaling import Cluster, Landscape, Metrics, Scrape, free_port, wait_for

PODS = 4
PERIOD_SECONDS = 5
STEADY, IDLE = 0.5, 0.1  # of the requests
SLOW_SECONDS = 30
AWAY_SECONDS = 10
LEADERS = 3
QUICK_SHRINK_SECONDS = 90
NO_ANSWER = ("closed", "slow")


def is_quick(index):
    return index % 2 == 0


class Policies(Landscape):
    def __init__(self, count):
        super().__init__(count, count * PODS)

    def policy(self, space, name, born):
        policy = super().policy(space, name, born)
        window = 0 if is_quick(int(name.rsplit("-", 1)[1])) else 300
        policy["spec"]["evaluationPeriodSeconds"] = PERIOD_SECONDS
        policy["spec"]["behavior"] = {"scaleDown": {"stabilizationWindowSeconds": window}}
        return policy


class FaultyPrometheus(Metrics):
    """Tells the load, or fails as `fault` says."""

    def __init__(self, landscape):
        super().__init__(landscape)
        self.fault = None
        self.idle = lambda index: False
        self.queries = 0

    def ratio(self, index, now):
        return IDLE if self.idle(index) else STEADY

    def answer(self, now):
        """Status and body; nothing where no answer comes."""
        self.queries += 1
        if self.fault == "503 every second query" and self.queries % 2:
            return 503, b"overloaded"
        if self.fault == "empty":
            return 200, b'{"status":"success","data":{"resultType":"vector","result":[]}}'
        if self.fault == "an error":
            return 422, b'{"status":"error","errorType":"execution","error":"too many samples"}'
        if self.fault in NO_ANSWER:
            return None
        body = self.body(now)
        if self.fault == "NaN":
            text = json.loads(body)
            for sample in text["data"]["result"]:
                if sample["metric"]["chatflow"] == "usage":
                    sample["value"][1] = "NaN"
            return 200, json.dumps(text).encode()
        if self.fault == "stale and idle":
            text = json.loads(body)
            for sample in text["data"]["result"]:
                is_time = sample["metric"]["chatflow"] == "time"
                sample["value"][1] = str(now - 300) if is_time else "0.001"
            return 200, json.dumps(text).encode()
        return 200, body

    def serve(self):
        metrics = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                answer = metrics.answer(time.time())
                if answer is None:
                    if metrics.fault == "slow":
                        time.sleep(SLOW_SECONDS)
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                status, body = answer
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.handle_error = lambda *_: None  # the controller gave up: that is the test
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server.server_address[1]


class Run:
    def __init__(self, arguments, cluster, prometheus):
        self.arguments, self.cluster, self.prometheus = arguments, cluster, prometheus
        self.prometheus_port = prometheus.serve()
        self.violations = 0
        self.leader, self.metrics_port = None, None

    def start_leader(self):
        self.metrics_port = free_port()
        self.leader = self.cluster.start(
            self.arguments.controller, "--kubeconfig", self.cluster.kubeconfig, "--no-leader-election",
            "--metrics-address", f"127.0.0.1:{self.metrics_port}", "--health-address", "127.0.0.1:0",
            "--metrics-freshness", "1", "--prometheus-url", f"http://127.0.0.1:{self.prometheus_port}")
        wait_for(lambda: Scrape(self.metrics_port).sum("chatflow_scaling_decisions_total")
                 >= self.arguments.policies, "every policy's first evaluation", 300)

    def replicas(self):
        items = json.loads(self.cluster.kubectl("get", "deployments", "-A", "-o", "json"))["items"]
        return {item["metadata"]["name"]: item["spec"]["replicas"] for item in items}

    def check(self, what):
        shrunk = {name: count for name, count in self.replicas().items() if count < PODS}
        self.violations += len(shrunk)
        print(f"{what:36} {len(shrunk)} of {self.arguments.policies} targets shrank", flush=True)

    def under(self, fault):
        before = self.prometheus.queries
        self.prometheus.fault = fault
        time.sleep(max(self.arguments.seconds, SLOW_SECONDS + 10 if fault == "slow" else 0))
        self.prometheus.fault = None
        if self.prometheus.queries == before:
            raise SystemExit(f"nobody asked during the fault '{fault}'")
        time.sleep(3 * PERIOD_SECONDS)
        self.check(f"Prometheus: {fault}")

    def without_api_server(self):
        api_server = next(p for p in self.cluster.processes if "kube-apiserver" in p.args[0])
        api_server.send_signal(signal.SIGSTOP)
        time.sleep(AWAY_SECONDS)
        api_server.send_signal(signal.SIGCONT)
        time.sleep(3 * PERIOD_SECONDS)
        self.check(f"API server {AWAY_SECONDS} s away")

    def kill_leaders(self):
        self.prometheus.idle = lambda index: not is_quick(index)
        time.sleep(2 * PERIOD_SECONDS)
        for _ in range(LEADERS):
            self.leader.kill()
            self.leader.wait()
            self.start_leader()
            time.sleep(2 * PERIOD_SECONDS)
        self.check(f"{LEADERS} leaders killed in a window")
        self.prometheus.idle = lambda index: False

    def quick_ones_shrink(self):
        self.prometheus.idle = is_quick

        def all_have():
            counts = self.replicas()
            return all((counts[name] < PODS) == is_quick(int(name.rsplit("-", 1)[1])) for name in counts)

        wait_for(all_have, "the scale-down of every policy without a window, and of no other",
                 QUICK_SHRINK_SECONDS)
        print(f"{'load falls in earnest':36} every policy without a window shrinks, no other", flush=True)

    def all(self):
        self.start_leader()
        self.check("healthy")
        for fault in ("empty", "NaN", "stale and idle", "an error", "503 every second query", "closed",
                      "slow"):
            self.under(fault)
        self.without_api_server()
        self.kill_leaders()
        self.quick_ones_shrink()
        if self.violations:
            raise SystemExit(f"{self.violations} scale-downs that a healthy controller would not have made")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--policies", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=20)
    for name in ("assets", "controller", "crds"):
        parser.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()
    random.seed(1)
    landscape = Policies(arguments.policies)
    folder = tempfile.mkdtemp(prefix="chatflow-chaos-")
    cluster = Cluster(arguments.assets, folder)
    try:
        cluster.start_etcd()
        cluster.write(landscape.objects())
        cluster.start_api_server()
        cluster.kubectl("apply", "--server-side", "-f", arguments.crds)
        wait_for(lambda: cluster.kubectl("get", "--raw", "/apis/chatflow.dev/v1alpha1"), "the kind")
        Run(arguments, cluster, FaultyPrometheus(landscape)).all()
    finally:
        for process in cluster.processes:
            if process.poll() is None and "kube-apiserver" in process.args[0]:
                os.kill(process.pid, signal.SIGCONT)
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
