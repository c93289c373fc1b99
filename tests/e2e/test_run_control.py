"""What a person says to a run while it goes on, what follows from how tasks end, and what time does to them."""
from __future__ import annotations

import json
from typing import Any

from kube import apply, condition, get, kubectl, listed, refused, wait_condition, wait_for
from platform_parts import Domain, repository
from test_run import finished, sh, start, states

RUN = "pipelinerun.atelier.dev"
UNTIL_ENDED = "trap 'exit 1' TERM; sleep 300 & wait"


def tell(shared: Domain, name: str, **spec: Any) -> None:
    kubectl("patch", RUN, name, "-n", shared.team, "--type=merge", "-p", json.dumps({"spec": spec}))


def running(shared: Domain, run: str, task: str) -> None:
    selector = f"atelier.dev/run={run},atelier.dev/task={task}"
    wait_for(f"{task} runs", lambda: [pod for pod in listed("pods", shared.team, selector)
                                      if pod["status"]["phase"] == "Running"])


def task_of(shared: Domain, run: str, task: str) -> dict[str, Any]:
    status = (get(RUN, run, shared.team) or {}).get("status", {})
    return next((one for one in status.get("tasks", []) if one["name"] == task), {})


def log(shared: Domain, status: dict[str, Any], task: str) -> str:
    pod = next(one["pod"] for one in status["tasks"] if one["name"] == task)
    return kubectl("logs", pod, "-n", shared.team).stdout


def test_finally_runs_after_a_failure_and_knows_of_it(shared: Domain) -> None:
    start(shared, "after-all", [sh("extract", "exit 3"), sh("load", "true", ["extract"]),
                                sh("alarm", "true", ["extract.Failed"])],
          **{"finally": [{"name": "notify", "command": ["echo"],
                          "args": ["${run.status}", "${tasks.extract.status}", "${tasks.load.status}"]}]})
    status = finished(shared, "after-all")
    assert status["phase"] == "Failed"
    assert states(status) == {"extract": "Failed TaskFailed", "load": "Skipped PredecessorFailed", "alarm": "Succeeded",
                              "notify": "Succeeded"}
    assert log(shared, status, "notify") == "Failed Failed Skipped\n"


def test_a_condition_decides_by_what_a_task_found(shared: Domain) -> None:
    words = 'echo "{\\"rows\\": 0}" > $ATELIER_RESULTS'
    start(shared, "conditional", [sh("extract", words, results=[{"name": "rows"}]),
                                  sh("load", "false", ["extract"], when="int(tasks.extract.results.rows) > 0"),
                                  sh("report", "true", ["load"])],
          **{"finally": [sh("alarm", "false", when="run.status == 'Failed'")]})
    status = finished(shared, "conditional")
    assert status["phase"] == "Succeeded"
    assert states(status) == {"extract": "Succeeded", "load": "Skipped WhenFalse", "report": "Succeeded",
                              "alarm": "Skipped WhenFalse"}


def test_a_condition_that_is_no_bool_is_told_on_the_pipeline(shared: Domain) -> None:
    apply(shared.pipeline("no-bool", [sh("a", "true", when="run.name")]))
    told = wait_condition("pipeline.atelier.dev", "no-bool", shared.team, "Ready", reason="InvalidExpression")
    assert told["message"] == "spec.tasks[0].when: is of type string, should be a bool, such as a comparison"


def test_a_failure_that_may_pass_does_not_fail_the_run(shared: Domain) -> None:
    start(shared, "lenient", [sh("lint", "exit 1", onFailure="Continue"), sh("report", "true", ["lint.Ended"])])
    status = finished(shared, "lenient")
    assert status["phase"] == "Succeeded"
    assert states(status) == {"lint": "Failed TaskFailed", "report": "Succeeded"}


def test_a_cancelled_run_goes_through_finally_unless_it_is_told_not_to(shared: Domain) -> None:
    spec = {"finally": [sh("clean", "true")]}
    for name, told, cleaned in (("with", {}, "Succeeded"), ("without", {"finally": False}, "Cancelled Cancelled")):
        start(shared, f"cancel-{name}", [sh("long", UNTIL_ENDED)], **spec)
        running(shared, f"cancel-{name}", "long")
        tell(shared, f"cancel-{name}", cancel=told)
        status = finished(shared, f"cancel-{name}")
        assert status["phase"] == "Cancelled"
        assert states(status) == {"long": "Cancelled Cancelled", "clean": cleaned}


def test_a_run_that_is_stopped_lets_its_tasks_finish(shared: Domain) -> None:
    start(shared, "gently", [sh("long", "until test -e /tmp/go; do sleep 0.1; done"), sh("next", "true", ["long"])])
    running(shared, "gently", "long")
    tell(shared, "gently", cancel={"letRunningFinish": True, "reason": "enough"})
    wait_for("the operator has read it", lambda: task_of(shared, "gently", "next").get("state") == "Cancelled")
    kubectl("exec", task_of(shared, "gently", "long")["pod"], "-n", shared.team, "--", "touch", "/tmp/go")
    status = finished(shared, "gently")
    assert status["phase"] == "Cancelled"
    assert states(status) == {"long": "Succeeded", "next": "Cancelled Cancelled"}


def test_a_suspended_run_starts_nothing_until_it_is_resumed(shared: Domain) -> None:
    apply(shared.pipeline("pause", [sh("first", "true"), sh("second", "true", ["first"])]))
    apply(shared.run("pause", "pause", suspend=True))
    wait_condition(RUN, "pause", shared.team, "Succeeded", reason="Suspended")
    assert listed("pods", shared.team, "atelier.dev/run=pause") == []
    tell(shared, "pause", suspend=False)
    assert finished(shared, "pause")["phase"] == "Succeeded"
    tell(shared, "pause", suspend=True)
    told = wait_condition(RUN, "pause", shared.team, "RequestRefused", reason="RunIsOver")
    assert told["message"].startswith("the run is over (Succeeded), so that spec.suspend has no effect")
    tell(shared, "pause", suspend=False)
    wait_for("the refusal is taken back", lambda: not condition(get(RUN, "pause", shared.team), "RequestRefused"))


def test_a_task_is_skipped_on_request_or_it_is_said_that_it_cannot_be(shared: Domain) -> None:
    apply(shared.pipeline("leave-out", [sh("long", "until test -e /tmp/go; do sleep 0.1; done"), sh("check", "exit 1", ["long"]),
                                        sh("load", "true", ["check"])]))
    apply(shared.run("leave-out", "leave-out", skip=["check"]))
    running(shared, "leave-out", "long")
    tell(shared, "leave-out", skip=["check", "long"])
    told = wait_condition(RUN, "leave-out", shared.team, "RequestRefused", reason="CannotSkip")
    assert told["message"] == '"long" cannot be skipped: it is running; cancel the run instead'
    tell(shared, "leave-out", skip=["check"])
    wait_for("the refusal is taken back", lambda: not condition(get(RUN, "leave-out", shared.team), "RequestRefused"))
    kubectl("exec", task_of(shared, "leave-out", "long")["pod"], "-n", shared.team, "--", "touch", "/tmp/go")
    status = finished(shared, "leave-out")
    assert status["phase"] == "Succeeded"
    assert states(status) == {"long": "Succeeded", "check": "Skipped SkippedOnRequest", "load": "Succeeded"}


def test_a_pod_that_does_not_start_in_time_is_given_up_in_the_kubelets_words(shared: Domain) -> None:
    missing = repository("nothing") + ":1"
    start(shared, "no-image", [{**sh("only", "true"), "image": missing, "pendingTimeout": "5s"}])
    status = finished(shared, "no-image")
    assert states(status) == {"only": "Failed ImagePullFailed"}
    assert status["tasks"][0]["restarts"] == 1
    assert missing in status["tasks"][0]["message"]


def test_a_run_beyond_its_timeout_fails_and_still_goes_through_finally(shared: Domain) -> None:
    start(shared, "late", [sh("long", UNTIL_ENDED), sh("next", "true", ["long"])], timeout="3s",
          **{"finally": [sh("clean", "true")]})
    status = finished(shared, "late")
    assert status["phase"] == "Failed"
    assert states(status) == {"long": "Cancelled RunTimedOut", "next": "Cancelled RunTimedOut", "clean": "Succeeded"}
    told = condition(get(RUN, "late", shared.team), "Succeeded")
    assert told["reason"] == "RunTimedOut"


def test_all_attempts_together_have_a_limit(shared: Domain) -> None:
    start(shared, "forever", [sh("flaky", "exit 1", retry={"limit": 50, "backoff": {"initial": "1s", "factor": 1}},
                                 totalTimeout="4s")])
    status = finished(shared, "forever")
    assert states(status) == {"flaky": "Failed TaskTimedOut"}


def test_an_end_that_is_none_is_refused_when_the_pipeline_is_applied(shared: Domain) -> None:
    words = refused(shared.pipeline("wrong-end", [sh("a", "true"), sh("b", "true", ["a.Done"])]))
    assert "spec.tasks[1].dependsOn[0]" in words
