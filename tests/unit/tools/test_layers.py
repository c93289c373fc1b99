"""The checker of the layer graph sees every way to include what is not declared."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CHECKER = Path(__file__).resolve().parents[3] / "tools" / "layers.py"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """low is used by middle, middle by high; aside is used by nobody."""
    for layer, uses in {"low": "", "middle": "USES low", "high": "USES middle", "aside": ""}.items():
        folder = tmp_path / "src" / layer
        folder.mkdir(parents=True)
        (folder / "CMakeLists.txt").write_text(f"atelier_layer({layer}\n  SOURCES a.cpp\n  {uses})\n")
        (folder / "a.h").write_text("#pragma once\n")
        header = tmp_path / "include" / "atelier" / layer / "a.h"
        header.parent.mkdir(parents=True)
        header.write_text("#pragma once\n")
    return tmp_path


def check(tree: Path) -> str:
    done = subprocess.run([sys.executable, CHECKER, "--root", tree], capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == (done.stderr == "")
    return done.stderr


def test_what_is_declared_may_be_included_directly_or_through_another(tree: Path) -> None:
    (tree / "src/high/a.cpp").write_text('#include "high/a.h"\n#include "middle/a.h"\n#include "low/a.h"\n#include <map>\n')
    assert check(tree) == ""


@pytest.mark.parametrize("include", ['"aside/a.h"', "<aside/a.h>", '"atelier/aside/a.h"', "<atelier/aside/a.h>"])
@pytest.mark.parametrize("file", ["a.cpp", "b.h", "b.hpp", "b.cc", "b.inc"])
def test_what_is_not_declared_may_not(tree: Path, file: str, include: str) -> None:
    (tree / "src/high" / file).write_text(f"  #  include {include}\n")
    assert f"src/high/{file}: includes" in check(tree) and "does not use aside" in check(tree)


def test_an_include_against_the_direction_is_found_in_public_headers_as_well(tree: Path) -> None:
    (tree / "include/atelier/low/a.h").write_text('#include "atelier/high/a.h"\n')
    assert "include/atelier/low/a.h: includes" in check(tree)


def test_a_way_around_through_the_parent_folder_is_found(tree: Path) -> None:
    (tree / "src/high/a.cpp").write_text('#include "../aside/a.h"\n')
    assert "write the path from src/" in check(tree)


def test_a_folder_without_a_layer_is_found(tree: Path) -> None:
    (tree / "src/extra").mkdir()
    (tree / "src/extra/a.cpp").write_text("\n")
    assert "declares no layer extra" in check(tree)


def test_a_cycle_and_an_unknown_layer_are_found(tree: Path) -> None:
    (tree / "src/low/CMakeLists.txt").write_text("atelier_layer(low SOURCES a.cpp USES high nothing)\n")
    assert "low depends on itself through high, nothing" in check(tree)
    assert "uses nothing, which is no layer" in check(tree)
