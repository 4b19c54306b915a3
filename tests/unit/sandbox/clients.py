"""A small client of the sandbox's services, and requests that a test can spoil."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.sandbox.api import Answer, ApiError, Request
from slsa_gen.sandbox.checkout import Checkout
from slsa_gen.sandbox.fulcio import CertificateAuthority
from slsa_gen.sandbox.issuer import TokenIssuer
from slsa_gen.sandbox.run import Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsa_gen.clock import Clock
    from slsa_gen.sandbox.keys import Material

HERE = Checkout("octo-org/octo-repo", "refs/heads/main", "a" * 40)
STATEMENT = b'{"_type":"https://in-toto.io/Statement/v1"}'
PAYLOAD_TYPE = "application/vnd.in-toto+json"

PrivateKey = ec.EllipticCurvePrivateKey


def b64(data: bytes) -> str:
    """Return base64 text."""
    return base64.b64encode(data).decode()


def request(
    method: str, path: str, document: object = None, *, bearer: str = "", **query: str
) -> Request:
    """Return a request as the listener reads it."""
    body = b"" if document is None else json.dumps(document).encode()
    return Request(method, path, query, "http://127.0.0.1:1", bearer, body)


def refusal(call: Callable[[Request], Answer], asked: Request) -> tuple[int, dict[str, Any]]:
    """Return the status and the body with which a request is refused."""
    try:
        call(asked)
    except ApiError as error:
        answer = error.answer()
        return answer.status, json.loads(answer.body)
    raise AssertionError("the request was not refused")


def new_key() -> PrivateKey:
    """Return a key of the kind that signs."""
    return ec.generate_private_key(ec.SECP256R1())


def csr(key: Any) -> bytes:  # noqa: ANN401 (any kind of key, the wrong ones too)
    """Return a certificate signing request in PEM."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def public_pem(key: PrivateKey) -> str:
    """Return the public half in PEM."""
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


@dataclass
class Signer:
    """Holds a token and a certificate of a sandbox's keys, without any server."""

    material: Material
    clock: Clock
    key: PrivateKey = field(default_factory=new_key)

    @property
    def issuer(self) -> TokenIssuer:
        """Return the issuer."""
        return TokenIssuer(self.material.oidc_key, self.clock)

    @property
    def authority(self) -> CertificateAuthority:
        """Return the certificate authority."""
        return CertificateAuthority(self.material, self.issuer, self.clock, DEFAULT_LIMITS)

    def token(self, **claims: object) -> str:
        """Return a token of a run, with claims changed; None takes one away."""
        merged = {**Run(7, HERE).claims, **claims}
        kept = {name: value for name, value in merged.items() if value is not None}
        return self.issuer.issue(kept, "sigstore")

    def certificate(self) -> x509.Certificate:
        """Return a signing certificate for the key."""
        asked = request(
            "POST",
            "/api/v2/signingCert",
            {"certificateSigningRequest": b64(csr(self.key))},
            bearer=self.token(),
        )
        document = json.loads(self.authority.signing_certificate(asked).body)
        chain = document["signedCertificateEmbeddedSct"]["chain"]["certificates"]
        return x509.load_pem_x509_certificate(chain[0].encode())

    def envelope(self, payload: bytes = STATEMENT) -> dict[str, Any]:
        """Return a signed DSSE envelope."""
        message = b"DSSEv1 28 application/vnd.in-toto+json %d %s" % (len(payload), payload)
        signature = self.key.sign(message, ec.ECDSA(hashes.SHA256()))
        return {
            "payload": b64(payload),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"sig": b64(signature), "keyid": ""}],
        }

    def proposal(self, payload: bytes = STATEMENT) -> dict[str, Any]:
        """Return an entry for the log, as clients propose it."""
        return propose(self.envelope(payload), self.certificate())


def propose(envelope: object, certificate: x509.Certificate) -> dict[str, Any]:
    """Return an entry for an envelope and a certificate."""
    verifier = certificate.public_bytes(serialization.Encoding.PEM)
    content = {"envelope": json.dumps(envelope), "verifiers": [b64(verifier)]}
    return {"apiVersion": "0.0.1", "kind": "dsse", "spec": {"proposedContent": content}}
