"""What the cases stand on: the operator in the cluster, pods whose load is told, and a watch."""

import base64
import json
import pathlib
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/e2e"))
from support.kube import Failure, Kube, condition, eventually, run  # noqa: E402,F401

SYSTEM, SPACE = "chaos-scaling-system", "chaos-scaling"
CONTROLLERS = "app.kubernetes.io/name=chatflow-operator,app.kubernetes.io/component=controller"
LEASE = f"/apis/coordination.k8s.io/v1/namespaces/{SYSTEM}/leases/chatflow-controller"
REQUEST_MILLI = 30
OFFSET_FILE = "/step/offset"
# Works when it is told to, and a little always: a kubelet measures a container that does nothing
# three times less often.
IDLE = "while :; do sleep 0.5; done"
ON_COMMAND = (
    "echo ready; while read word; do case $word in"
    " go) (while :; do :; done) & burner=$! ;;"
    " end) kill $burner; exit ;; esac; done"
)


class Stage:
    def __init__(self, kube, tag):
        self.kube, self.tag = kube, tag

    def install(self, prometheus_url):
        for name in (SYSTEM, SPACE):
            self.kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        clock = [f"--set-json={name}={json.dumps(value)}" for name, value in self._steppable_clock().items()]
        self.kube.helm(
            *("upgrade", "--install", "chatflow", ROOT / "charts/chatflow-operator"),
            *("--namespace", SYSTEM, "--wait", "--timeout=5m"),
            *(f"--set=image.tag={self.tag}", "--set=prometheus.bundled.enabled=true"),
            *("--set=kubeletMetrics.enabled=true", f"--set=prometheus.url={prometheus_url}"),
            *clock,
        )

    def _steppable_clock(self):
        """Of the controllers, for step_clock(): a library before the C library, and a file that tells it."""
        folder = ROOT / "build"
        source = pathlib.Path(__file__).with_name("steppable_clock.c")
        library = folder / "steppable_clock.so"
        folder.mkdir(exist_ok=True)
        run(ROOT / "hack/dev", "gcc", "-O2", "-shared", "-fPIC", "-o", library, source, timeout=600)
        meta = {"name": "steppable-clock", "namespace": SYSTEM}
        data = {library.name: base64.b64encode(library.read_bytes()).decode()}
        self.kube.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "binaryData": data})
        return {
            "extraEnv": [
                {"name": "LD_PRELOAD", "value": f"/clock/{library.name}"},
                {"name": "CLOCK_OFFSET_FILE", "value": OFFSET_FILE},
            ],
            "extraVolumes": [
                {"name": "clock", "configMap": {"name": meta["name"]}},
                {"name": "step", "emptyDir": {}},
            ],
            "extraVolumeMounts": [
                {"name": "clock", "mountPath": "/clock"},
                {"name": "step", "mountPath": str(pathlib.Path(OFFSET_FILE).parent)},
            ],
        }

    def step_clock(self, seconds):
        """The leader's wall clock goes so many seconds ahead from now on."""
        leader, _ = eventually("a controller leads", self.leader, within=60)
        script = f"echo {seconds} >{OFFSET_FILE}.new; mv {OFFSET_FILE}.new {OFFSET_FILE}; date +%s"
        said = self.kube.kubectl("-n", SYSTEM, "exec", leader, "--", "sh", "-c", script)
        if abs(int(said) - time.time() - seconds) > 5:
            raise Failure(f"the clock of {leader} was not stepped by {seconds} s: {said}")

    def clean_up(self):
        self.kube.try_kubectl("-n", SPACE, "delete", "scalingpolicies,hpa", "--all")
        run(self.kube.helm_path, "uninstall", "chatflow", "-n", SYSTEM, "--wait", check=False)
        self.kube.try_kubectl("delete", "namespace", SYSTEM, SPACE, "--timeout=120s", timeout=180)

    def container(self, name, command, request_milli, limit_milli):
        return {
            "name": name,
            "image": f"chatflow/controller:{self.tag}",  # for its shell
            "command": ["sh", "-c", command],
            "resources": {
                "requests": {"cpu": f"{request_milli}m", "memory": "8Mi"},
                "limits": {"cpu": f"{limit_milli}m", "memory": "32Mi"},
            },
        }

    def deployment(self, name, replicas, *containers):
        labels = {"app": name}
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name, "namespace": SPACE},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {
                        "terminationGracePeriodSeconds": 0,
                        "automountServiceAccountToken": False,
                        "containers": list(containers),
                    },
                },
            },
        }

    def pods(self, name):
        return [pod["metadata"]["name"] for pod in self.kube.pods(SPACE, f"app={name}")]

    def ready(self, name, replicas):
        path = f"/apis/apps/v1/namespaces/{SPACE}/deployments/{name}"
        status = self.kube.get(path).get("status", {})
        return status.get("readyReplicas", 0) == status.get("replicas", 0) == replicas

    def worker(self, pod):
        """A shell in the pod that waits for `go` and `end`; nothing where it did not come up."""
        shell = subprocess.Popen(
            [self.kube.kubectl_path, "-n", SPACE, "exec", "-i", pod, "--", "sh", "-c", ON_COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
        )
        if shell.stdout.readline() == "ready\n":
            return shell
        shell.kill()
        return None

    def leader(self):
        holder = self.kube.get(LEASE)["spec"].get("holderIdentity") or ""
        pods = [pod["metadata"]["name"] for pod in self.kube.pods(SYSTEM, CONTROLLERS)]
        return next((pod for pod in pods if holder.startswith(pod)), None)

    @staticmethod
    def in_container(container, script):
        return run("docker", "exec", container, "sh", "-c", script).stdout


def policy(name, period, window=None, band=None, most=4, **more):
    band = band or {"scaleUpAbove": 70, "scaleDownBelow": 30, "aimFor": 60}
    down = {} if window is None else {"scaleDown": {"stabilizationWindowSeconds": window}}
    return {
        "apiVersion": "chatflow.dev/v1alpha1",
        "kind": "ScalingPolicy",
        "metadata": {"name": name, "namespace": SPACE},
        "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
            "minReplicas": 1,
            "maxReplicas": most,
            "evaluationPeriodSeconds": period,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "band": band}}],
            "behavior": down,
            **more,
        },
    }


class ReplicaWatch:
    """When spec.replicas of each Deployment took which value: a watch, not a poll."""

    def __init__(self, kube):
        self.changes = []  # (time.monotonic(), name, replicas)
        self._kube = kube
        threading.Thread(target=self._follow_for_ever, daemon=True).start()

    def of(self, name, since=0.0):
        return [(at, count) for at, who, count in list(self.changes) if who == name and at >= since]

    def counts(self):
        return {name: count for _, name, count in list(self.changes)}

    def first_above(self, name, count, since):
        return next((at for at, seen in self.of(name, since) if seen > count), None)

    def _follow_for_ever(self):
        columns = "custom-columns=NAME:.metadata.name,REPLICAS:.spec.replicas"
        while True:
            kubectl = self._kube.follow(
                *("-n", SPACE, "get", "deployments", "--watch", "--no-headers", "-o", columns)
            )
            for line in kubectl.stdout:
                name, _, count = line.partition(" ")
                if count.strip().isdigit() and self.counts().get(name) != int(count):
                    self.changes.append((time.monotonic(), name, int(count)))
            time.sleep(0.5)  # the API server is away: that may be the test


def gateway(kube):
    """This machine, as the pods of the cluster reach it."""
    container = kube.node_container(kube.node_names()[0])
    networks = json.loads(run("docker", "inspect", container).stdout)[0]["NetworkSettings"]["Networks"]
    return next(network["Gateway"] for network in networks.values() if network["Gateway"])


