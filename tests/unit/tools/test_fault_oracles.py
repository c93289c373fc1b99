"""The oracles of the real faults: each finds what it is there for, and has no word in it where it could not see anything."""
from __future__ import annotations

import copy
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
sys.dont_write_bytecode = True

from faults import oracles  # noqa: E402

Object = dict[str, Any]
RUN, UID, POD = "chain-w-0", "run-uid", "chain-w-0-a-hash"
LABELS = {"atelier.dev/component": "task", "atelier.dev/run": RUN, "atelier.dev/run-uid": UID, "atelier.dev/task": "a",
          "atelier.dev/attempt": "1"}


def at(second: int) -> str:
    return f"2026-11-22T12:00:{second:02}.000000Z"


def event(second: int, verb: str, resource: str, name: str, body: Any = None, who: str = "JTI=one", code: int = 200,
          subresource: str = "") -> Object:
    about = {"resource": resource, "name": name, **({"subresource": subresource} if subresource else {})}
    return {"verb": verb, "objectRef": about, "responseStatus": {"code": code}, "requestObject": body,
            "user": {"extra": {oracles.CREDENTIAL: [who]}}, "requestReceivedTimestamp": at(second), "stageTimestamp": at(second)}


def commit(second: int, state: str, phase: str, **more: Any) -> Object:
    row = {"name": "a", "state": state, "attempt": 1, **more}
    return event(second, "patch", "pipelineruns", RUN, {"status": {"phase": phase, "tasks": [row]}}, subresource="status")


def lease(second: int, who: str = "JTI=one") -> Object:
    return event(second, "patch", "leases", "atelier-operator", who=who)


def create(second: int, code: int = 201, who: str = "JTI=one") -> Object:
    return event(second, "create", "pods", POD, {"metadata": {"name": POD, "labels": LABELS}}, who, code)


def release(second: int, uid: str = "pod-uid") -> Object:
    return event(second, "patch", "pods", POD, [{"op": "test", "path": "/metadata/uid", "value": uid},
                                                {"op": "remove", "path": "/metadata/finalizers/0"}])


def well() -> dict[str, Any]:
    """One run of one task, as it should be."""
    events = [lease(1), create(2), commit(3, "Running", "Running"), commit(10, "Succeeded", "Succeeded"), release(11)]
    pod = {"metadata": {"name": POD, "uid": "pod-uid", "labels": LABELS}, "status": {"phase": "Succeeded"}}
    counts = {"total": 1, "succeeded": 1}
    run = {"metadata": {"name": RUN, "uid": UID}, "spec": {},
           "status": {"phase": "Succeeded", "counts": counts, "tasks": [{"name": "a", "state": "Succeeded", "attempt": 1}]}}
    return {"events": events, "history": events, "runs": [run], "pods": [pod], "written": {POD: ["start", "end"]},
            "wanted": {"chain": {"a": "Succeeded"}}, "kind_of": lambda run: "chain"}


def found(world: dict[str, Any]) -> str:
    return "\n".join(oracles.findings(oracles.Seen(**world)))


def test_nothing_is_found_where_all_is_well():
    assert found(well()) == ""


def task(world: dict[str, Any], **fields: Any) -> None:
    world["runs"][0]["status"]["tasks"][0].update(fields)


def replaced(world: dict[str, Any], number: int, *events: Object) -> None:
    world["events"][number:number + 1] = events


BREAKS: list[tuple[str, Callable[[dict[str, Any]], Any]]] = [
    ("a is Failed, without faults it is Succeeded", lambda w: task(w, state="Failed")),
    ("a is None, without faults it is Succeeded", lambda w: w["runs"][0]["status"]["tasks"].clear()),
    ("a has 2 outcomes", lambda w: w["runs"][0]["status"]["tasks"].append({"name": "a", "state": "Succeeded"})),
    ("never declared: {'b'}", lambda w: w["runs"][0]["status"]["tasks"].append({"name": "b", "state": "Succeeded"})),
    ("its counts do not add up", lambda w: w["runs"][0]["status"]["counts"].update(total=2)),
    ("a was Succeeded, became Running", lambda w: w["events"].append(commit(12, "Running", "Succeeded"))),
    ("was created 2 times", lambda w: w["events"].append(create(4))),
    ("with the UIDs ['another', 'pod-uid']", lambda w: w["events"].append(release(12, "another"))),
    ("its run ended at", lambda w: replaced(w, 1, create(12))),
    ("before its outcome was committed", lambda w: replaced(w, 4, release(9))),
    ("before its outcome was committed", lambda w: replaced(w, 3)),
    ("JTI=two wrote at 2026-11-22T12:00:05.000000Z, JTI=one until",
     lambda w: w["events"].extend([lease(4, "JTI=two"), create(5, 409, "JTI=two")])),
    ("JTI=two wrote at 2026-11-22T12:00:20.000000Z, without a lease", lambda w: w["events"].append(create(20, 409, "JTI=two"))),
    ("JTI=one wrote at 2026-11-22T12:00:11.000000Z, after JTI=two had the lease",
     lambda w: w["events"].extend([lease(6, "JTI=two"), create(20, 409, "JTI=two")])),
    (f"{POD} was started 2 times", lambda w: w["written"].update({POD: ["start", "start", "end"]})),
    ("did its work 0 times", lambda w: w["written"].update({POD: ["start"]})),
    ("did its work, and its status does not say so", lambda w: task(w, state="Failed")),
    ("still has a finalizer", lambda w: w["pods"][0]["metadata"].update(finalizers=["atelier.dev/result"])),
    ("still runs", lambda w: w["pods"][0]["status"].update(phase="Running")),
    ("outlived its run", lambda w: w["runs"][0]["metadata"].update(uid="another")),
    ("204 requests for 1 pods", lambda w: w["events"].extend([event(3, "get", "pods", POD)] * 200)),
]


@pytest.mark.parametrize(("what", "broken"), BREAKS)
def test_what_is_not_well_is_found(what, broken):
    world = well()
    broken(world)
    assert what in found(world)


@pytest.mark.parametrize("state", ["Waiting", "Failed"])
def test_a_failed_attempt_is_let_go_once_its_retry_is_committed(state):
    assert oracles.holds({"name": "a", "state": state, "attempt": 1}, oracles.Attempt(RUN, UID, "a", 1))
    assert oracles.holds({"name": "a", "state": "Running", "attempt": 2}, oracles.Attempt(RUN, UID, "a", 1))
    assert not oracles.holds({"name": "a", "state": "Running", "attempt": 1}, oracles.Attempt(RUN, UID, "a", 1))
    assert not oracles.holds({"name": "b", "state": "Succeeded", "attempt": 1}, oracles.Attempt(RUN, UID, "a", 1))


def test_a_commit_without_an_answer_may_have_been_made_or_not():
    world = well()
    unanswered = commit(10, "Succeeded", "Succeeded")
    unanswered["responseStatus"]["code"] = 504
    world["events"][3] = unanswered  # the next one sees it in the status, and has nothing to write
    assert found(world) == ""
    world["events"][3:3] = [unanswered, commit(10, "Running", "Running"), commit(10, "Succeeded", "Succeeded")]
    assert found(world) == ""


def test_what_the_node_started_anew_is_not_the_operators():
    world = well()
    others = [copy.deepcopy(world["runs"][0]) for _ in range(2)]
    for number, run in enumerate(others):
        run["metadata"]["uid"] = f"other-{number}"
        run["status"]["tasks"][0]["attempt"] = 0
    world["runs"] += others
    world["written"] = {POD: ["start", "start", "end", "end"]}
    assert "was started 2 times" in found(world)
    world["pods"][0]["status"]["containerStatuses"] = [{"restartCount": 1, "state": {}}]
    world["written"]["other"] = ["start", "end"]
    world["events"].append(event(2, "create", "pods", "other", {
        "metadata": {"name": "other", "labels": {**LABELS, "atelier.dev/run-uid": "other-0"}}}, code=504))
    others[0]["status"]["tasks"][0]["attempt"] = 1
    assert found(world) == ""
    del world["runs"][1:]
    assert "nodes harmed 1 of 1 runs" in found(world)


@pytest.mark.parametrize("empty", ["events", "runs", "pods"])
def test_where_there_is_nothing_to_see_nothing_is_proven(empty):
    world = well()
    world[empty] = type(world[empty])()
    world["history"] = world["events"]
    assert "could not see anything" in found(world)


def test_item_pods_are_those_of_their_row():
    world = copy.deepcopy({key: value for key, value in well().items() if key != "kind_of"})
    text = json.dumps(world).replace('"atelier.dev/attempt"', '"atelier.dev/item": "2", "atelier.dev/attempt"')
    seen = oracles.Seen(**json.loads(text), kind_of=lambda run: "chain")
    assert seen.attempts[POD].row == "a[2]"
