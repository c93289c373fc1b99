"""What hostile registries, and those who name them, try with the operator that asks them."""
from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hostile_registry import Server, Silent
from kube import apply, condition, get, wait_condition, wait_for
from operator_process import Operator
from platform_parts import DAG, Domain, image, repository

pytestmark = pytest.mark.alone  # the operator is told of them
INTERVAL = 5


def follow(domain: Domain, name: str, repo: str, **rule: str) -> dict[str, Any]:
    return domain.workspace(name, "none:none", image={"repository": repo, "follow": {"interval": f"{INTERVAL}s", **rule}})


def refused(domain: Domain, name: str) -> str:
    """What is told of a registry whose answer is not taken."""
    return wait_condition("workspace.atelier.dev", name, domain.team, "ImageFollowed", status="False",
                          reason="RegistryAnswerInvalid")["message"]


def unanswered(domain: Domain, name: str) -> bool:
    return condition(get("workspace.atelier.dev", name, domain.team), "ImageFollowed").get("status") == "False"


@pytest.fixture(scope="module")
def victim() -> Iterator[Server]:
    """A server on the node itself, which nobody allowed the operator to ask."""
    server = Server()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def silent() -> Iterator[list[Silent]]:
    servers = [Silent() for _ in range(40)]
    yield servers
    for server in servers:
        server.stop()


@pytest.fixture(scope="module", autouse=True)
def hostile(operator: Operator, victim: Server, silent: list[Silent]) -> Iterator[Server]:
    """A registry that the operator may ask, on loopback; the operator is told so, as it would not be asked there."""
    server = Server(victim)
    usual = operator.options
    operator.options = [*usual, *(f"--insecure-registry={one.address}" for one in [server, *silent])]
    assert operator.end(signal.SIGTERM) == 0
    operator.start()
    yield server
    operator.options = usual
    assert operator.end(signal.SIGTERM) == 0
    operator.start()
    server.stop()


def test_registries_lead_to_nobody_else(domain: Domain, hostile: Server, victim: Server) -> None:
    told = {"redirects": victim.address, "redirects-to-metadata": "169.254.169.254",
            "names-a-foreign-realm": f"localhost:{victim.port}", "names-a-realm-on-the-node": "loopback",
            "never-ends": "longer than"}
    rules = {"never-ends": {"semver": "*"}}
    apply(*[follow(domain, name, f"{hostile.address}/{name}/app", **rules.get(name, {"tag": "1"})) for name in told])
    for name, words in told.items():
        assert words in refused(domain, name), name
    assert {path.split("/")[2] for path, _ in hostile.asked} == set(told)
    assert victim.connections == 0


def test_nobody_gets_the_operator_to_ask_the_node_or_a_clouds_metadata(domain: Domain, victim: Server) -> None:
    hosts = {"loopback": f"127.0.0.1:{victim.port}", "name": f"localhost:{victim.port}", "number": f"127.1:{victim.port}",
             "six": f"[::1]:{victim.port}", "mapped": f"[::ffff:127.0.0.1]:{victim.port}", "metadata": "169.254.169.254"}
    apply(*[follow(domain, name, f"{host}/app", tag="1") for name, host in hosts.items()])
    for name in hosts:
        assert "where no registry is asked" in refused(domain, name), name
    assert victim.connections == 0


def test_forty_registries_that_never_answer_hinder_nobody(domain: Domain, silent: list[Silent]) -> None:
    image("unhindered:1.0.0", {"a.py": DAG})
    apply(follow(domain, "ws", repository("unhindered"), semver="*"))
    domain.ready("ws")
    apply(*[follow(domain, f"silent-{number}", f"{one.address}/app", tag="1") for number, one in enumerate(silent)])
    # They have the places of registries that nobody knows, in turn, for half a minute each.
    names = [f"silent-{number}" for number in range(len(silent))]
    wait_for("the first of them have not answered", lambda: any(unanswered(domain, name) for name in names), 60)
    image("unhindered:1.0.1", {"b.py": DAG})
    pushed = time.monotonic()
    link = domain.dags / "ws"
    wait_for("the new version is live", lambda: os.listdir(link) == ["b.py"], INTERVAL + 10)
    print(f"live {time.monotonic() - pushed:.1f} s after the push, beside {len(silent)} registries that never answer")
