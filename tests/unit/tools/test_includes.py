"""A header that Clang's builds precompile is named all the same: GCC's build has nothing precompiled."""
from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[2]
INCLUDED = re.compile(r'^#include [<"]([^>"]+)[>"]', re.M)
USES = {"gmock/gmock.h": re.compile(r"\b(?:EXPECT|ASSERT)_THAT\(|\btesting::(?:HasSubstr|ElementsAre|IsEmpty|Contains)\b")}


def named(file: Path) -> set[str]:
    """What a file includes, and what headers of the tests do that it includes."""
    found: set[str] = set()
    for name in INCLUDED.findall(file.read_text()):
        found.add(name)
        for folder in (TESTS, file.parent):
            if (folder / name).is_file():
                found |= named(folder / name)
                break
    return found


@pytest.mark.parametrize("header", USES)
def test_who_uses_matchers_names_their_header(header: str) -> None:
    silent = [str(file.relative_to(TESTS)) for file in TESTS.rglob("*.cpp")
              if USES[header].search(file.read_text()) and header not in named(file)]
    assert silent == []
