"""A run that people have to approve, from its start to what depends on them."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from kube import apply, condition, get, kubectl, listed, wait_for
from platform_parts import Domain
from test_approval_policy import API, KINDS, POLICY, RBAC, made
from test_run import finished, sh, states
from test_run_control import RUN, task_of

SETTLES = timedelta(seconds=31)  # the operator's 30 s, and the second that timestamps are cut to


@pytest.fixture(scope="module")
def team(shared: Domain) -> Domain:
    """alice and bob may do everything with runs and approvals of the team."""
    rules = [{"apiGroups": ["atelier.dev"], "resources": ["approvals", "pipelineruns"],
              "verbs": ["get", "list", "create", "update", "patch", "delete", "approve"]}]
    place = {"name": "people", "namespace": shared.team}
    apply({"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": place, "rules": rules},
          {"apiVersion": f"{RBAC}/v1", "kind": "RoleBinding", "metadata": place,
           "subjects": [{"kind": "User", "name": user, "apiGroup": RBAC} for user in ("alice", "bob")],
           "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": "people"}})
    apply(shared.pipeline("release", [sh("build", "true"),
                                      {"name": "release", "dependsOn": ["build"], "approval": {"count": 1}},
                                      sh("deploy", "true", ["release"]), sh("undo", "true", ["release.Failed"])]))
    return shared


@pytest.fixture
def policy() -> Iterator[None]:
    kubectl("replace", "--force", "-f", POLICY)
    made_at = max(datetime.fromisoformat((get(kind, "atelier-approvals") or {})["metadata"]["creationTimestamp"])
                  for kind in KINDS)
    wait_for("the policy has settled", lambda: datetime.now(timezone.utc) > made_at + SETTLES)
    yield


def start(team: Domain, name: str, **spec: Any) -> str:
    return made("alice", team.run(name, "release", author="alice", **spec))["metadata"]["uid"]


def say(team: Domain, user: str, run: str, uid: str, decision: str) -> None:
    made(user, {"apiVersion": API, "kind": "Approval", "metadata": {"generateName": "a-", "namespace": team.team},
                "spec": {"run": {"name": run, "uid": uid}, "task": "release", "decision": decision, "user": user}})


def waits_with(team: Domain, run: str, words: str) -> None:
    wait_for(f"{run} waits with {words}", lambda: words in task_of(team, run, "release").get("message", ""))


def test_without_the_policy_nobody_can_approve(team: Domain) -> None:
    kubectl("delete", "-f", POLICY, "--ignore-not-found")
    start(team, "unheld")
    status = finished(team, "unheld")
    assert states(status)["release"] == "Failed ApprovalRefused"
    assert "the ValidatingAdmissionPolicy" in next(t["message"] for t in status["tasks"] if t["name"] == "release")


def test_a_run_goes_on_when_somebody_else_approves(team: Domain, policy: None) -> None:
    uid = start(team, "approved", skip=["release"])
    waits_with(team, "approved", "0 of 1 approvals")
    told = wait_for("the skip is refused", lambda: condition(get(RUN, "approved", team.team), "RequestRefused"))
    assert told["message"] == '"release" cannot be skipped: people have to approve it'
    say(team, "alice", "approved", uid, "Approve")
    waits_with(team, "approved", "alice started the run")
    assert listed("pods", team.team, "atelier.dev/run=approved,atelier.dev/task=deploy") == []
    say(team, "bob", "approved", uid, "Approve")
    status = finished(team, "approved")
    assert states(status) == {"build": "Succeeded", "release": "Succeeded Approved", "deploy": "Succeeded",
                              "undo": "Skipped DependencyUnmet"}
    assert next(t["message"] for t in status["tasks"] if t["name"] == "release") == "approved by bob"

    uid = start(team, "rejected")
    waits_with(team, "rejected", "0 of 1 approvals")
    say(team, "bob", "rejected", uid, "Reject")
    assert states(finished(team, "rejected")) == {"build": "Succeeded", "release": "Failed Rejected",
                                                  "deploy": "Skipped PredecessorFailed", "undo": "Succeeded"}


def test_a_run_that_does_not_say_who_made_it_is_not_started(team: Domain) -> None:
    apply(team.run("nobodys", "release"))
    finished(team, "nobodys")
    assert condition(get(RUN, "nobodys", team.team), "Succeeded")["reason"] == "AuthorMissing"
