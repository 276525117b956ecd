"""What a cluster admin meets first."""

from support.kube import Failure, condition, eventually
from support.world import CHAT, CONTROLLER_PODS, PERIOD_S, SYSTEM, now

IDLE_MIB_MAX = 40


def the_operator_installs_into_a_restricted_namespace_and_passes_its_test(world, report):
    started = now()
    world.operator()
    report.measure("helm install --wait", now() - started)
    pods = world.kube.pods(SYSTEM, CONTROLLER_PODS)
    if len(pods) != 2:
        raise Failure(f"two controllers should run, there are {len(pods)}")
    _, seconds = eventually("a controller holds the Lease", world.leader, within=30)
    report.measure("until there is a leader", seconds)
    started = now()
    world.kube.helm("test", "chatflow", "--namespace", SYSTEM, "--timeout=2m")
    report.measure("helm test", now() - started)


def the_platform_installs_and_its_policy_becomes_Ready(world, report):
    started = now()
    world.platform()
    report.measure("helm install --wait", now() - started)
    started = now()
    world.kube.kubectl(
        "-n", CHAT, "wait", "--for=condition=Ready", "sp/chat-server", "--timeout=60s"
    )
    report.measure("kubectl wait --for=condition=Ready", now() - started)
    policy = world.kube.policy(CHAT, "chat-server")
    for kind, expected in {"Ready": "True", "Reconciling": "False", "Stalled": "False"}.items():
        if condition(policy, kind).get("status") != expected:
            raise Failure(f"condition {kind} should be {expected}: {condition(policy, kind)}")
    if policy["status"]["observedGeneration"] != policy["metadata"]["generation"]:
        raise Failure("status.observedGeneration is not that of the object")
    eventually(
        "the minimum of two replicas",
        lambda: world.kube.replicas(CHAT, "chat-server") == 2,
        within=2 * PERIOD_S,
    )
    world.kube.helm("test", "chat", "--namespace", CHAT, "--timeout=2m")


def an_idle_controller_needs_little_memory(world, report):
    world.operator()
    memory = eventually(
        "Prometheus knows the controllers' memory",
        lambda: world.prometheus(
            f'container_memory_working_set_bytes{{namespace="{SYSTEM}",container="controller"}}'
        ),
        within=60,
    )[0]
    worst = max(float(series["value"][1]) for series in memory) / (1 << 20)
    report.measure("working set of a controller", worst, limit=IDLE_MIB_MAX, unit="MiB")


CASES = [
    the_operator_installs_into_a_restricted_namespace_and_passes_its_test,
    the_platform_installs_and_its_policy_becomes_Ready,
    an_idle_controller_needs_little_memory,
]
