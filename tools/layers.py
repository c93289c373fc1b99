"""Holds the code to its layer graph: one folder, one library, only declared dependencies.

The graph is what src/*/CMakeLists.txt declare with atelier_layer(NAME ... USES ...). An include of another layer
that is neither declared nor reached through a declared one is an error, and so is a cycle.
usage: layers.py [--print]
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
CALL = re.compile(r"atelier_layer\((\w+)(.*?)\)", re.S)
KEYWORDS = {"SOURCES", "USES", "LIBRARIES"}


def declared() -> dict[str, set[str]]:
    graph: dict[str, set[str]] = {}
    for file in sorted((ROOT / "src").glob("*/CMakeLists.txt")):
        text = re.sub(r"#.*", "", file.read_text())
        for name, body in CALL.findall(text):
            uses, keyword = set(), None
            for word in body.split():
                if word in KEYWORDS:
                    keyword = word
                elif keyword == "USES":
                    uses.add(word)
            graph[name] = uses
    return graph


def reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    todo = list(graph.get(start, ()))
    while todo:
        layer = todo.pop()
        if layer not in seen:
            seen.add(layer)
            todo += graph.get(layer, ())
    return seen


def layer_of(include: str, file: pathlib.Path) -> str | None:
    parts = include.split("/")
    if parts[0] == "atelier" and len(parts) > 2:
        return parts[1]
    if len(parts) > 1 and (ROOT / "src" / include).is_file():
        return parts[0]
    return None


def problems() -> list[str]:
    graph, found = declared(), []
    for layer, uses in graph.items():
        found += [f"src/{layer}/CMakeLists.txt: uses {used}, which is no layer" for used in sorted(uses - graph.keys())]
        if layer in reachable(graph, layer):
            found.append(f"src/{layer}/CMakeLists.txt: {layer} depends on itself through {', '.join(sorted(uses))}")
    files = [f for base in ("src", "include/atelier") for f in sorted((ROOT / base).rglob("*")) if f.suffix in (".h", ".cpp")]
    for file in files:
        relative = file.relative_to(ROOT)
        layer = relative.parts[1] if relative.parts[0] == "src" else relative.parts[2]
        for include in INCLUDE.findall(file.read_text()):
            other = layer_of(include, file)
            if other is None or other == layer:
                continue
            if layer in graph and other not in reachable(graph, layer):
                found.append(f"{relative}: includes \"{include}\", but src/{layer}/CMakeLists.txt does not use {other}")
    return found


def main() -> int:
    if "--print" in sys.argv:
        for layer, uses in declared().items():
            print(f"{layer}: {' '.join(sorted(uses))}")
        return 0
    found = problems()
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


sys.exit(main())
