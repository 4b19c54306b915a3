"""A Sigstore on paper: makes bundles offline, with a knob for each thing that may be wrong.

Everything is as the real services make it (sandbox: ``slsa_gen/sandbox``) until a test sets
an attribute. Keys are made once for all tests.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from slsa_gen import strictjson
from slsa_gen.evidence.prove import Prover
from slsa_gen.model.evidence import Evidence
from slsa_gen.model.identity import EXTENSION_NUMBERS, SignerIdentity
from slsa_gen.model.instance import InstanceKind, SigstoreInstance
from slsa_gen.sandbox import certificates
from tests.support.values import provenance, signer_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsa_gen.model.verified import VerifiedStatement

SIGNED: Final = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
BEFORE: Final = SIGNED - timedelta(days=30)
ORIGIN: Final = "log.example.com"
_FULCIO: Final = "1.3.6.1.4.1.57264.1."
_SCT_LIST: Final = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_OTHER_BODY: Final = b'{"another":"entry"}'


@cache
def key(name: str) -> ec.EllipticCurvePrivateKey:
    """Return the key of that name, the same each time."""
    return ec.generate_private_key(ec.SECP384R1() if name == "root" else ec.SECP256R1())


@cache
def authority() -> tuple[x509.Certificate, x509.Certificate]:
    """Return the intermediate and the root."""
    root = certificates.make_root(key("root"), BEFORE)
    return certificates.make_intermediate(root, key("root"), key("ca").public_key()), root


def spki(name: str) -> bytes:
    """Return a key's public half in DER."""
    return key(name).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def log_id(name: str) -> bytes:
    """Return the id of the log that has that key."""
    return hashlib.sha256(spki(name)).digest()


def encoded(data: bytes) -> str:
    """Return base64."""
    return base64.b64encode(data).decode()


def signed(name: str, message: bytes) -> bytes:
    """Return a key's signature."""
    return key(name).sign(message, ec.ECDSA(hashes.SHA256()))


def utf8(text: str) -> bytes:
    """Return a DER UTF8String."""
    return certificates.utf8_string(text)


class Forge:
    """One bundle and the trusted root that trusts it; set attributes before :meth:`prove`."""

    def __init__(self, moment: datetime = SIGNED) -> None:
        self.payload = provenance().payload
        self.payload_type = "application/vnd.in-toto+json"
        self.signer: SignerIdentity = signer_of()
        # The certificate.
        self.names: list[x509.GeneralName] = [
            x509.UniformResourceIdentifier(self.signer.subject_alternative_name)
        ]
        self.fulcio: dict[int, bytes] = {
            number: utf8(value)
            for field, number in EXTENSION_NUMBERS.items()
            if isinstance(value := getattr(self.signer, field), str)
        }
        self.digital_signature: bool | None = True
        self.usage: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.CODE_SIGNING
        self.edwards = False
        self.issuing_key = "ca"
        self.not_before, self.not_after = moment, moment + timedelta(minutes=10)
        self.sct_log_id = log_id("ct")
        self.sct_time, self.sct_algorithm, self.sct_key, self.scts = moment, b"\x04\x03", "ct", 1
        # The log entry.
        self.kind, self.version = "dsse", "0.0.1"
        self.integrated_time: datetime | None = moment
        self.promise = self.proof = True
        self.log_index = 1
        self.checkpoint_size, self.checkpoint_name, self.checkpoint_origin = 2, ORIGIN, ORIGIN
        self.body_indent = False
        self.entries = 1
        # The trusted root.
        self.log_end: datetime | None = None
        self.authority_end: datetime | None = None
        self.ct_start: datetime = BEFORE
        self.ct_end: datetime | None = None
        self.stamps: list[Callable[[bytes], bytes]] = []
        self.timestamp_chain: list[x509.Certificate] = []
        self.timestamp_end: datetime | None = None

    def prove(self) -> VerifiedStatement:
        """Prove the bundle against the root."""
        return Prover(self.instance()).prove(self.evidence())

    def evidence(self) -> Evidence:
        """Return the bundle as found."""
        return Evidence("forged", strictjson.dumps(self.document()))

    def instance(self) -> SigstoreInstance:
        """Return whom to trust."""
        root = strictjson.dumps(self.root())
        return SigstoreInstance(name="forge", kind=InstanceKind.NAMED, trusted_root=root)

    def root(self) -> dict[str, Any]:
        """Return the trusted root."""
        authorities = [self._authority(authority(), BEFORE, self.authority_end)]
        stamping = self.timestamp_chain
        return {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [self._log("log", BEFORE, self.log_end)],
            "ctlogs": [self._log("ct", self.ct_start, self.ct_end)],
            "certificateAuthorities": authorities,
            "timestampAuthorities": (
                [self._authority(tuple(stamping), BEFORE, self.timestamp_end)] if stamping else []
            ),
        }

    def document(self) -> dict[str, Any]:
        """Return the bundle."""
        leaf = self.leaf()
        signature = signed("leaf", self._pae())
        envelope = {
            "payload": encoded(self.payload),
            "payloadType": self.payload_type,
            "signatures": [{"sig": encoded(signature)}],
        }
        return {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {
                "certificate": {"rawBytes": encoded(leaf.public_bytes(Encoding.DER))},
                "tlogEntries": [self._entry(leaf, signature)] * self.entries,
                "timestampVerificationData": {
                    "rfc3161Timestamps": [
                        {"signedTimestamp": encoded(stamp(signature))} for stamp in self.stamps
                    ]
                },
            },
            "dsseEnvelope": envelope,
        }

    def leaf(self) -> x509.Certificate:
        """Return the signing certificate, with its SCT."""
        return self.certificate(self.sct_extension())

    def sct_extension(self) -> bytes:
        """Return the value of the SCT extension; empty for none."""
        if not self.scts:
            return b""
        issuer = hashlib.sha256(spki("ca")).digest()
        tbs = self.certificate(b"").tbs_certificate_bytes
        milliseconds = int(self.sct_time.timestamp() * 1000).to_bytes(8, "big")
        entry = b"\x00\x01" + issuer + len(tbs).to_bytes(3, "big") + tbs + b"\x00\x00"
        signature = signed(self.sct_key, b"\x00\x00" + milliseconds + entry)
        length = len(signature).to_bytes(2, "big")
        sct = b"\x00" + self.sct_log_id + milliseconds + b"\x00\x00" + self.sct_algorithm
        sct += length + signature
        scts = (len(sct).to_bytes(2, "big") + sct) * self.scts
        data = len(scts).to_bytes(2, "big") + scts
        size = bytes((len(data),)) if len(data) < 0x80 else b"\x81" + bytes((len(data),))
        if len(data) > 0xFF:
            size = b"\x82" + len(data).to_bytes(2, "big")
        return b"\x04" + size + data

    def certificate(self, sct: bytes) -> x509.Certificate:
        """Return the certificate with that SCT extension."""
        public = (
            ed25519.Ed25519PrivateKey.from_private_bytes(b"k" * 32).public_key()
            if self.edwards
            else key("leaf").public_key()
        )
        issuer, _ = authority()
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(issuer.subject)
            .public_key(public)
            .serial_number(7)
            .not_valid_before(self.not_before)
            .not_valid_after(self.not_after)
        )
        for extension, critical in self._extensions():
            builder = builder.add_extension(extension, critical=critical)
        if sct:
            builder = builder.add_extension(
                x509.UnrecognizedExtension(_SCT_LIST, sct), critical=False
            )
        return builder.sign(key(self.issuing_key), hashes.SHA256())

    def _extensions(self) -> list[tuple[x509.ExtensionType, bool]]:
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(key("ca").public_key())
        found: list[tuple[x509.ExtensionType, bool]] = [(issuer, False)]
        if self.names:
            found.append((x509.SubjectAlternativeName(self.names), True))
        if self.digital_signature is not None:
            others = [False] * 8
            found.append((x509.KeyUsage(self.digital_signature, *others), True))
        if self.usage is not None:
            found.append((x509.ExtendedKeyUsage([self.usage]), False))
        for number, value in self.fulcio.items():
            oid = x509.ObjectIdentifier(f"{_FULCIO}{number}")
            found.append((x509.UnrecognizedExtension(oid, value), False))
        return found

    def _pae(self) -> bytes:
        kind = self.payload_type.encode()
        return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(self.payload), self.payload)

    def _entry(self, leaf: x509.Certificate, signature: bytes) -> dict[str, Any]:
        body = self._body(leaf, signature)
        leaf_hash = hashlib.sha256(b"\x00" + body).digest()
        other = hashlib.sha256(b"\x00" + _OTHER_BODY).digest()
        root = hashlib.sha256(b"\x01" + other + leaf_hash).digest()
        note = f"{self.checkpoint_origin}\n{self.checkpoint_size}\n{encoded(root)}\n"
        seal = log_id("log")[:4] + signed("log", note.encode())
        entry: dict[str, Any] = {
            "logIndex": str(self.log_index),
            "logId": {"keyId": encoded(log_id("log"))},
            "kindVersion": {"kind": self.kind, "version": self.version},
            "canonicalizedBody": encoded(body),
        }
        if self.integrated_time is not None:
            entry["integratedTime"] = str(int(self.integrated_time.timestamp()))
        if self.promise:
            entry["inclusionPromise"] = {"signedEntryTimestamp": encoded(self._set(body))}
        if self.proof:
            entry["inclusionProof"] = {
                "logIndex": "1",
                "treeSize": "2",
                "rootHash": encoded(root),
                "hashes": [encoded(other)],
                "checkpoint": {
                    "envelope": f"{note}\n\u2014 {self.checkpoint_name} {encoded(seal)}\n"
                },
            }
        return entry

    def _set(self, body: bytes) -> bytes:
        moment = self.integrated_time or SIGNED
        return signed(
            "log",
            rfc8785.dumps(
                {
                    "body": encoded(body),
                    "integratedTime": int(moment.timestamp()),
                    "logID": log_id("log").hex(),
                    "logIndex": self.log_index,
                }
            ),
        )

    def _body(self, leaf: x509.Certificate, signature: bytes) -> bytes:
        body = self._body_v2(leaf, signature) if self.version == "0.0.2" else None
        if body is None:
            verifier = encoded(leaf.public_bytes(Encoding.PEM))
            payload = hashlib.sha256(self.payload).hexdigest()
            body = {
                "apiVersion": self.version,
                "kind": self.kind,
                "spec": {
                    "envelopeHash": {"algorithm": "sha256", "value": "0" * 64},
                    "payloadHash": {"algorithm": "sha256", "value": payload},
                    "signatures": [{"signature": encoded(signature), "verifier": verifier}],
                },
            }
        written = rfc8785.dumps(body)
        return written.replace(b":", b": ", 1) if self.body_indent else written

    def _body_v2(self, leaf: x509.Certificate, signature: bytes) -> dict[str, Any]:
        raw = encoded(leaf.public_bytes(Encoding.DER))
        digest = encoded(hashlib.sha256(self._pae()).digest())
        verifier = {"keyDetails": "PKIX_ECDSA_P256_SHA_256", "x509Certificate": {"rawBytes": raw}}
        return {
            "apiVersion": "0.0.2",
            "kind": "hashedrekord",
            "spec": {
                "hashedRekordV002": {
                    "data": {"algorithm": "SHA2_256", "digest": digest},
                    "signature": {"content": encoded(signature), "verifier": verifier},
                }
            },
        }

    @staticmethod
    def _log(name: str, start: datetime, end: datetime | None) -> dict[str, Any]:
        return {
            "baseUrl": f"https://{name}.example.com",
            "hashAlgorithm": "SHA2_256",
            "publicKey": {
                "rawBytes": encoded(spki(name)),
                "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                "validFor": _period(start, end),
            },
            "logId": {"keyId": encoded(log_id(name))},
        }

    @staticmethod
    def _authority(
        chain: tuple[x509.Certificate, ...], start: datetime, end: datetime | None
    ) -> dict[str, Any]:
        certificates_ = [{"rawBytes": encoded(c.public_bytes(Encoding.DER))} for c in chain]
        return {
            "subject": {"organization": "example", "commonName": "example"},
            "uri": "https://ca.example.com",
            "certChain": {"certificates": certificates_},
            "validFor": _period(start, end),
        }


def _period(start: datetime, end: datetime | None) -> dict[str, str]:
    return {"start": start.isoformat()} | ({} if end is None else {"end": end.isoformat()})
