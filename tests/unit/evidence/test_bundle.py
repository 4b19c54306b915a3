"""Bundles are read strictly, and every refusal names the field."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slsa_gen import strictjson
from slsa_gen.errors import MalformedEvidenceError
from slsa_gen.evidence import bundle
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from tests.unit.evidence.forge import Forge, encoded

DOCUMENT = Forge().document()
ENTRY = "verificationMaterial.tlogEntries.0"
PROOF = f"{ENTRY}.inclusionProof"


def changed(path: str, value: object) -> bytes:
    """Return the bundle with one value replaced; ``...`` takes it out."""
    document = copy.deepcopy(DOCUMENT)
    place: Any = document
    *steps, last = path.split(".")
    for step in steps:
        place = place[int(step)] if step.isdecimal() else place[step]
    if value is ...:
        del place[last]
    else:
        place[int(last) if last.isdecimal() else last] = value
    return strictjson.dumps(document)


def test_a_bundle_is_read_in_every_part() -> None:
    """Certificate, entry, proof and envelope come out as they went in."""
    forge = Forge()
    parsed = bundle.parse(strictjson.dumps(DOCUMENT), DEFAULT_LIMITS)

    assert parsed.version == "0.3"
    assert len(parsed.certificates) == 1
    assert parsed.key_hint is None
    entry = parsed.entries[0]
    assert (entry.log_index, entry.kind, entry.version) == (1, "dsse", "0.0.1")
    assert entry.integrated_time == int(forge.not_before.timestamp())
    assert entry.inclusion_promise
    assert entry.inclusion_proof is not None
    assert entry.inclusion_proof.tree_size == 2
    assert len(entry.inclusion_proof.hashes) == 1
    assert parsed.envelope is not None
    assert parsed.envelope.payload == forge.payload
    assert len(parsed.envelope.signatures) == 1
    assert parsed.message is None
    assert parsed.timestamps == ()


def test_older_bundles_carry_a_chain() -> None:
    """Version 0.1 and 0.2 have the certificate first in a chain, and maybe no proof."""
    document = copy.deepcopy(DOCUMENT)
    document["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.1"
    material = document["verificationMaterial"]
    certificate = material.pop("certificate")
    material["x509CertificateChain"] = {"certificates": [certificate, certificate]}
    material["timestampVerificationData"] = None
    del material["tlogEntries"][0]["inclusionProof"]

    parsed = bundle.parse(strictjson.dumps(document), DEFAULT_LIMITS)

    assert parsed.version == "0.1"
    assert len(parsed.certificates) == 2
    assert parsed.entries[0].inclusion_proof is None


def test_a_key_and_a_message_signature_are_read() -> None:
    """A bundle may name a key, and may sign a file itself."""
    document = copy.deepcopy(DOCUMENT)
    del document["dsseEnvelope"]
    document["messageSignature"] = {
        "messageDigest": {"algorithm": "SHA2_256", "digest": encoded(b"d")},
        "signature": encoded(b"s"),
    }
    document["verificationMaterial"] = {"publicKey": {"hint": "a key"}}

    parsed = bundle.parse(strictjson.dumps(document), DEFAULT_LIMITS)

    assert parsed.key_hint == "a key"
    assert parsed.certificates == ()
    assert parsed.entries == ()
    assert parsed.message == bundle.MessageSignature("SHA2_256", b"d", b"s")
    document["messageSignature"] = {"signature": encoded(b"s")}
    document["verificationMaterial"] = {"publicKey": {}}
    parsed = bundle.parse(strictjson.dumps(document), DEFAULT_LIMITS)
    assert parsed.key_hint == ""
    assert parsed.message == bundle.MessageSignature("", b"", b"s")


@pytest.mark.parametrize(
    ("path", "value", "reason", "message"),
    [
        ("mediaType", ..., Reason.EVIDENCE_NOT_A_BUNDLE, "not a Sigstore bundle"),
        ("mediaType", "text/plain", Reason.EVIDENCE_NOT_A_BUNDLE, "not a Sigstore bundle"),
        ("mediaType", 3, Reason.EVIDENCE_NOT_A_BUNDLE, "not a Sigstore bundle"),
        (
            "mediaType",
            "application/vnd.dev.sigstore.bundle.v9+json",
            Reason.EVIDENCE_MEDIA_TYPE,
            "v9",
        ),
        ("media_type", "x", Reason.EVIDENCE_BUNDLE, "'media_type' is not known"),
        ("verificationMaterial", ..., Reason.EVIDENCE_BUNDLE, "verificationMaterial is missing"),
        ("verificationMaterial", [], Reason.EVIDENCE_BUNDLE, "must be an object, got an array"),
        ("verificationMaterial.more", 1, Reason.EVIDENCE_BUNDLE, "'more' is not known"),
        ("verificationMaterial.publicKey", {}, Reason.EVIDENCE_BUNDLE, "exactly one of cert"),
        ("verificationMaterial.certificate", None, Reason.EVIDENCE_BUNDLE, "exactly one of cert"),
        (
            "verificationMaterial.certificate",
            {"rawBytes": "QUI"},
            Reason.EVIDENCE_BASE64,
            "certificate: rawBytes is not canonical base64",
        ),
        ("verificationMaterial.tlogEntries", {}, Reason.EVIDENCE_BUNDLE, "must be an array"),
        (ENTRY, 1, Reason.EVIDENCE_BUNDLE, r"tlogEntries\[0\] must be an object, got a number"),
        (f"{ENTRY}.logIndex", 1, Reason.EVIDENCE_BUNDLE, "logIndex must be a string"),
        (f"{ENTRY}.logIndex", {}, Reason.EVIDENCE_BUNDLE, "must be a string, got an object"),
        (f"{ENTRY}.logIndex", "01", Reason.EVIDENCE_BUNDLE, "must be a decimal number"),
        (f"{ENTRY}.logIndex", "-1", Reason.EVIDENCE_BUNDLE, "must be a decimal number"),
        (f"{ENTRY}.logIndex", "1_0", Reason.EVIDENCE_BUNDLE, "must be a decimal number"),
        (f"{ENTRY}.logIndex", str(2**63), Reason.EVIDENCE_BUNDLE, "below 2"),
        (f"{PROOF}.treeSize", ..., Reason.EVIDENCE_BUNDLE, "treeSize is missing"),
        (f"{ENTRY}.integratedTime", "9" * 18, Reason.EVIDENCE_BUNDLE, "beyond the year 9999"),
        (f"{ENTRY}.logId", {"keyId": "Q"}, Reason.EVIDENCE_BASE64, "keyId"),
        (f"{ENTRY}.logId", {"keyId": "QUI=", "x": 1}, Reason.EVIDENCE_BUNDLE, "'x'"),
        (f"{ENTRY}.kindVersion", {"kind": "dsse"}, Reason.EVIDENCE_BUNDLE, "version is missing"),
        (f"{ENTRY}.canonicalizedBody", "QUJ=", Reason.EVIDENCE_BASE64, "canonicalizedBody"),
        (f"{PROOF}.hashes", "x", Reason.EVIDENCE_BUNDLE, "hashes must be an array"),
        (f"{PROOF}.hashes", [1], Reason.EVIDENCE_BUNDLE, r"hashes\[0\] must be a string"),
        (f"{PROOF}.hashes", ["QUI"], Reason.EVIDENCE_BASE64, r"hashes\[0\]"),
        (f"{PROOF}.checkpoint", {"text": ""}, Reason.EVIDENCE_BUNDLE, "'text' is not known"),
        (
            "verificationMaterial.timestampVerificationData.rfc3161Timestamps",
            [{"signedTimestamp": "!"}],
            Reason.EVIDENCE_BASE64,
            "signedTimestamp",
        ),
        ("dsseEnvelope", ..., Reason.EVIDENCE_BUNDLE, "exactly one of dsseEnvelope"),
        ("messageSignature", {}, Reason.EVIDENCE_BUNDLE, "exactly one of dsseEnvelope"),
        ("dsseEnvelope.payload", "e30", Reason.EVIDENCE_BASE64, "payload is not canonical"),
        ("dsseEnvelope.signatures", ..., Reason.EVIDENCE_BUNDLE, "signatures must be an array"),
        ("dsseEnvelope.signatures.0.keyid", 7, Reason.EVIDENCE_BUNDLE, "keyid must be a string"),
        ("dsseEnvelope.signatures.0.sig", "\n", Reason.EVIDENCE_BASE64, "sig"),
    ],
)
def test_each_field_is_checked(path: str, value: object, reason: Reason, message: str) -> None:
    """What is missing, unknown or of another kind is refused with its place."""
    with pytest.raises(MalformedEvidenceError, match=message) as caught:
        bundle.parse(changed(path, value), DEFAULT_LIMITS)
    assert caught.value.reason is reason
    assert caught.value.hint


def test_an_empty_chain_is_refused() -> None:
    """A chain without a certificate names nobody."""
    document = copy.deepcopy(DOCUMENT)
    del document["verificationMaterial"]["certificate"]
    document["verificationMaterial"]["x509CertificateChain"] = {"certificates": []}
    with pytest.raises(MalformedEvidenceError, match="certificates is empty"):
        bundle.parse(strictjson.dumps(document), DEFAULT_LIMITS)


def test_a_name_that_stands_twice_is_refused() -> None:
    """Two readers could take two values, so none is taken."""
    data = strictjson.dumps(DOCUMENT).replace(
        b'"payloadType":', b'"payloadType":"text/plain","payloadType":'
    )
    with pytest.raises(MalformedEvidenceError, match="stands twice") as caught:
        bundle.parse(data, DEFAULT_LIMITS)
    assert caught.value.reason is Reason.EVIDENCE_JSON


def test_size_and_depth_are_bounded() -> None:
    """A bundle beyond the limits is refused before it is parsed."""
    data = strictjson.dumps(DOCUMENT)
    with pytest.raises(
        MalformedEvidenceError, match="larger than the 100 B that is read"
    ) as caught:
        bundle.parse(data, replace(DEFAULT_LIMITS, bundle_bytes=100))
    assert caught.value.reason is Reason.EVIDENCE_TOO_LARGE
    with pytest.raises(MalformedEvidenceError, match="nested deeper than 3 levels"):
        bundle.parse(data, replace(DEFAULT_LIMITS, json_depth=3))


@pytest.mark.parametrize("value", [..., None])
def test_a_zero_that_protobuf_leaves_out_is_one(value: object) -> None:
    """Go's clients write no zero: the first entry of a log has no index."""
    document = json.loads(changed(f"{ENTRY}.logIndex", value))
    proof = document["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]
    del proof["logIndex"], proof["hashes"]

    (entry,) = bundle.parse(json.dumps(document).encode(), DEFAULT_LIMITS).entries

    assert entry.inclusion_proof is not None
    assert entry.log_index == entry.inclusion_proof.log_index == 0
    assert entry.inclusion_proof.hashes == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3)
    ),
    max_leaves=8,
)
PATHS = [
    "verificationMaterial",
    "verificationMaterial.certificate",
    "verificationMaterial.tlogEntries",
    "verificationMaterial.timestampVerificationData",
    ENTRY,
    *(f"{ENTRY}.{name}" for name in DOCUMENT["verificationMaterial"]["tlogEntries"][0]),
    *(f"{PROOF}.{name}" for name in ("logIndex", "hashes", "checkpoint")),
    "dsseEnvelope",
    "dsseEnvelope.payload",
    "dsseEnvelope.signatures",
]


@settings(max_examples=60)
@given(st.sampled_from(PATHS), JSON)
def test_nothing_but_our_own_error_leaves(path: str, value: object) -> None:
    """Whatever stands in a field, it is read or refused."""
    try:
        bundle.parse(json.dumps(json.loads(changed(path, value))).encode(), DEFAULT_LIMITS)
    except MalformedEvidenceError as error:
        assert str(error.reason).startswith("evidence.")  # noqa: PT017 (reading it is allowed too)
