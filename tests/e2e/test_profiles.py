"""What a Workspace gets by its profile, and how many of its runs are under way at a time."""
from __future__ import annotations

import json
import signal
from typing import Any

import pytest
from kube import apply, condition, delete, get, kubectl, listed, refused, wait_condition, wait_for
from operator_process import Operator
from platform_parts import API, CROWDED, DAG, Domain, image

NARROW = {"name": "narrow", "maxMemoryMB": 256, "duckdbMemoryMB": 200, "chunkSizeRows": 777, "maxParallelPipelines": 2}


@pytest.fixture(scope="module")
def team(shared: Domain) -> Domain:
    """With a profile of its own, and Workspaces that have it."""
    apply({"apiVersion": API, "kind": "BusinessDomain", "metadata": {"name": shared.name},
           "spec": {"namespaces": [shared.storage_namespace], "defaultProfile": "narrow", "profiles": [CROWDED, NARROW]}})
    image("ws:1", {"a.py": DAG})
    for name in ("line", "people", "lower", "orphan"):
        shared.publish(name, "ws:1")
    return shared


HOLD = "trap 'exit 1' TERM; until test -e /tmp/done; do sleep 0.2; done"


def task(name: str, script: str) -> dict[str, Any]:
    return {"name": name, "command": ["sh", "-c", script]}


def phases(team: Domain, names: list[str]) -> list[str]:
    runs = {run["metadata"]["name"]: run.get("status", {}).get("phase") for run in listed("pipelineruns.atelier.dev", team.team)}
    return [runs.get(name, "") for name in names]


def finish(team: Domain, run: str) -> None:
    """Lets the one task of the run end, once it runs."""
    def pod() -> str | None:
        found = [one for one in listed("pods", team.team, f"atelier.dev/run={run}") if one["status"]["phase"] == "Running"]
        return found[0]["metadata"]["name"] if found else None

    name = wait_for(f"the pod of {run} runs", pod)
    kubectl("exec", "-n", team.team, name, "--", "touch", "/tmp/done")


def make_runs(team: Domain, workspace: str, names: list[str]) -> None:
    apply(team.pipeline(workspace, [task("hold", HOLD)], workspace=workspace))
    for name in names:
        apply(team.run(name, workspace))


def test_tasks_and_containers_have_what_the_profile_says(team: Domain) -> None:
    apply(team.workspace("line", "ws:1", containers=[{"name": "idle", "command": ["sleep", "3600"]}]))
    apply(team.pipeline("env", [task("only", "echo $RAT_PROFILE $RAT_DUCKDB_MEMORY_MB $RAT_CHUNK_SIZE_ROWS")],
                        workspace="line"))
    apply(team.run("env", "env"))
    kubectl("wait", "pipelinerun.atelier.dev/env", "-n", team.team, "--for=condition=Succeeded", "--timeout=60s")
    pod = listed("pods", team.team, "atelier.dev/run=env")[0]
    assert kubectl("logs", pod["metadata"]["name"], "-n", team.team).stdout == "narrow 200 777\n"
    assert pod["spec"]["containers"][0]["resources"]["limits"]["memory"] == "256Mi"
    deployment = wait_for("the Deployment", lambda: get("deployment", "line", team.team))
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    env = {one["name"]: one.get("value") for one in container["env"]}
    assert (env["RAT_PROFILE"], env["RAT_DUCKDB_MEMORY_MB"], env["RAT_CHUNK_SIZE_ROWS"]) == ("narrow", "200", "777")


def test_an_unknown_profile_and_an_override_above_it_are_told(team: Domain) -> None:
    apply(team.workspace("wrong", "ws:1", resources={"profile": "huge"}))
    told = team.not_ready("wrong", "UnknownProfile")
    assert "there are tiny, narrow, small, medium, large" in told["message"]
    wait_condition("workspace.atelier.dev", "wrong", team.team, "Stalled", status="True")
    apply(team.workspace("wrong", "ws:1", resources={"overrides": {"chunkSizeRows": 778}}))
    told = team.not_ready("wrong", "AboveProfile")
    assert told["message"].startswith(
        'spec.resources.overrides.chunkSizeRows: 778 is more than the 777 of profile "narrow"')
    apply(team.workspace("wrong", "ws:1", resources={"overrides": {"chunkSizeRows": 5}}))
    team.ready("wrong")
    delete("workspace.atelier.dev", "wrong", team.team)
    assert "should be tiny, small, medium, large or one of spec.profiles" in refused(
        {"apiVersion": API, "kind": "BusinessDomain", "metadata": {"name": "no-such-profile"},
         "spec": {"namespaces": ["nowhere"], "defaultProfile": "huge"}})


def test_runs_beyond_the_limit_wait_in_line_and_start_in_turn(team: Domain) -> None:
    names = ["line-1", "line-2", "line-3", "line-4"]
    make_runs(team, "line", names[:2])
    wait_for("both run", lambda: phases(team, names[:2]) == ["Running"] * 2)
    for name in names[2:]:
        apply(team.run(name, "line"))
        kubectl("wait", f"pipelinerun.atelier.dev/{name}", "-n", team.team, "--for=jsonpath={.status.phase}=Pending")
    third = wait_condition("pipelinerun.atelier.dev", "line-3", team.team, "Succeeded", reason="WaitsForPlace")
    assert "lets at most 2 runs be under way" in third["message"]
    assert "line-1" in third["message"] and "line-2" in third["message"]
    wait_for("the line is told", lambda: sorted(
        condition(get("pipelinerun.atelier.dev", name, team.team), "Succeeded")["message"][-20:] for name in names[2:]
    ) == ["number 1 in the line", "number 2 in the line"])
    assert not listed("pods", team.team, "atelier.dev/run in (line-3,line-4)")
    finish(team, "line-1")
    wait_for("one more runs", lambda: sorted(phases(team, names)) == ["Pending", "Running", "Running", "Succeeded"])
    assert len(get("workspace.atelier.dev", "line", team.team)["status"]["places"]) == 2
    for name in names[1:]:
        finish(team, name)
    wait_for("all have run", lambda: phases(team, names) == ["Succeeded"] * 4)
    wait_for("no place is taken", lambda: not get("workspace.atelier.dev", "line", team.team)["status"].get("places"))


def test_a_place_is_free_when_its_run_is_cancelled_or_deleted(team: Domain) -> None:
    names = [f"people-{number}" for number in range(1, 6)]
    make_runs(team, "people", names[:2])
    wait_for("both run", lambda: phases(team, names[:2]) == ["Running"] * 2)
    for name in names[2:]:
        apply(team.run(name, "people"))
        wait_condition("pipelinerun.atelier.dev", name, team.team, "Succeeded", reason="WaitsForPlace")
    for suspend, words in ((True, "people-2 (suspended)"), (False, "people-2; ")):
        kubectl("patch", "pipelinerun.atelier.dev", "people-2", "-n", team.team, "--type=merge", "-p",
                json.dumps({"spec": {"suspend": suspend}}))
        wait_for("it is told what holds them up", lambda words=words: words in condition(
            get("pipelinerun.atelier.dev", "people-3", team.team), "Succeeded")["message"])
    cancel = '{"spec": {"cancel": {"reason": "not today"}}}'
    kubectl("patch", "pipelinerun.atelier.dev", "people-5", "-n", team.team, "--type=merge", "-p", cancel)
    wait_for("it never starts", lambda: phases(team, ["people-5"]) == ["Cancelled"])
    delete("pipelinerun.atelier.dev", "people-1", team.team)
    wait_for("another runs", lambda: sorted(phases(team, names[2:4])) == ["Pending", "Running"])
    kubectl("patch", "pipelinerun.atelier.dev", "people-2", "-n", team.team, "--type=merge", "-p", cancel)
    wait_for("both run", lambda: phases(team, names[2:4]) == ["Running"] * 2)
    assert phases(team, ["people-2"]) == ["Cancelled"]
    assert not listed("pods", team.team, "atelier.dev/run=people-5")
    for name in names[2:4]:
        finish(team, name)
    wait_for("they end", lambda: phases(team, names[2:4]) == ["Succeeded"] * 2)


def test_a_lower_limit_stops_nobody_and_lets_nobody_in(team: Domain) -> None:
    names = ["lower-1", "lower-2", "lower-3"]
    make_runs(team, "lower", names[:2])
    wait_for("both run", lambda: phases(team, names[:2]) == ["Running"] * 2)
    apply(team.workspace("lower", "ws:1", resources={"overrides": {"maxParallelPipelines": 1}}))
    team.ready("lower")
    apply(team.run("lower-3", "lower"))
    finish(team, "lower-1")
    wait_for("one has ended", lambda: phases(team, names[:1]) == ["Succeeded"])
    wait_for("its place is gone", lambda: len(get("workspace.atelier.dev", "lower", team.team)["status"]["places"]) == 1)
    assert phases(team, names[1:]) == ["Running", "Pending"]
    finish(team, "lower-2")
    finish(team, "lower-3")
    wait_for("all have run", lambda: phases(team, names) == ["Succeeded"] * 3)


@pytest.mark.alone
def test_the_line_goes_on_with_another_operator(team: Domain, operator: Operator) -> None:
    names = ["orphan-1", "orphan-2", "orphan-3"]
    make_runs(team, "orphan", names)
    wait_for("two run", lambda: sorted(phases(team, names)) == ["Pending", "Running", "Running"])
    first = next(name for name, phase in zip(names, phases(team, names), strict=True) if phase == "Running")
    operator.end(signal.SIGKILL)
    finish(team, first)
    operator.start()
    for name in names:
        if name != first:
            finish(team, name)
    wait_for("all have run", lambda: phases(team, names) == ["Succeeded"] * 3)
    assert len(listed("pods", team.team, "atelier.dev/workspace=orphan,atelier.dev/component=task")) == 3
