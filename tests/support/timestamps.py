"""A timestamp authority (RFC 3161) for tests, with knobs for what it may do wrong.

The answers are whole: signed CMS with signed attributes, as RFC 3161 and RFC 5816 want them;
``rfc3161_client`` verifies them.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

_SIGNED_DATA = "1.2.840.113549.1.7.2"
_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.47"
_SHA256 = "2.16.840.1.101.3.4.2.1"
_ECDSA_SHA256 = "1.2.840.10045.4.3.2"
_POLICY = "1.2.3.4.1"


def der(tag: int, *contents: bytes) -> bytes:
    """Return a value in DER."""
    body = b"".join(contents)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + body


def integer(value: int) -> bytes:
    """Return a non-negative INTEGER."""
    return der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    """Return an OBJECT IDENTIFIER."""
    first, second, *rest = map(int, dotted.split("."))
    body = bytearray()
    for number in (first * 40 + second, *rest):
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(number & 0x7F | 0x80)
        body += bytes(reversed(groups))
    return der(0x06, bytes(body))


def algorithm(dotted: str) -> bytes:
    """Return an AlgorithmIdentifier without parameters."""
    return der(0x30, oid(dotted))


def parts(raw: bytes) -> list[tuple[int, bytes]]:
    """Return the values inside of a sequence, as tag and content (short lengths)."""
    found = []
    while raw:
        tag, length, start = raw[0], raw[1], 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(raw[2:start], "big")
        found.append((tag, raw[start : start + length]))
        raw = raw[start + length :]
    return found


class TimestampAuthority:
    """Answers timestamp requests, between ``with`` and its end.

    Attributes:
        now: The time that it says; its own when None.
        status: The PKIStatus of its answers.
        nonce: Replaces the request's nonce.
        imprint: Replaces the request's digest.
        hash_oid: Replaces the request's algorithm.
        http: HTTP statuses of the next answers, one each.
        raw: Replaces the whole answer.
        asked: How many requests came.
    """

    def __init__(self) -> None:
        self.now: datetime | None = None
        self.status = 0
        self.nonce: int | None = None
        self.imprint: bytes | None = None
        self.hash_oid = _SHA256
        self.http: list[int] = []
        self.raw: bytes | None = None
        self.asked = 0
        start = datetime.now(UTC) - timedelta(days=1)  # noqa: TID251 (authorities have real time)
        self._root_key = ec.generate_private_key(ec.SECP256R1())
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.root = self._certificate("root", self._root_key, start, authority=True)
        self.certificate = self._certificate("tsa", self._key, start, authority=False)

    def _certificate(
        self, name: str, key: ec.EllipticCurvePrivateKey, start: datetime, *, authority: bool
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name("root"))
            .public_key(key.public_key())
            .serial_number(1 if authority else 2)
            .not_valid_before(start)
            .not_valid_after(start + timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if not authority:
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            builder = builder.add_extension(usage, critical=True)
        return builder.sign(self._root_key, hashes.SHA256())

    def __enter__(self) -> Self:
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                authority.asked += 1
                status = authority.http.pop(0) if authority.http else 200
                data = authority.answer(body) if status == 200 else b"later"
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Return where it answers."""
        return f"http://127.0.0.1:{self._server.server_port}/api/v1/timestamp"

    def answer(self, request: bytes) -> bytes:
        """Return a TimeStampResp for a TimeStampReq."""
        if self.raw is not None:
            return self.raw
        if self.status > 1:
            text = der(0x30, der(0x0C, b"not\x1b today"))
            return der(0x30, der(0x30, integer(self.status), text))
        values = parts(parts(request)[0][1])
        digest = parts(values[1][1])[1][1]
        nonce = next(int.from_bytes(body, "big") for tag, body in values[2:] if tag == 0x02)
        info = self._info(self.imprint or digest, nonce if self.nonce is None else self.nonce)
        return der(0x30, der(0x30, integer(self.status)), self._token(info))

    def _info(self, digest: bytes, nonce: int) -> bytes:
        moment = self.now or datetime.now(UTC)  # noqa: TID251 (as above)
        return der(
            0x30,
            integer(1),
            oid(_POLICY),
            der(0x30, algorithm(self.hash_oid), der(0x04, digest)),
            integer(self.asked),
            der(0x18, moment.strftime("%Y%m%d%H%M%SZ").encode()),
            integer(nonce),
        )

    def _token(self, info: bytes) -> bytes:
        raw = self.certificate.public_bytes(serialization.Encoding.DER)
        attributes = sorted(
            der(0x30, oid(name), der(0x31, value))
            for name, value in (
                (_CONTENT_TYPE, oid(_TST_INFO)),
                (_MESSAGE_DIGEST, der(0x04, hashlib.sha256(info).digest())),
                (
                    _SIGNING_CERTIFICATE,
                    der(0x30, der(0x30, der(0x30, der(0x04, hashlib.sha256(raw).digest())))),
                ),
            )
        )
        signature = self._key.sign(der(0x31, *attributes), ec.ECDSA(hashes.SHA256()))
        signer = der(
            0x30,
            integer(1),
            der(
                0x30,
                self.certificate.issuer.public_bytes(),
                integer(self.certificate.serial_number),
            ),
            algorithm(_SHA256),
            der(0xA0, *attributes),
            algorithm(_ECDSA_SHA256),
            der(0x04, signature),
        )
        signed = der(
            0x30,
            integer(3),
            der(0x31, algorithm(_SHA256)),
            der(0x30, oid(_TST_INFO), der(0xA0, der(0x04, info))),
            der(0xA0, raw),
            der(0x31, signer),
        )
        return der(0x30, oid(_SIGNED_DATA), der(0xA0, signed))


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
