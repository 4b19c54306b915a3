"""A statement is bytes: encoded once, never encoded again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.model.subject import Subject

STATEMENT_V1: Final = "https://in-toto.io/Statement/v1"
STATEMENT_V01: Final = "https://in-toto.io/Statement/v0.1"
PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
SLSA_PROVENANCE_V1: Final = "https://slsa.dev/provenance/v1"
SLSA_PROVENANCE_PREFIX: Final = "https://slsa.dev/provenance/"
#: The versions of SLSA provenance that are known here, the newest first.
SLSA_PROVENANCE_TYPES: Final = (
    SLSA_PROVENANCE_V1,
    f"{SLSA_PROVENANCE_PREFIX}v0.2",
    f"{SLSA_PROVENANCE_PREFIX}v0.1",
)


@dataclass(frozen=True, slots=True)
class Statement:
    """An in-toto statement: what its bytes say, and the bytes themselves.

    ``payload`` is what is signed; the other fields are read from it and nothing is ever
    written back. ``predicate`` is JSON as Python parses it.
    """

    statement_type: str
    subjects: tuple[Subject, ...]
    predicate_type: str
    predicate: Mapping[str, object]
    payload: bytes = field(repr=False)
