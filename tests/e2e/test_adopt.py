"""From a deployment-needs.yaml as teams have it to its DAGs on the storage."""
from __future__ import annotations

import os
import subprocess
from pathlib import Path

from kube import get, kubectl
from operator_process import ROOT, WORK
from platform_parts import DAG, Domain, repository

ATELIER = ROOT / "build" / "release" / "bin" / "atelier"
SAMPLE = ROOT / "examples" / "adopt" / "deployment-needs.yaml"
REGISTRY = "my-docker-registry.com/hellodata-ws-boilerplate"


def convert(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ATELIER, "convert", *arguments], capture_output=True, text=True)


def folder_with_dags() -> Path:
    folder = WORK / "images" / "adopt"
    (folder / "sub").mkdir(parents=True, exist_ok=True)
    (folder / "a.py").write_text(DAG)
    (folder / "notes.txt").write_text("not a DAG")
    (folder / "sub" / "b.py").write_text(DAG)
    return folder


def test_the_sample_is_published_by_its_own_command(domain: Domain) -> None:
    load = [ROOT / "tests" / "cluster" / "cluster", "load", repository("adopted") + ":0.1.0",
            f"/opt/airflow/airflow_home/dags={folder_with_dags()}"]
    subprocess.run(load, check=True, capture_output=True)
    sample = WORK / "deployment-needs.yaml"
    sample.write_text(SAMPLE.read_text().replace(REGISTRY, repository("adopted")))
    converted = convert("--data-domain", f"{domain.storage_namespace}/dd", "--name", "ws", "--namespace", domain.team, str(sample))
    assert converted.returncode == 0, converted.stderr
    assert "warning: " in converted.stderr
    kubectl("apply", "-f", "-", stdin=converted.stdout)
    domain.ready("ws")
    assert os.listdir(domain.dags / "ws") == ["a.py"]  # as the command has it: *.py of the folder itself
    pod_spec = get("workspace.atelier.dev", "ws", domain.team)["spec"]
    command = " ".join(pod_spec["initContainers"][0]["args"])
    assert command in sample.read_text()


def test_what_is_refused_ends_with_1_and_prints_nothing(tmp_path: Path) -> None:
    needs = tmp_path / "deployment-needs.yaml"
    needs.write_text(SAMPLE.read_text().replace('value: "dd01-ws-boilerplate"', 'values: 5432'))
    refused = convert("--data-domain", "bd01/dd01", str(needs))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "values" in refused.stderr and "value" in refused.stderr
    assert convert("--no-such-option").returncode == 2
    assert convert("--data-domain", "bd01/dd01", str(tmp_path / "missing.yaml")).returncode == 2
