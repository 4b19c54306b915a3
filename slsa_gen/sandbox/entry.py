"""What may enter the log: a DSSE envelope whose signature the given certificate verifies.

Only Rekor's ``dsse`` 0.0.1 entries are known here
(https://github.com/sigstore/rekor/blob/main/pkg/types/dsse/v0.0.1/dsse_v0_0_1_schema.json).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar, cast

import rfc8785
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from slsa_gen import strictjson
from slsa_gen.sandbox.keys import pem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.limits import Limits

    # What rfc8785 takes; its own name for it is private.
    _Json: TypeAlias = Any

T = TypeVar("T")

KIND: Final = "dsse"
VERSION: Final = "0.0.1"


class EntryError(ValueError):
    """A proposed entry is not one that the log takes; the message says why."""


@dataclass(frozen=True, slots=True)
class ProposedEntry:
    """An entry whose signature holds; ``body`` is its canonical form, which is logged."""

    body: bytes = field(repr=False)
    certificate: x509.Certificate


def read_entry(text: bytes, limits: Limits) -> ProposedEntry:
    """Read a proposed entry and check its signature.

    Raises:
        EntryError: another kind, malformed, or a signature that does not hold.
    """
    document = _object(text, limits)
    kind, version = document.get("kind"), document.get("apiVersion")
    if (kind, version) != (KIND, VERSION):
        raise EntryError(f"this log takes {KIND} {VERSION} entries only, got {kind!r} {version!r}")
    content = _member(_member(document, "spec", dict), "proposedContent", dict)
    envelope_text = _member(content, "envelope", str)
    verifier = _only(_member(content, "verifiers", list), "verifier")
    certificate = _certificate(verifier)
    envelope = _object(envelope_text.encode("utf-8"), limits)
    payload = _bytes(envelope.get("payload"), "payload")
    signature = _only(_member(envelope, "signatures", list), "signature")
    if not isinstance(signature, dict):
        raise EntryError("a signature is no object")
    signed = _bytes(signature.get("sig"), "signature")
    _verify(certificate, signed, _pae(_member(envelope, "payloadType", str), payload))
    spec = {
        "envelopeHash": _sha256(envelope_text.encode("utf-8")),
        "payloadHash": _sha256(payload),
        "signatures": [
            {
                "signature": _base64(signed),
                "verifier": _base64(pem(certificate).encode("ascii")),
            }
        ],
    }
    body = canonical({"apiVersion": VERSION, "kind": KIND, "spec": spec})
    return ProposedEntry(body, certificate)


def canonical(value: Mapping[str, object]) -> bytes:
    """Return a document in its one canonical form (RFC 8785)."""
    return rfc8785.dumps(cast("Mapping[str, _Json]", value))


def _object(text: bytes, limits: Limits) -> dict[str, object]:
    try:
        return strictjson.loads_object(
            text, max_bytes=limits.sandbox_entry_bytes, max_depth=limits.json_depth
        )
    except strictjson.StrictJsonError as error:
        raise EntryError(str(error)) from error


def _member(owner: Mapping[str, object], name: str, kind: type[T]) -> T:
    value = owner.get(name)
    if not isinstance(value, kind):
        raise EntryError(f"{name} is missing or of another kind")
    return value


def _only(values: list[object], what: str) -> object:
    if len(values) != 1:
        raise EntryError(f"exactly one {what} is taken, got {len(values)}")
    return values[0]


def _certificate(value: object) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(_bytes(value, "verifier"))
    except ValueError as error:
        raise EntryError(f"the verifier is no certificate in PEM ({error})") from error


def _verify(certificate: x509.Certificate, signature: bytes, message: bytes) -> None:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise EntryError(f"the certificate's key cannot be used ({error})") from error
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise EntryError("the certificate's key is not ECDSA")
    try:
        key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise EntryError("the certificate's key did not make the envelope's signature") from error


def _pae(payload_type: str, payload: bytes) -> bytes:
    """Return what DSSE signs (https://github.com/secure-systems-lab/dsse, protocol.md)."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def _sha256(data: bytes) -> dict[str, str]:
    return {"algorithm": "sha256", "value": hashlib.sha256(data).hexdigest()}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(value: object, what: str) -> bytes:
    if not isinstance(value, str):
        raise EntryError(f"the {what} is missing")
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise EntryError(f"the {what} is not base64 ({error})") from error
    # Bits that no byte holds could be changed without changing what is decoded.
    if _base64(data) != value:
        raise EntryError(f"the {what} is not canonical base64")
    return data
