"""A real Airflow, installed once into the user's cache, that reads a folder of DAGs."""
from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def installed(version: int = 2) -> Path:
    """The Python that has Airflow of this major version."""
    requirements = Path(__file__).parent / f"airflow-{version}-requirements.txt"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "atelier")
    cache.mkdir(parents=True, exist_ok=True)
    venv = cache / f"airflow-{hashlib.sha256(requirements.read_bytes()).hexdigest()[:16]}"
    python, done = venv / "bin" / "python", venv / "complete"
    with (cache / "airflow.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            print(f"e2e: installing Airflow into {venv}, once", file=sys.stderr, flush=True)
            subprocess.run(["/usr/bin/python3", "-m", "venv", "--clear", venv], check=True)
            pip = [python, "-m", "pip", "install", "-q", "--no-deps", "--disable-pip-version-check", "-r", requirements]
            subprocess.run(pip, check=True)
            done.touch()
    return python


class Airflow:
    def __init__(self, python: Path, home: Path, dags: Path, **environment: str) -> None:
        self.python = python
        self.environment = {
            **os.environ, **environment, "AIRFLOW_HOME": str(home), "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1", "COLUMNS": "200"}
        self.run("db", "migrate")

    def run(self, *arguments: str) -> str:
        done = subprocess.run([self.python, "-m", "airflow", *arguments], env=self.environment, text=True, timeout=240,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        assert done.returncode == 0, f"airflow {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout[-6000:]}"
        return done.stdout

    def table(self, *arguments: str) -> list[dict[str, Any]]:
        """What a list command finds; Airflow prints other lines, too."""
        text = self.run(*arguments, "-o", "json")
        rows = [line for line in text.splitlines() if line.startswith("[") and line.endswith("]")]
        return json.loads(rows[-1]) if rows else []
