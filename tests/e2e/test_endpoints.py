"""Metrics and probes of the operator, as Prometheus and a kubelet read them."""
from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from kube import apply, wait_for
from operator_process import Operator
from platform_parts import DAG, Domain, image
from prometheus_client.parser import text_string_to_metric_families


def ask(operator: Operator, what: str, path: str, method: str = "GET") -> tuple[int, str]:
    request = urllib.request.Request(f"http://{operator.address(what)}{path}", method=method)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def scraped(operator: Operator) -> str:
    status, text = ask(operator, "metrics", "/metrics")
    assert status == 200
    return text


def total(text: str, metric: str, /, **labels: str) -> float:
    """The sum of the samples with that name and these labels. The parser refuses what is not the format."""
    return sum(sample.value for family in text_string_to_metric_families(text) for sample in family.samples
               if sample.name == metric and labels.items() <= sample.labels.items())


def test_the_probes_say_that_it_is_well_and_ready(operator: Operator) -> None:
    assert ask(operator, "probes", "/healthz") == (200, "ok")
    wait_for("it is ready", lambda: ask(operator, "probes", "/readyz") == (200, "ok"), 20)
    assert ask(operator, "probes", "/readyz?verbose") == (
        200, "[+]synced ok\n[+]leadership ok\n[+]cluster ok\nreadyz check passed\n")


def test_there_is_nothing_else(operator: Operator) -> None:
    assert ask(operator, "probes", "/metrics")[0] == 404
    assert ask(operator, "metrics", "/")[0] == 404
    assert ask(operator, "metrics", "/metrics", "POST")[0] == 405
    assert ask(operator, "metrics", "/metrics", "HEAD") == (200, "")


@pytest.mark.alone
def test_the_metrics_move_with_what_it_does(domain: Domain, operator: Operator) -> None:
    before = scraped(operator)
    image("metrics:1", {"a.py": DAG})
    apply(domain.workspace("ws", "metrics:1"))
    domain.ready("ws")
    after = scraped(operator)

    def grown(metric: str, /, **labels: str) -> float:
        return total(after, metric, **labels) - total(before, metric, **labels)

    assert grown("controller_runtime_reconcile_total", controller="workspace", result="success") >= 2
    assert grown("controller_runtime_reconcile_time_seconds_count", controller="workspace") >= 2
    assert grown("rest_client_requests_total", method="POST", code="201") >= 1  # the publish pod
    assert grown("atelier_request_duration_seconds_count", verb="POST", code="201") >= 1
    assert grown("atelier_reconcile_causes_total", controller="workspace", cause="change") >= 1
    assert grown("atelier_reconcile_causes_total", controller="workspace", cause="answer") >= 1
    assert grown("workqueue_adds_total", name="workspace") >= 2
    assert grown("atelier_writes_total", controller="workspace") >= 2
    assert total(after, "atelier_cache_objects", resource="workspaces") >= 1
    assert grown("process_cpu_seconds_total") >= 0
    assert total(after, "atelier_hottest_key_writes", controller="workspace") >= 2
    assert total(after, "controller_runtime_reconcile_panics_total") == 0
    assert total(after, "leader_election_master_status", name="atelier-operator") == 1
    assert total(after, "process_resident_memory_bytes") > 1_000_000
    assert domain.name not in after  # what tenants name is no label
