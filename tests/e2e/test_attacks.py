"""What a hostile team tries with names, values, files, mounts and pods, on the real cluster: nobody else is affected."""
from __future__ import annotations

import json
import os
import time
from typing import Any

from kube import apply, get, kubectl, listed, wait_condition, wait_for
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
    assert sorted(os.listdir(domain.folder)) == sorted({".airflowignore", ".atelier", "dags"} & set(os.listdir(domain.folder)))


def test_links_on_the_storage_lead_nowhere(domain: Domain) -> None:
    """Somebody who can write to the storage put links where the publisher writes."""
    outside = WORK / "outside"
    outside.mkdir(exist_ok=True)
    (outside / "precious").write_text("stays")
    os.chown(outside, OWNER, OWNER)
    image("links:1", {"a.py": DAG})

    def link(at: str, to: object) -> None:
        (domain.folder / at).parent.mkdir(parents=True, exist_ok=True)
        os.symlink(str(to), domain.folder / at)
        for place in [domain.folder / at, *(domain.folder / at).parents]:
            if place.is_relative_to(domain.folder):
                os.lchown(place, OWNER, OWNER)

    link(".atelier", outside)
    apply(domain.workspace("ws", "links:1"))
    wait_condition("workspace.atelier.dev", "ws", domain.team, "Ready", status="False", reason="PathOccupied")
    os.unlink(domain.folder / ".atelier")
    domain.ready("ws")

    link("dags/absolute", outside)
    link("dags/relative", "../../../outside")
    for name in ("absolute", "relative"):
        apply(domain.workspace(name, "links:1"))
        wait_for(f"{name} is decided", lambda name=name: reason_of(domain, name) in ("Published", "PathOccupied"))
    assert os.listdir(outside) == ["precious"] and (outside / "precious").read_text() == "stays"


def reason_of(domain: Domain, name: str) -> str:
    document = get("workspace.atelier.dev", name, domain.team) or {}
    return next((one["reason"] for one in document.get("status", {}).get("conditions", []) if one["type"] == "Ready"), "")


def test_what_a_pod_may_not_have_is_not_in_it_without_any_admission(domain: Domain) -> None:
    """The fields are not in the schema, so they are pruned; and what is made keeps `restricted` where nobody asks for it."""
    kubectl("label", "namespace", domain.team, "pod-security.kubernetes.io/enforce-")
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
    domain.ready("ws")

    def all_there() -> list[dict[str, Any]] | None:
        pods = listed("pods", domain.team)
        kinds = {pod["metadata"]["labels"]["atelier.dev/component"] for pod in pods}
        return pods if kinds == {"task", "containers"} else None

    kubectl("create", "namespace", f"{domain.name}-strict")
    kubectl("label", "namespace", f"{domain.name}-strict", "pod-security.kubernetes.io/enforce=restricted")
    for pod in wait_for("pods of both kinds", all_there):
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod["spec"])
        assert pod["spec"]["automountServiceAccountToken"] is False
        assert not [volume for volume in pod["spec"].get("volumes", []) if set(volume) & {"hostPath", "secret", "projected"}]
        for container in pod["spec"]["containers"]:
            assert "envFrom" not in container and container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
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


def test_good_workspaces_beside_as_many_poisoned_ones(domain: Domain) -> None:
    count = 100
    image("good:1", {"a.py": DAG})
    link = WORK / "images" / "poison-link"
    link.mkdir(parents=True, exist_ok=True)
    if not (link / "leaves.py").is_symlink():
        os.symlink("/etc/passwd", link / "leaves.py")
    image("poison:1", source=link)
    poisons: list[dict[str, Any]] = [
        {"dataDomain": {"name": "none", "namespace": domain.storage_namespace}},
        {"image": {"repository": repository("poison"), "tag": "1"}},
        {"image": {"repository": repository("nowhere"), "tag": "1"}},
        {"dags": {"path": "/no/such/folder"}},
        {"initContainers": [{"name": "fails", "command": ["sh", "-c", "exit 1"]}]},
    ]
    apply(*[domain.workspace(f"poison-{i}", "good:1", **poisons[i % len(poisons)]) for i in range(count)])
    began = time.monotonic()
    apply(*[domain.workspace(f"good-{i}", "good:1") for i in range(count)])

    def live() -> bool:
        spaces = listed("workspaces.atelier.dev", domain.team)
        good = [one for one in spaces if one["metadata"]["name"].startswith("good-")]
        return sum(one.get("status", {}).get("conditions", [{}])[0].get("reason") == "Published" for one in good) == count

    wait_for("all the good ones are live", live, 600)
    print(f"{count} good ones live beside {count} poisoned ones after {time.monotonic() - began:.0f} s")
    poisoned = [one for one in listed("workspaces.atelier.dev", domain.team) if one["metadata"]["name"].startswith("poison-")]
    told = {next(c["reason"] for c in one["status"]["conditions"] if c["type"] == "Ready") for one in poisoned}
    assert told <= {"DataDomainNotFound", "DagsRefused", "ImagePullFailed", "DagsFolderMissing", "StepFailed", "Publishing"}
    assert not [name for name in os.listdir(domain.dags) if name.startswith("poison-")]
