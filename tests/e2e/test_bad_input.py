"""What is wrong is told on the resource and as one Event, and what was live stays as it was."""
from __future__ import annotations

import os
import shutil
from typing import Any

import audit
import pytest
from kube import apply, delete, events, get, kubectl, refused, wait_condition, wait_for
from operator_process import WORK
from platform_parts import DAG, OWNER, Domain, image


def told_once(domain: Domain, name: str, reason: str) -> None:
    wait_for(f"an event {reason}", lambda: events(domain.team, name, reason))
    assert events(domain.team, name, reason) == 1


def nothing_published(domain: Domain, name: str) -> None:
    assert not os.path.lexists(domain.dags / name)


@pytest.fixture
def since() -> int:
    return audit.offset()


def test_an_image_that_cannot_be_pulled(shared: Domain, since: int) -> None:
    apply(shared.workspace("pull", "nowhere:1"))
    found = shared.not_ready("pull", "ImagePullFailed")
    assert "nowhere:1" in found["message"] and "spec.image" in found["message"]
    told_once(shared, "pull", "ImagePullFailed")
    assert len(audit.pods_created(shared.storage_namespace, since)) == 1
    nothing_published(shared, "pull")


def test_a_dag_folder_that_is_missing(shared: Domain, since: int) -> None:
    image("nofolder:1", {"a.py": DAG})
    apply(shared.workspace("nofolder", "nofolder:1", dags={"path": "/opt/dags"}))
    found = shared.not_ready("nofolder", "DagsFolderMissing")
    assert "/opt/dags" in found["message"] and "spec.dags.path" in found["message"]
    told_once(shared, "nofolder", "DagsFolderMissing")
    assert len(audit.pods_created(shared.storage_namespace, since)) == 1
    nothing_published(shared, "nofolder")


def test_a_dag_folder_without_a_file(shared: Domain, since: int) -> None:
    image("empty:1", {})
    apply(shared.workspace("empty", "empty:1"))
    shared.not_ready("empty", "DagsFolderEmpty")
    told_once(shared, "empty", "DagsFolderEmpty")
    assert len(audit.pods_created(shared.storage_namespace, since)) == 1
    nothing_published(shared, "empty")


def test_a_link_that_points_outside_leaves_the_live_release_alone(shared: Domain) -> None:
    image("links:1", {"a.py": DAG})
    shared.publish("links", "links:1")
    before = get("workspace.atelier.dev", "links", shared.team)["status"]["release"]
    folder = WORK / "images/links-outside"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "passwd.py").symlink_to("/etc/passwd")
    image("links:2", source=folder)
    apply(shared.workspace("links", "links:2"))
    found = shared.not_ready("links", "DagsRefused")
    assert "passwd.py" in found["message"]
    told_once(shared, "links", "DagsRefused")
    assert get("workspace.atelier.dev", "links", shared.team)["status"]["release"] == before
    assert (shared.dags / "links/a.py").read_text() == DAG


def test_a_data_domain_that_does_not_exist(shared: Domain, since: int) -> None:
    domain = {"name": "dd99", "namespace": shared.storage_namespace}
    apply(shared.workspace("nodomain", "ws:1", dataDomain=domain))
    found = shared.not_ready("nodomain", "DataDomainNotFound")
    assert "dd99" in found["message"]
    told_once(shared, "nodomain", "DataDomainNotFound")
    assert audit.pods_created(shared.storage_namespace, since) == []


def test_a_namespace_that_the_data_domain_does_not_admit(shared: Domain, since: int) -> None:
    delete("namespace", "m-stranger")  # of an earlier session on the same cluster
    workspace = shared.workspace("stranger", "ws:1")
    workspace["metadata"]["namespace"] = "m-stranger"
    apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "m-stranger"}}, workspace)
    found = wait_condition("workspace.atelier.dev", "stranger", "m-stranger", "Ready", status="False")
    assert found["reason"] == "NotAdmitted"
    assert "spec.workspaceNamespaces" in found["message"]
    wait_for("an event", lambda: events("m-stranger", "stranger", "NotAdmitted"))
    assert events("m-stranger", "stranger", "NotAdmitted") == 1
    assert audit.pods_created(shared.storage_namespace, since) == []
    delete("namespace", "m-stranger")


def test_storage_that_the_owner_cannot_write(operator: Any, since: int) -> None:
    domain = Domain("m-unwritable")
    domain.create(owner=OWNER + 1)
    apply(domain.workspace("ws", "ws:1"))
    found = domain.not_ready("ws", "StorageNotWritable")
    assert str(OWNER) in found["message"]
    told_once(domain, "ws", "StorageNotWritable")
    assert len(audit.pods_created(domain.storage_namespace, since)) <= 3
    domain.remove()


def test_a_workspace_name_that_is_no_dns_label(shared: Domain, since: int) -> None:
    apply(shared.workspace("ws.one", "ws:1"))
    found = shared.not_ready("ws.one", "InvalidName")
    assert found["message"].startswith("metadata.name: ")
    told_once(shared, "ws.one", "InvalidName")
    assert audit.pods_created(shared.storage_namespace, since) == []


@pytest.mark.parametrize(("name", "tasks", "reason", "words"), [
    ("cycle", [("a", ["c"]), ("b", ["a"]), ("c", ["b"])], "Cycle", "a -> c -> b -> a"),
    ("unknown", [("a", []), ("b", ["aa"])], "UnknownDependency", "the tasks are a, b"),
])
def test_a_pipeline_that_is_no_graph(shared: Domain, since: int, name: str, tasks: list[tuple[str, list[str]]],
                                     reason: str, words: str) -> None:
    apply(shared.pipeline(name, [{"name": task, "command": ["true"], "dependsOn": after} for task, after in tasks]))
    found = wait_condition("pipeline.atelier.dev", name, shared.team, "Ready", status="False", reason=reason)
    assert words in found["message"]
    told_once(shared, name, reason)
    apply(shared.run(name, name))
    found = wait_condition("pipelinerun.atelier.dev", name, shared.team, "Succeeded", status="False", reason=reason)
    assert audit.pods_created(shared.team, since) == []


def test_a_task_that_is_there_twice(shared: Domain, since: int) -> None:
    task = {"name": "a", "command": ["true"]}
    assert 'spec.tasks[1]: Duplicate value: {"name":"a"}' in refused(shared.pipeline("twice", [task, task]))
    apply(shared.pipeline("twice", [task], **{"finally": [task]}))
    found = wait_condition("pipeline.atelier.dev", "twice", shared.team, "Ready", status="False", reason="DuplicateTask")
    assert "spec.finally[0].name" in found["message"]
    assert audit.pods_created(shared.team, since) == []


def test_a_run_of_a_pipeline_that_does_not_exist_waits_for_it(shared: Domain) -> None:
    apply(shared.run("early", "late"))
    found = wait_condition("pipelinerun.atelier.dev", "early", shared.team, "Succeeded", reason="PipelineNotFound")
    assert "late" in found["message"]
    told_once(shared, "early", "PipelineNotFound")
    apply(shared.pipeline("late", [{"name": "a", "command": ["true"]}]))
    wait_condition("pipelinerun.atelier.dev", "early", shared.team, "Succeeded", status="True")


def test_a_run_without_a_parameter_it_needs(shared: Domain, since: int) -> None:
    apply(shared.pipeline("needs", [{"name": "a", "command": ["echo", "${params.day}"]}], params=[{"name": "day"}]),
          shared.run("needs", "needs"))
    found = wait_condition("pipelinerun.atelier.dev", "needs", shared.team, "Succeeded", status="False")
    assert found["reason"] == "MissingParameter" and "spec.params.day" in found["message"]
    assert audit.pods_created(shared.team, since) == []


@pytest.mark.parametrize(("change", "words"), [
    ({"image": {"repository": "r/x"}}, "exactly one of tag, digest and follow"),
    ({"image": {"repository": "r/x", "tag": "1", "digest": "sha256:" + "a" * 64}}, "exactly one of tag, digest and follow"),
    ({"dags": {"path": "dags"}}, "absolute path"),
    ({"dags": {"path": "/opt/../etc"}}, "should not hold"),
    ({"runAsUser": 0}, "greater than or equal to 1"),
    ({"env": [{"name": "A", "value": "1", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}, "give one of them"),
    ({"initContainers": [{"name": "s", "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}]},
     "may read no Secret"),
    ({"containers": [{"name": "Web"}]}, "should match"),
    ({"image": {"repository": "r/x", "tag": "1", "pullPolicy": "Sometimes"}}, "supported values"),
])
def test_the_api_server_refuses_what_the_schema_can_tell(shared: Domain, change: dict[str, Any], words: str) -> None:
    assert words in refused(shared.workspace("refused", "ws:1", **change))


def test_what_a_run_executes_cannot_be_changed(shared: Domain) -> None:
    apply(shared.run("fixed", "nothing", params={"day": "1"}))
    assert "params cannot be changed" in refused(shared.run("fixed", "nothing", params={"day": "2"}))
    assert "cannot be changed" in refused(shared.run("fixed", "other", params={"day": "1"}))
