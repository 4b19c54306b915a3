"""A cached TUF repository, verified again from the root that ships with the package.

This is the part of TUF's client workflow (specification 1.0, section 5) that needs no
network: the chain of roots, then timestamp, snapshot, targets, each signed by a threshold of
the keys that the root names, each naming the next by version, length and hashes. Metadata
that has expired is still a signed statement about what was right then: it is used, and the
expiry is handed on so that the age can be said. ``tuf``'s ``Updater`` refuses expired
metadata, rightly, but offline it is the best that there is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tuf.api.exceptions import (
    LengthOrHashMismatchError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.api.metadata import (  # type: ignore[attr-defined]  # its __all__ is computed
    Metadata,
    Root,
    Snapshot,
    Targets,
    Timestamp,
)
from tuf.api.serialization import DeserializationError

from slsa_gen.errors import TrustError
from slsa_gen.reasons import Reason
from slsa_gen.trust.known import SIGNING_CONFIG, TRUSTED_ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

#: As many root versions as tuf's own client follows.
_ROTATIONS: Final = 256


@dataclass(frozen=True, slots=True)
class Verified:
    """Targets whose signatures hold; ``expires`` is when the first of the metadata does."""

    trusted_root: bytes = field(repr=False)
    signing_config: bytes | None = field(repr=False)
    expires: datetime
    version: int


def verify(files: Mapping[str, bytes], root: bytes) -> Verified:
    """Verify a repository's files from a root that is trusted already.

    Args:
        files: By their names in a client's folder.
        root: Root metadata, as it shipped.

    Raises:
        TrustError: a file is missing, malformed, or not signed as it must be.
    """
    try:
        return _verify(files, root)
    except (RepositoryError, ValueError, KeyError, TypeError, AttributeError) as error:
        # tuf.api raises these for metadata of any shape.
        raise TrustError(
            f"the cached trusted root is not believed: {_why(error)}",
            reason=Reason.TRUST_CACHE,
            hint="Run it again without --offline, or name a root: --custom-trusted-root FILE",
        ) from error


def _why(error: Exception) -> str:
    """Return what is wrong, in words: an exception's text may repeat what a file holds."""
    if isinstance(error, UnsignedMetadataError):
        return "too few of those who must sign it did"
    if isinstance(error, LengthOrHashMismatchError):
        return "a file is not the one that was signed"
    if isinstance(error, KeyError):
        return "a file is missing"
    if isinstance(error, DeserializationError) or not isinstance(error, RepositoryError):
        return "a file is no metadata that can be read"
    return "its files do not belong together"


def _verify(files: Mapping[str, bytes], raw_root: bytes) -> Verified:
    root = _last_root(files, Metadata[Root].from_bytes(raw_root)).signed
    timestamp = Metadata[Timestamp].from_bytes(files["timestamp.json"])
    root.verify_delegate(Timestamp.type, timestamp.signed_bytes, timestamp.signatures)
    snapshot = Metadata[Snapshot].from_bytes(files["snapshot.json"])
    root.verify_delegate(Snapshot.type, snapshot.signed_bytes, snapshot.signatures)
    timestamp.signed.snapshot_meta.verify_length_and_hashes(files["snapshot.json"])
    _same_version(snapshot.signed.version, timestamp.signed.snapshot_meta.version)
    targets = Metadata[Targets].from_bytes(files["targets.json"])
    root.verify_delegate(Targets.type, targets.signed_bytes, targets.signatures)
    meta = snapshot.signed.meta["targets.json"]
    meta.verify_length_and_hashes(files["targets.json"])
    _same_version(targets.signed.version, meta.version)
    trusted_root = files[f"targets/{TRUSTED_ROOT}"]
    targets.signed.targets[TRUSTED_ROOT].verify_length_and_hashes(trusted_root)
    return Verified(
        trusted_root=trusted_root,
        signing_config=_signing_config(files, targets.signed),
        expires=min(
            part.expires for part in (root, timestamp.signed, snapshot.signed, targets.signed)
        ),
        version=timestamp.signed.version,
    )


def _last_root(files: Mapping[str, bytes], root: Metadata[Root]) -> Metadata[Root]:
    """Follow the chain of roots: each is signed by the one before and by itself."""
    root.signed.verify_delegate(Root.type, root.signed_bytes, root.signatures)
    for _ in range(_ROTATIONS):
        version = root.signed.version + 1
        raw = files.get(f"root_history/{version}.root.json")
        if raw is None:
            break
        following = Metadata[Root].from_bytes(raw)
        root.signed.verify_delegate(Root.type, following.signed_bytes, following.signatures)
        following.signed.verify_delegate(Root.type, following.signed_bytes, following.signatures)
        _same_version(following.signed.version, version)
        root = following
    return root


def _signing_config(files: Mapping[str, bytes], targets: Targets) -> bytes | None:
    data, meta = files.get(f"targets/{SIGNING_CONFIG}"), targets.targets.get(SIGNING_CONFIG)
    if data is None or meta is None:
        return None
    meta.verify_length_and_hashes(data)
    return data


def _same_version(found: int, expected: int) -> None:
    if found != expected:
        raise RepositoryError(f"version {found}, {expected} was expected")
