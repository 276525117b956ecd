"""Fan-out and memory of the gateway; see hack/bench. The server has one core; the clients, and Redis where there
is one, have the other. Each step runs a few seconds; the highest rate that arrives whole, in order and with p99
below 100 ms counts."""

import argparse
import base64
import hashlib
import hmac
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from ports import free_port, wait_for_port

STEPS = {(200, 10): [25_000, 50_000, 100_000, 150_000, 200_000, 300_000],
         (1, 2000): [25_000, 50_000, 100_000, 200_000, 400_000, 600_000]}
NODE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "realtime", "node.mjs")
USERS = 50  # who share the connections, so that no limit is met


class Process:
    def __init__(self, core, command, port, environment=None):
        self.port = port
        self.process = subprocess.Popen(["taskset", "-c", str(core), *command],
                                        env=dict(os.environ, **(environment or {})), stdout=subprocess.DEVNULL)
        metrics = (environment or {}).get("CHATFLOW_METRICS_ADDRESS")
        self.metrics = metrics and metrics.split(":")[1]
        wait_for_port(port)
        if self.metrics:
            wait_for_port(self.metrics, "/health/ready")

    def closed_as_too_slow(self):
        if not self.metrics:
            return 0
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics}/metrics") as page:
            found = re.search(r'sessions_closed_total\{reason="too slow"\} (\d+)', page.read().decode())
        return int(found[1]) if found else 0

    def close(self):
        self.process.kill()
        self.process.wait()


class Token:
    """A key of our own, and what it signs."""

    def __init__(self, folder):
        self.secret = secrets.token_bytes(64)
        self.jwks = os.path.join(folder, "jwks.json")
        self.file = os.path.join(folder, "tokens")
        key = {"kty": "oct", "kid": "1", "alg": "HS256", "k": self.encode(self.secret)}
        with open(self.jwks, "w") as file:
            json.dump({"keys": [key]}, file)
        with open(self.file, "w") as file:
            file.writelines(self.sign({"userId": f"user-{i}", "exp": int(time.time()) + 86400}) + "\n"
                            for i in range(USERS))

    @staticmethod
    def encode(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    def sign(self, claims):
        text = ".".join(self.encode(json.dumps(part).encode()) for part in ({"alg": "HS256", "kid": "1"}, claims))
        return text + "." + self.encode(hmac.new(self.secret, text.encode(), hashlib.sha256).digest())


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.token = Token(folder)
        self.redis = None
        self.more = {}  # settings

    def ours(self):
        port = free_port()
        return Process(0, [self.options.gateway, "--application", "echo"], port, self.environment(port))

    def node(self):
        port = free_port()
        return Process(0, ["node", NODE, str(port)], port)

    def platform(self):
        if self.redis is None:
            port = free_port()
            self.redis = Process(1, ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "",
                                     "--dir", self.folder], port)
        port = free_port()
        return Process(0, [self.options.gateway], port, self.environment(port) | {
            "CHATFLOW_REDIS_URL": f"redis://127.0.0.1:{self.redis.port}",
            "CHATFLOW_AUTH_JWKS_FILE": self.token.jwks, "CHATFLOW_CONNECTIONS_PER_USER": "1000"})

    def environment(self, port):
        return {"CHATFLOW_HTTP_ADDRESS": f"127.0.0.1:{port}",
                "CHATFLOW_METRICS_ADDRESS": f"127.0.0.1:{free_port()}", "CHATFLOW_LOG_LEVEL": "error"} | self.more

    def load(self, *arguments):
        done = subprocess.run(["taskset", "-c", "1", self.options.load, *map(str, arguments)],
                              stdout=subprocess.PIPE)
        return json.loads(done.stdout) if done.stdout else None

    def fan_out(self, server, rooms, members, rate, *more):
        """Of so many runs the one with the median p99; None when one could not end."""
        results = []
        for _ in range(self.options.repeat):
            process = server()
            result = self.load("fanout", process.port, rooms, members, rate / members, self.options.seconds,
                               f"pid={process.process.pid}", *more)
            if result is not None:
                result["too_slow"] = process.closed_as_too_slow()
            process.close()
            if result is None:
                return None
            results.append(result)
        results.sort(key=lambda result: result["p99_ms"])
        return results[len(results) // 2]

    def climb(self, name, server, *more):
        for (rooms, members), rates in STEPS.items():
            for rate in rates:
                result = self.fan_out(server, rooms, members, rate, *more)
                self.row(name, rooms, members, rate, result)
                if result is None or result["p99_ms"] > 100 or result["delivered"] < result["expected"]:
                    break

    def stalled(self, name, server, *more):
        """A room of 1,000, without and with one more who never reads and is closed for it."""
        for who, stalled in ((name, ()), (name + ", and one who never reads", ("stalled",))):
            result = self.fan_out(server, 1, 1000, 100_000, *stalled, *more)
            self.row(who, 1, 1000, 100_000, result)
            if stalled and result and result["too_slow"] != 1:
                sys.exit(f"error: {result['too_slow']} clients were closed as too slow, not 1")

    @staticmethod
    def row(name, rooms, members, rate, result):
        if result is None:
            print(f"| {name} | {rooms} × {members} | {rate:,} | failed | | | | | |", flush=True)
            return
        print(f"| {name} | {rooms} × {members} | {rate:,} | {result['per_second']:,.0f} | {result['p50_ms']} | "
              f"{result['p99_ms']} | {result['missed']} | {result['violations']} | "
              f"{result['server_cpu_seconds'] / result['seconds']:.0%} |", flush=True)

    def idle(self, name, server):
        process = server()
        result = self.load("idle", process.port, self.options.connections, process.process.pid)
        process.close()
        if result:
            print(f"| {name} | {result['connections']:,} | {result['bytes_per_connection']:,.0f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="hack/bench realtime")
    parser.add_argument("--gateway", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--only", nargs="+", choices=["idle", "climb", "stalled"], default=[])
    options = parser.parse_args()
    wanted = set(options.only or ["idle", "climb", "stalled"])
    folder = tempfile.mkdtemp()
    bench = Bench(options, folder)
    tokens = bench.token.file
    try:
        if "idle" in wanted:
            print("| server | connections | bytes of its own memory for each |\n|---|---|---|")
            bench.idle("chatflow-socket", bench.ours)
            bench.idle("Node socket.io", bench.node)
        print("\n| server | rooms × members | asked/s | delivered/s | p50 ms | p99 ms | missed | out of order | its core |")
        print("|---|---|---|---|---|---|---|---|---|")
        if "climb" in wanted:
            bench.climb("chatflow-socket", bench.ours)
            bench.climb("chatflow-socket, platform with Redis", bench.platform, tokens)
            bench.climb("Node socket.io, no adapter", bench.node)
            bench.row("chatflow-socket, platform with Redis", 10, 100, 100_000,
                      bench.fan_out(bench.platform, 10, 100, 100_000, tokens))
        if "stalled" in wanted:
            # 100 messages a second: so that its queue is full in time.
            options.seconds = max(options.seconds, 10)
            bench.more = {"CHATFLOW_QUEUE_BYTES": "32768"}
            bench.stalled("chatflow-socket", bench.ours)
            bench.stalled("chatflow-socket, platform with Redis", bench.platform, tokens)
    finally:
        if bench.redis:
            bench.redis.close()
        shutil.rmtree(folder)


main()
