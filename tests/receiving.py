"""A receiver of webhooks on this machine: a real HTTP server that answers as it is told."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager
from email.message import Message as Headers
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs


@attrs.define
class Receiver:
    """What came, and what is answered: a status each, or a way not to answer.

    ``"drop"`` closes the connection, ``"hang"`` says nothing, ``"drip"`` goes on for ever, a
    byte at a time. Once all are used up it is 204.
    """

    port: int = 0
    answers: list[int | str] = attrs.field(factory=list[int | str])
    came: list[tuple[str, Headers, bytes]] = attrs.field(factory=list[tuple[str, Headers, bytes]])
    let_go: threading.Event = attrs.field(factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks?for=rectify"


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.came.append((self.path, self.headers, body))
            answer = receiver.answers.pop(0) if receiver.answers else 204
            if answer == "hang":
                receiver.let_go.wait()
            elif answer == "drip":
                self._drip()
            elif isinstance(answer, int):
                self.send_response(answer)
                if 300 <= answer < 400:
                    self.send_header("location", receiver.url)
                self.send_header("content-length", "0")
                self.end_headers()
            self.close_connection = True

        def _drip(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nx-slow: ")
            while not receiver.let_go.wait(0.05):
                try:
                    self.wfile.write(b"x")
                except OSError:
                    return

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing: what is tested must be quiet, too."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that cuts the line is no error here."""


@contextmanager
def receiving(context: ssl.SSLContext | None = None) -> Generator[Receiver]:
    """Receive for as long as it is open; with a context over TLS."""
    receiver = Receiver()
    server = _Server(("127.0.0.1", 0), _handler(receiver))
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join()


def unused_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
