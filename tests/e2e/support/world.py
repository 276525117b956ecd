"""What the cases share: operator and platform, installed once, and workloads of their own."""

import json
import shutil
import threading
import time

from .kube import ROOT, Failure, condition, eventually, run
from .load import Load
from .runner import Skipped

SYSTEM, CHAT, STEADY = "e2e-system", "e2e-chat", "e2e-steady"
POSTGRES = "e2e-postgres"
REDIS = "e2e-redis"
OPERATOR_CHART, PLATFORM_CHART = (
    ROOT / "charts/chatflow-operator",
    ROOT / "charts/chatflow-platform",
)
LEASE = f"/apis/coordination.k8s.io/v1/namespaces/{SYSTEM}/leases/chatflow-controller"
CONTROLLER_PODS = "app.kubernetes.io/name=chatflow-operator,app.kubernetes.io/component=controller"
CRD = "scalingpolicies.chatflow.dev"
PERIOD_S = 10  # of all policies in the tests
STEADY_REPLICAS = 4
LOAD_RATE, LOAD_S = 1500, 900  # requests per second; at most so long


def _conditions(topology):
    for said in topology.get("status", {}).get("conditions", []):
        yield f"{said['type']}={said['status']} {said['reason']}: {said['message']}"


class World:
    def __init__(self, kube, image_registry, image_tag, pause_others):
        self.kube = kube
        self._images = [f"--set=image.registry={image_registry}", f"--set=image.tag={image_tag}"]
        self.chat_server_image = f"{image_registry}/chat-server:{image_tag}"
        self.load_image = f"{image_registry}/load:{image_tag}"
        self._pause_others, self._paused = pause_others, []
        self._ready, self._load = set(), None
        # Lanes run side by side; what they share is installed by the first that needs it.
        self._installing = threading.RLock()
        self._crd_was_there = bool(self._crd())

    # ---- installed once --------------------------------------------------------------------------

    def operator(self):
        """Installs the operator with its Prometheus into a restricted namespace."""
        self._once("operator", self._prepare_operator)

    def _once(self, name, install):
        with self._installing:
            if name not in self._ready:
                install()
                self._ready.add(name)

    def _prepare_operator(self):
        self._refuse_or_pause_other_operators()
        self.namespace(SYSTEM)
        self.install_operator()

    def install_operator(self, chart=OPERATOR_CHART, *more):
        self.kube.helm(
            "upgrade",
            "--install",
            "chatflow",
            chart,
            "--namespace",
            SYSTEM,
            "--wait",
            "--timeout=5m",
            "--take-ownership",
            "--set=prometheus.bundled.enabled=true",
            *self._images,
            *more,
        )

    def platform(self):
        """Installs chat-server, PostgreSQL and Redis with a policy whose windows are short."""
        self.operator()
        self._once("platform", self._install_platform)

    def _install_platform(self):
        self.namespace(CHAT)
        scaling = "--set=chatServer.scaling."
        self.kube.helm(
            "upgrade",
            "--install",
            "chat",
            PLATFORM_CHART,
            "--namespace",
            CHAT,
            "--wait",
            "--timeout=5m",
            *self._images,
            # Rooms and jobs lie in the same Redis.
            "--set=redis.maxMemoryPolicy=noeviction",
            "--set-string=chatServer.limits.api=off",
            "--set-string=chatServer.limits.auth=off",
            "--set=chatServer.resources.requests.cpu=50m",
            "--set-string=chatServer.resources.limits.cpu=500m",
            scaling + "minReplicas=2",
            scaling + "maxReplicas=6",
            scaling + f"evaluationPeriodSeconds={PERIOD_S}",
            scaling + "behavior.scaleDown.stabilizationWindowSeconds=30",
        )

    def steady(self):
        """A workload whose metric says "four" and nothing else: whatever changes it is a fault."""
        self.operator()
        self._once("steady", self._create_steady)
        eventually("the steady policy has its metric and four replicas", self._is_steady, within=90)

    def _create_steady(self):
        self.namespace(STEADY)
        self.kube.apply(
            self.idle_deployment(STEADY, "steady", STEADY_REPLICAS),
            self.query_policy(STEADY, "steady", f"vector({STEADY_REPLICAS * 100})"),
        )

    def _is_steady(self):
        policy = self.kube.policy(STEADY, "steady")
        return (
            condition(policy, "MetricsAvailable").get("status") == "True"
            and self.kube.replicas(STEADY, "steady") == STEADY_REPLICAS
        )

    # ---- makers ----------------------------------------------------------------------------------

    def namespace(self, name):
        self.kube.apply(
            {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {
                    "name": name,
                    "labels": {
                        "pod-security.kubernetes.io/enforce": "restricted",
                        "chatflow.dev/e2e": "true",
                    },
                },
            }
        )

    def idle_deployment(self, namespace, name, replicas):
        """Pods that do nothing, from an image that is there anyway."""
        labels = {"app.kubernetes.io/name": name}
        container = {
            "name": name,
            "image": self.chat_server_image,
            "command": ["/bin/sleep", "infinity"],
            "resources": {"requests": {"cpu": "1m", "memory": "8Mi"}, "limits": {"memory": "16Mi"}},
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
            },
        }
        security = {
            "runAsNonRoot": True,
            "runAsUser": 65532,
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        pod = {
            "terminationGracePeriodSeconds": 0,
            "automountServiceAccountToken": False,
            "securityContext": security,
            "containers": [container],
        }
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": pod},
            },
        }

    @staticmethod
    def query_policy(namespace, name, query, target=None, **spec):
        """Replicas by a Prometheus query, a hundred a pod, without any window."""
        metric = {
            "name": "wanted",
            "query": query,
            "target": {"type": "AverageValue", "averageValue": "100"},
        }
        no_window = {"stabilizationWindowSeconds": 0}
        return {
            "apiVersion": "chatflow.dev/v1alpha1",
            "kind": "ScalingPolicy",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {
                "targetRef": {
                    "apiVersion": "apps/v1",
                    "kind": "Deployment",
                    "name": target or name,
                },
                "minReplicas": 1,
                "maxReplicas": 8,
                "evaluationPeriodSeconds": PERIOD_S,
                "metrics": [{"type": "Prometheus", "prometheus": metric}],
                "behavior": {"scaleUp": no_window, "scaleDown": no_window},
                **spec,
            },
        }

    # ---- looking ---------------------------------------------------------------------------------

    def lease(self):
        return self.kube.get(LEASE)["spec"]

    def leader(self):
        """Name of the pod that leads; a holder is called by its pod, perhaps with more behind."""
        holder = self.lease().get("holderIdentity") or ""
        pods = [pod["metadata"]["name"] for pod in self.kube.pods(SYSTEM, CONTROLLER_PODS)]
        return next((pod for pod in pods if holder.startswith(pod)), None)

    def node_shell(self, node):
        container = self.kube.node_container(node)
        if not container:
            raise Skipped(
                f"node {node} is no container of this machine: needs the cluster of hack/cluster"
            )
        return lambda script: run(
            "docker", "exec", container, "sh", "-c", script, check=False
        ).stdout.strip()

    def prometheus(self, query):
        """The result of an instant query to the bundled Prometheus, through the API server."""
        path = (
            f"/api/v1/namespaces/{SYSTEM}/services/http:chatflow-prometheus:9090/proxy"
            "/api/v1/query?query="
            + "".join(c if c.isalnum() else f"%{ord(c):02X}" for c in query)
        )
        return self.kube.get(path)["data"]["result"]

    def under_load(self):
        """Reads and sends on chat-server, begun by the first that asks, until end_load()."""
        if self._load is None:
            self._load = Load(self.kube, CHAT, self.load_image, LOAD_RATE, LOAD_S)
            self._load.start()
            eventually("chat-server answers the load", lambda: self._load.is_answered, within=90)

    def end_load(self):
        """Its summary; nothing when there is none."""
        load, self._load = self._load, None
        if load is None:
            return None
        load.stop()
        return load.summary

    # ---- afterwards ------------------------------------------------------------------------------

    def _words_of_unready(self, pods):
        """What topologies that are not Ready say, and the last words of pods that are not."""
        for topology in self._topologies("-A"):
            if condition(topology, "Ready").get("status") == "True":
                continue
            yield f"{topology['kind']} {topology['metadata']['name']} is not Ready:"
            yield from (f"  {line}" for line in _conditions(topology))
        for line in pods:
            namespace, pod, ready = line.split()[:3]
            have, _, of = ready.partition("/")
            if have == of:
                continue
            yield f"{namespace}/{pod} says last:"
            yield from (f"  {text}" for text in self._log_of(namespace, pod, 12))

    def _topologies(self, *where):
        kinds = "postgrestopologies,redistopologies"
        answer = self.kube.try_kubectl("get", kinds, *where, "-o", "json").stdout
        return json.loads(answer or "{}").get("items", [])

    def _log_of(self, namespace, pod, lines):
        words = ("logs", "-n", namespace, pod, "--all-containers", "--prefix", f"--tail={lines}")
        return self.kube.try_kubectl(*words).stdout.splitlines()

    def last_words(self, namespace):
        """What topologies and pods of a namespace say last, and the controller of them."""
        lines = []
        for topology in self._topologies("-n", namespace):
            lines += _conditions(topology)
            status = topology.get("status", {})
            lines.append(json.dumps({k: v for k, v in status.items() if k != "conditions"}))
        pods = self.kube.try_kubectl("-n", namespace, "get", "pods", "-o", "name").stdout.split()
        for pod in pods:
            lines += self._log_of(namespace, pod, 8)
        words = ("-n", SYSTEM, "logs", "-l", CONTROLLER_PODS, "--tail=400")
        controller = self.kube.try_kubectl(*words).stdout.splitlines()
        lines += [line for line in controller if f'"{namespace}"' in line][-12:]
        return [line[:400] for line in lines]

    def diagnose(self, folder):
        """Writes what a person would ask for next, and shows the beginning of it."""
        folder.mkdir(parents=True, exist_ok=True)
        looks = {
            "policies.yaml": ("get", "scalingpolicies", "-A", "-o", "yaml"),
            "pods.txt": ("get", "pods", "-A", "-o", "wide"),
            "events.txt": ("get", "events", "-A", "--sort-by=.lastTimestamp"),
            "lease.yaml": ("get", "lease", "-n", SYSTEM, "-o", "yaml"),
            "controller.log": (
                "logs",
                "-n",
                SYSTEM,
                "-l",
                CONTROLLER_PODS,
                "--prefix",
                "--tail=400",
            ),
            "chat-server.log": (
                "logs",
                "-n",
                CHAT,
                "-l",
                "app.kubernetes.io/name=chat-server",
                "--prefix",
                "--tail=200",
                "--all-containers",
            ),
        }
        for name, words in looks.items():
            answer = self.kube.try_kubectl(*words)
            (folder / name).write_text(answer.stdout + answer.stderr)
        pods = [
            line
            for line in (folder / "pods.txt").read_text().splitlines()
            if line.startswith("e2e-")
        ]
        log = (folder / "controller.log").read_text().splitlines()[-8:]
        text = "\n".join(
            [
                *pods,
                *self._words_of_unready(pods),
                "controller log ends with:",
                *(line[:300] for line in log),
                f"all evidence: {folder}",
            ]
        )
        print("      " + text.replace("\n", "\n      "), flush=True)

    def clean_up(self):
        for release, namespace in (("chat", CHAT), ("chatflow", SYSTEM)):
            run(
                self.kube.helm_path,
                "uninstall",
                release,
                "-n",
                namespace,
                "--ignore-not-found",
                "--wait",
                "--timeout=2m",
                check=False,
                timeout=180,
            )
        self.kube.try_kubectl(
            "delete", "namespace", "-l", "chatflow.dev/e2e=true", "--timeout=120s", timeout=180
        )
        if not self._crd_was_there:
            self.kube.try_kubectl("delete", "crd", CRD, "--ignore-not-found", "--timeout=60s")
        for namespace, name, replicas in self._paused:
            self.kube.kubectl(
                "-n", namespace, "scale", f"deployment/{name}", f"--replicas={replicas}"
            )

    def _crd(self):
        return self.kube.get(f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{CRD}")

    def _refuse_or_pause_other_operators(self):
        """Two operators on one policy would fight, and no figure would mean anything."""
        found = json.loads(
            self.kube.kubectl("get", "deployments", "-A", "-l", CONTROLLER_PODS, "-o", "json")
        )
        for deployment in found["items"]:
            meta, replicas = deployment["metadata"], deployment["spec"].get("replicas", 1)
            if meta["namespace"] == SYSTEM or not replicas:
                continue
            where = f"{meta['namespace']}/{meta['name']}"
            if not self._pause_others:
                raise Failure(
                    f"another operator, {where}, serves this cluster: remove it "
                    "(hack/demo --down), "
                    "or let it rest during the tests with --pause-others"
                )
            self.kube.kubectl(
                "-n", meta["namespace"], "scale", f"deployment/{meta['name']}", "--replicas=0"
            )
            self._paused.append((meta["namespace"], meta["name"], replicas))


def copy_of(chart, folder):
    target = folder / chart.name
    shutil.copytree(chart, target)
    return target


def now():
    return time.monotonic()
