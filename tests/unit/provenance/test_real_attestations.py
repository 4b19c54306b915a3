"""Build types held against real attestations of public projects."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from slsa_gen.model.identity import EXTENSION_NUMBERS, SignerIdentity
from slsa_gen.provenance.build_types import lookup, named_by
from slsa_gen.provenance.build_types.github_workflow import GITHUB_WORKFLOW, GithubWorkflow
from slsa_gen.provenance.build_types.github_workflow_community import COMMUNITY_WORKFLOW
from slsa_gen.provenance.build_types.slsa_generator_generic import GENERIC_GENERATOR

if TYPE_CHECKING:
    from pathlib import Path


def _signer(raw: bytes) -> SignerIdentity:
    """Read the extensions of a real certificate (DER UTF8String, as Fulcio writes them)."""
    certificate = x509.load_der_x509_certificate(raw)
    values: dict[str, str] = {}
    names = {number: name for name, number in EXTENSION_NUMBERS.items()}
    for extension in certificate.extensions:
        prefix, _, number = extension.oid.dotted_string.rpartition(".")
        if prefix == "1.3.6.1.4.1.57264.1" and int(number) in names:
            value = extension.value
            assert isinstance(value, x509.UnrecognizedExtension)
            header = 2 if value.value[1] < 0x80 else 2 + (value.value[1] & 0x7F)
            values[names[int(number)]] = value.value[header:].decode()
    name = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    (uri,) = name.value.get_values_for_type(x509.UniformResourceIdentifier)
    return SignerIdentity(uri, **values)


def _bundle(path: Path) -> tuple[str, dict[str, object], SignerIdentity]:
    text = path.read_text()
    bundle = json.loads(text if path.suffix == ".json" else text.splitlines()[0])
    statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    material = bundle["verificationMaterial"]
    certificate = (
        material["certificate"]
        if "certificate" in material
        else material["x509CertificateChain"]["certificates"][0]
    )
    signer = _signer(base64.b64decode(certificate["rawBytes"]))
    return statement["predicateType"], statement["predicate"], signer


@pytest.mark.parametrize(
    ("name", "uri", "count"),
    [
        ("real-world/wrangle-python-provenance.intoto.jsonl", GITHUB_WORKFLOW, 12),
        ("real-world/sigstore-js-2.1.0-bundle-v0.1.json", COMMUNITY_WORKFLOW, 10),
        (
            "slsa-verifier/gha_generic/v2.1.0/binary-linux-amd64-push-v14.2.intoto.jsonl",
            GENERIC_GENERATOR,
            15,
        ),
    ],
)
def test_real_attestations_agree_with_their_certificates(
    corpus: Path, name: str, uri: str, count: int
) -> None:
    """A reusable workflow's, npm's and the generic generator's provenance hold in every field."""
    predicate_type, found, signer = _bundle(corpus / name)
    build_type = lookup(named_by(predicate_type, found) or "")

    assert build_type is not None
    assert uri == build_type.uri
    assert [c.field for c in build_type.compare(found, signer) if not c.equal] == []
    assert count == len(build_type.compare(found, signer))
    assert build_type.unknown_parameters(found) == ()


def test_one_real_attestation_does_not_agree_with_anothers_certificate(corpus: Path) -> None:
    """Provenance of one run under the certificate of another is found out in most fields."""
    _, found, _ = _bundle(corpus / "real-world" / "wrangle-python-provenance.intoto.jsonl")
    *_, signer = _bundle(corpus / "real-world" / "sigstore-js-2.1.0-bundle-v0.1.json")

    differing = [c.field for c in GithubWorkflow().compare(found, signer) if not c.equal]
    assert len(differing) == 10
