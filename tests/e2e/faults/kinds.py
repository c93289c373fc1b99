"""The faults, each a function by its name. Each sees for itself that it took place."""
from __future__ import annotations

import json
import random
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import audit
from faults.replicas import Proxy, Replica, Replicas
from kube import wait_for
from operator_process import ROOT

CLUSTER = ROOT / "tests" / "cluster" / "cluster"
CRASH, STOP = 25, 3  # seconds that a fail-over may take


def writes(since: int) -> int:
    """Of operators, but for those of leases."""
    return sum(event["verb"] in ("create", "patch", "delete") and event.get("objectRef", {}).get("resource") != "leases"
               for event in audit.requests(since))


def progress(at_least: int, seconds: float = 150) -> None:
    """Waits until operators have written so much more.

    After some restarts of the API server in a row watches wait up to a minute for their next try, also those of kubelet
    and scheduler.
    """
    since = audit.offset()
    wait_for(f"{at_least} writes", lambda: writes(since) >= at_least, seconds)


def successor(replicas: Replicas, former: Replica, seconds: float) -> Replica:
    """That leads in the other's place, after at most so long."""
    def look() -> Replica | None:
        return next((one for one in replicas.alive if one is not former and one.holder()), None)

    found: Replica = wait_for("another operator leads", look, seconds)
    return found


def kill_operator(replicas: Replicas, chance: random.Random) -> None:
    """At a moment that is a number of writes ahead."""
    leader = replicas.leader()
    progress(chance.randint(1, 25))
    replicas.kill(leader, forget=True)
    replicas.tend()


def crash_operator(replicas: Replicas) -> float:
    """The seconds until another leads, which nobody tells that the lease is free."""
    leader = replicas.leader()
    progress(5)
    began = time.monotonic()
    replicas.kill(leader, forget=False)
    successor(replicas, leader, CRASH)
    return time.monotonic() - began


def stop_operator(replicas: Replicas) -> float:
    """The seconds until another leads."""
    leader = replicas.leader()
    progress(5)
    began = time.monotonic()
    assert leader.process is not None
    leader.process.send_signal(signal.SIGTERM)
    successor(replicas, leader, STOP)
    took = time.monotonic() - began
    assert leader.process.wait(20) == 0, leader.read()[-4000:]
    replicas.alive.remove(leader)
    return took


def pause_operator(replicas: Replicas) -> float:
    """Beyond its lease. When it goes on, another writes: it ends, and the audit log says what it did before. The seconds
    until the other leads."""
    leader = replicas.leader()
    progress(5)
    began = time.monotonic()
    assert leader.process is not None
    leader.process.send_signal(signal.SIGSTOP)
    try:
        successor(replicas, leader, CRASH)
        took = time.monotonic() - began
        progress(5)
    finally:
        leader.process.send_signal(signal.SIGCONT)
    wait_for("the one that was paused ends", lambda: leader.code() is not None, 10)
    assert leader.code() in (1, 3), f"{leader.code()}: {leader.read()[-4000:]}"
    replicas.alive.remove(leader)
    return took


def process_of(component: str) -> str:
    done = subprocess.run([CLUSTER, "status"], check=True, capture_output=True, text=True)
    return next(line.split()[2] for line in done.stdout.splitlines() if line.split()[0] == component)


def restart(component: str) -> None:
    before = process_of(component)
    done = subprocess.run([CLUSTER, "restart", component], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert process_of(component) != before


def compact_etcd() -> None:
    """Up to now: whoever asks for what was before has to list anew."""
    status = subprocess.run([CLUSTER, "status"], check=True, capture_output=True, text=True).stdout
    address = next(line.split()[3] for line in status.splitlines() if line.startswith("etcd "))

    def ask(path: str, question: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(f"http://{address}/v3/kv/{path}", json.dumps(question).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)  # type: ignore[no-any-return]

    now = ask("range", {"key": "eA=="})["header"]["revision"]
    ask("compaction", {"revision": now, "physical": True})


# 429 and 5xx in the API server's place, and answers that are lost after the server did what it was asked.
STORM = ("answer 429 1", "answer 500", "answer 503", "answer 504", "cut reset 0")


def storm(proxy: Proxy, chance: random.Random, seconds: float, meanwhile: Callable[[], None]) -> int:
    """Bursts, none as long as the lease. The number of requests that were harmed."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        proxy.tell("rule * * 1 always " + chance.choice(STORM))
        time.sleep(chance.uniform(0.2, 2.5))
        proxy.tell("clear")
        time.sleep(chance.uniform(0.2, 1))
        meanwhile()
    return sum(line.endswith((" answer", " cut")) for line in proxy.tell("log"))
