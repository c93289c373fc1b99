"""What the network policy of a BusinessDomain lets through, with an agent that enforces it."""
from __future__ import annotations

import pathlib
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

import policy_agent
from kube import apply, delete, get, kubectl, wait_condition, wait_for
from operator_process import Operator
from platform_parts import API, DAG, Domain, image, repository
from test_run import finished, sh, states

pytestmark = pytest.mark.alone

OUTSIDE = "m-network-outside"
BEHIND = [8080, 8081]
RESTRICTED = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": True, "runAsUser": 1000,
              "seccompProfile": {"type": "RuntimeDefault"}}


class Peer:
    """A pod that answers at its ports, and asks others."""

    def __init__(self, namespace: str, name: str, ports: list[int], security: dict[str, Any] | None = None) -> None:
        self.namespace, self.name = namespace, name
        serve = "; ".join([*(f"httpd -p {port} -h /dags" for port in ports), "exec sleep 86400"])
        apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace},
               "spec": {"automountServiceAccountToken": False, "terminationGracePeriodSeconds": 0,
                        "containers": [{"name": "main", "image": repository("peer") + ":1", "command": ["sh", "-c", serve],
                                        "securityContext": RESTRICTED if security is None else security,
                                        "resources": {"limits": {"cpu": "100m", "memory": "32Mi"}}}]}})

    @property
    def ip(self) -> str:
        kubectl("wait", "pod", self.name, "-n", self.namespace, "--for=condition=Ready", "--timeout=60s")
        return get("pod", self.name, self.namespace)["status"]["podIP"]

    def reaches(self, other: Peer, port: int = 8080) -> bool:
        ask = f"printf 'GET /a.py HTTP/1.0\\r\\n\\r\\n' | nc -w 2 {other.ip} {port}"
        return kubectl("exec", self.name, "-n", self.namespace, "--", "sh", "-c", ask, check=False).stdout.endswith(DAG)


class NameServer:
    """The cluster's own, which is a program of the machine and answers by UDP, in a pod."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        libraries = ["/lib", "/lib64"]
        mounts = {f"libraries-{at}": path for at, path in enumerate(libraries)} | {"program": "/cluster"}
        program = str(pathlib.Path(shutil.which("kubectl") or "").resolve())
        apply({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": f"names-{namespace}"},
               "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "system:node-proxier"},
               "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": namespace}]},
              {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "m-network-names", "namespace": namespace},
               "spec": {"terminationGracePeriodSeconds": 0,
                        "containers": [{"name": "main", "image": repository("peer") + ":1",
                                        "command": ["/cluster", "dns", "--listen", ":53"],
                                        "readinessProbe": {"tcpSocket": {"port": 53}, "periodSeconds": 1},
                                        "volumeMounts": [{"name": name, "mountPath": path, "readOnly": True}
                                                         for name, path in mounts.items()]}],
                        "volumes": [{"name": name, "hostPath": {"path": program if name == "program" else path}}
                                    for name, path in mounts.items()]}})

    def answers(self, peer: Peer) -> bool:
        kubectl("wait", "pod", "m-network-names", "-n", self.namespace, "--for=condition=Ready", "--timeout=60s")
        ip = get("pod", "m-network-names", self.namespace)["status"]["podIP"]
        ask = f"timeout 3 nslookup -type=a kubernetes.default.svc.cluster.local {ip}"
        service = get("service", "kubernetes", "default")["spec"]["clusterIP"]
        return service in kubectl("exec", peer.name, "-n", peer.namespace, "--", "sh", "-c", ask, check=False).stdout

    def remove(self) -> None:
        delete("pod", "m-network-names", self.namespace, wait=False)
        delete("clusterrolebinding", f"names-{self.namespace}", wait=False)


class Network:
    """Two tenants with a closed network, a namespace of nobody, name servers, and a stand-in for what else is the cluster's."""

    def __init__(self) -> None:
        image("peer:1", {"a.py": DAG})
        self.tenants = [Domain("m-network-a"), Domain("m-network-b")]
        for tenant in self.tenants:
            tenant.create()
        apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": OUTSIDE}})
        self.mine, self.also_mine = Peer(self.tenants[0].team, "peer", BEHIND), Peer(self.tenants[0].storage_namespace, "peer", BEHIND)
        self.theirs = Peer(self.tenants[1].team, "peer", BEHIND)
        self.outside = Peer(OUTSIDE, "peer", BEHIND)
        self.dns = Peer("kube-system", "m-network-dns", [53, 8080], {})
        self.names, self.foreign_names = NameServer("kube-system"), NameServer(OUTSIDE)
        for tenant in self.tenants:
            self.close(tenant)

    def close(self, tenant: Domain, *egress: dict[str, Any]) -> None:
        self.set(tenant, network={"egress": list(egress)})

    def set(self, tenant: Domain, **spec: Any) -> None:
        """All of it: what is absent is taken away."""
        old = get("businessdomain.atelier.dev", tenant.name)["spec"]
        kept = {name: old[name] for name in ("defaultProfile", "profiles")}
        made = {"apiVersion": API, "kind": "BusinessDomain", "metadata": {"name": tenant.name},
                "spec": {**kept, "namespaces": [tenant.storage_namespace, tenant.team], **spec}}
        apply(made)
        generation = get("businessdomain.atelier.dev", tenant.name)["metadata"]["generation"]
        wait_for("the operator has seen it", lambda: get("businessdomain.atelier.dev", tenant.name)["status"].get(
            "observedGeneration") == generation)
        wait_condition("businessdomain.atelier.dev", tenant.name, "", "NamespacesReady", status="True")

    def remove(self) -> None:
        for tenant in self.tenants:
            tenant.remove()
        for names in (self.names, self.foreign_names):
            names.remove()
        delete("namespace", OUTSIDE, wait=False)
        delete("pod", self.dns.name, "kube-system", wait=False)


@pytest.fixture(scope="module")
def network(operator: Operator) -> Iterator[Network]:
    made = Network()
    try:
        # Without an agent all of them reach each other, so that it is the agent that keeps them apart below.
        ways = [(made.mine, made.theirs), (made.theirs, made.mine), (made.outside, made.mine), (made.mine, made.outside)]
        for one, other in [*ways, (made.mine, made.dns)]:
            wait_for(f"{one.namespace} reaches {other.namespace}", lambda one=one, other=other: one.reaches(other))
        for names in (made.names, made.foreign_names):
            wait_for(f"{names.namespace} tells names", lambda names=names: names.answers(made.mine))
        with policy_agent.enforced():
            for one, other in ways:
                wait_for(f"{one.namespace} is kept from {other.namespace}", lambda one=one, other=other: not one.reaches(other))
            yield made
    finally:
        made.remove()


def test_tenants_reach_their_own_and_no_other(network: Network) -> None:
    assert network.mine.reaches(network.also_mine) and network.also_mine.reaches(network.mine)
    assert not network.also_mine.reaches(network.theirs) and not network.theirs.reaches(network.also_mine)
    assert not network.outside.reaches(network.also_mine)
    assert network.outside.reaches(network.dns), "nobody closed that"


def test_of_the_cluster_they_reach_its_dns_alone(network: Network) -> None:
    for peer in (network.mine, network.also_mine):
        assert peer.reaches(network.dns, 53)
        assert not peer.reaches(network.dns, 8080)
        assert network.names.answers(peer), "by UDP"
        assert not network.foreign_names.answers(peer)
    assert not network.dns.reaches(network.mine)


def test_egress_opens_what_it_names_and_closes_again(network: Network) -> None:
    tenant = network.tenants[0]
    network.close(tenant, {"cidr": f"{network.outside.ip}/32", "ports": [{"port": 8080}]})
    wait_for("the way is open", lambda: network.mine.reaches(network.outside))
    assert not network.mine.reaches(network.outside, 8081)
    assert not network.outside.reaches(network.mine), "not the way back"
    assert not network.mine.reaches(network.theirs)
    network.close(tenant, {"cidr": "0.0.0.0/0", "ports": [{"port": 53, "protocol": "UDP"}]})
    wait_for("the way is closed", lambda: not network.mine.reaches(network.outside))
    wait_for("another is open", lambda: network.foreign_names.answers(network.mine))
    network.close(tenant)
    wait_for("that is closed as well", lambda: not network.foreign_names.answers(network.mine))


def test_workspaces_are_published_and_runs_run_behind_it(network: Network) -> None:
    tenant = network.tenants[0]
    image("network:1", {"a.py": DAG})
    tenant.publish("ws", "network:1")
    apply(tenant.pipeline("work", [{**sh("makes", "echo '{\"n\":\"7\"}' > $ATELIER_RESULTS"), "results": [{"name": "n"}]},
                                   sh("takes", "test ${tasks.makes.results.n} = 7", ["makes"])]), tenant.run("work", "work"))
    assert states(finished(tenant, "work")) == {"makes": "Succeeded", "takes": "Succeeded"}


def test_without_a_network_in_its_spec_a_tenant_is_open(network: Network) -> None:
    tenant = network.tenants[1]
    network.set(tenant)
    wait_for("it is open", lambda: network.outside.reaches(network.theirs))
    assert not network.mine.reaches(network.theirs), "a tenant's own policy still holds it"
    network.close(tenant)
    wait_for("it is closed", lambda: not network.outside.reaches(network.theirs))
