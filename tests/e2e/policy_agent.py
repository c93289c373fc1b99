"""What enforces NetworkPolicies while a test needs it: kube-router's controller for them, on the node."""
from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from kube import kubectl
from operator_process import ROOT, WORK

PROGRAM = [ROOT / "tests/support/go_program", "--package", "github.com/cloudnativelabs/kube-router/v2/cmd/kube-router",
           ROOT / "tests/e2e/kube_router"]
SERVICES = "10.214.0.0/16"  # of tests/cluster/settings.sh
CHAIN = r"KUBE-(?:ROUTER|NWPLCY|POD-FW)-\S+"


def run(*command: str, stdin: str | None = None) -> str:
    return subprocess.run(command, input=stdin, check=True, capture_output=True, text=True).stdout


def forget() -> None:
    """Takes away what it leaves in the kernel when it ends. Others' rules are not read and written back."""
    rules = run("iptables-save", "--table", "filter")
    chains = re.findall(rf"^:({CHAIN}) ", rules, re.M)
    jumps = re.findall(rf"^-A ((?:INPUT|FORWARD|OUTPUT) .*-j {CHAIN})$", rules, re.M)
    commands = [*(f"-D {jump}" for jump in jumps), *(f"-F {chain}" for chain in chains), *(f"-X {chain}" for chain in chains)]
    run("iptables-restore", "--noflush", stdin="\n".join(["*filter", *commands, "COMMIT", ""]))
    for name in run("ipset", "list", "-name").split():
        if re.match(r"KUBE-(SRC|DST)-|kube-router-", name):
            run("ipset", "destroy", name)


@contextmanager
def enforced() -> Iterator[None]:
    """Begins to; what a test waits for shows that it does."""
    subprocess.run([*PROGRAM, "--version"], check=True, capture_output=True)  # builds it, which may take minutes
    node = kubectl("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}").stdout
    options = {"kubeconfig": os.environ["KUBECONFIG"], "hostname-override": node, "service-cluster-ip-range": SERVICES,
               "run-firewall": "true", "run-router": "false", "run-service-proxy": "false", "enable-cni": "false",
               "health-port": "0", "metrics-port": "0"}
    with (WORK / "kube-router.log").open("wb") as log:
        agent = subprocess.Popen([*PROGRAM, *(f"--{name}={value}" for name, value in options.items())], stdout=log, stderr=log)
        try:
            yield
            assert agent.poll() is None, (WORK / "kube-router.log").read_text()[-4000:]
        finally:
            agent.send_signal(signal.SIGTERM)
            agent.wait(30)
            forget()
