"""A PostgreSQL of three members, with TLS and a pooler, loses its primary and nothing else."""

import base64
import json
import threading

from support.kube import Failure, condition, eventually
from support.world import POSTGRES, now
from support.writer import Writer

NAMESPACE = POSTGRES
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
# Through the pooler, with every certificate checked: 200 transactions a second until it is told
# to stop.
CLIENTS = """
import json, os, psycopg2, threading, time
WHERE = (
    f"host=db-pooler.{NAMESPACE}.svc user=chat dbname=rooms password={PASSWORD} "
    "sslmode=verify-full sslrootcert=/etc/chatflow/tls/ca.crt"
)
acknowledged, failures, lock = [], [], threading.Lock()


def connect():
    connection = psycopg2.connect(WHERE)
    connection.autocommit = True
    return connection


def write(client):
    connection, number, next_at = None, 0, time.monotonic()
    while not os.path.exists("/tmp/e2e-stop"):
        time.sleep(max(0, next_at - time.monotonic()))
        next_at, number = max(next_at + 0.04, time.monotonic()), number + 1
        try:
            connection = connection or connect()
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO carried VALUES (%s, %s)", (client, number))
            with lock:
                acknowledged.append(time.monotonic())
        except psycopg2.Error as error:
            failures.append(str(error))
            connection = None
            time.sleep(0.2)


if os.path.exists("/tmp/e2e-stop"):
    os.remove("/tmp/e2e-stop")
connect().cursor().execute("CREATE TABLE carried (client int, number int)")
threads = [threading.Thread(target=write, args=(client,)) for client in range(8)]
for thread in threads:
    thread.start()
print("writing", flush=True)
for thread in threads:
    thread.join()
with connect() as connection, connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FROM carried")
    there = cursor.fetchone()[0]
acknowledged.sort()
gap = max(later - earlier for earlier, later in zip(acknowledged, acknowledged[1:]))
print(json.dumps({"acknowledged": len(acknowledged), "there": there, "failures": failures, "gap": gap}))
"""


def a_killed_primary_is_replaced_and_every_acknowledged_write_is_there(world, report):
    began = now()
    primary = _formed(world)
    report.measure("applied → three members stream", now() - began)
    client = next(f"{NAME}-{n}" for n in range(3) if f"{NAME}-{n}" != primary)
    where = (POSTGRES, client, "postgres", "bash")  # a standby's pod, through the primary's address
    with Writer(world.kube, where, WRITER, "/tmp/e2e-stop") as writer:
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


def a_planned_switchover_through_the_pooler_fails_no_transaction(world, report):
    before = _formed(world)
    eventually("the pooler answers", lambda: _pooler_is_ready(world), within=60)
    said = {}
    client = threading.Thread(target=lambda: said.update(_write_through_pooler(world)))
    client.start()
    eventually("clients have begun", lambda: _is_carried(world), within=30)
    _patch(world, {"switchover": {"requestID": "planned"}})
    eventually(
        "another is primary, and three members stream",
        lambda: _primary(world) not in (None, before),
        within=TAKEOVER_S,
    )
    _exec(world, f"{NAME}-0", "touch /tmp/e2e-stop")
    client.join()
    if said["failures"]:
        raise Failure(f"{len(said['failures'])} failed, the first with {said['failures'][0]}")
    if said["there"] < said["acknowledged"]:
        raise Failure(f"{said['there']} of {said['acknowledged']} acknowledged writes are there")
    report.measure("planned switchover: time without an acknowledgement", said["gap"])
    report.say(f"{said['acknowledged']} transactions through the pooler, none failed")


def a_fenced_standby_serves_nobody_until_the_field_is_removed(world, report):
    primary = _formed(world)
    standby = next(f"{NAME}-{n}" for n in range(3) if f"{NAME}-{n}" != primary)
    _patch(world, {"fencedInstances": [standby]})
    eventually(
        "it is stopped",
        lambda: condition(_read(world), "Fenced").get("status") == "True",
        within=60,
    )
    answer = _exec(world, standby, "psql -qAtX -c 'SELECT 1' 2>&1 || true")
    if "No such file" not in answer:
        raise Failure(f"the server of the fenced {standby} answers: {answer}")
    if _current(world) != primary:
        raise Failure("the primary changed, although a standby was fenced")
    _patch(world, {"fencedInstances": None})
    eventually("three members stream again", lambda: _primary(world), within=FORMED_S)


def _formed(world):
    """The primary of a topology in which all is well."""
    world.operator()
    world.namespace(POSTGRES)
    world.kube.apply(_topology())
    return eventually("three members stream", lambda: _primary(world), within=FORMED_S)[0]


def _write_through_pooler(world):
    secret = world.kube.get(f"/api/v1/namespaces/{POSTGRES}/secrets/{NAME}-user-chat")
    password = base64.b64decode(secret["data"]["password"]).decode()
    script = f"NAMESPACE, PASSWORD = {POSTGRES!r}, {password!r}\n{CLIENTS}"
    said = world.kube.kubectl(
        "-n", POSTGRES, "exec", "-i", f"{NAME}-0", "-c", "postgres", "--", "python3", "-",
        text=script, timeout=180,
    )  # fmt: skip
    return json.loads(said.splitlines()[-1])


def _is_carried(world):
    """Whether the clients' table has rows."""
    script = READ.replace("-d postgres", "-d rooms").replace(
        "n FROM written", "1 FROM carried LIMIT 1"
    )
    try:
        return _exec(world, f"{NAME}-0", script).strip() == "1"
    except Failure:
        return False  # no table yet


def _pooler_is_ready(world):
    return (_read(world)["status"].get("pooler") or {}).get("ready") == 1


def _patch(world, spec):
    world.kube.kubectl(
        "-n", POSTGRES, "patch", "pgt", NAME, "--type=merge", "-p", json.dumps({"spec": spec})
    )


def _topology():
    return {
        "apiVersion": "chatflow.dev/v1alpha1",
        "kind": "PostgresTopology",
        "metadata": {"name": NAME, "namespace": POSTGRES},
        "spec": {
            "durability": "Required",
            "storage": {"size": "1Gi"},
            "resources": {"cpu": "50m", "memory": "256Mi"},
            "tls": {"enabled": True, "required": True},
            "users": [{"name": "chat"}],
            "databases": [{"name": "rooms", "owner": "chat"}],
            "pooler": {"instances": 1},
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


CASES = [
    a_killed_primary_is_replaced_and_every_acknowledged_write_is_there,
    a_planned_switchover_through_the_pooler_fails_no_transaction,
    a_fenced_standby_serves_nobody_until_the_field_is_removed,
]
