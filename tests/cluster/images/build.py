#!/usr/bin/env python3
"""Makes container images without a container engine and pushes them to a registry.

    build.py busybox [TAG] [/path/in/image=/path/on/host[:mode]]...     a shell and small commands
    build.py python [TAG] [/path/in/image=/path/on/host[:mode]]...      the same with Python 3.11 and duckdb
    build.py stage TAG PROGRAM                                          a static program alone
    build.py operator TAG FOLDER                                        what tools/image-root made
    build.py load [--base busybox|python] TAG [SPEC]...                 the first two by another name

Prints the full reference with its digest.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import archive
import busybox
import debian_python
import operator_image
import stage
from image import Image
from layer import BadSpec, copied
from registry import push


def arguments() -> argparse.Namespace:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "atelier", "images")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--registry", metavar="HOST:PORT", default=os.environ.get("ATELIER_REGISTRY", "127.0.0.1:5000"))
    parser.add_argument("--cache", metavar="DIR", type=Path, default=cache, help="where layers that take long to make are kept")
    kinds = parser.add_subparsers(dest="kind", required=True)
    for kind in ("busybox", "python", "load"):
        one = kinds.add_parser(kind, prog="cluster load" if kind == "load" else None)
        if kind == "load":
            one.add_argument("--base", choices=("busybox", "python"), default="busybox")
        one.add_argument("--workdir", metavar="DIR", default="")
        one.add_argument("--env", metavar="NAME=VALUE", action="append", default=[])
        one.add_argument("--user", metavar="UID[:GID]", default="")
        one.add_argument("tag", metavar="TAG")
        one.add_argument("specs", metavar="SPEC", nargs="*", help="/path/in/image=/path/on/host[:mode], a file or a folder")
        one.add_argument("--archive", metavar="FILE", type=Path, help="writes an OCI archive instead of pushing")
        one.add_argument("--cmd", metavar="ARG", nargs=argparse.REMAINDER, help="the image's command: all arguments that follow")
    one = kinds.add_parser("operator")
    one.add_argument("tag", metavar="TAG")
    one.add_argument("folder", metavar="FOLDER", type=Path)
    one.add_argument("--archive", metavar="FILE", type=Path, help="writes an OCI archive instead of pushing")
    one = kinds.add_parser("stage")
    one.add_argument("tag", metavar="TAG")
    one.add_argument("program", metavar="PROGRAM", type=Path)
    one.add_argument("--archive", metavar="FILE", type=Path, help="writes an OCI archive instead of pushing")
    return parser.parse_args()


def made(options: argparse.Namespace) -> Image:
    if options.kind == "stage":
        return stage.image(options.program)
    if options.kind == "operator":
        return operator_image.image(options.folder)
    base = options.base if options.kind == "load" else options.kind
    image = busybox.image() if base == "busybox" else debian_python.image(options.cache)
    if options.specs:
        image.layers.append(copied(options.specs))
    for variable in options.env:
        name, equals, value = variable.partition("=")
        if not name or not equals:
            raise BadSpec(f'"{variable}" is not of the form NAME=VALUE')
        image.environment[name] = value
    image.workdir, image.user = options.workdir, options.user
    if options.cmd:
        image.command = options.cmd
    return image


def main() -> int:
    options = arguments()
    try:
        image = made(options)
        if options.archive:
            archive.write(image, options.tag, options.archive)
            print(f"{options.tag}@{image.digest()}")
        else:
            print(push(image, options.tag, options.registry))
    except BadSpec as error:
        print(f"images: {error}", file=sys.stderr)
        return 2
    except (OSError, RuntimeError) as error:
        print(f"images: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
