"""Tests that read the audit log while the API server writes it lose no event and take no half of one for a whole."""
from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
sys.dont_write_bytecode = True

import audit_lines  # noqa: E402


def event(name: str) -> bytes:
    about = {"kind": "Event", "apiVersion": "audit.k8s.io/v1", "verb": name, "requestObject": {"kind": "Event", "name": name}}
    return json.dumps(about, separators=(",", ":")).encode() + b"\n"


def verbs(text: bytes, since: int = 0) -> list[str]:
    return [audit_lines.event_of(line)["verb"] for line in audit_lines.whole_lines(io.BytesIO(text), since)]


FIRST, LAST = event("get"), event("patch")


@pytest.mark.parametrize(("since", "seen"), [
    (0, ["get", "patch"]),
    (1, ["patch"]),
    (len(FIRST) - 1, ["patch"]),
    (len(FIRST), ["patch"]),
    (len(FIRST) + 1, []),
    (len(FIRST + LAST), []),
])
def test_lines_from_an_offset_on_are_whole(since: int, seen: list[str]) -> None:
    assert verbs(FIRST + LAST, since) == seen


def test_a_line_that_is_being_written_is_left_for_later() -> None:
    assert verbs(FIRST + LAST[:-1]) == ["get"]


@pytest.mark.parametrize("written", [1, 30, 60, len(FIRST) - 2])
def test_what_a_killed_server_began_to_write_does_not_hide_the_next_line(written: int) -> None:
    assert verbs(FIRST[:written] + LAST) == ["patch"]


def test_a_line_that_is_no_event_is_not_passed_over() -> None:
    with pytest.raises(json.JSONDecodeError):
        verbs(b"no event\n")
