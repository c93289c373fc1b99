"""The Kubernetes client as other projects find it: installed, it is whole, and what the guide writes with it compiles."""
from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / "build" / "release"
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]((?:atelier|base|meta|http|kube)/[^>"]+)[>"]', re.M)


def run(*argv: str | Path, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, check=False, capture_output=True, text=True, **more)  # type: ignore[call-overload]


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prefix")
    done = run("cmake", "--install", BUILD, "--prefix", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_its_headers_need_none_that_are_not_installed(prefix: Path) -> None:
    headers = list((prefix / "include").rglob("*.h"))
    assert {header.parent.name for header in headers} == {"base", "meta", "http", "kube"}
    for header in headers:
        for included in INCLUDE.findall(header.read_text()):
            assert (prefix / "include" / included).is_file(), f"{header.name} includes {included}"


def test_it_says_nothing_of_where_it_was_built(prefix: Path) -> None:
    told = [file for file in (prefix / "lib" / "cmake").rglob("*.cmake") if str(ROOT) in file.read_text()]
    assert told == []


def test_the_controller_of_the_guide_is_built_with_it(prefix: Path, tmp_path: Path) -> None:
    example = shutil.copytree(ROOT / "examples" / "controller", tmp_path / "example")
    options = [f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_CXX_COMPILER=clang++-19", "-G", "Ninja"]
    if shutil.which("ccache"):
        options.append("-DCMAKE_CXX_COMPILER_LAUNCHER=ccache")
    build = tmp_path / "build"
    for command in (("cmake", "-S", example, "-B", build, *options), ("cmake", "--build", build)):
        done = run(*command)
        assert done.returncode == 0, done.stdout + done.stderr
    kubeconfig = tmp_path / "none"
    started = run(build / "expiry", env=os.environ | {"KUBECONFIG": str(kubeconfig)}, timeout=20)
    assert started.returncode == 1
    assert "no way to the API server" in started.stderr
    assert str(kubeconfig) in started.stderr


def test_a_version_that_it_does_not_have_is_refused(prefix: Path, tmp_path: Path) -> None:
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(other LANGUAGES CXX)\nfind_package(atelier_kube 99.0 REQUIRED)\n")
    done = run("cmake", "-S", tmp_path, "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={prefix}", "-G", "Ninja",
               "-DCMAKE_CXX_COMPILER=clang++-19")
    assert done.returncode != 0
    assert "99.0" in done.stderr
