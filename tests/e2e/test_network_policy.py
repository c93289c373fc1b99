"""What the network policy of a BusinessDomain lets through, with an agent that enforces it."""
from __future__ import annotations

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


class Network:
    """Two tenants with a closed network, a namespace of nobody, and a stand-in for the cluster's DNS."""

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
    assert not network.dns.reaches(network.mine)


def test_egress_opens_what_it_names_and_closes_again(network: Network) -> None:
    tenant = network.tenants[0]
    network.close(tenant, {"cidr": f"{network.outside.ip}/32", "ports": [{"port": 8080}]})
    wait_for("the way is open", lambda: network.mine.reaches(network.outside))
    assert not network.mine.reaches(network.outside, 8081)
    assert not network.outside.reaches(network.mine), "not the way back"
    assert not network.mine.reaches(network.theirs)
    network.close(tenant)
    wait_for("the way is closed", lambda: not network.mine.reaches(network.outside))


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
