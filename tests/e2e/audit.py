"""What the operator asked of the API server, from its audit log."""
from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from audit_lines import event_of, whole_lines

OPERATOR = "system:serviceaccount:atelier-system:atelier-operator"
BEGAN = Path(os.environ["ATELIER_AUDIT_LOG"]).stat().st_size  # what an earlier session on the same cluster did is before


def requests(since: int = 0, stage: str = "ResponseComplete", user: str = OPERATOR,
             **wanted: str) -> Iterator[dict[str, Any]]:
    """Answered requests of the operator behind the offset; `wanted` are fields of objectRef, or the verb."""
    with Path(os.environ["ATELIER_AUDIT_LOG"]).open("rb") as log:
        for line in whole_lines(log, max(since, BEGAN)):
            event = event_of(line)
            # A request that was refused as nobody's (401) has a user without a name.
            if event["user"].get("username") != user or event["stage"] != stage:
                continue
            fields = {**event.get("objectRef", {}), "verb": event["verb"]}
            if all(fields.get(key, "") == value for key, value in wanted.items()):
                yield event


def streamed_lists(since: int = 0) -> Iterator[dict[str, Any]]:
    """Watches of the operator that began with all objects."""
    watches = requests(since, "ResponseStarted", verb="watch")
    return (event for event in watches if "sendInitialEvents=true" in event["requestURI"])


def offset() -> int:
    return Path(os.environ["ATELIER_AUDIT_LOG"]).stat().st_size


def pods_created(namespace: str, since: int = 0) -> list[str]:
    """Names of the pods that the operator created, as often as it was told so: not where it died before the answer."""
    created = requests(since, namespace=namespace, resource="pods", verb="create")
    return [event["objectRef"].get("name", "") or event.get("responseObject", {}).get("metadata", {}).get("name", "")
            for event in created if event["responseStatus"]["code"] == 201]
