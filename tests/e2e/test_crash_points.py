"""The operator dies at a chosen moment, and the next one goes on where it was."""
from __future__ import annotations

import signal
from collections import Counter
from typing import Any

import audit
import pytest
from kube import apply, get, kubectl, listed, wait_for
from operator_process import Operator
from platform_parts import DAG, Domain, image

RUN = "pipelinerun.atelier.dev"


def sh(name: str, script: str, *after: str, retries: int = 0) -> dict[str, Any]:
    retry = {"limit": retries, "backoff": {"initial": "1s"}}
    return {"name": name, "command": ["sh", "-c", script], "dependsOn": list(after), "retry": retry}


TASKS = [
    sh("first", "sleep 2"),
    sh("flaky", "test $ATELIER_ATTEMPT = 2", "first", retries=2),
    sh("left", "sleep 1", "first"),
    sh("last", "true", "flaky", "left"),
]


# Killed once a pod of the task is in one of the phases.
@pytest.mark.alone
@pytest.mark.parametrize(("task", "phases"), [("first", ["Pending", "Running"]), ("first", ["Succeeded"]),
                                              ("flaky", ["Failed"]), ("last", ["Pending", "Running", "Succeeded"])])
def test_each_attempt_gets_one_pod(shared: Domain, operator: Operator, task: str, phases: list[str]) -> None:
    name = f"crash-{task}-{phases[0].lower()}"
    apply(shared.pipeline(name, TASKS), shared.run(name, name))
    selector = f"atelier.dev/run={name}"
    wait_for(f"a pod of {task} is {' or '.join(phases)}",
             lambda: [pod for pod in listed("pods", shared.team, f"{selector},atelier.dev/task={task}")
                      if pod["status"]["phase"] in phases])
    operator.end(signal.SIGKILL)
    operator.start()
    kubectl("wait", RUN, name, "-n", shared.team, "--for=condition=Succeeded", "--timeout=90s")
    status = get(RUN, name, shared.team)["status"]
    assert {one["name"]: one["attempt"] for one in status["tasks"]} == {"first": 1, "flaky": 2, "left": 1, "last": 1}
    made = Counter(pod for pod in audit.pods_created(shared.team) if pod.startswith(f"{name}-"))
    pods = {pod["metadata"]["name"] for pod in listed("pods", shared.team, selector)}
    assert len(pods) == 5
    assert set(made) <= pods and set(made.values()) == {1}, made


@pytest.mark.alone
def test_a_publish_under_way_is_not_started_again(shared: Domain, operator: Operator) -> None:
    image("slow:1", {"a.py": DAG})
    pause = {"name": "pause", "command": ["sleep", "2"]}
    apply(shared.workspace("crash", "slow:1", initContainers=[pause]))

    def made() -> list[str]:
        return [one for one in audit.pods_created(shared.storage_namespace) if one.startswith("publish-crash-")]

    wait_for("its publish pod", made)
    operator.end(signal.SIGKILL)
    operator.start()
    shared.ready("crash")
    assert len(made()) == 1
    assert (shared.dags / "crash/a.py").read_text() == DAG
