"""The folder in which the artifact lies.

Bundles are found in ``ARTIFACT.intoto.jsonl`` and ``ARTIFACT.sigstore.json``, and in every
``*.intoto.jsonl`` of the folder that claims to speak of the artifact's digest. Each folder is
read once, however many artifacts it holds.

What cannot be used is treated by its name. A file that carries the artifact's name counts as
its evidence even when it is malformed: it is refused, and says why. A malformed file of
another name may belong to anything: it is named when nothing else was found. A file or
folder that cannot be read is a place that was not searched: when nothing was found
elsewhere, nothing can be decided.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import NoEvidenceError, RefusedError, SlsaGenError, UsageError
from slsa_gen.evidence.read import read_file, read_whole
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from slsa_gen.sources.index import DigestIndex

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.limits import Limits
    from slsa_gen.model.digest import Digest
    from slsa_gen.model.evidence import Evidence
    from slsa_gen.sources.interface import Wanted

_SHARED: Final = ".intoto.jsonl"
_OWN: Final = (_SHARED, ".sigstore.json")


class Beside:
    """Answers with the bundles that lie beside an artifact.

    Args:
        limits: How many files are looked at in a folder, and how large they may be.
    """

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._folders: dict[Path, _Folder] = {}

    def find(self, artifact: Wanted, digests: tuple[Digest, ...], /) -> tuple[Evidence, ...]:
        """Return the bundles that carry the artifact's name or claim its digest.

        Raises:
            NoEvidenceError: the folder was searched, and there is none (exit 1).
            SlsaGenError: the folder or a file in it cannot be read, and nothing was found
                elsewhere (exit 3).
        """
        if artifact.path is None:
            raise _nothing(artifact, [])
        folder = self._folder(artifact.path.parent)
        own = [folder.own(artifact.path.name + ending) for ending in _OWN]
        named = [evidence for found in own for evidence in found]
        found = dict.fromkeys((*named, *folder.index.speaking_of(digests)))
        if found:
            return tuple(found)
        unusual = tuple(folder.index.unusual)
        if unusual:
            return unusual
        unsearched = folder.unsearched_for(artifact.path.name)
        if unsearched is not None:
            raise unsearched
        raise _nothing(artifact, folder.malformed)

    def _folder(self, path: Path) -> _Folder:
        if path not in self._folders:
            self._folders[path] = _Folder(path, self._limits)
        return self._folders[path]


class _Folder:
    """One folder's bundles, read when it is first asked about.

    Attributes:
        index: The bundles of every ``*.intoto.jsonl``.
        malformed: The names of those in which something is no bundle.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self.index = DigestIndex(limits)
        self.malformed: list[str] = []
        self._path = path
        self._limits = limits
        self._files: dict[str, tuple[Evidence, ...]] = {}
        self._errors: dict[str, SlsaGenError] = {}
        self._bytes = 0
        self._names = self._listed()
        for name in sorted(name for name in self._names if name.endswith(_SHARED)):
            if not self._has_room():
                self._errors[""] = _too_many(path, limits)
                break
            self._add(name)

    def own(self, name: str) -> tuple[Evidence, ...]:
        """Return what the file of that name holds; all of it as one when it is malformed."""
        if name not in self._names:
            return ()
        return self._read(name) or self._whole(name)

    def unsearched_for(self, name: str) -> SlsaGenError | None:
        """Return why it cannot be said that nothing speaks of the artifact of that name."""
        own = {name + ending for ending in _OWN}
        relevant = (at for at in self._errors if not at or at in own or at.endswith(_SHARED))
        return next((self._errors[at] for at in relevant), None)

    def _listed(self) -> frozenset[str]:
        try:
            with os.scandir(self._path) as entries:
                return frozenset(entry.name for entry in entries if entry.name.endswith(_OWN))
        except OSError as error:
            self._errors[""] = _unlisted(self._path, error)
            return frozenset()

    def _has_room(self) -> bool:
        limits = self._limits
        return len(self._files) < limits.neighbour_files and self._bytes < limits.neighbour_bytes

    def _add(self, name: str) -> None:
        known = len(self.index.unreadable)
        found = self._read(name)
        self._bytes += self._size(name)
        for evidence in found:
            self.index.add(evidence)
        unusable = not found or len(self.index.unreadable) > known
        if unusable and name not in self._errors:
            self.malformed.append(name)

    def _read(self, name: str) -> tuple[Evidence, ...]:
        """Return what a file holds, once read; nothing for one that cannot be used."""
        if name not in self._files:
            self._files[name] = ()
            try:
                self._files[name] = read_file(self._path / name, self._limits)
            except (RefusedError, UsageError):  # malformed, or gone since it was listed
                pass
            except SlsaGenError as error:
                self._errors[name] = error
        return self._files[name]

    def _size(self, name: str) -> int:
        # What is no bundle took as long to read; what is too large was not read.
        try:
            size = (self._path / name).stat().st_size
        except OSError:
            return 0
        return size if size <= self._limits.bundle_file_bytes else 0

    def _whole(self, name: str) -> tuple[Evidence, ...]:
        # Proving it says what is wrong with it.
        try:
            return (read_whole(self._path / name, self._limits),)
        except SlsaGenError:
            return ()


def _unlisted(path: Path, error: OSError) -> SlsaGenError:
    return SlsaGenError(
        f"the folder {str(path)!r} cannot be searched for bundles: {error.strerror}",
        reason=Reason.EVIDENCE_UNREADABLE,
        hint="Give the bundle: --bundle FILE, or check the folder's permissions: "
        f"ls -ld {str(path)!r}",
    )


def _too_many(path: Path, limits: Limits) -> SlsaGenError:
    return SlsaGenError(
        f"the folder {str(path)!r} holds more bundles than are looked through "
        f"({limits.neighbour_files} files, {limits.neighbour_bytes} bytes)",
        reason=Reason.EVIDENCE_UNREADABLE,
        hint="Give the bundle: --bundle FILE",
    )


def _nothing(artifact: Wanted, malformed: list[str]) -> NoEvidenceError:
    others = ""
    if malformed:
        others = f" ({len(malformed)} that cannot be read: {', '.join(map(repr, malformed[:3]))})"
    return NoEvidenceError(
        f"no bundle beside {artifact.name!r} carries its name or speaks of its digest{others}",
        reason=Reason.EVIDENCE_NONE,
        hint="Give the bundle: --bundle FILE, or download the .intoto.jsonl that was published "
        "with it into its folder.",
    )
