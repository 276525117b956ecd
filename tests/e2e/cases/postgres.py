"""A PostgreSQL of three members loses its primary and nothing else."""

import threading

from support.kube import Failure, condition, eventually
from support.world import POSTGRES, now

NAME = "db"
FORMED_S = 150  # initdb, two clones, and all of it on a busy machine
TAKEOVER_S = 60
# Each number that was acknowledged is printed by the client; where it was unknown, it is not.
WRITER = """
export PGPASSWORD=$PATRONI_SUPERUSER_PASSWORD PGUSER=postgres PGDATABASE=postgres PGCONNECT_TIMEOUT=2
rm -f /tmp/e2e-stop
psql -qX -h db-rw -c 'CREATE TABLE written (n int PRIMARY KEY)' || exit 1
for ((n = 1; ; n++)); do
    [[ -e /tmp/e2e-stop ]] && exit 0
    psql -qX -h db-rw -c "INSERT INTO written VALUES ($n)" 2>/dev/null && echo "$n"
done
"""
READ = """
PGPASSWORD=$PATRONI_SUPERUSER_PASSWORD psql -qAtX -h db-rw -U postgres -d postgres \
    -c 'SELECT n FROM written'
"""


def a_killed_primary_is_replaced_and_every_acknowledged_write_is_there(world, report):
    world.operator()
    world.namespace(POSTGRES)
    began = now()
    world.kube.apply(_topology())
    primary, _ = eventually("three members stream", lambda: _primary(world), within=FORMED_S)
    report.measure("applied → three members stream", now() - began)
    client = next(f"{NAME}-{n}" for n in range(3) if f"{NAME}-{n}" != primary)
    with _Writer(world, client) as writer:
        eventually("ten writes are acknowledged", lambda: len(writer.seen) >= 10, within=30)
        world.kube.kubectl(
            "-n", POSTGRES, "delete", "pod", primary, "--force", "--grace-period=0"
        )
        killed = now()
        # The old one goes on for a moment: what it still acknowledges says nothing of the new one.
        eventually(
            "another is primary",
            lambda: _current(world) not in (None, primary),
            within=TAKEOVER_S,
        )
        before = len(writer.seen)
        eventually(
            "writes go on with another primary",
            lambda: len(writer.seen) >= before + 10,
            within=TAKEOVER_S,
        )
        report.measure("pod killed → ten further writes", now() - killed)
    there = set(_exec(world, client, READ).split())
    lost = set(writer.seen) - there
    if lost:
        raise Failure(f"{len(lost)} of {len(writer.seen)} acknowledged writes are lost")
    eventually("three members stream again", lambda: _primary(world), within=FORMED_S)
    report.say(f"{len(writer.seen)} acknowledged writes, all there; it was {primary}")


def _topology():
    return {
        "apiVersion": "chatflow.dev/v1alpha1",
        "kind": "PostgresTopology",
        "metadata": {"name": NAME, "namespace": POSTGRES},
        "spec": {
            "durability": "Required",
            "storage": {"size": "1Gi"},
            "resources": {"cpu": "50m", "memory": "256Mi"},
        },
    }


def _read(world):
    path = f"/apis/chatflow.dev/v1alpha1/namespaces/{POSTGRES}/postgrestopologies/{NAME}"
    return world.kube.get(path)


def _current(world):
    return _read(world)["status"].get("currentPrimary")


def _primary(world):
    """The primary's name once all is well; nothing before."""
    topology = _read(world)
    well = all(
        condition(topology, kind).get("status") == "True"
        for kind in ("Ready", "SyncReplicationHealthy", "ReplicasHealthy")
    )
    status = (topology or {}).get("status") or {}
    return status.get("currentPrimary") if well and status["readyMembers"] == 3 else None


def _exec(world, pod, script):
    return world.kube.kubectl(
        "-n", POSTGRES, "exec", pod, "-c", "postgres", "--", "bash", "-c", script
    )


class _Writer:
    """Writes from a standby's pod through the address of the primary, until it is left."""

    def __init__(self, world, pod):
        self._world, self._pod, self.seen = world, pod, []

    def __enter__(self):
        self._process = self._world.kube.follow(
            "-n", POSTGRES, "exec", self._pod, "-c", "postgres", "--", "bash", "-c", WRITER
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        return self

    def _read(self):
        for line in self._process.stdout:
            if line.strip().isdigit():
                self.seen.append(line.strip())

    def __exit__(self, *_):
        _exec(self._world, self._pod, "touch /tmp/e2e-stop")
        self._process.wait(timeout=30)
        self._reader.join()


CASES = [a_killed_primary_is_replaced_and_every_acknowledged_write_is_there]
