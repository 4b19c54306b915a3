"""The GitHub simulator answers as GitHub does: who may, what is refused, what is left behind."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.support.github_api import REPOSITORY
from tests.support.github_api_calls import Call
from tests.support.github_api_state import AssetState, Contents, stored_name

if TYPE_CHECKING:
    from tests.support.github_api import GitHubSimulator
    from tests.support.github_api_state import Release

pytestmark = pytest.mark.network

BUNDLE = b'{"bundle": 1}\n'


class Client:
    """Asks as a program would that knows GitHub's page on releases."""

    def __init__(self, github: GitHubSimulator, token: str | None = None) -> None:
        self.github = github
        self.token = token
        self.base = f"{github.url}/repos/{REPOSITORY}/releases"

    def ask(self, method: str, path: str = "", **more: Any) -> requests.Response:  # noqa: ANN401 (requests' own)
        """Send one request below the repository's releases."""
        headers = {"Accept": "application/vnd.github+json", **more.pop("headers", {})}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return requests.request(
            method, self.base + path, headers=headers, timeout=10, allow_redirects=False, **more
        )

    def upload(self, release: Release, name: str, data: bytes = BUNDLE) -> requests.Response:
        """Upload an asset."""
        headers = {"Content-Type": "application/octet-stream"}
        path = f"/{release.identifier}/assets"
        return self.ask("POST", path, params={"name": name}, data=data, headers=headers)


@pytest.fixture
def client(github: GitHubSimulator) -> Client:
    """Return a client with a token that may write."""
    return Client(github, github.token)


def test_an_uploaded_asset_is_there_with_its_size_and_digest(
    github: GitHubSimulator, client: Client
) -> None:
    """The answer says what was stored."""
    release = github.add_release("v1.0.0", draft=True)

    answer = client.upload(release, "app.intoto.jsonl")

    document = answer.json()
    assert answer.status_code == 201
    assert document["name"] == "app.intoto.jsonl"
    assert document["size"] == len(BUNDLE)
    assert document["state"] == "uploaded"
    assert document["digest"] == "sha256:" + hashlib.sha256(BUNDLE).hexdigest()
    assert release.files == {"app.intoto.jsonl": BUNDLE}
    assert github.count(Call.UPLOAD) == 1
    assert github.requests[0].body_bytes == len(BUNDLE)


def test_a_draft_is_not_found_by_its_tag_but_listed_to_who_may_write(
    github: GitHubSimulator, client: Client
) -> None:
    """So whoever looks for a draft must list."""
    github.add_release("v1.0.0", draft=True)
    reader = Client(github, github.add_token(Contents.READ))

    assert client.ask("GET", "/tags/v1.0.0").status_code == 404
    assert [r["tag_name"] for r in client.ask("GET").json()] == ["v1.0.0"]
    assert reader.ask("GET").json() == []


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("app.intoto.jsonl", "app.intoto.jsonl"),
        ("My App 1.0.exe", "My.App.1.0.exe"),
        ("erick%%%%%!!!zhao.txt", "erick.zhao.txt"),
        ("fake.      file.txt", "fake.file.txt"),
        ("caf\u00e9@1.txt", "cafe@1.txt"),
        ("test~file!!!", "test.file"),
        (".dotfile", "default.dotfile"),
    ],
)
def test_unusual_names_are_changed(given: str, stored: str) -> None:
    """As people saw GitHub do it."""
    assert stored_name(given) == stored


def test_a_starter_is_in_the_way_until_it_is_deleted(
    github: GitHubSimulator, client: Client
) -> None:
    """What a failed upload left has the name, and no content."""
    release = github.add_release("v1.0.0", draft=True)
    left = github.add_asset(release, "a.jsonl", state=AssetState.STARTER)

    assert client.upload(release, "a.jsonl").json()["errors"][0]["code"] == "already_exists"
    assert client.ask("DELETE", f"/assets/{left.identifier}").status_code == 204
    assert client.upload(release, "a.jsonl").status_code == 201
