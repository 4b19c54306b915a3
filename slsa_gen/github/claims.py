"""What each claim of a workflow's token must look like.

https://docs.github.com/en/actions/reference/security/oidc. A claim that is missing or of
another shape is never guessed: the certificate would not agree with the guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import ClaimsError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.text import harmless
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHOWN_CHARACTERS: Final = 100
_OWNER: Final = r"(?!\.{1,2}(?:/|\Z))[A-Za-z0-9_.-]{1,100}"
_REPOSITORY: Final = rf"{_OWNER}/{_OWNER}"
#: What git allows in the name of a reference (git-check-ref-format), and nothing invisible.
_REF: Final = r"refs/(?!.*(?:\.\.|//|@\{))[^\s~^:?*\[\\]+(?<![/.])"
_FILE: Final = r"(?!.*(?:^|/)\.\.(?:/|@))[^/\s][^\r\n]*"
_SHA: Final = r"(?:[0-9a-f]{40}|[0-9a-f]{64})"
_ID: Final = r"[0-9]{1,20}"

_MISSING_HINT: Final = (
    "Every token of a GitHub Actions job on github.com or ghe.com carries it: use the token of "
    "the job that built the subjects."
)
_OTHER_HINT: Final = (
    "Use the token of the job that built the subjects. If that is the one and GitHub wrote the "
    "claim like this, please report it to this project, without the token."
)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a claim's text must match, and how that is said to people."""

    pattern: re.Pattern[str]
    words: str


def _shape(pattern: str, words: str) -> Shape:
    return Shape(re.compile(pattern), words)


_SHA_SHAPE: Final = _shape(_SHA, "a commit of 40 or 64 lower-case hexadecimal digits")
_ID_SHAPE: Final = _shape(_ID, "a number in decimal digits")

#: Every claim that provenance needs, in the order in which they are checked.
SHAPES: Final[dict[str, Shape]] = {
    "iss": _shape(r"https://[A-Za-z0-9.:-]+(?:/[A-Za-z0-9._-]+)*", "an https URL"),
    "repository": _shape(_REPOSITORY, "OWNER/REPOSITORY"),
    "repository_owner": _shape(_OWNER, "the name of an owner"),
    "repository_id": _ID_SHAPE,
    "repository_owner_id": _ID_SHAPE,
    "repository_visibility": _shape("public|private|internal", "public, private or internal"),
    "ref": _shape(_REF, "a full reference such as refs/heads/main"),
    "sha": _SHA_SHAPE,
    "event_name": _shape(r"[a-z][a-z0-9_]*", "the name of an event such as push"),
    "workflow": _shape(r"(?s:.+)", "the name of the workflow"),
    "workflow_ref": _shape(rf"{_REPOSITORY}/{_FILE}@{_REF}", "OWNER/REPOSITORY/PATH@REF"),
    "workflow_sha": _SHA_SHAPE,
    "job_workflow_ref": _shape(
        rf"{_REPOSITORY}/{_FILE}@(?:{_REF}|{_SHA})", "OWNER/REPOSITORY/PATH@REF"
    ),
    "job_workflow_sha": _SHA_SHAPE,
    "runner_environment": _shape(r"[a-z][a-z0-9-]*", "github-hosted or self-hosted"),
    "run_id": _ID_SHAPE,
    "run_attempt": _ID_SHAPE,
    "sub": _shape(r".+", "the subject of the token, printable"),
    "environment": _shape(r".+", "the name of the deployment environment, printable"),
}
#: Claims that not every run's token has.
OPTIONAL: Final = frozenset({"environment"})


def claim_text(claims: Mapping[str, object], name: str) -> str:
    """Return a claim whose shape is right.

    Raises:
        ClaimsError: It is missing, no text, or of another shape.
    """
    if name not in claims:
        raise _error(name, "is missing", SHAPES[name].words, _MISSING_HINT)
    value = claims[name]
    if not isinstance(value, str):
        raise _error(name, f"is no text but {_kind(value)}", SHAPES[name].words, _OTHER_HINT)
    # A workflow's name is anybody's text and goes nowhere. Everything else is printable: a
    # certificate with something else in it is refused by whoever verifies.
    shown = name == "workflow" or value.isprintable()
    too_long = len(value) > DEFAULT_LIMITS.claim_bytes
    if too_long or not shown or not SHAPES[name].pattern.fullmatch(value):
        raise mismatch(name, value, SHAPES[name].words)
    return value


def mismatch(name: str, found: str, expected: str, hint: str = _OTHER_HINT) -> ClaimsError:
    """Return the error for a claim that has another value than it must."""
    return _error(name, f"is {harmless(found, _SHOWN_CHARACTERS)!r}", expected, hint)


def _error(name: str, what: str, expected: str, hint: str) -> ClaimsError:
    return ClaimsError(
        f"the claim {name!r} of the identity token {what}; expected {expected}",
        claim=name,
        reason=Reason.CONTEXT_CLAIM,
        hint=hint,
    )


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    return "an object" if isinstance(value, dict) else "an array"
