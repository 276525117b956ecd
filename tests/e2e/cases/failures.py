"""Parts fail; the workloads stay as they are, and the controller comes back by itself."""

import time

from support.kube import Failure, condition, eventually
from support.timeline import Timeline
from support.world import CHAT, CONTROLLER_PODS, PERIOD_S, STEADY, STEADY_REPLICAS, SYSTEM, now

TAKEOVER_AFTER_KILL_S = 20
TAKEOVER_AFTER_TERM_S = 3
SERIES = 'container_cpu_usage_seconds_total{namespace="%s",container="chat-server"}' % CHAT
# What the controller needs: two samples a window apart.
CPU = f"sum by (pod) ({SERIES} - {SERIES} offset 30s)"


def prometheus_killed_under_load_holds_the_replicas_and_says_so(world, report):
    world.platform()
    world.under_load()
    eventually(
        "chat-server has grown",
        lambda: world.kube.replicas(CHAT, "chat-server") >= 4,
        within=120,
    )
    held = _settled(world)
    report.say(f"{held} replicas under load; Prometheus is killed")
    with Timeline(world.kube, CHAT, "chat-server") as seen:
        killed = now()
        world.kube.kubectl(
            "-n", SYSTEM, "scale", "statefulset/chatflow-prometheus", "--replicas=0"
        )
        world.kube.kubectl(
            "-n",
            SYSTEM,
            "delete",
            "pod",
            "chatflow-prometheus-0",
            "--force",
            "--grace-period=0",
        )
        eventually(
            "MetricsAvailable=False",
            lambda: seen.first(lambda s: s["metrics"] == "False"),
            within=4 * PERIOD_S,
        )
        report.measure(
            "killed → MetricsAvailable=False",
            seen.first(lambda s: s["metrics"] == "False") - killed,
            limit=2 * PERIOD_S,
        )
        found = condition(world.kube.policy(CHAT, "chat-server"), "MetricsAvailable")
        report.say(f"{found['reason']}: {found['message']}")
        if not found["reason"] or not found["message"]:
            raise Failure(f"the condition should give a reason and a sentence: {found}")
        time.sleep(2 * PERIOD_S)
        world.kube.kubectl(
            "-n", SYSTEM, "scale", "statefulset/chatflow-prometheus", "--replicas=1"
        )
        eventually(
            "Prometheus has CPU figures again",
            lambda: len(world.prometheus(CPU)) >= held,
            within=120,
        )
        back = now()
    seen.must_have_held(held)
    seen.must_have_stayed_ready()
    eventually(
        "MetricsAvailable=True",
        lambda: (
            condition(world.kube.policy(CHAT, "chat-server"), "MetricsAvailable").get("status")
            == "True"
        ),
        within=4 * PERIOD_S,
    )
    report.measure("figures are back → MetricsAvailable=True", now() - back, limit=PERIOD_S)


def _settled(world):
    """The count once it has not changed for two periods."""
    while True:
        before = world.kube.replicas(CHAT, "chat-server")
        time.sleep(2 * PERIOD_S)
        if world.kube.replicas(CHAT, "chat-server") == before:
            return before


def a_leader_killed_by_signal_9_is_replaced_and_nothing_is_scaled_meanwhile(world, report):
    world.steady()
    leader = _leader(world)
    shell = world.node_shell(
        world.kube.get(f"/api/v1/namespaces/{SYSTEM}/pods/{leader}")["spec"]["nodeName"]
    )
    with Timeline(world.kube, STEADY, "steady") as seen:
        killed = now()
        ended = shell(
            "for p in /proc/[0-9]*; do"
            "  grep -qa ^/usr/bin/chatflow-controller $p/cmdline 2>/dev/null || continue;"
            f"  grep -qza '^POD_NAME={leader}$' $p/environ || continue;"
            "  kill -9 ${p#/proc/} && echo ${p#/proc/};"
            "done"
        )
        if not ended:
            raise Failure(f"no process of {leader} was found on its node")
        # The pod goes too, or the kubelet would start the same holder again.
        world.kube.kubectl("-n", SYSTEM, "delete", "pod", leader, "--force", "--grace-period=0")
        successor, _ = eventually(
            "another controller holds the Lease", lambda: _another(world, leader), within=60
        )
        report.measure(
            "kill -9 → another holds the Lease", now() - killed, limit=TAKEOVER_AFTER_KILL_S
        )
        time.sleep(2 * PERIOD_S)
    seen.must_have_held(STEADY_REPLICAS)
    seen.must_have_stayed_ready()
    _must_still_act(world, report)
    report.say(f"{leader} → {successor}")


def a_leader_that_is_told_to_stop_hands_over_at_once(world, report):
    world.steady()
    leader = _leader(world)
    with Timeline(world.kube, STEADY, "steady") as seen:
        told = now()
        world.kube.kubectl("-n", SYSTEM, "delete", "pod", leader, "--wait=false")
        eventually(
            "another controller holds the Lease",
            lambda: _another(world, leader),
            within=30,
            every=0.1,
        )
        report.measure(
            "SIGTERM → another holds the Lease", now() - told, limit=TAKEOVER_AFTER_TERM_S
        )
        time.sleep(PERIOD_S)
    seen.must_have_held(STEADY_REPLICAS)
    _must_still_act(world, report)


def an_api_server_that_restarts_causes_no_scaling_and_is_found_again(world, report):
    world.steady()
    shells = [world.node_shell(node) for node in world.kube.node_names()]
    with Timeline(world.kube, STEADY, "steady") as seen:
        killed = now()
        # By its first word: other programs name the API server among their arguments.
        kill = (
            "for p in /proc/[0-9]*; do tr '\\0' '\\n' 2>/dev/null <$p/cmdline | head -1 |"
            " grep -q 'kube-apiserver$' && kill -9 ${p#/proc/} && echo ${p#/proc/}; done"
        )
        if not [pid for shell in shells if (pid := shell(kill))]:
            raise Failure("no kube-apiserver process was found on the nodes")
        eventually("the API server is down", lambda: not _api_ready(world), within=10, every=0.05)
        eventually("the API server is ready again", lambda: _api_ready(world), within=120)
        report.measure("kill -9 → API server ready", now() - killed)
        time.sleep(2 * PERIOD_S)
    seen.must_have_held(STEADY_REPLICAS)
    seen.must_have_stayed_ready()
    _must_still_act(world, report)


def _api_ready(world):
    return world.kube.try_kubectl("get", "--raw", "/readyz", "--request-timeout=2s").returncode == 0


def _leader(world):
    eventually("two controllers are ready", lambda: _ready_controllers(world) == 2, within=90)
    return eventually("a controller leads", world.leader, within=30)[0]


def _ready_controllers(world):
    return sum(
        condition({"status": pod["status"]}, "Ready").get("status") == "True"
        for pod in world.kube.pods(SYSTEM, CONTROLLER_PODS)
    )


def _another(world, leader):
    holder = world.lease().get("holderIdentity") or ""
    return holder if holder and not holder.startswith(leader) else None


def _must_still_act(world, report):
    """A change is still carried out, so watches and timers have survived; then back again."""
    for replicas in (STEADY_REPLICAS + 2, STEADY_REPLICAS):
        started = now()
        world.kube.apply(world.query_policy(STEADY, "steady", f"vector({replicas * 100})"))
        eventually(
            f"{replicas} replicas",
            lambda r=replicas: world.kube.replicas(STEADY, "steady") == r,
            within=3 * PERIOD_S,
        )
        report.measure(f"a change to {replicas} is carried out after", now() - started)


OF_PROMETHEUS = [prometheus_killed_under_load_holds_the_replicas_and_says_so]
OF_THE_LEADER = [
    a_leader_killed_by_signal_9_is_replaced_and_nothing_is_scaled_meanwhile,
    a_leader_that_is_told_to_stop_hands_over_at_once,
]
OF_THE_API_SERVER = [an_api_server_that_restarts_causes_no_scaling_and_is_found_again]
