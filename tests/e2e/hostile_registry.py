"""A server that means harm: the name of a repository says how."""
from __future__ import annotations

import http.server
import socket
import threading


class Quiet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Authorization")))
        self.respond()

    def respond(self) -> None:
        self.answer(404, {})

    def answer(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()


class Hostile(Quiet):
    def respond(self) -> None:
        behaviour = self.path.split("/")[2]
        port = self.server.victim.port
        if behaviour == "redirects":
            self.answer(307, {"Location": f"http://{self.server.victim.address}{self.path}"})
        elif behaviour == "redirects-to-metadata":
            self.answer(307, {"Location": "http://169.254.169.254/latest/meta-data/"})
        elif behaviour == "names-a-foreign-realm":
            self.answer(401, {"WWW-Authenticate": f'Bearer realm="http://localhost:{port}/token"'})
        elif behaviour == "names-a-realm-on-the-node":
            self.answer(401, {"WWW-Authenticate": f'Bearer realm="http://127.0.0.1:{port}/token"'})
        elif behaviour == "never-ends":
            self.send_response(200)
            self.end_headers()
            while True:  # until the other side has had enough
                self.wfile.write(b'{"tags":["' + b"a" * 65536)
        else:
            self.answer(404, {})


class Counting(http.server.ThreadingHTTPServer):
    daemon_threads = True
    connections = 0

    def get_request(self) -> tuple[socket.socket, object]:
        accepted = super().get_request()
        self.connections += 1  # whatever is said on it, TLS as well
        return accepted


class Server:
    """Counts who connects and who asks; `victim` is where a hostile one leads to."""

    def __init__(self, victim: Server | None = None) -> None:
        self.server = Counting(("127.0.0.1", 0), Hostile if victim else Quiet)
        self.server.asked = []
        self.server.victim = victim
        self.server.handle_error = lambda *_: None
        self.port = self.server.server_address[1]
        self.address = f"127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def asked(self) -> list[tuple[str, str | None]]:
        return self.server.asked

    @property
    def connections(self) -> int:
        return self.server.connections

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Silent:
    """Takes connections, by its kernel, and never says a word."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"

    def stop(self) -> None:
        self.socket.close()
