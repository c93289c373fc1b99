"""Builds what a test needs of a platform: a tenant, a data domain with storage of its own, a team, images."""
from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from kube import apply, delete, kubectl, wait_condition
from operator_process import ROOT, WORK

API = "atelier.dev/v1alpha1"
OWNER = 50000
DAG = "print('a DAG')\n"
# In place of the seed tiny, which lets one run start at a time.
CROWDED = {"name": "tiny", "maxMemoryMB": 1024, "duckdbMemoryMB": 2048, "chunkSizeRows": 10000,
           "maxParallelPipelines": 200}


def image(tag: str, files: dict[str, str] | None = None, source: Path | None = None) -> None:
    """An image named registry/TAG with these files in /dags, or with the folder `source` there."""
    name, _, version = tag.partition(":")
    folder = source or WORK / "images" / name / version
    if source is None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for path, text in (files or {}).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
    load = [ROOT / "tests" / "cluster" / "cluster", "load", repository(name) + ":" + version, f"/dags={folder}"]
    subprocess.run(load, check=True, capture_output=True)


def repository(name: str) -> str:
    return f"{os.environ['ATELIER_REGISTRY']}/{name}"


class Domain:
    """A tenant with one data domain, and a namespace of one team that the domain admits."""

    def __init__(self, name: str) -> None:
        self.name, self.storage_namespace, self.team = name, f"{name}-storage", f"{name}-team"
        self.storage = WORK / "storage" / name
        self.folder = self.storage / "dd"
        self.dags = self.folder / "dags"

    def create(self, owner: int = OWNER, access_mode: str = "ReadWriteMany") -> None:
        shutil.rmtree(self.storage, ignore_errors=True)
        self.folder.mkdir(parents=True)
        os.chown(self.folder, owner, owner)
        restricted = {"pod-security.kubernetes.io/enforce": "restricted"}
        volume = {"capacity": {"storage": "1Gi"}, "accessModes": [access_mode], "storageClassName": "",
                  "persistentVolumeReclaimPolicy": "Retain", "hostPath": {"path": str(self.storage), "type": "Directory"},
                  "claimRef": {"namespace": self.storage_namespace, "name": "storage"}}
        claim = {"accessModes": [access_mode], "storageClassName": "", "volumeName": self.name,
                 "resources": {"requests": {"storage": "1Gi"}}}
        for namespace in (self.team, self.storage_namespace):
            delete("namespace", namespace)  # of an earlier session on the same cluster
        delete("persistentvolume", self.name)  # which may have been in another folder
        # Available first: a claim that meets a volume in the making may wait 15 s for the next look at it.
        apply({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": self.name}, "spec": volume})
        kubectl("wait", "pv", self.name, "--for=jsonpath={.status.phase}=Available", "--timeout=30s")
        apply(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.storage_namespace, "labels": restricted}},
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.team, "labels": restricted}},
            {"apiVersion": "v1", "kind": "PersistentVolumeClaim",
             "metadata": {"name": "storage", "namespace": self.storage_namespace}, "spec": claim},
            {"apiVersion": API, "kind": "BusinessDomain", "metadata": {"name": self.name},
             "spec": {"namespaces": [self.storage_namespace], "defaultProfile": "tiny", "profiles": [CROWDED]}},
            {"apiVersion": API, "kind": "DataDomain", "metadata": {"name": "dd", "namespace": self.storage_namespace},
             "spec": {"key": "dd", "businessDomain": {"name": self.name}, "workspaceNamespaces": [self.team],
                      "storage": {"claimName": "storage", "owner": {"uid": OWNER, "gid": OWNER}}}})

    def remove(self) -> None:
        """Begins the removal; namespaces take their time."""
        for namespace in (self.team, self.storage_namespace):
            delete("namespace", namespace, wait=False)
        delete("businessdomain.atelier.dev", self.name, wait=False)
        delete("pv", self.name, wait=False)

    def workspace(self, name: str, tag: str, **spec: Any) -> dict[str, Any]:
        """A Workspace of the team; `spec` replaces fields."""
        repo, _, version = tag.partition(":")
        default = {"dataDomain": {"name": "dd", "namespace": self.storage_namespace},
                   "image": {"repository": repository(repo), "tag": version}, "dags": {"path": "/dags"}}
        return {"apiVersion": API, "kind": "Workspace", "metadata": {"name": name, "namespace": self.team},
                "spec": {**default, **spec}}

    def publish(self, name: str, tag: str, **spec: Any) -> None:
        apply(self.workspace(name, tag, **spec))
        self.ready(name)

    def ready(self, name: str, seconds: float = 60) -> None:
        wait_condition("workspace.atelier.dev", name, self.team, "Ready", seconds, status="True")

    def not_ready(self, name: str, reason: str) -> dict[str, Any]:
        return wait_condition("workspace.atelier.dev", name, self.team, "Ready", status="False", reason=reason)

    def pipeline(self, name: str, tasks: list[dict[str, Any]], workspace: str = "ws", **spec: Any) -> dict[str, Any]:
        return {"apiVersion": API, "kind": "Pipeline", "metadata": {"name": name, "namespace": self.team},
                "spec": {"workspace": {"name": workspace}, "tasks": tasks, **spec}}

    def run(self, name: str, pipeline: str, **spec: Any) -> dict[str, Any]:
        return {"apiVersion": API, "kind": "PipelineRun", "metadata": {"name": name, "namespace": self.team},
                "spec": {"pipeline": {"name": pipeline}, **spec}}
