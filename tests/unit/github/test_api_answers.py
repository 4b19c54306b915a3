"""What GitHub says when it says no, read from bodies that may hold anything."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import PermissionMissingError, PublishError
from slsa_gen.github import api_answers, release_failures
from slsa_gen.http import StatusError
from slsa_gen.http_failures import RedirectError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason


def refusal(status: int, body: object) -> StatusError:
    """Return an answer that says no."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return StatusError(
        "it said no",
        reason=Reason.SERVICE_REFUSED,
        hint="",
        status=status,
        answer="",
        body=content,
    )


@pytest.mark.parametrize(
    "text",
    [
        "Resource not accessible by integration",
        "Resource not accessible by personal access token",
        "Must have admin rights to Repository.",
    ],
)
def test_a_missing_permission_is_known_by_its_text(text: str) -> None:
    """The status is that of limits, too."""
    assert api_answers.is_permission(refusal(403, {"message": text}))
    assert not api_answers.is_permission(refusal(403, {"message": "secondary rate limit"}))


def test_what_is_there_already_is_known_by_its_entry() -> None:
    """The text of a 422 is the same for everything."""
    entry = {"resource": "ReleaseAsset", "code": "already_exists", "field": "name"}
    assert api_answers.already_exists(refusal(422, {"message": "x", "errors": [entry]}))
    other = {**entry, "field": "tag_name"}
    assert not api_answers.already_exists(refusal(422, {"message": "x", "errors": [other]}))
    assert not api_answers.already_exists(refusal(422, {"message": "x", "errors": "already"}))


def test_what_github_says_is_made_harmless() -> None:
    """It is repeated in messages."""
    said = api_answers.message(refusal(422, {"message": "a\x1b[2J\n::error::b" + "c" * 999}))

    assert "\x1b" not in said
    assert "\n" not in said
    assert len(said) <= 301


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda t: json.dumps(t).encode()))
def test_any_body_is_read_as_something_or_nothing(body: bytes) -> None:
    """A proxy's page is no reason to fail otherwise."""
    error = refusal(422, body)
    assert isinstance(api_answers.message(error), str)
    assert api_answers.details(error) == ()
    assert not api_answers.is_permission(error)
    assert not api_answers.already_exists(error)


def test_a_document_that_is_read_in_two_ways_is_refused() -> None:
    """A duplicate name could hide that a release is immutable."""
    with pytest.raises(PublishError) as caught:
        api_answers.document(b'{"immutable":true,"immutable":false}', "x", DEFAULT_LIMITS)

    assert caught.value.reason is Reason.RELEASE_ANSWER


@pytest.mark.parametrize(
    ("status", "text", "reason", "words"),
    [
        (401, "Bad credentials", Reason.RELEASE_TOKEN, "GITHUB_TOKEN: ${{ github.token }}"),
        (
            403,
            "Resource not accessible by integration",
            Reason.RELEASE_PERMISSION,
            "contents: write",
        ),
        (404, "Not Found", Reason.RELEASE_NOT_FOUND, "gh release list --repo o/r"),
        (409, "Conflict", Reason.RELEASE_REFUSED, "at the same time"),
        (413, "Too large", Reason.RELEASE_REFUSED, "fewer subjects"),
        (
            422,
            "Cannot upload assets to an immutable release.",
            Reason.RELEASE_IMMUTABLE,
            "--draft=false",
        ),
        (422, "Validation Failed", Reason.RELEASE_REFUSED, "Read what GitHub says"),
    ],
)
def test_each_refusal_has_words_of_its_own(
    status: int, text: str, reason: Reason, words: str
) -> None:
    """What was asked, what GitHub said, and what to do."""
    told = release_failures.told(refusal(status, {"message": text}), "the upload of 'x'", "o/r")

    assert told.reason is reason
    assert told.exit_code == 3
    assert told.message.startswith(f"GitHub answered the upload of 'x' with {status} ")
    assert repr(text) in told.message
    assert words in told.hint


@pytest.mark.parametrize("status", [408, 500, 502, 503])
def test_an_outage_keeps_the_words_that_say_how_often_it_was_tried(status: int) -> None:
    """The client has written them already."""
    error = refusal(status, {"message": "x"})
    assert release_failures.told(error, "x", "o/r") is error


def test_the_entries_of_a_refusal_are_told_within_bounds() -> None:
    """At most three, and not endlessly long."""
    entries = [
        {"resource": "ReleaseAsset", "field": "size", "code": "custom", "message": "m" * 400}
    ]
    error = refusal(422, {"message": "Validation Failed", "errors": entries * 9})
    told = release_failures.told(error, "x", "o/r")

    assert "ReleaseAsset size custom mmm" in told.message
    assert len(told.message) < 500


def test_a_missing_permission_carries_the_yaml() -> None:
    """It is the run that lacks something, not GitHub."""
    error = refusal(403, {"message": "Resource not accessible by integration"})
    assert isinstance(release_failures.told(error, "x", "o/r"), PermissionMissingError)


def test_where_a_moved_repository_is_now_is_shown_without_its_query() -> None:
    """It may hold what is nobody's business."""
    error = RedirectError(
        "x",
        reason=Reason.SERVICE_REDIRECT,
        hint="",
        status=307,
        location="https://api.github.com/repositories/1/releases?secret=1",
    )
    told = release_failures.moved(error, "o/r")

    assert told.reason is Reason.RELEASE_MOVED
    assert "https://api.github.com/repositories/1/releases'" in told.message
    assert "secret" not in told.message
