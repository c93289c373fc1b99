"""Results of up to 256 KiB, which a sidecar hands on in its log."""
from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from typing import Any

import audit
import pytest
from kube import apply, delete, get, kubectl, listed, wait_for
from operator_process import ROOT, Operator
from platform_parts import Domain
from test_retry_of import log, reference
from test_run import finished, sh, start, states

RUN = "pipelinerun.atelier.dev"
AROUND = len('{"text":"","names":["a","b"]}')
GRANT = str(ROOT / "deploy" / "large-results.yaml")


@pytest.fixture(autouse=True)
def granted() -> Iterator[None]:
    kubectl("apply", "-f", GRANT)
    yield
    kubectl("delete", "-f", GRANT, "--ignore-not-found")


def writes(name: str, size: int, after: list[str] | None = None, **more: Any) -> dict[str, Any]:
    """A task whose result "text" makes its file so many bytes long, with characters that JSON escapes."""
    script = (f'{{ printf \'{{"text":"\'; head -c {size - AROUND} /dev/zero | tr "\\0" "<"; '
              f'printf \'","names":["a","b"]}}\'; }} > $ATELIER_RESULTS')
    return sh(name, script, after, largeResults=True,
              results=[{"name": "text"}, {"name": "names", "type": "list"}], **more)


def stored(shared: Domain) -> list[dict[str, Any]]:
    return listed("controllerrevisions", shared.team, "atelier.dev/component=results")


def test_256_kib_are_handed_on_and_one_byte_more_is_refused(shared: Domain) -> None:
    start(shared, "largest", [writes("fits", 262144), writes("exceeds", 262145),
                              sh("each", "echo got $0", ["fits"], forEach={"in": "tasks.fits.results.names"}, args=["${item}"]),
                              sh("counts", "echo $0", ["fits"], args=["${tasks.fits.results.text.size()}"])])
    status = finished(shared, "largest")
    assert states(status) == {"fits": "Succeeded", "exceeds": "Failed ResultsTooLarge", "counts": "Succeeded",
                              "each": "Succeeded", "each[0]": "Succeeded", "each[1]": "Succeeded"}
    assert log(shared, status, "each[1]") == "got b\n"
    assert log(shared, status, "counts") == f"{262144 - AROUND}\n"
    assert len(json.dumps(status)) < 65536
    (one,) = [revision for revision in stored(shared) if owner_names(revision) == ["largest"]]
    # They go with their run.
    delete(RUN, "largest", shared.team)
    wait_for("the stored results are gone", lambda: one["metadata"]["name"] not in
             [revision["metadata"]["name"] for revision in stored(shared)])


def owner_names(revision: dict[str, Any]) -> list[str]:
    return sorted(owner["name"] for owner in revision["metadata"]["ownerReferences"])


def test_the_pod_has_no_permission_and_keeps_the_restricted_standard(shared: Domain) -> None:
    start(shared, "bare", [writes("list", 5000)])
    status = finished(shared, "bare")
    pod = get("pod", status["tasks"][0]["pod"], shared.team)
    assert pod is not None
    assert pod["spec"]["automountServiceAccountToken"] is False
    assert [one["name"] for one in pod["spec"]["initContainers"]] == ["atelier-results"]
    assert not [volume for volume in pod["spec"].get("volumes", []) if "projected" in volume or "secret" in volume]


def test_a_text_that_linux_cannot_pass_fails_its_task_and_says_so(shared: Domain) -> None:
    start(shared, "too-long", [writes("list", 200000), sh("uses", "true", ["list"], args=["${tasks.list.results.text}"])])
    status = finished(shared, "too-long")
    assert states(status) == {"list": "Succeeded", "uses": "Failed TextTooLong"}
    told = next(task["message"] for task in status["tasks"] if task["name"] == "uses")
    assert told.startswith(f"args is {200000 - AROUND} bytes long with what it inserts, and Linux passes at most 131071")


def test_without_the_grant_the_task_waits_and_says_what_to_do(shared: Domain) -> None:
    kubectl("delete", "-f", GRANT)
    start(shared, "no-grant", [writes("list", 5000), sh("next", "echo $0", ["list"], args=["${tasks.list.results.names[1]}"])])

    def told() -> str:
        run = get(RUN, "no-grant", shared.team) or {}
        rows = {task["name"]: task for task in run.get("status", {}).get("tasks", [])}
        return rows.get("list", {}).get("message", "") if rows.get("list", {}).get("reason") == "ResultsUnread" else ""

    wait_for("the task says what keeps it", told)
    assert told().startswith("the operator may not read the logs of pods here; an administrator allows it with "
                             "deploy/large-results.yaml: ")
    kubectl("apply", "-f", GRANT)
    status = finished(shared, "no-grant")
    assert states(status) == {"list": "Succeeded", "next": "Succeeded"}
    assert log(shared, status, "next") == "b\n"


def test_a_retry_takes_them_over_and_owns_them(shared: Domain) -> None:
    start(shared, "large-retry", [writes("list", 100000),
                                  sh("load", "case $ATELIER_RUN in *-2) echo $0;; *) exit 1;; esac", ["list"],
                                     args=["${tasks.list.results.names[0]}"])])
    assert finished(shared, "large-retry")["phase"] == "Failed"
    apply(shared.run("large-retry-2", "large-retry", suspend=True, retryOf=reference(shared, "large-retry")))
    wait_for("it is pinned", lambda: (get(RUN, "large-retry-2", shared.team) or {}).get("status", {}).get("pin"))
    delete(RUN, "large-retry", shared.team)
    assert [owner_names(one) for one in stored(shared) if "large-retry-2" in owner_names(one)]
    kubectl("patch", RUN, "large-retry-2", "-n", shared.team, "--type=merge", "-p", '{"spec": {"suspend": false}}')
    status = finished(shared, "large-retry-2")
    assert states(status) == {"list": "Succeeded TakenOver", "load": "Succeeded"}
    assert log(shared, status, "load") == "a\n"


@pytest.mark.alone
def test_an_operator_that_is_killed_has_them_again(shared: Domain, operator: Operator) -> None:
    begun = audit.offset()
    tasks = [writes("list", 100000), sh("slow", "sleep 4", ["list"]),
             sh("each", "echo $0", ["list", "slow"], forEach={"in": "tasks.list.results.names"}, args=["${item}"])]
    start(shared, "killed", tasks)
    wait_for("the results are used up to the commit", lambda: "list" in [
        task["name"] for task in (get(RUN, "killed", shared.team) or {}).get("status", {}).get("tasks", [])
        if task["state"] == "Succeeded"])
    operator.end(signal.SIGKILL)
    operator.start()
    status = finished(shared, "killed")
    assert status["phase"] == "Succeeded"
    assert log(shared, status, "each[1]") == "b\n"
    assert len(audit.pods_created(shared.team, begun)) == 4
