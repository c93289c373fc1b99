"""An operator of one namespace, installed as deploy/overlays/one-namespace is, without any right in the cluster."""
from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

import audit
from in_cluster import SELECTOR, overlay, pods, shipped_image
from kube import apply, condition, delete, get, kubectl, listed, wait_condition, wait_for
from operator_process import Operator
from platform_parts import API, DAG, Domain, image

OPERATORS = "atelier-system"
WATCHED = "team-a"  # as in the overlay
ELSEWHERE = "one-elsewhere"
pytestmark = pytest.mark.alone


def allowed(verb: str, resource: str, *place: str) -> bool:
    account = f"system:serviceaccount:{OPERATORS}:atelier-operator"
    return kubectl("auth", "can-i", verb, resource, *place, f"--as={account}", check=False).stdout.strip() == "yes"


def restore(operator: Operator, team: Domain) -> None:
    for kind in ("deployment", "service", "networkpolicy"):
        delete(kind, "atelier-operator", OPERATORS)
    for kind in ("role", "rolebinding"):
        delete(kind, "atelier-operator-pod", OPERATORS)
        delete(kind, "atelier-operator", WATCHED)
    wait_for("the operator has gone", lambda: listed("pods", OPERATORS, SELECTOR) == [])
    operator.install()  # with its rights in the whole cluster
    operator.start()
    team.remove()
    delete("namespace", ELSEWHERE, wait=False)


@pytest.fixture(scope="module")
def installed(operator: Operator) -> Iterator[tuple[Domain, int]]:
    """Storage, workspaces and runs in the one namespace, no BusinessDomain; and where the audit log was before."""
    operator.end(signal.SIGTERM)
    made = Domain("one")
    made.team = made.storage_namespace = WATCHED
    try:
        for role in ("atelier-operator", "atelier-operator-cluster"):
            delete("clusterrolebinding", role)
            delete("clusterrole", role)
        made.create()
        delete("businessdomain.atelier.dev", made.name)
        kubectl("patch", "datadomain.atelier.dev", "dd", "-n", WATCHED, "--type=merge", "-p", '{"spec":{"colocated":true}}')
        apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ELSEWHERE}})
        image("one:1", {"a.py": DAG})
        folder = overlay("one-namespace", "overlays/one-namespace", shipped_image("one"))
        since = audit.offset()
        kubectl("apply", "--server-side", "--force-conflicts", "-k", folder)
        kubectl("rollout", "status", "deployment/atelier-operator", "-n", OPERATORS, "--timeout=90s")
        yield made, since
    finally:
        restore(operator, made)


@pytest.fixture(scope="module")
def team(installed: tuple[Domain, int]) -> Domain:
    return installed[0]


def test_its_rights_end_at_the_namespace(team: Domain) -> None:
    assert allowed("create", "pods", "-n", WATCHED)
    assert not allowed("create", "pods", "-n", ELSEWHERE)
    assert not allowed("list", "pods", "--all-namespaces")
    assert not allowed("list", "workspaces.atelier.dev", "--all-namespaces")
    for kind in ("namespaces", "businessdomains.atelier.dev", "validatingadmissionpolicies.admissionregistration.k8s.io"):
        assert not allowed("list", kind)


def test_a_workspace_goes_live_and_a_run_succeeds(team: Domain) -> None:
    team.publish("ws", "one:1")
    assert (team.dags / "ws" / "a.py").read_text() == DAG
    apply(team.pipeline("hello", [{"name": "a", "command": ["sh", "-c", "echo hello"]}]), team.run("hello", "hello"))
    wait_condition("pipelinerun.atelier.dev", "hello", WATCHED, "Succeeded", 60, status="True")
    ready = condition(get("datadomain.atelier.dev", "dd", WATCHED), "Ready")
    assert "no BusinessDomain is asked" in ready["message"]


def test_what_only_a_business_domain_can_grant_is_refused(team: Domain) -> None:
    apply(team.pipeline("urgent", [{"name": "a", "command": ["true"], "priorityClassName": "urgent"}]))
    told = wait_condition("pipeline.atelier.dev", "urgent", WATCHED, "Ready", status="False", reason="NotGranted")
    assert "watches chosen namespaces only" in told["message"]


def test_a_data_domain_elsewhere_is_told(team: Domain) -> None:
    apply(team.workspace("abroad", "one:1", dataDomain={"name": "dd", "namespace": ELSEWHERE}))
    told = team.not_ready("abroad", "NamespaceNotWatched")
    assert ELSEWHERE in told["message"]
    # Its pipelines and runs have the same obstacle.
    apply(team.pipeline("abroad", [{"name": "a", "command": ["true"]}], workspace="abroad"),
          team.run("abroad", "abroad"))
    for kind, about in (("pipeline", "Ready"), ("pipelinerun", "Succeeded")):
        told = wait_condition(f"{kind}.atelier.dev", "abroad", WATCHED, about, reason="NamespaceNotWatched")
        assert ELSEWHERE in told["message"]


def test_nothing_elsewhere_is_touched_and_nothing_is_forbidden(installed: tuple[Domain, int]) -> None:
    team, since = installed
    strange = {**team.workspace("strange", "one:1"), "metadata": {"name": "strange", "namespace": ELSEWHERE}}
    apply({"apiVersion": API, "kind": "DataDomain", "metadata": {"name": "dd", "namespace": ELSEWHERE},
           "spec": {"key": "other", "businessDomain": {"name": "none"},
                    "storage": {"claimName": "storage", "owner": {"uid": 1, "gid": 1}}}}, strange)
    # Once a later change of the watched namespace is seen to, these would have been, too.
    team.publish("later", "one:1")
    for kind, name in (("workspace", "strange"), ("datadomain", "dd")):
        assert "status" not in (get(f"{kind}.atelier.dev", name, ELSEWHERE) or {})
    # Of a watch its begin: those of the operator before may end meanwhile.
    asked = [*(event for event in audit.requests(since) if event["verb"] != "watch"),
             *audit.requests(since, "ResponseStarted")]
    assert len(asked) > 20
    places = {event["objectRef"].get("namespace", "") for event in asked if "objectRef" in event}
    assert places <= {WATCHED, OPERATORS}, places
    of_no_object = {event["requestURI"] for event in asked if "objectRef" not in event}
    assert of_no_object <= {"/version", "/openapi/v3/apis/atelier.dev/v1alpha1"}
    refused = [event["requestURI"] for event in asked if event["responseStatus"]["code"] in (401, 403)]
    assert refused == []
    assert "forbidden" not in kubectl("logs", "-n", OPERATORS, pods(OPERATORS)[0]["metadata"]["name"]).stdout
