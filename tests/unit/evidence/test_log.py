"""What a log entry says about itself, where sigstore's verifier does not look."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from slsa_gen import strictjson
from slsa_gen.errors import UntrustedSignatureError
from slsa_gen.evidence import bundle, log, roots
from slsa_gen.evidence.proven_time import ProvenTime
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from tests.unit.evidence.forge import BEFORE, SIGNED, Forge

if TYPE_CHECKING:
    from slsa_gen.evidence.bundle import RecordedEntry

ENTRY = bundle.parse(strictjson.dumps(Forge().document()), DEFAULT_LIMITS).entries[0]
(LOG,) = roots.read(Forge().instance(), DEFAULT_LIMITS).logs


def with_checkpoint(text: str) -> RecordedEntry:
    """Return the entry with another checkpoint."""
    assert ENTRY.inclusion_proof is not None
    return replace(ENTRY, inclusion_proof=replace(ENTRY.inclusion_proof, checkpoint=text))


def refusal(entry: RecordedEntry) -> UntrustedSignatureError:
    """Return why an entry is refused."""
    with pytest.raises(UntrustedSignatureError) as caught:
        log.check_consistency(entry, LOG, DEFAULT_LIMITS)
    return caught.value


def test_a_good_entry_is_consistent() -> None:
    """Also with further lines and further signatures in its checkpoint."""
    log.check_consistency(ENTRY, LOG, DEFAULT_LIMITS)
    assert ENTRY.inclusion_proof is not None
    body, _, seal = ENTRY.inclusion_proof.checkpoint.partition("\n\n")
    more = f"{body}\nTimestamp: 1\n\n{seal}\u2014 witness.example.com QUI=\n"
    log.check_consistency(with_checkpoint(more), LOG, DEFAULT_LIMITS)


SEAL = "\u2014 log.example.com QUI="


@pytest.mark.parametrize(
    "text",
    [
        "",
        "log.example.com\n2\nQUI=\n",
        f"log.example.com\n2\nQUI=\n{SEAL}\n",
        f"\n2\nQUI=\n\n{SEAL}\n",
        f"log.example.com\n02\nQUI=\n\n{SEAL}\n",
        f"log.example.com\n 2\nQUI=\n\n{SEAL}\n",
        f"log.example.com\n2\n\n{SEAL}\n",
        f"log.example.com\n2\nQUI=\n\n{SEAL}",
        f"log.example.com\n2\nQUI=\n\n{SEAL}\nmore\n",
        f"log.example.com\n2\nQUI=\n\n{SEAL} more\n",
        "log.example.com\n2\nQUI=\n\n- log.example.com QUI=\n",
        f"log.example.com\n2\nQUI\n\n{SEAL}\n",
        f"log.example.com\n2\nQUJ=\n\n{SEAL}\n",
        "log.example.com\n2\nQUI=\n\n\u2014 log.example.com QUI\n",
        "log.example.com\n2\nQUI=\n\n\u2014 log.example.com QUJ=\n",
    ],
)
def test_a_checkpoint_has_one_form(text: str) -> None:
    """Its base64 is canonical too, which sigstore's reader does not ask."""
    error = refusal(with_checkpoint(text))
    assert error.reason is Reason.LOG_CHECKPOINT


def test_a_checkpoint_of_another_size_or_name_is_refused() -> None:
    """The message has both sides."""
    good = f"log.example.com\n2\nQUI=\n\n{SEAL}\n"
    log.check_consistency(with_checkpoint(good), LOG, DEFAULT_LIMITS)
    error = refusal(with_checkpoint(good.replace("\n2\n", "\n3\n")))
    assert "a tree of 3 entries, the inclusion proof of one of 2" in error.message
    error = refusal(with_checkpoint(good.replace("\u2014 log", "\u2014 other")))
    assert "no signature of that name" in error.message
    numbered = good.replace("log.example.com\n2", "log.example.com - 123\n2")
    log.check_consistency(with_checkpoint(numbered), LOG, DEFAULT_LIMITS)


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"a": 1}', b'{"b":1,"a":1}', b'{"a":1,"a":1}', b"[]"]
)
def test_a_body_is_canonical_json(body: bytes) -> None:
    """One value has one text (RFC 8785)."""
    assert refusal(replace(ENTRY, body=body)).reason is Reason.LOG_ENTRY_MISMATCH
    log.check_consistency(replace(ENTRY, body=b'{"a":1,"b":1}'), LOG, DEFAULT_LIMITS)


def test_a_body_with_a_number_that_json_has_no_one_text_for_is_refused() -> None:
    """Beyond 2^53 a number is not canonical anything."""
    body = b'{"a":99999999999999999999}'
    assert refusal(replace(ENTRY, body=body)).reason is Reason.LOG_ENTRY_MISMATCH


def test_an_entry_without_a_proof_is_refused() -> None:
    """Nothing then leads to the tree."""
    assert refusal(replace(ENTRY, inclusion_proof=None)).reason is Reason.LOG_INCLUSION


def test_a_log_counts_within_its_period() -> None:
    """At every proven time, both ends included."""
    ended = replace(LOG, period=roots.Period(BEFORE, SIGNED))
    log.check_period(ended, (ProvenTime(BEFORE, "a"), ProvenTime(SIGNED, "b")))
    for moment in (BEFORE - timedelta(seconds=1), SIGNED + timedelta(seconds=1)):
        with pytest.raises(UntrustedSignatureError, match="trusts the key of") as caught:
            log.check_period(ended, (ProvenTime(SIGNED, "a"), ProvenTime(moment, "b")))
        assert caught.value.reason is Reason.LOG_PERIOD
