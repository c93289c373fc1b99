"""What failed is counted as failed, however it failed."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

COUNTER = Path(__file__).resolve().parents[3] / "tools" / "count.py"
PASSED, FAILED = '<testcase name="a"/>', '<testcase name="b"><failure/></testcase>'


def ran(folder: Path, suite: str, cases: str, code: int = 0) -> None:
    (folder / suite).mkdir(exist_ok=True)
    (folder / suite / "program.exit").write_text(f"{code}\n")
    if cases:
        (folder / suite / "program.xml").write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")


def count(folder: Path, *suites: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, COUNTER, folder, *suites], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_suites_are_added_up(tmp_path: Path) -> None:
    ran(tmp_path, "unit", PASSED)
    ran(tmp_path, "asan-unit", PASSED + PASSED)
    assert count(tmp_path, "unit", "asan") == (0, "3 passed, 0 failed\n")


def test_a_failed_test_is_named(tmp_path: Path) -> None:
    ran(tmp_path, "unit", PASSED + FAILED, 1)
    assert count(tmp_path, "unit") == (1, "failed: .b\n1 passed, 1 failed\n")


def test_what_it_said_is_shown(tmp_path: Path) -> None:
    ran(tmp_path, "unit", '<testcase name="b"><failure message="short">1 is not 2</failure></testcase>', 1)
    assert count(tmp_path, "unit") == (1, "== .b\n1 is not 2\nfailed: .b\n0 passed, 1 failed\n")


def test_what_a_program_printed_that_died_is_shown(tmp_path: Path) -> None:
    ran(tmp_path, "asan-unit", PASSED, 1)
    (tmp_path / "asan-unit" / "program.log").write_text("x" * 5000 + "\na leak\n")
    shown = count(tmp_path, "asan")[1]
    assert "a leak\nfailed: asan-unit/program (ended with 1" in shown and len(shown) < 2000


def test_a_skipped_test_has_failed(tmp_path: Path) -> None:
    ran(tmp_path, "unit", '<testcase name="a"><skipped/></testcase><testcase name="b" status="notrun"/>' + PASSED)
    assert count(tmp_path, "unit")[1].endswith("1 passed, 2 failed\n")


def test_a_suite_without_a_test_has_failed(tmp_path: Path) -> None:
    ran(tmp_path, "unit", PASSED)
    ran(tmp_path, "e2e", "")
    assert count(tmp_path, "unit", "e2e", "sim")[1].endswith("(no test ran)\n1 passed, 2 failed\n")


def test_a_program_that_died_has_failed(tmp_path: Path) -> None:
    ran(tmp_path, "unit", PASSED)
    ran(tmp_path, "asan-unit", "", 139)
    assert "asan-unit/program (ended with 139" in count(tmp_path, "unit", "asan")[1]


def test_a_program_that_was_ended_after_its_last_test_has_failed(tmp_path: Path) -> None:
    ran(tmp_path, "asan-unit", PASSED, 23)
    assert count(tmp_path, "asan")[1].endswith("1 passed, 1 failed\n")
