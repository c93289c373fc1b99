"""A BusinessDomain sets what its namespaces have, keeps it so, and takes it away again. Of network policies the
objects are checked here, and what they do to packets in test_network_policy.py."""
from __future__ import annotations

import json
import signal
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from kube import apply, condition, delete, get, kubectl, listed, wait_condition, wait_for
from operator_process import ROOT, Operator
from platform_parts import API, DAG, Domain, image, repository
from test_run import finished, sh, states
from test_run_control import running

KIND = "businessdomain.atelier.dev"
LABEL = "atelier.dev/business-domain"
ENFORCE = "pod-security.kubernetes.io/enforce"
KINDS = "resourcequotas,limitranges,networkpolicies,rolebindings"


class Tenant:
    """A BusinessDomain with namespaces of its own."""

    def __init__(self) -> None:
        self.name = f"tenant-{uuid.uuid4().hex[:8]}"
        self.storage, self.team = f"{self.name}-storage", f"{self.name}-team"
        for namespace in (self.storage, self.team):
            kubectl("create", "namespace", namespace)

    def apply(self, namespaces: list[str] | None = None, **spec: Any) -> None:
        apply({"apiVersion": API, "kind": "BusinessDomain", "metadata": {"name": self.name},
               "spec": {"namespaces": namespaces or [self.storage, self.team], **spec}})

    def apply_everything(self) -> None:
        self.apply(quota={"pods": 1}, limits={"default": {"memory": "64Mi"}, "max": {"memory": "128Mi", "cpu": 1}},
                   network={"egress": [{"cidr": "10.0.0.0/8", "ports": [{"port": 5432}]}]},
                   access={"viewers": [self.subject("viewer")], "engineers": [self.subject("engineer")],
                           "admins": [self.subject("admin")]})
        self.held()

    def subject(self, name: str) -> dict[str, str]:
        return {"kind": "ServiceAccount", "name": name, "namespace": self.team}

    def held(self) -> None:
        wait_condition(KIND, self.name, "", "NamespacesReady", status="True")

    def objects(self, namespace: str) -> list[str]:
        return sorted(f"{one['kind']} {one['metadata']['name']}" for one in listed(KINDS, namespace, f"{LABEL}={self.name}"))

    def labels(self, namespace: str) -> dict[str, str]:
        return {key: value for key, value in get("namespace", namespace)["metadata"].get("labels", {}).items()
                if key == LABEL or key.startswith("pod-security.kubernetes.io/")}

    def bare(self, namespace: str) -> bool:
        return not self.labels(namespace) and not self.objects(namespace)

    def wait_bare(self, *namespaces: str) -> None:
        for namespace in namespaces:
            wait_for(f"nothing of the tenant is in {namespace}", lambda: self.bare(namespace))

    def can(self, who: str, *verb_and_what: str) -> bool:
        user = f"system:serviceaccount:{self.team}:{who}"
        return kubectl("auth", "can-i", *verb_and_what, f"--as={user}", "-n", self.team, check=False).stdout.strip() == "yes"


ALL = ["LimitRange atelier", "NetworkPolicy atelier", "ResourceQuota atelier", "RoleBinding atelier-admin",
       "RoleBinding atelier-engineer", "RoleBinding atelier-viewer"]


@pytest.fixture
def tenant(operator: Operator) -> Iterator[Tenant]:
    kubectl("apply", "-f", str(ROOT / "deploy" / "base" / "tenant-roles.yaml"))
    made = Tenant()
    yield made
    operator.died()
    delete(KIND, made.name, wait=False)
    for namespace in (made.storage, made.team):
        delete("namespace", namespace, wait=False)


def pod(name: str, namespace: str, **container: Any) -> dict[str, Any]:
    security = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": True,
                "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}
    inside = {key: value for key, value in security.items() if key in ("allowPrivilegeEscalation", "capabilities")}
    outside = {key: value for key, value in security.items() if key not in inside}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace},
            "spec": {"automountServiceAccountToken": False, "securityContext": outside,
                     "containers": [{"name": "main", "image": repository("none") + ":1", "securityContext": inside,
                                     **container}]}}


def refusal(document: dict[str, Any]) -> str:
    done = kubectl("create", "-f", "-", stdin=json.dumps(document), check=False)
    assert done.returncode != 0, "it was accepted"
    return done.stderr


def test_its_namespaces_have_what_the_spec_says(tenant: Tenant) -> None:
    tenant.apply_everything()
    for namespace in (tenant.storage, tenant.team):
        assert tenant.objects(namespace) == ALL
        assert tenant.labels(namespace)[LABEL] == tenant.name
        assert tenant.labels(namespace)[ENFORCE] == "restricted"
    policy = get("networkpolicy", "atelier", tenant.team)["spec"]
    within = [{"namespaceSelector": {"matchLabels": {LABEL: tenant.name}}}]
    assert not policy.get("podSelector") and policy["policyTypes"] == ["Ingress", "Egress"]
    assert policy["ingress"] == [{"from": within}]
    assert policy["egress"][0] == {"to": within}
    assert policy["egress"][2] == {"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"port": 5432, "protocol": "TCP"}]}


def test_what_somebody_changes_is_put_back(tenant: Tenant) -> None:
    tenant.apply_everything()
    kubectl("label", "namespace", tenant.team, f"{ENFORCE}=privileged", f"{ENFORCE}-version=v1.20", f"{LABEL}-", "--overwrite")
    wait_for("the labels are put back", lambda: tenant.labels(tenant.team).get(ENFORCE) == "restricted"
             and tenant.labels(tenant.team)[f"{ENFORCE}-version"] == "latest" and LABEL in tenant.labels(tenant.team))
    assert "violates PodSecurity" in refusal(pod("root", tenant.team, securityContext={"privileged": True}))

    kubectl("patch", "networkpolicy", "atelier", "-n", tenant.team, "--type=merge",
            "-p", '{"spec": {"podSelector": {"matchLabels": {"none": "of-them"}}, "egress": [{}]}}')
    wait_for("the network policy is put back", lambda: (
        lambda spec: not spec.get("podSelector") and len(spec["egress"]) == 3)(get("networkpolicy", "atelier", tenant.team)["spec"]))
    kubectl("patch", "resourcequota", "atelier", "-n", tenant.team, "--type=merge", "-p", '{"spec": {"hard": {"pods": "99"}}}')
    kubectl("label", "resourcequota", "atelier", "-n", tenant.team, "app.kubernetes.io/managed-by-")
    wait_for("the quota is put back", lambda: (
        lambda found: found["spec"]["hard"]["pods"] == "1" and "app.kubernetes.io/managed-by" in found["metadata"]["labels"])(
            get("resourcequota", "atelier", tenant.team)))
    delete("rolebinding", "atelier-viewer", tenant.team)
    wait_for("the role is bound again", lambda: get("rolebinding", "atelier-viewer", tenant.team))
    wait_for("all is as before", lambda: tenant.objects(tenant.team) == ALL)


def test_a_forged_label_lets_nobody_into_the_tenant(tenant: Tenant) -> None:
    tenant.apply([tenant.storage])
    tenant.held()
    kubectl("label", "namespace", tenant.team, f"{LABEL}={tenant.name}")
    wait_for("the label is taken off", lambda: not tenant.labels(tenant.team))


def test_the_quota_refuses_the_second_pod(tenant: Tenant) -> None:
    tenant.apply_everything()
    wait_for("pods can be made", lambda: get("serviceaccount", "default", tenant.team)
             and get("resourcequota", "atelier", tenant.team).get("status", {}).get("hard"))
    apply(pod("first", tenant.team))
    limits = get("pod", "first", tenant.team)["spec"]["containers"][0]["resources"]["limits"]
    assert limits == {"memory": "64Mi", "cpu": "1"}, "as the LimitRange says"
    assert "exceeded quota: atelier" in refusal(pod("second", tenant.team))
    assert "maximum memory usage per Container is 128Mi" in refusal(
        pod("large", tenant.team, resources={"limits": {"memory": "1Gi"}}))


def test_no_role_reaches_a_status_a_secret_or_another_role(tenant: Tenant) -> None:
    tenant.apply_everything()
    for who in ("viewer", "engineer", "admin"):
        wait_for(f"{who} may look", lambda: tenant.can(who, "list", "pipelineruns.atelier.dev"))
        assert tenant.can(who, "get", "pods", "--subresource=log")
        assert tenant.can(who, "get", "controllerrevisions.apps"), "what atelier why reads of a large run"
        for kind in ("workspaces", "pipelines", "pipelineruns", "datadomains"):
            assert not tenant.can(who, "patch", f"{kind}.atelier.dev", "--subresource=status"), kind
        for denied in (("get", "secrets"), ("create", "pods"), ("create", "pods", "--subresource=exec"),
                       ("create", "rolebindings.rbac.authorization.k8s.io"), ("patch", "resourcequotas"),
                       ("delete", "networkpolicies.networking.k8s.io"), ("patch", "businessdomains.atelier.dev")):
            assert not tenant.can(who, *denied), denied
    assert not tenant.can("viewer", "create", "pipelineruns.atelier.dev")
    assert tenant.can("engineer", "create", "pipelineruns.atelier.dev")
    assert not tenant.can("engineer", "patch", "datadomains.atelier.dev")
    assert tenant.can("admin", "patch", "datadomains.atelier.dev")
    tenant.apply(access={"viewers": [tenant.subject("viewer")]})
    wait_for("roles are taken back", lambda: tenant.objects(tenant.team) == ["RoleBinding atelier-viewer"])
    wait_for("the engineer is none any more", lambda: not tenant.can("engineer", "create", "pipelineruns.atelier.dev"))


def test_nobody_of_a_tenant_changes_what_its_namespace_enforces(tenant: Tenant) -> None:
    tenant.apply_everything()
    privileged = json.dumps({"metadata": {"labels": {ENFORCE: "privileged"}}})
    for who in ("viewer", "engineer", "admin"):
        user = f"--as=system:serviceaccount:{tenant.team}:{who}"
        attacks = [("label", "namespace", tenant.team, f"{ENFORCE}=privileged", "--overwrite"),
                   ("label", "namespace", tenant.team, f"{ENFORCE}-"),
                   ("patch", "namespace", tenant.team, "--type=merge", "-p", privileged),
                   ("patch", "namespace", tenant.team, "--subresource=status", "--type=merge", "-p", privileged),
                   ("apply", "--server-side", "--force-conflicts", "-f", "-"),
                   ("delete", "networkpolicy,resourcequota,limitrange", "atelier", "-n", tenant.team),
                   ("patch", KIND, tenant.name, "--type=merge", "-p", '{"spec": {"namespaces": ["kube-system"]}}')]
        document = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": tenant.team, "labels": {ENFORCE: "privileged"}}}
        for attack in attacks:
            done = kubectl(*attack, user, stdin=json.dumps(document), check=False)
            assert done.returncode != 0 and "forbidden" in done.stderr.lower(), f"{who}: {attack}: {done.stdout}{done.stderr}"
    assert tenant.labels(tenant.team)[ENFORCE] == "restricted"
    assert tenant.objects(tenant.team) == ALL
    risky = pod("risky", tenant.team, securityContext={"privileged": True}, resources={"limits": {"cpu": "1m"}})
    assert "violates PodSecurity" in refusal(risky)


def test_the_operator_binds_no_other_role(operator: Operator, tenant: Tenant) -> None:
    binding = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
               "metadata": {"name": "grab", "namespace": tenant.team},
               "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
               "subjects": [{"kind": "User", "name": "mallory", "apiGroup": "rbac.authorization.k8s.io"}]}
    done = kubectl("create", "--kubeconfig", str(operator.kubeconfig), "-f", "-", stdin=json.dumps(binding), check=False)
    assert done.returncode != 0 and "is attempting to grant RBAC permissions not currently held" in done.stderr, done.stderr


def wait_for_another_second(tenant: str) -> None:
    """A BusinessDomain that is made now is younger than this one by its timestamp, too."""
    created = datetime.fromisoformat(get(KIND, tenant)["metadata"]["creationTimestamp"])
    wait_for("another second", lambda: datetime.now(timezone.utc) > created + timedelta(seconds=1))


def test_a_namespace_has_one_tenant_and_some_have_none(tenant: Tenant) -> None:
    tenant.apply()
    tenant.held()
    second = tenant.name + "-2"
    wait_for_another_second(tenant.name)
    taken = {"apiVersion": API, "kind": "BusinessDomain", "metadata": {"name": second}, "spec": {"namespaces": [tenant.team]}}
    apply(taken)
    try:
        wait_condition(KIND, second, "", "Ready", status="False", reason="NamespaceTaken")
        assert tenant.labels(tenant.team)[LABEL] == tenant.name
        for namespaces, reason in ((["default"], "NamespaceReserved"), (["kube-system"], "NamespaceReserved"),
                                   (["atelier-system"], "NamespaceReserved"), ([second], "NamespaceNotFound")):
            apply({**taken, "spec": {"namespaces": namespaces}})
            wait_condition(KIND, second, "", "NamespacesReady", status="False", reason=reason)
        assert get("namespace", second) is None and not tenant.labels("default")
        apply(taken)
        tenant.apply([tenant.storage])
        wait_condition(KIND, second, "", "Ready", status="True")
        assert tenant.labels(tenant.team)[LABEL] == second
    finally:
        delete(KIND, second)
    tenant.wait_bare(tenant.team)


def test_a_namespace_that_is_taken_out_keeps_nothing(tenant: Tenant) -> None:
    tenant.apply_everything()
    tenant.apply([tenant.storage], quota={"pods": 1})
    tenant.wait_bare(tenant.team)
    wait_for("only the quota is left", lambda: tenant.objects(tenant.storage) == ["ResourceQuota atelier"])


@pytest.mark.alone
@pytest.mark.parametrize("while_the_operator", ["runs", "is down"])
def test_a_tenant_that_is_deleted_leaves_nothing(operator: Operator, tenant: Tenant, while_the_operator: str) -> None:
    tenant.apply_everything()
    own = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "of-the-team", "namespace": tenant.team},
           "spec": {"hard": {"pods": "5"}}}
    apply(own)
    if while_the_operator == "is down":
        operator.end(signal.SIGKILL)
    delete(KIND, tenant.name)
    if while_the_operator == "is down":
        assert tenant.objects(tenant.team) == ALL
        operator.start()
    tenant.wait_bare(tenant.storage, tenant.team)
    assert get("resourcequota", "of-the-team", tenant.team) is not None


def test_namespaces_that_go_first_end(tenant: Tenant) -> None:
    tenant.apply_everything()
    for namespace in (tenant.team, tenant.storage):
        delete("namespace", namespace)
        assert get("namespace", namespace) is None
    wait_condition(KIND, tenant.name, "", "Ready", status="False", reason="NamespaceNotFound")
    delete(KIND, tenant.name)


def admits(domain: Domain, *namespaces: str) -> None:
    kubectl("patch", "datadomain.atelier.dev", "dd", "-n", domain.storage_namespace, "--type=merge",
            "-p", json.dumps({"spec": {"workspaceNamespaces": list(namespaces)}}))


def in_namespace(namespace: str, *documents: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**one, "metadata": {**one["metadata"], "namespace": namespace}} for one in documents]


def test_a_namespace_that_is_not_admitted_any_more_starts_no_task(domain: Domain) -> None:
    image("ws:1", {"a.py": DAG})
    domain.publish("ws", "ws:1")
    witness = f"{domain.name}-witness"
    kubectl("create", "namespace", witness)
    try:
        apply(domain.pipeline("two", [sh("first", "sleep 6"), sh("second", "true", ["first"])]), domain.run("two", "two"))
        running(domain, "two", "first")
        admits(domain, witness)
        domain.not_ready("ws", "NotAdmitted")
        apply(*in_namespace(witness, domain.workspace("witness", "ws:1")))
        wait_condition("workspace.atelier.dev", "witness", witness, "Ready", status="True")

        def first_has_ended() -> bool:
            status = get("pipelinerun.atelier.dev", "two", domain.team)["status"]
            return status.get("counts", {}).get("succeeded") == 1

        wait_for("the task at work ends normally", first_has_ended)
        apply(domain.run("late", "two"))
        for run in ("two", "late"):
            wait_for(f"{run} is held", lambda: condition(get("pipelinerun.atelier.dev", run, domain.team), "Succeeded").get(
                "reason") == "NotAdmitted")
        # Made last, under the same rules but for its namespace: by its end both of the others would have started tasks.
        chain = [sh("first", "true"), sh("second", "true", ["first"]), sh("third", "true", ["second"])]
        apply(*in_namespace(witness, domain.pipeline("chain", chain, workspace="witness"), domain.run("chain", "chain")))
        kubectl("wait", "pipelinerun.atelier.dev/chain", "-n", witness, "--for=condition=Succeeded", "--timeout=90s")
        started = {pod["metadata"]["labels"]["atelier.dev/run"] + "/" + pod["metadata"]["labels"]["atelier.dev/task"]
                   for pod in listed("pods", domain.team, "atelier.dev/component=task")}
        assert started <= {"two/first"}
        admits(domain, domain.team)
        for run in ("two", "late"):
            assert states(finished(domain, run)) == {"first": "Succeeded", "second": "Succeeded"}
    finally:
        delete("namespace", witness, wait=False)


def test_a_data_domain_is_admitted_by_the_tenant_that_holds_its_namespace(domain: Domain) -> None:
    """And not by a younger one that lists it as well."""
    younger = domain.name + "-younger"
    wait_for_another_second(domain.name)
    apply({"apiVersion": API, "kind": "BusinessDomain", "metadata": {"name": younger},
           "spec": {"namespaces": [domain.storage_namespace]}})
    try:
        wait_condition(KIND, younger, "", "Ready", status="False", reason="NamespaceTaken")
        wait_condition("datadomain.atelier.dev", "dd", domain.storage_namespace, "Ready", status="True")
        kubectl("patch", "datadomain.atelier.dev", "dd", "-n", domain.storage_namespace, "--type=merge",
                "-p", json.dumps({"spec": {"businessDomain": {"name": younger}}}))
        wait_condition("datadomain.atelier.dev", "dd", domain.storage_namespace, "Ready", status="False", reason="NotAdmitted")
        assert get(KIND, younger)["status"].get("dataDomains", 0) == 0
        delete(KIND, domain.name)
        wait_condition("datadomain.atelier.dev", "dd", domain.storage_namespace, "Ready", status="True")
        wait_condition(KIND, younger, "", "Ready", status="True")
    finally:
        delete(KIND, younger)
