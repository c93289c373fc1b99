"""Deleted workspaces leave the storage, however many go at a time."""
from __future__ import annotations

from kube import apply, get, kubectl, wait_for
from platform_parts import API, DAG, Domain, image


def test_workspaces_that_are_deleted_shortly_after_each_other_are_all_swept(domain: Domain) -> None:
    image("sweep:1", {"a.py": DAG})
    names = [f"ws-{number}" for number in range(8)]
    apply(*[domain.workspace(name, "sweep:1") for name in names])
    for name in names:
        domain.ready(name)
    kubectl("label", "workspace.atelier.dev", "ws-0", "-n", domain.team, "keep=yes")
    # One request that deletes them within milliseconds of each other.
    kubectl("delete", "--raw", f"/apis/{API}/namespaces/{domain.team}/workspaces?labelSelector=%21keep")
    wait_for("their links are gone", lambda: [path.name for path in domain.dags.iterdir()
                                              if not path.name.startswith(".")] == ["ws-0"], 30)
    status = wait_for("their claims are gone", lambda: (
        lambda found: found if len(found["claims"]) == 1 else None)(get("datadomain.atelier.dev", "dd", domain.storage_namespace)["status"]))
    assert status["claims"][0]["name"] == "ws-0"
    assert (domain.dags / "ws-0/a.py").read_text() == DAG
