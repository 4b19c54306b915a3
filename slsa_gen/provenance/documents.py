"""A user's own JSON document: a regular file of bounded size, or text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen import strictjson
from slsa_gen.errors import UsageError
from slsa_gen.regular_file import NotRegularError, TooLargeError, read_regular

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.limits import Limits
    from slsa_gen.reasons import Reason


def read_document(path: Path, option: str, reason: Reason, limits: Limits) -> dict[str, object]:
    """Return the JSON object in a file that an option names.

    Raises:
        UsageError: It cannot be read, is no regular file, too large, or no JSON object.
    """
    try:
        content = read_regular(path, limits.predicate_bytes)
    except OSError as error:
        why = error.strerror or "it cannot be read"
        raise _error(option, f"the file {str(path)!r}", why, reason) from error
    except NotRegularError as error:
        why = "it is not a regular file"
        raise _error(option, f"the file {str(path)!r}", why, reason) from error
    except TooLargeError as error:
        raise _error(option, f"the file {str(path)!r}", str(error), reason) from error
    return parse_document(content, option, f"the file {str(path)!r}", reason, limits)


def parse_document(
    content: bytes | str, option: str, source: str, reason: Reason, limits: Limits
) -> dict[str, object]:
    """Return the JSON object in a text.

    Args:
        content: The text.
        option: The option that it was given with, for the message.
        source: What it is, for the message.
        reason: The code of the error.
        limits: Bytes and levels that are read.

    Raises:
        UsageError: It is too large, ambiguous, or no JSON object.
    """
    if len(content) > limits.predicate_bytes:
        why = f"it has more than the {limits.predicate_bytes} bytes that are read"
        raise _error(option, source, why, reason)
    try:
        return strictjson.loads_object(
            content, max_bytes=limits.predicate_bytes, max_depth=limits.json_depth
        )
    except strictjson.StrictJsonError as error:
        raise _error(option, source, str(error), reason) from error


def _error(option: str, source: str, why: str, reason: Reason) -> UsageError:
    return UsageError(
        f"{option}: {source} is not a JSON object that can be read: {why}",
        reason=reason,
        hint=f"Give {option} one JSON object"
        + ("." if option == "--predicate" else ", in a regular file."),
    )
