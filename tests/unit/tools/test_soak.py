"""./dev soak counts what its processes say, goes on where it was, and does not hide what they found."""
import importlib.machinery
import importlib.util
import pathlib
import re
from collections import Counter

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
LOADER = importlib.machinery.SourceFileLoader("soak", str(ROOT / "tools" / "soak"))
soak = importlib.util.module_from_spec(importlib.util.spec_from_loader("soak", LOADER))
LOADER.exec_module(soak)


def test_soaks_until_there_were_enough_runs_and_says_where_to_go_on():
    played: list[int] = []
    said: list[str] = []

    def play(seed: int) -> Counter[str]:
        played.append(seed)
        return Counter(runs=2000, worlds=soak.WORLDS, faults=7)

    total = soak.soak(5000, 100, play, said.append)
    assert total == Counter(runs=6000, worlds=3 * soak.WORLDS, faults=21)
    assert played == [100, 100 + soak.WORLDS, 100 + 2 * soak.WORLDS]
    assert said[1] == f"4000 runs in {2 * soak.WORLDS} worlds, 0 attempts, 0 writes, 14 faults; go on with --from {played[2]}"


@pytest.fixture
def program(tmp_path, monkeypatch):
    def of(script: str) -> None:
        path = tmp_path / "sim_campaign"
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(0o755)
        monkeypatch.setattr(soak, "PROGRAM", path)

    return of


def test_reads_the_counts_of_a_process(program):
    program('echo "4 runs in 2 worlds, 20 attempts, 300 writes, $ATELIER_SIM_SEED faults: nothing found"')
    assert soak.play(50) == Counter(runs=4, worlds=2, attempts=20, writes=300, faults=50)


@pytest.mark.parametrize("script", ["echo 'world 3: a run does not end'; exit 1", "echo 'world 3: nothing at all'"])
def test_what_is_not_well_is_told(program, script):
    program(script)
    with pytest.raises(soak.Found, match="world 3"):
        soak.play(50)


def test_the_faults_that_it_offers_are_those_that_there_are():
    text = (ROOT / "tests/e2e/test_faults.py").read_text()
    kinds = re.search(r"^KINDS = \{(.*)\}$", text, re.M)
    assert kinds and tuple(re.findall(r'"(\w+)"', kinds[1])) == soak.REAL
