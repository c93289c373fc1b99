"""The cluster's API server, but for some answers: as an older one would give them, or one that lacks something."""
from __future__ import annotations

import base64
import contextlib
import http.client
import http.server
import json
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

Answer = tuple[int, Any]  # status and document
# Of one connection alone.
OWN = {"connection", "content-length", "date", "host", "server", "transfer-encoding"}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        answer = self.server.alter(self.path)
        if answer is None:
            return self.forward()
        self.begin(answer[0], [("Content-Type", "application/json")])
        self.chunk(json.dumps(answer[1]).encode())
        self.chunk(b"")

    def forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in OWN}
        with contextlib.closing(self.server.connect()) as behind:
            behind.request(self.command, self.path, body, headers)
            answer = behind.getresponse()
            self.begin(answer.status, [pair for pair in answer.getheaders() if pair[0].lower() not in OWN])
            while part := answer.read1(65536):  # a watch's events as they come
                self.chunk(part)
            self.chunk(b"")

    do_POST = do_PATCH = do_PUT = do_DELETE = forward

    def begin(self, status: int, headers: list[tuple[str, str]]) -> None:
        self.send_response(status)
        for name, value in [*headers, ("Transfer-Encoding", "chunked")]:
            self.send_header(name, value)
        self.end_headers()

    def chunk(self, part: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))


class Forwarding(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64  # connections that come at once

    def __init__(self, server: str, authority: str, alter: Callable[[str], Answer | None]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.alter = alter
        self.place = urlsplit(server)
        self.tls = ssl.create_default_context(cadata=authority)

    def connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(self.place.hostname, self.place.port, context=self.tls)

    def handle_error(self, *_: object) -> None:  # a client that has gone
        pass


class AlteredApiServer:
    """On loopback, without TLS. `kubeconfig` leads to the cluster; `own` is written: the same user, and this server.

    `alter` has the answer to a GET of a path, or None: then the cluster's is given.
    """

    def __init__(self, kubeconfig: Path, own: Path, alter: Callable[[str], Answer | None]) -> None:
        config = yaml.safe_load(kubeconfig.read_text())
        cluster = config["clusters"][0]["cluster"]
        self.server = Forwarding(cluster["server"], base64.b64decode(cluster["certificate-authority-data"]).decode(),
                                 alter)
        config["clusters"][0]["cluster"] = {"server": f"http://127.0.0.1:{self.server.server_port}"}
        own.touch(0o600)
        own.write_text(yaml.safe_dump(config))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
