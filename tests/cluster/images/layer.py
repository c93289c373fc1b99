"""Layers of a container image: the same content always gives the same bytes, and so the same digest."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

MTIME = 1704067200  # 2024-01-01, for every file in every image


class BadSpec(ValueError):
    """What the user asked for cannot be put into an image; the message says why."""


@dataclass(frozen=True)
class Layer:
    """An uncompressed tar, in memory or in a file: what it compresses to would depend on the machine."""

    digest: str
    size: int
    content: bytes | Path

    @staticmethod
    def of(content: bytes) -> Layer:
        return Layer("sha256:" + hashlib.sha256(content).hexdigest(), len(content), content)


@dataclass
class Tree:
    """Files, folders and links of a layer by their path in the image, without a leading slash."""

    entries: dict[str, tuple[tarfile.TarInfo, bytes | Path]] = field(default_factory=dict)

    def folder(self, path: str, mode: int = 0o755) -> None:
        self._add(path, tarfile.DIRTYPE, mode)

    def file(self, path: str, content: bytes | Path, mode: int = 0o644) -> None:
        self._add(path, tarfile.REGTYPE, mode, content)

    def link(self, path: str, target: str) -> None:
        self._add(path, tarfile.SYMTYPE, 0o777, link=target)

    def copy(self, path: str, source: Path, mode: int | None = None) -> None:
        """Adds a file, or a folder with all that is in it; `mode` replaces the mode of each file."""
        if source.is_symlink() and not source.exists():
            raise BadSpec(f"{source} is a dangling link")
        if source.is_dir():
            self.folder(path)
            for below, status in walk(source):
                target = f"{path}/{below.relative_to(source)}"
                if stat.S_ISLNK(status.st_mode):
                    self.link(target, os.readlink(below))
                elif stat.S_ISDIR(status.st_mode):
                    self.folder(target, stat.S_IMODE(status.st_mode))
                elif stat.S_ISREG(status.st_mode):
                    self.file(target, below, file_mode(status) if mode is None else mode)
                else:
                    raise BadSpec(f"{below} is neither a file nor a folder nor a link")
        elif source.is_file():
            self.file(path, source, file_mode(source.stat()) if mode is None else mode)
        else:
            raise BadSpec(f"{source} is not a file or folder")

    def _add(self, path: str, kind: bytes, mode: int, content: bytes | Path = b"", link: str = "") -> None:
        parent = os.path.dirname(path)
        if parent and parent not in self.entries:
            self.folder(parent)
        info = tarfile.TarInfo(path)
        info.type, info.mode, info.linkname, info.mtime = kind, mode, link, MTIME
        info.size = content.stat().st_size if isinstance(content, Path) else len(content)
        self.entries[path] = (info, content)

    def write(self, out: io.BufferedIOBase) -> None:
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for _, (info, content) in sorted(self.entries.items()):
                if isinstance(content, Path):
                    with content.open("rb") as data:
                        tar.addfile(info, data)
                else:
                    tar.addfile(info, io.BytesIO(content))

    def layer(self) -> Layer:
        buffer = io.BytesIO()
        self.write(buffer)
        return Layer.of(buffer.getvalue())


def walk(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        status = entry.stat(follow_symlinks=False)
        yield Path(entry.path), status
        if stat.S_ISDIR(status.st_mode):
            yield from walk(Path(entry.path))


def file_mode(status: os.stat_result) -> int:
    """Readable by all, as the user that runs a pod is not the one who made the file; executable if it was."""
    return 0o755 if status.st_mode & stat.S_IXUSR else 0o644


def copied(specs: list[str]) -> Layer:
    """The layer of specs such as /path/in/image=/path/on/host[:mode]."""
    tree = Tree()
    for spec in specs:
        target, equals, source = spec.partition("=")
        if not equals or not source:
            raise BadSpec(f'"{spec}" is not of the form /path/in/image=/path/on/host[:mode]')
        if not target.startswith("/") or ".." in target.split("/") or not target.strip("/"):
            raise BadSpec(f'"{target}" in "{spec}" must be an absolute path, below /, without ".."')
        mode = None
        path, colon, digits = source.rpartition(":")
        if colon and not Path(source).exists():
            if not 3 <= len(digits) <= 4 or not set(digits) <= set("01234567"):
                raise BadSpec(f'"{digits}" in "{spec}" is not an octal mode such as 755')
            source, mode = path, int(digits, 8)
        if not Path(source).exists():
            raise BadSpec(f'"{source}" in "{spec}" does not exist')
        tree.copy(os.path.normpath(target).lstrip("/"), Path(source), mode)
    return tree.layer()
