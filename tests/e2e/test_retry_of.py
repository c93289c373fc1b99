"""Runs that go on from earlier ones, and what is deleted by itself."""
from __future__ import annotations

from typing import Any

from kube import apply, condition, delete, get, kubectl, listed, refused, wait_condition, wait_for
from platform_parts import Domain
from test_run import finished, sh, start, states

RUN = "pipelinerun.atelier.dev"


def reference(shared: Domain, name: str) -> dict[str, str]:
    run = get(RUN, name, shared.team)
    assert run is not None
    return {"name": name, "uid": run["metadata"]["uid"]}


def log(shared: Domain, status: dict[str, Any], task: str) -> str:
    pod = next(one["pod"] for one in status["tasks"] if one["name"] == task)
    return kubectl("logs", pod, "-n", shared.team).stdout


def flaky(until: str) -> list[dict[str, Any]]:
    """extract succeeds; load fails in every run whose name has not `until` in it."""
    return [sh("extract", 'echo "{\\"rows\\": 5}" > $ATELIER_RESULTS', results=[{"name": "rows"}]),
            sh("load", f'case $ATELIER_RUN in *{until}*) echo rows=$0 day=$1;; *) exit 1;; esac', ["extract"],
               args=["${tasks.extract.results.rows}", "${params.day}"]),
            sh("report", "true", ["load"])]


def test_a_retry_goes_on_where_the_run_failed(shared: Domain) -> None:
    start(shared, "goes-on", flaky("third"), {"day": "monday"}, params=[{"name": "day"}])
    assert finished(shared, "goes-on")["phase"] == "Failed"
    # What the Pipeline is by now does not matter.
    apply(shared.pipeline("goes-on", [sh("other", "true")]))
    apply(shared.run("goes-on-second", "goes-on", retryOf=reference(shared, "goes-on")))
    second = finished(shared, "goes-on-second")
    assert states(second) == {"extract": "Succeeded TakenOver", "load": "Failed TaskFailed",
                              "report": "Skipped PredecessorFailed"}
    assert len(listed("pods", shared.team, "atelier.dev/run=goes-on-second")) == 1
    apply(shared.run("goes-on-third", "goes-on", retryOf=reference(shared, "goes-on-second")))
    third = finished(shared, "goes-on-third")
    assert third["phase"] == "Succeeded"
    assert states(third) == {"extract": "Succeeded TakenOver", "load": "Succeeded", "report": "Succeeded"}
    assert log(shared, third, "load") == "rows=5 day=monday\n"
    first = get(RUN, "goes-on", shared.team)
    assert first is not None and third["pin"]["revision"] == first["status"]["pin"]["revision"]


def test_a_retry_waits_for_the_end_of_the_run_before(shared: Domain) -> None:
    apply(shared.pipeline("waits", [sh("done", "true"), sh("rest", "case $ATELIER_RUN in *-2) ;; *) exit 1;; esac", ["done"])]))
    apply(shared.run("waits", "waits", suspend=True))
    wait_condition(RUN, "waits", shared.team, "Succeeded", reason="Suspended")
    apply(shared.run("waits-2", "waits", retryOf=reference(shared, "waits")))
    told = wait_condition(RUN, "waits-2", shared.team, "Succeeded", reason="RetryWaits")
    assert told["message"] == 'spec.retryOf: run "waits" is not over yet; this run starts when it is'
    kubectl("patch", RUN, "waits", "-n", shared.team, "--type=merge", "-p", '{"spec": {"suspend": false}}')
    assert finished(shared, "waits")["phase"] == "Failed"
    assert states(finished(shared, "waits-2")) == {"done": "Succeeded TakenOver", "rest": "Succeeded"}


def test_a_retry_does_not_need_the_run_before_once_it_has_started(shared: Domain) -> None:
    start(shared, "outlives", flaky("second"), {"day": "monday"}, params=[{"name": "day"}])
    finished(shared, "outlives")
    apply(shared.run("outlives-second", "outlives", retryOf=reference(shared, "outlives"), suspend=True))
    wait_condition(RUN, "outlives-second", shared.team, "Succeeded", reason="Suspended")
    delete(RUN, "outlives", shared.team)
    kubectl("patch", RUN, "outlives-second", "-n", shared.team, "--type=merge", "-p", '{"spec": {"suspend": false}}')
    status = finished(shared, "outlives-second")
    assert status["phase"] == "Succeeded"
    assert log(shared, status, "load") == "rows=5 day=monday\n"


def test_what_cannot_be_retried_says_why(shared: Domain) -> None:
    start(shared, "fine", [sh("a", "true")])
    assert finished(shared, "fine")["phase"] == "Succeeded"
    apply(shared.run("fine-2", "fine", retryOf=reference(shared, "fine")))
    told = wait_condition(RUN, "fine-2", shared.team, "Succeeded", reason="RetryNotPossible")
    assert told["message"] == 'spec.retryOf: run "fine" succeeded; use spec.rerunOf to run all of it again'
    apply(shared.run("fine-3", "fine", rerunOf={"name": "fine", "uid": "another"}))
    told = wait_condition(RUN, "fine-3", shared.team, "Succeeded", reason="RerunNotPossible")
    assert 'not "another"' in told["message"]
    assert "rerunOf" in refused(shared.run("fine-4", "fine", retryOf=reference(shared, "fine"), params={"day": "x"}))


def test_a_rerun_changes_what_it_says_and_nothing_else(shared: Domain) -> None:
    start(shared, "rerun", [sh("only", "echo $0 $1", args=["${params.day}", "${params.table}"])],
          {"day": "monday", "table": "orders"}, params=[{"name": "day"}, {"name": "table"}])
    assert finished(shared, "rerun")["phase"] == "Succeeded"
    apply(shared.run("rerun-2", "rerun", rerunOf=reference(shared, "rerun"), params={"day": "tuesday"}))
    status = finished(shared, "rerun-2")
    assert states(status) == {"only": "Succeeded"}
    assert log(shared, status, "only") == "tuesday orders\n"
    assert status["pin"]["params"] == {"day": "tuesday", "table": "orders"}


def test_old_runs_and_old_pods_go_by_themselves(shared: Domain) -> None:
    """The shortest times that there are: a minute and a half."""
    apply(shared.pipeline("old", [sh("a", "true"), sh("b", "sleep 110", ["a"])], history={"podAge": "90s"}),
          shared.pipeline("few", [sh("a", "true")], history={"succeededRuns": 1}),
          shared.pipeline("some", [sh("a", 'test "$ATELIER_INDEX" != 1', forEach={"items": list("abcde")})],
                          history={"podsPerRun": 2}),
          shared.run("old", "old"), shared.run("few-1", "few"), shared.run("some", "some"))
    finished(shared, "few-1")
    apply(shared.run("few-2", "few"))
    finished(shared, "few-2")
    wait_for("the pod of a task that has ended is gone",
             lambda: [pod["metadata"]["labels"]["atelier.dev/task"]
                      for pod in listed("pods", shared.team, "atelier.dev/run=old")] == ["b"], 150)
    assert not condition(get(RUN, "old", shared.team), "Succeeded").get("status") == "True", "the run goes on"
    wait_for("the older run is gone", lambda: get(RUN, "few-1", shared.team) is None, 60)
    wait_for("as many pods are left as are kept", lambda: len(listed("pods", shared.team, "atelier.dev/run=some")) == 2, 60)
    assert "1" in {pod["metadata"]["labels"]["atelier.dev/item"] for pod in listed("pods", shared.team, "atelier.dev/run=some")}
    assert get(RUN, "few-2", shared.team) is not None
    status = wait_for("the run has ended", lambda: (finished(shared, "old")), 60)
    assert states(status) == {"a": "Succeeded", "b": "Succeeded"}
    assert next(one["attempt"] for one in status["tasks"] if one["name"] == "a") == 1, "it was not taken for lost"
