"""The cache of a TUF repository: all its files in one, replaced as a whole.

One file means that no reader ever sees half of a refresh, and that two processes that
refresh at once leave one of the two whole. Nothing in it is believed for being there: what
is read is verified again (``signatures``).
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slsa_gen import strictjson
from slsa_gen.regular_file import RegularFileError, read_regular

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.limits import Limits

#: What a client's folder holds (tuf.ngclient): root versions, metadata, targets.
_NAME: Final = re.compile(
    r"root_history/[1-9][0-9]{0,5}\.root\.json|(timestamp|snapshot|targets)\.json"
    r"|targets/[a-z][a-z0-9_.]{0,60}\.json"
)
#: Levels of nesting in the cache file: an object of objects.
_DEPTH: Final = 3
#: The cache holds each file in base64, a few of them as large as a trusted root.
_FILES: Final = 8
_FAILURE_BYTES: Final = 1024


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A repository's files as the last refresh left them, and when that was."""

    checked_at: datetime
    files: Mapping[str, bytes] = field(repr=False)


def cache_folder(environment: Mapping[str, str]) -> Path | None:
    """Return the folder of caches: SLSA_GEN_CACHE, else XDG's; None where there is no home."""
    named = environment.get("SLSA_GEN_CACHE")
    if named:
        return Path(named)
    base = environment.get("XDG_CACHE_HOME", "")
    if Path(base).is_absolute():  # XDG: a relative path is to be ignored
        return Path(base) / "slsa-gen"
    home = environment.get("HOME", "")
    return Path(home) / ".cache" / "slsa-gen" if Path(home).is_absolute() else None


class Store:
    """One repository's cache file; a store without a folder keeps nothing."""

    def __init__(self, folder: Path | None, name: str, limits: Limits) -> None:
        self._path = None if folder is None else folder / "trust" / f"{name}.json"
        self._limits = limits

    def read(self) -> Snapshot | None:
        """Return what is there; None when there is nothing that can be read."""
        if self._path is None:
            return None
        largest = self._limits.trust_bytes * _FILES
        try:
            raw = read_regular(self._path, largest)
            document = strictjson.loads_object(raw, max_bytes=largest, max_depth=_DEPTH)
            return _snapshot(document)
        except (OSError, ValueError, RegularFileError):
            return None

    def write(self, snapshot: Snapshot) -> None:
        """Replace what is there, by an atomic rename, and forget a failure.

        A cache that cannot be kept is none.
        """
        if self._path is None:
            return
        document = {
            "checkedAt": snapshot.checked_at.isoformat(),
            "files": {
                name: base64.b64encode(data).decode("ascii")
                for name, data in snapshot.files.items()
                if _NAME.fullmatch(name)
            },
        }
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            _replace(self._path, strictjson.dumps(document))
        with suppress(OSError):
            self._failure(self._path).unlink(missing_ok=True)

    def failed_at(self) -> datetime | None:
        """Return when a refresh failed that is remembered; None when there is none."""
        if self._path is None:
            return None
        try:
            raw = read_regular(self._failure(self._path), _FAILURE_BYTES)
            document = strictjson.loads_object(raw, max_bytes=_FAILURE_BYTES, max_depth=_DEPTH)
            return _moment(document.get("failedAt"))
        except (OSError, ValueError, RegularFileError):
            return None

    def remember_failure(self, moment: datetime) -> None:
        """Note that a refresh failed; what is cached stays as it is."""
        if self._path is None:
            return
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            _replace(self._failure(self._path), strictjson.dumps({"failedAt": moment.isoformat()}))

    @staticmethod
    def _failure(path: Path) -> Path:
        return path.with_suffix(".failed.json")


def _replace(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _snapshot(document: Mapping[str, object]) -> Snapshot:
    files, checked_at = document.get("files"), _moment(document.get("checkedAt"))
    if not isinstance(files, dict) or not files:
        raise ValueError("not a cache of ours")
    for name in files:
        if not _NAME.fullmatch(name):
            raise ValueError("a name that no cache of ours holds")
    try:
        return Snapshot(
            checked_at,
            {name: base64.b64decode(str(data), validate=True) for name, data in files.items()},
        )
    except binascii.Error as error:
        raise ValueError("not a cache of ours") from error


def _moment(text: object) -> datetime:
    moment = datetime.fromisoformat(str(text))
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment
