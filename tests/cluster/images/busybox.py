"""The base of the cluster's images: a shell and the usual small commands, from Debian's busybox-static."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from image import Image
from layer import BadSpec, Layer, Tree

APPLETS = """
    [ awk base64 basename cat chgrp chmod chown clear cmp cp cut date dd df diff dirname du echo egrep env expr false fgrep
    find free grep gunzip gzip head hostname id ip kill killall ln ls md5sum mkdir mkfifo mktemp more mount mv nc nproc
    nslookup od paste pgrep pidof ping printf ps pwd readlink realpath rm rmdir sed seq sh sha256sum sleep sort split stat
    strings sync tac tail tar tee test timeout top touch tr true tty umount uname uniq unxz unzip uptime usleep vi watch wc
    wget which whoami xargs yes
""".split()
PASSWD = "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"
GROUP = "root:x:0:\nuser:x:1000:\nnogroup:x:65534:\n"


def layer() -> Layer:
    path = shutil.which("busybox")
    if path is None:
        raise BadSpec("there is no busybox on this machine; Debian package: busybox-static")
    busybox = Path(path).resolve()
    offered = subprocess.run([busybox, "--list"], check=True, capture_output=True, text=True).stdout.split()
    if is_dynamic(busybox.read_bytes()):
        raise BadSpec(f"{busybox} is not static; Debian package: busybox-static")
    tree = Tree()
    tree.file("bin/busybox", busybox, 0o755)
    for applet in APPLETS:
        if applet in offered:
            tree.link(f"bin/{applet}", "busybox")
    tree.file("etc/passwd", PASSWD.encode())
    tree.file("etc/group", GROUP.encode())
    tree.folder("root", 0o700)
    tree.folder("tmp", 0o1777)
    return tree.layer()


def is_dynamic(elf: bytes) -> bool:
    """True if a 64-bit little-endian ELF program names an interpreter (PT_INTERP)."""
    start, size, count = (int.from_bytes(elf[at : at + n], "little") for at, n in ((32, 8), (54, 2), (56, 2)))
    return any(int.from_bytes(elf[at : at + 4], "little") == 3 for at in range(start, start + size * count, size))


def image() -> Image:
    return Image([layer()], command=["/bin/tail", "-f", "/dev/null"], environment={"PATH": "/bin"})
