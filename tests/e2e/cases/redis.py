"""A Redis of three nodes loses its master's pod and no write that it acknowledged, and sleeps."""

import json

from support.kube import Failure, condition, eventually
from support.world import REDIS, now
from support.writer import Writer

NAMESPACE = REDIS
NAME = "queue"
FORMED_S = 150  # images, Sentinels, two copies, and all of it on a busy machine
TAKEOVER_S = 60
# -t bounds the connect only.
CLI = "REDISCLI_AUTH=$(cat /etc/chatflow/auth/password) timeout 10 redis-cli -h queue-rw -t 2"
# Each number that was acknowledged is printed by the client; where it was unknown, it is not.
STOP = "/run/redis/e2e-stop"
WRITER = f"""
rm -f {STOP}
n=0
while [ ! -e {STOP} ]; do
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
    where = (REDIS, client, "redis", "sh")  # a replica's pod, through the address of the master
    with Writer(world.kube, where, WRITER, STOP) as writer:
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


def a_hibernated_redis_wakes_with_its_keys(world, report):
    world.operator()
    world.namespace(REDIS)
    world.kube.apply(_topology())
    eventually("three nodes are in sync", lambda: _master(world), within=FORMED_S)
    _exec(world, f"{NAME}-0", f"{CLI} SET e2e:asleep kept")
    _hibernate(world, True)
    pods = f"chatflow.dev/redis={NAME}"
    eventually("no pod is left", lambda: not world.kube.pods(REDIS, pods), within=FORMED_S)
    eventually("it says that it is asleep", lambda: _is_asleep(world), within=30)
    woken = now()
    _hibernate(world, False)
    eventually("three nodes are in sync", lambda: _master(world), within=FORMED_S)
    report.measure("woken → three nodes in sync", now() - woken)
    if _exec(world, f"{NAME}-0", f"{CLI} GET e2e:asleep").strip() != "kept":
        raise Failure("the key is gone")


def _is_asleep(world):
    return condition(_read(world), "Ready").get("reason") == "Hibernated"


def _hibernate(world, asleep):
    patch = json.dumps({"spec": {"hibernated": asleep}})
    world.kube.kubectl("-n", REDIS, "patch", "rt", NAME, "--type=merge", "-p", patch)


CASES = [
    a_deleted_redis_master_hands_over_and_every_acknowledged_write_is_there,
    a_hibernated_redis_wakes_with_its_keys,
]
