"""What came back from signing, read strictly before anyone else sees it.

The library's answer is a bundle in Sigstore's JSON form (protobuf-specs, Bundle v0.3). It is
checked to be about the statement that was handed over, and given its timestamps. Whether the
signatures in it hold is proved by ``evidence``, which the pipeline asks before anything is
written.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography import x509

from slsa_gen import strictjson
from slsa_gen.errors import SigningError
from slsa_gen.model.statement import PAYLOAD_TYPE
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from slsa_gen.limits import Limits

BUNDLE_TYPE: Final = "application/vnd.dev.sigstore.bundle.v0.3+json"


@dataclass(frozen=True, slots=True)
class SignedBundle:
    """A bundle, and how many entries the log may hold beside the one that it names.

    ``bundle`` is one JSON document in UTF-8 on one line. ``extra_entries`` counts the tries
    whose request may have reached the log and whose answer was lost.
    """

    bundle: bytes = field(repr=False)
    extra_entries: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """A bundle as the library made it: its document, signature and certificate's life."""

    document: dict[str, object] = field(repr=False)
    signature: bytes = field(repr=False)
    not_before: datetime
    not_after: datetime
    #: The timestamps that the library fetched (RFC 3161 responses, DER).
    stamps: tuple[bytes, ...]
    #: Whether the log's entry says when it was made (version 1 logs do, version 2 do not).
    has_log_time: bool

    def finish(self, timestamps: Sequence[bytes]) -> bytes:
        """Return the bundle on one line, with timestamps (RFC 3161 responses, DER)."""
        material = self.document["verificationMaterial"]
        assert isinstance(material, dict)  # noqa: S101 (read_draft saw to it)
        material = {name: value for name, value in material.items() if name != _STAMPS}
        if timestamps:
            material[_STAMPS] = {
                "rfc3161Timestamps": [
                    {"signedTimestamp": base64.b64encode(stamp).decode("ascii")}
                    for stamp in timestamps
                ]
            }
        return strictjson.dumps({**self.document, "verificationMaterial": material})


_STAMPS: Final = "timestampVerificationData"


def read_draft(raw: bytes, payload: bytes, limits: Limits) -> Draft:
    """Read the library's bundle and hold it against the statement that was handed over.

    Raises:
        SigningError: it is not a bundle of that statement, made as expected.
    """
    try:
        document = strictjson.loads_object(
            raw, max_bytes=limits.bundle_bytes, max_depth=limits.json_depth
        )
    except strictjson.StrictJsonError as error:
        raise _error(f"it is not read: {error}") from error
    if document.get("mediaType") != BUNDLE_TYPE:
        raise _error(f"its media type is {str(document.get('mediaType'))[:100]!r}")
    envelope = _object(document, "dsseEnvelope")
    if envelope.get("payloadType") != PAYLOAD_TYPE:
        raise _error(f"its payload type is {str(envelope.get('payloadType'))[:100]!r}")
    if _base64(envelope, "payload") != payload:
        raise _error("its payload is not, byte for byte, the statement that was to be signed")
    material = _object(document, "verificationMaterial")
    entry = _single(material, "tlogEntries")
    try:
        certificate = x509.load_der_x509_certificate(
            _base64(_object(material, "certificate"), "rawBytes")
        )
    except ValueError as error:
        raise _error("its certificate is not read") from error
    return Draft(
        document=document,
        signature=_base64(_single(envelope, "signatures"), "sig"),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        stamps=_stamps(material),
        has_log_time=str(entry.get("integratedTime", "0")) != "0",
    )


def _stamps(material: dict[str, object]) -> tuple[bytes, ...]:
    data = material.get(_STAMPS)
    listed = data.get("rfc3161Timestamps", []) if isinstance(data, dict) else []
    if not isinstance(listed, list) or not all(isinstance(stamp, dict) for stamp in listed):
        raise _error("its timestamps are no list")
    return tuple(_base64(stamp, "signedTimestamp") for stamp in listed)


def _object(parent: dict[str, object], name: str) -> dict[str, object]:
    value = parent.get(name)
    if not isinstance(value, dict):
        raise _error(f"it has no {name}")
    return value


def _single(parent: dict[str, object], name: str) -> dict[str, object]:
    value = parent.get(name)
    if not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], dict):
        count = len(value) if isinstance(value, list) else 0
        raise _error(f"it has {count} {name}, exactly one was expected")
    return value[0]


def _base64(parent: dict[str, object], name: str) -> bytes:
    value = parent.get(name)
    if not isinstance(value, str):
        raise _error(f"it has no {name}")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _error(f"its {name} is not base64") from error


def _error(why: str) -> SigningError:
    return SigningError(
        f"what the signing library returned is not the bundle that was asked for: {why}",
        reason=Reason.SIGNING_BUNDLE,
        hint="Please report it, with the versions that `pip list` shows.",
    )
