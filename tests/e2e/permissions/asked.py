"""What the operator asked of the API server, as its audit log has it."""
from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roles import ACCOUNT

USER = re.compile(rf"system:serviceaccount:[^:]+:{ACCOUNT}")  # of whatever namespace it was installed in
AGENT = f"{ACCOUNT}/"  # a test's kubectl with the operator's token is not the operator
GRANTED = re.compile(r' of (?:Cluster)?Role "([^"]+)"')


@dataclass(frozen=True)
class Request:
    verbs: tuple[str, ...]  # that the API server asked the authorizer about
    group: str
    resource: str  # with the subresource, as in a rule
    namespace: str
    name: str
    code: int = 200
    role: str = ""  # that allowed it, by its name; empty: none
    message: str = ""  # of a refusal


def request_of(event: dict[str, Any]) -> Request | None:
    """None: not the operator's."""
    # A request that was refused as nobody's (401) has a user without a name.
    if not USER.fullmatch(event["user"].get("username", "")) or not event.get("userAgent", "").startswith(AGENT):
        return None
    about = event.get("objectRef", {})
    status = event.get("responseStatus", {})
    granted = GRANTED.search(event.get("annotations", {}).get("authorization.k8s.io/reason", ""))
    subresource = about.get("subresource", "")
    # An apply of what is not there is asked about twice: it is a create, too.
    is_made_by_apply = event["verb"] == "patch" and status.get("code") == 201
    return Request(
        verbs=("patch", "create") if is_made_by_apply else (event["verb"],), group=about.get("apiGroup", ""),
        resource=about.get("resource", event["requestURI"]) + (f"/{subresource}" if subresource else ""),
        namespace=about.get("namespace", ""), name=about.get("name", ""), code=status.get("code", 0),
        role=granted[1] if granted else "", message=status.get("message", ""))


def read(lines: Iterable[str], since: str) -> Iterator[Request]:
    """Requests that came at `since`, an RFC 3339 time in UTC, or later."""
    began = since.removesuffix("Z")  # which a fraction of that second would come before
    for line in lines:
        if ACCOUNT not in line or not line.endswith("\n"):  # the last one may be half written
            continue
        event = json.loads(line)
        request = request_of(event)
        if request and event["requestReceivedTimestamp"] >= began:
            yield request


def lines_of(log: Path) -> Iterator[str]:
    """Of the files that the API server has put away as well."""
    for file in (*sorted(log.parent.glob(f"{log.stem}-*{log.suffix}")), log):
        with file.open() as text:
            yield from text
