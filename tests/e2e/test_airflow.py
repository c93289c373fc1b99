"""Airflow runs what was published, from the folder where it looks for DAGs."""
from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from airflow_process import Airflow, installed
from kube import apply, kubectl
from operator_process import ROOT, WORK, Operator
from platform_parts import Domain, image, repository

TEAM = ROOT / "examples" / "boilerplate" / "image"
# What Airflow's user may do where it starts pods.
RULES = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["create", "get", "list", "watch", "patch", "delete"]},
         {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]},
         {"apiGroups": [""], "resources": ["events"], "verbs": ["list"]}]


def airflow_user(namespace: str) -> Path:
    """The kubeconfig of a service account under these rules."""
    place = {"name": "airflow", "namespace": namespace}
    rbac = "rbac.authorization.k8s.io"
    apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": place},
          {"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": place, "rules": RULES},
          {"apiVersion": f"{rbac}/v1", "kind": "RoleBinding", "metadata": place,
           "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "airflow"},
           "subjects": [{"kind": "ServiceAccount", **place}]})
    out = WORK / "airflow.kubeconfig"
    subprocess.run([ROOT / "tests" / "cluster" / "kubeconfig_for", namespace, "airflow", out], check=True)
    return out


@pytest.fixture(scope="module")
def python() -> Path:
    return installed()


@pytest.fixture(scope="module")
def published(operator: Operator, python: Path) -> Iterator[Domain]:
    """The example's workspace, of which a former release is on the storage, too."""
    made = Domain("e-airflow")
    made.create()
    specs = [f"/dags={TEAM}/dags", f"/usr/src/app/query_duckdb.py={TEAM}/query_duckdb.py"]
    load = [ROOT / "tests" / "cluster" / "cluster", "load", "--base", "python", repository("air") + ":2", *specs]
    subprocess.run(load, check=True, capture_output=True)
    image("air:1", {"orders_report.py": "raise RuntimeError('a former release is read')\n"})
    made.publish("ws-boilerplate", "air:1")
    made.publish("ws-boilerplate", "air:2")
    assert len(list((made.folder / ".atelier/releases/ws-boilerplate").iterdir())) == 2
    yield made
    operator.died()
    made.remove()


# Where Airflow is told to look for DAGs: in the domain's folder of DAGs, at the domain's root, at the volume's root.
@pytest.mark.parametrize("folder", ["dd/dags", "dd", "."])
def test_airflow_runs_the_examples_dag_on_the_cluster(published: Domain, python: Path, tmp_path: Path, folder: str) -> None:
    airflow = Airflow(python, tmp_path, published.storage / folder, KUBECONFIG=str(airflow_user(published.team)),
                      WS_IMAGE=repository("air") + ":2", HD_NAMESPACE=published.team)
    assert airflow.table("dags", "list-import-errors") == []
    assert [dag["dag_id"] for dag in airflow.table("dags", "list")] == ["orders_report"]
    log = airflow.run("dags", "test", "orders_report", "2026-01-01")
    assert "coffee     5     22.50" in log
    assert "state=success" in log
    left = kubectl("get", "pods", "-n", published.team, "-l", "dag_id=orders_report", "-o", "name").stdout
    assert left == ""
