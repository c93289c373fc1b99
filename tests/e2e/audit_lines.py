"""The lines of the API server's audit log, one event each; of one that is being written a reader sees the beginning."""
from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

EVENT = b'{"kind":"Event","apiVersion":"audit.k8s.io/'


def event_of(line: bytes) -> dict[str, Any]:
    """An API server that was killed while it wrote left the beginning of a line, which the next one's goes on behind."""
    event: dict[str, Any] = json.loads(line[max(line.rfind(EVENT), 0):])
    return event


def whole_lines(log: BinaryIO, since: int = 0) -> Iterator[bytes]:
    """That began at the offset or behind it. One it is in the middle of was being written when somebody asked how large
    the file is, and tells of a request from before; the last line may be half written yet."""
    if since > 0:
        log.seek(since - 1)
        log.readline()
    for line in log:
        if not line.endswith(b"\n"):
            return
        yield line
