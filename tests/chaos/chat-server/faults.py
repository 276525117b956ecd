"""Faults under a chat-server of two pods: see tests/chaos/chat-server/run.

PostgreSQL has a primary, a synchronous standby that can follow it, and a replica that serves reads; Redis a replica.
Pods and the read replica reach the primary by a relay, as by the Service of an operator, and Redis by another."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path += [os.path.join(ROOT, "hack/benches"), os.path.join(ROOT, "tests/chaos/redis")]

from ledger import Connection  # noqa: E402
from local_servers import Postgres, Redis, Relay, wait_until  # noqa: E402
from ports import free_port, wait_for_port  # noqa: E402

from clients import Clients  # noqa: E402

PASSWORD = "secret-of-the-test"
PODS = 2
DETECTION_S = 1.0  # what an operator takes to see that a primary is gone, at the least
DELAY_S = 5


class Stage:
    """Everything that chat-server stands on, and its two pods."""

    def __init__(self, folder, program):
        self.folder, self.program = folder, program
        os.chmod(folder, 0o755)
        self.logs = open(os.path.join(folder, "chat-server.log"), "ab")
        self.primary = self.postgres("primary", None)
        self.database = Relay(self.primary.port)
        self.standby = self.postgres("standby", self.primary.port)
        self.replica = self.postgres("replica", self.database.port)
        self.primary.sql("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        self.primary.sql("SELECT pg_reload_conf()")
        with open(os.path.join(folder, "password"), "w") as file:
            file.write(PASSWORD)
        secret = ("--requirepass", PASSWORD, "--masterauth", PASSWORD, "--appendonly", "yes")
        self.redis = Redis(os.path.join(folder, "redis"), secret)
        self.redis_replica = Redis(os.path.join(folder, "redis-replica"), (
            *secret, "--replicaof", "127.0.0.1", str(self.redis.port)))
        wait_until(lambda: "master_link_status:up" in self.ask(self.redis_replica.port, "INFO", "replication"),
                   "the replica of Redis")
        self.cache = Relay(self.redis.port)
        self.ports = [(free_port(), free_port()) for _ in range(PODS)]
        subprocess.run([program, "migrate"], env=self.environment(0), check=True, stdout=self.logs)
        self.pods = [subprocess.Popen([program, "serve"], env=self.environment(pod), stdout=self.logs)
                     for pod in range(PODS)]
        for http, _ in self.ports:
            wait_for_port(http, "/health/ready")

    def postgres(self, name, upstream):
        def address(port):
            return f"host=127.0.0.1 port={port} user=chatflow application_name={name}"

        settings = ("max_connections=100", "wal_keep_size=256MB", "wal_receiver_timeout=5s",
                    "wal_retrieve_retry_interval=200ms")
        if upstream is None:
            return Postgres(os.path.join(self.folder, name), settings)
        return Postgres(os.path.join(self.folder, name), settings, primary=address(self.primary.port),
                        upstream=address(upstream))

    @staticmethod
    def ask(port, *words):
        connection = Connection("127.0.0.1", port, PASSWORD)
        try:
            return connection.call(*words)
        finally:
            connection.close()

    def environment(self, pod):
        http, metrics = self.ports[pod]
        return {**os.environ, "CHATFLOW_HTTP_ADDRESS": f"127.0.0.1:{http}",
                "CHATFLOW_METRICS_ADDRESS": f"127.0.0.1:{metrics}", "CHATFLOW_POSTGRES_HOST": "127.0.0.1",
                "CHATFLOW_POSTGRES_PORT": str(self.database.port), "CHATFLOW_REDIS_HOST": "127.0.0.1",
                "CHATFLOW_POSTGRES_READ_ADDRESS": f"127.0.0.1:{self.replica.port}",
                "CHATFLOW_REDIS_PORT": str(self.cache.port),
                "CHATFLOW_REDIS_PASSWORD_FILE": os.path.join(self.folder, "password"), "CHATFLOW_AUTH": "off",
                "CHATFLOW_LIMIT_API": "off", "CHATFLOW_THREADS": "1", "CHATFLOW_LOG_LEVEL": "warning",
                "CHATFLOW_POSTGRES_POOL_SIZE": "10", "CHATFLOW_POSTGRES_READ_POOL_SIZE": "5",
                "CHATFLOW_TRUSTED_PROXIES": "127.0.0.0/8", "CHATFLOW_SHUTDOWN_DELAY_SECONDS": "0"}

    def wait_until_told(self):
        wait_until(lambda: self.primary.sql("SELECT count(*) FROM outbox") == "0", "an empty outbox")

    def rows(self):
        """room, seq, id and client_msg_id of every message."""
        text = self.primary.sql("SELECT room_id, seq, id, client_msg_id FROM messages ORDER BY room_id, seq")
        return [line.split("|") for line in text.splitlines()]

    def told(self, room):
        """What the room was told, in order: JSON texts."""
        entries = self.ask(self.cache.port, "XRANGE", f"{{rt0}}:log:{room}", "-", "+")
        return [dict(zip(fields[::2], fields[1::2]))["d"] for _, fields in entries]

    # ---- faults: each breaks, and gives how it is mended

    def none(self):
        return lambda: None

    def replica_stopped(self):
        self.replica.kill()
        return self.replica.start

    def replica_delayed(self):
        self.replica.follow_late(DELAY_S)
        return lambda: self.replica.follow_late(0)

    def primary_failover(self):
        self.primary.kill()
        time.sleep(DETECTION_S)
        self.standby.promote()
        self.standby.sql("ALTER SYSTEM RESET synchronous_standby_names")
        self.standby.sql("SELECT pg_reload_conf()")
        self.database.lead_to(self.standby.port)
        self.primary, self.standby = self.standby, self.primary
        return lambda: None

    def redis_failover(self):
        self.redis.kill()
        time.sleep(DETECTION_S)
        self.ask(self.redis_replica.port, "REPLICAOF", "NO", "ONE")
        self.cache.lead_to(self.redis_replica.port)
        self.redis, self.redis_replica = self.redis_replica, self.redis
        return lambda: None

    def redis_away(self):
        self.cache.lead_to(None)
        return lambda: self.cache.lead_to(self.redis.port)

    def close(self):
        for pod in self.pods:
            pod.terminate()
        for pod in self.pods:
            pod.wait()
        for server in (self.redis, self.redis_replica, self.replica, self.standby, self.primary):
            server.close()


# The order matters: after a failover there is no second.
CASES = {"none": Stage.none, "replica-stopped": Stage.replica_stopped, "replica-delayed": Stage.replica_delayed,
         "redis-away": Stage.redis_away, "primary-failover": Stage.primary_failover,
         "redis-failover": Stage.redis_failover}
CALM_S = 2
HEADER = ("| fault | requests | failed | longest without a message | last error after the fault | stale reads | lost | "
          "doubled | told twice or never |\n|---|---|---|---|---|---|---|---|---|")


def run(stage, clients, case, seconds):
    """One row of the table, and whether all is well."""
    first = clients.begin_case()
    time.sleep(CALM_S)
    began = time.monotonic()
    mend = CASES[case](stage)
    time.sleep(max(0.0, began + seconds - time.monotonic()))
    mend()
    time.sleep(CALM_S + (DELAY_S if case == "replica-delayed" else 0))
    wait_until(clients.is_calm, "clients without errors")
    report = clients.end_case(first, began)
    clients.pause()
    stage.wait_until_told()
    lost, doubled = clients.compare(stage.rows())
    untold = clients.compare_told(stage)
    clients.go_on()
    print(f"| {case} | {report.requests} | {report.failed} ({100 * report.failed / max(1, report.requests):.2f} %) | "
          f"{report.gap:.1f} s | {report.last_error:.1f} s | {report.stale} | {lost} | {doubled} | {untold} |", flush=True)
    return not (report.stale or lost or doubled or untold or report.requests == 0)


def control(stage, clients):
    """Whether the comparison sees what somebody takes away: a message of the table, an event of a room."""
    clients.pause()
    stage.wait_until_told()
    stage.primary.sql("DELETE FROM messages WHERE id IN (SELECT id FROM messages LIMIT 1)")
    key = f"{{rt0}}:log:{clients.rooms[0]}"
    first = stage.ask(stage.cache.port, "XRANGE", key, "-", "+", "COUNT", "1")[0][0]
    stage.ask(stage.cache.port, "XDEL", key, first)
    lost, _ = clients.compare(stage.rows())
    untold = clients.compare_told(stage)
    print(f"control: one message and one event taken away, {lost and 1} and {untold} seen", flush=True)
    return lost > 0 and untold == 1


def main():
    parser = argparse.ArgumentParser(prog="hack/chaos chat-server")
    parser.add_argument("--chat-server", required=True)
    parser.add_argument("--case", action="append", choices=CASES)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--away", type=float, default=60)
    parser.add_argument("--rate", type=float, default=60)
    options = parser.parse_args()
    folder = tempfile.mkdtemp()
    stage = Stage(folder, options.chat_server)
    clients = Clients([http for http, _ in stage.ports], options.rate)
    try:
        clients.start()
        wait_until(clients.is_calm, "clients without errors")
        print(HEADER)
        wanted = [case for case in CASES if case in (options.case or CASES)]
        results = [run(stage, clients, case, options.away if case == "redis-away" else options.seconds)
                   for case in wanted]
        results.append(control(stage, clients))
    finally:
        clients.stop()
        stage.close()
        if os.environ.get("CHATFLOW_KEEP_LOGS"):
            print(f"logs: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if all(results) else "lost, doubled or stale, or the control saw nothing: see above")


main()
