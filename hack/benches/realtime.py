"""Fan-out and idle memory of the gateway with its echo application; see hack/bench. The gateway has one
core, the clients another. Each step runs a few seconds; the highest rate that arrives whole, in order and
with p99 below 100 ms counts."""

import argparse
import json
import os
import socket
import subprocess
import time

SHAPES = [(200, 10, [25_000, 50_000, 100_000, 150_000, 200_000, 300_000]),
          (1, 2000, [50_000, 100_000, 200_000, 400_000, 500_000])]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Gateway:
    def __init__(self, program):
        self.port, metrics = free_port(), free_port()
        environment = dict(os.environ, CHATFLOW_HTTP_ADDRESS=f"127.0.0.1:{self.port}",
                           CHATFLOW_METRICS_ADDRESS=f"127.0.0.1:{metrics}", CHATFLOW_LOG_LEVEL="error",
                           CHATFLOW_QUEUE_BYTES="16777216")
        self.process = subprocess.Popen(["taskset", "-c", "0", program, "--application", "echo"],
                                        env=environment, stdout=subprocess.DEVNULL)
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.02)

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        self.process.kill()
        self.process.wait()


def load(program, *arguments):
    done = subprocess.run(["taskset", "-c", "1", program, *map(str, arguments)], stdout=subprocess.PIPE)
    return json.loads(done.stdout) if done.stdout else None


def main():
    parser = argparse.ArgumentParser(prog="hack/bench realtime")
    parser.add_argument("--gateway", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--connections", type=int, default=10_000)
    options = parser.parse_args()
    print("| rooms × members | asked/s | delivered/s | p50 ms | p99 ms | out of order | gateway's core |")
    print("|---|---|---|---|---|---|---|")
    for rooms, members, rates in SHAPES:
        for rate in rates:
            gateway = Gateway(options.gateway)
            begin, used = time.monotonic(), gateway.cpu_seconds()
            result = load(options.load, "fanout", gateway.port, rooms, members, rate / members, options.seconds)
            share = (gateway.cpu_seconds() - used) / (time.monotonic() - begin)
            gateway.close()
            if result is None:
                print(f"| {rooms} × {members} | {rate:,} | failed | | | | |", flush=True)
                break
            print(f"| {rooms} × {members} | {rate:,} | {result['per_second']:,.0f} | {result['p50_ms']} | "
                  f"{result['p99_ms']} | {result['violations']} | {share:.0%} |", flush=True)
            if result["p99_ms"] > 100 or result["delivered"] < result["expected"]:
                break
    gateway = Gateway(options.gateway)
    idle = load(options.load, "idle", gateway.port, options.connections, gateway.process.pid)
    gateway.close()
    print(f"\n{idle['connections']:,} idle connections: {idle['bytes_per_connection']:,.0f} bytes of the "
          "gateway's memory each")


main()
