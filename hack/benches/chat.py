"""People who chat by socket and HTTP at the same time: chat-server and gateway on PostgreSQL and Redis, all of them
processes of this machine; see hack/bench. How long a message takes until each member of its room has heard it."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

from local_servers import Postgres, Program, Redis, cpu_seconds
from ports import free_port

HERE = os.path.dirname(os.path.abspath(__file__))
USERS = os.path.join(HERE, "chat", "users.mjs")
P95_GOAL_MS = 100


def start(command, environment):
    metrics = int(environment["CHATFLOW_METRICS_ADDRESS"].split(":")[1])
    return Program(command, metrics, "/health/ready", environment, stdout=sys.stderr)


class Platform:
    def __init__(self, options, folder):
        self.postgres = Postgres(os.path.join(folder, "postgres"))
        self.redis = Redis(os.path.join(folder, "redis"), ["--appendonly", "yes"])
        self.port, self.gateway_port = free_port(), free_port()
        keys = os.path.join(folder, "keys.pem")
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", keys], check=True)
        postgres = {"CHATFLOW_POSTGRES_HOST": "127.0.0.1", "CHATFLOW_POSTGRES_PORT": str(self.postgres.port)}
        environment = postgres | {
            "CHATFLOW_HTTP_ADDRESS": f"127.0.0.1:{self.port}", "CHATFLOW_METRICS_ADDRESS": f"127.0.0.1:{free_port()}",
            "CHATFLOW_REDIS_HOST": "127.0.0.1", "CHATFLOW_REDIS_PORT": str(self.redis.port),
            "CHATFLOW_AUTH_SIGNING_KEYS_FILE": keys, "CHATFLOW_LIMIT_API": "off", "CHATFLOW_LIMIT_AUTH": "off",
            "CHATFLOW_LOG_LEVEL": "warning", "CHATFLOW_SHUTDOWN_DELAY_SECONDS": "0"}
        subprocess.run([options.chat_server, "migrate"], env=dict(os.environ, **environment), check=True,
                       stdout=sys.stderr)
        self.chat_server = start([options.chat_server, "serve"], environment)
        self.gateway = start([options.gateway], postgres | {
            "CHATFLOW_HTTP_ADDRESS": f"127.0.0.1:{self.gateway_port}",
            "CHATFLOW_METRICS_ADDRESS": f"127.0.0.1:{free_port()}",
            "CHATFLOW_REDIS_URL": f"redis://127.0.0.1:{self.redis.port}",
            "CHATFLOW_AUTH_JWKS_URL": f"http://127.0.0.1:{self.port}/.well-known/jwks.json",
            "CHATFLOW_LOG_LEVEL": "warning"})

    def close(self):
        for program in (self.gateway, self.chat_server, self.redis, self.postgres):
            program.close()


def main():
    parser = argparse.ArgumentParser(prog="hack/bench chat", description=__doc__)
    parser.add_argument("--chat-server", required=True)
    parser.add_argument("--gateway", required=True)
    parser.add_argument("--users", type=int, default=1000)
    parser.add_argument("--rooms", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--every", type=float, default=5, help="seconds between two messages of one user")
    options = parser.parse_args()
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)  # PostgreSQL is another user
    platform = Platform(options, folder)
    try:
        done = subprocess.run(
            ["node", USERS, f"http://127.0.0.1:{platform.port}", f"http://127.0.0.1:{platform.gateway_port}",
             *(word for name in ("users", "rooms", "seconds", "every")
               for word in (f"--{name}", str(getattr(options, name))))], stdout=subprocess.PIPE)
        if done.returncode != 0:
            sys.exit("error: the users ended early; what they met is above")
        result = json.loads(done.stdout)
        programs = {"chat-server": platform.chat_server, "chatflow-socket": platform.gateway}
        show(options, result, {name: (cpu_seconds(program.process.pid), program.memory_mib())
                               for name, program in programs.items()})
    finally:
        platform.close()
        shutil.rmtree(folder, ignore_errors=True)
    worst = max(result[way]["p95_ms"] for way in ("http", "socket"))
    wrong = result["failed"] + sum(result[way]["missed"] + result[way]["twice"] for way in ("http", "socket"))
    if wrong or worst >= P95_GOAL_MS:
        sys.exit(f"error: p95 {worst} ms (it is to be below {P95_GOAL_MS}), {wrong} requests or deliveries went wrong")


def show(options, result, used):
    print(f"{options.users} users in {options.rooms} rooms, a message of each every {options.every:g} s; "
          f"{result['failed']} failed\n")
    print("| said by | messages | deliveries | missed | twice | answered p95 ms | p50 ms | p95 ms | p99 ms | longest |\n"
          "|---|---|---|---|---|---|---|---|---|---|")
    for way in ("http", "socket"):
        row = result[way]
        print(f"| {way} | {row['messages']:,} | {row['deliveries']:,} | {row['missed']} | {row['twice']} | "
              f"{row['answered_p95_ms']} | {row['p50_ms']} | {row['p95_ms']} | {row['p99_ms']} | {row['max_ms']} |")
    for name, (seconds, memory) in used.items():
        print(f"\n{name}: {seconds:.1f} s of a core in all, {memory:.0f} MiB", end="")
    print()


main()
