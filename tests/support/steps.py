"""Records of a step, for tests of what is said of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from slsa_gen.model.digest import Digest
from slsa_gen.model.identity import Person, SignerIdentity
from slsa_gen.model.step import Commit, Step, StepRecord
from slsa_gen.model.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PERSON: Final = Person("https://accounts.example.com", "ada@example.com")
PERSON_SIGNER: Final = SignerIdentity(PERSON.name, issuer=PERSON.issuer)
COMMIT: Final = Commit("c" * 40, "https://github.com/octo/app")
STARTED: Final = datetime(2026, 11, 24, 11, 58, tzinfo=UTC)
FINISHED: Final = datetime(2026, 11, 24, 11, 59, 30, tzinfo=UTC)


def artifact(name: str, digit: str) -> Subject:
    """Return an artifact whose sha256 is one digit 64 times."""
    return Subject(name, (Digest("sha256", digit * 64),))


def recorded(
    *,
    name: str = "build",
    products: Sequence[Subject] = (artifact("dist/app", "1"),),
    materials: Sequence[Subject] = (artifact("uv.lock", "2"),),
    commit: Commit | None = COMMIT,
    patterns: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    exit_status: int = 0,
) -> StepRecord:
    """Return the record of a step ``make dist``."""
    return StepRecord(
        Step(name, ("make", "dist"), ("dist/*",), tuple(patterns) or None, environment or {}),
        materials=tuple(materials),
        products=tuple(products),
        started=STARTED,
        finished=FINISHED,
        exit_status=exit_status,
        commit=commit,
    )
