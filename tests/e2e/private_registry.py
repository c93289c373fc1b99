"""A registry with TLS and a password, which holds the images of the cluster's own."""
from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

from kube import wait_for
from operator_process import WORK

USER, PASSWORD = "reader", "open-sesame-7"
HTPASSWD = USER + ":$2b$05$abcdefghijklmnopqrstuuYhafDARXY0KToV89BBvM5ig95pRHC2G\n"  # bcrypt of PASSWORD


class PrivateRegistry:
    """Serves the files of the registry of a cluster whose state is in `state`, and lets its node pull from here."""

    def __init__(self, state: Path) -> None:
        self.state, self.folder = state, WORK / "private-registry"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.authority = self.folder / "ca.crt"
        self.node = state / "registries" / self.address
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.certificates()
        (self.folder / "htpasswd").write_text(HTPASSWD)
        settings = {
            "version": "0.1", "log": {"level": "warn", "accesslog": {"disabled": True}},
            "storage": {"filesystem": {"rootdirectory": str(self.state / "registry")}},
            "http": {"addr": self.address, "tls": {"certificate": self.file("registry.crt"), "key": self.file("registry.key")}},
            "auth": {"htpasswd": {"realm": "images", "path": self.file("htpasswd")}}}
        (self.folder / "registry.yaml").write_text(json.dumps(settings))
        self.process = subprocess.Popen(["docker-registry", "serve", self.file("registry.yaml")],
                                        env={**os.environ, "OTEL_TRACES_EXPORTER": "none"})
        wait_for("the private registry listens", self.listens)
        self.node.mkdir(parents=True, exist_ok=True)
        (self.node / "hosts.toml").write_text(
            f'[host."https://{self.address}"]\n  capabilities = ["pull", "resolve"]\n  ca = "{self.authority}"\n')

    def stop(self) -> None:
        shutil.rmtree(self.node, ignore_errors=True)
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)

    def secret(self, name: str, namespace: str, password: str = PASSWORD) -> dict:
        entry = {"auth": base64.b64encode(f"{USER}:{password}".encode()).decode()}
        return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace},
                "type": "kubernetes.io/dockerconfigjson",
                "stringData": {".dockerconfigjson": json.dumps({"auths": {self.address: entry}})}}

    def listens(self) -> bool:
        assert self.process is not None and self.process.poll() is None, "the private registry has ended"
        host, _, port = self.address.partition(":")
        with socket.socket() as probe:
            return probe.connect_ex((host, int(port))) == 0

    def file(self, name: str) -> str:
        return str(self.folder / name)

    def certificates(self) -> None:
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        openssl("req", "-x509", *key, "-days", "30", "-subj", "/CN=images-ca", "-keyout", self.file("ca.key"), "-out",
                self.file("ca.crt"))
        openssl("req", *key, "-subj", "/CN=images", "-keyout", self.file("registry.key"), "-out", self.file("registry.csr"))
        (self.folder / "names").write_text("subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
        openssl("x509", "-req", "-in", self.file("registry.csr"), "-CA", self.file("ca.crt"), "-CAkey", self.file("ca.key"),
                "-CAcreateserial", "-days", "30", "-out", self.file("registry.crt"), "-extfile", self.file("names"))


def openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
