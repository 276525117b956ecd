"""Load on chat-server: chatflow-load as a Job of the cluster, so that it meets the Service as clients do."""

import json
import re
import subprocess
import threading

from .kube import Failure

JOB = "load"
STARTS_WITHIN_S = 60
STOPS_WITHIN_S = 60
# "   7 s     1500/s  errors 0 …"
PROGRESS = re.compile(r"^\s*\d+ s\s+(\d+)/s")


class Load:
    """Stops by itself after `seconds`; its last words are the summary."""

    def __init__(self, kube, namespace, image, rate, seconds):
        self._kube, self._namespace = kube, namespace
        self._job = _job(image, rate, seconds)
        self._lines = []
        self._summary = {}
        self._logs = self._reader = None

    def start(self):
        self._kube.try_kubectl("-n", self._namespace, "delete", "job", JOB, "--ignore-not-found")
        self._kube.apply({**self._job, "metadata": {"name": JOB, "namespace": self._namespace}})
        self._kube.kubectl(
            *("-n", self._namespace, "wait", f"job/{JOB}", "--for=jsonpath={.status.ready}=1"),
            f"--timeout={STARTS_WITHIN_S}s",
        )
        self._logs = self._kube.follow("-n", self._namespace, "logs", "-f", f"job/{JOB}")
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def stop(self):
        # SIGTERM ends it early with its summary.
        self._kube.try_kubectl("-n", self._namespace, "delete", "job", JOB, "--wait=true")
        try:
            self._logs.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._logs.kill()
        self._reader.join()

    @property
    def is_answered(self):
        return any((found := PROGRESS.match(line)) and int(found[1]) > 0 for line in self._lines)

    @property
    def summary(self):
        if not self._summary:
            raise Failure("the load ended without a summary: " + "; ".join(self._lines[-3:]))
        return self._summary

    def _read(self):
        for line in self._logs.stdout:
            if line.startswith("{"):
                self._summary = json.loads(line)
            else:
                self._lines.append(line.rstrip())


def _job(image, rate, seconds):
    container = {
        "name": JOB,
        "image": image,
        "args": [
            "--url=http://chat-server:8080",
            "--connections=32",
            f"--rate={rate}",
            f"--duration={seconds}s",
            "--output=json",
        ],
        "resources": {"requests": {"cpu": "50m", "memory": "32Mi"}, "limits": {"memory": "128Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    pod = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
    }
    template = {"metadata": {"labels": {"app.kubernetes.io/name": JOB}}, "spec": pod}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "spec": {"backoffLimit": 0, "template": template},
    }
