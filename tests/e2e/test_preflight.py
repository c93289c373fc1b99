"""What fails before Airflow could see it: the release that was live stays, and the message says why."""
from __future__ import annotations

import json
import subprocess

import audit
import pytest
from airflow_process import installed
from kube import apply, delete, get, listed, wait_condition, wait_for
from operator_process import ROOT
from platform_parts import API, DAG, Domain, image, repository


@pytest.fixture
def since() -> int:
    return audit.offset()


def airflow_dag(dag_id: str) -> str:
    return f"from airflow import DAG\n\nwith DAG(dag_id={dag_id!r}, schedule=None):\n    pass\n"


def live(domain: Domain, name: str) -> dict:
    return get("workspace.atelier.dev", name, domain.team)["status"]["release"]


def claimed(domain: Domain) -> dict[str, str]:
    """The Workspace of each dag_id, as the storage says."""
    folder = domain.folder / ".atelier/dag-ids"
    claims = [json.loads(path.read_text()) for path in folder.iterdir() if not path.name.startswith(".")]
    return {claim["dagId"]: claim["name"] for claim in claims}


def test_python_that_cannot_be_read_leaves_the_last_release_live(domain: Domain, since: int) -> None:
    image("broken:1", {"a.py": DAG})
    image("broken:2", {"a.py": DAG, "sub/b.py": "x = 1\ny = call(\n"})
    domain.publish("ws", "broken:1")
    before = live(domain, "ws")
    apply(domain.workspace("ws", "broken:2"))
    found = domain.not_ready("ws", "PreflightFailed")
    assert "sub/b.py line 2" in found["message"] and "never closed" in found["message"]
    wait_condition("workspace.atelier.dev", "ws", domain.team, "Stalled", status="True", reason="PreflightFailed")
    assert live(domain, "ws") == before
    assert [path.name for path in (domain.dags / "ws").iterdir()] == ["a.py"]
    assert len(audit.pods_created(domain.storage_namespace, since)) == 2, "it is not tried again as it is"
    domain.publish("ws", "broken:1")


def test_a_dag_id_belongs_to_one_workspace_until_that_gives_it_back(domain: Domain) -> None:
    image("ids:1", {"a.py": airflow_dag("orders"), "b.py": airflow_dag("stock")})
    image("ids:2", {"a.py": DAG})
    image("ids:3", {"c.py": airflow_dag("orders")})
    domain.publish("first", "ids:1")
    domain.publish("second", "ids:2")
    assert claimed(domain) == {"orders": "first", "stock": "first"}
    before = live(domain, "second")
    apply(domain.workspace("second", "ids:3"))
    found = domain.not_ready("second", "PreflightFailed")
    assert '"orders"' in found["message"]
    assert f"{domain.team}/first" in found["message"] and f"{domain.team}/second" in found["message"]
    assert live(domain, "second") == before
    assert (domain.dags / "second/a.py").read_text() == DAG

    delete("workspace.atelier.dev", "first", domain.team)
    wait_condition("workspace.atelier.dev", "second", domain.team, "Ready", seconds=180, status="True")
    assert claimed(domain) == {"orders": "second"}
    assert [path.name for path in (domain.dags / "second").iterdir()] == ["c.py"]


@pytest.fixture(scope="module", params=[2, 3])
def airflow(request: pytest.FixtureRequest) -> str:
    """An image with a real Airflow of this major version, such as a domain's own."""
    packages = next((installed(request.param).parents[1] / "lib").glob("python3*/site-packages"))
    name = f"{repository('airflow')}:{request.param}"
    load = [ROOT / "tests" / "cluster" / "cluster", "load", "--base", "python", "--env", "PYTHONPATH=/opt/packages", name,
            f"/opt/packages={packages}"]
    subprocess.run(load, check=True, capture_output=True)
    return name


def ask_airflow(domain: Domain, name: str) -> None:
    spec = get("datadomain.atelier.dev", "dd", domain.storage_namespace)["spec"]
    apply({"apiVersion": API, "kind": "DataDomain", "metadata": {"name": "dd", "namespace": domain.storage_namespace},
           "spec": {**spec, "airflow": {"image": name}}})


def computed(*names: str) -> str:
    """DAGs whose ids no file spells out."""
    return (f"from airflow import DAG\n\nfor name in {names!r}:\n"
            "    globals()[name] = DAG(dag_id=f'load-{name}', schedule=None)\n")


def test_an_id_that_is_computed_belongs_to_one_workspace_too(domain: Domain, airflow: str) -> None:
    ask_airflow(domain, airflow)
    image("computed:1", {"a.py": computed("orders", "stock")})
    image("computed:2", {"c.py": computed("returns")})
    image("computed:3", {"c.py": computed("orders", "returns")})
    domain.publish("first", "computed:1")
    domain.publish("second", "computed:2")
    assert claimed(domain) == {"load-orders": "first", "load-stock": "first", "load-returns": "second"}
    before = live(domain, "second")
    apply(domain.workspace("second", "computed:3"))
    found = domain.not_ready("second", "PreflightFailed")
    assert '"load-orders"' in found["message"] and f"{domain.team}/first" in found["message"]
    assert live(domain, "second") == before
    assert claimed(domain) == {"load-orders": "first", "load-stock": "first", "load-returns": "second"}


def test_what_airflow_cannot_import_leaves_the_last_release_live(domain: Domain, airflow: str, since: int) -> None:
    ask_airflow(domain, airflow)
    image("import:1", {"a.py": computed("orders")})
    image("import:2", {"a.py": computed("orders"), "sub/b.py": "from airflow import DAG\nimport no_such_module\n"})
    image("import:3", {"a.py": "import airflow, os  # dag\nos._exit(0)\n"})
    domain.publish("ws", "import:1")
    before = live(domain, "ws")
    apply(domain.workspace("ws", "import:2"))
    found = domain.not_ready("ws", "PreflightFailed")
    assert "sub/b.py line 2: ModuleNotFoundError: No module named 'no_such_module'" in found["message"]
    assert live(domain, "ws") == before
    assert (domain.dags / "ws/a.py").read_text() == computed("orders")
    assert len(audit.pods_created(domain.storage_namespace, since)) == 2, "it is not tried again as it is"
    apply(domain.workspace("ws", "import:3"))
    wait_for("the answer that is missing", lambda: "ends the interpreter" in domain.not_ready("ws", "PreflightFailed")["message"])
    assert live(domain, "ws")["id"] == before["id"]
    assert claimed(domain) == {"load-orders": "ws"}


def test_a_check_of_the_team_that_fails_is_told_with_what_it_said(domain: Domain, since: int) -> None:
    image("own:1", {"a.py": DAG})
    image("own:2", {"a.py": "print('no owner')\n"})
    lint = {"name": "owner", "command": ["sh", "-c", "grep -q DAG $ATELIER_DAGS/a.py || { echo a.py has no owner; exit 3; }"]}
    dags = {"path": "/dags", "checks": [lint]}
    domain.publish("ws", "own:1", dags=dags)
    before = live(domain, "ws")
    apply(domain.workspace("ws", "own:2", dags=dags))
    found = domain.not_ready("ws", "PreflightFailed")
    assert 'the check "owner"' in found["message"] and "exit code 3" in found["message"]
    assert "a.py has no owner" in found["message"]
    assert live(domain, "ws") == before
    assert len(audit.pods_created(domain.storage_namespace, since)) == 2, "it is not tried again as it is"
    domain.publish("ws", "own:2")


def test_a_check_can_only_look(domain: Domain) -> None:
    image("look:1", {"a.py": DAG})
    inspect = ("test -r $ATELIER_DAGS/a.py || exit 10; echo changed > $ATELIER_DAGS/a.py && exit 11; "
               "touch $ATELIER_DAGS/new.py && exit 12; rm $ATELIER_DAGS/a.py && exit 13; "
               "test -e /var/run/secrets/kubernetes.io && exit 14; test -e /check && exit 15; exit 0")
    # Steps run before it, on the same files, and may change them.
    step = {"name": "add", "command": ["sh", "-c", "echo > /storage/${datadomain}/dags/${workspace}/added.py"]}
    apply(domain.workspace("ws", "look:1", initContainers=[step],
                           dags={"path": "/dags", "checks": [{"name": "inspect", "command": ["sh", "-c", inspect]}]}))
    pod = wait_for("the publish pod", lambda: listed("pods", domain.storage_namespace))[0]
    names = [container["name"] for container in pod["spec"]["initContainers"]]
    assert names == ["tools", "stage", "step-add", "check-inspect", "check"]
    domain.ready("ws")
    assert sorted(path.name for path in (domain.dags / "ws").iterdir()) == ["a.py", "added.py"]
    assert (domain.dags / "ws/a.py").read_text() == DAG


def test_a_secret_that_is_not_there_is_told_of_long_running_containers(domain: Domain) -> None:
    image("secret:1", {"a.py": DAG})
    token = {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "absent", "key": "token"}}}
    loop = {"name": "web", "command": ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1; done"], "env": [token]}
    domain.publish("ws", "secret:1", containers=[loop])
    wait_for("the node's words", lambda: 'secret "absent" not found' in wait_condition(
        "workspace.atelier.dev", "ws", domain.team, "ContainersAvailable", status="False")["message"])
    apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "absent", "namespace": domain.team},
           "stringData": {"token": "t"}})
    wait_condition("workspace.atelier.dev", "ws", domain.team, "ContainersAvailable", seconds=120, status="True")
