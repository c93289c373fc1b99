"""From a PipelineRun to pods and back."""
from __future__ import annotations

from typing import Any

from kube import HELD, apply, delete, get, kubectl, listed, wait_condition, wait_for
from platform_parts import Domain


def sh(name: str, script: str, after: list[str] | None = None, **fields: Any) -> dict[str, Any]:
    return {"name": name, "command": ["sh", "-c", script], "dependsOn": after or [], **fields}


def start(shared: Domain, name: str, tasks: list[dict[str, Any]], values: dict[str, str] | None = None, **spec: Any) -> None:
    apply(shared.pipeline(name, tasks, **spec))
    apply(shared.run(name, name, **({"params": values} if values else {})))


def finished(shared: Domain, name: str) -> dict[str, Any]:
    """The run's status, once it has ended."""
    def look() -> dict[str, Any] | None:
        status = (get("pipelinerun.atelier.dev", name, shared.team) or {}).get("status", {})
        return status if status.get("phase") in ("Succeeded", "Failed", "Cancelled") else None

    return wait_for(f"run {name} has ended", look)


def states(status: dict[str, Any]) -> dict[str, str]:
    return {task["name"]: task["state"] + (f" {task['reason']}" if task.get("reason") else "") for task in status["tasks"]}


def test_parameters_and_results_reach_the_next_task(shared: Domain) -> None:
    start(shared, "hop", [
        sh("extract", "echo \"{\\\"rows\\\": 5}\" > $ATELIER_RESULTS", results=[{"name": "rows"}]),
        {"name": "load", "command": ["echo"], "args": ["rows=${tasks.extract.results.rows}", "day=${params.day}"],
         "dependsOn": ["extract"]},
    ], {"day": "2026-02-03"}, params=[{"name": "day"}])
    kubectl("wait", "pipelinerun.atelier.dev/hop", "-n", shared.team, "--for=condition=Succeeded", "--timeout=60s")
    status = finished(shared, "hop")
    assert states(status) == {"extract": "Succeeded", "load": "Succeeded"}
    log = kubectl("logs", status["tasks"][1]["pod"], "-n", shared.team).stdout
    assert log == "rows=5 day=2026-02-03\n"


def test_tasks_run_with_the_pinned_image_the_profile_and_no_token(shared: Domain) -> None:
    start(shared, "pinned", [sh("only", "echo $RAT_PROFILE $ATELIER_RUN $ATELIER_TASK")])
    status = finished(shared, "pinned")
    pod = get("pod", status["tasks"][0]["pod"], shared.team)
    container = pod["spec"]["containers"][0]
    assert container["image"] == status["pin"]["image"]
    assert "@sha256:" in container["image"]
    assert container["resources"]["limits"]["memory"] == "1Gi"
    assert pod["spec"]["automountServiceAccountToken"] is False
    assert kubectl("logs", pod["metadata"]["name"], "-n", shared.team).stdout == "tiny pinned only\n"
    wait_for("it is let go", lambda: "finalizers" not in get("pod", pod["metadata"]["name"], shared.team)["metadata"], HELD)


def test_a_failed_attempt_is_followed_by_another(shared: Domain) -> None:
    start(shared, "again", [sh("flaky", "test $ATELIER_ATTEMPT = 2", retry={"limit": 2, "backoff": {"initial": "1s"}})])
    status = finished(shared, "again")
    assert status["phase"] == "Succeeded"
    assert status["tasks"][0]["attempt"] == 2
    assert len(listed("pods", shared.team, "atelier.dev/run=again")) == 2


def test_what_depends_on_a_failure_is_skipped_and_the_rest_runs_on(shared: Domain) -> None:
    start(shared, "partial", [
        sh("bad", "echo no such table >&2; exit 3"), sh("behind", "true", ["bad"]), sh("other", "true"),
        sh("more", "true", ["other"])])
    status = finished(shared, "partial")
    assert states(status) == {"bad": "Failed TaskFailed", "behind": "Skipped PredecessorFailed", "other": "Succeeded",
                              "more": "Succeeded"}
    assert status["tasks"][0]["message"] == "exit code 3: no such table"
    assert status["counts"] == {"total": 4, "waiting": 0, "running": 0, "succeeded": 2, "failed": 1, "skipped": 1,
                                "cancelled": 0}
    condition = wait_condition("pipelinerun.atelier.dev", "partial", shared.team, "Succeeded", status="False")
    assert condition["message"] == "2 of 4 tasks succeeded; failed: bad (TaskFailed)"


def test_an_attempt_that_runs_too_long_is_ended(shared: Domain) -> None:
    start(shared, "slow", [sh("slow", "trap 'exit 1' TERM; sleep 300 & wait", timeout="1s")])
    assert states(finished(shared, "slow")) == {"slow": "Failed TimedOut"}


def test_a_declared_result_that_is_not_written_fails_the_task(shared: Domain) -> None:
    start(shared, "forgot", [sh("forgot", "true", results=[{"name": "rows"}])])
    assert states(finished(shared, "forgot")) == {"forgot": "Failed ResultsMissing"}


def test_a_cancelled_run_ends_its_pods_and_starts_no_more(shared: Domain) -> None:
    start(shared, "stop", [sh("long", "trap 'exit 1' TERM; sleep 300 & wait"), sh("next", "true", ["long"])])
    wait_for("the task runs", lambda: [pod for pod in listed("pods", shared.team, "atelier.dev/run=stop")
                                       if pod["status"]["phase"] == "Running"])
    patch = '{"spec": {"cancel": {"reason": "wrong day"}}}'
    kubectl("patch", "pipelinerun.atelier.dev", "stop", "-n", shared.team, "--type=merge", "-p", patch)
    status = finished(shared, "stop")
    assert states(status) == {"long": "Cancelled Cancelled", "next": "Cancelled Cancelled"}
    condition = wait_condition("pipelinerun.atelier.dev", "stop", shared.team, "Succeeded", reason="Cancelled")
    assert condition["message"].startswith("wrong day; ")
    wait_for("its pods are gone", lambda: not listed("pods", shared.team, "atelier.dev/run=stop"), HELD)


def test_a_deleted_run_takes_its_pods_with_it(shared: Domain) -> None:
    start(shared, "gone", [sh("long", "trap 'exit 1' TERM; sleep 300 & wait")])
    wait_for("the task's pod", lambda: listed("pods", shared.team, "atelier.dev/run=gone"))
    delete("pipelinerun.atelier.dev", "gone", shared.team)
    wait_for("its pods are gone", lambda: not listed("pods", shared.team, "atelier.dev/run=gone"), HELD)


def test_a_pod_that_a_person_deletes_is_replaced_when_retries_are_left(shared: Domain) -> None:
    script = "test $ATELIER_ATTEMPT = 2 || { trap 'exit 1' TERM; sleep 300 & wait; }"
    start(shared, "replaced", [sh("only", script, retry={"limit": 1, "backoff": {"initial": "1s"}})])
    (pod,) = wait_for("the task runs", lambda: [one for one in listed("pods", shared.team, "atelier.dev/run=replaced")
                                               if one["status"]["phase"] == "Running"])
    kubectl("delete", "pod", pod["metadata"]["name"], "-n", shared.team, "--wait=false")
    status = finished(shared, "replaced")
    assert status["phase"] == "Succeeded"
    assert status["tasks"][0]["attempt"] == 2


def test_runs_of_the_same_spec_share_one_revision_and_edits_do_not_touch_a_run(shared: Domain) -> None:
    start(shared, "first", [sh("a", "sleep 2"), sh("b", "echo old", ["a"])])
    apply(shared.run("second", "first"))
    wait_for("both started", lambda: all((get("pipelinerun.atelier.dev", name, shared.team) or {}).get("status", {}).get("pin")
                                         for name in ("first", "second")))
    apply(shared.pipeline("first", [sh("a", "sleep 2"), sh("b", "echo new", ["a"])]))
    first, second = finished(shared, "first"), finished(shared, "second")
    assert first["pin"]["revision"] == second["pin"]["revision"]
    assert kubectl("logs", first["tasks"][1]["pod"], "-n", shared.team).stdout == "old\n"
