"""Mixed pipelines of several workspaces. Each task writes into a ledger of its own, on a volume, that it starts and ends."""
from __future__ import annotations

import os
import shutil
from itertools import count
from typing import Any

from kube import HELD, apply, kubectl, listed, wait_for
from operator_process import WORK
from platform_parts import DAG, Domain, image

RUN = "pipelinerun.atelier.dev"
WORKSPACES = 3
ENDED = ("Succeeded", "Failed", "Cancelled")


def task(name: str, *after: str, work: str = "sleep 1", **fields: Any) -> dict[str, Any]:
    script = f"echo start >> /ledger/$HOSTNAME; {work} || exit 3; echo end >> /ledger/$HOSTNAME"
    return {"name": name, "command": ["sh", "-c", script], "dependsOn": list(after),
            "volumeMounts": [{"name": "ledger", "mountPath": "/ledger"}], **fields}


def final(name: str) -> dict[str, Any]:
    return task(name, work="true")


RETRY = {"limit": 2, "backoff": {"initial": "1s"}}
PIPELINES: dict[str, dict[str, Any]] = {
    "chain": {"tasks": [task("a"), task("b", "a"), task("c", "b"), task("d", "c")], "finally": [final("last")]},
    "fan": {"tasks": [task("first"), *[task(f"leaf-{at}", "first") for at in range(4)],
                      task("join", *[f"leaf-{at}" for at in range(4)])], "finally": [final("last")]},
    "items": {"tasks": [task("each", forEach={"items": ["p", "q", "r"], "maxParallel": 2}), task("after", "each")],
              "finally": [final("last")]},
    "flaky": {"tasks": [task("flaky", work="test $ATELIER_ATTEMPT -gt 1", retry=RETRY), task("after", "flaky")],
              "finally": [final("last")]},
    "broken": {"tasks": [task("broken", work="false"), task("never", "broken"), task("beside")], "finally": [final("last")]},
}
TASKS = {kind: len(spec["tasks"]) + len(spec["finally"]) for kind, spec in PIPELINES.items()}


class Load:
    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self.ledger = WORK / "storage" / f"{domain.name}-ledger"

    def prepare(self) -> None:
        domain, name = self.domain, f"{self.domain.name}-ledger"
        kubectl("delete", "pv", name, "--ignore-not-found")  # of an earlier session on the same cluster
        shutil.rmtree(self.ledger, ignore_errors=True)
        self.ledger.mkdir(parents=True)
        os.chmod(self.ledger, 0o777)
        spec = {"accessModes": ["ReadWriteMany"], "storageClassName": ""}
        apply({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name},
               "spec": {**spec, "capacity": {"storage": "1Gi"}, "hostPath": {"path": str(self.ledger)},
                        "claimRef": {"namespace": domain.team, "name": "ledger"}}})
        kubectl("wait", "pv", name, "--for=jsonpath={.status.phase}=Available", "--timeout=30s")
        apply({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "ledger", "namespace": domain.team},
               "spec": {**spec, "volumeName": name, "resources": {"requests": {"storage": "1Gi"}}}})
        image("ws:1", {"a.py": DAG})
        workspaces = [f"ws-{at}" for at in range(WORKSPACES)]
        apply(*[domain.workspace(one, "ws:1") for one in workspaces])
        volume = {"name": "ledger", "persistentVolumeClaim": {"claimName": "ledger"}}
        apply(*[domain.pipeline(f"{kind}-{at}", workspace=one, volumes=[volume], **spec)
                for kind, spec in PIPELINES.items() for at, one in enumerate(workspaces)])
        for one in workspaces:
            domain.ready(one)

    def remove(self) -> None:
        kubectl("delete", "pv", f"{self.domain.name}-ledger", "--wait=false")

    def written(self, pods: set[str]) -> dict[str, list[str]]:
        """What the tasks of these pods wrote."""
        return {pod: (self.ledger / pod).read_text().split() for pod in pods if (self.ledger / pod).exists()}


class Wave:
    """Runs that belong together."""

    def __init__(self, load: Load, name: str) -> None:
        self.load, self.name = load, name
        self.runs = 0
        self.tasks = 0
        self._next = count()

    def add(self, runs: int) -> None:
        documents = []
        for number in [next(self._next) for _ in range(runs)]:
            kind = list(PIPELINES)[number % len(PIPELINES)]
            run = self.load.domain.run(f"{kind}-{self.name}-{number}", f"{kind}-{number % WORKSPACES}")
            run["metadata"]["labels"] = {"wave": self.name}
            documents.append(run)
            self.runs += 1
            self.tasks += TASKS[kind]
        apply(*documents)

    def at_work(self) -> int:
        """Runs that have not ended."""
        phases = kubectl("get", RUN, "-n", self.load.domain.team, "-l", f"wave={self.name}", "-o",
                         "jsonpath={range .items[*]}{.status.phase}{\"\\n\"}{end}").stdout.split()
        return self.runs - sum(phase in ENDED for phase in phases)

    def keep(self, runs: int) -> None:
        """So many are at work, at least."""
        missing = runs - self.at_work()
        if missing > 0:
            self.add(missing)

    def finish(self, seconds: float) -> list[dict[str, Any]]:
        wait_for(f"every run of {self.name} has ended", lambda: not self.at_work(), seconds)
        return listed(RUN, self.load.domain.team, f"wave={self.name}")

    def pods(self) -> list[dict[str, Any]]:
        return [pod for pod in listed("pods", self.load.domain.team, "atelier.dev/component=task")
                if f"-{self.name}-" in pod["metadata"]["labels"]["atelier.dev/run"]]

    def remove(self) -> None:
        """And waits until nothing of it is left that another wave would be judged by."""
        kubectl("delete", RUN, "-n", self.load.domain.team, "-l", f"wave={self.name}", "--wait=false")
        wait_for(f"nothing is left of {self.name}", lambda: not self.pods(), HELD)


def kind_of(run: dict[str, Any]) -> str:
    return str(run["spec"]["pipeline"]["name"]).rpartition("-")[0]
