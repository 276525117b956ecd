"""A Redis of three nodes loses its master's pod and no write that it acknowledged."""

import threading

from support.kube import Failure, condition, eventually
from support.world import REDIS, now

NAMESPACE = REDIS
NAME = "queue"
FORMED_S = 150  # images, Sentinels, two copies, and all of it on a busy machine
TAKEOVER_S = 60
# -t bounds the connect only.
CLI = "REDISCLI_AUTH=$(cat /etc/chatflow/auth/password) timeout 10 redis-cli -h queue-rw -t 2"
# Each number that was acknowledged is printed by the client; where it was unknown, it is not.
WRITER = f"""
rm -f /run/redis/e2e-stop
n=0
while [ ! -e /run/redis/e2e-stop ]; do
    n=$((n + 1))
    [ "$({CLI} SET e2e:$n 1 2>/dev/null)" = OK ] && echo "$n"
done
"""
READ = f"{CLI} --scan --pattern 'e2e:*'"


def a_deleted_redis_master_hands_over_and_every_acknowledged_write_is_there(world, report):
    world.operator()
    world.namespace(REDIS)
    began = now()
    world.kube.apply(_topology())
    master, _ = eventually("three nodes are in sync", lambda: _master(world), within=FORMED_S)
    report.measure("applied → three nodes in sync", now() - began)
    client = next(f"{NAME}-{n}" for n in range(3) if f"{NAME}-{n}" != master)
    with _Writer(world, client) as writer:
        eventually("ten writes are acknowledged", lambda: len(writer.seen) >= 10, within=30)
        world.kube.kubectl("-n", REDIS, "delete", "pod", master, "--wait=false")
        deleted = now()
        eventually(
            "another is master",
            lambda: _current(world) not in (None, "", master),
            within=TAKEOVER_S,
        )
        report.measure("pod deleted → another is master", now() - deleted)
        before = len(writer.seen)
        eventually(
            "writes go on with another master",
            lambda: len(writer.seen) >= before + 10,
            within=TAKEOVER_S,
        )
        report.measure("pod deleted → ten further writes", now() - deleted)
    there = {key.removeprefix("e2e:") for key in _exec(world, client, READ).split()}
    lost = set(writer.seen) - there
    if lost:
        raise Failure(f"{len(lost)} of {len(writer.seen)} acknowledged writes are lost")
    eventually("three nodes are in sync again", lambda: _master(world), within=FORMED_S)
    report.say(f"{len(writer.seen)} acknowledged writes, all there; it was {master}")


def _topology():
    return {
        "apiVersion": "chatflow.dev/v1alpha1",
        "kind": "RedisTopology",
        "metadata": {"name": NAME, "namespace": REDIS},
        "spec": {
            "role": "queue",
            "maxmemory": "64Mi",
            "storage": {"size": "256Mi"},
            "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}},
        },
    }


def _read(world):
    path = f"/apis/chatflow.dev/v1alpha1/namespaces/{REDIS}/redistopologies/{NAME}"
    return world.kube.get(path)


def _current(world):
    return _read(world)["status"].get("master")


def _master(world):
    """The master's name once all is well; nothing before."""
    topology = _read(world)
    if condition(topology, "Ready").get("status") != "True":
        return None
    status = topology["status"]
    return status.get("master") if status.get("readyReplicas") == 2 else None


def _exec(world, pod, script):
    return world.kube.kubectl("-n", REDIS, "exec", pod, "-c", "redis", "--", "sh", "-c", script)


class _Writer:
    """Writes from a replica's pod through the address of the master, until it is left."""

    def __init__(self, world, pod):
        self._world, self._pod, self.seen = world, pod, []

    def __enter__(self):
        self._process = self._world.kube.follow(
            "-n", REDIS, "exec", self._pod, "-c", "redis", "--", "sh", "-c", WRITER
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        return self

    def _read(self):
        for line in self._process.stdout:
            if line.strip().isdigit():
                self.seen.append(line.strip())

    def __exit__(self, *_):
        _exec(self._world, self._pod, "touch /run/redis/e2e-stop")
        self._process.wait(timeout=30)
        self._reader.join()


CASES = [a_deleted_redis_master_hands_over_and_every_acknowledged_write_is_there]
