"""Two operators, one of which leads. What ends is replaced, as a Deployment does it."""
from __future__ import annotations

import base64
import json
import re
import signal
import subprocess
from pathlib import Path

from kube import kubectl, wait_for
from operator_process import ROOT, WORK, Operator

LEASE = ("lease", "atelier-operator", "-n", "atelier-system")
LOST = 1  # what an operator ends with that has lost its lease
TOKEN = re.compile(r'token: ([^"}\s]+)')


class Proxy:
    """The fault proxy before the API server; see tests/support/fault_proxy_command.h."""

    def __init__(self, kubeconfig: Path) -> None:
        self.kubeconfig = WORK / "proxy.kubeconfig"
        self.process = subprocess.Popen(
            [ROOT / "build/release/bin/fault-proxy", "--kubeconfig", kubeconfig, "--write-kubeconfig", self.kubeconfig],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._line().startswith("listening ")

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def tell(self, command: str) -> list[str]:
        assert self.process.stdin is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        lines: list[str] = []
        while (line := self._line()) != "ok":
            assert line and not line.startswith("error"), f"the fault proxy: {command}: {line}"
            lines.append(line)
        return lines

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(10)


class Replica(Operator):
    def __init__(self, stage_image: str, number: int, proxy: Proxy | None) -> None:
        super().__init__(stage_image, f"replica-{number}")
        self.log.write_bytes(b"")
        self.take_token()
        token = self._token(self.kubeconfig)
        claims = token.split(".")[1]
        # As the audit log has it of a request with this token.
        self.credential = "JTI=" + json.loads(base64.urlsafe_b64decode(claims + "=="))["jti"]
        if proxy:
            through = proxy.kubeconfig.read_text()
            self.kubeconfig.write_text(through.replace(self._token(proxy.kubeconfig), token))

    @staticmethod
    def _token(kubeconfig: Path) -> str:
        found = TOKEN.search(kubeconfig.read_text())
        assert found, kubeconfig
        return found[1]

    def code(self) -> int | None:
        assert self.process is not None
        return self.process.poll()

    def holder(self) -> str:
        """The identity that it leads under; empty: it does not."""
        found = re.search(r" leading identity=(\S+)", self.read())
        return found[1] if found and self.code() is None else ""


class Replicas:
    def __init__(self, stage_image: str, proxy: Proxy | None = None) -> None:
        self.stage_image, self.proxy = stage_image, proxy
        self.alive: list[Replica] = []
        self.made = 0  # processes

    def tend(self) -> None:
        """Two are at work. An end that is no loss of the lease is a crash."""
        for one in list(self.alive):
            code = one.code()
            if code is not None:
                assert code == LOST, f"{one.log.name} ended with {code}:\n{one.read()[-4000:]}"
                self.alive.remove(one)
        while len(self.alive) < 2:
            self.made += 1
            one = Replica(self.stage_image, self.made, self.proxy)
            one.launch()
            self.alive.append(one)

    def leader(self, seconds: float = 40) -> Replica:
        def look() -> Replica | None:
            self.tend()
            return next((one for one in self.alive if one.holder()), None)

        found: Replica = wait_for("an operator leads", look, seconds)
        return found

    def kill(self, leader: Replica, forget: bool) -> None:
        """kill -9. `forget`: its lease is taken from it, so that the next one leads before what it sent is settled."""
        holder = leader.holder()
        leader.end(signal.SIGKILL)
        self.alive.remove(leader)
        if forget:
            kubectl("patch", *LEASE, "--type=json", "-p", json.dumps(
                [{"op": "test", "path": "/spec/holderIdentity", "value": holder},
                 {"op": "replace", "path": "/spec/holderIdentity", "value": ""}]))

    def end(self) -> None:
        codes = {one.log.name: one.end(signal.SIGTERM) for one in self.alive}
        self.alive.clear()
        assert set(codes.values()) <= {0, LOST}, codes
