"""What may not have happened, judged by the cluster's audit log, the final state and what the tasks wrote.

Pure: records in, findings out. They are those of the simulator's audit, as far as a real cluster shows them.
"""
from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Object = dict[str, Any]
LABEL = "atelier.dev/"
ENDED = ("Succeeded", "Failed", "Cancelled")
FINAL = (*ENDED, "Skipped")
WRITES = ("create", "update", "patch", "delete")
CREDENTIAL = "authentication.kubernetes.io/credential-id"
# In requests for each pod, and for each process that was an operator. Without faults there are 7.5 for a pod.
FOR_A_POD, FOR_A_PROCESS = 20, 100


@dataclass(frozen=True)
class Attempt:
    run: str
    uid: str
    row: str  # of the run's status
    number: int


@dataclass
class Seen:
    """Of one wave of runs."""
    events: list[Object]  # answered requests of operators
    history: list[Object]  # the same, since the first process was started
    runs: list[Object]  # when all is over
    pods: list[Object]
    written: Mapping[str, list[str]]  # by tasks, by the names of their pods
    wanted: Mapping[str, Mapping[str, str]]  # states that a fault-free run ends with, of each kind of pipeline
    kind_of: Callable[[Object], str]
    processes: int = 1
    attempts: dict[str, Attempt] = field(default_factory=dict)  # by pod name
    harmed: set[str] = field(default_factory=set)  # UIDs of runs with a pod that the node itself started anew or lost

    def __post_init__(self) -> None:
        for event in self.of("create", "pods"):
            self._know(event.get("requestObject", {}))
        for pod in self.pods:
            self._know(pod)
            if is_harmed(pod):
                self.harmed.add(pod["metadata"]["labels"][LABEL + "run-uid"])

    def _know(self, pod: Object) -> None:
        labels = pod.get("metadata", {}).get("labels", {})
        if labels.get(LABEL + "component") == "task":
            item = labels.get(LABEL + "item")
            row = labels[LABEL + "task"] + (f"[{item}]" if item is not None else "")
            self.attempts[pod["metadata"]["name"]] = Attempt(
                labels[LABEL + "run"], labels[LABEL + "run-uid"], row, int(labels[LABEL + "attempt"]))

    def of(self, verb: str, resource: str, subresource: str = "") -> Iterator[Object]:
        for event in self.events:
            about = event.get("objectRef", {})
            if (event["verb"], about.get("resource"), about.get("subresource", "")) == (verb, resource, subresource):
                yield event

    def commits(self, maybe: bool = False) -> dict[str, list[Object]]:
        """Status writes of each run that were taken, in their order; and those that `maybe` were: what a process asked for
        as it was killed is answered with 504, done or not."""
        found = defaultdict(list)
        for event in self.of("patch", "pipelineruns", "status"):
            if code(event) == 200 or (maybe and code(event) >= 500):
                found[event["objectRef"]["name"]].append(event)
        return {run: sorted(events, key=ended) for run, events in found.items()}


def is_harmed(pod: Object) -> bool:
    """When containerd ends while it starts a container, the kubelet does not know whether it ran: it starts it again in the
    same pod, or says that it could not be started. No operator can tell."""
    for container in pod.get("status", {}).get("containerStatuses", []):
        reason = container.get("state", {}).get("terminated", {}).get("reason")
        if container.get("restartCount", 0) > 0 or reason in ("StartError", "ContainerStatusUnknown"):
            return True
    return False


def code(event: Object) -> int:
    return int(event.get("responseStatus", {}).get("code", 0))


def began(event: Object) -> str:
    return str(event["requestReceivedTimestamp"])


def ended(event: Object) -> str:
    return str(event["stageTimestamp"])


def status_of(event: Object) -> Object:
    return event.get("requestObject", {}).get("status", {}) or {}


def name_of(run: Object) -> str:
    return str(run["metadata"]["name"])


class Oracle:
    """What it looks at is counted: one that could not see anything has no word in it."""

    def __init__(self) -> None:
        self.looked = 0
        self.found: list[str] = []

    def expect(self, holds: bool, otherwise: str) -> None:
        self.looked += 1
        if not holds:
            self.found.append(otherwise)


def outcomes(seen: Seen, oracle: Oracle) -> None:
    """Each declared task has exactly one terminal outcome, that of a run without faults."""
    for run in seen.runs:
        status, name, wanted = run.get("status", {}), name_of(run), seen.wanted[seen.kind_of(run)]
        rows = Counter(row["name"] for row in status.get("tasks", []))
        states = {row["name"]: row["state"] for row in status.get("tasks", [])}
        counts = status.get("counts", {})
        for task, state in wanted.items():
            oracle.expect(rows[task] == 1, f"{name}: {task} has {rows[task]} outcomes")
            if run["metadata"]["uid"] in seen.harmed:
                oracle.expect(states.get(task) in FINAL, f"{name}: {task} is {states.get(task)} although the run is over")
            else:
                oracle.expect(states.get(task) == state, f"{name}: {task} is {states.get(task)}, without faults it is {state}")
        oracle.expect(set(rows) <= set(wanted), f"{name} has tasks that were never declared: {set(rows) - set(wanted)}")
        oracle.expect(sum(counts.get(state.lower(), 0) for state in FINAL) == counts.get("total"),
                      f"{name}: its counts do not add up: {counts}")


def terminal_stays(seen: Seen, oracle: Oracle) -> None:
    """What has ended does not begin anew, by the status writes."""
    for run, events in seen.commits().items():
        last: dict[str, str] = {}
        for event in events:
            for row in status_of(event).get("tasks") or []:
                was = last.get(row["name"], "")
                oracle.expect(was not in FINAL or row["state"] == was, f"{run}: {row['name']} was {was}, became {row['state']}")
                last[row["name"]] = row["state"]


def made_once(seen: Seen, oracle: Oracle) -> None:
    """No pod's name is created twice, under whatever UID."""
    made = Counter(event["objectRef"]["name"] for event in seen.of("create", "pods") if code(event) == 201)
    uids = defaultdict(set)
    for pod in seen.pods:
        uids[name_of(pod)].add(pod["metadata"]["uid"])
    for event in seen.of("patch", "pods"):
        for operation in event.get("requestObject") or []:
            if operation["op"] == "test" and operation["path"] == "/metadata/uid" and code(event) == 200:
                uids[event["objectRef"]["name"]].add(operation["value"])
    for name, times in made.items():
        oracle.expect(times == 1, f"the pod {name} was created {times} times")
    for name, several in uids.items():
        oracle.expect(len(several) == 1, f"there were pods of the name {name} with the UIDs {sorted(several)}")


def none_after_the_end(seen: Seen, oracle: Oracle) -> None:
    """No pod is created for a run that is over."""
    over = {run: next((ended(event) for event in events if status_of(event).get("phase") in ENDED), "~")
            for run, events in seen.commits().items()}
    for event in seen.of("create", "pods"):
        attempt = seen.attempts.get(event["objectRef"]["name"])
        if attempt and code(event) == 201:
            at = over.get(attempt.run, "~")
            oracle.expect(began(event) < at, f"{event['objectRef']['name']} was created at {began(event)}, its run ended at {at}")


def holds(row: Object, attempt: Attempt) -> bool:
    """Whether the row of a status says how this attempt ended."""
    number = row.get("attempt", 0)
    return row["name"] == attempt.row and (number > attempt.number or (number == attempt.number and row["state"] != "Running"))


def committed_first(seen: Seen, oracle: Oracle) -> None:
    """The finalizer leaves a pod only after a status write that holds its outcome."""
    commits = seen.commits(maybe=True)
    for event in seen.of("patch", "pods"):
        operations = event.get("requestObject") or []
        name = event["objectRef"]["name"]
        if code(event) != 200 or name not in seen.attempts or not any(one["op"] == "remove" for one in operations):
            continue
        attempt = seen.attempts[name]
        before = [one for one in commits.get(attempt.run, []) if ended(one) <= began(event)]
        oracle.expect(any(holds(row, attempt) for one in before for row in status_of(one).get("tasks") or []),
                      f"{name} was let go at {began(event)}, before its outcome was committed")


def one_writer(seen: Seen, oracle: Oracle) -> None:
    """Each process writes in one stretch, which begins after it has the lease; no two stretches overlap."""
    writes = defaultdict(list)
    leases: dict[str, str] = {}
    for event in seen.history:
        if event["verb"] not in WRITES:
            continue
        who = event["user"].get("extra", {}).get(CREDENTIAL, ["nobody"])[0]
        if event.get("objectRef", {}).get("resource") != "leases":
            writes[who].append(began(event))
        elif code(event) in (200, 201):
            leases[who] = min(leases.get(who, "~"), began(event))
    stretches = sorted((min(times), max(times), who) for who, times in writes.items())
    for first, _, who in stretches:
        oracle.expect(leases.get(who, "~") < first, f"{who} wrote at {first}, without a lease")
    for (_, last, who), (first, _, other) in zip(stretches, stretches[1:]):
        oracle.expect(last < first, f"{other} wrote at {first}, {who} until {last}")
        taken = leases.get(other, "~")
        oracle.expect(last < taken, f"{who} wrote at {last}, after {other} had the lease at {taken}")


def ran_once(seen: Seen, oracle: Oracle) -> None:
    """By the tasks' own word no attempt was started twice, and each success is one attempt's."""
    succeeded = {(run["metadata"]["uid"], row["name"]) for run in seen.runs for row in run.get("status", {}).get("tasks", [])
                 if row["state"] == "Succeeded" and row.get("attempt", 0) > 0 and run["metadata"]["uid"] not in seen.harmed}
    ends = Counter[tuple[str, str]]()
    for pod, words in seen.written.items():
        if seen.attempts[pod].uid in seen.harmed:
            continue
        oracle.expect(words.count("start") == 1, f"{pod} was started {words.count('start')} times")
        ends[(seen.attempts[pod].uid, seen.attempts[pod].row)] += words.count("end")
    for work in succeeded:
        oracle.expect(ends[work] == 1, f"{work[1]} of the run {work[0]} did its work {ends[work]} times")
    for work in set(ends) - succeeded:
        oracle.expect(ends[work] == 0, f"{work[1]} of the run {work[0]} did its work, and its status does not say so")


def pods_are_let_go(seen: Seen, oracle: Oracle) -> None:
    for pod in seen.pods:
        oracle.expect(not pod["metadata"].get("finalizers"), f"{name_of(pod)} still has a finalizer")
        oracle.expect(pod["status"].get("phase") in ENDED, f"{name_of(pod)} still runs")
        uid = pod["metadata"]["labels"][LABEL + "run-uid"]
        oracle.expect(any(run["metadata"]["uid"] == uid for run in seen.runs), f"{name_of(pod)} outlived its run")


def most_are_unharmed(seen: Seen, oracle: Oracle) -> None:
    """What a node did to its containers excuses their runs from some oracles: these have to see the others."""
    if seen.runs:
        oracle.expect(2 * len(seen.harmed) <= len(seen.runs), f"nodes harmed {len(seen.harmed)} of {len(seen.runs)} runs")


def few_requests(seen: Seen, oracle: Oracle) -> None:
    asked = [event for event in seen.events if event["verb"] != "watch" and event.get("objectRef", {}).get("resource") != "leases"]
    most = FOR_A_POD * len(seen.attempts) + FOR_A_PROCESS * seen.processes
    if asked:
        oracle.expect(len(asked) <= most, f"{len(asked)} requests for {len(seen.attempts)} pods and {seen.processes} processes")


ORACLES = (outcomes, terminal_stays, made_once, none_after_the_end, committed_first, one_writer, ran_once, pods_are_let_go,
           most_are_unharmed, few_requests)


def findings(seen: Seen) -> list[str]:
    found = []
    for judge in ORACLES:
        oracle = Oracle()
        judge(seen, oracle)
        found += oracle.found if oracle.looked else [f"{judge.__name__} could not see anything"]
    return found
