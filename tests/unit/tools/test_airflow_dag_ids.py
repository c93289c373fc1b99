"""The program that runs in a domain's Airflow writes what Airflow finds, whatever the DAG files do."""
from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[3] / "src" / "render" / "airflow_dag_ids.py"
# As much of Airflow as the program asks for: files are run, `found` and `raise` are what they do.
BAG = """
import os, traceback, types
class DagBag:
    def __init__(self, dag_folder, include_examples):
        assert include_examples is False
        self.dags, self.import_errors = {}, {}
        for name in sorted(os.listdir(dag_folder)):
            path = os.path.join(dag_folder, name)
            ids = []
            try:
                exec(compile(open(path).read(), path, "exec"), {"found": ids.append})
            except Exception:
                self.import_errors[path] = traceback.format_exc()
            for key in ids:
                self.dags[key] = types.SimpleNamespace(fileloc=path)
"""


@pytest.fixture(params=["dag_processing", "models"])
def packages(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An Airflow of version 3, and one of version 2."""
    folder = tmp_path / "packages" / "airflow" / request.param
    folder.mkdir(parents=True)
    for package in (folder, folder.parent):
        (package / "__init__.py").touch()
    (folder / "dagbag.py").write_text(BAG)
    return folder.parent.parent


def answer(packages: Path, tmp_path: Path, files: dict[str, str]) -> dict[str, list[dict[str, str]]]:
    folder, out = tmp_path / "dags" / "ws", tmp_path / "out"
    for place in (folder, out):
        place.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    # As the pod runs it: the text is an argument.
    done = subprocess.run([sys.executable, "-c", PROGRAM.read_text(), folder, out / "found.json"], cwd=tmp_path, check=False,
                          env={"PYTHONPATH": str(packages)}, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in out.iterdir()] == ["found.json"]
    text = (out / "found.json").read_text()
    assert len(text.encode()) <= 1 << 20
    return json.loads(text)


def test_ids_are_found_however_they_are_made(packages: Path, tmp_path: Path) -> None:
    files = {"a.py": "for n in 'xy':\n    found(f'load-{n}')\n", "b.py": "found('b\u00e4')\n"}
    assert answer(packages, tmp_path, files) == {"errors": [], "dags": [
        {"id": "b\u00e4", "file": "b.py"}, {"id": "load-x", "file": "a.py"}, {"id": "load-y", "file": "a.py"}]}


def test_an_import_error_names_the_file_the_line_and_the_last_words(packages: Path, tmp_path: Path) -> None:
    found = answer(packages, tmp_path, {"a.py": "found('a')\n", "b.py": "x = 1\nraise KeyError('secret\u001b')\n"})
    assert [dag["id"] for dag in found["dags"]] == ["a"]
    assert found["errors"] == [{"file": "b.py", "message": "line 2: KeyError: 'secret\\x1b'"}]


def test_a_file_that_ends_the_interpreter_is_named(packages: Path, tmp_path: Path) -> None:
    found = answer(packages, tmp_path, {"a.py": "found('a')\n", "b.py": "import sys\nsys.exit(0)\n"})
    assert found == {"dags": [], "errors": [{"file": "b.py", "message": "line 2: SystemExit: 0"}]}


def test_files_import_what_is_beside_the_workspaces(packages: Path, tmp_path: Path) -> None:
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "shared.py").write_text("name = 'shared'\n")
    found = answer(packages, tmp_path, {"a.py": "import shared\nfound(shared.name)\n"})
    assert [dag["id"] for dag in found["dags"]] == ["shared"]


def test_what_is_found_is_bounded_and_stays_json(packages: Path, tmp_path: Path) -> None:
    found = answer(packages, tmp_path, {"a.py": "for n in range(5000):\n    found('%04d' % n)\n",
                                        "b.py": "raise ValueError('m' * 9000)\n"})
    assert len(found["dags"]) == 1001
    assert len(found["errors"][0]["message"]) == 300


def test_what_is_too_much_fails_and_is_not_cut(packages: Path, tmp_path: Path) -> None:
    found = answer(packages, tmp_path, {"a.py": "for n in range(1001):\n    found('%04d' % n + 'x' * 2000)\n"})
    assert found["dags"] == []
    assert "more than 1048576 bytes" in found["errors"][0]["message"]


def test_what_is_no_text_is_written_as_some(packages: Path, tmp_path: Path) -> None:
    found = answer(packages, tmp_path, {"a.py": "found('\\udcff')\n"})
    assert found["dags"] == [{"id": "?", "file": "a.py"}]


def test_without_airflow_nothing_is_written(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM.read_text(), tmp_path, tmp_path / "found.json"], check=False,
                          env={}, text=True, capture_output=True)
    assert done.returncode != 0
    assert "No module named 'airflow'" in done.stderr
    assert not list(tmp_path.iterdir())
