"""The simulator and GitHub's description: each holds, and what does not fit is found."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import requests

from scripts import github_openapi
from tests.support import github_api_description as description
from tests.support.github_api import REPOSITORY, GitHubSimulator
from tests.support.github_api_beyond import BEYOND
from tests.support.github_api_calls import Call, Seen, find_call
from tests.support.wrongs import Reply

if TYPE_CHECKING:
    from pathlib import Path

GOOD = Seen(
    Call.UPLOAD,
    "POST",
    "/repos/o/r/releases/7/assets",
    {"name": "a.intoto.jsonl"},
    {
        "user-agent": "slsa-gen/1",
        "accept": "application/vnd.github+json",
        "authorization": "Bearer t",
        "content-type": "application/octet-stream",
        "x-github-api-version": "2022-11-28",
    },
    0.0,
    parameters={"owner": "o", "repo": "r", "release_id": "7"},
)


def faults(body: bytes = b"x", **changes: Any) -> list[str]:  # noqa: ANN401 (any field)
    """Return what is wrong with the good request, changed."""
    return list(description.request_violations(replace(GOOD, **changes), body))


def fields(**changes: str | None) -> dict[str, str]:
    """Return the good request's fields, changed; None takes one away."""
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    merged = {**GOOD.headers, **named}
    return {name: value for name, value in merged.items() if value is not None}


def test_a_good_request_fits() -> None:
    """Nothing is said of it."""
    assert faults() == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"query": {}}, "the parameter 'name' is missing"),
        ({"query": {"name": "a", "size": "3"}}, "no query parameter 'size'"),
        ({"parameters": {"owner": "o", "repo": "r"}}, "the parameter 'release_id' is missing"),
        ({"headers": fields(user_agent=None)}, "User-Agent is missing"),
        ({"headers": fields(accept="text/html")}, "'text/html' is nothing"),
        ({"headers": fields(authorization="Basic eA==")}, "'Basic' is no way"),
        ({"headers": fields(content_type=None)}, "the Content-Type is ''"),
        ({"headers": fields(x_github_api_version="1999-01-01")}, "no version '1999-01-01'"),
        ({"call": None}, "GitHub has no such call"),
        ({"call": Call.LIST_ASSETS, "query": {"per_page": "many"}}, "the parameter 'per_page'"),
        ({"call": Call.LIST_ASSETS, "query": {}}, "a body was sent"),
        ({"call": Call.CREATE_RELEASE, "query": {}}, "described is application/json"),
    ],
)
def test_a_request_that_does_not_fit_is_found(changes: dict[str, Any], said: str) -> None:
    """Each with what is wrong."""
    assert said in "\n".join(faults(**changes))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "the body is no JSON"),
        (b'{"name": "x"}', "'tag_name' is a required property"),
        (b'{"tag_name": "v1", "draft": "yes"}', "is not of type 'boolean'"),
        (b'{"tag_name": "v1", "drafty": true}', "'drafty' was unexpected"),
    ],
)
def test_a_body_that_does_not_fit_is_found(body: bytes, said: str) -> None:
    """It is JSON, and has the fields that are described."""
    headers = fields(content_type="application/json")

    found = faults(body, call=Call.CREATE_RELEASE, query={}, headers=headers)

    assert said in "\n".join(found)


def answer(call: Call, status: int, document: object) -> list[str]:
    """Return what is wrong with an answer."""
    return list(description.answer_violations(call, Reply(status, json.dumps(document).encode())))


def test_an_answer_that_is_neither_described_nor_listed_is_found() -> None:
    """The simulator cannot make up what GitHub might say."""
    page = {"documentation_url": "https://docs.github.com/rest"}

    assert answer(Call.UPLOAD, 418, {"message": "short and stout", **page})
    assert answer(Call.UPLOAD, 422, {"message": "I do not like it", **page})
    assert answer(Call.LIST_RELEASES, 200, [{"id": 1}])
    assert answer(Call.LIST_RELEASES, 404, {"message": "Not Found", "mood": "bad"})
    assert list(description.answer_violations(Call.LIST_RELEASES, Reply(200, b"[")))
    assert answer(Call.UPLOAD, 401, {"message": "Bad credentials", **page}) == []


@pytest.mark.network
def test_a_violation_fails_the_test_that_caused_it() -> None:
    """At the end of the simulator's life, unless the test failed already."""
    with pytest.raises(AssertionError, match="no query parameter 'sort'"), GitHubSimulator() as it:
        requests.get(f"{it.url}/repos/{REPOSITORY}/releases?sort=up", timeout=10)
    with pytest.raises(KeyError), GitHubSimulator() as it:  # noqa: PT012 (what fails is the point)
        requests.get(f"{it.url}/repos/{REPOSITORY}/releases?sort=up", timeout=10)
        raise KeyError


def test_each_thing_beyond_the_description_has_a_source_or_says_that_it_is_a_guess() -> None:
    """One guess is left, on what our program never does."""
    names = [entry.name for entry in BEYOND]

    assert len(set(names)) == len(names)
    assert [entry.name for entry in BEYOND if entry.guess] == ["asset without a name"]
    assert all(s.startswith("https://") for entry in BEYOND for s in entry.sources)


def test_the_extract_has_exactly_the_calls_that_the_simulator_knows() -> None:
    """The script, the file and the simulator name the same."""
    calls = [call.value for call in Call]

    assert list(github_openapi.CALLS) == calls
    assert list(description.description()["calls"]) == calls
    assert description.description()["origin"]["version"] == github_openapi.VERSION


def test_a_path_is_recognised_with_its_parameters() -> None:
    """A tag may hold slashes, plain or written as %2F."""
    assert find_call("GET", "/repos/o/r/releases/tags/pkg/v1") == (
        Call.GET_BY_TAG,
        {"owner": "o", "repo": "r", "tag": "pkg/v1"},
    )
    assert find_call("GET", "/repos/o/r/releases/tags/a%2Fb")[1]["tag"] == "a/b"
    assert find_call("GET", "/repos/o/r/releases/12")[0] is Call.GET_RELEASE
    assert find_call("GET", "/repos/o/r/releases/x") == (None, {})
    assert find_call("PUT", "/repos/o/r/releases") == (None, {})


WHOLE = {
    "paths": {
        "/a/{b}": {
            "get": {
                "parameters": [{"$ref": "#/components/parameters/b"}],
                "responses": {"200": {"content": {"application/json": {"schema": {
                    "$ref": "#/components/schemas/t"}}}}},
            }
        }
    },
    "components": {
        "parameters": {"b": {"name": "b", "in": "path", "required": True, "description": "x",
                             "schema": {"type": "string", "example": "y"}}},
        "schemas": {
            "t": {"title": "T", "type": "object", "x-z": 1, "properties": {
                "description": {"type": "string", "description": "prose"},
                "self": {"$ref": "#/components/schemas/t"},
                "some": {"type": "array", "items": {"oneOf": [{"type": "null", "title": "n"}]}}}},
            "basic-error": {"type": "object"},
            "validation-error": {"type": "object"},
        },
    },
}  # fmt: skip


def test_the_extract_drops_prose_and_keeps_what_is_called_like_prose(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A field named ``description`` is no description."""
    monkeypatch.setattr(github_openapi, "CALLS", ("GET /a/{b}",))

    document = json.loads(github_openapi.extract(WHOLE))

    assert document["calls"]["GET /a/{b}"]["parameters"] == [
        {"name": "b", "in": "path", "required": True, "schema": {"type": "string"}}
    ]
    assert document["schemas"]["t"] == {
        "type": "object",
        "properties": {
            "description": {"type": "string"},
            "self": {"$ref": "#/schemas/t"},
            "some": {"type": "array", "items": {"oneOf": [{"type": "null"}]}},
        },
    }


def test_another_package_than_the_pinned_one_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its hash says so; so is one that is not there."""
    package = tmp_path / "other.tgz"
    package.write_bytes(b"something else")

    assert github_openapi.main(["--check", "--package", str(package)]) == 1
    assert "its hash is sha512-" in capsys.readouterr().err
    assert github_openapi.main(["--check", "--package", str(tmp_path / "absent")]) == 1


def test_an_extract_that_differs_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what to do; writing it makes it hold again."""
    monkeypatch.setattr(github_openapi, "EXTRACT", tmp_path / "extract.json")
    monkeypatch.setattr(github_openapi, "CALLS", ("GET /a/{b}",))
    monkeypatch.setattr(github_openapi, "description", lambda _package: WHOLE)

    assert github_openapi.main(["--check"]) == 1
    assert "run scripts/github_openapi.py" in capsys.readouterr().err
    assert github_openapi.main([]) == 0
    assert github_openapi.main(["--check"]) == 0
