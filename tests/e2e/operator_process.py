"""The operator as it is shipped: its binary, under its role, from outside of the cluster."""
from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

from kube import kubectl, wait_for

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "e2e"


class Operator:
    def __init__(self, stage_image: str, name: str = "operator") -> None:
        self.stage_image = stage_image
        self.kubeconfig = WORK / f"{name}.kubeconfig"
        self.log = WORK / f"{name}.log"
        # The cluster's registry is without TLS, and on loopback.
        self.options = ["--insecure-registry", os.environ["ATELIER_REGISTRY"]]
        self.process: subprocess.Popen[bytes] | None = None
        self.pid = 0

    @staticmethod
    def running(stage_image: str, pid: int) -> Operator:
        """One that another process started and will end."""
        operator = Operator(stage_image)
        operator.pid = pid
        return operator

    def install(self) -> None:
        WORK.mkdir(parents=True, exist_ok=True)
        self.log.write_text("")
        kubectl("apply", "--server-side", "--force-conflicts", "-k", str(ROOT / "crds"))
        crds = kubectl("get", "-k", str(ROOT / "crds"), "-o", "name").stdout.split()
        kubectl("wait", "--for=condition=Established", "--timeout=60s", *crds)
        kubectl("apply", "-f", str(ROOT / "deploy" / "base" / "rbac.yaml"))
        self.take_token()

    def take_token(self) -> None:
        """One of its own, by which the audit log tells it from others."""
        account = [ROOT / "tests" / "cluster" / "kubeconfig_for", "atelier-system", "atelier-operator", self.kubeconfig]
        subprocess.run(account, check=True)

    def start(self) -> None:
        assert self.process or not self.pid, "a test that restarts the operator is marked as alone"
        began = self.log.stat().st_size
        self.launch()
        # A leader that was killed holds its lease for its duration.
        wait_for("the operator leads", lambda: "leading" in self.read(began) or self.died(), 40)

    def launch(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [ROOT / "build" / "release" / "bin" / "atelier-operator", "--kubeconfig", self.kubeconfig,
                 "--stage-image", self.stage_image, "--metrics-bind-address", "127.0.0.1:0",
                 "--health-probe-bind-address", "127.0.0.1:0", *self.options], stdout=log, stderr=log,
                env={**os.environ, "KUBECONFIG": ""})
        self.pid = self.process.pid

    def address(self, what: str) -> str:
        """Where the running process serves "metrics" or "probes"."""
        return re.findall(rf"serving what={what} address=(\S+)", self.read())[-1]

    def read(self, since: int = 0) -> str:
        return self.log.read_bytes()[since:].decode()

    def died(self) -> None:
        """Fails if it did."""
        state = Path(f"/proc/{self.pid}/stat")
        alive = state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z"
        assert alive, f"the operator ended by itself:\n{self.read()[-4000:]}"

    def end(self, by: signal.Signals) -> int:
        assert self.process is not None, "a test that ends the operator is marked as alone"
        self.process.send_signal(by)
        return self.process.wait(20)
