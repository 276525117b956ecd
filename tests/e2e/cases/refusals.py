"""What kubectl apply must not take, and the sentence it has to answer with."""

import copy
import json

from support.kube import Failure
from support.world import World

NAMESPACE = "e2e-refusals"


def valid():
    policy = World.query_policy(NAMESPACE, "valid", "vector(1)")
    policy["spec"]["metrics"].insert(
        0,
        {
            "type": "Resource",
            "resource": {
                "name": "cpu",
                "band": {"scaleUpAbove": 70, "scaleDownBelow": 30, "aimFor": 60},
            },
        },
    )
    return policy


def band(policy, **fields):
    policy["spec"]["metrics"][0]["resource"]["band"].update(fields)


# What is wrong, how it is made wrong, and words of the sentence that says what is allowed.
REFUSED = [
    (
        "minReplicas above maxReplicas",
        lambda p: p["spec"].update(minReplicas=9, maxReplicas=3),
        ["maxReplicas", "must be at least minReplicas"],
    ),
    (
        "scaleDownBelow equal to scaleUpAbove",
        lambda p: band(p, scaleDownBelow=70, aimFor=70),
        ["band", "must be", "scaleUpAbove"],
    ),
    (
        "scaleDownBelow above scaleUpAbove",
        lambda p: band(p, scaleDownBelow=80, scaleUpAbove=60, aimFor=70),
        ["band", "must be", "scaleUpAbove"],
    ),
    ("aimFor outside the band", lambda p: band(p, aimFor=90), ["aimFor", "must be"]),
    (
        "an unknown type of metric",
        lambda p: p["spec"]["metrics"][0].update(type="Guess"),
        ["spec.metrics[0].type", "Unsupported value", "supported values", "Prometheus"],
    ),
    (
        "a name of 300 characters",
        lambda p: p["metadata"].update(name="n" * 300),
        ["metadata.name", "must be"],
    ),
    (
        "text for a number",
        lambda p: p["spec"].update(minReplicas="two"),
        ["spec.minReplicas", "must be of type integer"],
    ),
    (
        "a number for text",
        lambda p: p["spec"]["targetRef"].update(name=7),
        ["spec.targetRef.name", "must be of type string"],
    ),
    (
        "a list for an object",
        lambda p: p["spec"].update(targetRef=[]),
        ["spec.targetRef", "must be of type object"],
    ),
    (
        "an unknown field",
        lambda p: p["spec"].update(minReplica=2),
        ["unknown field", "spec.minReplica"],
    ),
    ("no target", lambda p: p["spec"].pop("targetRef"), ["spec.targetRef", "Required value"]),
    (
        "no metrics",
        lambda p: p["spec"].update(metrics=[]),
        ["spec.metrics", "should have at least 1 items"],
    ),
    (
        "a negative minimum",
        lambda p: p["spec"].update(minReplicas=-1),
        ["spec.minReplicas", "greater than or equal to 0"],
    ),
]


def invalid_policies_are_refused_with_a_sentence_that_says_what_is_allowed(world, report):
    world.operator()
    world.namespace(NAMESPACE)
    taken = world.kube.try_kubectl("apply", "--dry-run=server", "-f", "-", text=json.dumps(valid()))
    if taken.returncode:
        raise Failure(f"the valid policy was refused: {taken.stderr}")
    faults = []
    for what, spoil, words in REFUSED:
        policy = copy.deepcopy(valid())
        spoil(policy)
        answer = world.kube.try_kubectl(
            "apply", "--dry-run=server", "-f", "-", text=json.dumps(policy)
        )
        sentence = " ".join(answer.stderr.split())
        report.say(f"{what}: {sentence[:200]}")
        if not answer.returncode:
            faults.append(f"{what} was taken")
        elif missing := [word for word in words if word not in sentence]:
            faults.append(f"{what}: the answer lacks {missing}: {sentence[:300]}")
    if faults:
        raise Failure("\n".join(faults))


CASES = [invalid_policies_are_refused_with_a_sentence_that_says_what_is_allowed]
