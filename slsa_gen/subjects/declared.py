"""What a run's steps declared as their artifacts (``$GITHUB_ARTIFACTS``): the runner's list.

The runner hashes each file when the step that declared it ends, and hands later steps
``{"version": 1, "subjects": [{"name", "digest": "sha256:…", "kind": "file"|"oci"}]}``, where a
file has its base name only (``declared_files`` looks for it).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slsa_gen import strictjson
from slsa_gen.errors import SubjectError
from slsa_gen.model.digest import Digest, DigestSyntaxError
from slsa_gen.reasons import Reason
from slsa_gen.regular_file import RegularFileError, read_regular
from slsa_gen.subjects import names
from slsa_gen.subjects.names import shown
from slsa_gen.subjects.source import unreadable

if TYPE_CHECKING:
    from slsa_gen.limits import Limits

#: The variable that names the list.
VARIABLE: Final = "GITHUB_ARTIFACTS_LIST"
_VERSION: Final = 1
_FIELDS: Final = frozenset({"name", "digest", "kind"})
_FILE: Final = "file"
_KINDS: Final = (_FILE, "oci")
#: The algorithm that the runner hashes with.
ALGORITHM: Final = "sha256"

_HOW: Final = """\
Say what the build made, either in the step that attests:

    with:
      subject-path: dist/*

or in the step that builds it, one path (or IMAGE@sha256:HEX) a line:

    echo "dist/app" >> "$GITHUB_ARTIFACTS\""""


@dataclass(frozen=True, slots=True)
class Declared:
    """One artifact that a step declared.

    Attributes:
        name: A file's base name, or an image's.
        digest: What the runner found when the step ended.
        is_file: Whether it is a file.
    """

    name: str
    digest: Digest
    is_file: bool


def read(path: str, limits: Limits) -> tuple[Declared, ...]:
    """Return what the runner's list says.

    Args:
        path: The value of ``GITHUB_ARTIFACTS_LIST``; empty where the runner gave none.
        limits: How large it may be.

    Raises:
        SubjectError: nothing was declared, or the list is not understood.
        SubjectUnreadableError: it is there and cannot be read.
    """
    content = _content(path, limits) if path else b""
    if not content.strip():
        raise _nothing("this run's steps declared no artifacts either")
    try:
        document = strictjson.loads_object(
            content, max_bytes=limits.declared_list_bytes, max_depth=limits.json_depth
        )
    except strictjson.StrictJsonError as error:
        raise _malformed(str(error)) from error
    version, subjects = document.get("version"), document.get("subjects")
    if isinstance(version, bool) or version != _VERSION:
        raise _malformed(f"its version is {shown(str(version))}, {_VERSION} is understood")
    if set(document) != {"version", "subjects"} or not isinstance(subjects, list):
        raise _malformed("it is not an object with version and subjects")
    if not subjects:
        raise _nothing("the run's list of declared artifacts is empty")
    return tuple(_declared(entry, number, limits) for number, entry in enumerate(subjects, 1))


def _content(path: str, limits: Limits) -> bytes:
    try:
        return read_regular(Path(path), limits.declared_list_bytes)
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except RegularFileError as error:
        raise _malformed(str(error)) from error
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error


def _declared(entry: object, number: int, limits: Limits) -> Declared:
    where = f"{VARIABLE}, subject {number}"
    if not isinstance(entry, dict) or set(entry) != _FIELDS:
        raise _malformed(f"subject {number} is not an object with name, digest and kind")
    name, digest, kind = entry["name"], entry["digest"], entry["kind"]
    if not isinstance(name, str) or not isinstance(digest, str):
        raise _malformed(f"subject {number} has a name or a digest that is no text")
    if kind not in _KINDS:
        raise _malformed(f"subject {number} is of the kind {shown(str(kind))}, not file or oci")
    names.check(name, where, limits, "Declare it again, under a plain name.")
    if kind == _FILE and ("/" in name or "\\" in name):
        raise _malformed(f"subject {number} is a file called {shown(name)}, a base name is meant")
    try:
        parsed = Digest.parse(digest)
    except DigestSyntaxError as error:
        raise _malformed(f"subject {number}: {error}") from error
    if parsed.algorithm != ALGORITHM:
        raise _malformed(f"subject {number} has a {parsed.algorithm} digest, not {ALGORITHM}")
    return Declared(name, parsed, kind == _FILE)


def _nothing(why: str) -> SubjectError:
    return SubjectError(
        f"nothing to attest: no path, list or digest was given, and {why}",
        reason=Reason.SUBJECT_NONE,
        hint=_HOW,
    )


def _malformed(why: str) -> SubjectError:
    return SubjectError(
        f"the run's list of declared artifacts ({VARIABLE}) is not understood: {why}",
        reason=Reason.SUBJECT_DECLARED_LIST,
        hint="Name what the build made with subject-path (or PATH on the command line).",
    )
