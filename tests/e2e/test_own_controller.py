"""The controller that docs/guides/write-a-controller.md goes through, on a real API server."""
from __future__ import annotations

import datetime
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from kube import apply, delete, get, kubectl, listed, wait_for

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "examples" / "controller" / "expiry.cpp"
NAMESPACE = "own-controller"


def config_map(name: str, expires: str, label: str = "true") -> dict[str, object]:
    metadata = {"name": name, "namespace": NAMESPACE, "labels": {"example.dev/expires": label},
                "annotations": {"example.dev/expires": expires}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}


def at(seconds: int) -> str:
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def controller(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([ROOT / "build" / "release" / "bin" / "expiry"], stdout=log, stderr=log, env=os.environ)
        yield process
        process.kill()
        process.wait()
    delete("namespace", NAMESPACE, wait=False)


def test_it_deletes_what_has_expired_and_nothing_else(controller: subprocess.Popen[bytes]) -> None:
    apply(config_map("past", at(-60)), config_map("soon", at(3)), config_map("later", at(3600)),
          config_map("unlabelled", at(-60), label="no"), config_map("broken", "tomorrow"))
    wait_for("what has expired is gone", lambda: get("configmap", "past", NAMESPACE) is None, 20)
    wait_for("what expires soon is gone", lambda: get("configmap", "soon", NAMESPACE) is None, 20)
    told = wait_for("an event about the broken one",
                    lambda: [e for e in listed("events", NAMESPACE) if e["reason"] == "BadExpiry"], 20)[0]
    assert told["involvedObject"]["name"] == "broken"
    assert told["message"].startswith("metadata.annotations[example.dev/expires]: ")
    kubectl("annotate", "configmap", "broken", "-n", NAMESPACE, "--overwrite", f"example.dev/expires={at(-1)}")
    wait_for("the mended one is gone", lambda: get("configmap", "broken", NAMESPACE) is None, 20)
    assert get("configmap", "later", NAMESPACE) and get("configmap", "unlabelled", NAMESPACE)
    controller.send_signal(signal.SIGTERM)
    assert controller.wait(20) == 0
    assert get("lease", "expiry", "default")["spec"]["holderIdentity"] == ""


def test_the_guide_shows_it_whole_and_it_is_short() -> None:
    source = SOURCE.read_text()
    assert source.count("\n") < 100
    guide = (ROOT / "docs" / "guides" / "write-a-controller.md").read_text()
    shown = re.findall(r"```cpp\n(.*?)```", guide, re.S)
    assert len(shown) >= 4
    for piece in shown:
        assert piece in source, f"the guide shows what the example does not have:\n{piece}"
