"""The main job, on real load."""

from support.kube import Failure, eventually
from support.timeline import Timeline
from support.world import CHAT, PERIOD_S, now

COLUMNS_MAX = 80
SCALED_UP = 4
UP_WITHIN_S = 60  # from crossing 70 %
DOWN_WITHIN_S = 180  # from the end of the load: CPU window, stabilization of 30 s, some periods
# Of a change that goes all the way, or as far as a bound, a rate or the window lets it.
UP_REASONS = ("AboveThreshold", "RateLimited", "AtMaximum")
DOWN_REASONS = ("BelowThreshold", "Stabilizing", "AtMinimum")


def kubectl_get_shows_a_policy_in_eighty_columns(world, report):
    world.platform()
    eventually(
        "the policy sees CPU",
        lambda: (
            "utilizationPercent" in (world.kube.policy(CHAT, "chat-server").get("status") or {})
        ),
        within=90,
    )
    head, row = world.kube.kubectl("-n", CHAT, "get", "scalingpolicies").splitlines()[:2]
    report.say(head)
    report.say(row)
    if head.split()[0] != "NAME" or head.split()[-1] != "AGE":
        raise Failure(f"NAME should come first and AGE last: {head}")
    if max(len(head), len(row)) > COLUMNS_MAX:
        raise Failure(f"{max(len(head), len(row))} columns are more than {COLUMNS_MAX}: {head!r}")


def load_makes_chat_server_grow_from_two_to_four(world, report):
    world.platform()
    eventually("chat-server is calm at its minimum", lambda: _calm(world), within=DOWN_WITHIN_S)
    with Timeline(world.kube, CHAT, "chat-server") as seen:
        started = now()
        world.under_load()
        eventually("CPU above 70 %", lambda: seen.first(lambda s: (s["cpu"] or 0) > 70), within=60)
        eventually(
            f"{SCALED_UP} replicas",
            lambda: seen.first(lambda s: s["replicas"] >= SCALED_UP),
            within=UP_WITHIN_S + 30,
        )
        eventually("as many pods ready", lambda: _ready_pods(world) >= SCALED_UP, within=60)
        crossed = seen.first(lambda s: (s["cpu"] or 0) > 70)
        grown = seen.first(lambda s: s["replicas"] >= SCALED_UP)
        report.measure("load begins → CPU above 70 % seen", crossed - started)
        report.measure("CPU above 70 % → four replicas", max(0.0, grown - crossed), UP_WITHIN_S)
        report.measure("load begins → four replicas", grown - started)
        _must_say(seen, UP_REASONS)
    report.say(f"replicas: {' → '.join(map(str, seen.counts()))}")


def the_end_of_the_load_brings_chat_server_back_to_two(world, report):
    world.platform()
    world.under_load()
    eventually("chat-server has grown", lambda: _ready_pods(world) >= SCALED_UP, within=120)
    with Timeline(world.kube, CHAT, "chat-server") as seen:
        load = world.end_load()
        ended = now()
        eventually(
            "two replicas again",
            lambda: world.kube.replicas(CHAT, "chat-server") == 2,
            within=DOWN_WITHIN_S,
        )
        report.measure("load ends → two replicas", now() - ended, limit=DOWN_WITHIN_S)
        _must_say(seen, DOWN_REASONS)
    report.measure("requests answered", load["succeeded"], unit="requests")
    report.measure("requests failed", load["failed"], unit="requests")
    report.say(f"replicas: {' → '.join(map(str, seen.counts()))}")


def _must_say(seen, reasons):
    eventually(
        f"a status with one of the reasons {', '.join(reasons)}",
        lambda: seen.first(lambda s: s["reason"] in reasons),
        within=2 * PERIOD_S,
    )


def _calm(world):
    policy = world.kube.policy(CHAT, "chat-server")
    cpu = policy.get("status", {}).get("utilizationPercent")
    return world.kube.replicas(CHAT, "chat-server") == 2 and cpu is not None and cpu < 30


def _ready_pods(world):
    deployment = world.kube.get(f"/apis/apps/v1/namespaces/{CHAT}/deployments/chat-server")
    return deployment["status"].get("readyReplicas", 0)


CASES = [
    kubectl_get_shows_a_policy_in_eighty_columns,
    load_makes_chat_server_grow_from_two_to_four,
]
AFTERWARDS = [the_end_of_the_load_brings_chat_server_back_to_two]
