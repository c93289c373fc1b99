#!/usr/bin/python3
"""Writes the reference pages that are made of the sources: a page a kind from crds/, and one of the chart's values.

usage: reference.py [--check]
--check writes nothing, and fails when a page is not what the sources say.
"""
from __future__ import annotations

import json
import pathlib
import re
import sys
from collections.abc import Iterator
from typing import Any

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[1]
FOLDER = pathlib.Path("docs/reference/api")
MADE = "<!-- Made by tools/reference.py: change the source of this page, and run it. -->\n"


def cell(text: str) -> str:
    """Text that ends no table: MDX and Markdown read pipes, angle brackets and line ends as their own."""
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|").replace("<", "&lt;")


def type_of(schema: dict[str, Any]) -> str:
    if schema.get("x-kubernetes-int-or-string"):
        return "integer or string"
    if schema.get("x-kubernetes-preserve-unknown-fields") and "properties" not in schema:
        return "any"
    if schema["type"] == "array":
        return "list of " + type_of(schema["items"])
    if schema["type"] == "object" and isinstance(schema.get("additionalProperties"), dict):
        return "map of " + type_of(schema["additionalProperties"])
    return schema["type"]


def bounds(schema: dict[str, Any]) -> str:
    """What a value is held to, but for a pattern: its description says it in words."""
    said = []
    if "enum" in schema:
        said.append("one of " + ", ".join(f"`{one}`" if one != "" else "empty" for one in schema["enum"]))
    for low, high, unit in (("minimum", "maximum", ""), ("minLength", "maxLength", " characters"),
                            ("minItems", "maxItems", " items"), ("minProperties", "maxProperties", " entries")):
        least, most = schema.get(low), schema.get(high)
        if least is not None and most is not None:
            said.append(f"{least} to {most}{unit}")
        elif most is not None:
            said.append(f"at most {most}{unit}")
        elif least is not None:
            said.append(f"at least {least}{unit}")
    said += [rule.get("message", "") for rule in schema.get("x-kubernetes-validations", [])]
    if "default" in schema:
        said.insert(0, f"default `{json.dumps(schema['default'])}`")
    return "; ".join(one for one in said if one)


def rows(schema: dict[str, Any], path: str) -> Iterator[tuple[str, str, str, str]]:
    """Each field below `schema`: its path, its type, what it means and what it is held to."""
    required = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        where = f"{path}.{name}" if path else name
        kind = type_of(field) + (", required" if name in required else "")
        yield where, kind, field.get("description", ""), bounds(field)
        inner = field
        while True:  # into lists and maps, down to what has fields
            if inner.get("type") == "array":
                inner, where = inner["items"], where + "[]"
            elif isinstance(inner.get("additionalProperties"), dict):
                inner, where = inner["additionalProperties"], where + ".*"
            else:
                break
        yield from rows(inner, where)


def kind_page(definition: dict[str, Any]) -> str:
    spec = definition["spec"]
    version = next(one for one in spec["versions"] if one["storage"])
    schema = version["schema"]["openAPIV3Schema"]
    names = spec["names"]
    where = "belongs to a namespace" if spec["scope"] == "Namespaced" else "belongs to the cluster"
    short = ", ".join(f"`{one}`" for one in names.get("shortNames", []))
    text = [MADE, f"# {names['kind']}", schema["description"], "",
            f"`apiVersion: {spec['group']}/{version['name']}`; it {where}. kubectl also knows it as `{names['plural']}`"
            + (f" or {short}" if short else "") + "."]
    for part in ("spec", "status"):
        found = list(rows(schema["properties"].get(part, {}), part))
        if not found:
            continue
        text += ["", f"## {part}", schema["properties"][part].get("description", ""), "",
                 "| Field | Type | Meaning | Held to |", "|---|---|---|---|"]
        text += [f"| `{one[0]}` | {' | '.join(cell(rest) for rest in one[1:])} |" for one in found]
    return "\n".join(text) + "\n"


def value_rows(text: str) -> Iterator[tuple[str, str, str]]:
    """The leaves of values.yaml: path, default, and the comment above each that begins with "--"."""
    path: list[str] = []
    said = ""
    for line in text.splitlines():
        if match := re.match(r"\s*# -- (.*)", line):
            said = match.group(1)
            continue
        if said and (match := re.match(r"\s*# (.*)", line)):
            said += " " + match.group(1)
            continue
        match = re.match(r"( *)([A-Za-z]\w*):(?: (.+))?$", line)
        if not match:
            said = ""
            continue
        path[len(match.group(1)) // 2:] = [match.group(2)]
        if match.group(3) is not None:
            yield ".".join(path), match.group(3), said
        said = ""


def values_page(text: str) -> str:
    table = [f"| `{path}` | `{default}` | {cell(said)} |" for path, default, said in value_rows(text)]
    return "\n".join([MADE, "# Values of the Helm chart",
                      "What `helm install atelier helm/atelier --set NAME=VALUE` takes. A name or a value that is not "
                      "meant is refused by the chart's schema.", "",
                      "| Value | Default | Meaning |", "|---|---|---|", *table]) + "\n"


def pages() -> dict[pathlib.Path, str]:
    made = {FOLDER / "helm-values.md": values_page((ROOT / "helm/atelier/values.yaml").read_text())}
    for file in sorted((ROOT / "crds").glob("*.yaml")):
        definition = yaml.safe_load(file.read_text())
        if definition["kind"] == "CustomResourceDefinition":
            made[FOLDER / f"{definition['spec']['names']['singular']}.md"] = kind_page(definition)
    return made


def main() -> int:
    made, stale = pages(), []
    there = {file.relative_to(ROOT) for file in (ROOT / FOLDER).glob("*.md")}
    for path, text in made.items():
        if not (ROOT / path).is_file() or (ROOT / path).read_text() != text:
            stale.append(path)
    if "--check" in sys.argv[1:]:
        for path in [*stale, *sorted(there - made.keys())]:
            print(f"{path} is not what its source says; run tools/reference.py", file=sys.stderr)
        return 1 if stale or there - made.keys() else 0
    (ROOT / FOLDER).mkdir(parents=True, exist_ok=True)
    for path in stale:
        (ROOT / path).write_text(made[path])
    for path in there - made.keys():
        (ROOT / path).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
