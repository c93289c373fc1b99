"""Pushes an image to a registry by the distribution API, over plain HTTP."""

from __future__ import annotations

import http.client
import re
from contextlib import closing
from pathlib import Path

from image import MANIFEST_TYPE, Image
from layer import BadSpec, Layer

LOCAL_NAMES = ("registry.local",)  # a registry's name that the cluster's node looks up in the local one
NAME = re.compile(r"[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*")
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


def split_reference(reference: str, registry: str) -> tuple[str, str, str]:
    """Splits HOST/NAME:TAG, where HOST is the local registry if it is left out and TAG is latest."""
    host, slash, rest = reference.partition("/")
    if not slash or not ("." in host or ":" in host or host == "localhost"):
        host, rest = registry, reference
    name, _, tag = rest.partition(":")
    tag = tag or "latest"
    if host not in (registry, registry.replace("127.0.0.1", "localhost"), *LOCAL_NAMES):
        raise BadSpec(f'"{reference}" is of the registry {host}: only {registry} can be pushed to (or {", ".join(LOCAL_NAMES)}, which the node finds there)')
    if not NAME.fullmatch(name) or not TAG.fullmatch(tag):
        raise BadSpec(f'"{reference}" is not an image reference such as team/image:1')
    return host, name, tag


def push(image: Image, reference: str, registry: str) -> str:
    """Pushes what the registry lacks; returns the reference with the digest."""
    host, name, tag = split_reference(reference, registry)
    with closing(http.client.HTTPConnection(registry, timeout=120)) as connection:
        for blob in [*image.layers, Layer.of(image.config())]:
            push_blob(connection, name, blob)
        manifest = image.manifest()
        answer = call(connection, "PUT", f"/v2/{name}/manifests/{tag}", manifest, {"Content-Type": MANIFEST_TYPE}, expect=(201,))
        if answer.headers["Docker-Content-Digest"] != image.digest():
            raise RuntimeError(f"{registry} stored {reference} under another digest")
    return f"{host}/{name}:{tag}@{image.digest()}"


def push_blob(connection: http.client.HTTPConnection, name: str, blob: Layer) -> None:
    if call(connection, "HEAD", f"/v2/{name}/blobs/{blob.digest}", expect=(200, 404)).status == 200:
        return
    location = call(connection, "POST", f"/v2/{name}/blobs/uploads/", expect=(202,)).headers["Location"]
    location += ("&" if "?" in location else "?") + "digest=" + blob.digest
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(blob.size)}
    if isinstance(blob.content, Path):
        with blob.content.open("rb") as content:
            call(connection, "PUT", location, content, headers, expect=(201,))
    else:
        call(connection, "PUT", location, blob.content, headers, expect=(201,))


def call(connection, method: str, path: str, body=None, headers=None, *, expect: tuple[int, ...]) -> http.client.HTTPResponse:
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status not in expect:
        raise RuntimeError(f"{connection.host}:{connection.port} answered {answer.status} to {method} {path}: {text.decode(errors='replace')[:500]}")
    return answer
