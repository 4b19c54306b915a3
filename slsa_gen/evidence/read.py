"""Bundle files: one JSON document, or JSON Lines with a bundle on each line.

https://github.com/in-toto/attestation/blob/main/spec/v1/bundle.md says that a reader ignores
what it does not know. Here a line that is no bundle is never silently dropped: it stays in
the list, proving it fails with the reason, and the other lines count as if it were not there.
"""

from __future__ import annotations

import shlex
import stat
from typing import TYPE_CHECKING

from slsa_gen.errors import MalformedEvidenceError, SlsaGenError, UsageError
from slsa_gen.evidence import bundle
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.evidence import Evidence
from slsa_gen.model.text import size
from slsa_gen.reasons import Reason
from slsa_gen.regular_file import NotRegularError, TooLargeError, read_regular

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.limits import Limits


def read_file(path: Path, limits: Limits = DEFAULT_LIMITS) -> tuple[Evidence, ...]:
    """Read the bundles of a file.

    Returns:
        One Evidence for each bundle, and for each line that is none (see above).

    Raises:
        UsageError: there is no such file (exit 2).
        SlsaGenError: the file cannot be read (exit 3).
        MalformedEvidenceError: nothing in it is a bundle, or it is too large (exit 1).
    """
    return read_bytes(_content(path, limits), str(path), limits)


def read_whole(path: Path, limits: Limits = DEFAULT_LIMITS) -> Evidence:
    """Return a file as one Evidence, whatever it holds: proving it says what is wrong.

    Raises:
        UsageError: there is no such file.
        SlsaGenError: the file cannot be read.
    """
    return Evidence(str(path), _content(path, limits)[: limits.bundle_bytes + 1].strip())


def read_bytes(data: bytes, source: str, limits: Limits = DEFAULT_LIMITS) -> tuple[Evidence, ...]:
    """Read the bundles of a file's content.

    Args:
        data: One JSON document, or JSON Lines.
        source: Where it was found, for people.
        limits: How large it may be, and of how many bundles.

    Raises:
        MalformedEvidenceError: nothing in it is a bundle, or it is too large.
    """
    if len(data) > limits.bundle_file_bytes:
        raise _too_large(source, limits)
    # Counted first: of a file of line breaks alone, a list of its lines would fill the memory.
    if data.count(b"\n") > limits.bundles_per_file:
        return _many_lines(data, source, limits)
    # Not splitlines(): a carriage return or form feed inside is for the JSON parser to judge.
    lines = [(n, line.strip()) for n, line in enumerate(data.split(b"\n"), 1) if line.strip()]
    if not lines:
        raise MalformedEvidenceError(
            f"{source}: the file is empty",
            reason=Reason.EVIDENCE_EMPTY,
            hint="Take the bundle anew from where it was published.",
        )
    if len(lines) == 1 or all(_problem(line, limits) for _, line in lines):
        return _single(data.strip(), source, limits)
    if len(lines) > limits.bundles_per_file:
        raise _too_many(source, len(lines), limits)
    return tuple(Evidence(f"{source}:{number}", line) for number, line in lines)


def _many_lines(data: bytes, source: str, limits: Limits) -> tuple[Evidence, ...]:
    # One document may be written over as many lines as it likes; several may not.
    try:
        return _single(data.strip(), source, limits)
    except MalformedEvidenceError as error:
        if error.reason not in {Reason.EVIDENCE_JSON, Reason.EVIDENCE_TOO_LARGE}:
            raise
        raise _too_many(source, data.count(b"\n"), limits) from error


def _single(data: bytes, source: str, limits: Limits) -> tuple[Evidence, ...]:
    # One bundle, perhaps written over several lines.
    whole = _problem(data, limits)
    if whole is not None:
        raise MalformedEvidenceError(
            f"{source}: {whole.message}", reason=whole.reason, hint=whole.hint
        ) from whole
    return (Evidence(source, data),)


def _problem(data: bytes, limits: Limits) -> MalformedEvidenceError | None:
    try:
        bundle.require_bundle(bundle.load(data, limits))
    except MalformedEvidenceError as error:
        return error
    return None


def _content(path: Path, limits: Limits) -> bytes:
    try:
        return read_regular(path, limits.bundle_file_bytes)
    except NotRegularError as error:
        hint = ""
        if stat.S_ISDIR(error.mode):
            hint = f"Name a file in it: {shlex.quote(str(path / 'FILE'))}"
        raise _unreadable(path, str(error), hint) from error
    except TooLargeError as error:
        raise _too_large(str(path), limits) from error
    except FileNotFoundError as error:
        raise UsageError(
            f"there is no bundle file {str(path)!r}",
            reason=Reason.EVIDENCE_NOT_FOUND,
            hint="Give the path of a bundle (.intoto.jsonl or .sigstore.json): --bundle FILE",
        ) from error
    except OSError as error:
        raise _unreadable(path, error.strerror or "it cannot be opened") from error


def _unreadable(path: Path, why: str, hint: str = "") -> SlsaGenError:
    return SlsaGenError(
        f"the bundle file {str(path)!r} cannot be read: {why}",
        reason=Reason.EVIDENCE_UNREADABLE,
        hint=hint or f"Check its permissions: ls -l {shlex.quote(str(path))}",
    )


def _too_many(source: str, lines: int, limits: Limits) -> MalformedEvidenceError:
    return MalformedEvidenceError(
        f"{source}: the file has {lines} lines, at most {limits.bundles_per_file} bundles are read",
        reason=Reason.EVIDENCE_TOO_MANY,
        hint="Give the bundles that speak of these artifacts alone.",
    )


def _too_large(source: str, limits: Limits) -> MalformedEvidenceError:
    return MalformedEvidenceError(
        f"{source}: the file is larger than the {size(limits.bundle_file_bytes)} that is read",
        reason=Reason.EVIDENCE_TOO_LARGE,
        hint="Give the bundles that speak of these artifacts alone.",
    )
