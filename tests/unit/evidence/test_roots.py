"""Trusted roots are read for the periods of their keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from slsa_gen import strictjson
from slsa_gen.errors import TrustError
from slsa_gen.evidence import roots
from slsa_gen.evidence.prove import Prover
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from tests.unit.evidence.forge import BEFORE, Forge, log_id

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.model.instance import SigstoreInstance


def instance(change: dict[str, Any]) -> SigstoreInstance:
    """Return an instance whose root has some members replaced."""
    forge = Forge()
    return replace(forge.instance(), trusted_root=strictjson.dumps(forge.root() | change))


def test_the_public_root_is_read(public_good: SigstoreInstance) -> None:
    """The one that ships: two logs, certificate logs, authorities, all with their periods."""
    found = roots.read(public_good, DEFAULT_LIMITS)

    assert "https://rekor.sigstore.dev" in {log.url for log in found.logs}
    assert any(log.period.end is not None for log in found.certificate_logs)
    assert all(authority.chain for authority in found.certificate_authorities)
    assert found.timestamp_authorities


def test_a_log_has_its_id_and_period() -> None:
    """What the root declares is what entries are held against."""
    forge = Forge()
    forge.log_end = BEFORE + timedelta(days=1)
    (log,) = roots.read(forge.instance(), DEFAULT_LIMITS).logs
    assert log.log_id == log_id("log")
    assert log.period == roots.Period(BEFORE, BEFORE + timedelta(days=1))


def test_a_period_includes_both_ends() -> None:
    """As protobuf-specs says: closed, and open only where there is no end."""
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    period = roots.Period(start, end)
    assert period.covers(start)
    assert period.covers(end)
    assert not period.covers(start - timedelta(seconds=1))
    assert not period.covers(end + timedelta(seconds=1))
    assert roots.Period(start, None).covers(datetime(9999, 1, 1, tzinfo=UTC))
    assert str(period) == "2026-01-01T00:00:00+00:00 to 2026-02-01T00:00:00+00:00"
    assert str(roots.Period(start, None)).endswith(" to now")


LOG = Forge().root()["tlogs"][0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tlogs": 3}, "tlogs must be an array"),
        ({"tlogs": [LOG | {"logId": {"keyId": "!"}}]}, "not canonical base64"),
        (
            {"tlogs": [LOG | {"publicKey": LOG["publicKey"] | {"validFor": {}}}]},
            "start is missing",
        ),
        (
            {"tlogs": [LOG | {"publicKey": LOG["publicKey"] | {"validFor": {"start": "soon"}}}]},
            "'soon' is not a date",
        ),
        (
            {
                "tlogs": [
                    LOG | {"publicKey": LOG["publicKey"] | {"validFor": {"start": "2026-01-01"}}}
                ]
            },
            "has no time zone",
        ),
        (
            {
                "certificateAuthorities": [
                    Forge().root()["certificateAuthorities"][0]
                    | {"certChain": {"certificates": [{"rawBytes": "QUI="}]}}
                ]
            },
            "cannot be used",
        ),
        ({"certificateAuthorities": []}, "sigstore cannot read it"),
        ({"tlogs": []}, "it holds no transparency log"),
        ({"mediaType": "text/plain"}, "sigstore cannot read it"),
        ({"unknown": 1}, "sigstore cannot read it"),
    ],
)
def test_a_root_that_cannot_be_used_is_said(change: dict[str, Any], message: str) -> None:
    """Nothing is proved with it: the trust is at fault, not the evidence (exit 3)."""
    with pytest.raises(TrustError, match=message) as caught:
        Prover(instance(change))
    assert caught.value.reason is Reason.TRUST_ROOT
    assert caught.value.exit_code == 3


def test_a_root_without_logs_proves_nothing(real_world: Path) -> None:
    """GitHub's own Sigstore has no transparency log; that is said, not called a refusal."""
    root = (real_world / "github-trusted_root.json").read_bytes()
    with pytest.raises(TrustError, match="no transparency log"):
        Prover(replace(Forge().instance(), trusted_root=root))


def test_a_root_that_is_no_json_is_said() -> None:
    """Also where it is cut short, or larger than is read."""
    broken = replace(Forge().instance(), trusted_root=b"{")
    with pytest.raises(TrustError, match="not JSON"):
        Prover(broken)
    with pytest.raises(TrustError, match="more than the 9 B that is read"):
        Prover(Forge().instance(), replace(DEFAULT_LIMITS, trust_bytes=9))
