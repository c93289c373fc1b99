"""A cluster whose API server streams no lists: the operator asks for pages, and works as everywhere."""
from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

import audit
from altered_api_server import AlteredApiServer, Answer
from kube import apply, wait_condition
from operator_process import WORK, Operator
from platform_parts import DAG, Domain, image

REFUSAL = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "reason": "Invalid", "code": 422,
           "message": 'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden '
                      'for watch unless the WatchList feature gate is enabled'}


def no_streamed_list(path: str) -> Answer | None:
    return (422, REFUSAL) if "sendInitialEvents=true" in path else None


@pytest.fixture
def paged(operator: Operator) -> Iterator[int]:
    """Where the audit log was when the operator began there."""
    usual = operator.kubeconfig
    server = AlteredApiServer(usual, WORK / "paging.kubeconfig", no_streamed_list)
    operator.end(signal.SIGTERM)
    operator.kubeconfig = WORK / "paging.kubeconfig"
    began = audit.offset()
    operator.start()
    yield began
    operator.end(signal.SIGTERM)
    operator.kubeconfig = usual
    server.stop()
    operator.start()


@pytest.mark.alone
def test_an_api_server_that_streams_no_lists_is_asked_for_pages(paged: int, domain: Domain) -> None:
    image("paged:1", {"a.py": DAG})
    domain.publish("ws", "paged:1")
    apply(domain.pipeline("paged", [{"name": "a", "command": ["true"]}]), domain.run("paged", "paged"))
    wait_condition("pipelinerun.atelier.dev", "paged", domain.team, "Succeeded", 60, status="True")
    watched = {event["objectRef"]["resource"] for event in audit.requests(paged, "ResponseStarted", verb="watch")}
    listed = {event["objectRef"]["resource"] for event in audit.requests(paged, verb="list")
              if event["responseStatus"]["code"] == 200}
    assert {"pods", "workspaces", "pipelineruns"} <= watched <= listed
    assert list(audit.streamed_lists(paged)) == []
