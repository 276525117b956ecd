"""Faults under real load: four pods each at 70 % of their requests, inside a band from 30 to 95. Two
policies, "quick" without a stabilization window and "patient" with one of five minutes. Nothing may
shrink that a healthy controller would keep; when the load of both ends in earnest, each has to shrink
in its own time, or the check proves nothing."""

import time

from stage import IDLE, REQUEST_MILLI, SPACE, SYSTEM, Failure, ReplicaWatch, condition, eventually, policy

PODS = 4
PERIOD_SECONDS = 5
LOAD_PERCENT = 70
BAND = {"scaleUpAbove": 95, "scaleDownBelow": 30, "aimFor": 60}
WINDOW_SECONDS = 300
AWAY_SECONDS = 10
STEP_SECONDS = 600  # more than the window
MAX_AGE_SECONDS = 1200  # else samples would be stale by a clock that is ahead, and nothing be decided
LEADERS = 3
NAMES = {"quick": 0, "patient": WINDOW_SECONDS}
# Works until it is told to rest.
BUSY = "while [ ! -e /tmp/rest ]; do :; done; while :; do sleep 0.5; done"
KINDS = ("outage", "answers", "api-server", "clock", "window")
ANSWERS = ("empty", "NaN", "stale and idle", "503 every second query", "closed", "slow")


class Faults:
    def __init__(self, stage, proxy, seconds, down_seconds):
        self.stage, self.proxy = stage, proxy
        self.seconds, self.down_seconds = seconds, down_seconds
        self.rows = []
        kube = stage.kube
        most = REQUEST_MILLI * LOAD_PERCENT // 100
        busy = stage.container("busy", BUSY, most, most)
        idle = stage.container("idle", IDLE, REQUEST_MILLI - most, REQUEST_MILLI - most)
        kube.apply(*(stage.deployment(name, PODS, busy, idle) for name in NAMES))
        for name, window in NAMES.items():
            eventually(f"{name} is ready", lambda n=name: stage.ready(n, PODS), within=90)
            kube.apply(policy(name, PERIOD_SECONDS, window, BAND, maxAgeSeconds=MAX_AGE_SECONDS))
        self.watch = ReplicaWatch(kube)
        for name in NAMES:
            eventually(f"{name} is in its band", lambda n=name: self._is_well(n), within=180)

    def run(self, faults, wait_for_others):
        """Of KINDS. `wait_for_others` returns when nobody else minds a silent API server and dead leaders."""
        if "outage" in faults:
            self._under("Prometheus is gone", self._without_prometheus)
        for fault in ANSWERS if "answers" in faults else ():
            self._under(f"Prometheus: {fault}", lambda f=fault: self._answers(f))
        wait_for_others()
        if "api-server" in faults:
            self._under("the API server is silent", self._without_api_server)
        for by in (STEP_SECONDS, -STEP_SECONDS) if "clock" in faults else ():
            self._under(f"the leader's clock is stepped by {by:+} s", lambda b=by: self._stepped_clock(b))
        if "window" in faults:
            self._end_of_load()
        return self.rows

    def _is_well(self, name):
        seen = self.stage.kube.policy(SPACE, name)
        utilization = seen.get("status", {}).get("utilizationPercent", 0)
        available = condition(seen, "MetricsAvailable").get("status") == "True"
        return available and utilization >= BAND["scaleDownBelow"]

    def _under(self, what, fault):
        began = time.monotonic()
        fault()
        took = time.monotonic() - began
        for name in NAMES:
            eventually(f"{name} is measured again", lambda n=name: self._is_well(n), within=180)
        time.sleep(2 * PERIOD_SECONDS)
        changes = {name: [count for _, count in self.watch.of(name, began)] for name in NAMES}
        changes = {name: counts for name, counts in changes.items() if counts}
        self._tell(what, f"{took:.0f} s", changes or "no change of replicas", bool(changes))

    def _tell(self, what, took, seen, is_violation):
        self.rows.append((what, took, seen, is_violation))
        mark = "✗" if is_violation else "✓"
        print(f"{mark} {what:66} {took:>7}  {seen}", flush=True)

    def _answers(self, fault):
        before = self.proxy.asked
        self.proxy.fault = fault
        try:
            time.sleep(self.seconds)
        finally:
            self.proxy.fault = None
        if self.proxy.asked == before:
            raise Failure(f"nobody asked during the fault '{fault}'")

    def _without_api_server(self):
        kube = self.stage.kube
        node = kube.node_names()[0]
        signal = "for p in /proc/[0-9]*; do tr '\\0' '\\n' 2>/dev/null <$p/cmdline | head -1 | " \
                 "grep -q 'kube-apiserver$' && kill -%s ${p#/proc/}; done; true"
        stop, go_on = signal % "STOP", signal % "CONT"
        container = kube.node_container(node)
        self.stage.in_container(container, stop)
        try:
            time.sleep(AWAY_SECONDS)
        finally:
            self.stage.in_container(container, go_on)
        eventually("the API server answers", kube.node_names, within=60)

    def _stepped_clock(self, by):
        """There, and back."""
        self.stage.step_clock(by)
        time.sleep(self.seconds)
        self.stage.step_clock(0)

    def _without_prometheus(self):
        scale = ("-n", SYSTEM, "scale", "statefulset/chatflow-prometheus")
        self.stage.kube.kubectl(*scale, "--replicas=0")
        try:
            time.sleep(self.down_seconds)
            for name in NAMES:
                seen = condition(self.stage.kube.policy(SPACE, name), "MetricsAvailable")
                if seen.get("status") != "False":
                    raise Failure(f"{name} says nothing of the missing metrics: {seen}")
        finally:
            self.stage.kube.kubectl(*scale, "--replicas=1")

    def _end_of_load(self):
        """Load falls; leaders die, and a clock is stepped, inside the window of the patient one."""
        began = time.monotonic()
        for name in NAMES:
            for pod in self.stage.pods(name):
                self.stage.kube.kubectl("-n", SPACE, "exec", pod, "-c", "busy", "--", "touch", "/tmp/rest")
        for _ in range(LEADERS):
            self._kill_leader()
        for by in (STEP_SECONDS, -STEP_SECONDS, 0):
            self.stage.step_clock(by)
            time.sleep(4 * PERIOD_SECONDS)
        quick = self._shrinks("quick", began, WINDOW_SECONDS)
        self._tell("load ends: the policy without a window", f"{quick:.0f} s", "shrinks", False)
        patient = self._shrinks("patient", began, WINDOW_SECONDS + 240)
        early = patient < WINDOW_SECONDS
        what = f"load ends: {LEADERS} leaders killed, clock stepped, in a window of {WINDOW_SECONDS} s"
        self._tell(what, f"{patient:.0f} s", "shrinks", early)

    def _shrinks(self, name, began, within):
        def fell():
            return [at for at, count in self.watch.of(name, began) if count < PODS]

        eventually(f"{name} shrinks", fell, within=within)
        return fell()[0] - began

    def _kill_leader(self):
        leader, _ = eventually("a controller leads", self.stage.leader, within=60)
        kube = self.stage.kube
        node = kube.get(f"/api/v1/namespaces/{SYSTEM}/pods/{leader}")["spec"]["nodeName"]
        self.stage.in_container(
            kube.node_container(node),
            "for p in /proc/[0-9]*; do"
            "  grep -qa ^/usr/bin/chatflow-controller $p/cmdline 2>/dev/null || continue;"
            f"  grep -qza '^POD_NAME={leader}$' $p/environ || continue;"
            "  kill -9 ${p#/proc/}; done; true",
        )
        # The pod goes too, or the kubelet would start the same holder again.
        kube.kubectl("-n", SYSTEM, "delete", "pod", leader, "--force", "--grace-period=0")
        eventually(
            "another controller leads",
            lambda: (holder := self.stage.leader()) and holder != leader,
            within=90,
        )
        time.sleep(4 * PERIOD_SECONDS)
