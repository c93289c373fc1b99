"""An image: its layers and how its program starts, as OCI documents."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import dataclass, field

from layer import Layer

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar"
ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}


def encode(document: object) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def descriptor(media_type: str, content: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": "sha256:" + hashlib.sha256(content).hexdigest(), "size": len(content)}


@dataclass
class Image:
    layers: list[Layer]
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    workdir: str = ""
    user: str = ""

    def config(self) -> bytes:
        start = {
            "Entrypoint": self.entrypoint,
            "Cmd": self.command,
            "Env": [f"{name}={value}" for name, value in sorted(self.environment.items())],
            "WorkingDir": self.workdir,
            "User": self.user,
        }
        return encode({
            "architecture": ARCHITECTURE[platform.machine()],
            "os": "linux",
            "config": {name: value for name, value in start.items() if value},
            "rootfs": {"type": "layers", "diff_ids": [layer.digest for layer in self.layers]},
        })

    def manifest(self) -> bytes:
        return encode({
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": descriptor(CONFIG_TYPE, self.config()),
            "layers": [{"mediaType": LAYER_TYPE, "digest": layer.digest, "size": layer.size} for layer in self.layers],
        })

    def digest(self) -> str:
        return "sha256:" + hashlib.sha256(self.manifest()).hexdigest()
