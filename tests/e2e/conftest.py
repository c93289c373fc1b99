from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

sys.path.insert(0, os.path.dirname(__file__))

from operator_process import ROOT, Operator  # noqa: E402
from platform_parts import DAG, Domain, image, repository  # noqa: E402

for needed in ("KUBECONFIG", "ATELIER_REGISTRY", "ATELIER_AUDIT_LOG"):
    if needed not in os.environ:
        sys.exit(f'e2e: {needed} is not set; run ./dev test e2e, or eval "$(tests/cluster/cluster env)" first')


STAGE = repository("atelier-stage") + ":e2e"


@contextmanager
def installed() -> Iterator[Operator]:
    subprocess.run([sys.executable, ROOT / "tests/cluster/images/build.py", "stage", STAGE,
                    ROOT / "build/release/bin/atelier-stage"], check=True, capture_output=True)
    operator = Operator(STAGE)
    operator.install()
    operator.start()
    yield operator
    operator.died()
    assert operator.end(signal.SIGTERM) == 0, operator.read()[-4000:]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "alone: ends the operator, counts what it does, or changes what all others need")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Several processes run tests (pytest -n): they share the operator of the one that started them."""
    if not hasattr(node.config, "operator"):
        context = installed()
        node.config.operator = context.__enter__()
        node.config.add_cleanup(lambda: context.__exit__(None, None, None))
    node.workerinput["operator"] = node.config.operator.pid


@pytest.fixture(scope="session")
def operator(request: pytest.FixtureRequest) -> Iterator[Operator]:
    shared = getattr(request.config, "workerinput", None)
    if shared:
        yield Operator.running(STAGE, shared["operator"])
        return
    with installed() as own:
        yield own


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
