"""What a hostile team tries with names, values, files, mounts and pods, on the real cluster: nobody else is affected."""
from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from kube import apply, condition, get, kubectl, listed, wait_for
from operator_process import WORK
from platform_parts import DAG, OWNER, Domain, image, repository
from test_run import finished, sh, start, states

RUN = "pipelinerun.atelier.dev"
HOSTILE = "'; touch /tmp/pwned; $(touch /tmp/pwned) `touch /tmp/pwned` $HOME $(HOME) $$(HOME) $${HOME} \" \\ | & > /tmp/pwned * ~"
RESTRICTED = {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}
SAFE = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def said(shared: Domain, status: dict[str, Any], task: str) -> str:
    (pod,) = [one["pod"] for one in status["tasks"] if one["name"] == task]
    return kubectl("logs", pod, "-n", shared.team).stdout


def tree(folder: Path) -> dict[str, tuple[int, str]]:
    """Everything below a folder: modes, and where links lead or what files say."""
    def content(path: Path) -> str:
        return os.readlink(path) if path.is_symlink() else path.read_text() if path.is_file() else ""

    return {str(path.relative_to(folder)): (path.lstat().st_mode, content(path)) for path in folder.rglob("*")}


def test_values_reach_a_program_as_they_are(shared: Domain) -> None:
    """As an argument, in a variable, and through a result; neither a shell nor the kubelet reads them."""
    hands_on = "printf '{\"text\": %s}' \"$QUOTED\" > $ATELIER_RESULTS"
    start(shared, "hostile", [
        {"name": "argument", "command": ["printf", "%s", "${params.text}"]},
        sh("variable", "printf %s \"$TEXT\"", env=[{"name": "TEXT", "value": "${params.text}"}]),
        sh("result", hands_on, env=[{"name": "QUOTED", "value": "${params.quoted}"}], results=[{"name": "text"}]),
        {"name": "after", "command": ["printf", "%s", "${tasks.result.results.text}"], "dependsOn": ["result"]},
    ], {"text": HOSTILE, "quoted": json.dumps(HOSTILE)}, params=[{"name": "text"}, {"name": "quoted"}])
    status = finished(shared, "hostile")
    assert set(states(status).values()) == {"Succeeded"}
    assert [said(shared, status, task) for task in ("argument", "variable", "after")] == [HOSTILE] * 3


def test_names_of_files_are_names_and_nothing_else(domain: Domain) -> None:
    names = ["-rf", "a b.py", "$(touch pwned).py", "a;b.py", "`x`.py", "'quoted\".py", "ü.py", "* .py"]
    image("names:1", {name: DAG for name in [*names, "folder with a blank/-rf"]})
    domain.publish("ws", "names:1")
    found = {str(path.relative_to(domain.dags / "ws")) for path in (domain.dags / "ws").rglob("*") if path.is_file()}
    assert found == {*names, "folder with a blank/-rf"}
    image("names:2", {"two\nlines.py": DAG})
    apply(domain.workspace("ws", "names:2"))
    assert "control characters" in domain.not_ready("ws", "DagsRefused")["message"]


def test_a_step_that_writes_all_over_its_mounts_reaches_nobody_else(domain: Domain) -> None:
    image("victim:1", {"theirs.py": DAG})
    domain.publish("victim", "victim:1")
    before = sorted(os.listdir(domain.folder / ".atelier"))
    releases = tree(domain.folder / ".atelier/releases/victim")
    everywhere = """
        rm -rf / 2>/dev/null
        for place in / /etc /usr /tmp /var /run /dev/shm /storage /storage/dd /storage/dd/dags /storage/.. /proc/1/root; do
            echo pwned > $place/pwned.py; ln -s / $place/root
        done 2>/dev/null
        mkdir -p /storage/dd/dags/victim /storage/dd/.atelier/releases/victim
        echo pwned > /storage/dd/dags/victim/theirs.py
        echo pwned > /storage/dd/.atelier/releases/victim/pwned
        rm -rf /storage/dd/dags/ws; mkdir -p /storage/dd/dags/ws; echo 'x = 1' > /storage/dd/dags/ws/mine.py
        exit 0
    """
    image("writer:1", {"a.py": DAG})
    domain.publish("ws", "writer:1", initContainers=[{"name": "attack", "command": ["sh", "-c", everywhere]}])
    assert os.listdir(domain.dags / "ws") == ["mine.py"]
    assert sorted(os.listdir(domain.dags)) == ["victim", "ws"]
    assert (domain.dags / "victim/theirs.py").read_text() == DAG and os.listdir(domain.dags / "victim") == ["theirs.py"]
    assert sorted(os.listdir(domain.folder / ".atelier")) == before
    assert tree(domain.folder / ".atelier/releases/victim") == releases
    assert sorted(os.listdir(domain.folder)) == sorted({".airflowignore", ".atelier", "dags"} & set(os.listdir(domain.folder)))


def test_links_on_the_storage_lead_nowhere(domain: Domain) -> None:
    """Somebody who can write to the storage put links where the publisher writes, to what its pod does have: the domain's
    folder is its /storage."""
    own = domain.folder / ".atelier"
    image("planted:1", {"a.py": DAG})
    image("planted:2", {"a.py": "print('an attack')\n"})

    def plant(links: dict[Path, str]) -> None:
        for at, to in links.items():
            os.symlink(to, at)
            os.lchown(at, OWNER, OWNER)

    def folder(path: Path) -> None:
        path.mkdir()
        os.chown(path, OWNER, OWNER)

    folder(domain.dags)
    plant({own: "dags"})
    apply(domain.workspace("victim", "planted:1"))
    assert ".atelier is a symbolic link" in domain.not_ready("victim", "PathOccupied")["message"]
    assert os.listdir(domain.dags) == []
    own.unlink()
    domain.ready("victim")
    live = os.readlink(domain.dags / "victim")

    def victim() -> tuple[str, dict[str, tuple[int, str]], str]:
        return os.readlink(domain.dags / "victim"), tree(own / "releases/victim"), (own / "claims/victim").read_text()

    before = victim()
    assert DAG in [text for _, text in before[1].values()]

    for place in ("dag-ids", "held-dag-ids", "found-dag-ids"):
        image(f"{place}:1", {"a.py": f"from airflow import DAG\n\nwith DAG({place!r}, schedule=None):\n    pass\n"})
        aside = own / f"{place}-aside"
        os.rename(own / place, aside)
        plant({own / place: "releases/victim"})
        apply(domain.workspace(f"with-{place}", f"{place}:1"))
        assert f".atelier/{place} is a symbolic link" in domain.not_ready(f"with-{place}", "PathOccupied")["message"]
        assert victim() == before
        (own / place).unlink()
        os.rename(aside, own / place)

    folder(own / "releases/climbing")
    in_dags = {"neighbour": "victim", "dotted": "../dags/victim", "mounted": "/storage/dags/victim", "release": live,
               "climbing": f"../.atelier/releases/climbing/../victim/{Path(live).name}", "own": "../.atelier",
               "checked": "/check"}
    in_releases = {"shelf": "victim", "release-shelf": f"victim/{Path(live).name}", "checked-shelf": "/check"}
    planted = {**{domain.dags / name: to for name, to in in_dags.items()},
               **{own / "releases" / name: to for name, to in in_releases.items()}}
    plant(planted)
    attacked = [*in_dags, *in_releases]
    apply(*[domain.workspace(name, "planted:2") for name in attacked])
    for name in attacked:
        assert f"/{name} is a " in domain.not_ready(name, "PathOccupied")["message"]
    assert {at: os.readlink(at) for at in planted} == planted
    assert victim() == before
    for place in ("dag-ids", "held-dag-ids", "found-dag-ids"):
        domain.ready(f"with-{place}")


def modest(pod: dict[str, Any], mounted: set[str]) -> None:
    """The pod has nothing of the host, of Secrets or of an account, and mounts nothing but these kinds of volumes."""
    spec = pod["spec"]
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True and spec["securityContext"]["runAsUser"] != 0
    assert {kind for volume in spec.get("volumes", []) for kind in volume if kind != "name"} <= mounted
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        security = container["securityContext"]
        assert security["capabilities"] == {"drop": ["ALL"]} and security["allowPrivilegeEscalation"] is False
        assert not {"privileged", "runAsUser", "runAsNonRoot"} & set(security), container["name"]
        assert "envFrom" not in container
        assert not [one for one in container.get("env", []) if "secretKeyRef" in one.get("valueFrom", {})]


def test_what_a_pod_may_not_have_is_not_in_it_without_any_admission(domain: Domain) -> None:
    """The fields are not in the schema, so they are pruned; and what is made keeps `restricted` where nobody asks for it."""
    for namespace in (domain.team, domain.storage_namespace):
        kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce-")
    kubectl("create", "namespace", f"{domain.name}-strict")
    kubectl("label", "namespace", f"{domain.name}-strict", "pod-security.kubernetes.io/enforce=restricted")
    evil_container = {"securityContext": {"privileged": True, "runAsUser": 0, "capabilities": {"add": ["SYS_ADMIN"]}},
                      "envFrom": [{"secretRef": {"name": "theirs"}}],
                      "volumeMounts": [{"name": "host", "mountPath": "/host"}]}
    evil_pod = {"hostNetwork": True, "hostPID": True, "hostIPC": True, "serviceAccountName": "default", "nodeName": "x",
                "automountServiceAccountToken": True, "securityContext": {"runAsUser": 0},
                "volumes": [{"name": "host", "hostPath": {"path": "/"}}]}
    loop = {"name": "loop", "command": ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1; done"], **evil_container}
    image("evil:1", {"a.py": DAG})
    workspace = domain.workspace("ws", "evil:1", containers=[loop],
                                 initContainers=[{"name": "step", "command": ["true"], **evil_container}])
    workspace["spec"].update(evil_pod)
    task = {"name": "work", "command": ["sleep", "600"], **{**evil_container, "volumeMounts": []}, "podSpec": evil_pod}
    pipeline = domain.pipeline("evil", [task])
    pipeline["spec"].update({**evil_pod, "volumes": []})
    manifests = "\n---\n".join(json.dumps(one) for one in (workspace, pipeline, domain.run("evil", "evil")))
    kubectl("apply", "--validate=ignore", "-f", "-", stdin=manifests)
    (publisher,) = wait_for("the publish pod", lambda: listed("pods", domain.storage_namespace))
    domain.ready("ws")

    def all_there() -> list[dict[str, Any]] | None:
        pods = listed("pods", domain.team)
        kinds = {pod["metadata"]["labels"]["atelier.dev/component"] for pod in pods}
        return pods if kinds == {"task", "containers"} else None

    modest(publisher, {"emptyDir", "persistentVolumeClaim"})
    steps = {one["name"]: one for one in publisher["spec"]["initContainers"]}
    assert list(steps) == ["tools", "stage", "step-step", "check"]
    assert [one["name"] for one in steps["step-step"]["volumeMounts"]] == ["staging"]
    pods = wait_for("pods of both kinds", all_there)
    for pod in pods:
        modest(pod, {"emptyDir"})
    for pod in [publisher, *pods]:
        strict = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "strict", "namespace": f"{domain.name}-strict"},
                  "spec": {key: value for key, value in pod["spec"].items() if key not in ("nodeName", "serviceAccount")}}
        kubectl("create", "--dry-run=server", "-f", "-", stdin=json.dumps(strict))
    kubectl("delete", "namespace", f"{domain.name}-strict", "--wait=false")


def forged(run: dict[str, Any], namespace: str, name: str) -> dict[str, Any]:
    """A pod that succeeds at once and says of itself that it is the task of that run."""
    labels = {"app.kubernetes.io/managed-by": "atelier", "atelier.dev/component": "task", "atelier.dev/task": "work",
              "atelier.dev/run": run["metadata"]["name"], "atelier.dev/run-uid": run["metadata"]["uid"], "atelier.dev/attempt": "1"}
    owner = {"apiVersion": "atelier.dev/v1alpha1", "kind": "PipelineRun", "name": run["metadata"]["name"],
             "uid": run["metadata"]["uid"], "controller": True}
    container = {"name": "work", "image": repository("ws") + ":1", "command": ["true"], "securityContext": SAFE}
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace, "labels": labels, "ownerReferences": [owner]},
            "spec": {"restartPolicy": "Never", "securityContext": RESTRICTED, "containers": [container]}}


def test_a_pod_that_says_it_is_a_task_is_none(shared: Domain, domain: Domain) -> None:
    """By its labels and owner alone, in the run's namespace or in that of another tenant."""
    start(shared, "forged", [sh("work", "while [ ! -e /tmp/go ]; do sleep 0.1; done; exit 3")])
    run = wait_for("the run", lambda: get(RUN, "forged", shared.team))
    (pod,) = wait_for("its pod", lambda: [one for one in listed("pods", shared.team, "atelier.dev/run=forged")
                                         if one["status"]["phase"] == "Running"])
    apply(forged(run, shared.team, "forged-here"), forged(run, domain.team, "forged-elsewhere"))
    for name, namespace in (("forged-here", shared.team), ("forged-elsewhere", domain.team)):
        # Over, or taken away by the garbage collector, whose owner is not there, or by the operator, whose it is not.
        wait_for(f"{name} is over", lambda name=name, namespace=namespace: (get("pod", name, namespace) or {}).get(
            "status", {}).get("phase", "gone") in ("Succeeded", "gone"))
    assert get(RUN, "forged", shared.team)["status"]["phase"] == "Running"
    kubectl("exec", pod["metadata"]["name"], "-n", shared.team, "--", "touch", "/tmp/go")
    assert states(finished(shared, "forged")) == {"work": "Failed TaskFailed"}


@pytest.mark.alone
def test_good_workspaces_beside_as_many_poisoned_ones(domain: Domain) -> None:
    count = 100
    image("good:1", {"a.py": DAG})
    link = WORK / "images" / "poison-link"
    link.mkdir(parents=True, exist_ok=True)
    if not (link / "leaves.py").is_symlink():
        os.symlink("/etc/passwd", link / "leaves.py")
    image("poison:1", source=link)
    poisons: dict[str, dict[str, Any]] = {
        "DataDomainNotFound": {"dataDomain": {"name": "none", "namespace": domain.storage_namespace}},
        "DagsRefused": {"image": {"repository": repository("poison"), "tag": "1"}},
        "ImagePullFailed": {"image": {"repository": repository("nowhere"), "tag": "1"}},
        "DagsFolderMissing": {"dags": {"path": "/no/such/folder"}},
        "StepFailed": {"initContainers": [{"name": "fails", "command": ["sh", "-c", "exit 1"]}]},
    }
    expected = {f"poison-{i}": list(poisons)[i % len(poisons)] for i in range(count)}
    apply(*[domain.workspace(name, "good:1", **poisons[reason]) for name, reason in expected.items()])
    began = time.monotonic()
    good = [domain.workspace(f"good-{i}", "good:1") for i in range(count)]
    for one in good:
        one["metadata"]["labels"] = {"side": "good"}
    apply(*good)
    kubectl("wait", "workspaces.atelier.dev", "-n", domain.team, "-l", "side=good", "--for=condition=Ready", "--timeout=600s")
    print(f"{count} good ones live beside {count} poisoned ones after {time.monotonic() - began:.0f} s")
    assert all((domain.dags / f"good-{i}/a.py").read_text() == DAG for i in range(count))

    told = {one["metadata"]["name"]: condition(one, "Ready").get("reason")
            for one in listed("workspaces.atelier.dev", domain.team, "side!=good")}
    for name, reason in expected.items():
        if told[name] != reason:
            domain.not_ready(name, reason)
    assert not [name for name in os.listdir(domain.dags) if name.startswith("poison-")]
