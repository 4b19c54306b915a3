"""How GitHub judges a call on releases and assets: who may, what is refused, what comes of it.

Each call is a method of :class:`Rules`; HTTP itself is in ``github_api.py``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.support.github_api_access import RELEASES_PAGE, Access
from tests.support.github_api_answers import (
    Refusal,
    asset_document,
    release_document,
    reply,
    validation_failed,
)
from tests.support.github_api_calls import Call, Seen
from tests.support.github_api_state import (
    ASSET_BYTES,
    ASSETS,
    Asset,
    AssetState,
    Release,
    Repository,
    stored_name,
)
from tests.support.wrongs import Reply

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(slots=True)
class Rules(Access):
    """All that is kept, and what each call does to it.

    ``asset_bytes`` and ``assets`` are GitHub's limits; a test may lower them.
    """

    asset_bytes: int = ASSET_BYTES
    assets: int = ASSETS

    def answer(self, seen: Seen, body: bytes) -> Reply:
        """Answer a request whose body has arrived."""
        try:
            return self._answer(seen, body)
        except Refusal as refusal:
            if seen.call is Call.UPLOAD:  # another host, another form
                del refusal.body["status"]
                refusal.body["request_id"] = f"{next(self.numbers):X}"
            return refusal.reply()

    def interrupted(self, seen: Seen) -> None:
        """Keep what an upload leaves that ended too early: an empty asset, a ``starter``."""
        try:
            repository = self.enter(seen)
            release = self.release_of(seen, repository)
            self._check_upload(seen, release)
        except Refusal:
            return
        release.assets.append(self._asset(seen, b"", AssetState.STARTER))

    def publish(self, repository: Repository, release: Release) -> None:
        """Make a draft a release.

        Raises:
            Refusal: another release has its tag, or had it and was immutable.
        """
        if release.tag in repository.spent_tags:
            raise validation_failed(
                "Release",
                "custom",
                field="tag_name",
                message="tag_name was used by an immutable release",
            )
        if repository.published(release.tag) is not None:
            raise validation_failed("Release", "already_exists", field="tag_name")
        release.draft = False
        release.immutable = repository.immutable
        release.published_at = self.clock.now()

    def _answer(self, seen: Seen, body: bytes) -> Reply:
        acts: dict[Call, Callable[[Seen, Repository, bytes], Reply]] = {
            Call.LIST_RELEASES: self._list_releases,
            Call.CREATE_RELEASE: self._create_release,
            Call.GET_BY_TAG: self._get_by_tag,
            Call.GET_RELEASE: self._get_release,
            Call.UPDATE_RELEASE: self._update_release,
            Call.DELETE_RELEASE: self._delete_release,
            Call.LIST_ASSETS: self._list_assets,
            Call.UPLOAD: self._upload,
            Call.GET_ASSET: self._get_asset,
            Call.DELETE_ASSET: self._delete_asset,
            Call.GENERATE_NOTES: self._generate_notes,
        }
        repository = self.enter(seen)
        if seen.call is None:
            raise Refusal(404, "Not Found")
        return acts[seen.call](seen, repository, body)

    def _list_releases(self, seen: Seen, repository: Repository, _body: bytes) -> Reply:
        found = self.visible(seen, repository)
        documents = [release_document(self.addresses, repository, r) for r in found]
        return self.page(seen, repository, documents)

    def _generate_notes(self, _seen: Seen, _repository: Repository, body: bytes) -> Reply:
        """Answer with notes; needs write permission, and keeps nothing."""
        tag = str(_document(body).get("tag_name", ""))
        return reply(200, {"name": tag, "body": f"**Full Changelog**: {tag}"})

    def _list_assets(self, seen: Seen, repository: Repository, _body: bytes) -> Reply:
        release = self.release_of(seen, repository)
        found = [asset_document(self.addresses, repository, release, a) for a in release.assets]
        return self.page(seen, repository, found)

    def _get_by_tag(self, seen: Seen, repository: Repository, _body: bytes) -> Reply:
        release = repository.published(seen.parameters["tag"])
        if release is None:  # a draft is never found by its tag
            raise Refusal(404, "Not Found", page=f"{RELEASES_PAGE}#get-a-release-by-tag-name")
        return reply(200, release_document(self.addresses, repository, release))

    def _get_release(self, seen: Seen, repository: Repository, _body: bytes) -> Reply:
        release = self.release_of(seen, repository)
        return reply(200, release_document(self.addresses, repository, release))

    def _create_release(self, _seen: Seen, repository: Repository, body: bytes) -> Reply:
        wanted = _document(body)
        if not isinstance(wanted.get("tag_name"), str) or not wanted["tag_name"]:
            raise validation_failed("Release", "missing_field", field="tag_name")
        release = Release(next(self.numbers), wanted["tag_name"], self.clock.now(), draft=True)
        _edit(release, wanted)
        if not wanted.get("draft", False):
            self.publish(repository, release)
        repository.releases.insert(0, release)
        document = release_document(self.addresses, repository, release)
        return reply(201, document, {"Location": document["url"]})

    def _update_release(self, seen: Seen, repository: Repository, body: bytes) -> Reply:
        release, wanted = self.release_of(seen, repository), _document(body)
        draft = wanted.get("draft", release.draft)
        if release.immutable and (draft or wanted.get("tag_name", release.tag) != release.tag):
            raise validation_failed(
                "Release",
                "custom",
                field="state",
                message="state cannot be changed when release is immutable",
            )
        _edit(release, wanted)
        if release.draft and not draft:
            self.publish(repository, release)
        elif draft:
            release.draft, release.published_at = True, None
        return reply(200, release_document(self.addresses, repository, release))

    def _delete_release(self, seen: Seen, repository: Repository, _body: bytes) -> Reply:
        release = self.release_of(seen, repository)
        if release.immutable:
            repository.spent_tags.add(release.tag)
        repository.releases.remove(release)
        return Reply(204)

    def _check_upload(self, seen: Seen, release: Release) -> None:
        if not seen.query.get("name"):
            raise validation_failed("ReleaseAsset", "missing_field", field="name")
        if release.immutable:
            raise Refusal(422, "Cannot upload assets to an immutable release.")
        name = stored_name(seen.query["name"])
        if any(asset.name == name for asset in release.assets):
            raise validation_failed("ReleaseAsset", "already_exists", field="name")
        if len(release.assets) >= self.assets:
            raise validation_failed(
                "ReleaseAsset",
                "custom",
                field="file_count",
                message=f"file_count limited to {self.assets} assets",
            )

    def _upload(self, seen: Seen, repository: Repository, body: bytes) -> Reply:
        release = self.release_of(seen, repository)
        if not seen.headers.get("content-length", "").isdecimal():
            raise Refusal(400, "Bad Content-Length: ")
        self._check_upload(seen, release)
        if not body:
            text = "size must be greater than or equal to 1"
            raise validation_failed("ReleaseAsset", "custom", field="size", message=text)
        if len(body) > self.asset_bytes:
            text = f"size must be less than or equal to {self.asset_bytes}"
            raise validation_failed("ReleaseAsset", "custom", field="size", message=text)
        asset = self._asset(seen, body, AssetState.UPLOADED)
        release.assets.append(asset)
        return reply(201, asset_document(self.addresses, repository, release, asset))

    def _asset(self, seen: Seen, data: bytes, state: AssetState) -> Asset:
        return Asset(
            next(self.numbers),
            stored_name(seen.query["name"]),
            data,
            self.clock.now(),
            content_type=seen.headers.get("content-type", "application/octet-stream"),
            label=seen.query.get("label"),
            state=state,
        )

    def _get_asset(self, seen: Seen, repository: Repository, _body: bytes) -> Reply:
        release, asset = self.find_asset(seen, repository)
        if "application/octet-stream" not in seen.headers.get("accept", ""):
            return reply(200, asset_document(self.addresses, repository, release, asset))
        if asset.state is AssetState.STARTER:
            raise Refusal(404, "Not Found")
        asset.download_count += 1
        return Reply(302, b"", {"Location": self.stored_at(asset), "Content-Type": "text/html"})

    def stored_at(self, asset: Asset) -> str:
        """Return the address of an asset's bytes: signed, on another host."""
        query = urlencode({"sp": "r", "sig": f"signed-{asset.identifier}"})
        return f"{self.addresses.web}/storage/{asset.identifier}?{query}"

    def _delete_asset(self, seen: Seen, repository: Repository, _body: bytes) -> Reply:
        release, asset = self.find_asset(seen, repository)
        if release.immutable:
            text = "Cannot delete asset from an immutable release"
            raise validation_failed("ReleaseAsset", "custom", message=text)
        release.assets.remove(asset)
        return Reply(204)


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError as error:
        raise Refusal(400, "Problems parsing JSON") from error
    if not isinstance(document, dict):
        raise Refusal(400, "Body should be a JSON object")
    return document


def _edit(release: Release, wanted: dict[str, Any]) -> None:
    release.tag = wanted.get("tag_name", release.tag)
    release.target = wanted.get("target_commitish", release.target)
    release.name = wanted.get("name", release.name)
    release.notes = wanted.get("body", release.notes)
    release.prerelease = wanted.get("prerelease", release.prerelease)
