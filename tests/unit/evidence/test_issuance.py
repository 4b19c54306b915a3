"""By whom a certificate was issued, and into which certificate log."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from slsa_gen.errors import UntrustedSignatureError
from slsa_gen.evidence import issuance, roots
from slsa_gen.evidence.proven_time import ProvenTime
from slsa_gen.evidence.roots import Period
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from tests.unit.evidence.forge import BEFORE, SIGNED, Forge

ROOTS = roots.read(Forge().instance(), DEFAULT_LIMITS)
TIMES = (ProvenTime(SIGNED, "a"),)


def refusal(forge: Forge, found: roots.Roots = ROOTS) -> UntrustedSignatureError:
    """Return why a certificate's log is refused."""
    with pytest.raises(UntrustedSignatureError) as caught:
        issuance.certificate_log(forge.leaf(), found)
    return caught.value


def test_a_good_certificate_has_an_authority_and_a_log() -> None:
    """Both are those of the trusted root."""
    leaf = Forge().leaf()
    assert issuance.issuing_authority(leaf, ROOTS, TIMES) == ROOTS.certificate_authorities[0]
    assert issuance.certificate_log(leaf, ROOTS) == ROOTS.certificate_logs[0]


def test_a_certificate_of_another_key_has_no_authority() -> None:
    """The issuer's name alone is nothing."""
    forge = Forge()
    forge.issuing_key = "another"
    with pytest.raises(UntrustedSignatureError, match="was not issued by") as caught:
        issuance.issuing_authority(forge.leaf(), ROOTS, TIMES)
    assert caught.value.reason is Reason.CERTIFICATE_CHAIN


def test_one_of_several_entries_of_an_authority_must_count_then() -> None:
    """A root may list an authority twice, with an ended and an open period."""
    (authority,) = ROOTS.certificate_authorities
    ended = replace(authority, url="ended", period=Period(BEFORE, BEFORE + timedelta(days=1)))
    leaf = Forge().leaf()
    both = replace(ROOTS, certificate_authorities=(ended, authority))
    assert issuance.issuing_authority(leaf, both, TIMES) == authority
    with pytest.raises(UntrustedSignatureError, match="trusts the certificate authority ended"):
        issuance.issuing_authority(leaf, replace(ROOTS, certificate_authorities=(ended,)), TIMES)


def test_every_proven_time_must_lie_in_the_authoritys_period() -> None:
    """One that does not is enough to refuse."""
    (authority,) = ROOTS.certificate_authorities
    until = replace(authority, period=Period(BEFORE, SIGNED))
    late = (*TIMES, ProvenTime(SIGNED + timedelta(minutes=1), "b"))
    found = replace(ROOTS, certificate_authorities=(until,))
    assert issuance.issuing_authority(Forge().leaf(), found, TIMES) == until
    with pytest.raises(UntrustedSignatureError) as caught:
        issuance.issuing_authority(Forge().leaf(), found, late)
    assert caught.value.reason is Reason.CERTIFICATE_AUTHORITY_PERIOD


@pytest.mark.parametrize(("scts", "message"), [(0, "there is none"), (2, "there are 2")])
def test_exactly_one_sct_is_read(scts: int, message: str) -> None:
    """None proves nothing, and of several it would be open which counts."""
    forge = Forge()
    forge.scts = scts
    error = refusal(forge)
    assert error.reason is Reason.CERTIFICATE_SCT
    assert message in error.message


def test_a_malformed_sct_is_refused() -> None:
    """Bytes that are no SCT are none."""
    forge = Forge()
    with pytest.raises(UntrustedSignatureError, match="there is none"):
        issuance.certificate_log(forge.certificate(b"\x04\x02\x00\x09"), ROOTS)


def test_the_sct_names_its_log_and_that_logs_algorithm() -> None:
    """Neither is looked at by sigstore."""
    forge = Forge()
    forge.sct_log_id = b"x" * 32
    assert "which is not trusted" in refusal(forge).message
    forge = Forge()
    forge.sct_algorithm = b"\x04\x01"
    assert "its algorithm is not that of the key" in refusal(forge).message
    rsa = replace(ROOTS.certificate_logs[0], key_details="PKIX_RSA_PKCS1V15_2048_SHA256")
    assert issuance.certificate_log(forge.leaf(), replace(ROOTS, certificate_logs=(rsa,))) == rsa


def test_the_sct_is_of_a_time_at_which_its_log_counted() -> None:
    """Before its start, or after its end, anybody may have the key."""
    for moment in (BEFORE - timedelta(days=1), SIGNED + timedelta(days=1)):
        forge = Forge()
        forge.sct_time = moment
        until = replace(ROOTS.certificate_logs[0], period=Period(BEFORE, SIGNED))
        error = refusal(forge, replace(ROOTS, certificate_logs=(until,)))
        assert "is trusted from" in error.message
