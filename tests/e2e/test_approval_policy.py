"""The admission policy makes an Approval somebody's own word, and the operator knows whether it is there."""
from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kube import delete, get, kubectl, wait_for
from operator_process import ROOT, Operator

pytestmark = pytest.mark.alone  # without the policy nobody else is asked

API = "atelier.dev/v1alpha1"
POLICY = str(ROOT / "deploy" / "base" / "approval-policy.yaml")
RBAC = "rbac.authorization.k8s.io"
KINDS = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")


class Team:
    """A namespace with users: alice may do everything with approvals and runs, mallory all but approve."""

    def __init__(self) -> None:
        self.namespace = f"approvals-{uuid.uuid4().hex[:8]}"
        kubectl("create", "namespace", self.namespace)
        writes = {"apiGroups": ["atelier.dev"], "resources": ["approvals", "pipelineruns"],
                  "verbs": ["get", "create", "update", "patch", "delete"]}
        approves = {"apiGroups": ["atelier.dev"], "resources": ["pipelineruns"], "verbs": ["approve"],
                    "resourceNames": ["orders-1"]}
        self.role("writer", [writes], "alice", "mallory")
        self.role("approver", [approves], "alice")

    def role(self, name: str, rules: list[dict[str, Any]], *users: str) -> None:
        place = {"name": name, "namespace": self.namespace}
        subjects = [{"kind": "User", "name": user, "apiGroup": RBAC} for user in users]
        for document in ({"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": place, "rules": rules},
                         {"apiVersion": f"{RBAC}/v1", "kind": "RoleBinding", "metadata": place, "subjects": subjects,
                          "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": name}}):
            kubectl("apply", "-f", "-", stdin=json.dumps(document))

    def approval(self, user: str, run: str = "orders-1", decision: str = "Approve") -> dict[str, Any]:
        return {"apiVersion": API, "kind": "Approval", "metadata": {"generateName": "a-", "namespace": self.namespace},
                "spec": {"run": {"name": run, "uid": "u"}, "task": "release", "decision": decision, "user": user}}

    def run(self, author: str | None) -> dict[str, Any]:
        spec = {"pipeline": {"name": "daily"}, **({} if author is None else {"author": author})}
        return {"apiVersion": API, "kind": "PipelineRun", "spec": spec,
                "metadata": {"generateName": "r-", "namespace": self.namespace}}


def create(user: str, document: dict[str, Any], *options: str) -> subprocess.CompletedProcess[str]:
    return kubectl("create", f"--as={user}", "-o", "json", *options, "-f", "-", stdin=json.dumps(document), check=False)


def made(user: str, document: dict[str, Any]) -> dict[str, Any]:
    done = create(user, document)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def forbidden(done: subprocess.CompletedProcess[str]) -> str:
    """The policy's words. An API server that refuses for another reason says so."""
    assert done.returncode != 0, f"was accepted: {done.stdout}"
    assert "ValidatingAdmissionPolicy 'atelier-approvals'" in done.stderr and "(Forbidden)" in done.stderr, done.stderr
    return done.stderr


def change(by: str, document: dict[str, Any], **spec: str | None) -> subprocess.CompletedProcess[str]:
    place = document["metadata"]
    return kubectl("patch", f"--as={by}", document["kind"] + "." + API.split("/")[0], place["name"],
                   "-n", place["namespace"], "--type=merge", "-p", json.dumps({"spec": spec}), check=False)


def install(team: Team) -> None:
    kubectl("replace", "--force", "-f", POLICY)
    # It takes the API server a moment, and it is one expression after the other that it refuses by.
    wait_for("the policy is in force",
             lambda: create("alice", team.approval("bob"), "--dry-run=server").returncode != 0 and
             create("mallory", team.run("bob"), "--dry-run=server").returncode != 0)


@pytest.fixture(scope="module")
def team(operator: Operator) -> Iterator[Team]:
    made_here = Team()
    install(made_here)
    yield made_here
    install(made_here)
    delete("namespace", made_here.namespace, wait=False)


def test_what_the_api_server_stores_is_the_shipped_file_and_nothing_more(team: Team) -> None:
    """So that the operator can compare; no expression of it has a type error on either kind."""
    shipped = json.loads(kubectl("create", "--dry-run=client", "-o", "json", "-f", POLICY, "--validate=false").stdout
                         .replace("}\n{", "},\n{").join(("[", "]")))
    for document in shipped:
        stored = get(document["kind"], document["metadata"]["name"])
        assert stored is not None and stored["spec"] == document["spec"] and stored["metadata"]["generation"] == 1
    checked = wait_for("the policy's types are checked", lambda: (get(KINDS[0], "atelier-approvals") or {}).get("status"))
    assert "expressionWarnings" not in checked.get("typeChecking", {}), checked


def test_who_may_approve_does_so_in_their_own_name(team: Team) -> None:
    for decision in ("Approve", "Reject"):
        approval = made("alice", team.approval("alice", decision=decision))
        assert approval["spec"]["user"] == "alice"


def test_nobody_approves_in_anothers_name(team: Team) -> None:
    said = forbidden(create("alice", team.approval("bob")))
    assert 'spec.user is "bob", should be your own name, "alice"' in said
    said = forbidden(create("admin", team.approval("alice"), "--as-group=system:masters"))
    assert "should be your own name" in said, "nor does an administrator"


def test_without_the_verb_on_this_run_nobody_approves(team: Team) -> None:
    said = forbidden(create("mallory", team.approval("mallory")))
    assert f'"mallory" lacks the verb "approve" on pipelineruns.atelier.dev "orders-1" in namespace "{team.namespace}"' in said
    assert '"orders-2"' in forbidden(create("alice", team.approval("alice", run="orders-2")))


def test_an_approval_made_by_server_side_apply_is_held_to_the_same(team: Team) -> None:
    document = {**team.approval("bob"), "metadata": {"name": "applied", "namespace": team.namespace}}
    done = kubectl("apply", "--as=alice", "--server-side", "-f", "-", stdin=json.dumps(document), check=False)
    assert "should be your own name" in forbidden(done)


def test_an_approval_cannot_be_changed_but_for_its_labels_and_can_be_withdrawn(team: Team) -> None:
    approval = made("alice", team.approval("alice"))
    name = approval["metadata"]["name"]
    done = change("alice", approval, user="bob")
    assert done.returncode != 0 and "cannot be changed" in done.stderr
    # What the garbage collector and finalizers do.
    assert kubectl("label", "--as=alice", "approvals.atelier.dev", name, "-n", team.namespace, "a=b").returncode == 0
    kubectl("delete", "--as=alice", "approvals.atelier.dev", name, "-n", team.namespace)


def test_the_policy_alone_keeps_a_spec_as_it_is(team: Team) -> None:
    """Should the schema ever lose its own rules."""
    crds = {kind: json.loads(kubectl("get", "crd", f"{kind}.atelier.dev", "-o", "json").stdout)
            for kind in ("approvals", "pipelineruns")}
    approval, run = made("alice", team.approval("alice")), made("alice", team.run("alice"))
    try:
        for kind in crds:
            path = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/x-kubernetes-validations"
            kubectl("patch", "crd", f"{kind}.atelier.dev", "--type=json",
                    "-p", json.dumps([{"op": "remove", "path": path}]))

        wait_for("the schema takes it", lambda: "atelier-approvals" in change("alice", approval, user="bob").stderr)
        assert "an Approval cannot be changed" in forbidden(change("alice", approval, comment="late"))
        wait_for("the schema takes it", lambda: "atelier-approvals" in change("alice", run, author="bob").stderr)
        assert "spec.author cannot be changed" in forbidden(change("alice", run, author=None))
        unknown = made("alice", team.run(None))
        assert "spec.author cannot be changed" in forbidden(change("alice", unknown, author="alice"))
    finally:
        for kind in crds:
            kubectl("apply", "--server-side", "--force-conflicts", "-f", str(ROOT / "crds" / f"{kind}.yaml"))


def test_the_author_of_a_run_is_who_makes_it_or_nobody(team: Team) -> None:
    assert made("alice", team.run("alice"))["spec"]["author"] == "alice"
    assert "author" not in made("alice", team.run(None))["spec"]
    said = forbidden(create("alice", team.run("bob")))
    assert 'spec.author is "bob", should be your own name, "alice"' in said


def test_a_dry_run_asks_the_same_and_leaves_nothing(team: Team) -> None:
    document = {**team.approval("alice"), "metadata": {"name": "dry", "namespace": team.namespace}}
    assert create("alice", document, "--dry-run=server").returncode == 0
    forbidden(create("mallory", document, "--dry-run=server"))
    assert get("approvals.atelier.dev", "dry", team.namespace) is None


def test_the_operator_says_whether_approvals_count(team: Team, operator: Operator) -> None:
    def says(*words: str) -> Callable[[], bool]:
        began = operator.log.stat().st_size
        return lambda: any(all(word in line for word in words) for line in operator.read(began).splitlines())

    refused = "approvals are refused"
    for kind in KINDS:
        said = says(refused, f"the {kind} atelier-approvals is not installed", "kubectl replace --force")
        delete(kind, "atelier-approvals")
        wait_for("the operator misses it", said)
        said = says("approvals count since=")
        install(team)
        wait_for("the operator finds it", said)
    said = says(refused, "spec.failurePolicy differs")
    kubectl("patch", KINDS[0], "atelier-approvals", "--type=merge", "-p", '{"spec": {"failurePolicy": "Ignore"}}')
    wait_for("the operator sees the change", said)
    said = says(refused, "was changed after it was made")
    kubectl("patch", KINDS[0], "atelier-approvals", "--type=merge", "-p", '{"spec": {"failurePolicy": "Fail"}}')
    wait_for("the operator trusts nothing that was changed back", said)
    said = says(refused, "ValidatingAdmissionPolicyBinding atelier-approvals", "spec.validationActions[0] differs")
    install(team)
    kubectl("patch", KINDS[1], "atelier-approvals", "--type=merge", "-p", '{"spec": {"validationActions": ["Audit"]}}')
    wait_for("the operator sees a binding that denies nothing", said)
