"""What happened while a test did something else: a policy and its target, twice a second."""

import threading
import time

from .kube import Failure, condition


class Timeline:
    """Use as a context: samples from entry to exit. Times are seconds of time.monotonic()."""

    def __init__(self, kube, namespace, policy, deployment=None, every=0.5):
        self._kube, self._namespace = kube, namespace
        self._policy, self._deployment = policy, deployment or policy
        self._every = every
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._sample_until_end, daemon=True)
        self.samples = []

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ending.set()
        self._thread.join(timeout=10)

    def _sample_until_end(self):
        while not self._ending.wait(self._every):
            try:
                policy = self._kube.policy(self._namespace, self._policy) or {}
                replicas = self._kube.replicas(self._namespace, self._deployment)
            except (OSError, TypeError):
                continue  # nobody answered: an API server that restarts
            status = policy.get("status", {})
            self.samples.append(
                {
                    "at": time.monotonic(),
                    "replicas": replicas,
                    "cpu": status.get("utilizationPercent"),
                    "reason": status.get("lastDecision", {}).get("decision", {}).get("reason"),
                    "ready": condition(policy, "Ready").get("status"),
                    "ready_since": condition(policy, "Ready").get("lastTransitionTime"),
                    "metrics": condition(policy, "MetricsAvailable").get("status"),
                }
            )

    def counts(self):
        """The counts of replicas in the order in which they were seen."""
        changes = []
        for sample in self.samples:
            if not changes or changes[-1] != sample["replicas"]:
                changes.append(sample["replicas"])
        return changes

    def first(self, matches):
        return next((sample["at"] for sample in self.samples if matches(sample)), None)

    def must_have_held(self, replicas):
        if not self.samples:
            raise Failure("nothing was seen of the policy in all that time")
        if self.counts() != [replicas]:
            raise Failure(f"replicas did not stay at {replicas}: {self.counts()}")

    def must_have_stayed_ready(self):
        if not self.samples:
            raise Failure("nothing was seen of the policy in all that time")
        seen = {(sample["ready"], sample["ready_since"]) for sample in self.samples}
        if len(seen) != 1 or next(iter(seen))[0] != "True":
            raise Failure(f"Ready did not stay True: {seen}")
