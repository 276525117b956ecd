"""People at work on a chat platform in a cluster: the load that hack/load describes, from a pod beside it.

Installs the platform's chart, two pods of chat-server with PostgreSQL and Redis, as platform.values.yaml has it. They
share the cluster's nodes with the load; a rate that is too much for them is seen in the percentiles.
"""

import argparse
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SPACE = "bench"
LABELS = {"room": "a room", "messages": "50 messages", "send": "send",
          "upload": "upload of 32 KiB", "login": "log-in (Argon2id)"}
CONTAINER = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
LOAD_CPU = "500m"  # people are elsewhere: what they wait for shall not be their own CPU
START_SECONDS = 300  # accounts and rooms are made first; each sign-up costs an Argon2id


def say(*words):
    print(*words, file=sys.stderr, flush=True)


class Platform:
    def __init__(self, options):
        self.cluster, self.tag = options.cluster, options.image_tag

    def client(self, *words, feed=None):
        command = [os.path.join(ROOT, "hack", "cluster"), "--name", self.cluster, *words]
        done = subprocess.run(command, input=feed, capture_output=True, text=True, timeout=400)
        if done.returncode != 0:
            sys.exit(f"error: {' '.join(words[:5])}: {done.stderr.strip()}")
        return done.stdout

    def kubectl(self, *words, feed=None):
        return self.client("kubectl", "-n", SPACE, *words, feed=feed)

    def get(self, *words):
        return json.loads(self.kubectl("get", *words, "-o", "json"))

    def install(self):
        chart, values = os.path.join(ROOT, "charts", "chatflow-platform"), os.path.join(HERE, "platform.values.yaml")
        self.client("helm", "upgrade", "--install", "bench", chart, "--namespace", SPACE, "--create-namespace",
                    "--values", values, "--set", f"image.tag={self.tag}", "--wait", "--timeout", "5m")

    def remove(self):
        self.client("kubectl", "delete", "namespace", SPACE, "--wait=false")

    def start(self, name, words):
        image = f"chatflow/load:{self.tag}"
        pod = {"restartPolicy": "Never", "automountServiceAccountToken": False,
               "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
               "containers": [{"name": "load", "image": image, "args": words, "securityContext": CONTAINER,
                               "resources": {"requests": {"cpu": LOAD_CPU, "memory": "64Mi"}}}]}
        job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
               "spec": {"backoffLimit": 0, "ttlSecondsAfterFinished": 600, "template": {"spec": pod}}}
        self.kubectl("delete", "job", name, "--ignore-not-found")
        self.kubectl("apply", "-f", "-", feed=json.dumps(job))

    def finished(self, name):
        status = self.get("job", name).get("status", {})
        return status.get("succeeded", 0) + status.get("failed", 0) > 0

    def summary(self, name):
        text = self.kubectl("logs", f"job/{name}", "--tail=-1")
        found = [line for line in text.splitlines() if line.startswith("{")]
        return json.loads(found[-1]) if found else sys.exit(f"error: the load has no result:\n{text[-2000:]}")


def measure(platform, scenario, seconds):
    name, began = f"load-{scenario}", time.monotonic()
    platform.start(name, ["--url=http://chat-server:8080", f"--scenario={scenario}", f"--duration={seconds}s",
                          "--output=json"])
    while not platform.finished(name):
        if time.monotonic() > began + seconds + START_SECONDS:
            sys.exit(f"error: {scenario} did not end; kubectl -n {SPACE} logs job/{name}")
        say(f"{scenario}: {time.monotonic() - began:.0f} s")
        time.sleep(5)
    return platform.summary(name) | {"scenario": scenario}


def print_tables(results):
    print("\n| scenario | answers/s | failed | not sent | p50 ms | p95 ms | p99 ms |")
    print("|---|---|---|---|---|---|---|")
    for found in results:
        times = found["latencyMs"]
        print(f"| {found['scenario']} | {found['ratePerSecond']:,.0f} | {found['failed']:,} | "
              f"{found['notSent']:,} | {times['p50']:.1f} | {times['p95']:.1f} | {times['p99']:.1f} |")
    for found in results:
        print(f"\n| {found['scenario']} | answers | p50 ms | p95 ms | p99 ms |\n|---|---|---|---|---|")
        for kind, times in found["byKind"].items():
            print(f"| {LABELS.get(kind, kind)} | {times['count']:,} | {times['p50']:.1f} | {times['p95']:.1f} | "
                  f"{times['p99']:.1f} |")


def main():
    parser = argparse.ArgumentParser(prog="hack/bench platform", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cluster", default="chatflow", help="as hack/cluster --name")
    parser.add_argument("--image-tag", default="dev", help="of images that the nodes have")
    parser.add_argument("--scenario", nargs="+", default=["users-400", "users-1000"])
    parser.add_argument("--seconds", type=int, default=60, help="of load for each scenario")
    parser.add_argument("--keep", action="store_true", help=f"leave the namespace {SPACE} in place")
    parser.add_argument("-o", "--output", choices=["table", "json"], default="table")
    options = parser.parse_args()
    platform = Platform(options)
    platform.install()
    try:
        results = [measure(platform, scenario, options.seconds) for scenario in options.scenario]
    finally:
        if not options.keep:
            platform.remove()
    if options.output == "json":
        print(json.dumps(results, indent=1))
    else:
        print_tables(results)


if __name__ == "__main__":
    main()
