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


@pytest.mark.parametrize(
    ("contents", "private", "status"),
    [
        (Contents.WRITE, False, 201),
        (Contents.READ, False, 403),
        (Contents.NONE, False, 403),
        (Contents.READ, True, 403),
        (Contents.NONE, True, 404),
    ],
)
def test_uploading_needs_write_permission(
    github: GitHubSimulator, contents: Contents, *, private: bool, status: int
) -> None:
    """And a repository that a token may not see is not there."""
    release = github.add_release("v1.0.0")
    github.repository.private = private

    answer = Client(github, github.add_token(contents)).upload(release, "a.jsonl")

    assert answer.status_code == status
    if status == 403:
        assert answer.json()["message"] == "Resource not accessible by integration"


def test_a_token_is_for_its_repository_alone(github: GitHubSimulator) -> None:
    """As a run's own token is."""
    release = github.add_release("v1.0.0")
    elsewhere = github.add_token(Contents.WRITE, "octo-org/other")

    assert Client(github, elsewhere).upload(release, "a.jsonl").status_code == 403
    assert Client(github, github.add_token(repository=REPOSITORY.upper())).ask("GET").ok


def test_a_wrong_token_is_refused_even_where_none_is_needed(github: GitHubSimulator) -> None:
    """Published releases are for everyone; bad credentials for nobody."""
    release = github.add_release("v1.0.0")

    assert Client(github).ask("GET").status_code == 200
    assert Client(github, "ghs_wrong").ask("GET").status_code == 401
    assert Client(github).upload(release, "a.jsonl").json()["message"] == "Requires authentication"


def test_a_draft_by_its_number_is_shown_to_who_may_write(
    github: GitHubSimulator, client: Client
) -> None:
    """A reader is told that it may not; nobody else learns that it is there."""
    release = github.add_release("v1.0.0", draft=True)
    path = f"/{release.identifier}"

    assert client.ask("GET", path).json()["draft"] is True
    assert Client(github, github.add_token(Contents.READ)).ask("GET", path).status_code == 403
    assert Client(github).ask("GET", path).status_code == 404
    assert client.ask("GET", "/1").status_code == 404


def test_an_immutable_release_keeps_its_assets(github: GitHubSimulator, client: Client) -> None:
    """Nothing is added or taken away, it stays published, and its tag is spent for ever."""
    github.repository.immutable = True
    made = client.ask("POST", json={"tag_name": "v1.0.0", "draft": True}).json()
    release = github.release("v1.0.0")
    kept = client.upload(release, "a.jsonl").json()
    path = f"/{made['id']}"

    assert client.ask("PATCH", path, json={"draft": False}).json()["immutable"] is True
    added = client.upload(release, "b.jsonl")
    assert (added.status_code, added.json()["message"]) == (
        422,
        "Cannot upload assets to an immutable release.",
    )
    assert client.ask("DELETE", f"/assets/{kept['id']}").status_code == 422
    assert client.ask("PATCH", path, json={"draft": True}).status_code == 422
    assert client.ask("PATCH", path, json={"body": "notes"}).json()["body"] == "notes"
    assert client.ask("DELETE", path).status_code == 204
    again = client.ask("POST", json={"tag_name": "v1.0.0"})
    assert again.json()["errors"][0]["message"] == "tag_name was used by an immutable release"


def test_two_drafts_may_have_one_tag_and_one_of_them_is_published(
    github: GitHubSimulator, client: Client
) -> None:
    """The second is refused."""
    first, second = (
        client.ask("POST", json={"tag_name": "v1.0.0", "draft": True}).json()["id"]
        for _ in range(2)
    )

    assert client.ask("PATCH", f"/{first}", json={"draft": False}).status_code == 200
    refused = client.ask("PATCH", f"/{second}", json={"draft": False})
    assert refused.json()["errors"][0]["code"] == "already_exists"
    assert client.ask("GET", "/tags/v1.0.0").json()["id"] == first
    assert len(github.releases) == 2


@pytest.mark.parametrize("body", [b"{", b"[]"])
def test_a_body_that_is_no_object_is_refused(
    github: GitHubSimulator, client: Client, body: bytes
) -> None:
    """And what was wrong with it is kept as a violation, too."""
    headers = {"Content-Type": "application/json"}

    assert client.ask("POST", data=body, headers=headers).status_code == 400
    assert github.violations
    github.violations.clear()


def test_a_release_without_a_tag_is_refused(github: GitHubSimulator, client: Client) -> None:
    """It says which field is missing."""
    assert client.ask("POST", json={"tag_name": ""}).json()["errors"] == [
        {"resource": "Release", "code": "missing_field", "field": "tag_name"}
    ]
    assert github.releases == []


def test_what_an_upload_must_keep_to(github: GitHubSimulator, client: Client) -> None:
    """Number and size of assets, their names, and a length that is said beforehand."""
    release = github.add_release("v1.0.0")
    github.rules.assets, github.rules.asset_bytes = 2, 20

    assert client.upload(release, "a", b"x" * 20).status_code == 201
    assert "less than or equal to 20" in client.upload(release, "b", b"x" * 21).text
    assert "greater than or equal to 1" in client.upload(release, "b", b"").text
    assert client.upload(release, "a", b"other").json()["errors"][0]["code"] == "already_exists"
    path = f"/{release.identifier}/assets?name=c"
    chunked = client.ask("POST", path, data=iter([b"x"]), headers={"Content-Type": "text/plain"})
    assert chunked.json()["message"] == "Bad Content-Length: "
    assert client.upload(release, "b").status_code == 201
    assert "file_count limited to 2 assets" in client.upload(release, "c").text
    assert set(release.files) == {"a", "b"}


def test_an_upload_without_a_name_is_refused(github: GitHubSimulator, client: Client) -> None:
    """And is a violation: the name is required."""
    release = github.add_release("v1.0.0")
    path = f"/{release.identifier}/assets"
    headers = {"Content-Type": "application/octet-stream"}

    assert client.ask("POST", path, data=b"x", headers=headers).status_code == 422
    assert "'name' is missing" in github.violations[0]
    github.violations.clear()


def test_lists_come_in_pages(github: GitHubSimulator, client: Client) -> None:
    """Thirty at a time, a hundred at most; the Link field leads to the others."""
    for number in range(120):
        github.add_release(f"v{number}")

    first, all_at_once = client.ask("GET"), client.ask("GET", "?per_page=1000&page=2")
    middle = client.ask("GET", "?per_page=50&page=2")

    assert len(first.json()) == 30
    assert sorted(first.links) == ["last", "next"]
    assert len(all_at_once.json()) == 20
    assert sorted(middle.links) == ["first", "last", "next", "prev"]
    assert "/repositories/" in middle.links["next"]["url"]
    following = requests.get(middle.links["next"]["url"], timeout=10).json()
    assert [release["tag_name"] for release in following] == [f"v{n}" for n in range(19, -1, -1)]
    assert len(github.requests) == 4


def test_assets_are_listed_in_pages(github: GitHubSimulator, client: Client) -> None:
    """A release with a single page has no links."""
    release = github.add_release("v1.0.0")
    github.add_asset(release, "a", b"x")

    answer = client.ask("GET", f"/{release.identifier}/assets?per_page=100")

    assert [asset["name"] for asset in answer.json()] == ["a"]
    assert answer.links == {}


def test_the_bytes_of_an_asset_come_from_another_host_without_a_token(
    github: GitHubSimulator, client: Client
) -> None:
    """Which refuses one, and tells the test."""
    release = github.add_release("v1.0.0", draft=True)
    asset = github.add_asset(release, "a.jsonl", BUNDLE)
    starter = github.add_asset(release, "b.jsonl", state=AssetState.STARTER)
    wanted = {"Accept": "application/octet-stream"}

    answer = client.ask("GET", f"/assets/{asset.identifier}", headers=wanted)
    location = answer.headers["Location"]

    assert answer.status_code == 302
    assert not location.startswith(github.url)
    assert requests.get(location, timeout=10).content == BUNDLE
    assert client.ask("GET", f"/assets/{starter.identifier}", headers=wanted).status_code == 404
    assert Client(github).ask("GET", f"/assets/{asset.identifier}").status_code == 404
    shown = requests.get(location, headers={"Authorization": "Bearer x"}, timeout=10)
    assert shown.status_code == 400
    assert github.violations == [
        f"a token was sent to the storage host: /storage/{asset.identifier}"
    ]
    github.violations.clear()


def test_a_published_asset_is_downloaded_by_its_page(github: GitHubSimulator) -> None:
    """By everyone; a draft's, and one that is not there, by nobody."""
    release = github.add_release("pkg/v1")
    github.add_asset(release, "a.jsonl", BUNDLE)
    page = f"{github.web}/{REPOSITORY}/releases/download"

    assert requests.get(f"{page}/pkg/v1/a.jsonl", timeout=10).content == BUNDLE
    assert requests.get(f"{page}/pkg/v1/b.jsonl", timeout=10).status_code == 404
    release.draft = True
    assert requests.get(f"{page}/pkg/v1/a.jsonl", timeout=10).status_code == 404
    assert requests.get(f"{github.web}/storage/1?sig=signed-2", timeout=10).status_code == 404
    assert len(github.downloads) == 5


def test_a_renamed_repository_redirects(github: GitHubSimulator, client: Client) -> None:
    """To an address with its number, which answers; changes must keep their method."""
    release = github.add_release("v1.0.0")
    github.rename("octo-org/new")

    moved = client.ask("GET", "?per_page=5")

    assert moved.status_code == 301
    assert requests.get(moved.headers["Location"], timeout=10).json()[0]["tag_name"] == "v1.0.0"
    assert client.upload(release, "a.jsonl").status_code == 307


def test_every_answer_says_how_many_requests_are_left(
    github: GitHubSimulator, client: Client
) -> None:
    """And when none is left, nothing else is answered."""
    github.rate.limit = 2

    left = [client.ask("GET").headers["X-RateLimit-Remaining"] for _ in range(2)]
    refused = client.ask("GET")

    assert left == ["1", "0"]
    assert refused.status_code == 403
    assert refused.json()["message"].startswith("API rate limit exceeded")
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert refused.headers["X-GitHub-Request-Id"]


def test_notes_are_made_for_who_may_write(github: GitHubSimulator, client: Client) -> None:
    """Nothing is kept of them."""
    reader = Client(github, github.add_token(Contents.READ))
    body = {"tag_name": "v1.0.0"}

    assert client.ask("POST", "/generate-notes", json=body).json()["name"] == "v1.0.0"
    assert reader.ask("POST", "/generate-notes", json=body).status_code == 403
    assert github.releases == []
