"""GitHub's answers read: documents, and what an error says.

An error's body is ``{"message": …, "errors": [{"resource", "code", "field", "message"}]}``
(https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slsa_gen import strictjson
from slsa_gen.errors import PublishError
from slsa_gen.model.text import harmless
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.http import StatusError
    from slsa_gen.limits import Limits

_SHOWN: Final = 300
_ERROR_BYTES: Final = 64 * 1024
_ERROR_DEPTH: Final = 16
#: How GitHub says that a token may not do it: a job's token, a fine-grained one, a classic one.
_PERMISSION: Final = (
    "resource not accessible by",
    "must have admin rights",
    "must have push access",
    "token does not have",
)


def document(body: bytes, what: str, limits: Limits) -> object:
    """Return the JSON of an answer.

    Raises:
        PublishError: it is no JSON that is read here.
    """
    try:
        return strictjson.loads(body, max_bytes=len(body), max_depth=limits.json_depth)
    except strictjson.StrictJsonError as error:
        raise malformed(what, str(error)) from error


def malformed(what: str, why: str) -> PublishError:
    """Return the error for an answer that is not what GitHub documents."""
    return PublishError(
        f"GitHub's API answered {what} with something else than its documentation says: "
        f"{harmless(why, _SHOWN)}",
        hint="Run the command again: a bundle that is already there is found and reused. If it "
        "goes on, look whether a proxy answers in GitHub's place, and at "
        "https://www.githubstatus.com",
        reason=Reason.RELEASE_ANSWER,
    )


def message(error: StatusError) -> str:
    """Return what GitHub said, harmless and on one line; empty when it said nothing."""
    said = _fields(error).get("message")
    return harmless(said, _SHOWN) if isinstance(said, str) else ""


def details(error: StatusError) -> tuple[dict[str, object], ...]:
    """Return the entries of ``errors``."""
    entries = _fields(error).get("errors")
    if not isinstance(entries, list):
        return ()
    return tuple(entry for entry in entries if isinstance(entry, dict))


def is_permission(error: StatusError) -> bool:
    """Tell whether GitHub says that the token lacks a permission."""
    said = message(error).lower()
    return any(words in said for words in _PERMISSION)


def already_exists(error: StatusError) -> bool:
    """Tell whether an asset of the name is there already."""
    return any(
        entry.get("code") == "already_exists" and entry.get("field") == "name"
        for entry in details(error)
    )


def immutable(error: StatusError) -> bool:
    """Tell whether the release takes nothing any more."""
    return "immutable release" in message(error).lower()


def _fields(error: StatusError) -> dict[str, object]:
    try:
        return strictjson.loads_object(
            error.body, max_bytes=_ERROR_BYTES + 8192, max_depth=_ERROR_DEPTH
        )
    except strictjson.StrictJsonError:
        return {}
