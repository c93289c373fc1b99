"""The pages that say what a test shows name tests that there are."""
from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def known() -> set[str]:
    names = set()
    for file in (ROOT / "tests").rglob("*.cpp"):
        names |= {f"{suite}.{name}" for suite, name in re.findall(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", file.read_text(), re.M)}
    for file in (ROOT / "tests" / "e2e").glob("test_*.py"):
        names |= {f"{file.name}::{name}" for name in re.findall(r"^def (test_\w+)\(", file.read_text(), re.M)}
    return names


@pytest.mark.parametrize(("page", "heading"), [("reference/failures.md", "Failure"), ("guides/security.md", "Threat")])
def test_every_row_has_tests_and_every_test_exists(page: str, heading: str) -> None:
    _, _, table = (ROOT / "docs" / page).read_text().partition(f"| {heading} |")
    rows = [line for line in table.partition("\n\n")[0].splitlines() if line.startswith("| ")]
    assert len(rows) >= 11
    assert len({row.split("|")[1] for row in rows}) == len(rows), "a row is there twice"
    for row in rows:
        named = re.findall(r"`([\w.:]+)`", row.split("|")[3])
        assert named, row
        assert [name for name in named if name not in known()] == []
