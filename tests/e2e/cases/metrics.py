"""What a policy does with what it reads, without any load."""

import time

from support.kube import Failure, condition, eventually
from support.timeline import Timeline
from support.world import PERIOD_S, now

NAMESPACE = "e2e-metrics"
REPLICAS = 3
# A query that gives no usable number, and the reason the condition has to name.
UNUSABLE = {
    "empty": ("e2e_there_is_no_such_metric", "EmptyResult"),
    "not-a-number": ("vector(0) / vector(0)", "NotANumber"),
    "nonsense": ("this is not (", "QueryFailed"),
}


def a_query_without_a_usable_answer_holds_the_replicas_and_says_why(world, report):
    world.operator()
    world.namespace(NAMESPACE)
    for name, (query, _) in UNUSABLE.items():
        world.kube.apply(world.idle_deployment(NAMESPACE, name, REPLICAS))
    started = now()
    for name, (query, _) in UNUSABLE.items():
        world.kube.apply(world.query_policy(NAMESPACE, name, query))
    for name, (_, reason) in UNUSABLE.items():
        found, _ = eventually(
            f"{name}: MetricsAvailable=False",
            lambda name=name: _without_metrics(world, name),
            within=3 * PERIOD_S,
        )
        report.measure(
            f"{name}: MetricsAvailable=False {found['reason']}", now() - started, limit=2 * PERIOD_S
        )
        if found["reason"] != reason or not found["message"]:
            raise Failure(f"{name}: the reason should be {reason} with a message: {found}")
    time.sleep(2 * PERIOD_S)
    for name in UNUSABLE:
        policy, replicas = world.kube.policy(NAMESPACE, name), world.kube.replicas(NAMESPACE, name)
        if replicas != REPLICAS:
            raise Failure(f"{name}: without data the replicas went from {REPLICAS} to {replicas}")
        if condition(policy, "Ready").get("status") != "True":
            raise Failure(
                f"{name}: a missing metric must not touch Ready: {condition(policy, 'Ready')}"
            )


def _without_metrics(world, name):
    found = condition(world.kube.policy(NAMESPACE, name), "MetricsAvailable")
    return found if found.get("status") == "False" else None


def mode_Observe_decides_and_reports_and_touches_nothing_until_it_is_Enforce(world, report):
    world.operator()
    world.namespace(NAMESPACE)
    world.kube.apply(
        world.idle_deployment(NAMESPACE, "watched", 2),
        world.query_policy(NAMESPACE, "watched", "vector(500)", mode="Observe"),
    )
    eventually(
        "the policy wants five",
        lambda: (
            (world.kube.policy(NAMESPACE, "watched").get("status") or {}).get("desiredReplicas")
            == 5
        ),
        within=3 * PERIOD_S,
    )
    with Timeline(world.kube, NAMESPACE, "watched") as seen:
        time.sleep(2 * PERIOD_S)
    seen.must_have_held(2)
    started = now()
    world.kube.kubectl(
        "-n",
        NAMESPACE,
        "patch",
        "sp",
        "watched",
        "--type=merge",
        "-p",
        '{"spec":{"mode":"Enforce"}}',
    )
    eventually(
        "five replicas", lambda: world.kube.replicas(NAMESPACE, "watched") == 5, within=2 * PERIOD_S
    )
    report.measure("from Enforce to the new count", now() - started, limit=PERIOD_S)


def a_policy_without_a_target_says_so_and_recovers_when_the_target_comes(world, report):
    world.operator()
    world.namespace(NAMESPACE)
    world.kube.apply(world.query_policy(NAMESPACE, "early", "vector(300)"))
    found, _ = eventually("Ready=False", lambda: _not_ready(world), within=2 * PERIOD_S)
    report.say(f"{found['reason']}: {found['message']}")
    if "early" not in found["message"]:
        raise Failure(f"the message should name the target: {found}")
    world.kube.apply(world.idle_deployment(NAMESPACE, "early", 1))
    started = now()
    eventually(
        "three replicas", lambda: world.kube.replicas(NAMESPACE, "early") == 3, within=3 * PERIOD_S
    )
    report.measure("from the target's creation to its count", now() - started)
    world.kube.kubectl(
        "-n", NAMESPACE, "wait", "--for=condition=Ready", "sp/early", "--timeout=30s"
    )


def _not_ready(world):
    found = condition(world.kube.policy(NAMESPACE, "early"), "Ready")
    return found if found.get("status") == "False" else None


CASES = [
    a_query_without_a_usable_answer_holds_the_replicas_and_says_why,
    mode_Observe_decides_and_reports_and_touches_nothing_until_it_is_Enforce,
    a_policy_without_a_target_says_so_and_recovers_when_the_target_comes,
]
