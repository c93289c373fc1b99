"""Results of items for which the status of their run has no room: stored beside it, a page at a time."""
from __future__ import annotations

import json
import signal
from typing import Any

import pytest
from kube import apply, delete, get, kubectl, listed, wait_for
from operator_process import Operator
from platform_parts import Domain
from test_retry_of import log, reference
from test_run import finished, sh, start, states

RUN = "pipelinerun.atelier.dev"
ITEMS = 8
SIZE = 3000  # bytes of each, which are more together than a status keeps


def wide(fails: str = "never") -> list[dict[str, Any]]:
    """The last item fails in the run of that name."""
    script = (f'sleep 1; case $ATELIER_RUN-$0 in {fails}-{ITEMS - 1}) exit 3;; esac; '
              f'printf \'{{"text":"%s"}}\' "$0-$(head -c {SIZE} /dev/zero | tr "\\0" x)" > $ATELIER_RESULTS')
    load = sh("load", script, args=["${item}"], results=[{"name": "text"}],
              forEach={"items": [str(i) for i in range(ITEMS)], "maxParallel": 2})
    return [load, sh("report", 'echo "$@"', ["load"],
                     args=["-", "${tasks.load.results.text.map(t, t.size())}", "${tasks.load.results.text[5].startsWith('5-')}"])]


def pages(shared: Domain, run: str) -> list[str]:
    return [revision["metadata"]["name"] for revision in listed("controllerrevisions", shared.team, "atelier.dev/component=results")
            if run in [owner["name"] for owner in revision["metadata"]["ownerReferences"]]]


@pytest.mark.alone
def test_they_outlast_the_operator_and_are_taken_over(shared: Domain, operator: Operator) -> None:
    start(shared, "wide", wide(fails="wide"))
    wait_for("a page is stored", lambda: pages(shared, "wide"))
    operator.end(signal.SIGKILL)
    assert (get(RUN, "wide", shared.team) or {})["status"]["phase"] == "Running"
    operator.start()
    status = finished(shared, "wide")
    assert states(status)["load"] == "Failed ItemsFailed" and states(status)[f"load[{ITEMS - 1}]"] == "Failed TaskFailed"
    assert {task["attempt"] for task in status["tasks"] if task["name"].startswith("load[")} == {1}
    assert len(json.dumps(status)) < 65536

    apply(shared.run("wide-again", "wide", retryOf=reference(shared, "wide")))
    status = finished(shared, "wide-again")
    assert status["phase"] == "Succeeded", status
    assert [states(status)[f"load[{i}]"] for i in range(ITEMS)] == ["Succeeded TakenOver"] * (ITEMS - 1) + ["Succeeded"]
    assert log(shared, status, "report") == f"{json.dumps([SIZE + 2] * ITEMS, separators=(',', ':'))} true\n"

    # What the killed operator stored last may be no page of any ledger, and goes with its run.
    taken_over = set(pages(shared, "wide")) & set(pages(shared, "wide-again"))
    assert taken_over, "they are the second run's as well"
    delete(RUN, "wide", shared.team)
    wait_for("the first run owns nothing any more", lambda: not pages(shared, "wide"))
    assert taken_over <= set(pages(shared, "wide-again"))
    delete(RUN, "wide-again", shared.team)
    wait_for("the pages are gone with their runs", lambda: not pages(shared, "wide-again"))


@pytest.mark.alone
def test_while_they_cannot_be_stored_the_run_says_why(shared: Domain) -> None:
    start(shared, "no-room", wide())
    wait_for("the run has started", lambda: (get(RUN, "no-room", shared.team) or {}).get("status", {}).get("pin"))
    used = len(listed("controllerrevisions", shared.team))
    kubectl("create", "quota", "no-more", "-n", shared.team, f"--hard=count/controllerrevisions.apps={used}")
    try:
        def told() -> str:
            rows = (get(RUN, "no-room", shared.team) or {}).get("status", {}).get("tasks", [])
            return next((row["message"] for row in rows if row.get("reason") == "ResultsUnstored"), "")

        wait_for("an item says what keeps its results", told)
        assert told().startswith("they cannot be stored: ") and "exceeded quota: no-more" in told()
    finally:
        kubectl("delete", "quota", "no-more", "-n", shared.team)
    assert finished(shared, "no-room")["phase"] == "Succeeded"
