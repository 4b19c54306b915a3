"""Certificates: the profile of the leaf, its extensions, its SCT."""

from __future__ import annotations

import struct
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.model.urls import escaped_uri
from slsa_gen.sandbox import certificates
from tests.support.clock import START

if TYPE_CHECKING:
    from cryptography.x509.certificate_transparency import SignedCertificateTimestamp

    from slsa_gen.sandbox.keys import Material

NAME = "https://sandbox.slsa-gen.invalid/o/r/.github/workflows/x.yml@refs/heads/main"


def issue(
    material: Material, name: str = NAME, extensions: dict[str, bytes] | None = None
) -> x509.Certificate:
    """Return a leaf for a new key."""
    return certificates.make_leaf(
        ec.generate_private_key(ec.SECP256R1()).public_key(),
        x509.UniformResourceIdentifier(name),
        extensions or {"1": b"https://issuer.invalid"},
        not_before=START,
        lifetime=timedelta(minutes=10),
        issuer=material.intermediate,
        issuer_key=material.intermediate_key,
        log_key=material.ct_key,
    )


def test_the_leaf_follows_fulcios_profile(material: Material) -> None:
    """Usages, key identifiers, and the one critical name, since the subject is empty."""
    leaf = issue(material)
    assert leaf.subject == x509.Name([])
    assert (leaf.not_valid_before_utc, leaf.not_valid_after_utc) == (
        START,
        START + timedelta(minutes=10),
    )
    by_oid = {extension.oid: extension for extension in leaf.extensions}
    usage = by_oid[ExtensionOID.KEY_USAGE]
    assert usage.critical
    assert usage.value.public_bytes() == bytes.fromhex("03020780")  # digitalSignature alone
    extended = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(extended) == [ExtendedKeyUsageOID.CODE_SIGNING]
    names = by_oid[ExtensionOID.SUBJECT_ALTERNATIVE_NAME]
    assert names.critical
    assert isinstance(names.value, x509.SubjectAlternativeName)
    assert names.value.get_values_for_type(x509.UniformResourceIdentifier) == [NAME]
    key_id = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    own = material.intermediate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    assert key_id.key_identifier == own.value.digest
    assert ExtensionOID.BASIC_CONSTRAINTS not in by_oid


def test_the_chain_holds(material: Material) -> None:
    """Leaf by intermediate, intermediate by root, root by itself."""
    leaf = issue(material)
    leaf.verify_directly_issued_by(material.intermediate)
    material.intermediate.verify_directly_issued_by(material.root)
    material.root.verify_directly_issued_by(material.root)


@pytest.mark.parametrize(("position", "length"), [(0, 0), (1, 1)])
def test_authorities_are_authorities(material: Material, position: int, length: int) -> None:
    """Critical constraints with a path length, and the right to sign certificates."""
    certificate = material.chain[position]
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert (constraints.value.ca, constraints.value.path_length) == (True, length)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.key_cert_sign
    assert not usage.digital_signature


def sct_of(leaf: x509.Certificate) -> SignedCertificateTimestamp:
    """Return the one embedded SCT."""
    sct: SignedCertificateTimestamp
    (sct,) = leaf.extensions.get_extension_for_class(
        x509.PrecertificateSignedCertificateTimestamps
    ).value
    return sct


def test_the_sct_is_signed_over_the_precertificate(material: Material) -> None:
    """As RFC 6962, section 3.2 says, by the log's key and with its id."""
    leaf = issue(material)
    sct = sct_of(leaf)
    tbs = leaf.tbs_precertificate_bytes
    signed = (
        struct.pack("!BBQH", 0, 0, int(START.timestamp()) * 1000, 1)
        + certificates.key_id(material.intermediate_key.public_key())
        + len(tbs).to_bytes(3, "big")
        + tbs
        + b"\x00\x00"
    )
    material.ct_key.public_key().verify(sct.signature, signed, ec.ECDSA(hashes.SHA256()))
    assert sct.log_id == certificates.key_id(material.ct_key.public_key())
    assert sct.timestamp == START.replace(tzinfo=None)
    assert isinstance(sct.signature_hash_algorithm, hashes.SHA256)


def test_extensions_are_written_as_given(material: Material) -> None:
    """By the last number of their OID, not critical."""
    leaf = issue(material, extensions={"1": b"raw", "9": certificates.utf8_string("ü")})
    for number, value in (("1", b"raw"), ("9", b"\x0c\x02\xc3\xbc")):
        oid = x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{number}")
        extension = leaf.extensions.get_extension_for_oid(oid)
        assert not extension.critical
        assert isinstance(extension.value, x509.UnrecognizedExtension)
        assert extension.value.value == value


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("https://h.invalid/a@refs/heads/main", "https://h.invalid/a@refs/heads/main"),
        ("https://h.invalid/a@refs/heads/möwe", "https://h.invalid/a@refs/heads/m%C3%B6we"),
        ("https://h.invalid/a@refs/heads/fix#1", "https://h.invalid/a@refs/heads/fix#1"),
        ("https://h.invalid/a#ü!(b)*'", "https://h.invalid/a#%C3%BC!(b)*%27"),
        ("https://h.invalid/a'b!(c)*", "https://h.invalid/a'b!(c)*"),
        (
            "https://h.invalid/a'b!(c)*,;=|{}<>\"`%41&+$",
            "https://h.invalid/a%27b%21%28c%29%2A,;=%7C%7B%7D%3C%3E%22%60A&+$",
        ),
    ],
)
def test_a_name_is_escaped_as_go_does(name: str, expected: str) -> None:
    """A URI in a certificate is ASCII; branches need not be (the values are Go's own)."""
    assert escaped_uri(name) == expected


def test_a_lone_percent_sign_is_no_uri() -> None:
    """Go's parser refuses it, and so does Fulcio."""
    with pytest.raises(ValueError, match="invalid URL escape"):
        escaped_uri("https://h.invalid/a@refs/heads/100%")


@given(st.text(st.characters(codec="utf-8"), max_size=70_000 // 4))
def test_utf8_strings_are_der(text: str) -> None:
    """Tag, length in its shortest form, and the bytes."""
    encoded, data = certificates.utf8_string(text), text.encode()
    assert encoded[0] == 0x0C
    assert encoded.endswith(data)
    header = encoded[1 : len(encoded) - len(data)]
    if len(data) < 128:
        assert header == bytes([len(data)])
    else:
        assert header[0] == 0x80 | len(header) - 1
        assert int.from_bytes(header[1:], "big") == len(data)
        assert header[1] != 0


def test_long_strings_have_long_lengths() -> None:
    """Where one byte of length is not enough."""
    assert certificates.utf8_string("x" * 300)[:4] == bytes.fromhex("0c82012c")
