"""The chart, the guides and the programs say one and the same oldest Kubernetes."""
from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
HEADER = "include/atelier/kube/oldest_version.h"


def oldest() -> str:
    found = re.search(r"kOldestMinor = (\d+);", (ROOT / HEADER).read_text())
    assert found is not None
    return f"1.{found[1]}"


def test_the_chart() -> None:
    chart = yaml.safe_load((ROOT / "helm/atelier/Chart.yaml").read_text())
    assert chart["kubeVersion"] == f">={oldest()}.0-0"


@pytest.mark.parametrize("page", ["docs/guides/install.md", "docs/guides/approvals.md"])
def test_the_guides(page: str) -> None:
    said = re.findall(r"Kubernetes (\d\.\d+)", (ROOT / page).read_text())
    assert said and set(said) == {oldest()}


@pytest.mark.parametrize("folder", ["src", "deploy", "helm"])
def test_what_people_read_names_no_version_of_its_own(folder: str) -> None:
    words = re.compile(r"^[^/\n]*(?<!since )Kubernetes \d\.\d+", re.MULTILINE)  # in code no comment
    for file in (ROOT / folder).rglob("*"):
        if file.is_file() and file.suffix in (".cpp", ".h", ".yaml", ".txt"):
            assert words.findall(file.read_text()) == [], file
