"""From a Workspace to files on the domain's storage."""
from __future__ import annotations

import json
import os

from kube import apply, delete, get, kubectl, listed, wait_for
from platform_parts import DAG, OWNER, Domain, image, repository


def release(domain: Domain, name: str) -> dict:
    return get("workspace.atelier.dev", name, domain.team)["status"]["release"]


def test_dags_go_live_and_status_says_what_is_live(domain: Domain) -> None:
    image("pub:1", {"a.py": DAG, "sub/b.py": DAG})
    domain.publish("ws", "pub:1")
    assert (domain.dags / "ws/a.py").read_text() == DAG
    assert (domain.dags / "ws/sub/b.py").stat().st_uid == OWNER
    assert not os.readlink(domain.dags / "ws").startswith("/")
    status = get("workspace.atelier.dev", "ws", domain.team)["status"]
    assert status["observedGeneration"] == 1
    assert status["release"]["files"] == 2
    assert status["release"]["location"] == "dd/dags/ws"
    assert "@sha256:" in status["release"]["imageDigest"]
    assert status["release"]["time"]
    assert "publish" not in status


def test_a_new_tag_is_a_new_release_and_the_old_one_stays_until_then(domain: Domain) -> None:
    image("tag:1", {"a.py": DAG})
    image("tag:2", {"b.py": DAG})
    domain.publish("ws", "tag:1")
    first = release(domain, "ws")
    domain.publish("ws", "tag:2")
    assert sorted(path.name for path in (domain.dags / "ws").iterdir()) == ["b.py"]
    assert release(domain, "ws")["id"] != first["id"]
    assert (domain.folder / ".atelier/releases/ws" / first["id"]).is_dir()


def test_deleting_a_workspace_takes_away_its_own_and_nothing_of_its_neighbours(domain: Domain) -> None:
    image("del:1", {"a.py": DAG})
    loop = [{"name": "loop", "command": ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1; done"]}]
    domain.publish("gone", "del:1", containers=loop)
    domain.publish("stays", "del:1", containers=loop)
    wait_for("both deployments", lambda: len(listed("deployments", domain.team)) == 2)
    delete("workspace.atelier.dev", "gone", domain.team)
    wait_for("the link is gone", lambda: not os.path.lexists(domain.dags / "gone"))
    wait_for("its releases are gone", lambda: not (domain.folder / ".atelier/releases/gone").exists())
    wait_for("its deployment is gone", lambda: len(listed("deployments", domain.team)) == 1)
    wait_for("its claim is gone", lambda: [claim["name"] for claim in get(
        "datadomain.atelier.dev", "dd", domain.storage_namespace)["status"]["claims"]] == ["stays"])
    assert (domain.dags / "stays/a.py").read_text() == DAG


def test_a_namespace_can_be_deleted_with_everything_in_it(domain: Domain) -> None:
    image("ns:1", {"a.py": DAG})
    domain.publish("ws", "ns:1")
    apply(domain.pipeline("p", [{"name": "a", "command": ["sh", "-c", "trap 'exit 1' TERM; sleep 300 & wait"]}]), domain.run("r", "p"))
    wait_for("the task's pod", lambda: listed("pods", domain.team, "atelier.dev/run=r"))
    delete("namespace", domain.team)
    wait_for("the link is gone", lambda: not os.path.lexists(domain.dags / "ws"))


def test_long_running_containers_run_with_the_live_image_until_there_are_none(domain: Domain) -> None:
    image("run:1", {"a.py": DAG})
    domain.publish("ws", "run:1", env=[{"name": "WHERE", "value": "${namespace}"}], containers=[
        {"name": "web", "command": ["sh", "-c", "trap 'exit 0' TERM; echo in $WHERE; while :; do sleep 1; done"]}])
    kubectl("wait", "deployment", "--all", "-n", domain.team, "--for=condition=Available", "--timeout=60s")
    (pod,) = listed("pods", domain.team)
    assert pod["spec"]["containers"][0]["image"] == release(domain, "ws")["imageDigest"]
    wait_for("its log", lambda: f"in {domain.team}" in kubectl("logs", pod["metadata"]["name"], "-n", domain.team).stdout)
    apply(domain.workspace("ws", "run:1"))
    wait_for("the Deployment is gone", lambda: listed("deployments", domain.team) == [])
    domain.ready("ws")


def test_a_release_is_of_its_own_repository_where_another_holds_the_same(domain: Domain) -> None:
    """A node that has one content from two repositories tells either of them."""
    names = ("twin-a", "twin-b")
    for name in names:
        image(f"{name}:1", {"a.py": "print('one of two')\n"})
        domain.publish(name, f"{name}:1")
    assert [release(domain, name)["imageDigest"].partition("@")[0] for name in names] == [repository(name) for name in names]


def test_steps_work_on_a_copy_and_what_they_leave_is_published(domain: Domain) -> None:
    image("step:1", {"a.py": DAG, "b.py": DAG})
    domain.publish("neighbour", "step:1")
    # A literal command of the kind that teams have today, on the path it expects.
    command = ("mkdir -p /storage/${datadomain}/dags/ && rm -rf /storage/${datadomain}/dags/* && "
               "mkdir -p /storage/${datadomain}/dags/${workspace} && cp /dags/b.py /storage/${datadomain}/dags/${workspace}/")
    domain.publish("ws", "step:1", initContainers=[{"name": "copy", "command": ["sh", "-c", command]}])
    assert sorted(path.name for path in (domain.dags / "ws").iterdir()) == ["b.py"]
    assert sorted(path.name for path in (domain.dags / "neighbour").iterdir()) == ["a.py", "b.py"]


def test_publish_pods_see_no_secret_no_token_and_only_their_domains_folder(domain: Domain) -> None:
    image("sec:1", {"a.py": DAG})
    apply(domain.workspace("ws", "sec:1"))
    pod = wait_for("the publish pod", lambda: listed("pods", domain.storage_namespace))[0]
    spec = pod["spec"]
    assert spec["automountServiceAccountToken"] is False
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    assert all("secret" not in volume and "configMap" not in volume for volume in volumes.values())
    claims = [name for name, volume in volumes.items() if "persistentVolumeClaim" in volume]
    for container in spec["initContainers"]:
        assert not [one for one in container["volumeMounts"] if one["name"] in claims], json.dumps(container)
    mounts = [one for one in spec["containers"][0]["volumeMounts"] if one["name"] in claims]
    assert [one["subPath"] for one in mounts] == ["dd"]
    domain.ready("ws")
