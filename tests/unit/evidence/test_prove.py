"""What proves a bundle, and one forged bundle for each thing that must hold.

Each fault is made by a Sigstore on paper that does everything else rightly, so that a test
fails when the check that finds its fault is taken out.
"""

from __future__ import annotations

import base64
import copy
import json
import logging
import socket
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any, NoReturn

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from slsa_gen import strictjson
from slsa_gen.errors import MalformedEvidenceError, RefusedError, UntrustedSignatureError
from slsa_gen.evidence.contents import describe
from slsa_gen.evidence.prove import Prover
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.evidence import Evidence
from slsa_gen.model.instance import InstanceKind
from slsa_gen.reasons import Reason
from tests.unit.evidence.forge import SIGNED, Forge, encoded

HOUR = timedelta(hours=1)


def refused(forge: Forge) -> RefusedError:
    """Return the refusal of a forged bundle."""
    with pytest.raises(RefusedError) as caught:
        forge.prove()
    assert caught.value.message.startswith("forged: ")
    assert caught.value.hint
    return caught.value


def test_a_good_bundle_is_proved_in_every_part() -> None:
    """The statement's own bytes, who signed, when, where it is logged, and what was proved."""
    forge = Forge()
    verified = forge.prove()

    assert verified.source == "forged"
    assert verified.statement.payload == forge.payload
    assert verified.signer == forge.signer
    assert verified.signed_at == SIGNED
    assert verified.certificate_not_after == SIGNED + timedelta(minutes=10)
    assert verified.bundle == forge.evidence().bundle or verified.bundle.startswith(b"{")
    assert not verified.sandbox
    (entry,) = verified.log_entries
    assert (entry.log, entry.index, entry.kind) == ("https://log.example.com", 1, "dsse 0.0.1")
    assert entry.integrated_at == SIGNED
    assert [check.rule for check in verified.proofs] == [
        "signature",
        "certificate.chain",
        "certificate.sct",
        "log.inclusion",
        "time",
    ]
    assert all(check.passed and check.reason is None for check in verified.proofs)


def test_a_sandbox_says_so() -> None:
    """What a sandbox's root proves is marked for whatever comes after."""
    forge = Forge()
    instance = replace(forge.instance(), kind=InstanceKind.SANDBOX)
    assert Prover(instance).prove(forge.evidence()).sandbox


def test_an_intoto_type_with_the_predicate_in_it_will_do() -> None:
    """in-toto names two forms of its media type."""
    forge = Forge()
    forge.payload_type = "application/vnd.in-toto.provenance+json"
    assert forge.prove().statement.payload == forge.payload


def spoil(forge: Forge, name: str, value: object) -> None:
    """Make one thing wrong."""
    if name == "not_before":  # the certificate was over before the log saw the signature
        forge.not_after = SIGNED - timedelta(minutes=50)
    if name == "not_after":  # the log saw the signature before the certificate began
        forge.not_before = SIGNED + timedelta(minutes=50)
    setattr(forge, name, value)


FAULTS: list[tuple[str, object, Reason]] = [
    ("payload_type", "application/json", Reason.EVIDENCE_PAYLOAD_TYPE),
    ("payload_type", "application/vnd.in-toto+json; x", Reason.EVIDENCE_PAYLOAD_TYPE),
    ("payload", b"{}", Reason.STATEMENT_MALFORMED),
    ("digital_signature", None, Reason.CERTIFICATE_USAGE),
    ("digital_signature", False, Reason.CERTIFICATE_USAGE),
    ("usage", None, Reason.CERTIFICATE_USAGE),
    ("usage", ExtendedKeyUsageOID.SERVER_AUTH, Reason.CERTIFICATE_USAGE),
    ("edwards", True, Reason.CERTIFICATE_KEY),
    ("names", [x509.DNSName("a")], Reason.CERTIFICATE_IDENTITY),
    ("fulcio", {12: b"x"}, Reason.CERTIFICATE_IDENTITY),
    ("not_after", SIGNED + HOUR, Reason.TIME_OUTSIDE_CERTIFICATE),
    ("not_before", SIGNED - HOUR, Reason.TIME_OUTSIDE_CERTIFICATE),
    ("issuing_key", "another", Reason.CERTIFICATE_CHAIN),
    ("scts", 0, Reason.CERTIFICATE_SCT),
    ("scts", 2, Reason.CERTIFICATE_SCT),
    ("sct_key", "log", Reason.CERTIFICATE_SCT),
    ("sct_log_id", b"x" * 32, Reason.CERTIFICATE_SCT),
    ("sct_algorithm", b"\x04\x01", Reason.CERTIFICATE_SCT),
    ("sct_algorithm", b"\x05\x03", Reason.CERTIFICATE_SCT),
    ("ct_start", SIGNED + HOUR, Reason.CERTIFICATE_SCT),
    ("ct_end", SIGNED - HOUR, Reason.CERTIFICATE_SCT),
    ("authority_end", SIGNED - HOUR, Reason.CERTIFICATE_AUTHORITY_PERIOD),
    ("log_end", SIGNED - HOUR, Reason.LOG_PERIOD),
    ("kind", "intoto", Reason.LOG_ENTRY_KIND),
    ("entries", 0, Reason.LOG_MISSING),
    ("entries", 2, Reason.LOG_SEVERAL),
    ("proof", False, Reason.LOG_INCLUSION),
    ("promise", False, Reason.TIME_MISSING),
    ("integrated_time", None, Reason.TIME_MISSING),
    ("log_index", 0, Reason.LOG_ENTRY_MISMATCH),
    ("checkpoint_size", 3, Reason.LOG_CHECKPOINT),
    ("checkpoint_name", "other.example.com", Reason.LOG_CHECKPOINT),
    ("checkpoint_origin", "another.example.com", Reason.LOG_CHECKPOINT),
    ("body_indent", True, Reason.LOG_ENTRY_MISMATCH),
]


@pytest.mark.parametrize(
    ("name", "value", "reason"), FAULTS, ids=[f"{name}={value}" for name, value, _ in FAULTS]
)
def test_one_fault_is_enough(name: str, value: object, reason: Reason) -> None:
    """Whoever makes a bundle with one thing wrong is refused for that thing."""
    forge = Forge()
    spoil(forge, name, value)
    assert refused(forge).reason is reason


def test_a_shard_of_rekor_v1_counts_from_further_on() -> None:
    """The entry's number is over all shards, the proof's within one."""
    forge = Forge()
    forge.log_index = 4_000_000_000
    assert forge.prove().log_entries[0].index == 4_000_000_000


PARTS: list[tuple[str, Any, Reason]] = [
    ("dsseEnvelope.payload", encoded(b"{}"), Reason.SIGNATURE_INVALID),
    ("dsseEnvelope.payloadType", "application/vnd.in-toto.x+json", Reason.SIGNATURE_INVALID),
    ("dsseEnvelope.signatures", [], Reason.SIGNATURE_COUNT),
    ("dsseEnvelope.signatures", [{"sig": ""}], Reason.SIGNATURE_COUNT),
    ("dsseEnvelope.signatures", [{"sig": "QUI="}] * 2, Reason.SIGNATURE_COUNT),
    ("dsseEnvelope.signatures", [{"sig": "QUI="}], Reason.SIGNATURE_INVALID),
    ("entry.logId", {"keyId": encoded(b"x" * 32)}, Reason.LOG_UNKNOWN),
    ("entry.logIndex", "2", Reason.LOG_SET),
    ("entry.integratedTime", str(int(SIGNED.timestamp()) + 1), Reason.LOG_SET),
    ("entry.inclusionPromise", {"signedEntryTimestamp": "QUI="}, Reason.LOG_SET),
    ("entry.canonicalizedBody", encoded(b"{}"), Reason.LOG_INCLUSION),
    ("entry.kindVersion", {"kind": "hashedrekord", "version": "0.0.2"}, Reason.TIME_MISSING),
    ("proof.hashes", [], Reason.LOG_INCLUSION),
    ("proof.hashes", [encoded(b"x" * 32)], Reason.LOG_INCLUSION),
    ("proof.rootHash", encoded(b"x" * 32), Reason.LOG_INCLUSION),
    ("proof.treeSize", "1", Reason.EVIDENCE_BUNDLE),
    ("proof.checkpoint", None, Reason.LOG_CHECKPOINT),
    ("proof.checkpoint", {"envelope": ""}, Reason.LOG_CHECKPOINT),
    ("proof.checkpoint", {"envelope": "a\n2\nQUI=\n"}, Reason.LOG_CHECKPOINT),
    ("proof.checkpoint", {"envelope": "a\n2\nQUI=\n\n\u2014 a QUI=\n"}, Reason.LOG_CHECKPOINT),
    ("material.certificate", {"rawBytes": "QUI="}, Reason.CERTIFICATE_MALFORMED),
]


def changed(document: dict[str, Any], path: str, value: object) -> bytes:
    """Return a bundle with one value replaced."""
    material = document["verificationMaterial"]
    entry = material["tlogEntries"][0]
    place, name = path.split(".")
    places = {
        "dsseEnvelope": document["dsseEnvelope"],
        "material": material,
        "entry": entry,
        "proof": entry["inclusionProof"],
    }
    places[place][name] = value
    return strictjson.dumps(document)


@pytest.mark.parametrize(
    ("path", "value", "reason"), PARTS, ids=[f"{path}={value}"[:60] for path, value, _ in PARTS]
)
def test_one_part_from_elsewhere_is_enough(path: str, value: object, reason: Reason) -> None:
    """A good bundle of which one part was replaced is refused for that part."""
    forge = Forge()
    data = changed(forge.document(), path, value)
    with pytest.raises(RefusedError) as caught:
        Prover(forge.instance()).prove(Evidence("x", data))
    assert caught.value.reason is reason


def test_the_entry_must_be_of_this_signature() -> None:
    """Another good signature over the same payload, logged too, does not lend its entry."""
    forge = Forge()
    one, other = forge.document(), forge.document()
    one["dsseEnvelope"] = other["dsseEnvelope"]
    with pytest.raises(UntrustedSignatureError) as caught:
        Prover(forge.instance()).prove(Evidence("x", strictjson.dumps(one)))
    assert caught.value.reason is Reason.LOG_ENTRY_MISMATCH


def test_a_key_and_a_message_signature_are_not_verified_here() -> None:
    """Each says what it is instead of what is asked for."""
    forge = Forge()
    document = forge.document()
    document["verificationMaterial"]["publicKey"] = {"hint": "k"}
    del document["verificationMaterial"]["certificate"]
    with pytest.raises(UntrustedSignatureError, match="signed by a key") as caught:
        Prover(forge.instance()).prove(Evidence("x", strictjson.dumps(document)))
    assert caught.value.reason is Reason.CERTIFICATE_MISSING
    document = forge.document()
    del document["dsseEnvelope"]
    document["messageSignature"] = {"signature": "QUI="}
    with pytest.raises(MalformedEvidenceError, match="signs a file itself") as malformed:
        Prover(forge.instance()).prove(Evidence("x", strictjson.dumps(document)))
    assert malformed.value.reason is Reason.EVIDENCE_MESSAGE_SIGNATURE


def test_what_was_proved_is_remembered_by_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand artifacts under one bundle are proved once; a refusal is remembered too."""
    forge = Forge()
    prover, good = Prover(forge.instance()), forge.evidence()
    bad = Evidence("bad", b"{}")
    counted: list[Evidence] = []
    real = Prover._prove

    def counting(self: Prover, evidence: Evidence) -> object:
        counted.append(evidence)
        return real(self, evidence)

    monkeypatch.setattr(Prover, "_prove", counting)
    for source in ("a", "b"):
        assert prover.prove(replace(good, source=source)).source == source
        with pytest.raises(RefusedError, match=f"^{source}: "):
            prover.prove(replace(bad, source=source))

    assert len(counted) == 2


def test_only_the_last_few_are_remembered() -> None:
    """Memory does not grow with the number of bundles."""
    forge = Forge()
    prover = Prover(forge.instance(), replace(DEFAULT_LIMITS, proofs_remembered=2))
    for number in range(5):
        with pytest.raises(RefusedError):
            prover.prove(Evidence("x", b"%d" % number))
    assert len(prover._results) == 2


def test_nothing_is_said_beside_the_report(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Log lines and warnings of sigstore do not reach the user."""
    forge = Forge()
    document = forge.document()
    material = document["verificationMaterial"]
    chain = [material.pop("certificate")]
    authority = forge.root()["certificateAuthorities"][0]
    chain += authority["certChain"]["certificates"]
    material["x509CertificateChain"] = {"certificates": chain}
    document["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.2"
    with caplog.at_level(logging.DEBUG):
        Prover(forge.instance()).prove(Evidence("x", strictjson.dumps(document)))

    assert capfd.readouterr() == ("", "")
    assert not [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert logging.getLogger("sigstore").level == logging.NOTSET


def test_an_odd_certificate_warns_nobody(recwarn: pytest.WarningsRecorder) -> None:
    """What cryptography finds odd, and only warns of, is for our report to say."""
    forge = Forge()
    document = forge.document()
    place = document["verificationMaterial"]["certificate"]
    raw = base64.b64decode(place["rawBytes"])
    place["rawBytes"] = encoded(raw.replace(b"\x02\x01\x07", b"\x02\x01\x00", 1))
    evidence = Evidence("x", strictjson.dumps(document))
    with pytest.raises(UntrustedSignatureError) as caught:
        Prover(forge.instance()).prove(evidence)
    assert caught.value.reason is Reason.CERTIFICATE_CHAIN
    assert describe(evidence).certificate is not None
    assert not recwarn.list


def test_no_socket_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proving asks nobody."""

    def refuse(*_arguments: object, **_options: object) -> NoReturn:
        pytest.fail("a socket was made")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert Forge().prove().signed_at == SIGNED


DOCUMENT = Forge().document()
INSTANCE = Forge().instance()
TEXT = json.dumps(DOCUMENT).encode()
PROVER = Prover(INSTANCE)


@settings(max_examples=150)
@given(st.integers(0, len(TEXT) - 1), st.integers(0, 7))
def test_no_changed_byte_is_accepted(position: int, bit: int) -> None:
    """Whatever bit of a bundle is turned, it is refused with one of our reasons.

    Only white space between values may change, since it means nothing.
    """
    data = bytearray(TEXT)
    data[position] ^= 1 << bit
    try:
        PROVER.prove(Evidence("x", bytes(data)))
    except RefusedError as error:
        assert error.reason in set(Reason)  # noqa: PT017 (white space may be accepted)
    else:
        assert json.loads(bytes(data)) == DOCUMENT


LEAVES = [
    ("dsseEnvelope", "payload"),
    ("verificationMaterial", "certificate", "rawBytes"),
    ("verificationMaterial", "tlogEntries", 0, "canonicalizedBody"),
    ("verificationMaterial", "tlogEntries", 0, "inclusionPromise", "signedEntryTimestamp"),
    ("verificationMaterial", "tlogEntries", 0, "inclusionProof", "rootHash"),
]


@settings(max_examples=60)
@given(st.sampled_from(LEAVES), st.binary(max_size=80), st.integers(0, 2000))
def test_no_replaced_bytes_are_accepted(
    path: tuple[str | int, ...], data: bytes, start: int
) -> None:
    """Bytes of any kind in the place of a part's own end in one of our refusals."""
    document = copy.deepcopy(DOCUMENT)
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    before = place[path[-1]]
    place[path[-1]] = encoded(before.encode()[:start] + data)
    with pytest.raises(RefusedError):
        PROVER.prove(Evidence("x", strictjson.dumps(document)))


@settings(max_examples=40)
@given(st.sets(st.sampled_from(range(len(FAULTS))), min_size=2, max_size=4))
def test_faults_do_not_hide_one_another(numbers: set[int]) -> None:
    """Two wrongs never make a right: several faults at once are refused as well."""
    forge = Forge()
    for number in numbers:
        name, value, _ = FAULTS[number]
        spoil(forge, name, value)
    with pytest.raises(RefusedError):
        forge.prove()


def test_several_threads_may_prove_at_once() -> None:
    """Each gets its own answer, and the process's warnings are as they were."""
    forge = Forge()
    prover, good = Prover(forge.instance()), forge.evidence()
    before = list(warnings.filters)

    def one(number: int) -> str:
        if number % 2:
            return prover.prove(replace(good, source=str(number))).source
        with pytest.raises(RefusedError) as caught:
            prover.prove(Evidence(str(number), b"%d" % number))
        return caught.value.message.partition(":")[0]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(60))) == [str(number) for number in range(60)]
    assert warnings.filters == before


@pytest.mark.parametrize(
    ("signatures", "found"),
    [
        ([], "one signature, it has 0"),
        ([{"sig": ""}], "one signature, its signature is empty"),
        ([{"sig": "QUI="}] * 2, "one signature, it has 2"),
    ],
)
def test_what_is_wrong_with_the_signatures_is_said(signatures: object, found: str) -> None:
    """Their number, or that the one is empty; never "2 (or an empty one)"."""
    forge = Forge()
    data = changed(forge.document(), "dsseEnvelope.signatures", signatures)
    with pytest.raises(RefusedError) as caught:
        Prover(forge.instance()).prove(Evidence("x", data))
    assert caught.value.message.endswith(f"the envelope must carry {found}")
