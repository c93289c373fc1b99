"""What was wrong is put right, and the operator goes on by itself, without a word too many."""
from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import audit
import pytest
from kube import apply, events, get, kubectl, wait_condition, wait_for
from operator_process import Operator
from platform_parts import DAG, OWNER, Domain, image

WORKSPACE = "workspace.atelier.dev"


def pods_of(domain: Domain, workspace: str) -> list[str]:
    """Publish pods of this workspace that the operator created."""
    return [name for name in audit.pods_created(domain.storage_namespace) if name.startswith(f"publish-{workspace}-")]


def test_a_bad_edit_leaves_the_live_release_until_it_is_taken_back(shared: Domain) -> None:
    shared.publish("edited", "ws:1")
    before = (shared.dags / "edited").readlink()
    apply(shared.workspace("edited", "ws:none"))
    assert "stays live" in shared.not_ready("edited", "ImagePullFailed")["message"]
    assert (shared.dags / "edited").readlink() == before
    apply(shared.workspace("edited", "ws:1"))
    shared.ready("edited")
    assert (shared.dags / "edited").readlink() == before
    assert (shared.dags / "edited/a.py").read_text() == DAG


def test_an_image_that_is_pushed_late_is_published_by_the_pod_that_waits(shared: Domain) -> None:
    late = f"late:{uuid.uuid4().hex}"  # an earlier session's image stays in the registry
    apply(shared.workspace("late", late))
    shared.not_ready("late", "ImagePullFailed")
    image(late, {"a.py": DAG})
    wait_condition(WORKSPACE, "late", shared.team, "Ready", 90, status="True")
    assert len(pods_of(shared, "late")) == 1
    assert events(shared.team, "late", "ImagePullFailed") == 1  # although the kubelet tried several times


def test_a_data_domain_that_comes_later_is_used_at_once(shared: Domain) -> None:
    later = shared.workspace("later", "ws:1", dataDomain={"name": "later", "namespace": shared.storage_namespace})
    apply(later)
    shared.not_ready("later", "DataDomainNotFound")
    domain = get("datadomain.atelier.dev", "dd", shared.storage_namespace)
    folder = shared.storage / "later"
    folder.mkdir()
    os.chown(folder, OWNER, OWNER)
    apply({"apiVersion": domain["apiVersion"], "kind": "DataDomain", "spec": {**domain["spec"], "key": "later"},
           "metadata": {"name": "later", "namespace": shared.storage_namespace}})
    shared.ready("later")
    assert (folder / "dags/later/a.py").read_text() == DAG


@pytest.fixture
def unwritable(operator: Operator) -> Iterator[Domain]:
    made = Domain("e-mended")
    made.create(owner=0)
    yield made
    operator.died()
    made.remove()


def test_storage_is_written_once_its_owner_is_set_as_the_message_says(unwritable: Domain) -> None:
    image("ws:1", {"a.py": DAG})
    apply(unwritable.workspace("ws", "ws:1"))
    assert "chown -R 50000:50000" in unwritable.not_ready("ws", "StorageNotWritable")["message"]
    kubectl("annotate", WORKSPACE, "ws", "-n", unwritable.team, "poke=1")  # nothing new, so nothing happens
    wait_for("the Event", lambda: events(unwritable.team, "ws", "StorageNotWritable"))
    assert events(unwritable.team, "ws", "StorageNotWritable") == 1
    os.chown(unwritable.folder, OWNER, OWNER)
    unwritable.ready("ws")
    assert len(pods_of(unwritable, "ws")) <= 3
