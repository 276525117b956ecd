"""No-op jobs through our worker, Node's BullMQ and Asynq, one after the other, each on a fresh Redis;
see hack/bench. The jobs are there before the worker starts; for the waits they come at a rate, and
those of the first second, while programs warm up, do not count."""

import argparse
import os
import pathlib
import socket
import subprocess
import tempfile
import time

from ports import free_port

RATE = 1000  # jobs/s, where waits are measured
HERE = pathlib.Path(__file__).parent / "jobs"


class Redis:
    def __init__(self):
        self.port = free_port()
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", self.folder.name],
            stdout=subprocess.DEVNULL)
        while True:
            try:
                self.socket = socket.create_connection(("127.0.0.1", self.port))
                break
            except OSError:
                time.sleep(0.02)
        self.lines = self.socket.makefile("rb")

    def call(self, *words):
        self.socket.sendall(b"".join([b"*%d\r\n" % len(words)] + [
            b"$%d\r\n%s\r\n" % (len(word), word) for word in (str(word).encode() for word in words)]))
        return self.read()

    def read(self):
        line = self.lines.readline()[:-2]
        kind, rest = line[:1], line[1:]
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return self.lines.read(int(rest) + 2)[:-2].decode() if rest != b"-1" else None
        if kind == b"*":
            return [self.read() for _ in range(int(rest))]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        return rest.decode()

    def cpu_seconds(self):
        info = dict(line.split(":", 1) for line in self.call("INFO", "cpu").split("\r\n") if ":" in line)
        return float(info["used_cpu_sys"]) + float(info["used_cpu_user"])

    def close(self):
        self.process.kill()
        self.process.wait()


class BullMq:
    """The queue as BullMQ lays it out, for our worker and theirs."""

    def add(self, redis, count, rate):
        subprocess.run(["node", HERE / "bullmq.js", "add", str(redis.port), str(count), str(rate)], check=True)

    def done(self, redis):
        return redis.call("ZCARD", "bull:bench:completed")

    def wait_p99(self, redis, worker):
        waits = []
        for job in redis.call("ZRANGE", "bull:bench:completed", RATE, -1):
            began, added = redis.call("HMGET", f"bull:bench:{job}", "processedOn", "timestamp")
            waits.append(int(began) - int(added))
        waits.sort()
        return waits[len(waits) * 99 // 100]


class Node(BullMq):
    name = "bullmq (Node)"

    def start(self, redis, concurrency, count):
        return subprocess.Popen(["node", HERE / "bullmq.js", "work", str(redis.port), str(concurrency)])


class Ours(BullMq):
    name = "chatflow-worker"

    def __init__(self, program):
        self.program = program

    def start(self, redis, concurrency, count):
        return subprocess.Popen([self.program], env={
            "CHATFLOW_REDIS_URL": f"redis://127.0.0.1:{redis.port}", "CHATFLOW_QUEUES": "bench=echo",
            "CHATFLOW_CONCURRENCY": str(concurrency), "CHATFLOW_HTTP_ADDRESS": "127.0.0.1:0",
            "CHATFLOW_LOG_LEVEL": "warning"})


class Asynq:
    name = "asynq (Go)"

    def __init__(self, program):
        self.program = program

    def add(self, redis, count, rate):
        subprocess.run([self.program, "add", str(redis.port), str(count), str(rate)], check=True)
        self.total = count

    def start(self, redis, concurrency, count):
        return subprocess.Popen([self.program, "work", str(redis.port), str(concurrency), str(count)],
                                stdout=subprocess.PIPE, text=True)

    def done(self, redis):
        day = time.strftime("%Y-%m-%d", time.gmtime())
        return int(redis.call("GET", f"asynq:{{default}}:processed:{day}") or 0)

    def wait_p99(self, redis, worker):
        return float(worker.communicate(timeout=30)[0])


def until_done(peer, redis, count, limit=120):
    """When the first and the last job were done."""
    first = None
    end = time.time() + limit
    while True:
        done = peer.done(redis)
        now = time.monotonic()
        if done and first is None:
            first = now
        if done >= count:
            return first, now
        if time.time() > end:
            raise SystemExit(f"{peer.name}: {done} of {count} jobs after {limit} s")
        time.sleep(0.005)


def throughput(peer, concurrency, count):
    redis = Redis()
    peer.add(redis, count, 0)
    cpu = redis.cpu_seconds()
    worker = peer.start(redis, concurrency, count)
    first, last = until_done(peer, redis, count)
    cpu = redis.cpu_seconds() - cpu
    worker.kill()
    worker.wait()
    redis.close()
    return count / max(last - first, 0.001), cpu / count * 1e6


def wait(peer, concurrency, rate, seconds):
    redis = Redis()
    count = rate * seconds
    worker = peer.start(redis, concurrency, count)
    time.sleep(2)
    peer.add(redis, count, rate)
    until_done(peer, redis, count)
    p99 = peer.wait_p99(redis, worker)
    worker.kill()
    worker.wait()
    redis.close()
    return p99


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--worker", required=True)
    parser.add_argument("--asynq", default="")
    parser.add_argument("--jobs", type=int, default=20000)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--seconds", type=int, default=10)
    arguments = parser.parse_args()
    peers = [Ours(arguments.worker), Node()] + ([Asynq(arguments.asynq)] if arguments.asynq else [])
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f} at the start, {arguments.jobs} no-op jobs\n")
    heads = [f"jobs/s at {c} | Redis us/job at {c}" for c in arguments.concurrency]
    print(f"| | {' | '.join(heads)} | wait p99 ms at 1,000/s |")
    print("|---|" + "---|" * (2 * len(heads) + 1))
    for peer in peers:
        cells = []
        for concurrency in arguments.concurrency:
            rate, cpu = throughput(peer, concurrency, arguments.jobs)
            cells += [f"{rate:,.0f}", f"{cpu:.0f}"]
        cells.append(f"{wait(peer, 10, RATE, arguments.seconds)}")
        print(f"| {peer.name} | {' | '.join(cells)} |", flush=True)


main()
