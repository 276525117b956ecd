"""The cluster as the tests see it: kubectl, helm, a cheap read path, and the node containers."""

import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
COMMAND_TIMEOUT_S = 120


class Failure(AssertionError):
    """The world is not as required; the message says how it is."""


class CommandFailed(Failure):
    def __init__(self, command, answer):
        super().__init__(f"{' '.join(command)}: exit {answer.returncode}\n{answer.stderr.strip()}")
        self.stderr = answer.stderr


def tool(name, variable):
    """From the environment, the cache that hack/tools/build fills, or the PATH. On the host the
    cache lies in HOME; in the toolchain container HOME lies in the cache."""
    home = pathlib.Path.home()
    caches = [os.environ.get("CHATFLOW_CACHE"), home / ".cache/chatflow", home.parent]
    places = [
        os.environ.get(variable),
        *(pathlib.Path(cache, "tools/current", name) for cache in caches if cache),
        name,
    ]
    found = next((path for place in places if place and (path := shutil.which(str(place)))), None)
    if not found:
        raise SystemExit(f"error: {name} is missing; run hack/tools/build or set {variable}")
    return found


def run(*command, text=None, timeout=COMMAND_TIMEOUT_S, check=True):
    command = [str(word) for word in command]
    try:
        answer = subprocess.run(
            command, input=text, capture_output=True, text=True, timeout=timeout
        )
    except subprocess.TimeoutExpired as expired:
        raise Failure(f"{' '.join(command)}: no end within {timeout} s") from expired
    if check and answer.returncode:
        raise CommandFailed(command, answer)
    return answer


class Kube:
    """One cluster. Reads that poll go through one `kubectl proxy`, as a process each would cost
    more CPU than what is measured."""

    def __init__(self, kubeconfig):
        os.environ["KUBECONFIG"] = str(kubeconfig)
        self.kubectl_path = tool("kubectl", "KUBECTL")
        self.helm_path = tool("helm", "HELM")
        self._proxy = None
        self._local = threading.local()
        self._containers = None

    def kubectl(self, *arguments, **options):
        return run(self.kubectl_path, *arguments, **options).stdout

    def try_kubectl(self, *arguments, **options):
        return run(self.kubectl_path, *arguments, check=False, **options)

    def follow(self, *arguments):
        """A kubectl that goes on by itself; its standard output is to be read line by line."""
        return subprocess.Popen(
            [self.kubectl_path, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def apply(self, *objects):
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
        return self.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", text=text)

    def helm(self, *arguments, timeout=600, **options):
        return run(self.helm_path, *arguments, timeout=timeout, **options).stdout

    # ---- reads ---------------------------------------------------------------------------------

    def start(self):
        self._proxy = subprocess.Popen(
            [self.kubectl_path, "proxy", "--port=0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        line = self._proxy.stdout.readline()
        found = re.search(r"127\.0\.0\.1:(\d+)", line)
        if not found:
            raise SystemExit(
                f"error: kubectl proxy said {line!r}; is the cluster up? "
                f"KUBECONFIG={os.environ['KUBECONFIG']}"
            )
        self._port = int(found.group(1))

    def stop(self):
        if self._proxy:
            self._proxy.terminate()
            self._proxy.wait()

    def get(self, path, timeout=5):
        """The object at an API path, None without one. Raises OSError when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=timeout)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
        except http.client.HTTPException as broken:
            raise OSError(str(broken)) from broken
        finally:
            connection.close()
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise OSError(f"{path}: {answer.status} {body[:200]!r}")
        return json.loads(body)

    def policy(self, namespace, name):
        return self.get(
            f"/apis/chatflow.dev/v1alpha1/namespaces/{namespace}/scalingpolicies/{name}"
        )

    def replicas(self, namespace, name):
        deployment = self.get(f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}")
        return deployment["spec"].get("replicas", 1)

    def pods(self, namespace, selector):
        items = self.get(f"/api/v1/namespaces/{namespace}/pods?labelSelector={selector}")["items"]
        return [pod for pod in items if not pod["metadata"].get("deletionTimestamp")]

    # ---- nodes -----------------------------------------------------------------------------------

    def node_container(self, node):
        """Name of the container that is this node; None on clusters whose nodes are none."""
        if self._containers is None:
            self._containers = _containers_by_address()
        for address in self.get(f"/api/v1/nodes/{node}")["status"]["addresses"]:
            if address["address"] in self._containers:
                return self._containers[address["address"]]
        return None

    def node_names(self):
        return [node["metadata"]["name"] for node in self.get("/api/v1/nodes")["items"]]


def condition(policy, kind):
    conditions = ((policy or {}).get("status") or {}).get("conditions") or []
    return next((c for c in conditions if c["type"] == kind), {})


def _containers_by_address():
    if not shutil.which("docker"):
        return {}
    ids = run("docker", "ps", "-q", check=False).stdout.split()
    if not ids:
        return {}
    known = {}
    for container in json.loads(run("docker", "inspect", *ids).stdout):
        for network in container["NetworkSettings"]["Networks"].values():
            if network["IPAddress"]:
                known[network["IPAddress"]] = container["Name"].lstrip("/")
    return known


def eventually(what, look, within, every=0.25):
    """Looks until the answer is truthy and returns it with the seconds it took."""
    started = time.monotonic()
    last = None
    while True:
        try:
            last = look()
            if last:
                return last, time.monotonic() - started
        except OSError as unreachable:
            last = unreachable
        if time.monotonic() - started > within:
            raise Failure(f"not within {within:.0f} s: {what} (last seen: {last!r:.300})")
        time.sleep(every)
