#!/usr/bin/env python3
"""Holds crds/ to a real API server: what it must refuse, what it must take, defaults, limits and `kubectl explain`.

usage: check.py [--junitxml PATH]

The cluster is the one of $KUBECONFIG. CRDs are applied and stay; the rest is in a namespace of its own, which is
deleted at the end, or is a dry run.

cases/*.yaml  the first line is "# error: TEXT"; the last document must be refused with TEXT, those before it are made.
good/*.yaml   every document must be taken without a warning, the last as a dry run on those before it.
A document with a status is written to the status subresource.
"""
from __future__ import annotations

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import uuid
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import Any

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
CRDS = ROOT / "crds"
PLURALS = sorted(path.stem for path in CRDS.glob("*.yaml") if path.stem != "kustomization")
NAMESPACE = f"crds-{uuid.uuid4().hex[:8]}"


class Failed(Exception):
    pass


def expect(holds: bool, message: str) -> None:
    if not holds:
        raise Failed(message)


def kubectl(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = ["kubectl", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, check=False)


def must(*arguments: str, stdin: str = "") -> str:
    done = kubectl(*arguments, stdin=stdin)
    expect(done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
    expect("Warning:" not in done.stderr, done.stderr.strip())
    return done.stdout


def documents(text: str) -> list[str]:
    return [part for part in re.split(r"^---$", text, flags=re.M) if re.search(r"^kind:", part, flags=re.M)]


def write(document: str, *, dry: bool) -> subprocess.CompletedProcess[str]:
    arguments = ["apply", "-n", NAMESPACE, "-f", "-"]
    if re.search(r"^status:", document, flags=re.M):
        arguments += ["--subresource=status", "--server-side", "--force-conflicts"]
    return kubectl(*arguments, *(["--dry-run=server"] if dry else []), stdin=document)


def made(document: str, *, dry: bool) -> None:
    done = write(document, dry=dry)
    expect(done.returncode == 0, f"was refused: {done.stderr.strip()}")
    expect("Warning:" not in done.stderr, done.stderr.strip())


def refused(document: str, words: str) -> None:
    done = write(document, dry=True)
    expect(done.returncode != 0, f"was taken, should be refused with: {words}")
    said = " ".join(done.stderr.split())
    expect(words in said, f"should be refused with: {words}\n  was: {said[:2000]}")


def bad_case(path: pathlib.Path) -> None:
    text = path.read_text()
    prefix = "# error: "
    first = text.splitlines()[0]
    expect(first.startswith(prefix), f'the first line should start with "{prefix}"')
    *before, last = documents(text)
    for document in before:
        made(document, dry=False)
    refused(last, first.removeprefix(prefix))


def good_case(path: pathlib.Path) -> None:
    parts = documents(path.read_text())
    for document in parts[:-1]:
        made(document, dry=False)
    made(parts[-1], dry=True)


def crd(plural: str) -> None:
    name = f"crd/{plural}.atelier.dev"
    must("wait", "--for=condition=Established", "--timeout=60s", name)
    found = json.loads(must("get", name, "-o", "json"))
    conditions = {one["type"]: one["status"] for one in found["status"]["conditions"]}
    expect(conditions.get("NamesAccepted") == "True", f"conditions are {conditions}")
    expect(conditions.get("NonStructuralSchema", "False") == "False", f"conditions are {conditions}")
    columns = [one["jsonPath"] for one in found["spec"]["versions"][0]["additionalPrinterColumns"]]
    status = "status" in found["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
    for part in ("status", "reason", "message") if status else ():
        expect(any(re.search(rf"conditions.*\)\]\.{part}$", one) for one in columns), f"no column shows the {part}")
    must("get", f"{plural}.atelier.dev", "-n", NAMESPACE, "-o", "wide")


def fields(schema: dict[str, Any], path: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for name, inner in schema.get("properties", {}).items():
        found += [(f"{path}.{name}", inner), *fields(inner, f"{path}.{name}")]
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            found += [(f"{path}[]", schema[key]), *fields(schema[key], f"{path}[]")]
    return found


def explain(plural: str) -> None:
    """kubectl explains every field, and nothing that a user or the operator writes is without a bound."""
    found = json.loads(must("get", f"crd/{plural}.atelier.dev", "-o", "json"))
    schema = found["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    top = {"apiVersion", "kind", "metadata"}
    everything = {name: one for name, one in fields(schema, "") if name.split(".")[1] not in top}
    for name, one in everything.items():
        expect(bool(one.get("description")), f"{name} has no description")
        expect(name.split(".")[1] != "status" or "default" not in one, f"{name} has a default, though it is status")
        kind = "string" if one.get("x-kubernetes-int-or-string") else one["type"]
        bounded = {"string": ("maxLength", "enum", "format"), "array": ("maxItems",)}.get(kind)
        expect(not bounded or any(key in one for key in bounded), f"{name} has none of {bounded}")
        expect("additionalProperties" not in one or "maxProperties" in one, f"{name} has no maxProperties")
    text = must("explain", f"{plural}.atelier.dev", "--recursive")
    shown = set(re.findall(r"^\s+(\S+)\t", text, flags=re.M))
    for name in everything:
        parts = name.replace("[]", "").split(".")
        # A name may have a dot in it, as requests.memory has.
        expect(parts[-1] in shown or ".".join(parts[-2:]) in shown, f"kubectl explain does not show {name}")
    must("explain", f"{plural}.atelier.dev.spec")
    deep = "status.conditions.reason" if ".status" in everything else "spec"
    expect("DESCRIPTION:" in must("explain", f"{plural}.atelier.dev.{deep}"), "explain is empty")


# What the API server puts where a minimal object says nothing; null is for what must stay absent.
DEFAULTS: dict[str, dict[str, Any]] = {
    "bd-minimal": {"spec.defaultProfile": "small"},
    "dd-minimal": {"spec.colocated": False},
    "ws-minimal": {"spec.image.pullPolicy": "IfNotPresent", "spec.dags.include": ["**"], "spec.dags.keepReleases": 5,
                   "spec.runAsUser": 1000, "spec.dataDomain.namespace": None, "status": None},
    "ws-full": {"spec.initContainers.1.mountPath": "/storage", "spec.initContainers.0.mountPath": "/mnt/storage"},
    "pl-minimal": {"spec.tasks.0.retry": None, "spec.tasks.0.timeout": None, "spec.params": None,
                   "spec.history": None},
    "pl-history-default": {"spec.history.podAge": "72h", "spec.history.podsPerRun": 1000},
    "plr-minimal": {"spec.params": None, "spec.author": None, "spec.cancel": None, "status": None},
    "apv-minimal": {"spec.comment": None},
}


def at(value: Any, path: str) -> Any:
    for part in path.split("."):
        if isinstance(value, list):
            value = value[int(part)]
        elif isinstance(value, dict):
            value = value.get(part)
        else:
            return None
    return value


def same(found: Any, wanted: dict[str, Any]) -> None:
    for path, value in wanted.items():
        expect(at(found, path) == value, f"{path} is {at(found, path)!r}, should be {value!r}")


def stored(document: str) -> Any:
    done = kubectl("create", "--dry-run=server", "-o", "json", "-n", NAMESPACE, "-f", "-", stdin=document)
    expect(done.returncode == 0, done.stderr.strip())
    return json.loads(done.stdout)


def defaults(file: str) -> None:
    same(stored((HERE / "good" / f"{file}.yaml").read_text()), DEFAULTS[file])


def backoff_defaults() -> None:
    found = stored(pipeline([{"name": "a", "retry": {"backoff": {}}}]))
    same(found, {"spec.tasks.0.retry": {"limit": 0, "memoryFactor": 1, "backoff": {"initial": "10s", "factor": 2, "max": "5m", "jitter": 0.1}}})


def manifest(kind: str, spec: dict[str, Any]) -> str:
    name = f"made-{uuid.uuid4().hex[:8]}"
    return json.dumps({"apiVersion": "atelier.dev/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec})


def pipeline(tasks: list[dict[str, Any]]) -> str:
    return manifest("Pipeline", {"workspace": {"name": "ws"}, "tasks": tasks})


def task(index: int) -> dict[str, Any]:
    secret = {"secretKeyRef": {"name": "s", "key": "k"}}
    env = [{"name": f"V{i}", "value": "x" * 8} for i in range(3)] + [{"name": "S", "valueFrom": secret}]
    return {"name": f"task-{index}", "command": ["run"], "env": env, "timeout": "1h30m",
            "retry": {"limit": 3, "backoff": {"initial": "1s", "max": "1m"}},
            "dependsOn": [f"task-{index - 1}"] if index else []}


def most_tasks() -> None:
    """500 tasks with everything that a rule looks at: the rules' cost stays within the API server's budget."""
    stored(pipeline([task(i) for i in range(500)]))


def too_many_tasks() -> None:
    done = kubectl("create", "--dry-run=server", "-n", NAMESPACE, "-f", "-",
                   stdin=pipeline([{"name": f"t{i}"} for i in range(501)]))
    expect(done.returncode != 0 and "Too many: 501" in done.stderr, f"501 tasks: {done.stderr.strip()[:500]}")


def longest_state() -> None:
    run = manifest("PipelineRun", {"pipeline": {"name": "nothing"}})
    must("create", "-n", NAMESPACE, "-f", "-", stdin=run)
    name = json.loads(run)["metadata"]["name"]

    def patch(length: int) -> subprocess.CompletedProcess[str]:
        with tempfile.NamedTemporaryFile("w", suffix=".json") as body:
            json.dump({"status": {"state": "x" * length}}, body)
            body.flush()
            return kubectl("patch", "pipelineruns.atelier.dev", name, "-n", NAMESPACE, "--type=merge",
                           "--subresource=status", "--dry-run=server", f"--patch-file={body.name}")

    expect((done := patch(65536)).returncode == 0, f"65536 characters: {done.stderr[:500]}")
    done = patch(65537)
    expect(done.returncode != 0 and "status.state: Too long" in done.stderr, f"65537 characters: {done.stderr[:500]}")


def example(path: pathlib.Path) -> None:
    text = path.read_text().replace("${REGISTRY}", "registry.local:5000").replace("${STORAGE}", "/srv/storage")
    text = re.sub(r"^  namespace: .*$", f"  namespace: {NAMESPACE}", text, flags=re.M)
    mine = [document for document in documents(text) if "apiVersion: atelier.dev/" in document]
    expect(bool(mine), "holds none of the kinds")
    for document in mine:
        made(document, dry=True)


def short_names() -> None:
    for short, plural in (("bd", "businessdomains"), ("dd", "datadomains"), ("ws", "workspaces"),
                          ("pl", "pipelines"), ("plr", "pipelineruns"), ("apv", "approvals")):
        found = must("get", short, "-n", NAMESPACE, "-o", "name", "--ignore-not-found")
        expect(all(line.split(".")[0].rstrip("s") == plural.rstrip("s") for line in found.split()), f"{short}: {found}")
    must("get", "atelier", "-n", NAMESPACE, "-o", "name")


def tests() -> list[tuple[str, str, Callable[[], None]]]:
    def bind(check: Callable[..., None], value: Any) -> Callable[[], None]:
        return lambda: check(value)

    found = [("crd", plural, bind(crd, plural)) for plural in PLURALS]
    found += [("explain", plural, bind(explain, plural)) for plural in PLURALS]
    found += [("cases", path.stem, bind(bad_case, path)) for path in sorted((HERE / "cases").glob("*.yaml"))]
    found += [("good", path.stem, bind(good_case, path)) for path in sorted((HERE / "good").glob("*.yaml"))]
    found += [("defaults", file, bind(defaults, file)) for file in DEFAULTS]
    examples = sorted((ROOT / "examples").glob("*/manifests/*.yaml"))
    found += [("examples", path.name, bind(example, path)) for path in examples]
    found += [("defaults", "backoff", backoff_defaults), ("limits", "500-tasks", most_tasks),
              ("limits", "501-tasks", too_many_tasks), ("limits", "status-state", longest_state),
              ("names", "short-names-and-category", short_names)]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="Checks crds/ against the API server of $KUBECONFIG.")
    parser.add_argument("--junitxml", type=pathlib.Path, metavar="PATH")
    junit = parser.parse_args().junitxml
    if not os.environ.get("KUBECONFIG"):
        print('check: KUBECONFIG is not set; try eval "$(tests/cluster/cluster env)"', file=sys.stderr)
        return 2
    suite = ElementTree.Element("testsuite", name="crds")
    count = {"tests": 0, "failures": 0, "errors": 0}
    started = time.monotonic()

    def run(group: str, name: str, check: Callable[[], None]) -> bool:
        begun = time.monotonic()
        case = ElementTree.SubElement(suite, "testcase", classname=f"crds.{group}", name=name)
        count["tests"] += 1
        kind, text = "", ""
        try:
            check()
        except Failed as failure:
            kind, text = "failure", str(failure)
        except Exception as error:  # noqa: BLE001: one broken check does not hide the others
            kind, text = "error", f"{type(error).__name__}: {error}"
        case.set("time", f"{time.monotonic() - begun:.3f}")
        if kind:
            count[f"{kind}s"] += 1
            ElementTree.SubElement(case, kind, message=text.splitlines()[0] if text else kind).text = text
            print(f"failed: {group}/{name}: {text}")
        return not kind

    def prepare() -> None:
        must("apply", "--server-side", "--force-conflicts", "-k", str(CRDS))
        names = [f"crd/{plural}.atelier.dev" for plural in PLURALS]
        must("wait", "--for=condition=Established", "--timeout=60s", *names)
        must("create", "namespace", NAMESPACE)

    try:
        if run("setup", "apply", prepare):
            for group, name, check in tests():
                run(group, name, check)
    finally:
        kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=false")
        for key, value in count.items():
            suite.set(key, str(value))
        suite.set("time", f"{time.monotonic() - started:.3f}")
        if junit:
            junit.parent.mkdir(parents=True, exist_ok=True)
            ElementTree.ElementTree(suite).write(junit, encoding="utf-8", xml_declaration=True)
    wrong = count["failures"] + count["errors"]
    print(f"{count['tests'] - wrong} passed, {wrong} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
