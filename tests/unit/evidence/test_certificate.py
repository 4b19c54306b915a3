"""Who a certificate says signed, and every way in which it may not say it clearly."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from slsa_gen.errors import UntrustedSignatureError
from slsa_gen.evidence import certificate
from slsa_gen.model.identity import EXTENSION_NUMBERS, SignerIdentity
from slsa_gen.reasons import Reason
from tests.unit.evidence.forge import Forge, utf8

ISSUER = "https://token.actions.githubusercontent.com"
URI = x509.UniformResourceIdentifier("https://github.com/o/r/.github/workflows/x.yml@refs/heads/m")
MAIL = x509.RFC822Name("someone@example.com")


def test_every_extension_has_its_field() -> None:
    """Each of Fulcio's extensions ends in the field of its name, and in no other."""
    forge = Forge()
    forge.fulcio = {number: utf8(field) for field, number in EXTENSION_NUMBERS.items()}

    found = certificate.signer_identity(forge.leaf())

    for field in EXTENSION_NUMBERS:
        assert getattr(found, field) == field
    assert found.subject_alternative_name == forge.signer.subject_alternative_name


def test_a_person_has_an_address_and_no_run() -> None:
    """An e-mail address is a name too, and what is not there is None."""
    forge = Forge()
    forge.names, forge.fulcio = [MAIL], {1: b"https://accounts.example.com"}

    found = certificate.signer_identity(forge.leaf())

    assert found == SignerIdentity("someone@example.com", issuer="https://accounts.example.com")


def test_both_issuer_extensions_may_say_the_same() -> None:
    """Fulcio writes the old and the new one."""
    forge = Forge()
    forge.fulcio |= {1: ISSUER.encode()}
    assert certificate.signer_identity(forge.leaf()).issuer == ISSUER


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "no subject alternative name"),
        ([URI, MAIL], "must have one subject alternative name, it has 2"),
        ([URI, URI], "it has 2"),
        ([x509.DNSName("github.com")], "got DNSName"),
        (
            [x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.7"), utf8("name"))],
            "got OtherName",
        ),
        ([x509.UniformResourceIdentifier("https://a/\n")], "control characters"),
    ],
)
def test_exactly_one_uri_or_address_is_a_name(names: list[x509.GeneralName], message: str) -> None:
    """None, several, and names of other kinds are refused."""
    forge = Forge()
    forge.names = names
    with pytest.raises(UntrustedSignatureError, match=message) as caught:
        certificate.signer_identity(forge.leaf())
    assert caught.value.reason is Reason.CERTIFICATE_IDENTITY


@pytest.mark.parametrize(
    ("number", "value", "message"),
    [
        (12, b"https://github.com/o/r", r"57264\.1\.12: not a DER UTF8String"),
        (12, utf8("https://github.com/o/r") + b"x", r"1\.12: the DER UTF8String says"),
        (8, utf8("a\x00b"), "control characters"),
        (1, b"https://other.example.com", "names two issuers"),
        (1, b"\xff", "not UTF-8"),
    ],
)
def test_an_extension_that_is_not_as_fulcio_writes_it_is_refused(
    number: int, value: bytes, message: str
) -> None:
    """Nothing is guessed from a malformed value."""
    forge = Forge()
    forge.fulcio |= {number: value}
    with pytest.raises(UntrustedSignatureError, match=message) as caught:
        certificate.signer_identity(forge.leaf())
    assert caught.value.reason is Reason.CERTIFICATE_IDENTITY


def test_a_doubled_extension_is_refused() -> None:
    """Two extensions of one number could be read either way."""
    forge = Forge()
    raw = forge.leaf().public_bytes(Encoding.DER)
    start = bytes((0x06, 0x0A, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x83, 0xBF, 0x30, 0x01))
    doubled = raw.replace(start + b"\x0d", start + b"\x0c")
    assert doubled != raw
    with pytest.raises(UntrustedSignatureError, match="cannot be read") as caught:
        certificate.load(doubled)
    assert caught.value.reason is Reason.CERTIFICATE_MALFORMED


def test_what_is_no_certificate_is_refused() -> None:
    """Bytes that are none are malformed evidence, not a crash."""
    with pytest.raises(UntrustedSignatureError) as caught:
        certificate.load(b"\x30\x03\x02\x01\x01")
    assert caught.value.reason is Reason.CERTIFICATE_MALFORMED


def test_only_keys_on_an_elliptic_curve_sign() -> None:
    """Another kind of key would make sigstore's verifier stumble."""
    forge = Forge()
    forge.edwards = True
    with pytest.raises(UntrustedSignatureError, match="elliptic curve") as caught:
        certificate.load(forge.leaf().public_bytes(Encoding.DER))
    assert caught.value.reason is Reason.CERTIFICATE_KEY


def test_a_certificate_is_loaded() -> None:
    """The forged one is as good as a real one."""
    forge = Forge()
    loaded = certificate.load(forge.leaf().public_bytes(Encoding.DER))
    assert loaded.not_valid_before_utc == forge.not_before
    assert loaded.not_valid_after_utc - loaded.not_valid_before_utc == timedelta(minutes=10)
