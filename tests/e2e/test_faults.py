"""Real faults while mixed pipelines run: nothing is lost, nothing runs twice, and all ends as it does without faults.

A short form is part of the suite. ATELIER_FAULTS=long is the long one, which ./dev soak real plays.
"""
from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import audit
import pytest
from faults import kinds, oracles
from faults.load import PIPELINES, Load, Wave, kind_of
from faults.replicas import Proxy, Replicas
from kube import HELD, wait_for
from operator_process import Operator
from platform_parts import Domain


@dataclass(frozen=True)
class Size:
    times: int  # of each fault; seconds, of a storm
    tasks: int  # at least


LONG = os.environ.get("ATELIER_FAULTS") == "long"
SIZES = {"kills": (Size(4, 8), Size(100, 500)), "rivals": (Size(1, 8), Size(10, 100)),
         "api_server": (Size(1, 8), Size(50, 250)), "node": (Size(1, 8), Size(10, 100)),
         "storm": (Size(8, 8), Size(600, 500))}
AT_WORK = 12 if LONG else 5  # runs, at every fault
QUIET = 3  # seconds without a write
SEED = int(os.environ.get("ATELIER_FAULTS_SEED", "1"))


class Campaign:
    def __init__(self, load: Load, stage_image: str) -> None:
        self.load, self.stage_image = load, stage_image
        self.began = audit.offset()
        self.replicas = Replicas(stage_image)
        self.wanted: dict[str, dict[str, str]] = {}
        self.chance = random.Random(SEED)

    def wave(self, name: str) -> Wave:
        self.since = audit.offset()
        self.processes = self.replicas.made - len(self.replicas.alive)
        return Wave(self.load, name)

    def settle(self, wave: Wave) -> list[dict[str, Any]]:
        """Ends the wave: every run has ended, its pods are let go, and the operators are quiet."""
        runs = wave.finish(60 + wave.tasks)
        wait_for("every pod is let go", lambda: not any(pod["metadata"].get("finalizers") for pod in wave.pods()), HELD)
        offset, since = audit.offset(), time.monotonic()

        def look() -> bool:
            nonlocal offset, since
            if kinds.writes(offset):
                offset, since = audit.offset(), time.monotonic()
            return time.monotonic() - since > QUIET

        wait_for("the operators are quiet", look)
        return runs

    def judge(self, wave: Wave, runs: list[dict[str, Any]]) -> oracles.Seen:
        seen = oracles.Seen(events=list(audit.requests(self.since)), history=list(audit.requests(self.began)), runs=runs,
                            pods=wave.pods(), wanted=self.wanted, kind_of=kind_of, written={},
                            processes=self.replicas.made - self.processes)
        seen.written = self.load.written(set(seen.attempts))
        found = oracles.findings(seen)
        assert not found, "\n".join(found)
        return seen


@pytest.fixture(scope="module")
def campaign(operator: Operator) -> Iterator[Campaign]:
    domain = Domain("m-faults")
    domain.create()
    load = Load(domain)
    load.prepare()
    assert operator.end(signal.SIGTERM) == 0
    made = Campaign(load, operator.stage_image)
    try:
        made.replicas.leader()
        free = made.wave("free")
        free.add(len(SIZES))
        runs = made.settle(free)
        made.wanted = {kind_of(run): {task["name"]: task["state"] for task in run["status"]["tasks"]} for run in runs}
        for kind, spec in PIPELINES.items():
            assert {task["name"] for task in spec["tasks"] + spec["finally"]} <= set(made.wanted[kind])
        made.judge(free, runs)
        yield made
    finally:
        made.replicas.end()
        operator.start()
        load.remove()
        domain.remove()


def kills(campaign: Campaign, wave: Wave, size: Size) -> str:
    crashes = []
    for turn in range(size.times):
        wave.keep(AT_WORK)
        # Each tenth lease runs out; the others are taken away, so that the next one leads at once.
        if turn % 10 == 9:
            crashes.append(kinds.crash_operator(campaign.replicas))
        else:
            kinds.kill_operator(campaign.replicas, campaign.chance)
    waited = f", {len(crashes)} of them until the lease ran out, in at most {max(crashes):.1f} s" if crashes else ""
    return f"{size.times} operators killed{waited}"


def rivals(campaign: Campaign, wave: Wave, size: Size) -> str:
    stops, pauses = [], []
    for _ in range(size.times):
        wave.keep(AT_WORK)
        stops.append(kinds.stop_operator(campaign.replicas))
        wave.keep(AT_WORK)
        pauses.append(kinds.pause_operator(campaign.replicas))
    return (f"{size.times} clean stops and {size.times} leaders paused beyond their lease, fail-overs in at most "
            f"{max(stops):.1f} s and {max(pauses):.1f} s")


def api_server(campaign: Campaign, wave: Wave, size: Size) -> str:
    for turn in range(size.times):
        wave.keep(AT_WORK)
        campaign.replicas.leader()
        kinds.progress(10)
        before = audit.offset()
        kinds.compact_etcd()
        kinds.restart("apiserver")
        if turn % 3 == 2:  # after some in a row these wait up to a minute until they try again
            kinds.restart("scheduler")
            kinds.restart("kubelet")
        wait_for("the operator has listed anew", lambda: any(audit.streamed_lists(before)), 120)
        wave.keep(AT_WORK)
        kinds.progress(5)
    return f"{size.times} API server restarts and etcd compactions, listed anew after each"


def node(campaign: Campaign, wave: Wave, size: Size) -> str:
    for _ in range(size.times):
        for component in ("kubelet", "containerd"):
            wave.keep(AT_WORK)
            kinds.progress(5)
            kinds.restart(component)
    return f"{size.times} kubelet and {size.times} containerd restarts"


def storm(campaign: Campaign, wave: Wave, size: Size) -> str:
    replicas = campaign.replicas
    proxy = Proxy(replicas.leader().kubeconfig)
    replicas.end()
    replicas.proxy = proxy
    try:
        replicas.leader()
        wave.keep(AT_WORK)

        def meanwhile() -> None:
            wave.keep(AT_WORK)
            replicas.tend()

        harmed = kinds.storm(proxy, campaign.chance, size.times, meanwhile)
        assert harmed > size.times, f"only {harmed} requests were harmed"
        asked = int(proxy.tell("count * *")[0])
        assert asked < 100 * size.times, f"{asked} requests in {size.times} s"
    finally:
        replicas.end()
        replicas.proxy = None
        proxy.end()
    replicas.leader()
    return f"{size.times} s of 429, 5xx and lost answers: {harmed} of {asked} requests"


KINDS = {"kills": kills, "rivals": rivals, "api_server": api_server, "node": node, "storm": storm}
WAVES = [[kind] for kind in KINDS] if LONG else [list(KINDS)]


@pytest.mark.alone
@pytest.mark.parametrize("faults", WAVES, ids="-".join)
def test_nothing_is_lost_and_nothing_runs_twice(campaign: Campaign, faults: list[str]) -> None:
    wave = campaign.wave(faults[0].replace("_", "-"))
    began = time.monotonic()
    try:
        wave.add(AT_WORK)
        done = ", ".join(KINDS[kind](campaign, wave, SIZES[kind][LONG]) for kind in faults)
        while wave.tasks < sum(SIZES[kind][LONG].tasks for kind in faults):
            wave.add(AT_WORK)
        seen = campaign.judge(wave, campaign.settle(wave))
    finally:
        wave.remove()
    print(f"{' '.join(faults)}: {done}; {wave.runs} runs, {wave.tasks} tasks, {len(seen.attempts)} attempts, "
          f"{len(seen.events)} requests in {time.monotonic() - began:.0f} s: nothing found")
