"""People at work on a chat platform in a cluster: the load that hack/load describes, from a pod beside it.

hack/demo makes such a platform, and leaves it. PostgreSQL, Redis, chat-server, what scales it, and the load share the
cluster's nodes, which is what is measured; a rate that they cannot serve is seen in the percentiles.
"""

import argparse
import json
import os
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LABELS = {"room": "a room", "messages": "50 messages", "send": "send",
          "upload": "upload of 32 KiB", "login": "log-in (Argon2id)"}
CONTAINER = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
START_SECONDS = 300  # accounts and rooms are made first; each sign-up costs an Argon2id


def say(*words):
    print(*words, file=sys.stderr, flush=True)


class Platform:
    def __init__(self, options):
        self.client = [os.path.join(ROOT, "hack", "cluster"), "--name", options.cluster, "kubectl",
                       "-n", options.namespace]

    def kubectl(self, *words, feed=None):
        done = subprocess.run([*self.client, *words], input=feed, capture_output=True, text=True, timeout=90)
        if done.returncode != 0:
            sys.exit(f"error: kubectl {' '.join(words[:3])}: {done.stderr.strip()}")
        return done.stdout

    def get(self, *words):
        return json.loads(self.kubectl("get", *words, "-o", "json"))

    def load_image(self):
        """That of the same registry and tag as chat-server's."""
        container = self.get("deployment", "chat-server")["spec"]["template"]["spec"]["containers"][0]
        return container["image"].replace("/chat-server:", "/load:")

    def pods(self):
        return self.get("deployment", "chat-server")["status"].get("readyReplicas", 0)

    def start(self, name, image, words):
        pod = {"restartPolicy": "Never", "automountServiceAccountToken": False,
               "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
               "containers": [{"name": "load", "image": image, "args": words, "securityContext": CONTAINER,
                               "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}}}]}
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


def measure(platform, image, scenario, options):
    name = f"load-{scenario}"
    platform.start(name, image, ["--url=http://chat-server:8080", f"--scenario={scenario}",
                                 f"--duration={options.seconds}s", "--output=json"])
    counts, limit = [], time.monotonic() + options.seconds + START_SECONDS
    while not platform.finished(name):
        if time.monotonic() > limit:
            sys.exit(f"error: {scenario} did not end; kubectl -n {options.namespace} logs job/{name}")
        counts.append(platform.pods())
        say(f"{scenario}: {counts[-1]} pods ready")
        time.sleep(5)
    return platform.summary(name) | {"scenario": scenario, "pods": [min(counts), max(counts)]}


def print_tables(results):
    print("\n| scenario | answers/s | failed | not sent | pods of chat-server | p50 ms | p95 ms | p99 ms |")
    print("|---|---|---|---|---|---|---|---|")
    for found in results:
        times = found["latencyMs"]
        print(f"| {found['scenario']} | {found['ratePerSecond']:,.0f} | {found['failed']:,} | "
              f"{found['notSent']:,} | {found['pods'][0]}–{found['pods'][1]} | {times['p50']:.1f} | "
              f"{times['p95']:.1f} | {times['p99']:.1f} |")
    for found in results:
        print(f"\n| {found['scenario']} | answers | p50 ms | p95 ms | p99 ms |\n|---|---|---|---|---|")
        for kind, times in found["byKind"].items():
            print(f"| {LABELS.get(kind, kind)} | {times['count']:,} | {times['p50']:.1f} | {times['p95']:.1f} | "
                  f"{times['p99']:.1f} |")


def main():
    parser = argparse.ArgumentParser(prog="hack/bench platform", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cluster", default="chatflow", help="as hack/cluster --name")
    parser.add_argument("--namespace", default="chat")
    parser.add_argument("--scenario", nargs="+", default=["users-400", "users-1000"])
    parser.add_argument("--seconds", type=int, default=60, help="of load for each scenario")
    parser.add_argument("-o", "--output", choices=["table", "json"], default="table")
    options = parser.parse_args()
    platform = Platform(options)
    image = platform.load_image()
    results = [measure(platform, image, scenario, options) for scenario in options.scenario]
    if options.output == "json":
        print(json.dumps(results, indent=1))
    else:
        print_tables(results)


if __name__ == "__main__":
    main()
