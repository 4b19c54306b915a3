"""The log's face: what may enter, and what it answers."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.limits import DEFAULT_LIMITS, Limits
from slsa_gen.sandbox import database, trust
from slsa_gen.sandbox.certificates import key_id
from slsa_gen.sandbox.database import Database
from slsa_gen.sandbox.entry import EntryError, canonical, read_entry
from slsa_gen.sandbox.keys import Material
from slsa_gen.sandbox.log import TransparencyLog
from slsa_gen.sandbox.merkle import leaf_hash
from slsa_gen.sandbox.rekor import ENTRIES_PATH, LogService
from tests.support.clock import START, FakeClock
from tests.unit.sandbox.clients import STATEMENT, Signer, b64, propose, refusal, request
from tests.unit.sandbox.test_merkle import verify_inclusion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOW = int(START.timestamp())
PROPOSAL = Signer(Material.generate(START), FakeClock()).proposal()


@pytest.fixture
def service(tmp_path: Path, material: Material, clock: FakeClock) -> Iterator[LogService]:
    """Return the service of an empty log."""
    database.create(tmp_path / "log.sqlite")
    with Database(tmp_path / "log.sqlite") as opened:
        yield LogService(material, TransparencyLog(opened), clock, DEFAULT_LIMITS)


def add(service: LogService, document: object) -> dict[str, Any]:
    """Add an entry and return it with its ``uuid``."""
    answer = service.add(request("POST", ENTRIES_PATH, document))
    assert answer.status == 201
    ((uuid, entry),) = json.loads(answer.body).items()
    assert answer.headers == {"ETag": uuid, "Location": f"{ENTRIES_PATH}/{uuid}"}
    return {"uuid": uuid, **entry}


def verify(material: Material, signature: bytes, message: bytes) -> None:
    """Check a signature of the log."""
    material.log_key.public_key().verify(signature, message, ec.ECDSA(hashes.SHA256()))


def test_the_body_is_rekors_canonical_form(service: LogService, signer: Signer) -> None:
    """Hashes of envelope and payload, the signature, and the certificate."""
    proposal = signer.proposal()
    entry = add(service, proposal)
    content = proposal["spec"]["proposedContent"]
    envelope = json.loads(content["envelope"])
    expected = {
        "apiVersion": "0.0.1",
        "kind": "dsse",
        "spec": {
            "envelopeHash": {
                "algorithm": "sha256",
                "value": hashlib.sha256(content["envelope"].encode()).hexdigest(),
            },
            "payloadHash": {
                "algorithm": "sha256",
                "value": hashlib.sha256(STATEMENT).hexdigest(),
            },
            "signatures": [
                {
                    "signature": envelope["signatures"][0]["sig"],
                    "verifier": content["verifiers"][0],
                }
            ],
        },
    }
    body = base64.b64decode(entry["body"])
    assert json.loads(body) == expected
    assert body == canonical(expected)


def test_an_entry_is_promised_proved_and_dated(
    service: LogService, signer: Signer, material: Material, clock: FakeClock
) -> None:
    """Promise, proof and checkpoint hold, and belong to one tree."""
    clock.advance(0.7)
    entries = [add(service, signer.proposal(b"%d" % number)) for number in range(3)]
    entry = entries[-1]
    assert (entry["logIndex"], entry["integratedTime"]) == (2, NOW)
    log_id = key_id(material.log_key.public_key())
    assert entry["logID"] == log_id.hex()
    promised = {n: entry[n] for n in ("body", "integratedTime", "logID", "logIndex")}
    promise = base64.b64decode(entry["verification"]["signedEntryTimestamp"])
    verify(material, promise, canonical(promised))
    proof = entry["verification"]["inclusionProof"]
    leaf = leaf_hash(base64.b64decode(entry["body"]))
    assert entry["uuid"] == f"{material.tree_id:016x}{leaf.hex()}"
    path, root = [bytes.fromhex(h) for h in proof["hashes"]], bytes.fromhex(proof["rootHash"])
    assert verify_inclusion(leaf, proof["logIndex"], proof["treeSize"], path, root=root)
    note, _, signatures = proof["checkpoint"].partition("\n\n")
    origin, size, encoded = note.split("\n")
    assert origin == f"sandbox.slsa-gen.invalid - {material.tree_id}"
    assert (int(size), base64.b64decode(encoded)) == (3, root)
    dash, name, signature = signatures.rstrip("\n").split(" ")
    assert (dash, name) == ("—", "sandbox.slsa-gen.invalid")
    assert base64.b64decode(signature)[:4] == log_id[:4]
    verify(material, base64.b64decode(signature)[4:], f"{note}\n".encode())


def test_an_equal_entry_is_a_conflict(service: LogService, signer: Signer) -> None:
    """409, with where it is; its proof has grown since."""
    proposal = signer.proposal()
    entry = add(service, proposal)
    add(service, signer.proposal(b"another"))
    status, body = refusal(service.add, request("POST", ENTRIES_PATH, proposal))
    assert (status, body["code"]) == (409, 409)
    uuid = entry["uuid"]
    assert body["message"].endswith(f"already exists in the transparency log with UUID {uuid}")
    found = json.loads(service.by_uuid(request("GET", f"{ENTRIES_PATH}/{uuid}")).body)[uuid]
    assert found["body"] == entry["body"]
    assert found["integratedTime"] == entry["integratedTime"]
    assert found["verification"]["inclusionProof"]["treeSize"] == 2


def test_entries_are_found_by_index_and_by_uuid(service: LogService, signer: Signer) -> None:
    """The tree's number before the hash may be left out."""
    entry = add(service, signer.proposal())
    by_index = json.loads(service.by_index(request("GET", ENTRIES_PATH, logIndex="0")).body)
    short = json.loads(service.by_uuid(request("GET", f"{ENTRIES_PATH}/{entry['uuid'][16:]}")).body)
    assert list(by_index) == list(short) == [entry["uuid"]]


@pytest.mark.parametrize(
    ("index", "status"), [("", 422), ("x", 422), ("-1", 422), ("1" * 19, 422), ("7", 404)]
)
def test_an_index_that_leads_nowhere(service: LogService, index: str, status: int) -> None:
    """No number, or no entry."""
    assert refusal(service.by_index, request("GET", ENTRIES_PATH, logIndex=index))[0] == status


def test_a_uuid_that_leads_nowhere(service: LogService, signer: Signer) -> None:
    """Malformed, of another tree, or not there."""
    entry = add(service, signer.proposal())
    other = f"{int(entry['uuid'][:16], 16) ^ 1:016x}{entry['uuid'][16:]}"
    for uuid, status in (("xyz", 400), (other, 404), ("0" * 64, 404)):
        assert refusal(service.by_uuid, request("GET", f"{ENTRIES_PATH}/{uuid}"))[0] == status


def test_the_log_describes_itself(service: LogService, signer: Signer, material: Material) -> None:
    """Size, root, checkpoint, key."""
    add(service, signer.proposal())
    info = json.loads(service.info(request("GET", "/api/v1/log")).body)
    assert (info["treeSize"], info["treeID"]) == (1, str(material.tree_id))
    assert info["signedTreeHead"].startswith(f"sandbox.slsa-gen.invalid - {material.tree_id}\n1\n")
    answer = service.public_key(request("GET", "/api/v1/log/publicKey"))
    key = serialization.load_pem_public_key(answer.body)
    assert key == material.log_key.public_key()


class TestCertificate:
    """Only the sandbox's own certificates sign entries, and only while they live."""

    def refused(self, service: LogService, proposal: object) -> str:
        """Return why an entry is refused, and check that nothing was logged."""
        status, body = refusal(service.add, request("POST", ENTRIES_PATH, proposal))
        assert (status, body["code"]) == (400, 400)
        assert json.loads(service.info(request("GET", "/")).body)["treeSize"] == 0
        message: str = body["message"]
        return message

    def test_expired(self, service: LogService, signer: Signer, clock: FakeClock) -> None:
        """One second after its ten minutes; in the last one it is still taken."""
        proposal = signer.proposal()
        clock.advance(601)
        assert "valid from 2026-01-02T03:04:05Z to 2026-01-02T03:14:05Z, and it is" in (
            self.refused(service, proposal)
        )
        clock.advance(-1)
        add(service, proposal)

    def test_not_valid_yet(self, service: LogService, signer: Signer, clock: FakeClock) -> None:
        """A clock that was set back by a second would make a bundle that nobody accepts."""
        proposal = signer.proposal()
        clock.advance(-1)
        assert "the certificate is valid from" in self.refused(service, proposal)

    def test_of_somebody_else(self, service: LogService, signer: Signer) -> None:
        """A self-signed certificate, or one of another sandbox."""
        name, public_key = x509.Name([]), signer.key.public_key()
        end = START.replace(year=START.year + 1)
        for issuer in (name, signer.material.intermediate.subject):
            builder = x509.CertificateBuilder(issuer, name, public_key, 1, START, end)
            certificate = builder.sign(signer.key, hashes.SHA256())
            message = self.refused(service, propose(signer.envelope(), certificate))
            assert "not one that this sandbox issued" in message

    def test_that_did_not_sign(self, service: LogService, signer: Signer, clock: FakeClock) -> None:
        """Somebody else's certificate beside our signature."""
        other = Signer(signer.material, clock)
        message = self.refused(service, propose(signer.envelope(), other.certificate()))
        assert "did not make the envelope's signature" in message


def content(proposal: dict[str, Any], **changes: object) -> None:
    """Change the proposed content."""
    proposal["spec"]["proposedContent"].update(changes)


def envelope(proposal: dict[str, Any], **changes: object) -> None:
    """Change the envelope; its signature stays."""
    changed = {**json.loads(proposal["spec"]["proposedContent"]["envelope"]), **changes}
    content(proposal, envelope=json.dumps(changed))


def signature(proposal: dict[str, Any], value: object) -> None:
    """Change the signature."""
    envelope(proposal, signatures=[{"sig": value}])


def rsa_certificate() -> str:
    """Return the PEM of a certificate with a key of another kind, in base64."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, START, START)
    return b64(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda p: p.update(kind="hashedrekord"), "takes dsse 0.0.1 entries only, got 'hashedrek"),
        (lambda p: p.update(apiVersion="0.0.2"), "got 'dsse' '0.0.2'"),
        (lambda p: p.pop("spec"), "spec is missing"),
        (lambda p: p.update(spec=[]), "spec is missing"),
        (lambda p: p["spec"].pop("proposedContent"), "proposedContent is missing"),
        (lambda p: content(p, envelope={}), "envelope is missing or of another kind"),
        (lambda p: content(p, envelope="{"), "not JSON"),
        (lambda p: content(p, envelope='{"payload":"","payload":""}'), "stands twice"),
        (lambda p: content(p, envelope="\ud800"), "a lone surrogate"),
        (lambda p: content(p, verifiers=[]), "exactly one verifier is taken, got 0"),
        (lambda p: content(p, verifiers=["", ""]), "exactly one verifier is taken, got 2"),
        (lambda p: content(p, verifiers=[7]), "the verifier is missing"),
        (lambda p: content(p, verifiers=["!"]), "the verifier is not base64"),
        (lambda p: content(p, verifiers=[b64(b"x")]), "no certificate in PEM"),
        (lambda p: content(p, verifiers=[rsa_certificate()]), "key is not ECDSA"),
        (lambda p: envelope(p, payload=7), "the payload is missing"),
        (lambda p: envelope(p, payload="YQ=="), "did not make the envelope's signature"),
        (lambda p: envelope(p, payload="YR=="), "the payload is not canonical base64"),
        (lambda p: envelope(p, payload="ö"), "the payload is not base64"),
        (lambda p: envelope(p, payloadType="text/plain"), "did not make the envelope's"),
        (lambda p: envelope(p, payloadType=7), "payloadType is missing"),
        (lambda p: envelope(p, signatures=[]), "exactly one signature is taken, got 0"),
        (lambda p: envelope(p, signatures=["x"]), "a signature is no object"),
        (lambda p: signature(p, None), "the signature is missing"),
        (lambda p: signature(p, ""), "did not make the envelope's signature"),
        (lambda p: signature(p, b64(b"x" * 70)), "did not make the envelope's signature"),
    ],
)
def test_malformed_entries_are_refused(
    signer: Signer, change: Callable[[dict[str, Any]], object], why: str
) -> None:
    """Each with what is wrong; what a client may have meant is not guessed."""
    proposal = copy.deepcopy(signer.proposal())
    change(proposal)
    with pytest.raises(EntryError, match=why):
        read_entry(json.dumps(proposal).encode(), DEFAULT_LIMITS)


def test_an_entry_is_bounded(signer: Signer) -> None:
    """In bytes and in depth."""
    text = json.dumps(signer.proposal()).encode()
    read_entry(text, DEFAULT_LIMITS)
    with pytest.raises(EntryError, match="at most 100 are read"):
        read_entry(text, Limits(sandbox_entry_bytes=100))
    with pytest.raises(EntryError, match="nested deeper"):
        read_entry(b'{"a":' * 100 + b"1" + b"}" * 100, DEFAULT_LIMITS)


@given(st.data())
def test_no_changed_envelope_enters(data: st.DataObject) -> None:
    """One changed byte of payload, type or signature, and the signature does not hold."""
    proposal = copy.deepcopy(PROPOSAL)
    signed = json.loads(proposal["spec"]["proposedContent"]["envelope"])
    part = data.draw(st.sampled_from(["payload", "sig"]))
    owner = signed if part == "payload" else signed["signatures"][0]
    raw = bytearray(base64.b64decode(owner[part]))
    position = data.draw(st.integers(0, len(raw) - 1))
    raw[position] ^= data.draw(st.integers(1, 255))
    owner[part] = b64(bytes(raw))
    content(proposal, envelope=json.dumps(signed))
    with pytest.raises(EntryError):
        read_entry(json.dumps(proposal).encode(), DEFAULT_LIMITS)


def test_dates_are_written_with_their_zone() -> None:
    """RFC 3339, whole seconds."""
    assert trust.rfc3339(START) == "2026-01-02T03:04:05Z"
