"""What a Pipeline says about its pods, on real nodes, in a namespace that enforces `restricted` Pod Security."""
from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from kube import apply, delete, get, kubectl, listed, wait_condition, wait_for
from operator_process import WORK
from platform_parts import Domain
from test_run import finished, sh, start, states

USER = 1000  # spec.runAsUser of a Workspace that says nothing
SMALL = {"limits": {"memory": "16Mi"}}


def sidecar(name: str, script: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "command": ["sh", "-c", script], "resources": SMALL, **fields}


def pod_of(shared: Domain, run: str) -> dict[str, Any]:
    (pod,) = listed("pods", shared.team, f"atelier.dev/run={run}")
    return pod


@pytest.fixture
def claim(shared: Domain) -> Iterator[str]:
    """A claim in the team's namespace, on a folder that its tasks may write to. hostPath volumes take no fsGroup."""
    name = f"{shared.name}-data"
    folder = WORK / "storage" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.chown(folder, USER, USER)
    delete("pv", name)
    size = {"storage": "1Gi"}
    apply({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name},
           "spec": {"capacity": size, "accessModes": ["ReadWriteMany"], "storageClassName": "",
                    "persistentVolumeReclaimPolicy": "Retain", "hostPath": {"path": str(folder)},
                    "claimRef": {"namespace": shared.team, "name": "data"}}})
    kubectl("wait", "pv", name, "--for=jsonpath={.status.phase}=Available", "--timeout=30s")
    apply({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data", "namespace": shared.team},
           "spec": {"accessModes": ["ReadWriteMany"], "storageClassName": "", "volumeName": name,
                    "resources": {"requests": size}}})
    yield str(folder)
    delete("pv", name, wait=False)


def test_a_task_has_its_volumes_and_a_sidecar_that_ends_with_it(shared: Domain, claim: str) -> None:
    of_team = {"namespace": shared.team}
    apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", **of_team},
           "data": {"mode": "fast", "other": "hidden"}},
          {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "token", **of_team}, "stringData": {"token": "s3cret"}})
    load = sh("load", "until [ -f /shared/said ]; do sleep 0.1; done; cat /shared/said /settings/conf/mode /token/token "
                      "> /data/out; ls /settings/conf", volumeMounts=[
                          {"name": "settings", "mountPath": "/settings"},
                          {"name": "token", "mountPath": "/token", "readOnly": True},
                          {"name": "data", "mountPath": "/data"}, {"name": "shared", "mountPath": "/shared"}],
              resources={"requests": {"cpu": "10m", "memory": "8Mi"}, "limits": {"memory": "1008Mi"}},
              nodeSelector={"kubernetes.io/os": "linux"},
              sidecars=[sidecar("helper", "trap 'exit 7' TERM; echo \"$0 to $ATELIER_TASK\" > /shared/said; sleep 300 & wait",
                                args=["${params.word}"], volumeMounts=[{"name": "shared", "mountPath": "/shared"}])])
    start(shared, "volumes", [load], params=[{"name": "word", "default": "hello"}], fsGroup=2000, volumes=[
        {"name": "settings", "configMap": {"name": "settings", "items": [{"key": "mode", "path": "conf/mode"}]}},
        {"name": "token", "secret": {"secretName": "token"}},
        {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
        {"name": "shared", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}},
        {"name": "unused", "configMap": {"name": "missing"}}])
    status = finished(shared, "volumes")
    assert states(status) == {"load": "Succeeded"}, status
    with open(f"{claim}/out", encoding="utf-8") as out:
        assert out.read() == "hello to load\nfasts3cret"
    pod = pod_of(shared, "volumes")
    assert kubectl("logs", pod["metadata"]["name"], "-c", "task", "-n", shared.team).stdout == "mode\n"
    (ended,) = pod["status"]["initContainerStatuses"]
    assert ended["state"]["terminated"]["exitCode"] == 7, "its end says nothing about the task"
    assert pod["spec"]["securityContext"]["fsGroup"] == 2000
    namespace = get("namespace", shared.team)
    assert namespace is not None and namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_a_sidecar_that_crashes_or_must_be_killed_does_not_fail_its_task(shared: Domain) -> None:
    start(shared, "sidecars", [
        sh("crashing", "sleep 5", sidecars=[sidecar("bad", "sleep 2; exit 3")]),
        sh("deaf", "true", sidecars=[sidecar("deaf", "trap '' TERM; while true; do sleep 1; done")]),
        sh("failing", "exit 4", sidecars=[sidecar("good", "trap 'exit 0' TERM; sleep 300 & wait")])])
    status = finished(shared, "sidecars")
    assert states(status) == {"crashing": "Succeeded", "deaf": "Succeeded", "failing": "Failed TaskFailed"}


def test_a_sidecar_whose_image_is_not_there_is_named(shared: Domain) -> None:
    start(shared, "noimage", [sh("only", "true", sidecars=[sidecar("proxy", "true", image="127.0.0.1:5000/nowhere:1")])])

    def look() -> dict[str, Any] | None:
        run = get("pipelinerun.atelier.dev", "noimage", shared.team) or {}
        (task,) = run.get("status", {}).get("tasks") or [{}]
        return task if "Image" in task.get("reason", "") else None

    task = wait_for("the task tells what it waits for", look)
    assert task["reason"] in ("ErrImagePull", "ImagePullBackOff")
    assert task["message"].startswith("sidecar proxy: ") and "nowhere:1" in task["message"]
    delete("pipelinerun.atelier.dev", "noimage", shared.team)


def test_a_volume_that_is_not_there_is_named_and_the_task_goes_on_once_it_is(shared: Domain) -> None:
    start(shared, "novolume", [sh("only", "cat /late/mode", volumeMounts=[{"name": "late", "mountPath": "/late"}])],
          volumes=[{"name": "late", "configMap": {"name": "late"}}])

    def look() -> dict[str, Any] | None:
        run = get("pipelinerun.atelier.dev", "novolume", shared.team) or {}
        (task,) = run.get("status", {}).get("tasks") or [{}]
        return task if task.get("reason") == "FailedMount" else None

    task = wait_for("the task tells what only Events tell", look)
    assert 'configmap "late" not found' in task["message"], task
    apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "late", "namespace": shared.team},
           "data": {"mode": "fast"}})
    status = wait_condition("pipelinerun.atelier.dev", "novolume", shared.team, "Succeeded", 150, status="True")
    assert status["reason"] == "Succeeded", status
    (task,) = (get("pipelinerun.atelier.dev", "novolume", shared.team) or {})["status"]["tasks"]
    assert "message" not in task and "reason" not in task, task


def test_a_priority_class_and_a_toleration_wait_for_the_tenants_grant(shared: Domain) -> None:
    apply({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "e2e-batch"}, "value": 7,
           "preemptionPolicy": "Never"})
    start(shared, "urgent", [sh("only", "true", priorityClassName="e2e-batch",
                                tolerations=[{"key": "team", "value": "a", "effect": "NoSchedule"}])])
    found = wait_condition("pipelinerun.atelier.dev", "urgent", shared.team, "Succeeded", reason="NotGranted")
    assert "e2e-batch" in found["message"] and "spec.allowedPriorityClasses" in found["message"]
    found = wait_condition("pipeline.atelier.dev", "urgent", shared.team, "Ready", status="False", reason="NotGranted")
    grant = '{"spec": {"allowedPriorityClasses": ["e2e-batch"]}}'
    kubectl("patch", "businessdomain.atelier.dev", shared.name, "--type=merge", "-p", grant)

    def asks_for_the_toleration() -> bool:
        run = get("pipelinerun.atelier.dev", "urgent", shared.team) or {}
        return "spec.allowedTolerations" in run["status"]["conditions"][0]["message"]

    wait_for("the toleration is what is missing", asks_for_the_toleration)
    assert listed("pods", shared.team, "atelier.dev/run=urgent") == []
    kubectl("patch", "businessdomain.atelier.dev", shared.name, "--type=merge", "-p",
            '{"spec": {"allowedTolerations": [{"key": "team", "value": "a"}]}}')
    assert finished(shared, "urgent")["phase"] == "Succeeded"
    pod = pod_of(shared, "urgent")
    assert pod["spec"]["priority"] == 7
    assert {"key": "team", "operator": "Equal", "value": "a", "effect": "NoSchedule"} in pod["spec"]["tolerations"]
    delete("priorityclass", "e2e-batch")


def test_a_task_has_at_most_the_memory_of_its_workspace(shared: Domain) -> None:
    start(shared, "greedy", [sh("only", "true", resources={"limits": {"memory": "1025Mi"}})])
    found = wait_condition("pipelinerun.atelier.dev", "greedy", shared.team, "Succeeded", reason="MemoryExceeded")
    assert "1025Mi exceeds the 1024Mi" in found["message"]
    apply(shared.pipeline("greedy", [sh("only", "true", resources={"limits": {"memory": "1Gi"}})]))
    assert finished(shared, "greedy")["phase"] == "Succeeded"
