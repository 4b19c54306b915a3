"""The certificate authority: a token and a proof of possession in, a certificate out.

Answers as Fulcio's v2 API does
(https://github.com/sigstore/fulcio/blob/main/fulcio.proto), through its JSON gateway.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from slsa_gen import strictjson
from slsa_gen.model.instance import SANDBOX_SERVER
from slsa_gen.model.urls import escaped_uri
from slsa_gen.sandbox import certificates
from slsa_gen.sandbox.api import Answer, ApiError, Request, json_answer
from slsa_gen.sandbox.issuer import TokenError
from slsa_gen.sandbox.keys import pem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.clock import Clock
    from slsa_gen.limits import Limits
    from slsa_gen.sandbox.issuer import TokenIssuer
    from slsa_gen.sandbox.keys import Material

AUDIENCE: Final = "sigstore"
#: Seconds that a signing certificate lives, as Fulcio's do.
CERTIFICATE_SECONDS: Final = 600

#: gRPC's number for an argument that is wrong.
_INVALID_ARGUMENT: Final = 3
_UNAUTHENTICATED: Final = 16

# How an extension's text is made of a token's claims, by the last number of its OID. The
# first six are the old ones, whose values are the bare text; the others are UTF8Strings.
_OLD_EXTENSIONS: Final = {
    "1": "{iss}",
    "2": "{event_name}",
    "3": "{sha}",
    "4": "{workflow}",
    "5": "{repository}",
    "6": "{ref}",
}
_EXTENSIONS: Final = {
    "8": "{iss}",
    "9": "{server}/{job_workflow_ref}",
    "10": "{job_workflow_sha}",
    "11": "{runner_environment}",
    "12": "{server}/{repository}",
    "13": "{sha}",
    "14": "{ref}",
    "15": "{repository_id}",
    "16": "{server}/{repository_owner}",
    "17": "{repository_owner_id}",
    "18": "{server}/{workflow_ref}",
    "19": "{workflow_sha}",
    "20": "{event_name}",
    "21": "{server}/{repository}/actions/runs/{run_id}/attempts/{run_attempt}",
    "22": "{repository_visibility}",
    # .23 is the deployment environment, which the sandbox's runs have none of.
    "24": "{sub}",
}
_SUBJECT: Final = "{server}/{job_workflow_ref}"
#: A person's certificate says who vouches for the address, and nothing of a run.
_OLD_PERSONS: Final = {"1": "{iss}"}
_PERSONS: Final = {"8": "{iss}"}


class CertificateAuthority:
    """Issues signing certificates.

    Args:
        material: The authority's keys and certificates.
        issuer: Checks tokens.
        clock: Says from when a certificate is valid.
        limits: Bounds what is parsed.
        lifetime: The seconds that a certificate lives.
    """

    def __init__(
        self,
        material: Material,
        issuer: TokenIssuer,
        clock: Clock,
        limits: Limits,
        lifetime: int = CERTIFICATE_SECONDS,
    ) -> None:
        self._material = material
        self._issuer = issuer
        self._clock = clock
        self._limits = limits
        self._lifetime = timedelta(seconds=lifetime)

    def signing_certificate(self, request: Request) -> Answer:
        """Answer ``POST /api/v2/signingCert``.

        Raises:
            ApiError: the token, the request or the proof of possession does not hold.
        """
        if not request.bearer:
            raise ApiError(
                HTTPStatus.UNAUTHORIZED,
                "There was an error processing the identity token: there is none",
                code=_UNAUTHENTICATED,
            )
        try:
            claims = self._issuer.verify(request.bearer, AUDIENCE)
        except TokenError as error:
            raise _refusal("There was an error processing the identity token", error) from error
        public_key = self._public_key(request.body, claims)
        leaf = self._issue(public_key, claims)
        chain = [pem(certificate) for certificate in (leaf, *self._material.chain)]
        return json_answer({"signedCertificateEmbeddedSct": {"chain": {"certificates": chain}}})

    def trust_bundle(self, _request: Request) -> Answer:
        """Answer ``GET /api/v2/trustBundle``."""
        chain = [pem(certificate) for certificate in self._material.chain]
        return json_answer({"chains": [{"certificates": chain}]})

    def _public_key(self, body: bytes, claims: Mapping[str, object]) -> ec.EllipticCurvePublicKey:
        """Return the key whose possession the request proves."""
        try:
            document = strictjson.loads_object(
                body, max_bytes=self._limits.sandbox_request_bytes, max_depth=8
            )
        except strictjson.StrictJsonError as error:
            raise _refusal("The request could not be parsed", error) from error
        csr = document.get("certificateSigningRequest")
        if csr is not None:
            return _key_of_csr(csr)
        asked = document.get("publicKeyRequest")
        if isinstance(asked, dict):
            return _key_of_challenge(asked, str(claims["sub"]))
        raise _refusal(
            "The certificate signing request could not be parsed",
            "neither certificateSigningRequest nor publicKeyRequest is given",
        )

    def _issue(
        self, public_key: ec.EllipticCurvePublicKey, claims: Mapping[str, object]
    ) -> x509.Certificate:
        texts = {name: value for name, value in claims.items() if isinstance(value, str)}
        texts["server"] = SANDBOX_SERVER
        person = claims.get("email_verified") is True
        old, new = (_OLD_PERSONS, _PERSONS) if person else (_OLD_EXTENSIONS, _EXTENSIONS)
        try:
            extensions = {n: text.format(**texts).encode() for n, text in old.items()}
            for number, text in new.items():
                extensions[number] = certificates.utf8_string(text.format(**texts))
            name: x509.GeneralName = (
                x509.RFC822Name(texts["email"])
                if person
                else x509.UniformResourceIdentifier(escaped_uri(_SUBJECT.format(**texts)))
            )
        except KeyError as error:
            raise _refusal(
                "There was an error processing the identity token", f"it has no claim {error}"
            ) from error
        except ValueError as error:
            raise _refusal("There was an error processing the identity token", error) from error
        return certificates.make_leaf(
            public_key,
            name,
            extensions,
            not_before=self._clock.now().replace(microsecond=0),
            lifetime=self._lifetime,
            issuer=self._material.intermediate,
            issuer_key=self._material.intermediate_key,
            log_key=self._material.ct_key,
        )


def _key_of_csr(value: object) -> ec.EllipticCurvePublicKey:
    """Return the key of a certificate signing request that was signed with it."""
    failure = "The certificate signing request could not be parsed"
    try:
        csr = x509.load_pem_x509_csr(_bytes(value))
        key = _strong(csr.public_key())
        holds = csr.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _refusal(failure, error) from error
    if not holds:
        raise _refusal("The signature supplied in the request could not be verified")
    return key


def _key_of_challenge(asked: Mapping[str, object], subject: str) -> ec.EllipticCurvePublicKey:
    """Return a key with which the token's subject was signed."""
    failure = "The public key supplied in the request could not be parsed"
    content = asked.get("publicKey")
    try:
        if not isinstance(content, dict):
            raise TypeError("publicKey is no object")  # noqa: TRY301 (one refusal for all)
        pem_text = str(content.get("content")).encode()
        key = _strong(serialization.load_pem_public_key(pem_text))
        proof = _bytes(asked.get("proofOfPossession"))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _refusal(failure, error) from error
    try:
        key.verify(proof, subject.encode("utf-8"), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise _refusal("The signature supplied in the request could not be verified") from error
    return key


def _strong(key: object) -> ec.EllipticCurvePublicKey:
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise _refusal(
            "The public key supplied in the request is insecure", "only ECDSA on P-256 is taken"
        )
    return key


def _bytes(value: object) -> bytes:
    if not isinstance(value, str):
        raise TypeError("base64 text is missing")
    try:
        return b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: {error}") from error


def _refusal(message: str, why: object = "") -> ApiError:
    text = f"{message}: {why}" if why else message
    return ApiError(HTTPStatus.BAD_REQUEST, text, code=_INVALID_ARGUMENT)
