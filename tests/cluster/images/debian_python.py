"""Python with duckdb, as a data team's image has it: Debian's packages unpacked, the wheel beside them.

Nothing is installed on this machine. The two layers are made once and kept in the cache, under a name that
holds the packages' versions.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import busybox
from image import Image
from layer import Layer, Tree

PACKAGES = """
    python3-minimal python3.11-minimal libpython3.11-minimal libpython3.11-stdlib media-types
    libc6 libgcc-s1 libstdc++6 libssl3 zlib1g libexpat1 libffi8 libbz2-1.0 liblzma5 libsqlite3-0 libuuid1
    libncursesw6 libtinfo6 libreadline8 libcrypt1 libdb5.3 libnsl2 libtirpc3 libgssapi-krb5-2 libkrb5-3
    libk5crypto3 libkrb5support0 libcom-err2 libkeyutils1 tzdata
""".split()
UNUSED = ("usr/share/doc", "usr/share/man", "usr/share/lintian", "usr/share/bug", "usr/share/apport", "usr/share/applications", "usr/share/pixmaps")
PYTHON = "usr/bin/python3.11"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
MULTIARCH = f"{platform.machine()}-linux-gnu"


def image(cache: Path) -> Image:
    packages = candidate_versions()
    python = cached(cache, "python", "\n".join(packages), lambda tree, folder: add_python(tree, folder, packages))
    duckdb = cached(cache, "duckdb", REQUIREMENTS.read_text(), add_wheels)
    return Image(
        [busybox.layer(), python, duckdb],
        command=["tail", "-f", "/dev/null"],
        environment={"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/tmp", "PYTHONUNBUFFERED": "1"},
    )


def cached(cache: Path, name: str, inputs: str, fill: Callable[[Tree, Path], None]) -> Layer:
    """The layer that `fill` makes of these inputs: the file NAME-KEY-DIGEST.tar of the cache, made if it is missing."""
    key = hashlib.sha256(inputs.encode() + b"".join(source.read_bytes() for source in sources())).hexdigest()[:16]
    found = next(cache.glob(f"{name}-{key}-*.tar"), None)
    if found is None:
        cache.mkdir(parents=True, exist_ok=True)
        print(f"  making the {name} layer, once", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            tree, temporary = Tree(), Path(folder, "layer.tar")
            fill(tree, Path(folder))
            with temporary.open("wb") as file:
                tree.write(file)
            with temporary.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            found = temporary.rename(cache / f"{name}-{key}-{digest}.tar")
    digest = found.stem.rsplit("-", 1)[1]
    return Layer("sha256:" + digest, found.stat().st_size, found)


def sources() -> list[Path]:
    return [Path(__file__), Path(__file__).with_name("layer.py")]


def candidate_versions() -> list[str]:
    """The packages as name=version, in the versions that apt would install."""
    policy = run("apt-cache", "policy", *PACKAGES, env={**os.environ, "LC_ALL": "C"})
    found, package = {}, ""
    for line in policy.splitlines():
        if not line.startswith(" "):
            package = line.rstrip(":")
        elif line.strip().startswith("Candidate: ") and "(none)" not in line:
            found[package] = line.split()[1]
    missing = [package for package in PACKAGES if package not in found]
    if missing:
        raise RuntimeError(f"apt does not know {', '.join(missing)}: this needs Debian bookworm, and `apt-get update` once")
    return [f"{package}={found[package]}" for package in PACKAGES]


def add_python(tree: Tree, folder: Path, packages: list[str]) -> None:
    root = folder / "root"
    run("apt-get", "-o", "APT::Sandbox::User=root", "download", *packages, cwd=folder)
    for archive in sorted(folder.glob("*.deb")):
        run("dpkg-deb", "-x", str(archive), str(root))
    for unused in UNUSED:
        shutil.rmtree(root / unused, ignore_errors=True)
    compile_modules(root)
    for entry in sorted(root.iterdir()):
        tree.copy(entry.name, entry)
    tree.link("usr/bin/python", "python3")


def compile_modules(root: Path) -> None:
    """Compiles the modules by the image's own Python, so that a pod with a read-only root starts as fast as others.
    What is compiled names its source's hash, and not its time, so that it is the same whenever it is made."""
    libraries = ":".join(str(root / part) for part in (f"lib/{MULTIARCH}", f"usr/lib/{MULTIARCH}"))
    loader = next((root / "lib").rglob("ld-linux-*.so.*"))
    run(
        str(loader), "--library-path", libraries, str(root / PYTHON), "-S", "-m", "compileall", "-q",
        "--invalidation-mode", "unchecked-hash", "-s", str(root), "-p", "/", str(root / "usr/lib/python3.11"),
        env={"PYTHONHOME": str(root / "usr"), "PYTHONHASHSEED": "0", "PATH": os.environ["PATH"]},
    )  # fmt: skip


def add_wheels(tree: Tree, folder: Path) -> None:
    platforms = [f"--platform=manylinux_2_{minor}_{platform.machine()}" for minor in (17, 26, 27, 28)]
    run(
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--only-binary=:all:",
        "--implementation=cp", "--python-version=3.11", "--abi=cp311", *platforms, f"--requirement={REQUIREMENTS}", f"--dest={folder}",
    )  # fmt: skip
    for wheel in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(wheel) as content:
            content.extractall(folder / "packages")
    tree.copy("usr/lib/python3/dist-packages", folder / "packages")


def run(*command: str, **options) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)[:200]} failed: {(done.stderr or done.stdout).strip()[-1000:]}")
    return done.stdout
