"""Tasks that run once for each item of a list, typed parameters and results, and memory that grows with the attempts."""
from __future__ import annotations

import json
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import audit
import pytest
from kube import apply, condition, get, kubectl, listed, wait_condition, wait_for
from operator_process import WORK, Operator
from platform_parts import Domain
from test_run import finished, sh, start, states

RUN = "pipelinerun.atelier.dev"


class Change(NamedTuple):
    task: str
    pod: str
    uid: str
    phase: str


def names(*all_of_them: str) -> dict[str, Any]:
    """The task "list" with these names as its result."""
    text = json.dumps({"names": all_of_them}).replace("$", "$$")  # "$" is the kubelet's and the template's
    return {"name": "list", "command": ["sh", "-c", 'printf "%s" "$0" > $ATELIER_RESULTS'], "args": [text],
            "results": [{"name": "names", "type": "list"}]}


def log(shared: Domain, status: dict[str, Any], task: str) -> str:
    pod = next(one["pod"] for one in status["tasks"] if one["name"] == task)
    return kubectl("logs", pod, "-n", shared.team).stdout


def pods_of(shared: Domain, run: str, task: str) -> list[dict[str, Any]]:
    """In the order of items and attempts."""
    pods = listed("pods", shared.team, f"atelier.dev/run={run},atelier.dev/task={task}")
    return sorted(pods, key=lambda pod: [int(pod["metadata"]["labels"][f"atelier.dev/{key}"]) for key in ("item", "attempt")])


@contextmanager
def watched(shared: Domain, run: str) -> Iterator[list[Change]]:
    """Every change of the run's pods, in the order of the API server; filled when the block ends."""
    path = WORK / f"watch-{run}.txt"
    fields = "{.metadata.labels.atelier\\.dev/task} {.metadata.name} {.metadata.uid} {.status.phase}{'\\n'}"
    selector = f"atelier.dev/run={run}"
    changes: list[Change] = []
    with path.open("wb") as seen:
        watch = subprocess.Popen(["kubectl", "get", "pods", "-n", shared.team, "-l", selector, "--watch",
                                  "-o", f"jsonpath={fields}"], stdout=seen)
    try:
        yield changes
        phases = {pod["metadata"]["name"]: pod["status"]["phase"] for pod in listed("pods", shared.team, selector)}

        def read() -> bool:
            lines = path.read_text().split("\n")[:-1]
            changes[:] = [Change(*line.split(" ")) for line in lines]
            return {change.pod: change.phase for change in changes} == phases

        wait_for("the watch has told all", read)
    finally:
        watch.kill()
        watch.wait()


def most_at_once(changes: list[Change]) -> int:
    """How many pods there were at a time that had not ended."""
    live: set[str] = set()
    most = 0
    for change in changes:
        (live.add if change.phase in ("Pending", "Running") else live.discard)(change.uid)
        most = max(most, len(live))
    return most


def test_a_fan_out_runs_once_for_each_item_and_no_more_at_once_than_it_may(shared: Domain) -> None:
    tables = ["orders", "stock", 'a "$(ATELIER_TASK)" $$ ${d}', "grün", "last"]
    script = 'sleep 1; echo "$0|$1|$2|$NAME|$ATELIER_INDEX"; echo "{\\"rows\\": $((ATELIER_INDEX * 10))}" > $ATELIER_RESULTS'
    load = sh("load", script, ["list"], forEach={"in": "tasks.list.results.names", "maxParallel": 2},
              args=["${item}", "${index}", "${string(index + 1) + '/' + string(size(tasks.list.results.names))}"],
              env=[{"name": "NAME", "value": "<${item}>"}], results=[{"name": "rows", "type": "int"}])
    report = {"name": "report", "command": ["echo"], "dependsOn": ["load"],
              "when": "size(tasks.load.results.rows) == 5 && tasks.load.results.rows.all(r, r < 50)",
              "args": ["${tasks.load.results.rows}", "${tasks.load.results.rows[4] + params.more}", "${tasks.load.status}"]}
    with watched(shared, "fan") as changes:
        start(shared, "fan", [names(*tables), load, report], {"more": "2"}, params=[{"name": "more", "type": "int"}])
        status = finished(shared, "fan")
    assert status["phase"] == "Succeeded", status
    items = {f"load[{i}]": "Succeeded" for i in range(5)}
    assert states(status) == {"list": "Succeeded", "load": "Succeeded", **items, "report": "Succeeded"}
    assert status["counts"]["succeeded"] == status["counts"]["total"] == 7
    for i, table in enumerate(tables):
        assert log(shared, status, f"load[{i}]") == f"{table}|{i}|{i + 1}/5|<{table}>|{i}\n"
    assert log(shared, status, "report") == "[0,10,20,30,40] 42 Succeeded\n"
    pods = pods_of(shared, "fan", "load")
    assert [pod["metadata"]["labels"]["atelier.dev/item"] for pod in pods] == ["0", "1", "2", "3", "4"]
    loads = [change for change in changes if change.task == "load"]
    assert {change.uid for change in loads} == {pod["metadata"]["uid"] for pod in pods}
    assert most_at_once(loads) == 2


def test_a_fan_out_over_nothing_succeeds_at_once(shared: Domain) -> None:
    start(shared, "nothing", [names(), sh("load", "false", ["list"], forEach={"in": "tasks.list.results.names"},
                                          results=[{"name": "rows", "type": "int"}]),
                              {"name": "report", "command": ["echo"], "dependsOn": ["load"],
                               "args": ["${tasks.load.results.rows}"]}])
    status = finished(shared, "nothing")
    assert states(status) == {"list": "Succeeded", "load": "Succeeded", "report": "Succeeded"}
    assert log(shared, status, "report") == "[]\n"


def test_a_retry_runs_the_item_that_failed_and_what_follows(shared: Domain) -> None:
    since = audit.offset()
    script = ('case $ATELIER_RUN$0 in broken-stock) echo no such table >&2; exit 3;; esac; '
              'echo "{\\"told\\": \\"$0 $ATELIER_RUN\\"}" > $ATELIER_RESULTS')
    load = sh("load", script, ["list"], forEach={"in": "tasks.list.results.names", "maxParallel": 2}, args=["-${item}"],
              results=[{"name": "told"}], retry={"limit": 1, "backoff": {"initial": "1s"}})
    report = {"name": "report", "command": ["echo"], "dependsOn": ["load"], "args": ["${tasks.load.results.told}"]}
    alarm = {"name": "notify", "command": ["echo"], "args": ["${run.status}", "${tasks.load.status}"]}
    start(shared, "broken", [names("orders", "stock", "people", "places"), load, report], **{"finally": [alarm]})
    status = finished(shared, "broken")
    assert status["phase"] == "Failed"
    assert states(status) == {
        "list": "Succeeded", "load": "Failed ItemsFailed", "load[0]": "Succeeded", "load[1]": "Failed TaskFailed",
        "load[2]": "Succeeded", "load[3]": "Succeeded", "report": "Skipped PredecessorFailed", "notify": "Succeeded"}
    by_name = {one["name"]: one for one in status["tasks"]}
    assert by_name["load"]["message"] == (
        "1 of 4 items failed; the first, load[1]: TaskFailed: exit code 3: no such table")
    assert [by_name[f"load[{i}]"]["attempt"] for i in range(4)] == [1, 2, 1, 1]
    assert log(shared, status, "notify") == "Failed Failed\n"
    run = get(RUN, "broken", shared.team)
    assert run is not None
    assert condition(run, "Succeeded")["message"] == "5 of 7 tasks succeeded; failed: load (ItemsFailed)"

    apply(shared.run("mended", "broken", retryOf={"name": "broken", "uid": run["metadata"]["uid"]}))
    status = finished(shared, "mended")
    assert status["phase"] == "Succeeded", status
    assert states(status) == {
        "list": "Succeeded TakenOver", "load": "Succeeded", "load[0]": "Succeeded TakenOver", "load[1]": "Succeeded",
        "load[2]": "Succeeded TakenOver", "load[3]": "Succeeded TakenOver", "report": "Succeeded", "notify": "Succeeded"}
    assert json.loads(log(shared, status, "report")) == [
        "-orders broken", "-stock mended", "-people broken", "-places broken"]
    assert log(shared, status, "notify") == "Succeeded Succeeded\n"
    made = [pod for pod in audit.pods_created(shared.team, since) if pod.startswith("mended-")]
    assert sorted(made) == sorted(one["pod"] for one in status["tasks"] if one["name"] in ("load[1]", "report", "notify"))


# Killed once so many pods of items have been made: a few at a time, or all in one go.
@pytest.mark.alone
@pytest.mark.parametrize(("name", "parallel", "seen"), [("waves", {"maxParallel": 4}, 6), ("burst", {}, 1)])
def test_a_fan_out_survives_its_operator(shared: Domain, operator: Operator, name: str, parallel: dict[str, int],
                                         seen: int) -> None:
    since = audit.offset()

    def made() -> Counter[str]:
        return Counter(pod for pod in audit.pods_created(shared.team, since) if pod.startswith(f"{name}-square-"))

    square = sh("square", 'sleep 1; echo "{\\"n\\": $(($0 * $0))}" > $ATELIER_RESULTS', ["list"], args=["${item}"],
                forEach={"in": "tasks.list.results.names.map(n, int(n) + params.more)", **parallel},
                results=[{"name": "n", "type": "int"}])
    report = {"name": "report", "command": ["echo"], "dependsOn": ["square"], "args": ["${tasks.square.results.n}"]}
    with watched(shared, name) as changes:
        start(shared, name, [names(*map(str, range(20))), square, report], {"more": "1"},
              params=[{"name": "more", "type": "int"}])
        wait_for(f"{seen} pods", lambda: len(made()) >= seen)
        operator.end(signal.SIGKILL)
        assert len(made()) < 20 or not parallel, "it was not in the middle"
        assert (get(RUN, name, shared.team) or {})["status"]["phase"] == "Running"
        operator.start()
        status = finished(shared, name)
    assert status["phase"] == "Succeeded", status
    assert {one["name"]: one["attempt"] for one in status["tasks"]} == {
        "list": 1, "square": 0, **{f"square[{i}]": 1 for i in range(20)}, "report": 1}
    assert json.loads(log(shared, status, "report")) == [i * i for i in range(1, 21)]
    # What the API server was doing when the operator was killed it may have done without an answer: see the watch too.
    assert len({change.uid for change in changes}) == len({change.pod for change in changes}) == 22
    assert max(made().values()) == 1, made()
    assert most_at_once([change for change in changes if change.task == "square"]) <= parallel.get("maxParallel", 20)
    pods = pods_of(shared, name, "square")
    assert [pod["metadata"]["labels"]["atelier.dev/item"] for pod in pods] == [str(i) for i in range(20)]
    assert all(pod["status"]["containerStatuses"][0]["restartCount"] == 0 for pod in pods)


@pytest.mark.parametrize(("name", "given", "path", "remedy"), [
    ("int", {"n": "seven"}, "n", 'is "seven", should be an int: decimal digits alone, such as 42 or -1'),
    ("list", {"n": "1", "files": "a.csv"}, "files", 'is "a.csv", should be a list: JSON such as ["a","b"]'),
    ("enum", {"n": "1", "mode": "fast"}, "mode", 'is "fast", should be one of full, delta'),
])
def test_a_run_with_a_value_of_another_type_is_refused(shared: Domain, name: str, given: dict[str, str], path: str,
                                                       remedy: str) -> None:
    since = audit.offset()
    params = [{"name": "n", "type": "int"}, {"name": "files", "type": "list", "default": "[]"},
              {"name": "mode", "enum": ["full", "delta"], "default": "full"}]
    start(shared, f"typed-{name}", [sh("only", "true")], given, params=params)
    told = wait_condition(RUN, f"typed-{name}", shared.team, "Succeeded", status="False", reason="InvalidValue")
    assert told["message"] == f'spec.params["{path}"]: {remedy}'
    assert (get(RUN, f"typed-{name}", shared.team) or {})["status"]["phase"] == "Failed"
    assert audit.pods_created(shared.team, since) == []


def test_a_fan_out_over_what_is_no_list_is_refused(shared: Domain) -> None:
    since = audit.offset()
    start(shared, "no-list", [names("a"), sh("load", "true", ["list"], forEach={"in": "params.day"})],
          {"day": "monday"}, params=[{"name": "day"}])
    words = "spec.tasks[1].forEach.in: is of type string, should be a list, such as ['a', 'b'] or lists.range(3)"
    told = wait_condition("pipeline.atelier.dev", "no-list", shared.team, "Ready", status="False", reason="InvalidExpression")
    assert told["message"] == words
    told = wait_condition(RUN, "no-list", shared.team, "Succeeded", status="False", reason="InvalidExpression")
    assert told["message"] == f"the Pipeline is not valid: {words}"
    assert audit.pods_created(shared.team, since) == []


def test_what_turns_out_to_be_no_list_fails_the_task(shared: Domain) -> None:
    """Of a member of a map only the evaluation tells the type."""
    start(shared, "dynamic", [sh("load", "true", forEach={"in": "params.of.tables"})], {"of": '{"tables": "orders"}'},
          params=[{"name": "of", "type": "map"}])
    status = finished(shared, "dynamic")
    assert states(status) == {"load": "Failed ForEachFailed"}
    assert status["tasks"][0]["message"] == "forEach.in gives a string, should give a list"


def test_an_item_that_ran_out_of_memory_gets_more_for_each_attempt(shared: Domain) -> None:
    """dd fills a buffer of so many MiB. The item that needs less is not given more."""
    start(shared, "memory", [{
        "name": "fill", "command": ["dd", "if=/dev/zero", "of=/dev/null", "count=1", "bs=${item}M"],
        "forEach": {"items": ["4", "96"]}, "resources": {"limits": {"memory": "32Mi"}},
        "retry": {"limit": 2, "memoryFactor": 2, "when": "attempt.reason == 'OOMKilled'", "backoff": {"initial": "1s"}}}])
    status = finished(shared, "memory")
    assert status["phase"] == "Succeeded", status
    pods = pods_of(shared, "memory", "fill")
    ends = [pod["status"]["containerStatuses"][0]["state"]["terminated"] for pod in pods]
    assert [end["reason"] for end in ends] == ["Completed", "OOMKilled", "OOMKilled", "Completed"]
    assert ends[1]["exitCode"] == ends[2]["exitCode"] == 137
    resources = [pod["spec"]["containers"][0]["resources"] for pod in pods]
    assert [one["limits"]["memory"] for one in resources] == ["32Mi", "32Mi", "64Mi", "128Mi"]
    assert [one["requests"]["memory"] for one in resources] == ["32Mi", "32Mi", "64Mi", "128Mi"]
