"""What is said when a release does not take the bundle, and what mends it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import PublishError, UsageError
from slsa_gen.github.release_failures import IMMUTABLE
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsa_gen.errors import SlsaGenError
    from slsa_gen.github.release_documents import Asset, Release


#: What no upload by hand would mend either.
_NOT_BY_HAND: Final = frozenset(
    {
        Reason.RELEASE_AMBIGUOUS,
        Reason.RELEASE_ASSET_DIFFERS,
        Reason.RELEASE_ASSET_EXISTS,
        Reason.RELEASE_FULL,
        Reason.RELEASE_IMMUTABLE,
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the bundle should go: repository, tag, name of the asset; and the file it is in."""

    repository: str
    tag: str
    asset: str
    file: str

    def gh(self, verb: str, *arguments: str) -> str:
        """Return a command of GitHub's own tool about this release, ready to paste."""
        words = ("gh", "release", verb, self.tag, *arguments, "--repo", self.repository)
        return shlex.join(words)

    @property
    def by_hand(self) -> str:
        """Return the command that uploads the file."""
        file, asset = _as_path(self.file), _as_path(self.asset)
        if self.file.rpartition("/")[2] == self.asset:
            return self.gh("upload", file)
        # gh names an asset as its file is named; the file need not be called as the asset.
        return f"cp {shlex.join([file, asset])} && {self.gh('upload', asset)}"


def _as_path(path: str) -> str:
    """Return a path that no command takes for an option."""
    return f"./{path}" if path.startswith("-") else path


def no_release(place: Place) -> PublishError:
    """Return the error for a tag without a release."""
    return PublishError(
        f"there is no release for the tag {place.tag!r} in {place.repository}, or only a draft "
        "that this token may not see",
        hint="Make a draft first, attest, then publish it:\n\n"
        f"    {place.gh('create', '--draft')}\n\n"
        "To see drafts and to add to them the job needs: permissions: contents: write",
        reason=Reason.RELEASE_NOT_FOUND,
    )


def several_drafts(place: Place, drafts: Sequence[Release]) -> PublishError:
    """Return the error for a tag that more than one draft carries."""
    pages = "".join(f"\n    {draft.url}" for draft in drafts[:5] if draft.url)
    return PublishError(
        f"{len(drafts)} drafts carry the tag {place.tag!r} in {place.repository}: which of them "
        "is meant cannot be told",
        hint=f"Delete all but one, on their pages:{pages}",
        reason=Reason.RELEASE_AMBIGUOUS,
    )


def immutable(place: Place) -> PublishError:
    """Return the error for a release that takes nothing any more."""
    return PublishError(
        f"the release {place.tag!r} of {place.repository} is immutable, and it has no asset "
        f"{place.asset!r}",
        hint=IMMUTABLE,
        reason=Reason.RELEASE_IMMUTABLE,
    )


def full(place: Place, count: int) -> PublishError:
    """Return the error for a release that has all the assets it can have."""
    return PublishError(
        f"the release {place.tag!r} of {place.repository} has {count:,} assets, which is all "
        "that GitHub takes",
        hint=f"Delete one that is not needed: {place.gh('delete-asset', 'NAME')}",
        reason=Reason.RELEASE_FULL,
    )


def other_asset(place: Place, why: str, *, immutable: bool) -> UsageError:
    """Return the error for an asset of the bundle's name that is not this run's result."""
    hint = (
        f"Give the bundle another name (--provenance-name NAME), or delete the asset: "
        f"{place.gh('delete-asset', place.asset)}"
    )
    if immutable:
        hint = IMMUTABLE
    return UsageError(
        f"the release {place.tag!r} of {place.repository} already has an asset {place.asset!r}"
        f"{' and is immutable' if immutable else ''}, and it is not the result of this run: {why}",
        hint=hint,
        reason=Reason.RELEASE_ASSET_EXISTS,
    )


def other_content(place: Place, asset: Asset, size: int, digest: str) -> PublishError:
    """Return the error for an asset that is not what was uploaded."""
    got = f"{asset.size} bytes with {asset.digest or 'no digest'}"
    if asset.name != place.asset:
        got = f"the name {asset.name!r}"
    elif not asset.uploaded:
        got = "an upload that has not ended"
    return PublishError(
        f"the asset {place.asset!r} on the release {place.tag!r} is not what was uploaded: "
        f"expected {size} bytes with {digest}, got {got}",
        hint="Run the command again: the bundle of another job for the same files is reused. "
        f"Anything else must be deleted first: {place.gh('delete-asset', asset.name)}",
        reason=Reason.RELEASE_ASSET_DIFFERS,
    )


def kept(error: SlsaGenError, place: Place) -> None:
    """Say where the bundle is although this target has failed, and how to go on from there."""
    error.add(f"; the bundle is kept in {place.file!r}")
    by_hand = "" if error.reason in _NOT_BY_HAND else _by_hand(place)
    again = "Running the same command again finds the bundle there and signs nothing anew."
    if error.reason is Reason.RELEASE_IMMUTABLE:
        again = ""  # it takes nothing then either
    error.hint = f"{error.hint}\n\n{by_hand}{again}".strip()


def _by_hand(place: Place) -> str:
    return f"The bundle is whole and can be uploaded by hand:\n\n    {place.by_hand}\n\n"
