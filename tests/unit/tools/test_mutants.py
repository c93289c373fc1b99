"""The list of deliberate bugs fits the sources, so that `./dev test mutants` can put each of them in."""
from __future__ import annotations

import importlib.machinery
import importlib.util
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
LOADER = importlib.machinery.SourceFileLoader("mutants", str(ROOT / "tools" / "mutants"))
mutants = importlib.util.module_from_spec(importlib.util.spec_from_loader("mutants", LOADER))
LOADER.exec_module(mutants)


def test_each_bug_has_its_place_and_a_test() -> None:
    listed = mutants.load()
    assert len(listed) >= 15
    assert all(set(one) - {"only", "cluster"} == {"name", "bug", "file", "old", "new", "test"} for one in listed)


@pytest.mark.parametrize(("change", "said"), [
    ({"old": "no such text"}, "stands 0 times"),
    ({"old": "return"}, "times in src/engine/retry.cpp; say it anew"),
])
def test_a_bug_that_fits_nowhere_is_told(tmp_path: Path, change: dict[str, str], said: str) -> None:
    one = {"name": "a", "bug": "b", "file": "src/engine/retry.cpp", "old": "", "new": "", "test": "engine_tests", **change}
    path = tmp_path / "mutants.yaml"
    path.write_text(yaml.safe_dump([one]))
    with pytest.raises(mutants.Unusable, match=said):
        mutants.load(tmp_path)
