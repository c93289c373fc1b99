"""What the guides say works, command by command."""
from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from guide import follow, steps
from kube import apply, delete, get
from operator_process import ROOT, WORK, Operator
from platform_parts import image

WORKSPACE_IMAGE = "ws-report"


@pytest.fixture
def volume(operator: Operator) -> Iterator[Path]:
    """What a platform has already: a volume for the claim."""
    folder = WORK / "storage" / "guide"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    apply({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "guide"},
           "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteMany"],
                    "persistentVolumeReclaimPolicy": "Retain", "hostPath": {"path": str(folder)},
                    "claimRef": {"namespace": "sales-storage", "name": "storage"}}})
    yield folder
    operator.died()
    delete("businessdomain.atelier.dev", "sales")
    for namespace in ("sales-reports", "sales-storage"):
        delete("namespace", namespace, wait=False)
    delete("pv", "guide", wait=False)


def test_the_first_workspace(volume: Path, tmp_path: Path) -> None:
    page = (ROOT / "docs/guides/first-workspace.md").read_text()
    dag = next(step for step in steps(page) if step.name == "dags/daily_report.py")
    image(f"{WORKSPACE_IMAGE}:0.1.0", {"daily_report.py": dag.text})  # what the Dockerfile would make
    said = follow("first-workspace.md", tmp_path, {"registry.example": os.environ["ATELIER_REGISTRY"]})
    assert "42 rows on 2026-02-01" in "".join(said)
    assert any("0.1.1" in text and "image" in text for text in said), "why says which image is not there"
    assert (volume / "dd01").is_dir()


def test_moving_over(operator: Operator, tmp_path: Path) -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "guide-team-a"}}
    apply(namespace)
    said = follow("moving-from-deployment-needs.md", tmp_path, {"team-a": "guide-team-a"})
    assert "created" in said[0]
    assert (tmp_path / "workspace.yaml").stat().st_size > 0
    delete("namespace", "guide-team-a", wait=False)


def test_gitops(operator: Operator, tmp_path: Path) -> None:
    """The engines themselves are in test_gitops.py."""
    apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "argocd"}},
          {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "argocd-cm", "namespace": "argocd"}})
    assert "patched" in follow("gitops.md", tmp_path, {})[0]
    assert "resource.customizations" in get("configmap", "argocd-cm", "argocd")["data"]
    delete("namespace", "argocd", wait=False)


def test_a_step_is_a_file_a_command_or_left_out() -> None:
    page = "```yaml\n# a/b.yaml\nx: 1\n```\n```yaml\nno: file\n```\n<!-- not run: why -->\n```sh\nno\n```\n```sh\nyes\n```\n"
    assert [(step.kind, step.name) for step in steps(page)] == [
        ("file", "a/b.yaml"), ("left out", "not run: why"), ("run", "")]
