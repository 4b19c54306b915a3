"""What the tests of subjects build and call: small trees of files, and short calls."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING

from slsa_gen.limits import DEFAULT_LIMITS, Limits
from slsa_gen.subjects import paths
from slsa_gen.subjects.collect import Collection, collect
from slsa_gen.subjects.progress import SilentProgress

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from slsa_gen.subjects.progress import Progress
    from slsa_gen.subjects.request import SubjectRequest

SHA256_OF_NOTHING = hashlib.sha256(b"").hexdigest()
ONE = "1" * 64
TWO = "2" * 64


def make(root: Path, *names: str) -> Path:
    """Write files below a folder, each holding its own path; return the folder."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    return root


def sha256(text: str) -> str:
    """Return the digest of a text in UTF-8."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def sha512(text: str) -> str:
    """Return the longer digest of a text in UTF-8."""
    return hashlib.sha512(text.encode("utf-8")).hexdigest()


def limited(**changes: float) -> Limits:
    """Return the limits with some of them changed."""
    return dataclasses.replace(DEFAULT_LIMITS, **changes)  # type: ignore[arg-type]  # whole numbers where they must be


def find(
    base: Path, *patterns: str, boundary: Path | None = None, limits: Limits = DEFAULT_LIMITS
) -> list[str]:
    """Return the paths that patterns find, relative to the base, sorted."""
    found = paths.expand(patterns, base=base, boundary=boundary, limits=limits)
    return sorted(relative(found.files, base))


def relative(found: Iterable[str | Path], base: Path) -> list[str]:
    """Return paths as seen from a folder, where they are below it."""
    return [str(path).removeprefix(f"{base}/") for path in found]


def collected(
    base: Path,
    request: SubjectRequest,
    *,
    boundary: Path | None = None,
    relative_names: bool = False,
    algorithms: tuple[str, ...] = ("sha256",),
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> Collection:
    """Collect with what a test does not care about filled in."""
    return collect(
        request,
        base=base,
        boundary=boundary,
        relative_names=relative_names,
        algorithms=algorithms,
        limits=limits,
        progress=progress or SilentProgress(),
    )


def named(collection: Collection) -> dict[str, list[str]]:
    """Return each subject's name with its digests as text."""
    return {s.name: [str(digest) for digest in s.digests] for s in collection.subjects}
