"""Serves the issuer and its token endpoint, well, wrongly or not at all.

The issuer is https, as every issuer is that Fulcio and slsa-gen take; the token endpoint is
plain http on loopback, so that no client needs to be told of a certificate to get its token.
What goes wrong with the issuer goes wrong for slsa-gen alone: Fulcio asks it too.
"""

from __future__ import annotations

import json
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from slsa_gen.http import USER_AGENT
from tests.stack.services.door import Door
from tests.stack.services.issuer import DISCOVERY, KEYS, Issuer
from tests.stack.services.processes import HOST
from tests.support.wrongs import Reply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Self

    from slsa_gen.clock import Clock

#: The issuer's documents, by what the tests call them.
DOCUMENTS: Final = {"discovery": DISCOVERY, "keys": KEYS}


class IssuerServer:
    """The servers of an issuer.

    Args:
        ports: Of the issuer, and of the token endpoint.
        certificate: For the issuer: the files with the certificate and its key.
        clock: Says when tokens are issued.

    Attributes:
        issuer: Whose they are.
        doors: Where slsa-gen's requests for a document come in, by its path.
    """

    def __init__(
        self, ports: tuple[int, int], certificate: tuple[Path, Path], clock: Clock
    ) -> None:
        self.issuer = Issuer(*ports, clock)
        self.doors: dict[str, Door] = {}
        self._ports = ports
        self._certificate = certificate
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*certificate)
        self._servers: dict[int, _Server] = {}

    def __enter__(self) -> Self:
        for port in self._ports:
            self._open(port)
        return self

    def __exit__(self, *_: object) -> None:
        for port in list(self._servers):
            self._close(port)

    @contextmanager
    def doors_of_documents(self) -> Iterator[dict[str, Door]]:
        """Put a door in front of each of ``DOCUMENTS`` for the length of a block."""
        doors = {name: Door() for name in DOCUMENTS}
        self.doors = {DOCUMENTS[name]: door for name, door in doors.items()}
        try:
            yield doors
        finally:
            self.doors = {}
            for door in doors.values():
                door.end()

    @contextmanager
    def presenting(self, certificate: tuple[Path, Path]) -> Iterator[None]:
        """Show another certificate, for the length of a block, to whoever connects."""
        self._context.load_cert_chain(*certificate)
        try:
            yield
        finally:
            self._context.load_cert_chain(*self._certificate)

    @contextmanager
    def away(self, port: int) -> Iterator[None]:
        """Listen on one of the ports no more, for the length of a block."""
        self._close(port)
        try:
            yield
        finally:
            self._open(port)

    def _open(self, port: int) -> None:
        tls = self._context if port == self._ports[0] else None
        self._servers[port] = _Server(self, port, tls)

    def _close(self, port: int) -> None:
        self._servers.pop(port).end()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, owner: IssuerServer, port: int, tls: ssl.SSLContext | None) -> None:
        self.owner = owner
        super().__init__((HOST, port), _Handler)
        if tls is not None:
            self.socket = tls.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def end(self) -> None:
        """Answer no more."""
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that goes away, or trusts somebody else, is no fault of ours."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a GET."""
        owner = self.server.owner
        bearer = self.headers.get("Authorization", "").partition(" ")[2]
        status, document = owner.issuer.answer(self.path, bearer)
        reply = Reply(status, json.dumps(document).encode())
        ours = self.headers.get("User-Agent") == USER_AGENT
        door = owner.doors.get(urlsplit(self.path).path) if ours else None
        (door or Door()).answer(self, lambda: reply)

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""
