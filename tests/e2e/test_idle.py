"""An operator that has nothing to do asks for next to nothing."""
from __future__ import annotations

import datetime
import os
import time

import pytest

import audit
from kube import apply
from operator_process import Operator
from platform_parts import DAG, Domain, image

SECONDS = int(os.environ.get("ATELIER_IDLE_SECONDS", "60"))


@pytest.mark.alone
def test_ten_workspaces_at_rest_cost_at_most_one_request_a_second(domain: Domain, operator: Operator) -> None:
    image("idle:1", {"a.py": DAG})
    names = [f"ws-{number}" for number in range(10)]
    apply(*(domain.workspace(name, "idle:1") for name in names))
    for name in names:
        domain.ready(name)
    began = datetime.datetime.now(datetime.timezone.utc)
    since = audit.offset()
    time.sleep(SECONDS)  # the measurement itself: what happens while nothing does
    asked = [event for event in audit.requests(since)
             if event["verb"] != "watch" and event.get("objectRef", {}).get("resource") != "leases"
             and datetime.datetime.fromisoformat(event["requestReceivedTimestamp"]) > began]
    assert len(asked) <= SECONDS, [(one["verb"], one["requestURI"]) for one in asked]
