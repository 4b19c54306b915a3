"""One way of doing wrong each: see ``tests/support/faults.py`` for the list and its use."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from http.server import BaseHTTPRequestHandler

    #: Answers one request, wrongly.
    Fault = Callable[["Exchange"], None]
    Document = dict[str, Any]

_MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it goes over the wire."""

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request under way.

    Args:
        handler: Through which it is answered.
        ask: Passes it on to the sandbox and returns the answer; the sandbox then has acted.
        first: The first good answer to a request of this kind, or None.
        ended: Set when the test is over: whoever waits must stop.
        now: The time of day.
    """

    handler: BaseHTTPRequestHandler
    ask: Callable[[], Reply]
    first: Reply | None
    ended: threading.Event
    now: Callable[[], datetime]

    def send(self, reply: Reply) -> None:
        """Write an answer."""
        self.head(reply.status, reply.headers, len(reply.body))
        self.handler.wfile.write(reply.body)

    def head(self, code: int, headers: Mapping[str, str], length: int | None) -> None:
        """Write the head of an answer; without a length it ends with the connection."""
        self.handler.send_response(code)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.handler.send_header(name, value)
        if length is None:
            self.handler.send_header("Connection", "close")
        else:
            self.handler.send_header("Content-Length", str(length))
        self.handler.end_headers()

    def cut(self) -> None:
        """End the connection."""
        self.handler.wfile.flush()
        self.handler.close_connection = True


def pass_on(exchange: Exchange) -> None:
    """Do nothing wrong."""
    exchange.send(exchange.ask())


def status(
    code: int,
    body: bytes = b'{"code":0,"message":"injected"}',
    *,
    retry_after: float | None = None,
    as_date: bool = False,
) -> Fault:
    """Answer with a status; ``retry_after`` seconds are written as they are or as a date."""

    def fault(exchange: Exchange) -> None:
        headers = {}
        if retry_after is not None:
            headers["Retry-After"] = str(retry_after)
        if retry_after is not None and as_date:
            moment = exchange.now().timestamp() + retry_after
            date = exchange.now().fromtimestamp(moment, exchange.now().tzinfo)
            headers["Retry-After"] = format_datetime(date, usegmt=True)
        exchange.send(Reply(code, body, headers))

    return fault


def reply(body: bytes, code: int = 200, headers: Mapping[str, str] | None = None) -> Fault:
    """Answer with these bytes, without asking the sandbox."""
    return lambda exchange: exchange.send(Reply(code, body, headers or {}))


def redirect(location: str, code: int = 307) -> Fault:
    """Point somewhere else."""
    return reply(b"", code, {"Location": location})


def cut_before(exchange: Exchange) -> None:
    """End the connection; the sandbox does not hear of the request."""
    exchange.cut()


def cut_after(exchange: Exchange) -> None:
    """Let the sandbox act, and lose its answer."""
    exchange.ask()
    exchange.cut()


def cut_halfway(exchange: Exchange) -> None:
    """Let the sandbox act, and end the connection in the middle of its answer."""
    answer = exchange.ask()
    exchange.head(answer.status, answer.headers, len(answer.body))
    exchange.handler.wfile.write(answer.body[: len(answer.body) // 2])
    exchange.cut()


def black_hole(exchange: Exchange) -> None:
    """Say nothing, and keep the connection until the test is over."""
    exchange.ended.wait()
    exchange.cut()


def drip(seconds: float = 0.1) -> Fault:
    """Send the sandbox's answer a byte at a time, with a wait before each."""

    def fault(exchange: Exchange) -> None:
        answer = exchange.ask()
        exchange.head(answer.status, answer.headers, len(answer.body))
        for position in range(len(answer.body)):
            if exchange.ended.wait(seconds):
                break
            exchange.handler.wfile.write(answer.body[position : position + 1])
            exchange.handler.wfile.flush()
        exchange.cut()

    return fault


def flood(mebibytes: int = 100, *, compressed: bool = False, code: int = 200) -> Fault:
    """Send many MiB of blanks; compressed they are a thousandth on the wire."""

    def fault(exchange: Exchange) -> None:
        blanks = b" " * _MEBIBYTE
        if compressed:
            # Members of a gzip file may stand one after the other (RFC 1952, section 2.2).
            chunk, headers = gzip.compress(blanks), {"Content-Encoding": "gzip"}
        else:
            chunk, headers = blanks, {}
        exchange.head(code, headers, len(chunk) * mebibytes)
        for _ in range(mebibytes):
            if exchange.ended.is_set():
                break
            exchange.handler.wfile.write(chunk)
        exchange.cut()

    return fault


def late(seconds: float) -> Fault:
    """Pass on, but answer only after some seconds."""

    def fault(exchange: Exchange) -> None:
        answer = exchange.ask()
        exchange.ended.wait(seconds)
        exchange.send(answer)

    return fault


def replay(exchange: Exchange) -> None:
    """Let the sandbox act, and answer with its first good answer to such a request."""
    answer = exchange.ask()
    exchange.send(exchange.first or answer)


def rewrite(change: Callable[[Document], None]) -> Fault:
    """Change the sandbox's own JSON answer."""

    def fault(exchange: Exchange) -> None:
        answer = exchange.ask()
        document = json.loads(answer.body)
        change(document)
        exchange.send(Reply(answer.status, json.dumps(document).encode(), answer.headers))

    return fault


def corrupt_promise(document: Document) -> None:
    """Change one bit of the signed entry timestamp."""
    verification = entry_of(document)["verification"]
    verification["signedEntryTimestamp"] = flip_base64(verification["signedEntryTimestamp"])


def corrupt_proof(document: Document) -> None:
    """Change one bit of the inclusion proof: of its first hash, or of its root."""
    proof = entry_of(document)["verification"]["inclusionProof"]
    if proof["hashes"]:
        proof["hashes"][0] = flip_hex(proof["hashes"][0])
    else:
        proof["rootHash"] = flip_hex(proof["rootHash"])


def corrupt_checkpoint(document: Document) -> None:
    """Change one bit of the checkpoint's signature."""
    proof = entry_of(document)["verification"]["inclusionProof"]
    head, _, signature = proof["checkpoint"].rstrip("\n").rpartition(" ")
    proof["checkpoint"] = f"{head} {flip_base64(signature)}\n"


def corrupt_body(document: Document) -> None:
    """Change one bit of what the log says that it holds."""
    entry = entry_of(document)
    entry["body"] = flip_base64(entry["body"])


def corrupt_time(document: Document) -> None:
    """Say that the entry came a second later."""
    entry_of(document)["integratedTime"] += 1


def corrupt_certificate(document: Document) -> None:
    """Change one bit of the signing certificate's signature, which is its end."""
    chain = document["signedCertificateEmbeddedSct"]["chain"]["certificates"]
    lines = chain[0].strip().splitlines()
    der = bytearray(base64.b64decode("".join(lines[1:-1])))
    der[-1] ^= 1
    text = base64.encodebytes(bytes(der)).decode()
    chain[0] = f"{lines[0]}\n{text}{lines[-1]}\n"


def without(*path: str) -> Callable[[Document], None]:
    """Take a member of the (log's) answer away, by its path from the entry."""

    def change(document: Document) -> None:
        owner = entry_of(document) if len(document) == 1 else document
        for name in path[:-1]:
            owner = owner[name]
        del owner[path[-1]]

    return change


def entry_of(document: Document) -> Document:
    """Return the one entry of a log's answer."""
    entry: Document
    (entry,) = document.values()
    return entry


def flip_base64(text: str) -> str:
    """Change one bit in the middle of what the text encodes."""
    data = bytearray(base64.b64decode(text))
    data[len(data) // 2] ^= 1
    return base64.b64encode(data).decode()


def flip_hex(text: str) -> str:
    """Change one bit of the first digit."""
    return f"{int(text[0], 16) ^ 1:x}{text[1:]}"
