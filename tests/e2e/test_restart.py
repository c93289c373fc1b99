"""An operator that comes back to an unchanged world reads it once and writes nothing."""
from __future__ import annotations

import re
import signal
import time
from collections import Counter
from collections.abc import Callable

import pytest

import audit
from kube import apply, listed, wait_for
from operator_process import Operator
from platform_parts import DAG, Domain, image


def asked(since: int) -> Counter[str]:
    """Requests other than watches and the lease, by verb and resource."""
    found: Counter[str] = Counter()
    for event in audit.requests(since):
        resource = event.get("objectRef", {}).get("resource", event["requestURI"])
        if event["verb"] != "watch" and resource != "leases":
            found[f"{event['verb']} {resource}"] += 1
    return found


def quiet(seconds: float) -> None:
    """Waits until the operator has asked for nothing for so long."""
    offset, since = audit.offset(), time.monotonic()

    def look() -> bool:
        nonlocal offset, since
        if asked(offset):
            offset, since = audit.offset(), time.monotonic()
        return time.monotonic() - since > seconds

    wait_for("the operator is quiet", look)


def settled() -> bool:
    """Whether no namespace of a former test is being removed: what is in it is changed meanwhile."""
    return all(space["status"]["phase"] == "Active" for space in listed("namespaces", "default"))


@pytest.mark.alone
def test_a_restart_with_nothing_changed_lists_once_and_writes_nothing(
        domain: Domain, operator: Operator, record_property: Callable[[str, object], None]) -> None:
    wait_for("the removal of former tests' namespaces", settled, 120)
    image("idle:1", {"a.py": DAG})
    names = [f"ws-{number}" for number in range(3)]
    apply(*[domain.workspace(name, "idle:1") for name in names])
    for name in names:
        domain.ready(name)
    quiet(3)
    assert operator.end(signal.SIGTERM) == 0
    began, said = audit.offset(), operator.log.stat().st_size
    operator.start()
    quiet(3)
    # Whether the cluster is what it needs, and no object.
    assert asked(began) == {"get /version": 1, "get /openapi/v3/apis/atelier.dev/v1alpha1": 1}
    lists = Counter(event["objectRef"]["resource"] for event in audit.streamed_lists(began))
    assert set(lists.values()) == {1}, lists
    assert {"pods", "workspaces", "pipelineruns"} <= set(lists)
    synced = re.search(r" synced after=(\S+)", operator.read(said))
    record_property("started_to_synced", synced.group(1))
