"""GitOps tools beside the operator: the health that they show, and who owns which field."""
from __future__ import annotations

import copy
import json
import subprocess
import threading
from typing import Any

import audit
from kube import apply, delete, get, kubectl, wait_condition, wait_for
from operator_process import ROOT
from platform_parts import DAG, Domain, image

GITOPS = ROOT / "deploy" / "gitops"
TASK = {"name": "work", "command": ["sh", "-c", "exit 0"]}


def health(*objects: dict[str, Any]) -> list[dict[str, Any]]:
    """What Argo CD, Flux and kstatus say of the objects, by their own engines."""
    command = [ROOT / "tests/support/go_program", ROOT / "tests/e2e/gitops_health", GITOPS / "argocd-cm.yaml",
               GITOPS / "flux-health.yaml"]
    done = subprocess.run(command, input=json.dumps(objects), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def words(document: dict[str, Any] | None) -> tuple[str, str, str]:
    """By Argo CD, Flux and kstatus."""
    assert document is not None
    (said,) = health(document)
    return said["argo"]["status"], said["flux"], said["kstatus"]


def workspace(domain: Domain, name: str) -> dict[str, Any]:
    return get("workspace.atelier.dev", name, domain.team) or {}


def test_argo_cd_takes_the_script_by_the_guides_command() -> None:
    apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "argocd"}},
          {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "argocd-cm", "namespace": "argocd"},
           "data": {"url": "https://argocd.example.org"}})
    guide = (ROOT / "docs/guides/gitops.md").read_text()
    (command,) = [line for line in guide.splitlines() if line.startswith("kubectl patch configmap")]
    subprocess.run(command.split(), cwd=ROOT, check=True, capture_output=True)
    data = (get("configmap", "argocd-cm", "argocd") or {})["data"]
    assert data["url"] == "https://argocd.example.org" and "atelier.dev/*" in data["resource.customizations"]
    delete("namespace", "argocd", wait=False)


def test_a_workspace_is_healthy_once_its_release_is_live(domain: Domain) -> None:
    image("health:1", {"a.py": DAG})
    domain.publish("ws", "health:1")
    live = workspace(domain, "ws")
    assert words(live) == ("Healthy", "Current", "Current")
    assert "is live at" in health(live)[0]["argo"]["message"]

    # Whatever status says of a former generation, or before the operator has looked.
    newer = copy.deepcopy(live)
    newer["metadata"]["generation"] += 1
    assert words(newer) == ("Progressing", "InProgress", "InProgress")
    unseen = copy.deepcopy(live)
    del unseen["status"]
    assert words(unseen)[:2] == ("Progressing", "InProgress")


def test_containers_that_do_not_run_yet_are_no_health(domain: Domain) -> None:
    image("loops:1", {"a.py": DAG})
    domain.publish("ws", "loops:1", containers=[{"name": "loop", "command": ["sh", "-c", "exit 1"]}])
    wait_condition("workspace.atelier.dev", "ws", domain.team, "ContainersAvailable", status="False")
    assert words(workspace(domain, "ws"))[:2] == ("Progressing", "InProgress")


def test_a_mistake_is_told_and_a_try_again_is_not_given_up(domain: Domain) -> None:
    image("mistakes:1", {"a.py": DAG})
    apply(domain.workspace("nowhere", "mistakes:1", dataDomain={"name": "none", "namespace": domain.storage_namespace}),
          domain.workspace("pulls", "mistakes:2"))
    domain.not_ready("nowhere", "DataDomainNotFound")
    domain.not_ready("pulls", "ImagePullFailed")
    stalled, retrying = workspace(domain, "nowhere"), workspace(domain, "pulls")
    assert words(stalled) == ("Degraded", "Failed", "Failed")
    assert "there is no DataDomain" in health(stalled)[0]["argo"]["message"]
    # Somebody should look, and Flux waits on.
    assert words(retrying) == ("Degraded", "InProgress", "InProgress")


def test_runs_and_pipelines_and_tenants(domain: Domain) -> None:
    image("runs:1", {"a.py": DAG})
    domain.publish("ws", "runs:1")
    fails = {"name": "work", "command": ["sh", "-c", "exit 3"]}
    cycle = [{**TASK, "name": "a", "dependsOn": ["b"]}, {**TASK, "name": "b", "dependsOn": ["a"]}]
    apply(domain.pipeline("good", [TASK]), domain.pipeline("bad", [fails]), domain.pipeline("cycle", cycle))
    apply(domain.run("good", "good"), domain.run("bad", "bad"), domain.run("held", "good", suspend=True))
    run = "pipelinerun.atelier.dev"
    for name, wanted, status in [("good", "Succeeded", "True"), ("bad", "Failed", "False"), ("held", "Suspended", "Unknown")]:
        wait_condition(run, name, domain.team, "Succeeded", status=status, reason=wanted)
    assert words(get(run, "good", domain.team))[:2] == ("Healthy", "Current")
    assert words(get(run, "bad", domain.team))[:2] == ("Degraded", "Failed")
    assert words(get(run, "held", domain.team))[:2] == ("Suspended", "InProgress")

    wait_condition("pipeline.atelier.dev", "cycle", domain.team, "Ready", reason="Cycle")
    assert words(get("pipeline.atelier.dev", "good", domain.team)) == ("Healthy", "Current", "Current")
    assert words(get("pipeline.atelier.dev", "cycle", domain.team)) == ("Degraded", "Failed", "Failed")
    assert words(get("datadomain.atelier.dev", "dd", domain.storage_namespace)) == ("Healthy", "Current", "Current")
    assert words(get("businessdomain.atelier.dev", domain.name)) == ("Healthy", "Current", "Current")


def fields_of(document: dict[str, Any], subresource: str) -> dict[str, set[str]]:
    """The top-level fields of each manager."""
    owned: dict[str, set[str]] = {}
    for entry in document["metadata"]["managedFields"]:
        if entry.get("subresource", "") == subresource:
            owned.setdefault(entry["manager"], set()).update(entry["fieldsV1"])
    return owned


def test_appliers_do_not_fight_with_the_operator(domain: Domain) -> None:
    """Helm and a GitOps tool apply the same manifests at the same time, while the operator writes its status."""
    image("many:1", {"a.py": DAG})
    manifests = [domain.workspace("ws", "many:1"), domain.pipeline("daily", [TASK])]
    text = "\n---\n".join(json.dumps(one) for one in manifests)
    faults: list[str] = []

    def applies(manager: str, times: int) -> None:
        for _ in range(times):
            done = kubectl("apply", "--server-side", f"--field-manager={manager}", "-f", "-", stdin=text, check=False)
            if done.returncode != 0:
                faults.append(f"{manager}: {done.stderr}")

    appliers = [threading.Thread(target=applies, args=(manager, 15))
                for manager in ("argocd-controller", "kustomize-controller", "helm")]
    for applier in appliers:
        applier.start()
    domain.ready("ws")
    for applier in appliers:
        applier.join()
    assert faults == []

    domain.ready("ws")
    wait_condition("pipeline.atelier.dev", "daily", domain.team, "Ready", status="True")
    for kind, name in [("workspace.atelier.dev", "ws"), ("pipeline.atelier.dev", "daily")]:
        document = json.loads(kubectl("get", kind, name, "-n", domain.team, "-o", "json", "--show-managed-fields").stdout)
        # Who applies the same has changed nothing, and the operator has the status and nothing else.
        assert document["metadata"]["generation"] == 1
        spec, status = fields_of(document, ""), fields_of(document, "status")
        assert set(spec) == {"argocd-controller", "kustomize-controller", "helm"}
        assert list(status.values()) == [{"f:status"}]

    # Nobody writes any more once all has been said.
    before = {name: get(kind, name, domain.team)["metadata"]["resourceVersion"]
              for kind, name in [("workspace.atelier.dev", "ws"), ("pipeline.atelier.dev", "daily")]}
    offset = audit.offset()
    applies("argocd-controller", 3)
    assert faults == []
    assert {name: get(kind, name, domain.team)["metadata"]["resourceVersion"]
            for kind, name in [("workspace.atelier.dev", "ws"), ("pipeline.atelier.dev", "daily")]} == before
    assert list(audit.requests(offset, verb="patch", namespace=domain.team)) == []


def test_what_the_operator_makes_is_not_taken_for_a_tools_own(domain: Domain) -> None:
    """Argo CD and Flux prune what carries their marks and is not in git."""
    image("edits:1", {"a.py": DAG})
    loop = [{"name": "loop", "command": ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1; done"]}]
    marked = domain.workspace("ws", "edits:1", containers=loop)
    marked["metadata"]["labels"] = {"app.kubernetes.io/instance": "team-a", "kustomize.toolkit.fluxcd.io/name": "team-a"}
    marked["metadata"]["annotations"] = {"argocd.argoproj.io/tracking-id": "team-a:atelier.dev/Workspace:x/ws"}
    apply(marked)
    domain.ready("ws")
    deployment = wait_for("the Deployment", lambda: get("deployment.apps", "ws", domain.team))
    assert [one["kind"] for one in deployment["metadata"]["ownerReferences"]] == ["Workspace"]
    marks = {**deployment["metadata"].get("labels", {}), **deployment["metadata"].get("annotations", {})}
    assert not set(marks) & (set(marked["metadata"]["labels"]) | set(marked["metadata"]["annotations"]))
