"""The local cluster as campaigns against Redis need it: kubectl, the operator's replicas, a way to Services."""
import contextlib
import json
import os
import subprocess

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
SERVICES = "10.96.0.0/16"


def shell(*words, check=True, text=None, timeout=180):
    done = subprocess.run(words, capture_output=True, text=True, input=text, timeout=timeout)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def kubectl(cluster, *words, **options):
    return shell(os.path.join(ROOT, "hack/cluster"), "--name", cluster, "kubectl", *words, **options)


def scale_operator(cluster, replicas):
    """And waits until so many run."""
    found = json.loads(kubectl(cluster, "get", "deployments", "-A", "-l", "app.kubernetes.io/name=chatflow-operator",
                               "-o", "json"))["items"]
    if not found:
        raise RuntimeError("no operator is installed")
    for meta in (item["metadata"] for item in found):
        there = (cluster, "-n", meta["namespace"])
        kubectl(*there, "scale", "deployment", meta["name"], f"--replicas={replicas}")
        kubectl(*there, "rollout", "status", f"deployment/{meta['name']}")


@contextlib.contextmanager
def route_to_services(cluster):
    """From this machine, by the first node; needs root."""
    node = shell("docker", "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", f"{cluster}-1")
    shell("ip", "route", "replace", SERVICES, "via", node.strip())
    try:
        yield
    finally:
        shell("ip", "route", "del", SERVICES, check=False)
