"""Holds the code to its layer graph: one folder, one library, only declared dependencies.

The graph is what src/*/CMakeLists.txt declare with atelier_layer(NAME ... USES ...). An include of another layer
that is neither declared nor reached through a declared one is an error, and so is a cycle, a folder that declares
no layer, and an include that goes through "..".
usage: layers.py [--print] [--root FOLDER]
"""
import argparse
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*(?:include|import)\s*(?:"([^"]+)"|<([^>]+)>)', re.M)
CALL = re.compile(r"atelier_layer\((\w+)(.*?)\)", re.S)
KEYWORDS = {"SOURCES", "USES", "LIBRARIES"}
SOURCES = {".h", ".hh", ".hpp", ".hxx", ".inc", ".ipp", ".c", ".cc", ".cpp", ".cxx"}


class Tree:
    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        self.graph = self.declared()

    def declared(self) -> dict[str, set[str]]:
        graph: dict[str, set[str]] = {}
        for file in sorted((self.root / "src").glob("*/CMakeLists.txt")):
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

    def reachable(self, start: str) -> set[str]:
        seen: set[str] = set()
        todo = list(self.graph.get(start, ()))
        while todo:
            layer = todo.pop()
            if layer not in seen:
                seen.add(layer)
                todo += self.graph.get(layer, ())
        return seen

    def layer_of(self, include: str) -> str | None:
        """The layer that an include belongs to; None for a library's header."""
        parts = include.split("/")
        if parts[0] == "atelier" and len(parts) > 2:
            return parts[1]
        return parts[0] if len(parts) > 1 and (self.root / "src" / include).is_file() else None

    def problems(self) -> list[str]:
        found = []
        for layer, uses in self.graph.items():
            for used in sorted(uses - self.graph.keys()):
                found.append(f"src/{layer}/CMakeLists.txt: uses {used}, which is no layer")
            if layer in self.reachable(layer):
                found.append(f"src/{layer}/CMakeLists.txt: {layer} depends on itself through {', '.join(sorted(uses))}")
        for base in ("src", "include/atelier"):
            for file in sorted((self.root / base).rglob("*")):
                if file.suffix in SOURCES:
                    found += self.problems_of(file.relative_to(self.root), file.read_text())
        return found

    def problems_of(self, file: pathlib.PurePath, text: str) -> list[str]:
        layer = file.parts[1 if file.parts[0] == "src" else 2]
        if layer not in self.graph:
            return [f"{file}: src/{layer}/CMakeLists.txt declares no layer {layer}; add atelier_layer({layer} ...)"]
        found = []
        for include in (quoted or angled for quoted, angled in INCLUDE.findall(text)):
            if ".." in include.split("/"):
                found.append(f'{file}: includes "{include}"; write the path from src/ or include/')
                continue
            other = self.layer_of(include)
            if other not in (None, layer, *self.reachable(layer)):
                found.append(f'{file}: includes "{include}", but src/{layer}/CMakeLists.txt does not use {other}')
        return found


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--print", action="store_true", help="print the declared graph")
    arguments.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    given = arguments.parse_args()
    tree = Tree(given.root)
    if given.print:
        for layer, uses in tree.graph.items():
            print(f"{layer}: {' '.join(sorted(uses))}")
        return 0
    found = tree.problems()
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
