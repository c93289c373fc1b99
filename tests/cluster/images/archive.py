"""Writes an image as an OCI archive, which `ctr image import` reads."""

from __future__ import annotations

from pathlib import Path

from image import CONFIG_TYPE, MANIFEST_TYPE, Image, descriptor, encode
from layer import Tree


def write(image: Image, reference: str, out: Path) -> None:
    manifest, config = image.manifest(), image.config()
    listed = descriptor(MANIFEST_TYPE, manifest) | {"annotations": {"io.containerd.image.name": reference}}
    tree = Tree()
    tree.file("oci-layout", encode({"imageLayoutVersion": "1.0.0"}))
    tree.file("index.json", encode({"schemaVersion": 2, "manifests": [listed]}))
    blobs = {layer.digest: layer.content for layer in image.layers}
    blobs[image.digest()] = manifest
    blobs[str(descriptor(CONFIG_TYPE, config)["digest"])] = config
    for digest, content in blobs.items():
        tree.file("blobs/" + digest.replace(":", "/"), content)
    with out.open("wb") as file:
        tree.write(file)
