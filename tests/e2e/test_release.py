"""Releases on the storage: going back to one, and which of them stay."""
from __future__ import annotations

import os

from kube import apply, get, listed, wait_for
from operator_process import Operator
from platform_parts import DAG, Domain, image, repository


def status(domain: Domain) -> dict:
    return get("workspace.atelier.dev", "ws", domain.team)["status"]


def test_one_can_go_back_to_a_former_release_and_forward_again(domain: Domain) -> None:
    image("back:1", {"a.py": DAG})
    image("back:2", {"b.py": DAG})
    loop = [{"name": "loop", "command": ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1; done"]}]
    domain.publish("ws", "back:1", containers=loop)
    first = status(domain)["release"]
    domain.publish("ws", "back:2", containers=loop)
    second = status(domain)["release"]
    assert [known["id"] for known in status(domain)["releases"]] == [second["id"], first["id"]]

    domain.publish("ws", "back:2", containers=loop, dags={"path": "/dags", "release": first["id"][:12]})
    wait_for("the first release", lambda: status(domain)["release"]["id"] == first["id"])
    assert os.listdir(domain.dags / "ws") == ["a.py"]
    assert status(domain)["release"]["imageDigest"] == first["imageDigest"]
    wait_for("its image in the containers", lambda: get("deployment.apps", "ws", domain.team)["spec"]["template"]["spec"][
        "containers"][0]["image"] == first["imageDigest"])

    # A newer image does not change that, until the field is removed.
    image("back:3", {"c.py": DAG})
    domain.publish("ws", "back:3", containers=loop, dags={"path": "/dags", "release": first["id"][:12]})
    assert os.listdir(domain.dags / "ws") == ["a.py"]
    domain.publish("ws", "back:3", containers=loop)
    wait_for("the files of the third image", lambda: os.listdir(domain.dags / "ws") == ["c.py"])


def test_a_release_that_is_not_there_is_told_with_those_that_are(domain: Domain) -> None:
    image("miss:1", {"a.py": DAG})
    domain.publish("ws", "miss:1")
    live = status(domain)["release"]["id"]
    apply(domain.workspace("ws", "miss:1", dags={"path": "/dags", "release": "0" * 12}))
    ready = domain.not_ready("ws", "ReleaseMissing")
    assert live in ready["message"] and "spec.dags.release" in ready["message"]
    assert os.listdir(domain.dags / "ws") == ["a.py"]


def test_a_plain_folder_can_be_gone_back_to(domain: Domain) -> None:
    folder = domain.dags / "ws"
    folder.mkdir(parents=True)
    (folder / "by_hand.py").write_text(DAG)
    for path in (domain.dags, folder, folder / "by_hand.py"):
        os.chown(path, 50000, 50000)
    image("adopt:1", {"a.py": DAG})
    domain.publish("ws", "adopt:1")
    (adopted,) = [path.name for path in (domain.folder / ".atelier/releases/ws").iterdir() if path.name.startswith("adopted-")]
    digest = status(domain)["release"]["imageDigest"]
    domain.publish("ws", "adopt:1", dags={"path": "/dags", "release": adopted})
    wait_for("the plain folder's files", lambda: os.listdir(domain.dags / "ws") == ["by_hand.py"])
    wait_for("status", lambda: status(domain)["release"]["id"] == adopted)
    assert status(domain)["release"]["imageDigest"] == digest


def test_storage_that_one_node_can_mount_gets_its_pods_there(operator: Operator) -> None:
    image("once:1", {"a.py": DAG})
    domain = Domain("once")
    domain.create(access_mode="ReadWriteOnce")
    # What has the storage open, as the domain's Airflow does.
    apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "airflow", "namespace": domain.storage_namespace}, "spec": {
        "terminationGracePeriodSeconds": 1,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 50000, "seccompProfile": {"type": "RuntimeDefault"}},
        "volumes": [{"name": "dags", "persistentVolumeClaim": {"claimName": "storage"}}],
        "containers": [{"name": "airflow", "image": repository("once") + ":1", "command": ["sleep", "600"],
                        "volumeMounts": [{"name": "dags", "mountPath": "/dags"}],
                        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}}]}})
    holder = wait_for("its pod on a node", lambda: (get("pod", "airflow", domain.storage_namespace) or {})["spec"].get("nodeName"))
    apply(domain.workspace("ws", "once:1"))
    pod = wait_for("the publish pod", lambda: listed("pods", domain.storage_namespace, "atelier.dev/component=publish"))[0]
    (term,) = pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert term == {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [holder]}]}
    domain.ready("ws")
    operator.died()
    domain.remove()
