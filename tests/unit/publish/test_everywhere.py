"""The file first; a target that fails does not stop the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from slsa_gen.errors import PublishError, SlsaGenError, UsageError
from slsa_gen.model.publication import Publication, PublicationOutcome
from slsa_gen.publish import everywhere
from slsa_gen.publish.interface import Targets
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass
class _Place:
    """A target that does as it is told, and notes what it was asked."""

    name: str
    log: list[str]
    error: SlsaGenError | None = None
    had: bytes | None = None
    kept: list[SlsaGenError] = field(default_factory=list)

    def existing(self) -> bytes | None:
        return self.had

    def refuse_existing(self, why: str) -> None:
        raise AssertionError(why)

    def check(self) -> None:
        self.log.append(f"check {self.name}")

    def publish(self, content: bytes) -> Publication:
        self.log.append(f"publish {self.name} {content.decode()}")
        if self.error is not None:
            raise self.error
        return Publication(self.name, PublicationOutcome.PUBLISHED, f"at {self.name}")

    def reused(self) -> Publication:
        return Publication(self.name, PublicationOutcome.REUSED, f"at {self.name}")

    def rescue(self, content: bytes) -> str:
        raise AssertionError(content)

    def explain_kept(self, error: SlsaGenError) -> None:
        error.add("; kept")


def _failure() -> PublishError:
    return PublishError("it failed", reason=Reason.PUBLISH_FILE, hint="Do this.")


def _publish(
    file: _Place, further: Sequence[_Place], settled: dict[str, Publication] | None = None
) -> list[str]:
    targets = Targets(file, tuple(further))
    return [p.outcome.value for p in everywhere.publish(b"x", targets, settled or {})]


def test_the_file_is_written_before_anything_is_uploaded() -> None:
    """Then each further target, in order."""
    log: list[str] = []
    places = [_Place("release", log), _Place("registry", log)]

    assert _publish(_Place("file", log), places) == ["published"] * 3
    assert log == ["publish file x", "publish release x", "publish registry x"]


def test_one_that_fails_does_not_stop_the_others() -> None:
    """Its problem says where the file is kept."""
    log: list[str] = []
    targets = Targets(
        _Place("file", log), (_Place("release", log, _failure()), _Place("registry", log))
    )

    file, release, registry = everywhere.publish(b"x", targets, {})

    assert (file.problem, registry.problem) == (None, None)
    assert release.outcome is PublicationOutcome.FAILED
    assert release.location == ""
    assert release.problem is not None
    assert release.problem.message == "it failed; kept"
    assert release.problem.exit_code == 3


def test_what_is_settled_is_not_done_again() -> None:
    """A target that has the result, or has failed already."""
    log: list[str] = []
    file, release = _Place("file", log), _Place("release", log)

    assert _publish(file, [release], {"file": file.reused()}) == ["reused", "published"]
    assert _publish(file, [release], {"release": release.reused()}) == ["published", "reused"]
    assert log == ["publish release x", "publish file x"]


def test_a_file_that_fails_stays_an_error_and_the_others_are_told() -> None:
    """Without the file there is no result to report; what became of the others is added."""
    log: list[str] = []
    error = UsageError("the file failed", reason=Reason.USAGE_OUTPUT_EXISTS)
    places = [_Place("release", log), _Place("registry", log, _failure())]

    with pytest.raises(UsageError) as caught:
        _publish(_Place("file", log, error), places)

    assert caught.value.message == (
        "the file failed; the release has it: at release; the registry does not have it either: "
        "it failed"
    )
    assert log == ["publish file x", "publish release x", "publish registry x"]
