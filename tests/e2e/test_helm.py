"""The chart: it is what deploy/ is, refuses values that mean nothing, and its releases come and go under work."""
from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

import audit
from guide import run, steps
from in_cluster import SELECTOR, helm, overlay, pods, shipped_image
from kube import HELD, apply, condition, delete, get, kubectl, listed, wait_condition, wait_for
from operator_process import ROOT, WORK, Operator
from platform_parts import DAG, Domain, image
from test_run import sh
from test_run_control import UNTIL_ENDED

CHART = str(ROOT / "helm" / "atelier")
NAMESPACE = "tools"
VERSION = "v1.35.0"
RESULT = "atelier.dev/result"


def objects(text: str) -> dict[tuple[str, str, str], dict[str, Any]]:
    return {(one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"]): one
            for one in yaml.safe_load_all(text) if one}


@pytest.mark.parametrize(("folder", "values"), [("base", []), ("overlays/high-availability", ["--set", "replicas=2"]),
                                               ("overlays/one-namespace", ["--set", "watchNamespaces={team-a}"])])
def test_the_chart_is_what_the_kustomization_is(folder: str, values: list[str]) -> None:
    chart = objects(helm("template", "x", CHART, "-n", "atelier-system", "--kube-version", VERSION, *values).stdout)
    plain = objects(kubectl("kustomize", str(ROOT / "deploy" / folder)).stdout)
    hooks = [key for key, one in chart.items() if "helm.sh/hook" in one["metadata"].get("annotations", {})]
    # What only Helm can run, and nothing else.
    assert {name.removesuffix("-pods") for _, _, name in hooks} == {"atelier-uninstall"}
    for key in hooks:
        del chart[key]
    del plain["Namespace", "", "atelier-system"]  # helm install --create-namespace
    assert chart.keys() == plain.keys()
    for key, one in chart.items():
        if one["kind"] == "CustomResourceDefinition":
            assert one["metadata"].pop("annotations") == {"helm.sh/resource-policy": "keep"}
        assert one == plain[key]


def test_watching_chosen_namespaces_needs_no_right_in_the_cluster() -> None:
    found = objects(helm("template", "x", CHART, "-n", "tools", "--kube-version", VERSION, "--set",
                         "watchNamespaces={a,b},largeResults=true").stdout)
    of_operator = {key: one for key, one in found.items() if key[2].startswith("atelier-operator")}
    assert {(kind, namespace) for kind, namespace, name in of_operator if name == "atelier-operator-large-results"} == {
        (kind, namespace) for kind in ("Role", "RoleBinding") for namespace in ("a", "b")}
    assert {kind for kind, namespace, _ in of_operator if not namespace} == set()
    for kind, namespace, name in of_operator:
        if kind == "RoleBinding":
            assert ("Role", namespace, of_operator[kind, namespace, name]["roleRef"]["name"]) in of_operator
            assert of_operator[kind, namespace, name]["roleRef"]["kind"] == "Role"
            assert of_operator[kind, namespace, name]["subjects"][0]["namespace"] == "tools"
    everywhere = objects(helm("template", "x", CHART, "-n", "tools", "--kube-version", VERSION).stdout)
    assert of_operator["Role", "a", "atelier-operator"]["rules"] == everywhere["ClusterRole", "", "atelier-operator"]["rules"]
    arguments = of_operator["Deployment", "tools", "atelier-operator"]["spec"]["template"]["spec"]["containers"][0]["args"]
    assert arguments == ["--watch-namespaces=a,b"]


def test_the_uninstall_from_chosen_namespaces_has_its_rights_there_alone() -> None:
    def job_and_roles(*given: str) -> tuple[list[str], dict[tuple[str, str, str], Any]]:
        found = objects(helm("template", "x", CHART, "-n", "tools", "--kube-version", VERSION, *given).stdout)
        hooks = {key: one for key, one in found.items() if key[2].startswith("atelier-uninstall")}
        for (_, namespace, _), one in hooks.items():
            # Looked at once before anything is deleted: whether that namespace is there.
            event = "post-delete" if namespace in ("", "tools") else "pre-delete,post-delete"
            assert one["metadata"]["annotations"]["helm.sh/hook"] == event
        job = hooks.pop(("Job", "tools", "atelier-uninstall"))
        del hooks["ServiceAccount", "tools", "atelier-uninstall"]
        return job["spec"]["template"]["spec"]["containers"][0]["command"], hooks

    always = ["/usr/bin/atelier", "uninstall", "--operator-namespace=tools", "--timeout=60s"]
    lease = {(kind, "tools", "atelier-uninstall") for kind in ("Role", "RoleBinding")}
    command, everywhere = job_and_roles()
    assert command == always
    assert everywhere.keys() == lease | {(kind, "", "atelier-uninstall") for kind in ("ClusterRole", "ClusterRoleBinding")}
    command, chosen = job_and_roles("--set", "watchNamespaces={a,b}")
    assert command == [*always, "--watch-namespaces=a,b"]
    assert chosen.keys() == lease | {(kind, namespace, "atelier-uninstall-pods")
                                     for kind in ("Role", "RoleBinding") for namespace in ("a", "b")}
    for namespace in ("a", "b"):
        role = chosen["Role", namespace, "atelier-uninstall-pods"]
        assert role["rules"] == everywhere["ClusterRole", "", "atelier-uninstall"]["rules"]
        binding = chosen["RoleBinding", namespace, "atelier-uninstall-pods"]
        assert (binding["roleRef"]["kind"], binding["roleRef"]["name"]) == ("Role", "atelier-uninstall-pods")
        assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "atelier-uninstall", "namespace": "tools"}]


def test_the_chart_is_clean() -> None:
    assert "0 chart(s) failed" in helm("lint", "--strict", CHART).stdout


@pytest.mark.parametrize(("given", "said"), [
    ("replicas=many", "at '/replicas': got string, want integer"),
    ("logLevel=loud", "at '/logLevel': value must be one of 'debug', 'info', 'warn', 'error'"),
    ("imge.tag=1", "additional properties 'imge' not allowed"),
    ("image.digest=sha256:12", "at '/image/digest'"),
    ("watchNamespaces={team_a}", "at '/watchNamespaces/0'"),
    ("watchNamespaces={a,a}", "at '/watchNamespaces': items at 0 and 1 are equal"),
    ("extraArgs={--lease-namespace=other}", "at '/extraArgs/0': 'not' failed"),
    ("extraArgs={--watch-namespaces=a}", "at '/extraArgs/0': 'not' failed"),
])
def test_values_that_mean_nothing_are_refused(given: str, said: str) -> None:
    done = helm("template", "x", CHART, "--kube-version", VERSION, "--set", given, check=False)
    assert done.returncode != 0 and said in done.stderr


def test_a_cluster_that_is_too_old_is_told() -> None:
    done = helm("template", "x", CHART, "--kube-version", "v1.33.9", check=False)
    assert "chart requires kubeVersion: >=1.34" in done.stderr


def test_custom_resource_definitions_that_nobody_installs_are_told(operator: Operator) -> None:
    def template(*served: str) -> tuple[int, str]:
        there = [word for version in served for word in ("--api-versions", version)]
        done = helm("template", "x", CHART, "--kube-version", VERSION, "--set", "crds.enabled=false", *there, check=False)
        return done.returncode, done.stderr

    code, said = template("apiregistration.k8s.io/v1")
    assert code != 0 and "kubectl apply --server-side -k crds, or set crds.enabled=true" in said
    assert template("apiregistration.k8s.io/v1", "atelier.dev/v1alpha1")[0] == 0
    assert template()[0] == 0, "without a cluster nothing is known"
    # And as a cluster answers.
    dry = ["install", "dry", CHART, "-n", "default", "--dry-run=server", "--take-ownership", "--set", "crds.enabled=false"]
    assert helm(*dry).returncode == 0
    assert "apiregistration.k8s.io/v1\n" in kubectl("api-versions").stdout


@pytest.fixture
def installer(operator: Operator) -> Iterator[str]:
    """A namespace, and the kubeconfig of somebody who is its administrator and may nothing else."""
    name = "helm-installer"
    apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    kubectl("create", "serviceaccount", "installer", "-n", name)
    kubectl("create", "rolebinding", "installer", "-n", name, "--clusterrole=admin", f"--serviceaccount={name}:installer")
    kubeconfig = WORK / "installer.kubeconfig"
    subprocess.run([ROOT / "tests" / "cluster" / "kubeconfig_for", name, "installer", kubeconfig], check=True)
    yield str(kubeconfig)
    delete("namespace", name)


def test_who_may_not_install_is_told_by_helm_and_the_guide_says_what_to_do(installer: str) -> None:
    own = "helm-installer"

    def as_installer(*arguments: str) -> tuple[int, str]:
        done = helm(*arguments, "-n", own, "--kubeconfig", installer, check=False)
        return done.returncode, done.stdout + done.stderr

    page = (ROOT / "docs/guides/install.md").read_text()
    image_of_nobody = ["--set", "image.repository=registry.example/atelier"]  # whose pod never starts
    flags = next(word for word in page.split("`") if word.startswith("--set crds.enabled=false")).split()
    code, said = as_installer("install", "atelier", CHART, *image_of_nobody)
    words = 'cannot get resource "customresourcedefinitions"'
    assert code != 0 and words in said and words in page
    assert as_installer("list", "-a", "-q") == (0, ""), "nothing is left"
    chosen = ["install", "atelier", CHART, *image_of_nobody, *flags, "--set", f"watchNamespaces={{{own}}}"]
    code, said = as_installer(*chosen)
    words = "is attempting to grant RBAC permissions not currently held"
    assert code != 0 and words in said and words in page
    remedy = next(step.text for step in steps(page) if "escalate" in step.text)
    for example, there in (("NAME", f"{own}:installer"), ("team-a", own)):
        remedy = remedy.replace(example, there)
    administrators, _, installers = remedy.partition("helm ")
    run(administrators, ROOT)
    code, said = as_installer(*installers.replace(f"-n {own}", "").split())
    assert code == 0, said
    code, said = as_installer(*chosen)
    assert code == 0, said
    assert get("rolebinding", "atelier-operator", own)
    code, said = as_installer("uninstall", "atelier", "--no-hooks")
    assert code == 0, said


@pytest.fixture
def team(operator: Operator) -> Iterator[Domain]:
    """Work for an operator that is not there yet."""
    made = Domain("helm")
    made.create()
    image("helm:1", {"a.py": DAG})
    operator.end(signal.SIGTERM)
    yield made
    # Also after a failure: two operators of two kinds would share one lease, and every later test would fail.
    ended = helm("uninstall", "atelier", "-n", NAMESPACE, "--wait", "--ignore-not-found", check=False)
    delete("job", "atelier-uninstall", NAMESPACE)  # which stays where it failed
    wait_for("the operators have gone", lambda: listed("pods", NAMESPACE, SELECTOR) == [])
    delete("namespace", NAMESPACE)
    operator.install()  # a release that is uninstalled takes the roles along
    operator.start()
    made.remove()
    assert ended.returncode == 0, ended.stderr


def values(tag: str) -> list[str]:
    repository, digest = shipped_image(tag)
    return ["--set", f"image.repository={repository},image.digest={digest},replicas=2"]


def install(tag: str, *given: str) -> None:
    # What kubectl installed before becomes the release's.
    helm("install", "atelier", CHART, "-n", NAMESPACE, "--create-namespace", "--take-ownership", "--wait", "--timeout",
         "90s", *values(tag), *given)


def held() -> list[str]:
    """Pods of the cluster that bear the finalizer."""
    everywhere = json.loads(kubectl("get", "pods", "-A", "-o", "json").stdout)["items"]
    return [one["metadata"]["name"] for one in everywhere if RESULT in one["metadata"].get("finalizers", [])]


@pytest.mark.alone
def test_a_release_is_installed_upgraded_rolled_back_and_uninstalled_under_work(team: Domain) -> None:
    def running() -> set[str]:
        return {one["spec"]["containers"][0]["image"] for one in pods(NAMESPACE)}

    install("first")
    first = running()
    team.publish("ws", "helm:1")
    tasks = [{"name": name, "command": ["sh", "-c", "sleep 4"], "dependsOn": after}
             for name, after in (("a", []), ("b", ["a"]), ("c", ["b"]), ("d", ["c"]), ("e", ["d"]))]
    apply(team.pipeline("work", tasks), team.run("work", "work"))
    wait_for("a pod", lambda: listed("pods", team.team, "atelier.dev/run=work"))
    helm("upgrade", "atelier", CHART, "-n", NAMESPACE, "--wait", "--timeout", "90s", *values("second"))
    assert running().isdisjoint(first)
    helm("rollback", "atelier", "1", "-n", NAMESPACE, "--wait", "--timeout", "90s")
    assert running() == first
    wait_condition("pipelinerun.atelier.dev", "work", team.team, "Succeeded", 90, status="True")
    made = listed("pods", team.team, "atelier.dev/run=work")
    assert len(made) == len(tasks), "no task started twice"
    assert all(one["status"]["containerStatuses"][0]["restartCount"] == 0 for one in made)

    wait_for("nothing of the run keeps its pods", lambda: all(
        not one["metadata"].get("finalizers") for one in listed("pods", team.team, "atelier.dev/run=work")), HELD)
    helm("uninstall", "atelier", "-n", NAMESPACE, "--wait")
    wait_for("the operators have gone", lambda: listed("pods", NAMESPACE, SELECTOR) == [])
    assert get("clusterrole", "atelier-operator") is None
    assert condition(get("workspace.atelier.dev", "ws", team.team), "Ready")["status"] == "True", "its data stays"
    delete("namespace", team.team)


@pytest.mark.alone
def test_an_uninstall_under_work_leaves_no_finalizer_and_loses_nothing(team: Domain) -> None:
    def task(name: str) -> dict[str, Any]:
        selector = f"atelier.dev/run=work,atelier.dev/task={name}"
        return next(iter(listed("pods", team.team, selector)), {"metadata": {}, "status": {"phase": ""}})

    install("first")
    team.publish("ws", "helm:1")
    apply(team.pipeline("work", [sh("ends", "until [ -e /tmp/go ]; do sleep 0.1; done"), sh("runs", UNTIL_ENDED),
                                 sh("follows", "true", ["ends"])]), team.run("work", "work"))
    for name in ("ends", "runs"):
        wait_for(f"{name} runs", lambda name=name: task(name)["status"]["phase"] == "Running")
    uids = {name: task(name)["metadata"]["uid"] for name in ("ends", "runs")}

    # One ends while no operator is there to write it down.
    kubectl("scale", "deployment", "atelier-operator", "-n", NAMESPACE, "--replicas=0")
    wait_for("the operators have gone", lambda: listed("pods", NAMESPACE, SELECTOR) == [])
    kubectl("exec", task("ends")["metadata"]["name"], "-n", team.team, "--", "touch", "/tmp/go")
    wait_for("it has ended", lambda: task("ends")["status"]["phase"] == "Succeeded")
    assert {task(name)["metadata"]["name"] for name in uids} <= set(held())
    helm("uninstall", "atelier", "-n", NAMESPACE)
    assert held() == []
    for kind in ("clusterrole", "clusterrolebinding"):
        assert get(kind, "atelier-uninstall") is None
    for kind in ("serviceaccount", "role", "rolebinding", "job"):
        wait_for(f"the {kind} has gone", lambda kind=kind: get(kind, "atelier-uninstall", NAMESPACE) is None)
    assert task("runs")["status"]["phase"] == "Running", "what runs goes on"
    assert (team.dags / "ws" / "a.py").read_text() == DAG, "what is published stays"
    assert get("workspace.atelier.dev", "ws", team.team) and get("pipelinerun.atelier.dev", "work", team.team)

    # Another operator reads in the pod how it ended, and goes on.
    install("first")
    wait_for("the next task has ended", lambda: task("follows")["status"]["phase"] == "Succeeded", 90)
    assert {name: task(name)["metadata"]["uid"] for name in uids} == uids
    assert len(listed("pods", team.team, "atelier.dev/run=work")) == 3, "no task started twice"

    # Now with operators that run until the release is deleted, and a task for one of them to hold.
    apply(team.pipeline("more", [sh("runs", UNTIL_ENDED)]), team.run("more", "more"))
    wait_for("a pod is held", held)
    helm("uninstall", "atelier", "-n", NAMESPACE)
    assert held() == []
    delete("namespace", team.team)
    assert get("namespace", team.team) is None, "it ends"


def uninstall_is_refused_without(namespace: str) -> None:
    """Helm can make no Role there: it says so before it takes anything away."""
    before = {pod["metadata"]["uid"] for pod in pods(NAMESPACE)}
    delete("namespace", namespace)
    refused = helm("uninstall", "atelier", "-n", NAMESPACE, check=False)
    assert refused.returncode != 0 and f'namespaces "{namespace}" not found' in refused.stderr
    assert {pod["metadata"]["uid"] for pod in pods(NAMESPACE)} == before


@pytest.mark.alone
def test_an_uninstall_from_chosen_namespaces_leaves_no_finalizer_there(team: Domain) -> None:
    gone = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "helm-gone"}}
    apply(gone)
    install("first", "--set", f"watchNamespaces={{{team.storage_namespace},{team.team},helm-gone}}")
    assert get("rolebinding", "atelier-operator", team.team)
    team.publish("ws", "helm:1")
    apply(team.pipeline("work", [sh("runs", UNTIL_ENDED)]), team.run("work", "work"))
    wait_for("a pod is held", held)
    elsewhere = {"apiVersion": "v1", "kind": "Pod",
                 "metadata": {"name": "strange", "namespace": NAMESPACE, "finalizers": [RESULT]},
                 "spec": {"schedulerName": "none", "containers": [{"name": "a", "image": "none"}]}}
    apply(elsewhere)
    assert "strange" in held()
    since = audit.offset()
    try:
        uninstall_is_refused_without("helm-gone")
        assert get("rolebinding", "atelier-operator", team.team)
        apply(gone)
        helm("uninstall", "atelier", "-n", NAMESPACE)
        assert held() == ["strange"], "its namespace was not chosen"
    finally:
        apply(gone)
        kubectl("patch", "pod", "strange", "-n", NAMESPACE, "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
        delete("pod", "strange", NAMESPACE)
    asked = list(audit.requests(since, user=f"system:serviceaccount:{NAMESPACE}:atelier-uninstall"))
    assert {event.get("objectRef", {}).get("namespace", "") for event in asked} == {
        team.storage_namespace, team.team, "helm-gone", NAMESPACE}
    assert {event["responseStatus"]["code"] for event in asked} <= {200, 201, 404}
    for namespace in (team.storage_namespace, team.team, "helm-gone"):
        for kind in ("role", "rolebinding"):
            wait_for(f"the {kind} has gone",
                     lambda kind=kind, namespace=namespace: get(kind, "atelier-uninstall-pods", namespace) is None)
    for namespace in (team.storage_namespace, team.team, "helm-gone"):
        delete("namespace", namespace)
        assert get("namespace", namespace) is None, "it ends"
