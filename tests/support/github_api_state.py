"""What GitHub keeps: repositories, their releases and assets, and who may do what.

Nothing here speaks HTTP; ``tests/support/github_api.py`` is where to begin.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

#: The most assets that a release takes.
ASSETS: Final = 1000
#: The most bytes of an asset (2 GiB).
ASSET_BYTES: Final = 2**31

_UNUSUAL: Final = re.compile(r"[^A-Za-z0-9@+_-]+")


class Contents(StrEnum):
    """The permission ``contents`` of a token."""

    NONE = "none"
    READ = "read"
    WRITE = "write"


class AssetState(StrEnum):
    """How far an asset's upload came."""

    UPLOADED = "uploaded"
    STARTER = "starter"


@dataclass(frozen=True, slots=True)
class Token:
    """What a token may do, and in which repository (everywhere when it is empty)."""

    contents: Contents
    repository: str = ""

    def may(self, contents: Contents, repository: str) -> bool:
        """Tell whether it grants at least this in a repository."""
        order = list(Contents)
        here = not self.repository or self.repository.lower() == repository.lower()
        return here and order.index(self.contents) >= order.index(contents)


@dataclass(slots=True)
class Asset:
    """A file of a release. One that is a ``starter`` has no content and no digest."""

    identifier: int
    name: str
    data: bytes
    created_at: datetime
    content_type: str = "application/octet-stream"
    label: str | None = None
    state: AssetState = AssetState.UPLOADED
    digest: str | None = None
    download_count: int = 0

    def __post_init__(self) -> None:
        if self.state is AssetState.UPLOADED and self.digest is None:
            self.digest = "sha256:" + hashlib.sha256(self.data).hexdigest()


@dataclass(slots=True)
class Release:
    """A release. ``immutable`` is set when it is published in a repository that wants that."""

    identifier: int
    tag: str
    created_at: datetime
    draft: bool = False
    immutable: bool = False
    prerelease: bool = False
    name: str | None = None
    notes: str | None = None
    target: str = "main"
    published_at: datetime | None = None
    assets: list[Asset] = field(default_factory=list)

    def asset(self, name: str) -> Asset:
        """Return the asset of that name; there must be one."""
        (found,) = (asset for asset in self.assets if asset.name == name)
        return found

    @property
    def files(self) -> dict[str, bytes]:
        """Return the whole assets by name."""
        return {
            asset.name: asset.data for asset in self.assets if asset.state is AssetState.UPLOADED
        }


@dataclass(slots=True)
class Repository:
    """A repository and its releases, the newest first.

    ``immutable`` is its setting: what is published from now on cannot be changed. Tags of
    immutable releases that were deleted are never free again.
    """

    full_name: str
    identifier: int
    private: bool = False
    immutable: bool = False
    releases: list[Release] = field(default_factory=list)
    spent_tags: set[str] = field(default_factory=set)

    def published(self, tag: str) -> Release | None:
        """Return the published release of a tag."""
        return next((r for r in self.releases if r.tag == tag and not r.draft), None)


def identifiers() -> Iterator[int]:
    """Return numbers for what is made; GitHub's are of this size."""
    return itertools.count(240_000_001)


def stored_name(name: str) -> str:
    """Return the name that GitHub gives an asset.

    Accents are dropped, each run of unusual characters becomes one period, and periods at
    both ends go; a name that began with one is put behind ``default``. The exact rule is not
    published: this follows what was seen (``github_api_beyond.py``, ``renamed``).
    """
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    dotted = _UNUSUAL.sub(".", plain)
    kept = dotted.strip(".")
    return f"default.{kept}" if dotted.startswith(".") else kept
