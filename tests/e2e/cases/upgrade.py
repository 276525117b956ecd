"""Releases come and go; custom resources and workloads stay."""

import json
import pathlib
import tempfile

from support.kube import Failure
from support.world import CRD, OPERATOR_CHART, STEADY, STEADY_REPLICAS, SYSTEM, copy_of, now

FIELD = "compatibility"  # stands for a field that the older release did not have


def a_chart_upgrade_upgrades_the_CRDs_and_an_uninstall_keeps_every_object(world, report):
    world.steady()
    uid = world.kube.policy(STEADY, "steady")["metadata"]["uid"]
    with tempfile.TemporaryDirectory() as folder:
        world.install_operator(_older_chart(world, pathlib.Path(folder)))
    if FIELD in _fields(world):
        raise Failure("the older release should have had an older CRD")
    started = now()
    world.install_operator()
    report.measure("helm upgrade --wait", now() - started)
    if FIELD not in _fields(world):
        raise Failure(f"helm upgrade did not bring spec.{FIELD} into the CRD")
    _must_be_untouched(world, uid, "after the upgrade")
    world.kube.helm("uninstall", "chatflow", "--namespace", SYSTEM, "--wait", "--timeout=2m")
    _must_be_untouched(world, uid, "after the uninstall")
    world.install_operator()
    world.kube.kubectl("-n", STEADY, "wait", "--for=condition=Ready", "sp/steady", "--timeout=60s")
    _must_be_untouched(world, uid, "after the new installation")


def _older_chart(world, folder):
    chart = copy_of(OPERATOR_CHART, folder)
    for path in (chart / "files/crds").glob("*.yaml"):
        crd = json.loads(world.kube.kubectl("create", "--dry-run=client", "-o", "json", "-f", path))
        for version in crd["spec"]["versions"]:
            version.pop("additionalPrinterColumns", None)
            version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"].pop(
                FIELD, None
            )
        path.write_text(
            world.kube.kubectl(
                "create", "--dry-run=client", "-o", "yaml", "-f", "-", text=json.dumps(crd)
            )
        )
    return chart


def _fields(world):
    crd = world.kube.get(f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{CRD}")
    return crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"][
        "properties"
    ]


def _must_be_untouched(world, uid, when):
    policy = world.kube.policy(STEADY, "steady")
    if not policy or policy["metadata"]["uid"] != uid:
        raise Failure(f"{when} the policy is gone or another one")
    replicas = world.kube.replicas(STEADY, "steady")
    if replicas != STEADY_REPLICAS:
        raise Failure(f"{when} the workload has {replicas} replicas, not {STEADY_REPLICAS}")


CASES = [a_chart_upgrade_upgrades_the_CRDs_and_an_uninstall_keeps_every_object]
