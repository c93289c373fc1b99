"""What the operator asked of the API server, as its audit log has it."""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from audit_lines import event_of
from roles import ACCOUNT

USER = re.compile(rf"system:serviceaccount:[^:]+:{ACCOUNT}")  # of whatever namespace it was installed in
AGENT = f"{ACCOUNT}/"  # a test's kubectl with the operator's token is not the operator
ENDS_WITHIN = timedelta(seconds=30)  # the grace period of the operator's pod
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
    is_of_leaver: bool = False  # refused, as its role had been taken away before: see Leavers


def at(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["requestReceivedTimestamp"])


def is_operators(event: dict[str, Any]) -> bool:
    # A request that was refused as nobody's (401) has a user without a name.
    return USER.fullmatch(event["user"].get("username", "")) is not None and event.get("userAgent", "").startswith(AGENT)


def request_of(event: dict[str, Any]) -> Request | None:
    """None: not the operator's."""
    if not is_operators(event):
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


class Leavers:
    """Whose roles others took away: an uninstall does so before the operator ends, a namespace before it is gone."""

    def __init__(self) -> None:
        self.uninstalled: datetime | None = None
        self.ends_of: dict[str, datetime] = {}  # of namespaces that are deleted: when nothing is asked there any more

    def see(self, event: dict[str, Any]) -> None:
        if is_operators(event) or event.get("responseStatus", {}).get("code") != 200:
            return
        about = event.get("objectRef", {})
        did = (event["verb"], about.get("resource"), about.get("subresource"))
        is_binding = about.get("resource") in ("clusterrolebindings", "rolebindings")  # of all, or of chosen namespaces
        if is_binding and did[::2] == ("delete", None) and about.get("name") == ACCOUNT:
            self.uninstalled = at(event)
        elif did == ("delete", "namespaces", None):
            self.ends_of[about["name"]] = datetime.max.replace(tzinfo=UTC)
        elif did == ("update", "namespaces", "finalize"):
            self.ends_of[about["name"]] = at(event) + ENDS_WITHIN

    def had(self, event: dict[str, Any]) -> bool:
        """Whether this request was the operator's to make until somebody took its role away."""
        is_uninstalled = self.uninstalled is not None and at(event) <= self.uninstalled + ENDS_WITHIN
        ends = self.ends_of.get(event.get("objectRef", {}).get("namespace", ""))
        return is_uninstalled or (ends is not None and at(event) <= ends)


def read(lines: Iterable[str], since: str) -> Iterator[Request]:
    """Requests that came at `since`, an RFC 3339 time in UTC, or later."""
    began = since.removesuffix("Z")  # which a fraction of that second would come before
    leavers = Leavers()
    for line in lines:
        # The last line may be half written.
        if (ACCOUNT not in line and '"resource":"namespaces"' not in line) or not line.endswith("\n"):
            continue
        event = event_of(line.encode())
        leavers.see(event)
        request = request_of(event)
        if request and event["requestReceivedTimestamp"] >= began:
            yield replace(request, is_of_leaver=request.code == 403 and leavers.had(event))


def lines_of(log: Path) -> Iterator[str]:
    """Of the files that the API server has put away as well."""
    for file in (*sorted(log.parent.glob(f"{log.stem}-*{log.suffix}")), log):
        with file.open() as text:
            yield from text
