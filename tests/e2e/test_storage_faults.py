"""A volume that is full, read-only or not there: what is live stays as it is, and publishing goes on once it is mended."""
from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest

from kube import apply, delete, get, kubectl, wait_for
from operator_process import Operator
from platform_parts import DAG, OWNER, Domain, image

SMALL = "x = '" + "a" * 1000 + "'\n"


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


@pytest.fixture
def volume(operator: Operator, request: pytest.FixtureRequest) -> Iterator[Domain]:
    """A data domain whose folder is a file system of 4 MiB, with a release of "ws" live on it."""
    name = "v" + request.node.name.lower().replace("_", "-")[-30:]
    domain = Domain(name)
    domain.create()
    mount("-t", "tmpfs", "-o", f"size=4m,uid={OWNER},gid={OWNER},mode=755", "tmpfs", str(domain.folder))
    image("fault:1", {"a.py": DAG})
    domain.publish("ws", "fault:1")
    yield domain
    operator.died()
    domain.remove()
    subprocess.run(["umount", "-l", domain.folder], check=True, capture_output=True)


def live(domain: Domain) -> list[str]:
    return sorted(os.listdir(domain.dags / "ws"))


def test_a_full_volume_leaves_the_live_release_and_is_published_to_once_there_is_room(volume: Domain) -> None:
    image("fault:full", {"big.py": SMALL * 6000})  # 6 MB
    apply(volume.workspace("ws", "fault:full"))
    said = volume.not_ready("ws", "StorageFull")
    assert "stays live" in said["message"]
    assert live(volume) == ["a.py"] and (volume.dags / "ws" / "a.py").read_text() == DAG
    mount("-o", "remount,size=32m", str(volume.folder))
    volume.ready("ws")
    assert live(volume) == ["big.py"]


def test_a_read_only_volume_leaves_the_live_release(volume: Domain) -> None:
    mount("-o", "remount,ro", str(volume.folder))
    image("fault:2", {"b.py": DAG})
    apply(volume.workspace("ws", "fault:2"))
    said = volume.not_ready("ws", "StorageNotWritable")
    assert "mounted read-only" in said["message"] and "stays live" in said["message"]
    assert live(volume) == ["a.py"]
    mount("-o", "remount,rw", str(volume.folder))
    volume.ready("ws")
    assert live(volume) == ["b.py"]


def test_a_volume_that_cannot_be_mounted_is_told_and_published_to_once_it_can_be(domain: Domain) -> None:
    away = domain.storage.rename(domain.storage.with_name(domain.storage.name + "-away"))
    image("fault:4", {"a.py": DAG})
    apply(domain.workspace("ws", "fault:4"))
    said = domain.not_ready("ws", "PublishNotStarted")
    assert "FailedMount: " in said["message"] and str(domain.storage) in said["message"], said
    away.rename(domain.storage)
    domain.ready("ws", 150)  # the kubelet tries less and less often
    assert live(domain) == ["a.py"]


def test_a_claim_that_is_not_there_is_named_and_used_once_it_is(domain: Domain) -> None:
    claim = get("persistentvolumeclaim", "storage", domain.storage_namespace)
    assert claim is not None
    delete("persistentvolumeclaim", "storage", domain.storage_namespace)
    image("fault:3", {"a.py": DAG})
    apply(domain.workspace("ws", "fault:3"))
    said = domain.not_ready("ws", "Unschedulable")
    assert 'persistentvolumeclaim "storage" not found' in said["message"]
    # The volume remembers the claim that is gone.
    kubectl("patch", "pv", domain.name, "--type=merge", "-p", '{"spec":{"claimRef":{"uid":null,"resourceVersion":null}}}')
    wait_for("the volume is free", lambda: get("persistentvolume", domain.name)["status"]["phase"] == "Available")
    spec = {key: value for key, value in claim["spec"].items() if key != "volumeMode"}
    apply({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
           "metadata": {"name": "storage", "namespace": domain.storage_namespace}, "spec": spec})
    domain.ready("ws")
