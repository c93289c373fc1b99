"""Installed as docs/guides/install.md says: the operator runs in the cluster, from the image that is shipped."""
from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from guide import run, steps
from in_cluster import SELECTOR, leader, overlay, pods, shipped_image
from kube import apply, condition, delete, get, kubectl, listed, wait_condition, wait_for
from operator_process import ROOT, WORK, Operator
from platform_parts import DAG, Domain, image
from test_run import sh

NAMESPACE = "atelier-system"
RESULT = "atelier.dev/result"
pytestmark = pytest.mark.alone


def install(folder: str) -> None:
    kubectl("apply", "--server-side", "--force-conflicts", "-k", folder)
    kubectl("rollout", "status", "deployment/atelier-operator", "-n", NAMESPACE, "--timeout=90s")


@pytest.fixture(scope="module")
def installed(operator: Operator) -> Iterator[str]:
    """Two operators in the cluster, instead of the one outside of it; the folder that they were installed from."""
    operator.end(signal.SIGTERM)
    folder = overlay("high-availability", "overlays/high-availability", shipped_image("kubectl"))
    install(folder)
    yield folder
    # Custom resource definitions and roles are everybody's; they stay.
    for kind in ("deployment", "service", "networkpolicy", "poddisruptionbudget"):
        delete(kind, "atelier-operator", NAMESPACE)
    wait_for("the operators have gone", lambda: listed("pods", NAMESPACE, SELECTOR) == [])
    operator.install()  # a ServiceAccount that was made again takes no earlier token
    operator.start()


@pytest.fixture(scope="module")
def team(installed: str) -> Iterator[Domain]:
    made = Domain("installed")
    made.create()
    image("installed:1", {"a.py": DAG})
    made.publish("ws", "installed:1")
    yield made
    made.remove()


def test_it_publishes_and_runs_with_the_image_it_runs_from(team: Domain) -> None:
    apply(team.workspace("never", "installed:never-pushed"))  # whose pod stays to be looked at
    waiting = wait_for("a publish pod", lambda: listed("pods", team.storage_namespace))
    assert waiting[0]["spec"]["containers"][0]["image"] == pods(NAMESPACE)[0]["spec"]["containers"][0]["image"]
    delete("workspace.atelier.dev", "never", team.team)
    apply(team.pipeline("hello", [{"name": "a", "command": ["sh", "-c", "echo hello"]}]), team.run("hello", "hello"))
    wait_condition("pipelinerun.atelier.dev", "hello", team.team, "Succeeded", 60, status="True")


def test_it_runs_with_the_least(team: Domain) -> None:
    """Pod Security "restricted" is enforced in its namespace; and there is nothing in the image but itself."""
    for pod in pods(NAMESPACE):
        container = pod["spec"]["containers"][0]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        for shell in ("sh", "/bin/sh", "/bin/bash"):
            done = kubectl("exec", "-n", NAMESPACE, pod["metadata"]["name"], "--", shell, "-c", "true", check=False)
            assert done.returncode != 0 and ("not found" in done.stderr or "no such file" in done.stderr), done.stderr
        version = kubectl("exec", "-n", NAMESPACE, pod["metadata"]["name"], "--", "/usr/bin/atelier", "--version")
        assert version.stdout.strip()


def test_its_image_is_small(installed: str) -> None:
    files = [path for path in (WORK / "image").rglob("*") if path.is_file() and not path.is_symlink()]
    assert sum(path.stat().st_size for path in files) <= 60_000_000


def test_the_other_goes_on_where_the_leader_is_lost(team: Domain) -> None:
    first = leader(NAMESPACE)
    assert sorted(pod["metadata"]["name"] for pod in pods(NAMESPACE)).count(first) == 1
    apply(team.pipeline("goes-on", [{"name": "a", "command": ["sh", "-c", "sleep 5"]},
                                    {"name": "b", "command": ["true"], "dependsOn": ["a"]}]),
          team.run("goes-on", "goes-on"))
    wait_for("a pod of the run", lambda: listed("pods", team.team, "atelier.dev/run=goes-on"))
    kubectl("delete", "pod", first, "-n", NAMESPACE, "--force", "--grace-period=0")
    wait_condition("pipelinerun.atelier.dev", "goes-on", team.team, "Succeeded", 90, status="True")
    wait_for("another leads", lambda: leader(NAMESPACE) not in ("", first), 30)
    assert len(listed("pods", team.team, "atelier.dev/run=goes-on")) == 2


def test_its_requests_and_its_lease_have_a_flow_of_their_own(installed: str) -> None:
    def flow(path: str) -> str:
        """The FlowSchema that the API server counts the operator's request under, which it tells with its answer."""
        told = kubectl("get", "--raw", path, "--as", f"system:serviceaccount:{NAMESPACE}:atelier-operator", "-v", "8").stderr
        uid = re.search(r"X-Kubernetes-Pf-Flowschema-Uid[^0-9a-f]+([0-9a-f-]{36})", told)
        assert uid, told
        return next(one["metadata"]["name"] for one in listed("flowschemas", NAMESPACE) if one["metadata"]["uid"] == uid[1])

    wait_for("they are in force", lambda: flow("/api/v1/pods?limit=1") == "atelier-operator")
    lease = "/apis/coordination.k8s.io/v1/namespaces/{}/leases/atelier-operator"
    wait_for("so is that of its lease", lambda: flow(lease.format(NAMESPACE)) == "atelier-operator-lease")


def test_its_metrics_are_a_service(team: Domain) -> None:
    text = kubectl("get", "--raw", f"/api/v1/namespaces/{NAMESPACE}/services/atelier-operator:metrics/proxy/metrics").stdout
    assert 'leader_election_master_status{name="atelier-operator"}' in text


def test_what_is_installed_again_changes_nothing(installed: str, team: Domain) -> None:
    before = {pod["metadata"]["uid"] for pod in pods(NAMESPACE)}
    install(installed)
    assert {pod["metadata"]["uid"] for pod in pods(NAMESPACE)} == before


def test_what_kubectl_takes_away_leaves_no_finalizer_and_comes_back(installed: str, team: Domain) -> None:
    def pod() -> dict[str, Any]:
        return next(iter(listed("pods", team.team, "atelier.dev/run=held")), {"metadata": {}, "status": {}})

    apply(team.pipeline("held", [sh("ends", "until [ -e /tmp/go ]; do sleep 0.1; done")]), team.run("held", "held"))
    wait_for("it runs", lambda: pod()["status"].get("phase") == "Running")
    uid = pod()["metadata"]["uid"]
    assert pod()["metadata"].get("finalizers")
    page = (ROOT / "docs/guides/install.md").read_text()
    run(next(step.text for step in steps(page) if "atelier uninstall\n" in step.text), ROOT)
    left = json.loads(kubectl("get", "pods", "-A", "-o", "json").stdout)["items"]
    assert [one["metadata"]["name"] for one in left if RESULT in one["metadata"].get("finalizers", [])] == []
    assert pod()["status"]["phase"] == "Running", "what runs goes on"
    assert get("clusterrole", "atelier-operator") is None and get("namespace", NAMESPACE) is None
    assert condition(get("workspace.atelier.dev", "ws", team.team), "Ready")["status"] == "True"
    assert (team.dags / "ws" / "a.py").read_text() == DAG, "what is published stays"

    # It ends while no operator is there to write it down; the next one reads it in the pod.
    kubectl("exec", pod()["metadata"]["name"], "-n", team.team, "--", "touch", "/tmp/go")
    wait_for("it has ended", lambda: pod()["status"]["phase"] == "Succeeded")
    install(installed)
    wait_condition("pipelinerun.atelier.dev", "held", team.team, "Succeeded", 90, status="True")
    assert [one["metadata"]["uid"] for one in listed("pods", team.team, "atelier.dev/run=held")] == [uid], "nothing ran twice"
