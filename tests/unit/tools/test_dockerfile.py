"""The Dockerfile makes the image that the tests run: no engine is here to build it, so its words are held to theirs."""
from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "cluster" / "images"))
sys.dont_write_bytecode = True

import operator_image  # noqa: E402

Instruction = tuple[str, str]


def stages() -> list[list[Instruction]]:
    text = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.M))
    found: list[list[Instruction]] = []
    for line in filter(None, text.splitlines()):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            found.append([])
        found[-1].append((word, rest))
    return found


def commands() -> list[list[str]]:
    """What the stage that compiles runs."""
    return [command.split() for word, rest in stages()[0] if word == "RUN" for command in rest.split(" && ")]


def shipped() -> set[str]:
    """The programs that tools/image-root takes."""
    found = re.search(r"^for program in (.+); do$", (ROOT / "tools/image-root").read_text(), re.M)
    assert found
    return set(found[1].split())


def test_it_compiles_on_the_distribution_that_deps_installs_on_with_its_packages() -> None:
    build = stages()[0]
    assert build[0] == ("FROM", "debian:bookworm AS build")
    assert "(Debian bookworm, root)" in (ROOT / "dev").read_text()
    assert commands()[0] == ["tools/deps", "compile"]
    assert ("COPY", ". .") in build


def test_it_compiles_the_programs_that_are_shipped() -> None:
    assert commands()[2][:2] == ["tools/build", "release"]
    assert set(commands()[2][2:]) == shipped()
    assert set(re.search(r'^shipped="(.+)"$', (ROOT / "tools/test").read_text(), re.M)[1].split()) == shipped()


def test_the_image_is_that_folder_and_nothing_else(tmp_path: Path) -> None:
    assert commands()[3] == ["tools/image-root", "/image"]
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/bin/atelier-operator").touch()
    ours = operator_image.image(tmp_path)
    assert stages()[1] == [("FROM", "scratch"), ("COPY", "--from=build /image /"), ("USER", ours.user),
                           ("ENTRYPOINT", json.dumps(ours.entrypoint))]


def test_what_is_compiled_is_sent_to_the_engine() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert ignored == [".git", "build"]


def test_it_configures_without_what_only_tests_need(tmp_path: Path) -> None:
    words = commands()[1]
    assert words[:3] == ["cmake", "--preset", "release"]
    absent = ["-D", "CMAKE_DISABLE_FIND_PACKAGE_GTest=ON"]
    configured = subprocess.run([*words, "-B", tmp_path, *absent], cwd=ROOT, capture_output=True, text=True, check=False)
    assert configured.returncode == 0, configured.stderr
    planned = subprocess.run(["ninja", "-C", tmp_path, "-n", *sorted(shipped())], capture_output=True, text=True, check=False)
    assert planned.returncode == 0, planned.stderr
    assert planned.stdout.count("Linking CXX executable") == len(shipped())
