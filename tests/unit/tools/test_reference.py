"""The reference pages of docs/reference/api are what CRDs and chart say."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))

import reference  # noqa: E402


def test_the_pages_are_current() -> None:
    done = subprocess.run([sys.executable, ROOT / "tools/reference.py", "--check"], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_every_field_and_value_is_explained() -> None:
    for path, text in reference.pages().items():
        unexplained = [line for line in text.splitlines() if line.startswith("| `") and
                       line.split(" | ")[2].strip(" |") == ""]
        assert unexplained == [], path


def test_fields_of_lists_and_maps_have_their_path() -> None:
    text = {"type": "string", "maxLength": 9, "default": "x"}
    schema = {"required": ["all"], "properties": {
        "all": {"type": "array", "maxItems": 3, "items": {"type": "object", "properties": {"a|b": text}}},
        "named": {"type": "object", "additionalProperties": {"type": "array", "items": text}}}}
    assert list(reference.rows(schema, "spec")) == [
        ("spec.all", "list of object, required", "", "at most 3 items"),
        ("spec.all[].a|b", "string", "", 'default `"x"`; at most 9 characters'),
        ("spec.named", "map of list of string", "", "")]


def test_a_cell_ends_no_table() -> None:
    assert reference.cell("a|b\n  <c>") == "a\\|b &lt;c>"


def test_values_have_the_comment_above_them() -> None:
    text = "# a room\nimage:\n  # -- Which\n  # one.\n  tag: \"\"\n  # no explanation\n  digest: 1\nlast: {}\n"
    assert list(reference.value_rows(text)) == [("image.tag", '""', "Which one."), ("image.digest", "1", ""), ("last", "{}", "")]
