"""Installed as docs/guides/install.md says: the operator runs in the cluster, from the image that is shipped."""
from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from kube import apply, delete, kubectl, listed, wait_condition, wait_for
from operator_process import ROOT, WORK, Operator
from platform_parts import DAG, Domain, image, repository

NAMESPACE = "atelier-system"
SELECTOR = "app.kubernetes.io/name=atelier"


@pytest.fixture(scope="module")
def shipped() -> str:
    """The image's reference."""
    folder = WORK / "image"
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([ROOT / "tools/image-root", folder], check=True, cwd=ROOT)
    done = subprocess.run([sys.executable, ROOT / "tests/cluster/images/build.py", "operator",
                           repository("atelier") + ":e2e", folder], check=True, capture_output=True, text=True)
    return done.stdout.split()[-1]


def overlay(name: str, base: str, shipped: str) -> str:
    """A folder as a user would write it."""
    folder = WORK / "install" / name
    folder.mkdir(parents=True, exist_ok=True)
    repo, _, digest = shipped.partition("@")
    document = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
                "resources": [os.path.relpath(ROOT / "deploy" / base, folder)],
                "images": [{"name": "atelier", "newName": repo.rpartition(":")[0], "digest": digest}]}
    (folder / "kustomization.yaml").write_text(json.dumps(document))
    return str(folder)


def pods() -> list[dict[str, Any]]:
    return [pod for pod in listed("pods", NAMESPACE, SELECTOR) if not pod["metadata"].get("deletionTimestamp")]


def leader() -> str:
    return kubectl("get", "lease", "atelier-operator", "-n", NAMESPACE, "-o",
                   "jsonpath={.spec.holderIdentity}").stdout.partition("_")[0]


def install(folder: str) -> None:
    kubectl("apply", "--server-side", "--force-conflicts", "-k", folder)
    kubectl("rollout", "status", "deployment/atelier-operator", "-n", NAMESPACE, "--timeout=90s")


@pytest.fixture(scope="module")
def installed(operator: Operator, shipped: str) -> Iterator[str]:
    """Two operators in the cluster, instead of the one outside of it."""
    operator.end(signal.SIGTERM)
    folder = overlay("high-availability", "overlays/high-availability", shipped)
    install(folder)
    yield shipped
    # Custom resource definitions and roles are everybody's; they stay.
    for kind in ("deployment", "service", "networkpolicy", "poddisruptionbudget"):
        delete(kind, "atelier-operator", NAMESPACE)
    wait_for("the operators have gone", lambda: listed("pods", NAMESPACE, SELECTOR) == [])
    operator.start()


@pytest.fixture(scope="module")
def team(installed: str) -> Iterator[Domain]:
    made = Domain("installed")
    made.create()
    image("installed:1", {"a.py": DAG})
    made.publish("ws", "installed:1")
    yield made
    made.remove()


pytestmark = pytest.mark.alone


def test_it_publishes_and_runs_with_the_image_it_runs_from(team: Domain, installed: str) -> None:
    created = listed("pods", team.storage_namespace)
    ours = {one["image"] for pod in created for one in pod["spec"]["containers"] if one["name"] == "publish"}
    assert ours == {installed.partition(":e2e")[0] + "@" + installed.partition("@")[2]}
    apply(team.pipeline("hello", [{"name": "a", "command": ["sh", "-c", "echo hello"]}]), team.run("hello", "hello"))
    wait_condition("pipelinerun.atelier.dev", "hello", team.team, "Succeeded", 60, status="True")


def test_it_runs_with_the_least(team: Domain) -> None:
    """Pod Security "restricted" is enforced in its namespace; and there is nothing in the image but itself."""
    for pod in pods():
        container = pod["spec"]["containers"][0]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        for shell in ("sh", "/bin/sh", "/bin/bash"):
            done = kubectl("exec", "-n", NAMESPACE, pod["metadata"]["name"], "--", shell, "-c", "true", check=False)
            assert done.returncode != 0 and "no such file" in done.stderr.lower() + done.stdout.lower(), done.stderr
        version = kubectl("exec", "-n", NAMESPACE, pod["metadata"]["name"], "--", "/usr/bin/atelier", "--version")
        assert version.stdout.strip()


def test_the_other_goes_on_where_the_leader_is_lost(team: Domain) -> None:
    first = leader()
    assert sorted(pod["metadata"]["name"] for pod in pods()).count(first) == 1
    apply(team.pipeline("goes-on", [{"name": "a", "command": ["sh", "-c", "sleep 5"]},
                                    {"name": "b", "command": ["true"], "dependsOn": ["a"]}]),
          team.run("goes-on", "goes-on"))
    wait_for("a pod of the run", lambda: listed("pods", team.team, "atelier.dev/run=goes-on"))
    kubectl("delete", "pod", first, "-n", NAMESPACE, "--force", "--grace-period=0")
    wait_condition("pipelinerun.atelier.dev", "goes-on", team.team, "Succeeded", 90, status="True")
    wait_for("another leads", lambda: leader() not in ("", first), 30)
    assert len(listed("pods", team.team, "atelier.dev/run=goes-on")) == 2


def test_its_metrics_are_a_service(team: Domain) -> None:
    text = kubectl("get", "--raw", f"/api/v1/namespaces/{NAMESPACE}/services/atelier-operator:metrics/proxy/metrics").stdout
    assert 'leader_election_master_status{name="atelier-operator"}' in text


def test_what_is_installed_again_changes_nothing(installed: str, team: Domain) -> None:
    before = {pod["metadata"]["uid"] for pod in pods()}
    install(overlay("high-availability", "overlays/high-availability", installed))
    assert {pod["metadata"]["uid"] for pod in pods()} == before
