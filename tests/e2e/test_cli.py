"""The command line against a real cluster, as the people do who use it."""
from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kube import apply, get, kubectl, listed, wait_for
from operator_process import ROOT, WORK
from platform_parts import DAG, Domain, image
from test_approval_policy import RBAC
from test_approval_run import policy  # noqa: F401 (a fixture)
from test_run import finished, sh
from test_run_control import RUN, UNTIL_ENDED, running

ATELIER = ROOT / "build" / "release" / "bin" / "atelier"
HOSTILE = r"printf '\033[2J\033]0;owned\007bad\302\2332K\n'; exit 1"


def kubeconfig_of(user: str) -> Path:
    """The session's kubeconfig, with everything asked for in the user's name."""
    config = json.loads(kubectl("config", "view", "--raw", "--flatten", "--minify", "-o", "json").stdout)
    config["users"][0]["user"]["as"] = user
    path = WORK / f"{user}.kubeconfig"
    path.touch(mode=0o600)
    path.write_text(json.dumps(config))
    return path


class Cli:
    def __init__(self, namespace: str, user: str = "") -> None:
        self.place = ["-n", namespace]
        self.environment = {**os.environ, **({"KUBECONFIG": str(kubeconfig_of(user))} if user else {})}

    def command(self, verb: str, *arguments: str) -> list[str]:
        return [str(ATELIER), verb, *arguments, *self.place]

    def run(self, verb: str, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(self.command(verb, *arguments), capture_output=True, text=True, check=False, timeout=180,
                              env=self.environment)
        assert done.returncode == code, f"atelier {verb} {arguments} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        assert "\x1b" not in done.stdout + done.stderr and "\x9b" not in done.stdout + done.stderr
        return done

    def out(self, verb: str, *arguments: str) -> str:
        return self.run(verb, *arguments).stdout

    def error(self, verb: str, *arguments: str, code: int = 1) -> str:
        done = self.run(verb, *arguments, code=code)
        assert done.stdout == ""
        assert done.stderr.startswith("atelier: ") or code == 2
        return done.stderr


@pytest.fixture(scope="module")
def cli(shared: Domain) -> Cli:
    return Cli(shared.team)


@pytest.fixture(scope="module")
def people(shared: Domain) -> Iterator[dict[str, Cli]]:
    """alice and bob may use everything of the team; mallory nothing."""
    place = {"name": "cli-people", "namespace": shared.team}
    rules = [{"apiGroups": ["atelier.dev"], "resources": ["approvals", "pipelineruns", "pipelines", "workspaces"],
              "verbs": ["get", "list", "watch", "create", "patch", "approve"]}]
    apply({"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": place, "rules": rules},
          {"apiVersion": f"{RBAC}/v1", "kind": "RoleBinding", "metadata": place,
           "subjects": [{"kind": "User", "name": user, "apiGroup": RBAC} for user in ("alice", "bob")],
           "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": "cli-people"}})
    yield {user: Cli(shared.team, user) for user in ("alice", "bob", "mallory")}


def test_a_run_is_started_followed_and_looked_at(shared: Domain, cli: Cli) -> None:
    apply(shared.pipeline("cli-good", [sh("extract", "echo hello ${params.day}"), sh("load", "echo done", ["extract"])],
                          params=[{"name": "day"}]))
    wait_for("the pipeline is ready", lambda: "True" in cli.out("get", "pipeline", "cli-good"))
    done = cli.run("run", "cli-good", "-p", "day=monday", "--wait", "--timeout", "2m")
    name = done.stdout.strip()
    assert f"{name}: Succeeded\n" in done.stderr and "extract: Succeeded\n" in done.stderr
    assert "2/2" in next(line for line in cli.out("get").splitlines() if line.startswith(name))
    assert json.loads(cli.out("get", "run", name, "-o", "json"))["status"]["phase"] == "Succeeded"
    assert f"pipelinerun.atelier.dev/{name}\n" in cli.out("get", "runs", "-o", "name")
    assert name in cli.out("get", "runs", "-A")
    assert cli.out("logs", name) == "extract | hello monday\nload | done\n"
    assert cli.out("logs", name, "load") == "done\n"
    assert "day=monday" in cli.out("describe", "run", name)
    assert f"Run {name} succeeded" in cli.out("why", name)
    assert "●  extract  Succeeded\n●  load  Succeeded\n" == cli.out("graph", name)
    assert '"extract" -> "load"' in cli.out("graph", "cli-good", "-o", "dot")
    assert "is ready" in cli.out("why", "workspace", "ws")
    for kind in ("workspaces", "approvals", "datadomains", "businessdomains"):
        cli.run("get", kind)


def test_what_a_task_writes_cannot_touch_the_terminal(shared: Domain, cli: Cli) -> None:
    apply(shared.pipeline("cli-bad", [sh("good", "true"), sh("evil", HOSTILE, ["good"]), sh("after", "true", ["evil"])]))
    done = cli.run("run", "cli-bad", "--wait", code=1)
    name = done.stdout.strip()
    assert f"Next: atelier logs {name} evil -n {shared.team}\n" in done.stderr
    assert cli.out("logs", name, "evil") == "\\x1b[2J\\x1b]0;owned\\x07bad\\u009b2K\n"
    why = cli.out("why", name)
    assert "task evil failed" in why and "TaskFailed" in why and "did not run because of how others ended" in why
    assert "PredecessorFailed" in cli.out("why", name, "after")
    for arguments in (("describe", "run", name), ("get", "runs", "-o", "wide"), ("get", "run", name, "-o", "yaml"),
                      ("get", "run", name, "-o", "json")):
        cli.run(*arguments)
    assert "is over (Failed)" in cli.error("cancel", name)

    again = cli.out("retry", name).strip()
    assert (get(RUN, again, shared.team) or {})["spec"]["retryOf"]["name"] == name
    status = finished(shared, again)
    assert next(task["reason"] for task in status["tasks"] if task["name"] == "good") == "TakenOver"


def test_output_is_followed_across_attempts(shared: Domain, cli: Cli) -> None:
    flaky = sh("flaky", "echo try $ATELIER_ATTEMPT; sleep 1; test $ATELIER_ATTEMPT = 2",
               retry={"limit": 1, "backoff": {"initial": "1s"}})
    apply(shared.pipeline("cli-flaky", [flaky, sh("next", "echo next", ["flaky"])]))
    name = cli.out("run", "cli-flaky").strip()
    assert cli.out("logs", name, "-f").splitlines() == ["flaky | try 1", "flaky#2 | try 2", "next | next"]


def test_a_run_is_suspended_resumed_and_cancelled(shared: Domain, cli: Cli) -> None:
    apply(shared.pipeline("cli-long", [sh("long", UNTIL_ENDED)]))
    name = cli.out("run", "cli-long", "--name", "cli-long").strip()
    assert name == "cli-long"
    running(shared, name, "long")
    assert "is suspended:" in cli.out("suspend", name)
    wait_for("it is said that it is", lambda: "Suspended" in cli.out("get", "run", name))
    assert "atelier resume cli-long" in cli.out("why", name)
    assert "goes on" in cli.out("resume", name)
    assert "still under way after 1s" in cli.run("run", "cli-long", "--wait", "--timeout", "1s", code=1).stderr
    assert "is cancelled" in cli.out("cancel", name, "-m", "enough")
    status = finished(shared, name)
    assert status["phase"] == "Cancelled"
    for other in listed("pipelineruns.atelier.dev", shared.team):
        if other["spec"]["pipeline"]["name"] == "cli-long" and other["metadata"]["name"] != name:
            cli.run("cancel", other["metadata"]["name"], "--no-finally")


def test_what_a_pod_waits_for_is_told_from_its_events(shared: Domain, cli: Cli) -> None:
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "not-there"}}
    apply(shared.pipeline("cli-stuck", [sh("only", "true", volumeMounts=[{"name": "data", "mountPath": "/data"}])],
                          volumes=[volume]))
    name = cli.out("run", "cli-stuck").strip()
    wait_for("the scheduler has said so", lambda: "not-there" in cli.out("why", name))
    assert "task only is not started" in cli.out("why", name)
    cli.run("cancel", name)


def test_a_task_that_status_has_no_room_for_is_told_of_all_the_same(shared: Domain, cli: Cli) -> None:
    apply(shared.pipeline("cli-many", [sh("load", UNTIL_ENDED, forEach={"in": "lists.range(100)", "maxParallel": 1}),
                                       sh("report", "true", ["load"])]))
    name = cli.out("run", "cli-many").strip()
    wait_for("an item runs", lambda: any(one["name"] == "load[0]" and one["state"] == "Running" and not one.get("reason")
                                         for one in get(RUN, name, shared.team)["status"].get("tasks", [])))
    told = {one["name"] for one in get(RUN, name, shared.team)["status"]["tasks"]}
    assert len(told) == 64 and "load[99]" not in told and "report" not in told
    assert "waits for a place: forEach.maxParallel is 1" in cli.out("why", name, "load[99]")
    assert "waits for load, which runs: 0 of 100 items succeeded" in cli.out("why", name, "report")
    assert "has no task" in cli.error("why", name, "load[100]")
    cli.run("cancel", name)


def test_an_approval_is_given_by_somebody_else(shared: Domain, people: dict[str, Cli], policy: None) -> None:  # noqa: F811
    apply(shared.pipeline("cli-release", [{"name": "release", "approval": {"count": 1}}, sh("deploy", "true", ["release"])]))
    name = people["alice"].out("run", "cli-release").strip()
    wait_for("it waits", lambda: "waits for people" in people["bob"].out("why", name))
    assert "your own word does not count" in people["alice"].error("approve", name, "release")
    assert "people approve" in people["bob"].error("approve", name, "deploy")
    assert people["bob"].out("approve", name, "release", "-m", "seen") == f"release of run {name} is approved by bob\n"
    assert finished(shared, name)["phase"] == "Succeeded"
    assert "bob" in people["alice"].out("get", "approvals")


def test_a_workspace_goes_back_to_a_release(domain: Domain) -> None:
    cli = Cli(domain.team)
    image("cli-back:1", {"a.py": DAG})
    domain.publish("ws", "cli-back:1")
    image("cli-back:2", {"b.py": DAG})
    domain.publish("ws", "cli-back:2")
    rows = cli.out("rollback", "ws").splitlines()[1:]
    assert ["live" in row for row in rows] == [True, False]
    first = rows[1].split()[0]
    assert "--unpin" in cli.out("rollback", "ws", first)
    wait_for("the first release", lambda: os.listdir(domain.dags / "ws") == ["a.py"])
    assert "there are" in cli.error("rollback", "ws", "0" * 12)
    cli.error("rollback", "ws", "../../etc", code=2)
    cli.run("rollback", "ws", "--unpin")
    wait_for("the second release", lambda: os.listdir(domain.dags / "ws") == ["b.py"])


def test_names_and_parameters_that_are_wrong_change_nothing(shared: Domain, cli: Cli) -> None:
    apply(shared.pipeline("cli-params", [sh("only", "true")], params=[{"name": "n", "type": "int"}]))
    assert "there is no run \"nope\"" in cli.error("get", "run", "nope")
    assert "there is no pipeline \"nope\"" in cli.error("run", "nope")
    assert "there is no kind \"pods\"" in cli.error("get", "pods", code=2)
    assert "the Pipeline has no such parameter" in cli.error("run", "cli-params", "-p", "n=1", "-p", "m=1", code=2)
    assert "should be an int" in cli.error("run", "cli-params", "-p", "n=five", code=2)
    assert "needs a value" in cli.error("run", "cli-params", code=2)
    cli.error("run", "cli-params", "-p", "n=1", "--name", "../x", code=2)
    made = [one for one in listed("pipelineruns.atelier.dev", shared.team) if one["spec"]["pipeline"]["name"] == "cli-params"]
    assert made == []


def test_who_may_nothing_is_told_whom_to_ask(people: dict[str, Cli]) -> None:
    for arguments in (("get",), ("run", "cli-good"), ("logs", "x"), ("rollback", "ws")):
        said = people["mallory"].error(*arguments)
        assert "forbidden" in said and "atelier doctor" in said
    done = people["mallory"].run("doctor", code=1)
    assert "!! you may not look at runs" in done.stdout and "spec.access.viewers" in done.stdout
    assert "?? you may not look at the operator's lease" in done.stdout


def test_the_doctor_finds_a_platform_well(cli: Cli) -> None:
    done = subprocess.run(cli.command("doctor"), capture_output=True, text=True, check=False, timeout=60)
    lines: list[Any] = done.stdout.splitlines()
    for words in ("OK Kubernetes v1.", "OK all kinds of atelier.dev/v1alpha1 are installed",
                  "OK they have every field", "OK you may look at runs", "OK you may start and change",
                  "OK the operator runs: "):
        assert any(line.startswith(words) for line in lines), f"{words}\n{done.stdout}{done.stderr}"
    assert done.returncode == (1 if any(line.startswith("!!") for line in lines) else 0)


def test_without_a_cluster_it_says_where_it_looked() -> None:
    done = subprocess.run([ATELIER, "get", "--kubeconfig", "/nowhere"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "/nowhere" in done.stderr and done.stdout == ""
