"""A cluster that lacks something, in one sentence that says what to do: of the operator's log, of readiness, of `atelier`."""
from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from altered_api_server import AlteredApiServer, Answer
from kube import apply, delete, get, kubectl, wait_for
from operator_process import ROOT, WORK, Operator
from platform_parts import DAG, Domain, image
from test_endpoints import ask

GROUP = "/apis/atelier.dev/v1alpha1"
KINDS = "install the custom resource definitions of this version: kubectl apply --server-side -k crds, or upgrade the Helm release"
NOT_FOUND = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "reason": "NotFound", "code": 404,
             "message": "the server could not find the requested resource"}
ACCOUNT = "unbound"  # a ServiceAccount that may nothing


def older_version(path: str) -> Answer | None:
    return (200, {"major": "1", "minor": "33", "gitVersion": "v1.33.9"}) if path == "/version" else None


def without_workspaces(path: str) -> Answer | None:
    if path.startswith(f"{GROUP}/workspaces"):
        return 404, NOT_FOUND
    if path != GROUP:
        return None
    found = json.loads(kubectl("get", "--raw", GROUP).stdout)
    return 200, {**found, "resources": [one for one in found["resources"] if one["name"] != "workspaces"]}


def with_kinds_before_retries(path: str) -> Answer | None:
    if not path.startswith(f"/openapi/v3{GROUP}"):
        return None
    found = json.loads(kubectl("get", "--raw", f"/openapi/v3{GROUP}").stdout)
    del found["components"]["schemas"]["dev.atelier.v1alpha1.PipelineRun"]["properties"]["spec"]["properties"]["retryOf"]
    return 200, found


@contextmanager
def standby(stage_image: str, kubeconfig: Path) -> Iterator[Operator]:
    """Another operator beside the one that leads."""
    other = Operator(stage_image, "unfit")
    other.log.write_text("")
    other.kubeconfig = kubeconfig
    other.launch()
    try:
        wait_for("its probes are served", lambda: "what=probes" in other.read() or other.died())
        yield other
    finally:
        other.end(signal.SIGTERM)


def not_ready(other: Operator, check: str, *words: str) -> None:
    """Until readiness says so; its log has the same."""
    def said() -> bool:
        status, text = ask(other, "probes", f"/readyz/{check}")
        return status == 500 and all(one in text for one in words)

    wait_for(f"{check}: {words}", said, 20)
    log = next(line for line in other.read().splitlines() if all(one in line for one in words))
    assert " error " in log or " warning " in log


def doctor(kubeconfig: Path | str) -> list[str]:
    done = subprocess.run([ROOT / "build/release/bin/atelier", "doctor", "--kubeconfig", kubeconfig], capture_output=True,
                          text=True, check=False, timeout=60)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize(("alter", "check", "words", "advice"), [
    (older_version, "cluster", ["Kubernetes v1.33.9 is too old", "upgrade the cluster to Kubernetes 1.34 or later"],
     "!! Kubernetes v1.33.9 is too old; an administrator upgrades it to 1.34 or later"),
    (with_kinds_before_retries, "cluster", ["of an older version: they lack PipelineRun spec.retryOf", KINDS],
     "!! the kinds are of an older version: they lack PipelineRun spec.retryOf; an administrator runs: kubectl apply "
     "--server-side -k crds"),
    (without_workspaces, "synced", [KINDS],
     "!! the cluster lacks workspaces.atelier.dev; an administrator runs: kubectl apply --server-side -k crds"),
])
def test_what_the_cluster_lacks_is_told_until_it_is_there(operator: Operator, alter: Callable[[str], Answer | None],
                                                          check: str, words: list[str], advice: str) -> None:
    is_mended = False
    own = WORK / "unfit.operator.kubeconfig"
    server = AlteredApiServer(operator.kubeconfig, own, lambda path: None if is_mended else alter(path))
    try:
        assert advice in doctor(own)
        with standby(operator.stage_image, own) as other:
            not_ready(other, check, *words)
            is_mended = True
            wait_for("it is ready", lambda: ask(other, "probes", "/readyz") == (200, "ok"))
    finally:
        server.stop()


def test_missing_permissions_are_told_with_the_roles_that_have_them(operator: Operator) -> None:
    apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": ACCOUNT, "namespace": "default"}})
    own = WORK / "unbound.kubeconfig"
    subprocess.run([ROOT / "tests/cluster/kubeconfig_for", "default", ACCOUNT, own], check=True)
    with standby(operator.stage_image, own) as other:
        not_ready(other, "synced", "let the operator's ServiceAccount list and watch workspaces: kubectl apply "
                  "--server-side -f deploy/base/rbac.yaml, or upgrade the Helm release")
        wait_for("what everybody may ask is answered", lambda: ask(other, "probes", "/readyz/cluster") == (200, "ok"))
    delete("serviceaccount", ACCOUNT, "default")


def test_without_a_storage_class_the_workspace_and_the_doctor_say_so(domain: Domain) -> None:
    """The test cluster has none."""
    assert "!! there is no storage class; an administrator installs one" in doctor(os.environ["KUBECONFIG"])
    delete("persistentvolumeclaim", "storage", domain.storage_namespace)
    apply({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "storage", "namespace": domain.storage_namespace},
           "spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Gi"}}}})
    image("unfit:1", {"a.py": DAG})
    apply(domain.workspace("ws", "unfit:1"))
    said = domain.not_ready("ws", "Unschedulable")
    assert "install a storage class, or a volume that fits the claim" in said["message"]
    assert get("persistentvolumeclaim", "storage", domain.storage_namespace)["status"]["phase"] == "Pending"
