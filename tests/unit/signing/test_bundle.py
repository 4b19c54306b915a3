"""Tests of slsa_gen.signing.bundle: what the library returned is what was asked for."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from slsa_gen.errors import SigningError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from slsa_gen.signing.bundle import read_draft

if TYPE_CHECKING:
    from collections.abc import Callable

PAYLOAD = b'{"the":"statement"}'
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def encoded(data: bytes) -> str:
    """Return base64."""
    return base64.b64encode(data).decode()


@pytest.fixture(scope="module")
def certificate() -> bytes:
    """Return a certificate that lives ten minutes, in DER."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(START)
        .not_valid_after(START + timedelta(minutes=10))
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def document(certificate: bytes) -> dict[str, Any]:
    """Return a bundle as the library writes it."""
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {
            "certificate": {"rawBytes": encoded(certificate)},
            "tlogEntries": [{"logIndex": "1", "integratedTime": "1767323045"}],
            "timestampVerificationData": {},
        },
        "dsseEnvelope": {
            "payload": encoded(PAYLOAD),
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [{"sig": encoded(b"signature")}],
        },
    }


def test_a_draft_says_what_is_needed_to_finish_it(certificate: bytes) -> None:
    """Signature, the certificate's life, and whether the log gave a time."""
    raw = json.dumps(document(certificate)).encode()
    draft = read_draft(raw, PAYLOAD, DEFAULT_LIMITS)
    assert draft.signature == b"signature"
    assert (draft.not_before, draft.not_after) == (START, START + timedelta(minutes=10))
    assert draft.has_log_time


def test_a_finished_bundle_is_one_line_with_its_timestamps(certificate: bytes) -> None:
    """Timestamps are added in the place that the format names; nothing else changes."""
    made = document(certificate)
    draft = read_draft(json.dumps(made).encode(), PAYLOAD, DEFAULT_LIMITS)
    finished = draft.finish([b"stamp"])
    assert b"\n" not in finished
    assert b" " not in finished
    read = json.loads(finished)
    stamps = read["verificationMaterial"].pop("timestampVerificationData")
    assert stamps == {"rfc3161Timestamps": [{"signedTimestamp": encoded(b"stamp")}]}
    del made["verificationMaterial"]["timestampVerificationData"]
    assert read == made
    assert "timestampVerificationData" not in json.loads(draft.finish([]))["verificationMaterial"]


@pytest.mark.parametrize("entry", [{}, {"integratedTime": "0"}, {"integratedTime": 0}])
def test_an_entry_without_a_time_is_known(certificate: bytes, entry: dict[str, Any]) -> None:
    """A version 2 log leaves the time out; zero is protobuf's way to say the same."""
    made = document(certificate)
    made["verificationMaterial"]["tlogEntries"] = [entry]
    draft = read_draft(json.dumps(made).encode(), PAYLOAD, DEFAULT_LIMITS)
    assert not draft.has_log_time


def at(*path: str | int, value: object) -> Callable[[dict[str, Any]], None]:
    """Return a change that sets one member."""

    def change(made: Any) -> None:  # noqa: ANN401 (JSON)
        for name in path[:-1]:
            made = made[name]
        made[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (at("mediaType", value="x"), "its media type is 'x'"),
        (at("dsseEnvelope", value=None), "it has no dsseEnvelope"),
        (at("dsseEnvelope", "payloadType", value="text/plain"), "payload type is 'text/plain'"),
        (at("dsseEnvelope", "payload", value=encoded(PAYLOAD + b" ")), "byte for byte"),
        (at("dsseEnvelope", "payload", value="!"), "its payload is not base64"),
        (at("dsseEnvelope", "payload", value=None), "it has no payload"),
        (at("dsseEnvelope", "signatures", value=[]), "it has 0 signatures"),
        (at("dsseEnvelope", "signatures", value=[{}, {}]), "it has 2 signatures"),
        (at("dsseEnvelope", "signatures", value={}), "it has 0 signatures"),
        (at("dsseEnvelope", "signatures", 0, "sig", value="é"), "its sig is not base64"),
        (at("verificationMaterial", value=[]), "it has no verificationMaterial"),
        (at("verificationMaterial", "tlogEntries", value=[]), "it has 0 tlogEntries"),
        (at("verificationMaterial", "certificate", value=None), "it has no certificate"),
        (
            at("verificationMaterial", "timestampVerificationData", value={"rfc3161Timestamps": 1}),
            "its timestamps are no list",
        ),
        (
            at(
                "verificationMaterial",
                "timestampVerificationData",
                value={"rfc3161Timestamps": [1]},
            ),
            "its timestamps are no list",
        ),
        (
            at("verificationMaterial", "certificate", "rawBytes", value=encoded(b"x")),
            "its certificate is not read",
        ),
    ],
)
def test_another_bundle_than_the_one_asked_for_is_refused(
    certificate: bytes, change: Callable[[dict[str, Any]], None], says: str
) -> None:
    """Each part that must be there, and must be ours, is checked."""
    made = document(certificate)
    change(made)
    with pytest.raises(SigningError, match=says) as caught:
        read_draft(json.dumps(made).encode(), PAYLOAD, DEFAULT_LIMITS)
    assert caught.value.reason is Reason.SIGNING_BUNDLE


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"a":1,"a":1}'])
def test_what_is_no_document_is_refused(raw: bytes) -> None:
    """The library's answer is read as strictly as anyone's."""
    with pytest.raises(SigningError, match="it is not read"):
        read_draft(raw, PAYLOAD, DEFAULT_LIMITS)
