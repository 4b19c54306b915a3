"""When something was signed: timestamps of a trusted authority, and the log's own time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from rfc3161_client import TimestampRequestBuilder
from rfc3161_client.base import HashAlgorithm

from slsa_gen.errors import UntrustedSignatureError
from slsa_gen.evidence import proven_time
from slsa_gen.evidence.bundle import RecordedEntry
from slsa_gen.evidence.roots import Authority, Period
from slsa_gen.reasons import Reason
from tests.support.timestamps import TimestampAuthority
from tests.unit.evidence.forge import Forge

MINUTE = timedelta(minutes=1)
ENTRY = RecordedEntry(7, b"id", "dsse", "0.0.1", 1_000_000, b"set", None, b"{}")


@pytest.fixture
def authority() -> TimestampAuthority:
    """Return an authority whose certificate is valid today; it is asked without a socket."""
    return TimestampAuthority()


def moment_of(authority: TimestampAuthority) -> datetime:
    """Return a whole second at which the authority's certificates are alive."""
    return (authority.certificate.not_valid_before_utc + timedelta(hours=2)).replace(microsecond=0)


def stamped(authority: TimestampAuthority, signature: bytes) -> bytes:
    """Return the authority's timestamp of a signature."""
    builder = TimestampRequestBuilder().hash_algorithm(HashAlgorithm.SHA256)
    return authority.answer(builder.data(signature).nonce(nonce=True).build().as_bytes())


def v2_forge(authority: TimestampAuthority) -> Forge:
    """Return a bundle with a Rekor v2 entry, whose only time is a timestamp."""
    moment = moment_of(authority)
    authority.now = moment + MINUTE
    forge = Forge(moment)
    forge.kind, forge.version = "hashedrekord", "0.0.2"
    forge.integrated_time, forge.promise = None, False
    forge.timestamp_chain = [authority.certificate, authority.root]
    forge.stamps = [lambda signature: stamped(authority, signature)]
    return forge


def test_a_timestamp_is_the_time_of_a_rekor_v2_entry(authority: TimestampAuthority) -> None:
    """Such an entry has no time of its own; the authority's counts."""
    verified = v2_forge(authority).prove()
    assert verified.signed_at == authority.now
    assert verified.log_entries[0].integrated_at is None
    assert verified.log_entries[0].kind == "hashedrekord 0.0.2"
    assert verified.proofs[-1].found.endswith("(https://ca.example.com)")


def test_the_earliest_proven_time_counts(authority: TimestampAuthority) -> None:
    """A signature existed when the first clock saw it."""
    forge = v2_forge(authority)
    forge.kind, forge.version, forge.promise = "dsse", "0.0.1", True
    forge.integrated_time = forge.not_before + 2 * MINUTE
    verified = forge.prove()
    assert verified.signed_at == authority.now
    assert verified.log_entries[0].integrated_at == forge.integrated_time


def refusal(forge: Forge) -> UntrustedSignatureError:
    """Return why a bundle is refused."""
    with pytest.raises(UntrustedSignatureError) as caught:
        forge.prove()
    return caught.value


def test_a_rekor_v2_entry_without_a_timestamp_has_no_time(authority: TimestampAuthority) -> None:
    """The hint says what such an entry needs."""
    forge = v2_forge(authority)
    forge.stamps = []
    error = refusal(forge)
    assert error.reason is Reason.TIME_MISSING
    assert "needs a timestamp" in error.hint


def test_a_time_that_no_set_signs_is_no_time(authority: TimestampAuthority) -> None:
    """A Rekor v2 entry that claims a time of its own is not believed."""
    forge = v2_forge(authority)
    forge.stamps = []
    forge.integrated_time, forge.promise = forge.not_before, True
    assert refusal(forge).reason is Reason.TIME_MISSING


def test_the_numbers_of_a_rekor_v2_entry_are_one(authority: TimestampAuthority) -> None:
    """Each such log has one tree, so its entry's number is the proof's."""
    forge = v2_forge(authority)
    forge.log_index = 2
    assert refusal(forge).reason is Reason.LOG_ENTRY_MISMATCH


@pytest.mark.parametrize("minutes", [-1, 11])
def test_a_timestamp_outside_the_certificates_life_is_refused(
    authority: TimestampAuthority, minutes: int
) -> None:
    """A certificate signs for ten minutes."""
    forge = v2_forge(authority)
    authority.now = forge.not_before + minutes * MINUTE
    assert refusal(forge).reason is Reason.TIME_OUTSIDE_CERTIFICATE


def test_an_authority_counts_within_its_period_alone(authority: TimestampAuthority) -> None:
    """The trusted root says until when."""
    forge = v2_forge(authority)
    forge.timestamp_end = forge.not_before
    assert refusal(forge).reason is Reason.TIME_TIMESTAMP


def test_every_timestamp_must_hold(authority: TimestampAuthority) -> None:
    """One of an authority that is not trusted is refused, also beside a good one."""
    forge = v2_forge(authority)
    stranger = TimestampAuthority()
    stranger.now = authority.now
    forge.stamps.append(lambda signature: stamped(stranger, signature))
    assert refusal(forge).reason is Reason.TIME_TIMESTAMP


def test_a_timestamp_is_of_this_signature(authority: TimestampAuthority) -> None:
    """One of another signature says nothing about this one."""
    forge = v2_forge(authority)
    forge.stamps = [lambda _signature: stamped(authority, b"another signature")]
    assert refusal(forge).reason is Reason.TIME_TIMESTAMP


def test_what_is_no_timestamp_is_refused(authority: TimestampAuthority) -> None:
    """Bytes that no authority answers with do not crash anything."""
    forge = v2_forge(authority)
    forge.stamps = [lambda _signature: b"\x30\x00"]
    error = refusal(forge)
    assert error.reason is Reason.TIME_TIMESTAMP
    assert "not an RFC 3161 response" in error.message


def test_the_number_of_timestamps_is_bounded() -> None:
    """Each costs a verification."""
    with pytest.raises(UntrustedSignatureError, match="has 33 timestamps"):
        proven_time.timestamps((b"x",) * 33, b"signature", ())


def test_a_timestamp_stands_once(authority: TimestampAuthority) -> None:
    """The same one twice is not two witnesses (sigstore refuses it)."""
    forge = v2_forge(authority)
    known: dict[bytes, bytes] = {}
    forge.stamps = [lambda s: known.setdefault(s, stamped(authority, s))] * 2
    assert refusal(forge).reason is Reason.TIME_TIMESTAMP


def test_a_chain_needs_its_root(authority: TimestampAuthority) -> None:
    """An authority of one certificate is not asked: nothing vouches for it."""
    start = authority.certificate.not_valid_before_utc
    alone = Authority("a", (authority.certificate,), Period(start, None))
    whole = Authority("b", (authority.certificate, authority.root), Period(start, None))
    authority.now = moment_of(authority)
    response = stamped(authority, b"signature")

    with pytest.raises(UntrustedSignatureError, match="not of an authority"):
        proven_time.timestamps((response,), b"signature", (alone,))
    (found,) = proven_time.timestamps((response,), b"signature", (alone, whole))
    assert found == proven_time.ProvenTime(authority.now, "b")


def test_the_logs_time_needs_its_signature() -> None:
    """Only what the SET signs counts, and only in entries where it signs the time."""
    found = proven_time.integrated(ENTRY, "https://log.example.com")
    assert found == proven_time.ProvenTime(
        datetime.fromtimestamp(1_000_000, UTC), "https://log.example.com"
    )
    for entry in (
        RecordedEntry(7, b"id", "dsse", "0.0.1", None, b"set", None, b"{}"),
        RecordedEntry(7, b"id", "dsse", "0.0.1", 1_000_000, None, None, b"{}"),
        RecordedEntry(7, b"id", "hashedrekord", "0.0.2", 1_000_000, b"set", None, b"{}"),
    ):
        assert proven_time.integrated(entry, "") is None
