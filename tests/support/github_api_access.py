"""Who may do what at the simulator of GitHub, and what anyone gets to see.

The first half of ``github_api_rules.py``: repositories, tokens, drafts, renamed repositories,
and lists in pages.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from tests.support.github_api_answers import Addresses, Refusal, reply
from tests.support.github_api_state import Contents, Token, identifiers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsa_gen.clock import Clock
    from tests.support.github_api_calls import Seen
    from tests.support.github_api_state import Asset, Release, Repository
    from tests.support.wrongs import Reply

RELEASES_PAGE: Final = "https://docs.github.com/rest/releases/releases"

_PAGE: Final = 30
_LONGEST_PAGE: Final = 100


@dataclass(slots=True)
class Access:
    """All that is kept, and who may see and change it.

    Attributes:
        moved: Old name of a repository (in lower case) → its name now.
        tokens: What each token may do.
        numbers: The identifiers of what is made.
    """

    clock: Clock
    addresses: Addresses
    repositories: list[Repository] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=identifiers)

    def repository(self, full_name: str) -> Repository | None:
        """Return a repository; names are compared as GitHub does."""
        wanted = full_name.lower()
        return next((r for r in self.repositories if r.full_name.lower() == wanted), None)

    def enter(self, seen: Seen) -> Repository:
        """Return the repository that is asked for, to who may see it and do this there."""
        if seen.token is not None and seen.token not in self.tokens:
            raise Refusal(401, "Bad credentials")
        if seen.call is None:
            raise Refusal(404, "Not Found")
        name = f"{seen.parameters['owner']}/{seen.parameters['repo']}"
        self._follow(seen, name)
        repository = self.repository(name)
        if repository is None:
            raise Refusal(404, "Not Found")
        if repository.private and not self._may(seen, Contents.READ, repository):
            raise Refusal(404, "Not Found")
        if seen.call.method != "GET" and not self._may(seen, Contents.WRITE, repository):
            if seen.token is None:
                raise Refusal(401, "Requires authentication")
            raise Refusal(403, "Resource not accessible by integration")
        return repository

    def _follow(self, seen: Seen, name: str) -> None:
        """Point to where a renamed repository is now."""
        new = self.repository(self.moved.get(name.lower(), ""))
        if new is None:
            return
        rest = seen.path.removeprefix(f"/repos/{name}")
        target = f"{self.addresses.api}/repositories/{new.identifier}{rest}"
        if seen.query:
            target += "?" + urlencode(seen.query)
        status, message = (301, "Moved Permanently")
        if seen.method != "GET":
            status, message = (307, "Temporary Redirect")
        raise Refusal(status, message, headers={"Location": target})

    def _may(self, seen: Seen, contents: Contents, repository: Repository) -> bool:
        token = self.tokens.get(seen.token or "")
        return token is not None and token.may(contents, repository.full_name)

    def visible(self, seen: Seen, repository: Repository) -> list[Release]:
        """Return the releases that whoever asks may see: drafts need write permission."""
        writes = self._may(seen, Contents.WRITE, repository)
        return [release for release in repository.releases if writes or not release.draft]

    def release_of(self, seen: Seen, repository: Repository) -> Release:
        """Return the release whose number is asked for, to who may see it."""
        wanted = int(seen.parameters["release_id"])
        for release in repository.releases:
            if release.identifier == wanted:
                if release in self.visible(seen, repository):
                    return release
                if seen.token is not None:
                    raise Refusal(403, "Resource not accessible by integration")
        raise Refusal(404, "Not Found", page=f"{RELEASES_PAGE}#get-a-release")

    def find_asset(self, seen: Seen, repository: Repository) -> tuple[Release, Asset]:
        """Return the asset whose number is asked for, and its release."""
        wanted = int(seen.parameters["asset_id"])
        for release in self.visible(seen, repository):
            for asset in release.assets:
                if asset.identifier == wanted:
                    return release, asset
        raise Refusal(404, "Not Found")

    def page(self, seen: Seen, repository: Repository, found: list[dict[str, Any]]) -> Reply:
        """Return one page, with a Link field to the others (RFC 8288)."""
        size = min(max(_number(seen.query.get("per_page"), _PAGE), 1), _LONGEST_PAGE)
        page = max(_number(seen.query.get("page"), 1), 1)
        last = max(-(-len(found) // size), 1)
        near = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        wanted = [
            r
            for r in near
            if (page < last and r in {"next", "last"}) or (page > 1 and r in {"prev", "first"})
        ]
        # GitHub's own links name the repository by its number.
        rest = seen.path.split("/", 4)[4]
        base = f"{self.addresses.api}/repositories/{repository.identifier}/{rest}"
        links = [
            f'<{base}?{urlencode({**seen.query, "page": near[rel]})}>; rel="{rel}"'
            for rel in wanted
        ]
        headers = {"Link": ", ".join(links)} if links else {}
        return reply(200, found[(page - 1) * size : page * size], headers)


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() else default
