"""chat-server beside the same endpoints in fastify (with ioredis and pg) and in Go (net/http, pgx, go-redis); see
hack/bench. One after the other on one core, each on the same PostgreSQL and Redis, which share the other core with
wrk and its 64 connections. The peers do less: no checks of bodies beyond what they need, no outbox that is told."""

import argparse
import http.client
import json
import os
import shutil
import subprocess
import tempfile
import time

from local_servers import Postgres, Program, Redis, cpu_seconds
from ports import free_port

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "chat_http")
ROOMS = 64
MESSAGES = 40  # of each room before the load
KINDS = ("cached", "read", "send")
CONNECTIONS = 64
SERVER_CORE, LOAD_CORE = 0, 1
WARM_UP_S = 1


class Servers:
    """PostgreSQL, which writes to the disk before it confirms, and Redis; both on the core of the load."""

    def __init__(self, folder):
        os.chmod(folder, 0o755)
        on_core = ["taskset", "-c", str(LOAD_CORE)]
        self.postgres = Postgres(os.path.join(folder, "data"), ("shared_buffers=256MB", "max_connections=200"), on_core)
        self.redis = Redis(os.path.join(folder, "redis"), before=on_core)
        self.postgres_port, self.redis_port = self.postgres.port, self.redis.port

    def cpu_seconds(self):
        """Of PostgreSQL and Redis."""
        postgres, redis = (server.process.pid for server in (self.postgres, self.redis))
        return cpu_seconds(redis) + sum(cpu_seconds(pid) for pid in [postgres, *children_of(postgres)])

    def close(self):
        self.redis.close()
        self.postgres.close()


def children_of(parent):
    with open(f"/proc/{parent}/task/{parent}/children") as file:
        return [int(pid) for pid in file.read().split()]


def on_its_core(command, port, path=None, environment=None):
    return Program(["taskset", "-c", str(SERVER_CORE), *command], port, path, environment)


class Bench:
    def __init__(self, options, servers):
        self.options, self.servers, self.runs = options, servers, 0
        self.rooms = []

    def environment(self, port):
        return {"CHATFLOW_HTTP_ADDRESS": f"127.0.0.1:{port}", "CHATFLOW_METRICS_ADDRESS": f"127.0.0.1:{free_port()}",
                "CHATFLOW_POSTGRES_HOST": "127.0.0.1", "CHATFLOW_POSTGRES_PORT": str(self.servers.postgres_port),
                "CHATFLOW_REDIS_HOST": "127.0.0.1", "CHATFLOW_REDIS_PORT": str(self.servers.redis_port),
                "CHATFLOW_AUTH": "off", "CHATFLOW_LIMIT_API": "off", "CHATFLOW_THREADS": "1",
                "CHATFLOW_LOG_LEVEL": "warning", "CHATFLOW_SHUTDOWN_DELAY_SECONDS": "0"}

    def migrate(self):
        subprocess.run([self.options.chat_server, "migrate"], env=self.environment(free_port()), check=True,
                       stdout=subprocess.DEVNULL)

    def ours(self):
        port = free_port()
        return on_its_core([self.options.chat_server, "serve"], port, "/health/ready", self.environment(port))

    def fastify(self):
        port = free_port()
        return on_its_core(["node", os.path.join(HERE, "fastify.mjs"), str(port), str(self.servers.redis_port),
                        str(self.servers.postgres_port)], port)

    def go(self):
        port = free_port()
        where = f"host=127.0.0.1 port={self.servers.postgres_port} user=chatflow dbname=chatflow sslmode=disable"
        return on_its_core([self.options.go_server, str(port), str(self.servers.redis_port), where], port)

    def fill(self):
        """Rooms with messages, by our API: what all three then read."""
        program = self.ours()
        connection = http.client.HTTPConnection("127.0.0.1", program.port)
        for i in range(ROOMS):
            room = self.post(connection, "/api/v1/rooms", {"name": f"room {i}", "topic": "everything"})["id"]
            self.rooms.append(room)
            for n in range(MESSAGES):
                self.post(connection, f"/api/v1/rooms/{room}/messages",
                          {"sender": "ann", "body": "a message of some length " * 4, "client_msg_id": f"first-{n}"})
        while self.servers.postgres.sql("SELECT count(*) FROM outbox") != "0":
            time.sleep(0.1)
        program.close()
        self.servers.postgres.sql("VACUUM ANALYZE")

    @staticmethod
    def post(connection, path, body):
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        return json.load(connection.getresponse())

    def wrk(self, program, kind, seconds):
        self.runs += 1
        done = subprocess.run(
            ["taskset", "-c", str(LOAD_CORE), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s",
             os.path.join(HERE, "requests.lua"), f"http://127.0.0.1:{program.port}", "--", kind, f"r{self.runs}",
             *self.rooms], stdout=subprocess.PIPE, check=True, text=True)
        return json.loads(done.stdout.strip().splitlines()[-1])

    def measure(self, start):
        """The median of the repetitions for each kind, and the memory at the end."""
        program = start()
        results = {}
        for kind in self.options.kinds:
            self.wrk(program, kind, WARM_UP_S)
            rounds = []
            for _ in range(self.options.repeat):
                before = cpu_seconds(program.process.pid), self.servers.cpu_seconds()
                result = self.wrk(program, kind, self.options.seconds)
                after = cpu_seconds(program.process.pid), self.servers.cpu_seconds()
                result["rate"] = result["requests"] / result["seconds"]
                result["cpu_us"], result["servers_us"] = (
                    (end - begin) * 1e6 / max(result["requests"], 1) for begin, end in zip(before, after))
                rounds.append(result)
            results[kind] = sorted(rounds, key=lambda result: result["rate"])[len(rounds) // 2]
        results["memory"] = program.memory_mib()
        program.close()
        self.servers.postgres.sql("TRUNCATE outbox")  # the peers tell nobody
        return results

    def run(self):
        self.migrate()
        self.fill()
        servers = {"chat-server": self.ours, "fastify, ioredis, pg": self.fastify,
                   "Go: net/http, pgx, go-redis": self.go}
        print("| server | request | answers/s | p50 ms | p99 ms | failed | its cpu time an answer | PostgreSQL's and "
              "Redis' | memory after |\n|---|---|---|---|---|---|---|---|---|")
        measured = {}
        for name, start in servers.items():
            measured[name] = self.measure(start)
            memory = measured[name]["memory"]
            for kind in self.options.kinds:
                result = measured[name][kind]
                print(f"| {name} | {kind} | {result['rate']:,.0f} | {result['p50_ms']:.1f} | {result['p99_ms']:.1f} | "
                      f"{result['failed']} | {result['cpu_us']:.0f} µs | {result['servers_us']:.0f} µs | "
                      f"{memory:.0f} MiB |", flush=True)
        ours, node, go = measured.values()
        print("\n| | measured | what it is to be |\n|---|---|---|")
        for kind, peer, name, goal in (
                ("cached", node, "fastify", 3), ("read", go, "Go", 1.3), ("send", go, "Go", 1.5)):
            if kind in ours:
                print(f"| {kind}, beside {name} | {ours[kind]['rate'] / peer[kind]['rate']:.2f}× | {goal}× or more |")


def main():
    parser = argparse.ArgumentParser(prog="hack/bench http")
    parser.add_argument("--chat-server", required=True)
    parser.add_argument("--go-server", required=True)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    options = parser.parse_args()
    folder = tempfile.mkdtemp()
    servers = Servers(folder)
    try:
        Bench(options, servers).run()
    finally:
        servers.close()
        shutil.rmtree(folder, ignore_errors=True)


main()
