"""docs/reference/failures.md names tests that there are."""
from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def known() -> set[str]:
    names = set()
    for file in (ROOT / "tests").rglob("*.cpp"):
        names |= {f"{suite}.{name}" for suite, name in re.findall(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", file.read_text(), re.M)}
    for file in (ROOT / "tests" / "e2e").glob("test_*.py"):
        names |= {f"{file.name}::{name}" for name in re.findall(r"^def (test_\w+)\(", file.read_text(), re.M)}
    return names


def test_every_failure_has_tests_and_every_test_exists() -> None:
    rows = [line for line in (ROOT / "docs/reference/failures.md").read_text().splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 11
    for row in rows:
        named = re.findall(r"`([\w.:]+)`", row.split("|")[3])
        assert named, row
        assert [name for name in named if name not in known()] == []
