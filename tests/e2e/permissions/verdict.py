"""Holds what was asked against what is granted. Pure: roles, requests and lists in, cases out."""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from asked import Request
from roles import Document, Grant, flaws, grants, name_of

# Kubernetes binds them to everybody who is logged in: what version the API server is of, and which kinds it has.
EVERYBODYS = {"system:public-info-viewer", "system:discovery"}

Permission = tuple[str, str, str]  # group, resource, verb


@dataclass(frozen=True)
class Provoked:
    """Refusals that a test is there for. Patterns are of the whole text, but for that of the message."""
    test: str  # file::function
    verbs: tuple[str, ...]
    resource: str = ".*"
    namespace: str = ".*"
    name: str = ".*"
    message: str = ""


@dataclass(frozen=True)
class Case:
    group: str
    name: str
    wrong: str = ""  # empty: it is as it should be


def allows(grant: Grant, request: Request) -> bool:
    """Whether the API server's answer rests on this rule, by the role that it named."""
    return (grant.role == request.role and grant.verb in request.verbs
            and (grant.group, grant.resource) == (request.group, request.resource)
            and (not grant.names or request.name in grant.names))


def covers(provoked: Provoked, request: Request) -> bool:
    return (request.verbs[0] in provoked.verbs and re.search(provoked.message, request.message) is not None
            and re.fullmatch(provoked.resource, request.resource) is not None
            and re.fullmatch(provoked.namespace, request.namespace) is not None
            and re.fullmatch(provoked.name, request.name) is not None)


def words(request: Request, times: int) -> str:
    place = f" in {request.namespace}" if request.namespace else ""
    return f'{times} x {request.verbs[0]} {request.resource} "{request.name}"{place}: {request.message}'


def of_roles(roles: Iterable[Document]) -> list[Case]:
    return [Case("roles", name_of(role), "\n".join(flaws(role))) for role in roles]


def of_grants(roles: Iterable[Document], requests: Iterable[Request], never_asked: Mapping[Permission, str]) -> list[Case]:
    """One case for a resource of a role: which of its verbs no request needed."""
    asked = set(requests)
    unused: dict[str, list[str]] = {}
    for role in roles:
        for grant in grants(role):
            missing = unused.setdefault(f"{grant.role}: {grant.resource}", [])
            permission = (grant.group, grant.resource, grant.verb)
            if permission not in never_asked and not any(allows(grant, one) for one in asked):
                missing.append(grant.verb)
    return [Case("used", name, f"granted, and no test needs it: {', '.join(verbs)}" if verbs else "")
            for name, verbs in unused.items()]


def of_never_asked(roles: Iterable[Document], requests: Iterable[Request],
                   never_asked: Mapping[Permission, str]) -> list[Case]:
    granted = {(one.group, one.resource, one.verb) for role in roles for one in grants(role)}
    asked = {(one.group, one.resource, verb) for one in requests for verb in one.verbs}
    cases = []
    for permission in never_asked:
        wrong = "no role grants it any more" if permission not in granted else "it was asked" if permission in asked else ""
        cases.append(Case("never asked", " ".join(reversed(permission)).strip(), wrong))
    return cases


def of_refusals(requests: Iterable[Request], provoked: Iterable[Provoked]) -> list[Case]:
    provoked = list(provoked)
    refused = Counter(one for one in requests if one.code == 403)
    others = [words(one, times) for one, times in refused.items()
              if not one.is_of_leaver and not any(covers(entry, one) for entry in provoked)]
    cases = [Case("refused", "nothing else", "\n".join(sorted(others)))]
    for entry in provoked:
        seen = any(covers(entry, one) for one in refused)
        cases.append(Case("refused", f"{entry.test} {'/'.join(entry.verbs)} {entry.resource}", "" if seen else "nothing was"))
    return cases


def of_strangers(roles: Iterable[Document], requests: Iterable[Request]) -> list[Case]:
    """What was allowed by a rule that is not shipped would be refused elsewhere."""
    shipped = [grant for role in roles for grant in grants(role)]
    allowed = Counter(one for one in requests if one.role)
    strange = Counter[str]()
    for one, times in allowed.items():
        if one.role not in EVERYBODYS and not any(allows(grant, one) for grant in shipped):
            strange[f"{one.verbs[0]} {one.resource} by {one.role}"] += times
    return [Case("roles", "no other", "\n".join(f"{times} x {what}" for what, times in sorted(strange.items())))]
