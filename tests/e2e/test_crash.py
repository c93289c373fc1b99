"""The operator dies in the middle and another goes on: nothing is lost and nothing runs twice."""
from __future__ import annotations

import signal

import pytest

import audit
from kube import HELD, apply, get, listed, wait_condition, wait_for
from operator_process import Operator
from platform_parts import Domain


@pytest.mark.alone
def test_a_run_survives_its_operator(shared: Domain, operator: Operator) -> None:
    since = audit.offset()
    script = "trap 'exit 1' TERM; sleep 2 & wait"
    names = ["a", "b", "c", "d", "e"]
    tasks = [{"name": name, "command": ["sh", "-c", script], "dependsOn": names[max(0, at - 1):at]}
             for at, name in enumerate(names)]
    apply(shared.pipeline("survives", tasks), shared.run("survives", "survives"))
    for seen in (1, 2):
        wait_for(f"{seen} pods", lambda: len(listed("pods", shared.team, "atelier.dev/run=survives")) >= seen)
        operator.end(signal.SIGKILL)
        operator.start()
    wait_condition("pipelinerun.atelier.dev", "survives", shared.team, "Succeeded", 90, status="True")
    created = audit.pods_created(shared.team, since)
    assert len(created) == len(set(created)) <= len(names)
    pods = listed("pods", shared.team, "atelier.dev/run=survives")
    assert len(pods) == len(names)
    assert all(pod["status"]["containerStatuses"][0]["restartCount"] == 0 for pod in pods)
    wait_for("every pod is let go", lambda: not [
        pod for pod in listed("pods", shared.team, "atelier.dev/run=survives") if pod["metadata"].get("finalizers")], HELD)


@pytest.mark.alone
def test_a_clean_stop_hands_the_lease_over_at_once(operator: Operator) -> None:
    assert operator.end(signal.SIGTERM) == 0
    lease = get("lease", "atelier-operator", "atelier-system")
    assert not lease["spec"].get("holderIdentity")
    operator.start()
