"""Releases and their assets: found, read, uploaded and deleted (GitHub's REST API).

https://docs.github.com/rest/releases/releases and …/rest/releases/assets. Every method says
no in words of its own (``release_failures``); nothing here decides what should be there.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from slsa_gen.errors import PublishError
from slsa_gen.github import api_answers, release_failures
from slsa_gen.github.release_documents import Asset, Release, asset_of, release_of
from slsa_gen.http import Request, StatusError
from slsa_gen.http_failures import RedirectError
from slsa_gen.model.urls import UrlError, is_loopback, split_service_url
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsa_gen.github.api import GitHubApi
    from slsa_gen.http import Response

_NOT_FOUND: Final = 404
_FOUND: Final = 302
#: Statuses by which GitHub refuses to write notes, but not for want of a permission.
_ABOUT_NOTES: Final = frozenset({400, 403, 404, 409, 410, 422})
_PAGE: Final = 100
_BINARY: Final = "application/octet-stream"
_STORAGE: Final = "GitHub's storage of release assets"


@dataclass(frozen=True, slots=True)
class Listed:
    """The releases of a tag: the published one, or drafts."""

    published: Release | None
    drafts: tuple[Release, ...] = ()


class Releases:
    """The releases of one repository."""

    def __init__(self, api: GitHubApi) -> None:
        self.api = api
        self._limits = api.limits

    def of_tag(self, tag: str) -> Listed:
        """Return what there is for a tag; drafts are only seen by who may write.

        A published release is asked for by its tag. Drafts are not found that way ("drafts
        have no tag yet"), and several may carry one tag: they are listed.
        """
        path = f"/releases/tags/{quote(tag, safe='')}"
        what = f"the question for the release of {tag!r}"
        try:
            answer = self.api.ask("GET", path, max_bytes=self._limits.release_list_bytes)
        except StatusError as error:
            if error.status != _NOT_FOUND or api_answers.is_permission(error):
                raise release_failures.told(error, what, self.api.gh_repository) from error
        else:
            found = release_of(api_answers.document(answer.body, what, self._limits), what)
            return Listed(found)
        listed = [r for r in self._list_releases() if r.tag == tag]
        published = next((r for r in listed if not r.draft), None)
        return Listed(published, tuple(r for r in listed if r.draft))

    def assets(self, release: Release) -> tuple[Asset, ...]:
        """Return every asset of a release, also those whose upload never ended."""
        what = "the question for the release's assets"
        documents = self._pages(f"/releases/{release.identifier}/assets", what)
        return tuple(asset_of(document, what) for document in documents)

    def download(self, asset: Asset) -> bytes:
        """Return an asset's content, its digest checked where GitHub says one.

        GitHub answers with a redirect to its storage: that one hop is made by hand, without
        the token, and only by https.
        """
        what = f"the download of the asset {asset.name!r}"
        request = self.api.request(
            "GET",
            f"/releases/assets/{asset.identifier}",
            accept=_BINARY,
            max_bytes=asset.size,
        )
        try:
            content = self.api.repeat(lambda s: self._fetch(request, s), asset.size)
        except StatusError as error:
            raise release_failures.told(error, what, self.api.gh_repository) from error
        digest = sha256(content)
        if len(content) != asset.size or asset.digest not in {None, digest}:
            raise api_answers.malformed(
                what,
                f"{len(content)} bytes with {digest}, expected {asset.size} bytes with "
                f"{asset.digest or 'any digest'}",
            )
        return content

    def upload_once(self, release: Release, name: str, content: bytes, seconds: float) -> Asset:
        """Upload an asset, in one attempt.

        Raises:
            TransientFailure: another try may do, once it is known what became of this one.
            StatusError: GitHub said no.
            ServiceError: likewise, or its answer cannot be read: the asset may be there.
        """
        what = f"the upload of the asset {name!r}"
        request = self.api.request(
            "POST",
            f"/releases/{release.identifier}/assets?name={quote(name, safe='')}",
            content_type="application/jsonl",
            body=content,
            upload=True,
        )
        answer = self.api.once(request, seconds)
        return asset_of(api_answers.document(answer.body, what, self._limits), what)

    def delete(self, asset: Asset) -> None:
        """Delete an asset; one that is gone already is deleted."""
        try:
            self.api.ask("DELETE", f"/releases/assets/{asset.identifier}")
        except StatusError as error:
            if error.status == _NOT_FOUND:
                return
            what = f"the deletion of the unfinished asset {asset.name!r}"
            raise release_failures.told(error, what, self.api.gh_repository) from error

    def may_write(self, tag: str) -> None:
        """Make sure, as far as GitHub tells without a change, that assets may be added.

        Generating release notes needs the same permission and saves nothing
        (https://docs.github.com/rest/releases/releases#generate-release-notes-content-for-a-release).

        Raises:
            PermissionMissingError: the token lacks it.
        """
        body = json.dumps({"tag_name": tag}).encode()
        try:
            self.api.ask("POST", "/releases/generate-notes", body=body)
        except StatusError as error:
            # A refusal of another kind says nothing of the permission: the upload will tell.
            final = error.status in _ABOUT_NOTES and not api_answers.is_permission(error)
            if not final:
                what = "the question whether the token may write"
                raise release_failures.told(error, what, self.api.gh_repository) from error

    def _list_releases(self) -> list[Release]:
        what = "the question for the repository's releases"
        return [release_of(document, what) for document in self._pages("/releases", what)]

    def _pages(self, path: str, what: str) -> Iterator[object]:
        """Yield the entries of a list, page by page, up to the limit."""
        for page in range(1, self._limits.list_pages + 1):
            try:
                answer = self.api.ask(
                    "GET",
                    f"{path}?per_page={_PAGE}&page={page}",
                    max_bytes=self._limits.release_list_bytes,
                )
            except StatusError as error:
                raise release_failures.told(error, what, self.api.gh_repository) from error
            entries = api_answers.document(answer.body, what, self._limits)
            if not isinstance(entries, list) or len(entries) > _PAGE:
                raise api_answers.malformed(what, "no list of at most 100 entries")
            yield from entries
            if len(entries) < _PAGE:
                return
        raise PublishError(
            f"the repository's list goes beyond {self._limits.list_pages * _PAGE} entries, "
            "which are all that is looked through",
            hint="Publish the release first, so that it is found by its tag: "
            "gh release edit TAG --draft=false",
            reason=Reason.RELEASE_NOT_FOUND,
        )

    def _fetch(self, request: Request, seconds: float) -> bytes:
        try:
            return self.api.once(request, seconds).body
        except RedirectError as error:
            target = self._storage(error)
        hop = Request("GET", target, _STORAGE, request.max_bytes, {"Accept": _BINARY})
        answer: Response = self.api.once(hop, seconds)
        return answer.body

    def _storage(self, redirect: RedirectError) -> str:
        """Return where the bytes are: https, or loopback where the API itself is."""
        if redirect.status != _FOUND:
            raise release_failures.moved(redirect, self.api.gh_repository)
        try:
            parts = split_service_url(redirect.location)
        except UrlError:
            raise redirect from None
        if is_loopback(parts.hostname or "") and not self.api.hosts.local:
            raise redirect
        return redirect.location


def sha256(content: bytes) -> str:
    """Return a digest as GitHub writes it: ``sha256:HEX``."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
