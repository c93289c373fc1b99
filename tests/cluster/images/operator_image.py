"""The image that is shipped, of a folder that tools/image-root made; Dockerfile says the same for the world."""

from __future__ import annotations

from pathlib import Path

from image import Image
from layer import BadSpec, Tree


def image(folder: Path) -> Image:
    if not (folder / "usr/bin/atelier-operator").is_file():
        raise BadSpec(f"{folder} has no usr/bin/atelier-operator; make it with tools/image-root")
    tree = Tree()
    for entry in sorted(folder.iterdir()):
        tree.copy(entry.name, entry)
    tree.folder("tmp", 0o1777)
    return Image([tree.layer()], entrypoint=["/usr/bin/atelier-operator"], user="65532:65532")
