"""Every command of docs/guides is run by a test, or says why not."""
from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

import guide  # noqa: E402

FOLLOWED = set(re.findall(r'follow\("([\w-]+\.md)"', (ROOT / "tests/e2e/test_guides.py").read_text()))


@pytest.mark.parametrize("page", sorted((ROOT / "docs/guides").glob("*.md")), ids=lambda page: page.name)
def test_every_command_is_run(page: Path) -> None:
    for step in guide.steps(page.read_text()):
        if step.kind == "run":
            assert page.name in FOLLOWED, f"{page.name}: nothing runs this:\n{step.text}"
        elif step.name.startswith("run by "):
            file, _, test = step.name.removeprefix("run by ").partition("::")
            assert f"\ndef {test}(" in (ROOT / "tests/e2e" / file).read_text(), step.name


def test_the_guides_that_are_followed_are_there() -> None:
    assert FOLLOWED and all((ROOT / "docs/guides" / page).is_file() for page in FOLLOWED)
