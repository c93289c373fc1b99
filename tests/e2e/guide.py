"""Does what a guide of docs/ says: saves its files, and runs its commands one after the other.

A block of code whose first line is a comment with the name of a file is saved as that. A block of sh is run, unless the
line before it is <!-- not run: WHY --> or <!-- run by FILE.py::TEST -->. tests/unit/tools/test_guides.py sees to it that
each block of each guide is one of these.
"""
from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

BLOCK = re.compile(r"(?:^<!-- ((?:not run:|run by)[^\n]+) -->\n)?^```(\w+)\n(.*?)^```$", re.M | re.S)
NAMED = re.compile(r"# ([\w./-]+\.\w+|Dockerfile)\n")


@dataclass(frozen=True)
class Step:
    kind: str  # file, run or left out
    name: str  # of the file, or why it is left out
    text: str


def steps(page: str) -> list[Step]:
    found = []
    for left_out, language, text in BLOCK.findall(page):
        named = NAMED.match(text)
        if left_out:
            found.append(Step("left out", left_out, text))
        elif named:
            found.append(Step("file", named.group(1), text))
        elif language == "sh":
            found.append(Step("run", "", text))
    return found


def run(text: str, folder: Path) -> str:
    """What a block of commands printed."""
    environment = {**os.environ, "PATH": f"{ROOT}/build/release/bin:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=folder, env=environment, check=False,
                          capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, f"{text}{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def follow(page: str, folder: Path, instead: dict[str, str]) -> list[str]:
    """What each block of commands printed; they are run where the project's sources seem to be. `instead` is what this cluster has for the page's examples."""
    for part in ("deploy", "examples", "helm"):
        (folder / part).symlink_to(ROOT / part)
    outputs = []
    for step in steps((ROOT / "docs" / "guides" / page).read_text()):
        text = step.text
        for example, own in instead.items():
            text = text.replace(example, own)
        if step.kind == "file":
            (folder / step.name).parent.mkdir(parents=True, exist_ok=True)
            (folder / step.name).write_text(text)
        elif step.kind == "run":
            outputs.append(run(text, folder))
    return outputs
