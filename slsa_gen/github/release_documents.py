"""Releases and assets as values, read from GitHub's documents; only what is used is looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from slsa_gen.github.api_answers import malformed
from slsa_gen.model.urls import UrlError, split_service_url

_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_LONGEST_TEXT: Final = 4096
_LARGEST_ID: Final = 2**63


@dataclass(frozen=True, slots=True)
class Release:
    """A release. ``url`` is its page (empty when GitHub named none that can be shown)."""

    identifier: int
    tag: str
    draft: bool
    immutable: bool
    url: str = ""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of a release.

    ``size`` is in bytes. ``digest`` is ``sha256:HEX``, None where GitHub does not say it (what
    was uploaded before 2025). ``uploaded`` is false for what a broken upload left (a
    ``starter``). ``url`` is where a person downloads it; empty when there is none to be shown.
    """

    identifier: int
    name: str
    size: int
    uploaded: bool
    digest: str | None
    url: str = ""


def release_of(document: object, what: str) -> Release:
    """Read a release.

    Raises:
        PublishError: it is not what GitHub documents.
    """
    fields = _object(document, "a release", what)
    immutable = fields.get("immutable", False)
    draft = fields.get("draft")
    if not isinstance(draft, bool) or not isinstance(immutable, bool):
        raise malformed(what, "a release whose draft or immutable is neither true nor false")
    return Release(
        identifier=_number(fields, "id", what),
        tag=_text(fields, "tag_name", what),
        draft=draft,
        immutable=immutable,
        url=_url(fields.get("html_url")),
    )


def asset_of(document: object, what: str) -> Asset:
    """Read an asset.

    Raises:
        PublishError: it is not what GitHub documents.
    """
    fields = _object(document, "an asset", what)
    digest = fields.get("digest")
    if digest is not None and not (isinstance(digest, str) and _DIGEST.fullmatch(digest)):
        raise malformed(what, "an asset whose digest is no sha256:HEX")
    return Asset(
        identifier=_number(fields, "id", what),
        name=_text(fields, "name", what),
        size=_number(fields, "size", what),
        uploaded=_text(fields, "state", what) == "uploaded",
        digest=digest,
        url=_url(fields.get("browser_download_url")),
    )


def _object(document: object, kind: str, what: str) -> dict[str, object]:
    if not isinstance(document, dict):
        raise malformed(what, f"no object where {kind} was expected")
    return document


def _number(fields: dict[str, object], name: str, what: str) -> int:
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LARGEST_ID:
        raise malformed(what, f"a {name} that is no number")
    return value


def _text(fields: dict[str, object], name: str, what: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise malformed(what, f"a {name} that is no text")
    return value


def _url(value: object) -> str:
    """Return an address that is shown, never asked."""
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        return ""
    try:
        split_service_url(value)
    except UrlError:
        return ""
    return value
