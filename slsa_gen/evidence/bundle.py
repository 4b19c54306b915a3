"""A Sigstore bundle, read strictly into plain values; nothing in it is believed.

The format is ``dev.sigstore.bundle.v1.Bundle`` in JSON
(https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto). Unknown
fields, duplicate names and base64 that is not canonical are refused, so that no two readers
can see two documents in one. A number that is zero may be left out, as protobuf's JSON does
(https://protobuf.dev/programming-guides/json/): the first entry of a log has two of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from slsa_gen import strictjson
from slsa_gen.errors import MalformedEvidenceError
from slsa_gen.evidence.fields import Fields
from slsa_gen.model.text import size
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.limits import Limits

#: The media types of the bundle versions that are read, and each one's version.
MEDIA_TYPES: Final = {
    "application/vnd.dev.sigstore.bundle+json;version=0.1": "0.1",
    "application/vnd.dev.sigstore.bundle+json;version=0.2": "0.2",
    "application/vnd.dev.sigstore.bundle+json;version=0.3": "0.3",
    "application/vnd.dev.sigstore.bundle.v0.3+json": "0.3",
}
_MEDIA_TYPE_START: Final = "application/vnd.dev.sigstore.bundle"
_LARGEST_TIME: Final = 253_402_300_799  # 9999-12-31T23:59:59Z, the last that datetime holds


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """How a log shows that an entry is in the tree that its checkpoint signs."""

    log_index: int
    tree_size: int
    root_hash: bytes
    hashes: tuple[bytes, ...]
    checkpoint: str


@dataclass(frozen=True, slots=True)
class RecordedEntry:
    """One transparency log entry as the bundle tells it.

    ``integrated_time`` is in seconds since 1970 (None for a Rekor v2 entry);
    ``inclusion_promise`` is the signed entry timestamp.
    """

    log_index: int
    log_id: bytes
    kind: str
    version: str
    integrated_time: int | None
    inclusion_promise: bytes | None = field(repr=False)
    inclusion_proof: InclusionProof | None = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A DSSE envelope: the payload's bytes, their type, and the signatures over both."""

    payload_type: str
    payload: bytes = field(repr=False)
    signatures: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class MessageSignature:
    """A signature over a file itself, with no statement."""

    algorithm: str
    digest: bytes
    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ParsedBundle:
    """What a bundle holds; exactly one of ``envelope`` and ``message`` is there.

    ``certificates`` are in DER, the signing certificate first; empty when the bundle names
    a key instead (``key_hint``).
    """

    version: str
    certificates: tuple[bytes, ...] = field(repr=False)
    key_hint: str | None
    entries: tuple[RecordedEntry, ...]
    timestamps: tuple[bytes, ...] = field(repr=False)
    envelope: Envelope | None
    message: MessageSignature | None


def load(data: bytes, limits: Limits) -> dict[str, object]:
    """Parse the JSON object of one bundle, without looking into it.

    Raises:
        MalformedEvidenceError: it is not one unambiguous JSON object within the limits.
    """
    if len(data) > limits.bundle_bytes:
        raise MalformedEvidenceError(
            f"the bundle is larger than the {size(limits.bundle_bytes)} that is read",
            reason=Reason.EVIDENCE_TOO_LARGE,
            hint="Ask whoever signed to divide the subjects over several statements.",
        )
    try:
        return strictjson.loads_object(
            data, max_bytes=limits.bundle_bytes, max_depth=limits.json_depth
        )
    except strictjson.StrictJsonError as error:
        raise MalformedEvidenceError(
            f"the bundle is not one JSON object: {error}",
            reason=Reason.EVIDENCE_JSON,
            hint="Take the bundle anew from where it was published; it may have been cut short.",
        ) from error


def require_bundle(document: dict[str, object]) -> str:
    """Return the media type of a JSON object that says that it is a Sigstore bundle.

    Raises:
        MalformedEvidenceError: it does not say so.
    """
    media_type = document.get("mediaType")
    if isinstance(media_type, str) and media_type.startswith(_MEDIA_TYPE_START):
        return media_type
    raise MalformedEvidenceError(
        "the JSON document is not a Sigstore bundle: its mediaType does not start with "
        f"{_MEDIA_TYPE_START!r}",
        reason=Reason.EVIDENCE_NOT_A_BUNDLE,
        hint="A bare statement or a bare DSSE envelope proves nothing: give the bundle "
        "that the signer wrote (.intoto.jsonl or .sigstore.json).",
    )


def parse(data: bytes, limits: Limits) -> ParsedBundle:
    """Read one bundle.

    Raises:
        MalformedEvidenceError: it is not what the format demands; the message names the
            field and says what was expected.
    """
    document = load(data, limits)
    version = _version(document)
    bundle = Fields(document, "bundle")
    bundle.allow("mediaType", "verificationMaterial", "dsseEnvelope", "messageSignature")
    material = bundle.nested("verificationMaterial")
    material.allow(
        "publicKey",
        "x509CertificateChain",
        "certificate",
        "tlogEntries",
        "timestampVerificationData",
    )
    envelope = bundle.optional_nested("dsseEnvelope")
    message = bundle.optional_nested("messageSignature")
    if (envelope is None) == (message is None):
        raise bundle.error("exactly one of dsseEnvelope and messageSignature must be there")
    certificates, key_hint = _signer(material)
    return ParsedBundle(
        version=version,
        certificates=certificates,
        key_hint=key_hint,
        entries=tuple(_entry(item) for item in material.objects("tlogEntries", needed=False)),
        timestamps=_timestamps(material),
        envelope=None if envelope is None else _envelope(envelope),
        message=None if message is None else _message(message),
    )


def _version(document: dict[str, object]) -> str:
    media_type = require_bundle(document)
    if media_type not in MEDIA_TYPES:
        raise MalformedEvidenceError(
            f"the bundle's mediaType {media_type[:100]!r} is not known (known: versions 0.1, "
            "0.2 and 0.3)",
            reason=Reason.EVIDENCE_MEDIA_TYPE,
            hint="A newer format needs a newer slsa-gen.",
        )
    return MEDIA_TYPES[media_type]


def _signer(material: Fields) -> tuple[tuple[bytes, ...], str | None]:
    key = material.optional_nested("publicKey")
    chain = material.optional_nested("x509CertificateChain")
    certificate = material.optional_nested("certificate")
    if sum(item is not None for item in (key, chain, certificate)) != 1:
        raise material.error(
            "exactly one of certificate, x509CertificateChain and publicKey must be there"
        )
    if key is not None:
        key.allow("hint")
        return (), key.optional_text("hint") or ""
    if certificate is not None:
        certificate.allow("rawBytes")
        return (certificate.data("rawBytes"),), None
    assert chain is not None  # noqa: S101 (exactly one of the three is there: counted above)
    chain.allow("certificates")
    items = chain.objects("certificates")
    for item in items:
        item.allow("rawBytes")
    if not items:
        raise chain.error("certificates is empty")
    return tuple(item.data("rawBytes") for item in items), None


def _entry(item: Fields) -> RecordedEntry:
    item.allow(
        "logIndex",
        "logId",
        "kindVersion",
        "integratedTime",
        "inclusionPromise",
        "inclusionProof",
        "canonicalizedBody",
    )
    log_id = item.nested("logId")
    log_id.allow("keyId")
    kind = item.nested("kindVersion")
    kind.allow("kind", "version")
    promise = item.optional_nested("inclusionPromise")
    if promise is not None:
        promise.allow("signedEntryTimestamp")
    proof = item.optional_nested("inclusionProof")
    time = item.optional_integer("integratedTime")
    if time is not None and time > _LARGEST_TIME:
        raise item.error(f"integratedTime {time} is beyond the year 9999")
    return RecordedEntry(
        log_index=item.optional_integer("logIndex") or 0,
        log_id=log_id.data("keyId"),
        kind=kind.text("kind"),
        version=kind.text("version"),
        integrated_time=time or None,
        inclusion_promise=None if promise is None else promise.data("signedEntryTimestamp"),
        inclusion_proof=None if proof is None else _proof(proof),
        body=item.data("canonicalizedBody"),
    )


def _proof(proof: Fields) -> InclusionProof:
    proof.allow("logIndex", "rootHash", "treeSize", "hashes", "checkpoint")
    checkpoint = proof.optional_nested("checkpoint")
    if checkpoint is not None:
        checkpoint.allow("envelope")
    return InclusionProof(
        log_index=proof.optional_integer("logIndex") or 0,
        tree_size=proof.integer("treeSize"),
        root_hash=proof.data("rootHash"),
        hashes=proof.data_list("hashes"),
        checkpoint="" if checkpoint is None else checkpoint.text("envelope"),
    )


def _timestamps(material: Fields) -> tuple[bytes, ...]:
    data = material.optional_nested("timestampVerificationData")
    if data is None:
        return ()
    data.allow("rfc3161Timestamps")
    items = data.objects("rfc3161Timestamps", needed=False)
    for item in items:
        item.allow("signedTimestamp")
    return tuple(item.data("signedTimestamp") for item in items)


def _envelope(envelope: Fields) -> Envelope:
    envelope.allow("payload", "payloadType", "signatures")
    signatures = envelope.objects("signatures")
    for item in signatures:
        item.allow("sig", "keyid")
        item.optional_text("keyid")
    return Envelope(
        payload_type=envelope.text("payloadType"),
        payload=envelope.data("payload"),
        signatures=tuple(item.data("sig") for item in signatures),
    )


def _message(message: Fields) -> MessageSignature:
    message.allow("messageDigest", "signature")
    digest = message.optional_nested("messageDigest")
    if digest is not None:
        digest.allow("algorithm", "digest")
    return MessageSignature(
        algorithm="" if digest is None else digest.text("algorithm"),
        digest=b"" if digest is None else digest.data("digest"),
        signature=message.data("signature"),
    )
