from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

sys.path.insert(0, os.path.dirname(__file__))

from operator_process import ROOT, Operator  # noqa: E402
from platform_parts import DAG, Domain, image, repository  # noqa: E402

for needed in ("KUBECONFIG", "ATELIER_REGISTRY", "ATELIER_AUDIT_LOG"):
    if needed not in os.environ:
        sys.exit(f'e2e: {needed} is not set; run ./dev test e2e, or eval "$(tests/cluster/cluster env)" first')


@pytest.fixture(scope="session")
def operator() -> Iterator[Operator]:
    stage = repository("atelier-stage") + ":e2e"
    subprocess.run([sys.executable, ROOT / "tests/cluster/images/build.py", "stage", stage,
                    ROOT / "build/release/bin/atelier-stage"], check=True, capture_output=True)
    running = Operator(stage)
    running.install()
    running.start()
    yield running
    running.died()
    assert running.end(signal.SIGTERM) == 0, running.read()[-4000:]


@pytest.fixture
def domain(operator: Operator, request: pytest.FixtureRequest) -> Iterator[Domain]:
    """A data domain of the test's own."""
    name = re.sub("[^a-z0-9]+", "-", request.node.name.lower()).strip("-")
    made = Domain("e" + name[-40:].lstrip("-"))
    made.create()
    yield made
    operator.died()
    made.remove()


@pytest.fixture(scope="module")
def shared(operator: Operator, request: pytest.FixtureRequest) -> Iterator[Domain]:
    """A data domain of the module, with the workspace "ws" live in it."""
    made = Domain("m-" + request.module.__name__.replace("_", "-"))
    made.create()
    image("ws:1", {"a.py": DAG})
    made.publish("ws", "ws:1")
    yield made
    operator.died()
    made.remove()
