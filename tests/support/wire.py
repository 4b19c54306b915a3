"""A server that plays scripted bytes, for what no HTTP server would ever say.

For faults of a whole Sigstore use ``tests/support/faults.py``; this is for a single answer,
byte by byte.
"""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    #: Talks to a client whose request was read.
    Script = Callable[[socket.socket], None]


def answer(
    body: bytes = b"", status: str = "200 OK", headers: str = "", length: int | None = None
) -> bytes:
    """Return an HTTP answer as it goes over the wire."""
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Length: {size}\r\n{headers}\r\n".encode() + body


class Server:
    """Plays one script after the other, one a connection; the last one again and again.

    Attributes:
        url: Its address.
        heads: The head of each request.
        bodies: Their bodies.
    """

    def __init__(self, *scripts: bytes | Script) -> None:
        self.scripts = list(scripts)
        self.heads: list[str] = []
        self.bodies: list[bytes] = []
        self.ended = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        """Answer until the listener is closed."""
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
            threading.Thread(target=self.talk, args=(connection, script), daemon=True).start()

    def talk(self, connection: socket.socket, script: bytes | Script) -> None:
        """Read one request and play the script."""
        with connection:
            data = b""
            while b"\r\n\r\n" not in data:
                chunk = connection.recv(65536)
                if not chunk:
                    return
                data += chunk
            head, _, body = data.partition(b"\r\n\r\n")
            self.heads.append(head.decode())
            length = 0
            for line in head.decode().splitlines():
                if line.lower().startswith("content-length:"):
                    length = int(line.partition(":")[2])
            while len(body) < length:
                body += connection.recv(65536)
            self.bodies.append(body)
            try:
                if isinstance(script, bytes):
                    connection.sendall(script)
                else:
                    script(connection)
            except OSError:
                return  # the client went away, which some tests are about


@contextmanager
def serving(*scripts: bytes | Script) -> Iterator[Server]:
    """Serve scripts on loopback."""
    server = Server(*scripts)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
        thread.join()
