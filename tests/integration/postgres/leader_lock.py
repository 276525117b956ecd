"""Candidates for one leader lock: Patroni's own client of the API server, as patroni-prompt has it.

usage: leader_lock.py NAMESPACE CASE

CASE: "taken" (another one takes the lock after the candidate has looked), "taken-and-left" (and gives it away again),
"touched" (something else of the lock's object changes), "looked-again" (as the first, and the candidate then finds it
free). In each, another thread of the candidate's looks at the cluster last, as the one of a GET /cluster does. Prints
who has the lock in the end. "silent": whoever has the lock renews it no more; prints whether a candidate has seen that
when the lock's time was over, or later. KUBECONFIG names the API server.
"""

import importlib.machinery
import importlib.util
import sys
import threading
import time

SECONDS = 20
TTL = 3  # seconds, of a silent one
LOOP = 60  # so that a slow machine is not taken for a late look


def prompt():
    loader = importlib.machinery.SourceFileLoader("patroni_prompt", "hack/image/patroni-prompt")
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("patroni_prompt", loader))
    loader.exec_module(module)
    return module


def candidate(name, namespace, ttl=30):
    from patroni.dcs.kubernetes import Kubernetes
    from patroni.postgresql.mpp import get_mpp

    return Kubernetes({"scope": "chat", "name": name, "namespace": namespace, "context": "test", "use_endpoints": True,
                       "labels": {"application": "patroni"}, "pod_ip": "10.0.0.1", "ports": [{"port": 5432}],
                       "loop_wait": LOOP, "retry_timeout": 5, "ttl": ttl}, get_mpp({}))


def leader(member):
    found = member.get_cluster().leader
    return found and found.name or ""


def wait_until(holds):
    end = time.monotonic() + SECONDS
    while not holds():
        if time.monotonic() > end:
            sys.exit("leader_lock.py: a watch brings nothing")
        time.sleep(0.02)


def elsewhere(function):
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


def give_away(member):
    wait_until(lambda: leader(member))
    if not member.delete_leader(member.get_cluster().leader):
        sys.exit("leader_lock.py: the lock was not given away")


def version(member):
    return member.get_cluster().leader.version


def is_seen_silent(namespace):
    """As a standby's loop goes: a look, then the wait for the next one."""
    leading, standby = (candidate(name, namespace, TTL) for name in ("chat-0", "chat-1"))
    leading.get_cluster()
    leading.attempt_to_acquire_leader()
    wait_until(lambda: leader(standby) == "chat-0")
    since = time.monotonic()
    while leader(standby):
        standby.watch(version(standby), LOOP)
    return "in time" if time.monotonic() - since < LOOP / 2 else "late"


def main(namespace, case):
    prompt().install()
    if case == "silent":
        print(is_seen_silent(namespace), flush=True)
        return
    first, second, before = (candidate(name, namespace) for name in ("chat-0", "chat-1", "chat-2"))
    before.get_cluster()
    before.attempt_to_acquire_leader()
    elsewhere(lambda: wait_until(lambda: leader(second) == "chat-2"))
    give_away(before)
    for member in (first, second):
        wait_until(lambda: member.get_cluster().leader and not leader(member))  # and judges by that
    seen = version(second)
    if case == "touched":
        first.patch_or_create(first.leader_path, {"touched": "yes"}, patch=True)
    else:
        first.attempt_to_acquire_leader()
        elsewhere(lambda: wait_until(lambda: leader(second) == "chat-0"))
        if case != "taken":
            give_away(first)
    elsewhere(lambda: wait_until(lambda: version(second) != seen and (case == "taken" or not leader(second))))
    if case == "looked-again":
        second.get_cluster()
    second.attempt_to_acquire_leader()
    after = candidate("chat-3", namespace)
    print(leader(after) or "nobody", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
