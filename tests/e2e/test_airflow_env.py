"""Variables that workspaces give to their data domain's Airflow: merged, told when they conflict, and in effect after a
restart that somebody asked for and granted. Any Deployment stands for Airflow."""
from __future__ import annotations

import json
from typing import Any

import pytest
from kube import apply, condition, delete, get, kubectl, listed, wait_condition, wait_for
from operator_process import ROOT, Operator
from platform_parts import DAG, Domain, image, repository

MAP = "dd-airflow-env"
AIRFLOW = "airflow-webserver"  # as deploy/airflow-restart.yaml names it
ANNOTATION = "atelier.dev/airflow-env"


@pytest.fixture
def team(domain: Domain) -> Domain:
    image("env:1", {"a.py": DAG})
    return domain


def gives(team: Domain, name: str, **variables: str) -> None:
    extra = [{"name": key, "value": value} for key, value in variables.items()]
    apply(team.workspace(name, "env:1", airflow={"extraEnv": extra}))


def data(team: Domain) -> dict[str, str] | None:
    found = get("configmap", MAP, team.storage_namespace)
    return None if found is None else found.get("data", {})


def has(team: Domain, **variables: str) -> None:
    wait_for(f"the ConfigMap has {variables}", lambda: data(team) == variables)


def says(team: Domain, name: str, reason: str, **wanted: str) -> str:
    return wait_condition("workspace.atelier.dev", name, team.team, "AirflowEnv", reason=reason, **wanted)["message"]


def domain_says(team: Domain, type_: str, reason: str, **wanted: str) -> str:
    return wait_condition("datadomain.atelier.dev", "dd", team.storage_namespace, type_, reason=reason, **wanted)["message"]


def patch_domain(team: Domain, patch: dict[str, Any]) -> None:
    kubectl("patch", "datadomain.atelier.dev", "dd", "-n", team.storage_namespace, "--type=merge", "-p", json.dumps(patch))


def test_variables_are_merged_and_the_older_workspace_wins(team: Domain) -> None:
    assert get("configmap", MAP, team.storage_namespace) is None
    gives(team, "older", HD_NAMESPACE="${namespace}", HD_SHARED="old", HD_SAME="x")
    has(team, HD_NAMESPACE=team.team, HD_SHARED="old", HD_SAME="x")
    says(team, "older", "Merged", status="True")
    made = get("configmap", MAP, team.storage_namespace)["metadata"]
    assert made["ownerReferences"][0]["kind"] == "DataDomain"
    assert made["labels"]["app.kubernetes.io/managed-by"] == "atelier"

    gives(team, "younger", HD_SHARED="new", HD_SAME="x", HD_OWN="1")
    has(team, HD_NAMESPACE=team.team, HD_SHARED="old", HD_SAME="x", HD_OWN="1")
    told = says(team, "younger", "EnvConflict", status="False")
    assert "HD_SHARED" in told and f"{team.team}/older" in told and "new" not in told
    told = domain_says(team, "AirflowEnv", "EnvConflict", status="False")
    assert f"{team.team}/older" in told and f"{team.team}/younger" in told
    team.ready("younger")
    says(team, "older", "Merged", status="True")

    delete("workspace.atelier.dev", "older", team.team)
    has(team, HD_SHARED="new", HD_SAME="x", HD_OWN="1")
    says(team, "younger", "Merged", status="True")
    domain_says(team, "AirflowEnv", "Merged", status="True")
    patch_domain(team, {"spec": {"workspaceNamespaces": []}})
    has(team)
    wait_for("nothing is said of it", lambda: not condition(
        get("workspace.atelier.dev", "younger", team.team), "AirflowEnv"))
    patch_domain(team, {"spec": {"workspaceNamespaces": [team.team]}})
    has(team, HD_SHARED="new", HD_SAME="x", HD_OWN="1")


def test_what_somebody_changes_is_put_back_and_a_foreign_one_is_left_alone(team: Domain) -> None:
    foreign = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": MAP, "namespace": team.storage_namespace},
               "data": {"MINE": "1"}}
    apply(foreign)
    gives(team, "ws", HD_A="x")
    domain_says(team, "AirflowEnv", "NameTaken", status="False")
    says(team, "ws", "EnvPending", status="False")
    assert data(team) == {"MINE": "1"}
    delete("configmap", MAP, team.storage_namespace)
    kubectl("annotate", "datadomain.atelier.dev", "dd", "-n", team.storage_namespace, "look=1")
    has(team, HD_A="x")
    kubectl("patch", "configmap", MAP, "-n", team.storage_namespace, "--type=merge",
            "-p", '{"data": {"HD_A": "y", "AIRFLOW__CORE__FERNET_KEY": "stolen"}}')
    kubectl("annotate", "datadomain.atelier.dev", "dd", "-n", team.storage_namespace, "look=2", "--overwrite")
    has(team, HD_A="x")
    version = get("configmap", MAP, team.storage_namespace)["metadata"]["resourceVersion"]
    kubectl("annotate", "datadomain.atelier.dev", "dd", "-n", team.storage_namespace, "look=3", "--overwrite")
    gives(team, "witness")
    team.ready("witness")
    assert get("configmap", MAP, team.storage_namespace)["metadata"]["resourceVersion"] == version


def test_a_name_that_would_change_airflow_is_refused(team: Domain) -> None:
    for name in ("AIRFLOW__CORE__FERNET_KEY", "PYTHONPATH", "https_proxy"):
        gives(team, "ws", **{name: "x", "HD_A": "x"})
        told = team.not_ready("ws", "InvalidName")["message"]
        assert told.startswith(f'spec.airflow.extraEnv[0].name: "{name}" would change Airflow itself'), told
    has(team, HD_A="x")


def airflow(team: Domain, **container: Any) -> dict[str, Any]:
    """A Deployment in Airflow's place."""
    inside = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    outside = {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}
    labels = {"app": "airflow"}
    main = {"name": "airflow", "image": repository("env") + ":1", "command": ["sleep", "3600"], "securityContext": inside,
            **container}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": AIRFLOW, "namespace": team.storage_namespace},
            "spec": {"selector": {"matchLabels": labels}, "template": {
                "metadata": {"labels": labels},
                "spec": {"terminationGracePeriodSeconds": 0, "automountServiceAccountToken": False,
                         "securityContext": outside, "containers": [main]}}}}


def deployment(team: Domain) -> dict[str, Any]:
    return get("deployment", AIRFLOW, team.storage_namespace)


def mounts(team: Domain, sub_path: str) -> None:
    """Airflow sees this part of the storage at /dags."""
    changed = airflow(team, envFrom=[{"configMapRef": {"name": MAP}}],
                      volumeMounts=[{"name": "storage", "mountPath": "/dags", "subPath": sub_path, "readOnly": True}])
    changed["spec"]["template"]["spec"]["volumes"] = [{"name": "storage", "persistentVolumeClaim": {"claimName": "storage"}}]
    apply(changed)
    rolled_out(team)


def rolled_out(team: Domain) -> None:
    kubectl("rollout", "status", f"deployment/{AIRFLOW}", "-n", team.storage_namespace, "--timeout=90s")


def value_in_airflow(team: Domain, name: str) -> str:
    pods = [pod["metadata"]["name"] for pod in listed("pods", team.storage_namespace, "app=airflow")
            if "deletionTimestamp" not in pod["metadata"]]
    assert len(pods) == 1, pods
    return kubectl("exec", "-n", team.storage_namespace, pods[0], "--", "sh", "-c", f"echo ${name}").stdout.strip()


def rollouts(team: Domain) -> int:
    return len(listed("replicasets", team.storage_namespace, "app=airflow"))


def asks(team: Domain, **restart: Any) -> None:
    patch_domain(team, {"spec": {"airflow": {"restart": {"deployments": [], "statefulSets": [], **restart}}}})


def grant(team: Domain) -> None:
    roles = (ROOT / "deploy" / "airflow-restart.yaml").read_text().replace("NAMESPACE", team.storage_namespace)
    kubectl("apply", "-f", "-", stdin=roles)
    for verb, what in (("get", f"deployments.apps/{AIRFLOW}"), ("patch", "statefulsets.apps/airflow-scheduler")):
        wait_for("the grant counts", lambda: kubectl(
            "auth", "can-i", verb, what, "-n", team.storage_namespace,
            "--as=system:serviceaccount:atelier-system:atelier-operator", check=False).stdout.strip() == "yes")


def test_airflow_is_restarted_once_for_each_content_and_only_when_asked(team: Domain) -> None:
    gives(team, "ws", HD_A="1")
    has(team, HD_A="1")
    takes = {"envFrom": [{"configMapRef": {"name": MAP}}]}
    apply(airflow(team, **takes))
    rolled_out(team)
    assert value_in_airflow(team, "HD_A") == "1"
    gives(team, "ws", HD_A="2")
    has(team, HD_A="2")
    domain_says(team, "AirflowEnv", "Merged", status="True")
    status = get("datadomain.atelier.dev", "dd", team.storage_namespace)["status"]
    assert status["airflow"]["configMap"] == MAP and not condition({"status": status}, "AirflowCurrent")
    assert rollouts(team) == 1 and value_in_airflow(team, "HD_A") == "1", "nobody asked"

    grant(team)
    asks(team, deployments=[AIRFLOW], minInterval="10s")
    domain_says(team, "AirflowCurrent", "Restarted", status="True")
    rolled_out(team)
    wait_for("Airflow has it", lambda: value_in_airflow(team, "HD_A") == "2")
    assert rollouts(team) == 2
    gives(team, "ws", HD_A="3")
    domain_says(team, "AirflowCurrent", "Restarting", status="False")
    gives(team, "ws", HD_A="4")
    has(team, HD_A="4")
    domain_says(team, "AirflowCurrent", "Restarted", status="True")
    wait_for("Airflow has it", lambda: value_in_airflow(team, "HD_A") == "4")
    wanted = get("datadomain.atelier.dev", "dd", team.storage_namespace)["status"]["airflow"]["hash"]
    assert deployment(team)["spec"]["template"]["metadata"]["annotations"][ANNOTATION] == wanted
    assert rollouts(team) == 3, "two changes in a row are one rollout"
    gives(team, "other", HD_A="4")
    says(team, "other", "Merged", status="True")
    team.ready("other")
    assert rollouts(team) == 3, "the content is the same"


def test_a_dangling_mount_a_wrong_name_and_a_missing_grant_are_told(team: Domain, operator: Operator) -> None:
    stateful = airflow(team, envFrom=[{"configMapRef": {"name": MAP}}])
    stateful.update(kind="StatefulSet")
    stateful["metadata"]["name"] = "airflow-scheduler"
    stateful["spec"]["serviceName"] = "airflow"
    stateful["spec"]["selector"] = {"matchLabels": {"app": "scheduler"}}
    stateful["spec"]["template"]["metadata"]["labels"] = {"app": "scheduler"}
    apply(airflow(team), stateful)
    gives(team, "ws", HD_A="1")
    for kind, name in (("deployments", AIRFLOW), ("statefulSets", "airflow-scheduler")):
        asks(team, **{kind: [name]})
        told = domain_says(team, "AirflowCurrent", "RestartRefused", status="False")
        assert "deploy/airflow-restart.yaml" in told and name in told

    grant(team)
    asks(team, deployments=[AIRFLOW])
    told = domain_says(team, "AirflowCurrent", "EnvNotMounted", status="False")
    assert f"envFrom: [{{configMapRef: {{name: {MAP}}}}}]" in told
    assert ANNOTATION not in deployment(team)["spec"]["template"]["metadata"].get("annotations", {})
    asks(team, deployments=["airflow-dag-processor"])
    domain_says(team, "AirflowCurrent", "WorkloadNotFound", status="False")
    asks(team, statefulSets=["airflow-scheduler"])
    domain_says(team, "AirflowCurrent", "Restarted", status="True")


def test_a_mount_out_of_which_the_links_lead_is_told(team: Domain, operator: Operator) -> None:
    gives(team, "ws", HD_A="1")
    team.ready("ws")
    grant(team)

    def reads(path: str) -> bool:
        return kubectl("exec", f"deployment/{AIRFLOW}", "-n", team.storage_namespace, "--", "cat", path, check=False).returncode == 0

    mounts(team, "dd/dags")
    assert not reads("/dags/ws/a.py"), "that is so"
    asks(team, deployments=[AIRFLOW])
    told = domain_says(team, "AirflowDags", "MountDangles", status="False")
    assert told.startswith(f'of Deployment {AIRFLOW} container "airflow" mounts its subPath dd/dags of the claim "storage"')
    mounts(team, "dd")
    assert reads("/dags/dags/ws/a.py")
    gives(team, "ws", HD_A="2")
    domain_says(team, "AirflowDags", "Mounted", status="True")
