"""Every fuzzer is built and has seeds, and a finding is counted as failed."""
from __future__ import annotations

import importlib.util
import importlib.machinery
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.dont_write_bytecode = True
LOADER = importlib.machinery.SourceFileLoader("fuzz", str(ROOT / "tools" / "fuzz"))
fuzz = importlib.util.module_from_spec(importlib.util.spec_from_loader("fuzz", LOADER))
LOADER.exec_module(fuzz)


def test_every_file_is_a_target_and_has_seeds() -> None:
    folder = ROOT / "tests" / "fuzz"
    assert sorted(fuzz.targets()) == sorted(file.stem for file in folder.glob("*.cpp"))
    assert sorted(fuzz.targets()) == sorted(seeds.name for seeds in (folder / "corpus").iterdir() if any(seeds.iterdir()))
    assert {file.stem for file in (folder / "dictionaries").iterdir()} <= set(fuzz.targets())


def program(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> tuple[int, str]:
    monkeypatch.setattr(fuzz, "ROOT", folder)
    monkeypatch.setattr(fuzz, "BUILD", folder)
    (folder / "logs").mkdir()
    binary = folder / "build" / "asan" / "bin" / "fuzz_x"
    binary.parent.mkdir(parents=True)
    binary.write_text("#!/bin/sh\n" + text)
    binary.chmod(0o755)
    return fuzz.run("asan", "x", [], folder / "corpus" / "x")


def test_what_was_executed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert program(tmp_path, monkeypatch, "echo stat::number_of_executed_units: 17") == (17, "")


def test_a_finding_says_what_and_how_to_see_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = f"echo 'does not hold: a rule'; echo 'Test unit written to {tmp_path}/findings/x-crash-1'; exit 77"
    executed, finding = program(tmp_path, monkeypatch, said)
    assert finding == "does not hold: a rule\n    again: build/asan/bin/fuzz_x findings/x-crash-1"
    assert executed == 0
    fuzz.junit(tmp_path / "results" / "fuzz", "x", finding)
    counted = subprocess.run([sys.executable, ROOT / "tools" / "count.py", tmp_path / "results", "fuzz"],
                             capture_output=True, text=True, check=False)
    assert counted.returncode == 1 and counted.stdout.endswith("\nfailed: fuzz.x\n0 passed, 1 failed\n")


def test_a_program_that_dies_without_a_word_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert program(tmp_path, monkeypatch, "kill -9 $$")[1].startswith("ended with -9")
