"""How long the operator's pod takes from its making until it is Ready, as a ratio against a pod that only sleeps.

usage: pod_ready.py, in the shell of a cluster with a node: eval "$(tests/cluster/cluster env)". Installs the image that
is shipped from deploy/base, ends its pod again and again, and removes it. Each turn makes one pod of either kind. Ends
with 1 where one of ours took too long, or the image is too large.
"""
from __future__ import annotations

import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from in_cluster import overlay, shipped_image  # noqa: E402  # behind the path that it is found by
from kube import kubectl  # noqa: E402
from operator_process import WORK  # noqa: E402

ROUNDS = 9
LONGEST = 5  # s
LARGEST = 60_000_000  # bytes of the image
NAMESPACE = "atelier-system"
SLEEPER = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "sleeper", "namespace": NAMESPACE},
           "spec": {"selector": {"matchLabels": {"app": "sleeper"}}, "template": {
               "metadata": {"labels": {"app": "sleeper"}},
               "spec": {"terminationGracePeriodSeconds": 0, "containers": [
                   {"name": "sleeper", "image": f"{os.environ['ATELIER_REGISTRY']}/busybox:1",
                    "command": ["sleep", "infinity"],
                    "securityContext": {"runAsNonRoot": True, "runAsUser": 65532, "allowPrivilegeEscalation": False,
                                        "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}}}
               ]}}}}


def is_ready(pod: dict[str, Any]) -> bool:
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod["status"].get("conditions", []))


def seconds_to_ready(selector: str) -> float:
    """Deletes the pod, and watches the next one."""
    watch = subprocess.Popen(["kubectl", "get", "pods", "-n", NAMESPACE, "-l", selector, "--watch",
                              "--output-watch-events", "-o", "jsonpath={@}{\"\\n\"}"], stdout=subprocess.PIPE, text=True)
    try:
        assert watch.stdout
        watch.stdout.readline()  # the pod that there is: it watches
        kubectl("delete", "pod", "-n", NAMESPACE, "-l", selector, "--wait=false")
        began: dict[str, float] = {}
        for line in watch.stdout:
            event = json.loads(line)
            name = event["object"]["metadata"]["name"]
            if event["type"] == "ADDED":
                began[name] = time.monotonic()
            if name in began and is_ready(event["object"]):
                return time.monotonic() - began[name]
        raise RuntimeError("the watch has ended")
    finally:
        watch.kill()
        watch.wait()


def main() -> int:
    folder = overlay("bench", "base", shipped_image("bench"))
    kubectl("apply", "--server-side", "-k", folder)
    try:
        kubectl("apply", "-f", "-", stdin=json.dumps(SLEEPER))
        for name in ("atelier-operator", "sleeper"):
            kubectl("rollout", "status", f"deployment/{name}", "-n", NAMESPACE, "--timeout=120s")
        pairs = [(seconds_to_ready("app.kubernetes.io/name=atelier"), seconds_to_ready("app=sleeper"))
                 for _ in range(ROUNDS)]
        ours, theirs = (sorted(side) for side in zip(*pairs))
        print(f"operator's pod made to Ready: {statistics.median(ours):.2f} s, at most {ours[-1]:.2f} s; a pod that sleeps: "
              f"{statistics.median(theirs):.2f} s; ratio {statistics.median(ours) / statistics.median(theirs):.2f} "
              f"(medians of {ROUNDS})")
        size = sum(path.stat().st_size for path in (WORK / "image").rglob("*") if path.is_file() and not path.is_symlink())
        print(f"the image: {size / 1e6:.1f} MB, at most {LARGEST / 1e6:.0f}; ready within {LONGEST} s")
    finally:
        kubectl("delete", "-k", folder, "--wait=false")
    return 0 if ours[-1] <= LONGEST and size <= LARGEST else 1


if __name__ == "__main__":
    sys.exit(main())
