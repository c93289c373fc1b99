"""How long `atelier` takes where there are a thousand runs, and for a hundred files, as ratios against kubectl.

usage: command_line.py FOLDER: which has room for a hundred files. KUBECONFIG says which cluster; its namespace "bench"
gets the runs. Each is asked for in turns, so that both meet the same machine. Ends with 1 where one takes too long.
"""
from __future__ import annotations

import json
import pathlib
import re
import statistics
import subprocess
import sys
import time

ATELIER = pathlib.Path("build/release/bin/atelier")
RUNS, FILES, ROUNDS = 1000, 100, 15
NAMESPACE = "bench"
BEYOND_SERVER, LINT = 100, 50  # ms, at most
LIST = f"/apis/atelier.dev/v1alpha1/namespaces/{NAMESPACE}/pipelineruns"


def millis(*command: object) -> float:
    began = time.monotonic()
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
    return 1000 * (time.monotonic() - began)


def server_millis() -> float:
    """What the API server itself takes for the list, until its answer begins."""
    said = subprocess.run(["kubectl", "get", "--raw", LIST, "-v=6"], check=True, capture_output=True, text=True).stderr
    found = re.findall(r"milliseconds=(\d+)", said)
    return float(found[-1])


def compare(what: str, ours: list[object], theirs: list[object]) -> float:
    """Ours."""
    pairs = [(millis(*ours), millis(*theirs)) for _ in range(ROUNDS)]
    our, their = (statistics.median(side) for side in zip(*pairs))
    print(f"{what}: {our:.0f} ms; {' '.join(map(str, theirs[:2]))}: {their:.0f} ms; ratio {our / their:.2f}")
    return our


def run_of(number: int) -> dict[str, object]:
    return {"apiVersion": "atelier.dev/v1alpha1", "kind": "PipelineRun",
            "metadata": {"name": f"listed-{number}", "namespace": NAMESPACE}, "spec": {"pipeline": {"name": "chain-20"}}}


def workspace(number: int) -> dict[str, object]:
    return {"apiVersion": "atelier.dev/v1alpha1", "kind": "Workspace",
            "metadata": {"name": f"ws-{number}", "namespace": NAMESPACE},
            "spec": {"dataDomain": {"name": "dd", "namespace": "bench-storage"}, "dags": {"path": "/dags"},
                     "image": {"repository": "bench/ws", "tag": "1"}}}


def main() -> int:
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    runs = {"apiVersion": "v1", "kind": "List", "items": [run_of(number) for number in range(RUNS)]}
    subprocess.run(["kubectl", "apply", "--server-side", "-f", "-"], input=json.dumps(runs), text=True, check=True,
                   stdout=subprocess.DEVNULL)
    for number in range(FILES):
        (folder / f"{number}.yaml").write_text(json.dumps(workspace(number), indent=1))
    get = compare(f"atelier get of {RUNS} runs", [ATELIER, "get", "-n", NAMESPACE], ["kubectl", "get", "--raw", LIST])
    server = statistics.median(server_millis() for _ in range(ROUNDS))
    print(f"atelier get takes {get - server:.0f} ms beyond the API server's {server:.0f} ms, at most {BEYOND_SERVER}")
    lint = compare(f"atelier lint of {FILES} files", [ATELIER, "lint", folder],
                   ["kubectl", "create", "--dry-run=client", "--validate=false", "-f", folder])
    print(f"atelier lint takes {lint:.0f} ms, at most {LINT}")
    return 0 if get - server <= BEYOND_SERVER and lint <= LINT else 1


if __name__ == "__main__":
    sys.exit(main())
