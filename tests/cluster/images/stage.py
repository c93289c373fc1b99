"""The image of atelier-stage: this one static program and a folder for temporary files, nothing else."""

from __future__ import annotations

from pathlib import Path

from busybox import is_dynamic
from image import Image
from layer import BadSpec, Tree


def image(program: Path) -> Image:
    if not program.is_file():
        raise BadSpec(f"{program} does not exist; build it first")
    content = program.read_bytes()
    if not content.startswith(b"\x7fELF") or is_dynamic(content):
        raise BadSpec(f"{program} is not a static program: it could not run in an image without libraries")
    tree = Tree()
    tree.file("atelier-stage", content, 0o755)
    tree.folder("tmp", 0o1777)
    return Image([tree.layer()], entrypoint=["/atelier-stage"])
