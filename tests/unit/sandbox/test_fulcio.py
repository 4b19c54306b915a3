"""The certificate authority: what it asks for, and what it says in the certificate."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.sandbox.certificates import utf8_string
from slsa_gen.sandbox.fulcio import CertificateAuthority
from slsa_gen.sandbox.keys import Material
from tests.support.clock import START, FakeClock
from tests.unit.sandbox.clients import Signer, b64, csr, new_key, public_pem, refusal, request

PATH = "/api/v2/signingCert"
SERVER = "https://sandbox.slsa-gen.invalid"
POINT = (Encoding.X962, PublicFormat.UncompressedPoint)
MATERIAL = Material.generate(START)
WORKFLOW = "octo-org/octo-repo/.github/workflows/sandbox.yml@refs/heads/main"


def ask(signer: Signer, document: object, **token: Any) -> tuple[int, dict[str, Any]]:  # noqa: ANN401 (claims of any kind)
    """Return how the authority refuses a request with a token."""
    asked = request("POST", PATH, document, bearer=signer.token(**token))
    return refusal(signer.authority.signing_certificate, asked)


def test_the_certificate_says_what_the_token_says(signer: Signer) -> None:
    """Each extension of Fulcio's list, old ones raw and new ones as UTF8String."""
    leaf = signer.certificate()
    found = {
        int(e.oid.dotted_string.rpartition(".")[2]): e.value.value
        for e in leaf.extensions
        if e.oid.dotted_string.startswith("1.3.6.1.4.1.57264.1.")
        and isinstance(e.value, x509.UnrecognizedExtension)
    }
    issuer = "https://token.sandbox.slsa-gen.invalid"
    old = {
        1: issuer,
        2: "push",
        3: "a" * 40,
        4: "sandbox",
        5: "octo-org/octo-repo",
        6: "refs/heads/main",
    }
    claims = signer.issuer.verify(signer.token(), "sigstore")
    new = {
        8: issuer,
        9: f"{SERVER}/{WORKFLOW}",
        10: "a" * 40,
        11: "self-hosted",
        12: f"{SERVER}/octo-org/octo-repo",
        13: "a" * 40,
        14: "refs/heads/main",
        15: str(claims["repository_id"]),
        16: f"{SERVER}/octo-org",
        17: str(claims["repository_owner_id"]),
        18: f"{SERVER}/{WORKFLOW}",
        19: "a" * 40,
        20: "push",
        21: f"{SERVER}/octo-org/octo-repo/actions/runs/7/attempts/1",
        22: "public",
        24: str(claims["sub"]),
    }
    expected = {n: text.encode() for n, text in old.items()}
    assert found == {**expected, **{n: utf8_string(text) for n, text in new.items()}}
    name = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert name.get_values_for_type(x509.UniformResourceIdentifier) == [f"{SERVER}/{WORKFLOW}"]


def test_it_is_for_the_key_that_asked_and_for_ten_minutes(signer: Signer, clock: FakeClock) -> None:
    """From the second in which it was asked for."""
    clock.advance(0.9)
    leaf = signer.certificate()
    assert leaf.public_key() == signer.key.public_key()
    assert leaf.not_valid_before_utc == START
    assert leaf.not_valid_after_utc == START + timedelta(minutes=10)


def test_the_answer_is_the_chain(signer: Signer, material: Material) -> None:
    """Leaf, intermediate, root, in PEM."""
    document = {"certificateSigningRequest": b64(csr(signer.key))}
    asked = request("POST", PATH, document, bearer=signer.token())
    answer = json.loads(signer.authority.signing_certificate(asked).body)
    chain = answer["signedCertificateEmbeddedSct"]["chain"]["certificates"]
    certificates = [x509.load_pem_x509_certificate(text.encode()) for text in chain]
    assert certificates[1:] == list(material.chain)


def test_a_signed_subject_is_a_proof_too(signer: Signer) -> None:
    """The older way, which Go's clients take: the token's subject, signed."""
    claims = signer.issuer.verify(signer.token(), "sigstore")
    proof = signer.key.sign(str(claims["sub"]).encode(), ec.ECDSA(hashes.SHA256()))
    document = {
        "publicKeyRequest": {
            "publicKey": {"algorithm": "ECDSA", "content": public_pem(signer.key)},
            "proofOfPossession": b64(proof),
        }
    }
    asked = request("POST", PATH, document, bearer=signer.token())
    answer = json.loads(signer.authority.signing_certificate(asked).body)
    leaf = answer["signedCertificateEmbeddedSct"]["chain"]["certificates"][0]
    assert x509.load_pem_x509_certificate(leaf.encode()).public_key() == signer.key.public_key()


def test_lifetimes_are_arguments(material: Material, signer: Signer, clock: FakeClock) -> None:
    """So that a test need not wait ten minutes."""
    authority = CertificateAuthority(material, signer.issuer, clock, DEFAULT_LIMITS, lifetime=3)
    document = {"certificateSigningRequest": b64(csr(signer.key))}
    answer = json.loads(
        authority.signing_certificate(request("POST", PATH, document, bearer=signer.token())).body
    )
    leaf = answer["signedCertificateEmbeddedSct"]["chain"]["certificates"][0]
    end = x509.load_pem_x509_certificate(leaf.encode()).not_valid_after_utc
    assert end == START + timedelta(seconds=3)


class TestToken:
    """A token is asked for first, and must hold."""

    DOCUMENT = {"certificateSigningRequest": b64(csr(new_key()))}  # noqa: RUF012 (never changed)

    def refused(self, signer: Signer, bearer: str) -> tuple[int, dict[str, Any]]:
        """Return how a token is refused."""
        asked = request("POST", PATH, self.DOCUMENT, bearer=bearer)
        return refusal(signer.authority.signing_certificate, asked)

    def test_none(self, signer: Signer) -> None:
        """GRPC's code 16, HTTP's 401."""
        status, body = self.refused(signer, "")
        assert (status, body["code"]) == (401, 16)

    def test_for_somebody_else(self, signer: Signer) -> None:
        """A token for another audience is another's."""
        raw = signer.issuer.issue({"sub": "x"}, "https://registry.invalid")
        status, body = self.refused(signer, raw)
        assert (status, body["code"]) == (400, 3)
        assert body["message"].startswith("There was an error processing the identity token")

    def test_of_another_sandbox(self, signer: Signer) -> None:
        """Its key is not ours."""
        other = Signer(Material.generate(START), FakeClock())
        status, body = self.refused(signer, other.token())
        assert status == 400
        assert "Signature verification failed" in body["message"]

    def test_expired(self, signer: Signer, clock: FakeClock) -> None:
        """After five minutes."""
        raw = signer.token()
        clock.advance(300)
        assert "it expired at" in self.refused(signer, raw)[1]["message"]

    def test_not_valid_yet(self, signer: Signer, clock: FakeClock) -> None:
        """A clock that was set back."""
        raw = signer.token()
        clock.advance(-601)
        assert "it is not valid before" in self.refused(signer, raw)[1]["message"]

    @pytest.mark.parametrize("claim", ["repository", "job_workflow_ref", "run_id", "sha", "ref"])
    def test_without_a_claim(self, signer: Signer, claim: str) -> None:
        """The message names it; nothing is filled in."""
        for changed in (None, 7):
            status, body = ask(signer, self.DOCUMENT, **{claim: changed})
            assert status == 400
            assert f"it has no claim '{claim}'" in body["message"]

    def test_with_a_ref_that_no_uri_can_hold(self, signer: Signer) -> None:
        """Go's parser, and so Fulcio, refuses a lone percent sign."""
        status, body = ask(signer, self.DOCUMENT, job_workflow_ref="o/r/w.yml@refs/heads/100%")
        assert status == 400
        assert "invalid URL escape" in body["message"]


class TestProofOfPossession:
    """Only who holds a key gets a certificate for it."""

    def test_a_request_signed_by_another_key(self, signer: Signer) -> None:
        """The signature is the proof."""
        der = bytearray(x509.load_pem_x509_csr(csr(signer.key)).public_bytes(Encoding.DER))
        position = der.rindex(signer.key.public_key().public_bytes(*POINT)[1:9])
        der[position : position + 64] = new_key().public_key().public_bytes(*POINT)[1:]
        text = x509.load_der_x509_csr(bytes(der)).public_bytes(Encoding.PEM)
        status, body = ask(signer, {"certificateSigningRequest": b64(text)})
        assert status == 400
        assert body["message"] == "The signature supplied in the request could not be verified"

    def test_a_subject_signed_by_another_key(self, signer: Signer) -> None:
        """Likewise in the older way, and for another subject."""
        for key, subject in ((new_key(), "repo:x"), (signer.key, "somebody else")):
            proof = key.sign(subject.encode(), ec.ECDSA(hashes.SHA256()))
            document = {
                "publicKeyRequest": {
                    "publicKey": {"content": public_pem(signer.key)},
                    "proofOfPossession": b64(proof),
                }
            }
            status, body = ask(signer, document, sub="repo:x")
            assert status == 400
            assert "signature supplied" in body["message"]

    @pytest.mark.parametrize(
        "key",
        [
            rsa.generate_private_key(65537, 2048),
            ec.generate_private_key(ec.SECP384R1()),
        ],
    )
    def test_other_kinds_of_keys(self, signer: Signer, key: Any) -> None:  # noqa: ANN401 (keys of two kinds)
        """Only ECDSA on P-256 is taken."""
        status, body = ask(signer, {"certificateSigningRequest": b64(csr(key))})
        assert status == 400
        assert "insecure: only ECDSA on P-256" in body["message"]

    def test_an_edwards_key(self, signer: Signer) -> None:
        """Which signs without a hash of its own."""
        builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
        made = builder.sign(ed25519.Ed25519PrivateKey.generate(), None)
        document = {"certificateSigningRequest": b64(made.public_bytes(Encoding.PEM))}
        assert "insecure" in ask(signer, document)[1]["message"]


class TestMalformed:
    """Whatever is not a request is refused, in Fulcio's words."""

    @pytest.mark.parametrize(
        ("document", "why"),
        [
            ([], "an object was expected"),
            ({}, "neither certificateSigningRequest nor publicKeyRequest"),
            ({"certificateSigningRequest": 7}, "base64 text is missing"),
            ({"certificateSigningRequest": "!!"}, "not base64"),
            ({"certificateSigningRequest": ""}, "could not be parsed"),
            ({"certificateSigningRequest": b64(b"x")}, "could not be parsed"),
            ({"publicKeyRequest": 7}, "neither"),
            ({"publicKeyRequest": {}}, "publicKey is no object"),
            ({"publicKeyRequest": {"publicKey": {"content": "x"}}}, "could not be parsed"),
            (
                {"publicKeyRequest": {"publicKey": {"content": public_pem(new_key())}}},
                "base64 text is missing",
            ),
        ],
    )
    def test_documents(self, signer: Signer, document: object, why: str) -> None:
        """Missing, of another kind, not base64, not PEM."""
        status, body = ask(signer, document)
        assert (status, body["code"]) == (400, 3)
        assert why in body["message"]

    def test_too_large(self, signer: Signer) -> None:
        """A certificate request is small."""
        document = {"certificateSigningRequest": "A" * DEFAULT_LIMITS.sandbox_request_bytes}
        status, body = ask(signer, document)
        assert status == 400
        assert f"at most {DEFAULT_LIMITS.sandbox_request_bytes}" in body["message"]

    @given(st.binary(max_size=200))
    def test_any_bytes(self, body: bytes) -> None:
        """No foreign error leaves, whatever is sent."""
        signer = Signer(MATERIAL, FakeClock())
        pem_like = b"-----BEGIN CERTIFICATE REQUEST-----\n%s\n-----END CERTIFICATE REQUEST-----\n"
        document = {"certificateSigningRequest": b64(pem_like % b64(body).encode())}
        assert ask(signer, document)[0] == 400


def test_the_trust_bundle_is_the_chain(signer: Signer, material: Material) -> None:
    """As clients fetch it."""
    document = json.loads(signer.authority.trust_bundle(request("GET", "/api/v2/trustBundle")).body)
    (chain,) = document["chains"]
    certificates = [x509.load_pem_x509_certificate(c.encode()) for c in chain["certificates"]]
    assert certificates == list(material.chain)


def test_a_persons_certificate_names_an_address_and_its_issuer(signer: Signer) -> None:
    """As Fulcio's for issuers of the type email: no extension speaks of a run."""
    claims = {"sub": "1", "email": "ada@example.org", "email_verified": True}
    token = signer.issuer.issue(claims, "sigstore")
    document = {"certificateSigningRequest": b64(csr(new_key()))}
    asked = request("POST", PATH, document, bearer=token)

    answer = json.loads(signer.authority.signing_certificate(asked).body)

    chain = answer["signedCertificateEmbeddedSct"]["chain"]["certificates"]
    leaf = x509.load_pem_x509_certificate(chain[0].encode())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert list(names) == [x509.RFC822Name("ada@example.org")]
    arc = "1.3.6.1.4.1.57264.1."
    found = [e.oid.dotted_string for e in leaf.extensions if e.oid.dotted_string.startswith(arc)]
    assert sorted(found) == [f"{arc}1", f"{arc}8"]
