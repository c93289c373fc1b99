"""kubectl as a test drives it. Everything goes through the real API server."""
from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from typing import Any


class Failed(AssertionError):
    """A command or a wait that did not end as the test needs."""


# A pod keeps its finalizer while a create by an operator that was killed may come: 90 s, and some for the rest.
HELD = 120


def kubectl(*arguments: str, stdin: str | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(["kubectl", *arguments], input=stdin, capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise Failed(f"kubectl {' '.join(arguments)}\n{done.stdout}{done.stderr}")
    return done


def get(kind: str, name: str, namespace: str = "") -> dict[str, Any] | None:
    """The object, or None if there is none."""
    place = ["-n", namespace] if namespace else []
    done = kubectl("get", kind, name, *place, "-o", "json", "--ignore-not-found")
    return json.loads(done.stdout) if done.stdout else None


def listed(kind: str, namespace: str, selector: str = "") -> list[dict[str, Any]]:
    chosen = ["-l", selector] if selector else []
    return json.loads(kubectl("get", kind, "-n", namespace, *chosen, "-o", "json").stdout)["items"]


def apply(*documents: dict[str, Any]) -> None:
    kubectl("apply", "-f", "-", stdin="\n---\n".join(json.dumps(document) for document in documents))


def refused(document: dict[str, Any]) -> str:
    """What the API server says against the object."""
    done = kubectl("apply", "-f", "-", stdin=json.dumps(document), check=False)
    assert done.returncode != 0, f"{document['kind']} was accepted"
    return done.stderr


def delete(kind: str, name: str, namespace: str = "", wait: bool = True) -> None:
    place = ["-n", namespace] if namespace else []
    kubectl("delete", kind, name, *place, f"--wait={str(wait).lower()}", f"--timeout={HELD}s", "--ignore-not-found")


def wait_for(what: str, look: Callable[[], Any], seconds: float = 60) -> Any:
    """Looks until there is something. The one place that polls: kubectl cannot wait for arbitrary facts."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise Failed(f"after {seconds} s there is still not: {what}")
        time.sleep(0.1)


def condition(document: dict[str, Any] | None, kind: str) -> dict[str, Any]:
    for one in (document or {}).get("status", {}).get("conditions", []):
        if one["type"] == kind:
            return one
    return {}


def wait_condition(kind: str, name: str, namespace: str, type_: str, seconds: float = 60, **wanted: str) -> dict[str, Any]:
    """The condition, once it has these fields and is about the present generation."""
    last: dict[str, Any] = {}

    def look() -> dict[str, Any] | None:
        nonlocal last
        document = get(kind, name, namespace)
        last = condition(document, type_)
        current = document is not None and last.get("observedGeneration") == document["metadata"]["generation"]
        return last if current and all(last.get(key) == value for key, value in wanted.items()) else None

    try:
        return wait_for(f"{kind} {name}: {type_} {wanted}", look, seconds)
    except Failed as failed:
        raise Failed(f"{failed}; it is {last}") from None


def events(namespace: str, name: str, reason: str) -> int:
    """How often the Event with this reason was told about the object."""
    chosen = f"involvedObject.name={name},reason={reason}"
    found = json.loads(kubectl("get", "events", "-n", namespace, "--field-selector", chosen, "-o", "json").stdout)["items"]
    return sum(one.get("count") or 1 for one in found)
