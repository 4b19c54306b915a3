"""What a bundle says, unverified: for inspect, and to find what speaks of a file."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from cryptography import x509

from slsa_gen import strictjson
from slsa_gen.errors import MalformedEvidenceError
from slsa_gen.evidence.contents import claimed_subjects, describe
from slsa_gen.model.evidence import Evidence
from tests.unit.evidence.forge import SIGNED, Forge, encoded, log_id


def test_everything_a_bundle_says_is_there() -> None:
    """Statement, signer, lifetime, log entry, and the envelope as it stands."""
    forge = Forge()
    evidence = forge.evidence()
    said = describe(evidence)

    assert (said.source, said.version, said.problem) == ("forged", "0.3", "")
    assert said.statement is not None
    assert said.statement.payload == forge.payload
    assert said.certificate is not None
    assert said.certificate.signer == forge.signer
    assert said.certificate.not_before == forge.not_before
    assert said.certificate.not_after == forge.not_after
    assert len(said.certificate.fingerprint) == 64
    assert (said.message, said.key_hint) == (None, None)
    (entry,) = said.log_entries
    assert (entry.log, entry.log_id, entry.index) == ("", log_id("log").hex(), 1)
    assert entry.integrated_at == SIGNED
    assert said.envelope_json is not None
    assert json.loads(said.envelope_json) == json.loads(evidence.bundle)["dsseEnvelope"]


def test_nothing_is_verified() -> None:
    """A payload that nobody signed is shown as well, which is why it is marked."""
    forge = Forge()
    document = forge.document()
    changed = forge.payload.replace(b"app.tar.gz", b"evil.tar.gz")
    document["dsseEnvelope"]["payload"] = encoded(changed)
    said = describe(Evidence("x", strictjson.dumps(document)))
    assert said.statement is not None
    assert said.statement.subjects[0].name == "evil.tar.gz"


def test_what_cannot_be_read_is_said_in_its_place() -> None:
    """A payload that is no statement, a certificate that is none, a timestamp that is none."""
    forge = Forge()
    document = forge.document()
    document["dsseEnvelope"]["payload"] = encoded(b"no statement")
    document["verificationMaterial"]["certificate"]["rawBytes"] = encoded(b"none")
    document["verificationMaterial"]["tlogEntries"][0]["integratedTime"] = "0"
    document["verificationMaterial"]["timestampVerificationData"] = {
        "rfc3161Timestamps": [{"signedTimestamp": encoded(b"none")}]
    }
    said = describe(Evidence("x", strictjson.dumps(document)))

    assert said.statement is None
    assert said.problem
    assert said.certificate is not None
    assert said.certificate.signer is None
    assert "cannot be read" in said.certificate.problem
    assert said.timestamps == (None,)
    assert said.log_entries[0].integrated_at is None


def test_a_certificate_without_a_clear_name_says_so() -> None:
    """Its lifetime is shown, its signer is not."""
    forge = Forge()
    forge.names = [x509.DNSName("a")]
    said = describe(forge.evidence())
    assert said.certificate is not None
    assert said.certificate.not_before == SIGNED
    assert said.certificate.signer is None
    assert "subject alternative name" in said.certificate.problem


def test_a_message_signature_has_no_statement() -> None:
    """It signs a file itself, with a key perhaps."""
    document = Forge().document()
    del document["dsseEnvelope"]
    document["messageSignature"] = {"signature": "QUI="}
    document["verificationMaterial"] = {"publicKey": {"hint": "k"}}
    evidence = Evidence("x", strictjson.dumps(document))
    said = describe(evidence)

    assert said.message is not None
    assert said.key_hint == "k"
    assert (said.envelope, said.envelope_json, said.statement) == (None, None, None)
    assert said.certificate is None
    assert claimed_subjects(evidence) == ()


def test_claimed_subjects_are_those_of_the_statement() -> None:
    """They choose what is proved, nothing more."""
    (found,) = claimed_subjects(Forge().evidence())
    assert found.name == "app.tar.gz"


def test_what_is_no_bundle_is_refused_by_name() -> None:
    """The message says where it was found."""
    with pytest.raises(MalformedEvidenceError, match=r"^there: "):
        describe(Evidence("there", b"{}"))
    with pytest.raises(MalformedEvidenceError):
        claimed_subjects(replace(Forge().evidence(), bundle=b"{}"))
