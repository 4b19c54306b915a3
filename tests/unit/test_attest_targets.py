"""The first pipeline with more than one target: what is signed, and what is reused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from slsa_gen.attest import attest
from slsa_gen.errors import PublishError, SlsaGenError, UsageError
from slsa_gen.model.publication import Publication, PublicationOutcome
from slsa_gen.publish.file import FileTarget
from slsa_gen.publish.interface import Targets
from slsa_gen.reasons import Reason
from tests.support.release_runs import LIMITS, draft_of
from tests.support.services import Services

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.model.attestation import AttestResult


@dataclass
class _Place:
    """A further target that a test fills and breaks."""

    name: str = "release"
    content: bytes | None = None
    look_error: SlsaGenError | None = None
    check_error: SlsaGenError | None = None
    published: list[bytes] = field(default_factory=list)

    def existing(self) -> bytes | None:
        if self.look_error is not None:
            raise self.look_error
        return self.content

    def refuse_existing(self, why: str) -> None:
        raise UsageError(f"other content: {why}", reason=Reason.RELEASE_ASSET_EXISTS)

    def check(self) -> None:
        if self.check_error is not None:
            raise self.check_error

    def publish(self, content: bytes) -> Publication:
        self.published.append(content)
        return Publication(self.name, PublicationOutcome.PUBLISHED, "there")

    def reused(self) -> Publication:
        return Publication(self.name, PublicationOutcome.REUSED, "there")

    def explain_kept(self, error: SlsaGenError) -> None:
        error.add("; kept")


def _attest(services: Services, path: Path, *places: _Place) -> AttestResult:
    file = FileTarget(path, overwrite=False, max_bytes=10_000)
    return attest(draft_of(), services, services, Targets(file, places), services.read, LIMITS)


def _outcomes(result: AttestResult) -> list[str]:
    return [p.outcome.value for p in result.publications]


def _away() -> PublishError:
    return PublishError("it is away", reason=Reason.SERVICE_UNREACHABLE)


def test_a_new_bundle_goes_to_the_file_and_to_the_other_target(tmp_path: Path) -> None:
    """The same bytes."""
    place = _Place()

    result = _attest(Services(), tmp_path / "b", place)

    assert _outcomes(result) == ["written", "published"]
    assert place.published == [(tmp_path / "b").read_bytes()]
    assert result.exit_code == 0


@pytest.mark.parametrize("kind", ["look", "check"])
def test_nothing_is_signed_when_a_target_takes_nothing(tmp_path: Path, kind: str) -> None:
    """The log would hold an entry in vain."""
    services = Services()
    place = _Place(**{f"{kind}_error": _away()})  # type: ignore[arg-type] # by name

    with pytest.raises(PublishError, match=r"^it is away$"):
        _attest(services, tmp_path / "b", place)

    assert services.signed == 0
    assert list(tmp_path.iterdir()) == []


def test_a_further_target_s_bundle_is_the_result_on_a_fresh_machine(tmp_path: Path) -> None:
    """It is written to the file as it is, and nothing is signed."""
    services = Services()
    content = services.sign(draft_of().statements[0]).bundle + b"\n"

    result = _attest(services, tmp_path / "b", _Place(content=content))

    assert _outcomes(result) == ["written", "reused"]
    assert (tmp_path / "b").read_bytes() == content
    assert services.signed == 1


def test_a_bundle_in_the_file_goes_to_a_target_that_lacks_it(tmp_path: Path) -> None:
    """The upload failed before, and the command is run again."""
    services = Services()
    _attest(services, tmp_path / "b")
    place = _Place()

    result = _attest(services, tmp_path / "b", place)

    assert _outcomes(result) == ["reused", "published"]
    assert place.published == [(tmp_path / "b").read_bytes()]
    assert services.signed == 1


def test_a_bundle_that_one_target_has_goes_to_all_others(tmp_path: Path) -> None:
    """Whichever has it."""
    services = Services()
    content = services.sign(draft_of().statements[0]).bundle + b"\n"
    first, third = _Place("first"), _Place("third")

    result = _attest(services, tmp_path / "b", first, _Place("second", content), third)

    assert _outcomes(result) == ["written", "published", "reused", "published"]
    assert first.published == third.published == [content]
    assert services.signed == 1


def test_two_valid_bundles_of_two_signings_are_both_the_result(tmp_path: Path) -> None:
    """Each is proved and speaks of the same: neither is replaced."""
    services = Services()
    content = services.sign(draft_of().statements[0]).bundle + b"\n"
    _attest(services, tmp_path / "b")
    assert (tmp_path / "b").read_bytes() != content

    result = _attest(services, tmp_path / "b", _Place(content=content))

    assert _outcomes(result) == ["reused", "reused"]
    assert services.signed == 2


@pytest.mark.parametrize(
    ("error", "code"),
    [(_away(), 3), (UsageError("no", reason=Reason.RELEASE_TAG), 2)],
    ids=["outage", "usage"],
)
def test_a_target_that_is_away_does_not_hide_a_result_that_is_here(
    tmp_path: Path, error: SlsaGenError, code: int
) -> None:
    """The file has it: it is reported, with the target's problem and its exit code."""
    services = Services()
    _attest(services, tmp_path / "b")

    result = _attest(services, tmp_path / "b", _Place(look_error=error), _Place("other"))

    assert _outcomes(result) == ["reused", "failed", "published"]
    assert result.exit_code == code
    (problem,) = result.problems
    assert problem.message.endswith("; kept")


def test_another_bundle_at_a_target_is_told_in_what_it_differs(tmp_path: Path) -> None:
    """Before anything is signed."""
    services = Services()
    content = services.sign(draft_of("9").statements[0]).bundle + b"\n"

    with pytest.raises(UsageError, match="other content: it speaks of other subjects"):
        _attest(services, tmp_path / "b", _Place(content=content))

    assert services.signed == 1
    assert not (tmp_path / "b").exists()


def test_the_worst_exit_code_counts(tmp_path: Path) -> None:
    """2 before 3, as everywhere."""
    services = Services()
    _attest(services, tmp_path / "b")
    usage = UsageError("no", reason=Reason.RELEASE_TAG)

    result = _attest(
        services, tmp_path / "b", _Place("a", look_error=_away()), _Place("b", look_error=usage)
    )

    assert result.exit_code == 2
