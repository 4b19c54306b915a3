"""What GitHub answers: the documents of releases and assets, and its refusals.

The shapes are those of GitHub's OpenAPI description, which ``github_api_description.py``
holds every answer against; the texts of refusals are listed in ``github_api_beyond.py``.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tests.support.wrongs import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tests.support.github_api_state import Asset, Release, Repository

Document = dict[str, Any]

JSON: Final = "application/json; charset=utf-8"
DOCUMENTATION: Final = "https://docs.github.com/rest"

_BOT: Final = 41898282


class Refusal(Exception):  # noqa: N818 (an answer, not a failure of the simulator)
    """An answer that says no.

    Args:
        status: The HTTP status.
        message: GitHub's own text.
        errors: The entries of a 422.
        page: The documentation page that it names.
        headers: Further fields.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        page: str = DOCUMENTATION,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: Document = {"message": message, "documentation_url": page, "status": str(status)}
        if errors:
            self.body["errors"] = [dict(error) for error in errors]
        self.headers = dict(headers or {})

    def reply(self) -> Reply:
        """Return it as it goes over the wire."""
        return reply(self.status, self.body, self.headers)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the simulator answers: the API, and the host of pages and downloads."""

    api: str
    web: str


def reply(status: int, document: object, headers: Mapping[str, str] | None = None) -> Reply:
    """Return a JSON answer."""
    return Reply(status, json.dumps(document).encode(), {"Content-Type": JSON, **(headers or {})})


def validation_failed(resource: str, code: str, **more: str) -> Refusal:
    """Return a 422 with one entry."""
    return Refusal(422, "Validation Failed", errors=[{"resource": resource, "code": code, **more}])


def release_document(addresses: Addresses, repository: Repository, release: Release) -> Document:
    """Return a release as the API shows it."""
    base = f"{addresses.api}/repos/{repository.full_name}"
    here = f"{base}/releases/{release.identifier}"
    archive = None if release.draft else f"{base}/{{}}/{release.tag}"
    return {
        "url": here,
        "assets_url": f"{here}/assets",
        "upload_url": f"{here}/assets{{?name,label}}",
        "html_url": f"{addresses.web}/{repository.full_name}/releases/tag/{page_of(release)}",
        "id": release.identifier,
        "author": _user(addresses),
        "node_id": f"RE_{release.identifier}",
        "tag_name": release.tag,
        "target_commitish": release.target,
        "name": release.name,
        "draft": release.draft,
        "immutable": release.immutable,
        "prerelease": release.prerelease,
        "created_at": written(release.created_at),
        "updated_at": written(release.published_at or release.created_at),
        "published_at": release.published_at and written(release.published_at),
        "assets": [asset_document(addresses, repository, release, a) for a in release.assets],
        "tarball_url": archive and archive.format("tarball"),
        "zipball_url": archive and archive.format("zipball"),
        "body": release.notes,
    }


def asset_document(
    addresses: Addresses, repository: Repository, release: Release, asset: Asset
) -> Document:
    """Return an asset as the API shows it."""
    pages = f"{addresses.web}/{repository.full_name}/releases/download"
    return {
        "url": f"{addresses.api}/repos/{repository.full_name}/releases/assets/{asset.identifier}",
        "id": asset.identifier,
        "node_id": f"RA_{asset.identifier}",
        "name": asset.name,
        "label": asset.label,
        "uploader": _user(addresses),
        "content_type": asset.content_type,
        "state": asset.state.value,
        "size": len(asset.data),
        "digest": asset.digest,
        "download_count": asset.download_count,
        "created_at": written(asset.created_at),
        "updated_at": written(asset.created_at),
        "browser_download_url": f"{pages}/{page_of(release)}/{asset.name}",
    }


def page_of(release: Release) -> str:
    """Return how a release is called in addresses: a draft has no tag yet."""
    if not release.draft:
        return release.tag
    return "untagged-" + hashlib.sha1(f"{release.identifier}".encode()).hexdigest()[:20]  # noqa: S324 (a name)


def written(moment: datetime) -> str:
    """Return a moment as GitHub writes it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _user(addresses: Addresses) -> Document:
    """Return the account behind a run's GITHUB_TOKEN."""
    login = "github-actions[bot]"
    here = f"{addresses.api}/users/github-actions%5Bbot%5D"
    return {
        "login": login,
        "id": _BOT,
        "node_id": "MDM6Qm90NDE4OTgyODI=",
        "avatar_url": f"{addresses.web}/in/15368?v=4",
        "gravatar_id": "",
        "url": here,
        "html_url": f"{addresses.web}/apps/github-actions",
        "followers_url": f"{here}/followers",
        "following_url": f"{here}/following{{/other_user}}",
        "gists_url": f"{here}/gists{{/gist_id}}",
        "starred_url": f"{here}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{here}/subscriptions",
        "organizations_url": f"{here}/orgs",
        "repos_url": f"{here}/repos",
        "events_url": f"{here}/events{{/privacy}}",
        "received_events_url": f"{here}/received_events",
        "type": "Bot",
        "site_admin": False,
    }
