"""Images that are followed: what is pushed is deployed, without anybody asking."""
from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kube import apply, events, get, kubectl, wait_condition, wait_for
from operator_process import ROOT, Operator
from platform_parts import DAG, Domain, image, repository
from private_registry import PASSWORD, PrivateRegistry

GRANT = (ROOT / "deploy" / "registry-credentials.yaml").read_text()
INTERVAL = 5
SESSION = uuid.uuid4().hex[:8]  # the registry keeps the tags of an earlier session on the same cluster
LOOP = [{"name": "loop", "command": ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1; done"]}]


def follow(domain: Domain, name: str, rule: dict[str, Any], workspace: str = "ws", host: str = "", **spec: Any) -> dict[str, Any]:
    """A Workspace that follows registry/NAME."""
    followed = {"repository": f"{host}/{name}" if host else repository(name), "follow": {"interval": f"{INTERVAL}s", **rule}}
    return domain.workspace(workspace, f"{name}:none", image=followed, **spec)


def status(domain: Domain) -> dict[str, Any]:
    return (get("workspace.atelier.dev", "ws", domain.team) or {}).get("status", {})


def followed(domain: Domain, reason: str, seconds: float = 60) -> dict[str, Any]:
    return wait_condition("workspace.atelier.dev", "ws", domain.team, "ImageFollowed", seconds, reason=reason)


def settled(domain: Domain) -> dict[str, Any]:
    """The status, once it says that what was chosen is live."""
    def look() -> dict[str, Any] | None:
        now = status(domain)
        return now if now["release"]["imageDigest"].endswith("@" + now["image"]["digest"]) else None

    wait_for("what was chosen is live", look)
    domain.ready("ws")
    return status(domain)


def live(domain: Domain, files: list[str], seconds: float = 60, workspace: str = "ws") -> None:
    link = domain.dags / workspace
    wait_for(f"{files} are live", lambda: link.exists() and sorted(os.listdir(link)) == files, seconds)


def test_a_new_version_is_live_within_the_interval_and_ten_seconds(domain: Domain) -> None:
    name = f"roll-{SESSION}"
    image(f"{name}:1.0.0", {"a.py": DAG})
    apply(follow(domain, name, {"semver": "^1"}, containers=LOOP))
    domain.ready("ws")
    live(domain, ["a.py"])
    first = status(domain)
    assert first["image"]["tag"] == "1.0.0" and first["release"]["image"] == repository(name) + ":1.0.0"
    assert first["release"]["imageDigest"] == f"{repository(name)}@{first['image']['digest']}"
    followed(domain, "Following")

    image(f"{name}:2.0.0", {"breaking.py": DAG})  # of another range
    image(f"{name}:1.10.0", {"b.py": DAG})
    live(domain, ["b.py"], INTERVAL + 10)
    wait_for("status", lambda: status(domain)["release"]["image"] == repository(name) + ":1.10.0")
    digest = f"{repository(name)}@{status(domain)['image']['digest']}"
    wait_for("its image in the containers", lambda: get("deployment.apps", "ws", domain.team)["spec"]["template"]["spec"][
        "containers"][0]["image"] == digest)
    wait_for("an Event for each image", lambda: events(domain.team, "ws", "ImageChosen") == 2)


def test_a_tag_is_followed_where_it_moves_until_it_is_suspended(domain: Domain) -> None:
    name = f"move-{SESSION}"
    image(f"{name}:main", {"a.py": DAG})
    apply(follow(domain, name, {"tag": "main"}), follow(domain, name, {"tag": "main"}, workspace="other"))
    live(domain, ["a.py"])
    image(f"{name}:main", {"b.py": DAG})
    live(domain, ["b.py"])
    apply(follow(domain, name, {"tag": "main", "suspend": True}))
    followed(domain, "Suspended")
    domain.ready("ws")
    image(f"{name}:main", {"c.py": DAG})
    live(domain, ["c.py"], workspace="other")
    assert os.listdir(domain.dags / "ws") == ["b.py"]
    apply(follow(domain, name, {"tag": "main"}))
    live(domain, ["c.py"])

    # The pin: the same image, so nothing is published.
    before = settled(domain)
    apply(domain.workspace("ws", f"{name}:none", image={"repository": repository(name), "digest": before["image"]["digest"]}))
    domain.ready("ws")
    assert status(domain)["release"] == before["release"] and "image" not in status(domain)


def test_a_version_that_becomes_another_image_is_told_and_not_followed(domain: Domain) -> None:
    name = f"mutate-{SESSION}"
    image(f"{name}:1.0.0", {"a.py": DAG})
    apply(follow(domain, name, {"semver": "1.x"}))
    live(domain, ["a.py"])
    domain.ready("ws")
    chosen = status(domain)["image"]["digest"]
    image(f"{name}:1.0.0", {"evil.py": DAG})
    told = followed(domain, "TagMutated")
    assert chosen in told["message"] and told["message"].count("sha256:") == 2
    domain.ready("ws")
    assert os.listdir(domain.dags / "ws") == ["a.py"] and status(domain)["image"]["digest"] == chosen
    image(f"{name}:1.0.1", {"b.py": DAG})
    live(domain, ["b.py"])
    followed(domain, "Following")


def test_builds_are_followed_by_their_number_once_there_is_one(domain: Domain) -> None:
    name = f"builds-{SESSION}"
    image(f"{name}:latest", {"no.py": DAG})
    apply(follow(domain, name, {"pattern": "build-*-(#)"}))
    told = followed(domain, "NoSuchTag")
    assert told["status"] == "False"
    domain.not_ready("ws", "WaitsForImage")
    image(f"{name}:build-f00-9", {"nine.py": DAG})
    live(domain, ["nine.py"])
    image(f"{name}:build-abc-10", {"ten.py": DAG})
    live(domain, ["ten.py"])
    domain.ready("ws")


@pytest.mark.alone
def test_an_operator_that_is_killed_goes_on_where_it_was(domain: Domain, operator: Operator) -> None:
    name = f"killed-{SESSION}"
    image(f"{name}:1.0.0", {"a.py": DAG})
    apply(follow(domain, name, {"semver": "^1"}))
    live(domain, ["a.py"])
    domain.ready("ws")
    operator.end(signal.SIGKILL)
    image(f"{name}:1.1.0", {"b.py": DAG})
    operator.start()
    live(domain, ["b.py"])
    assert settled(domain)["sequenceOffset"] == 2


@pytest.fixture(scope="module")
def private(operator: Operator) -> Iterator[PrivateRegistry]:
    """The operator trusts its authority, and is allowed to ask on loopback."""
    registry = PrivateRegistry(Path(os.environ["ATELIER_CLUSTER_STATE"]))
    registry.start()
    usual = operator.options
    operator.options = [*usual, "--insecure-registry", "https://" + registry.address, "--registry-ca", str(registry.authority)]
    operator.end(signal.SIGTERM)
    operator.start()
    yield registry
    operator.options = usual
    operator.end(signal.SIGTERM)
    operator.start()
    registry.stop()


@pytest.mark.alone
def test_a_registry_with_a_password_is_asked_with_the_secret_that_the_team_grants(domain: Domain, private: PrivateRegistry) -> None:
    name = f"vault-{SESSION}"
    image(f"{name}:1.0.0", {"a.py": DAG})
    # Nodes pull with the DataDomain's, in the storage namespace.
    apply(private.secret("pull", domain.storage_namespace))
    kubectl("patch", "datadomain.atelier.dev", "dd", "-n", domain.storage_namespace, "--type=merge", "-p",
            '{"spec": {"pullSecrets": [{"name": "pull"}]}}')

    def ask(credentials: str) -> None:
        rule = {"semver": "^1", **({"credentials": {"name": credentials}} if credentials else {})}
        apply(follow(domain, name, rule, host=private.address))

    ask("")
    assert "spec.image.follow.credentials" in followed(domain, "RegistryUnauthorized")["message"]
    apply(private.secret("closed", domain.team), private.secret("wrong", domain.team, "guessed"), private.secret("right", domain.team))
    ask("closed")
    told = followed(domain, "CredentialsNotGranted")["message"]
    assert '"closed"' in told and "deploy/registry-credentials.yaml" in told

    grant = GRANT.replace("namespace: team-a", f"namespace: {domain.team}").replace("[registry]", "[wrong, right, gone]")
    kubectl("apply", "-f", "-", stdin=grant)
    ask("gone")
    followed(domain, "CredentialsNotFound", 90)  # a grant that comes a moment late is seen after a minute
    ask("wrong")
    followed(domain, "RegistryUnauthorized")
    assert not (domain.dags / "ws").exists()
    ask("right")
    domain.ready("ws")
    live(domain, ["a.py"])
    assert status(domain)["release"]["imageDigest"].startswith(f"{private.address}/{name}@sha256:")
    image(f"{name}:1.1.0", {"b.py": DAG})
    live(domain, ["b.py"], INTERVAL + 10)

    may = ["auth", "can-i", "get", "--as=system:serviceaccount:atelier-system:atelier-operator", "-n", domain.team]
    assert kubectl(*may, "secret/right").stdout.strip() == "yes"
    assert kubectl(*may, "secret/closed", check=False).stdout.strip() == "no"


@pytest.mark.alone
def test_no_password_is_in_the_operators_log(private: PrivateRegistry, operator: Operator) -> None:
    log = operator.read()
    assert PASSWORD not in log and "guessed" not in log
    assert "cmVhZGVyO" not in log  # how the base64 of both begins
