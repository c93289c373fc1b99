"""What the operator may do, as deploy/ says: the rules of every role that is bound to its ServiceAccount there."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ACCOUNT = "atelier-operator"
HOME = "atelier-system"
# The one role that may name Secrets: get, by name, where a team has put it.
SECRETS = "atelier-registry-credentials"
# Each of these is the way to all others' permissions.
TOO_MUCH = {"pods/exec", "pods/attach", "pods/portforward", "pods/ephemeralcontainers", "nodes/proxy", "serviceaccounts/token"}
TOO_STRONG = {"impersonate", "escalate", "deletecollection"}

Document = dict[str, Any]


@dataclass(frozen=True)
class Grant:
    """One verb on one resource by one rule."""
    role: str  # its name: what is a ClusterRole here may be bound in a namespace, or be a Role there
    group: str
    resource: str  # with the subresource, as in a rule: pods/log
    verb: str
    names: tuple[str, ...] = ()  # empty: any


def documents(folder: Path) -> list[Document]:
    return [one for file in sorted(folder.rglob("*.yaml")) for one in yaml.safe_load_all(file.read_text()) if one]


def name_of(role: Document) -> str:
    return role["metadata"]["name"]


def roles_of_operator(given: Iterable[Document]) -> list[Document]:
    """A role that a binding names and nobody has written is an error."""
    given = list(given)
    known = {name_of(one): one for one in given if one.get("kind") in ("Role", "ClusterRole")}
    bound = {one["roleRef"]["name"] for one in given if one.get("kind") in ("RoleBinding", "ClusterRoleBinding")
             and any(subject["kind"] == "ServiceAccount" and subject["name"] == ACCOUNT for subject in one["subjects"])}
    return [known[name] for name in sorted(bound)]


def grants(role: Document) -> list[Grant]:
    """Of a Role that others copy into their namespaces the names are theirs, too."""
    is_template = role["kind"] == "Role" and role["metadata"]["namespace"] != HOME
    return [Grant(name_of(role), group, resource, verb, () if is_template else tuple(rule.get("resourceNames", ())))
            for rule in role["rules"] for group in rule.get("apiGroups", ()) for resource in rule.get("resources", ())
            for verb in rule["verbs"]]


def flaws(role: Document) -> list[str]:
    """What no role of the operator may have."""
    found = []
    for rule in role["rules"]:
        if any("*" in entry for part in ("apiGroups", "resources", "verbs") for entry in rule.get(part, ())):
            found.append(f"a wildcard: {rule}")
        if "nonResourceURLs" in rule:
            found.append(f"paths that are no resources: {rule}")
        for resource in rule.get("resources", ()):
            if resource in TOO_MUCH or resource.startswith("secrets/"):
                found.append(f"{resource}: {rule}")
            if resource == "secrets" and not (name_of(role) == SECRETS and rule["verbs"] == ["get"] and rule.get("resourceNames")):
                found.append(f"secrets: {rule}")
        found += [f"the verb {verb}: {rule}" for verb in rule["verbs"] if verb in TOO_STRONG]
    return found
