"""From a step of the load to the scale that is written, for the direct source and, beside it, for the
cluster's HorizontalPodAutoscaler on a twin Deployment under the same load."""

import random
import subprocess
import threading
import time

from stage import IDLE, REQUEST_MILLI, SPACE, Failure, ReplicaWatch, eventually, policy

PERIOD_SECONDS = 1
LIMIT_MILLI = 4 * REQUEST_MILLI  # what the load takes
PHASE_SECONDS = 10  # steps begin one after the other, each at any moment of its own span
GIVE_UP_SECONDS = 120
MOST = 2  # replicas: starting pods is no part of what is measured
KINDS = ("direct", "hpa")
POD_METRICS = f"/apis/metrics.k8s.io/v1beta1/namespaces/{SPACE}/pods"
MILLI = {"n": 1e-6, "u": 1e-3, "m": 1.0}


def milli(quantity):
    """Of a core: "3921054n", "4m", "0"."""
    factor = MILLI.get(quantity[-1])
    return float(quantity) * 1000 if factor is None else float(quantity[:-1]) * factor


def autoscaler(name, target):
    metric = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name, "namespace": SPACE},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": target},
            "minReplicas": 1,
            "maxReplicas": MOST,
            "metrics": [{"type": "Resource", "resource": metric}],
        },
    }


class Reaction:
    def __init__(self, stage, pairs):
        self.stage, self.pairs = stage, pairs
        self.names = [f"{kind}-{pair}" for pair in range(pairs) for kind in KINDS]
        work = stage.container("work", IDLE, REQUEST_MILLI, LIMIT_MILLI)
        stage.kube.apply(*(stage.deployment(name, 1, work) for name in self.names))
        for name in self.names:
            eventually(f"{name} is ready", lambda n=name: stage.ready(n, 1), within=90)
        self.watch = ReplicaWatch(stage.kube)
        self.seconds = {kind: [] for kind in KINDS}
        self.round = 0

    def run(self, repeats):
        while len(self.seconds["direct"]) < repeats:
            self._begin_anew()
            steps = [threading.Thread(target=self._step, args=(pair,)) for pair in range(self.pairs)]
            for step in steps:
                step.start()
            for step in steps:
                step.join()
            done = {kind: len(times) for kind, times in self.seconds.items()}
            print(f"  {done['direct']} steps", flush=True)
        return self.seconds

    def _begin_anew(self):
        """One idle pod each, and autoscalers without a past that have measured it."""
        kube = self.stage.kube
        self.round += 1
        kube.kubectl("-n", SPACE, "delete", "hpa", "--all")
        for pair in range(self.pairs):
            gone = ("delete", "scalingpolicy", f"direct-{pair}", "--ignore-not-found")
            kube.kubectl("-n", SPACE, *gone)
        for name in self.names:
            kube.kubectl("-n", SPACE, "scale", f"deployment/{name}", "--replicas=1")
        for name in self.names:
            eventually(f"{name} has one idle pod", lambda n=name: self._is_idle(n), within=120)
        for pair in range(self.pairs):
            # The HPA controller remembers recommendations by name, for five minutes.
            hpa = autoscaler(f"hpa-{pair}-{self.round}", f"hpa-{pair}")
            kube.apply(policy(f"direct-{pair}", PERIOD_SECONDS, most=MOST), hpa)
        for pair in range(self.pairs):
            eventually("the policy sees no load", lambda p=pair: self._is_calm(p), within=90)
            eventually("the HPA sees no load", lambda p=pair: self._is_calm_hpa(p), within=180)

    def _is_idle(self, name):
        """By what the HPA will read: the start of a pod is load, too."""
        pods = self.stage.pods(name)
        seen = self.stage.kube.get(POD_METRICS + f"?labelSelector=app%3D{name}") or {"items": []}
        usage = [milli(pod["containers"][0]["usage"]["cpu"]) for pod in seen["items"]]
        return len(pods) == len(usage) == 1 and usage[0] < REQUEST_MILLI * 0.3

    def _is_calm(self, pair):
        status = self.stage.kube.policy(SPACE, f"direct-{pair}").get("status", {})
        return status.get("utilizationPercent", 100) < 30 and status["currentReplicas"] == 1

    def _is_calm_hpa(self, pair):
        path = f"/apis/autoscaling/v2/namespaces/{SPACE}/horizontalpodautoscalers/hpa-{pair}-{self.round}"
        metrics = self.stage.kube.get(path).get("status", {}).get("currentMetrics") or []
        seen = [m["resource"]["current"].get("averageUtilization", 100) for m in metrics if "resource" in m]
        return bool(seen) and seen[0] < 30 and self.watch.counts()[f"hpa-{pair}"] == 1

    def _step(self, pair):
        """One step of both; counts only where both have had it."""
        workers = {kind: self.stage.worker(self.stage.pods(f"{kind}-{pair}")[0]) for kind in KINDS}
        took = {}
        try:
            time.sleep(PHASE_SECONDS * (pair + random.random()))
            began = time.monotonic()
            for worker in workers.values():
                worker.stdin.write("go\n")
            for kind in KINDS:
                took[kind] = self._time_to_grow(f"{kind}-{pair}", began)
        except (AttributeError, OSError):
            print(f"  pair {pair}: a shell was gone; the step is made again", flush=True)
            return
        finally:
            for worker in filter(None, workers.values()):
                _end(worker)
        for kind in KINDS:
            self.seconds[kind].append(took[kind])

    def _time_to_grow(self, name, began):
        def grown():
            return self.watch.first_above(name, 1, began)

        try:
            eventually(f"{name} grows", grown, within=GIVE_UP_SECONDS, every=0.05)
        except Failure:
            print(f"  {name} did not grow within {GIVE_UP_SECONDS} s", flush=True)
            return float("inf")
        print(f"  {name}: {grown() - began:.2f} s", flush=True)
        return grown() - began


def _end(worker):
    try:
        worker.stdin.write("end\n")
        worker.wait(10)
    except (OSError, subprocess.TimeoutExpired):
        worker.kill()


def percentile(values, percent):
    """The least value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def show(seconds):
    print(f"{'':8} {'steps':>5} {'least':>7} {'p50':>7} {'p90':>7} {'p99':>7}   s from load to patch")
    for kind, times in seconds.items():
        figures = [min(times), *(percentile(times, p) for p in (50, 90, 99))]
        print(f"{kind:8} {len(times):5} " + " ".join(f"{figure:7.2f}" for figure in figures), flush=True)
