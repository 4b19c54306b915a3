"""Where tokens come from, and that they never leave by a message."""

from __future__ import annotations

import inspect
import io
import json
import os
import threading
import traceback
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from slsa_gen.clock import SystemClock
from slsa_gen.errors import ContextError, ServiceError, SlsaGenError
from slsa_gen.github import seam
from slsa_gen.github.oidc import FixedTokenSource, RunTokenSource, read_token_file
from slsa_gen.http import HttpClient
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from tests.support.clock import FakeClock
from tests.unit.github.tokens import (
    ISSUER,
    JWKS_URL,
    NOW,
    FakeHttp,
    claims_now,
    jwks,
    make_token,
    rsa_jwk,
    rsa_key,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEYS: Final = jwks(rsa_jwk(rsa_key("issuer")))
RUNNER: Final = "https://run-actions-1.actions.githubusercontent.com/7/idtoken?api-version=2.0"
ASKED: Final = f"{RUNNER}&audience=sigstore"
SECRET: Final = "the-runners-request-token"


def _answer(raw: str) -> bytes:
    return json.dumps({"count": 1, "value": raw}).encode()


def _runner(*answers: bytes) -> FakeHttp:
    return FakeHttp({ASKED: list(answers), JWKS_URL: [KEYS]})


def _source(http: FakeHttp, url: str = RUNNER) -> RunTokenSource:
    return RunTokenSource(url, SECRET, http, ISSUER, FakeClock(NOW), DEFAULT_LIMITS)


def _fixed(read: Callable[[], str]) -> FixedTokenSource:
    http = FakeHttp({JWKS_URL: [KEYS]})
    return FixedTokenSource(read, http, ISSUER, FakeClock(NOW), DEFAULT_LIMITS)


def test_the_runner_is_asked_for_a_token_for_sigstore() -> None:
    """The runner's URL gets the audience, and the request token travels as a bearer only."""
    http = _runner(_answer(make_token()))

    token = _source(http).fetch()

    assert claims_now() == token.claims
    assert http.asked == [ASKED, JWKS_URL]
    assert http.bearers == [SECRET, None]


def test_a_url_without_a_query_gets_one() -> None:
    """The audience begins the query where there is none."""
    url = "http://127.0.0.1:8080/token"
    http = FakeHttp({f"{url}?audience=sigstore": [_answer(make_token())], JWKS_URL: [KEYS]})

    _source(http, url).fetch()

    assert f"{url}?audience=sigstore" == http.asked[0]


def test_each_fetch_gets_a_fresh_token() -> None:
    """A token that expired is replaced by asking again; the keys are not asked for again."""
    first, second = make_token(), make_token(claims_now(run_number="11"))
    http = _runner(_answer(first), _answer(second))
    source = _source(http)

    assert [first, second] == [source.fetch().raw, source.fetch().raw]
    assert http.asked == [ASKED, JWKS_URL, ASKED]


@pytest.mark.parametrize(
    "url",
    [
        "http://attacker.example/token",
        "ftp://127.0.0.1/token",
        "https://user:hunter2@runner.example/token",
        "https://runner.example/token#fragment",
        "https://runner.example\\@attacker.example/",
        "https://runner.example/a b",
        "file:///etc/passwd",
        "token",
    ],
)
def test_the_request_token_goes_to_https_or_loopback_only(url: str) -> None:
    """A URL that would hand the token to anyone listening is not asked."""
    with pytest.raises(ContextError, match="ACTIONS_ID_TOKEN_REQUEST_URL is not") as caught:
        _source(FakeHttp({}), url)

    assert caught.value.reason == Reason.CONTEXT_TOKEN_URL
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b'{"value": 5}',
        b'{"value": ""}',
        b'{"value": "a", "value": "b"}',
        b"\xff",
    ],
)
def test_another_answer_is_the_runners_failure(body: bytes) -> None:
    """An answer without a token says so, without showing the answer."""
    with pytest.raises(ServiceError, match="answered, but not with JSON") as caught:
        _source(_runner(body)).fetch()

    assert caught.value.reason == Reason.SERVICE_ANSWER


def test_a_runner_that_is_away_is_a_failure_of_the_service() -> None:
    """The client's own error passes through."""
    with pytest.raises(ServiceError, match="the runner's token endpoint is not there"):
        _source(FakeHttp({})).fetch()


def test_a_runners_token_is_verified() -> None:
    """What the endpoint answers is believed only when the issuer's key signed it."""
    http = _runner(_answer(make_token(key=rsa_key("attacker"))))

    with pytest.raises(ContextError, match="does not verify"):
        _source(http).fetch()


def test_a_token_file_is_read_again_each_time(tmp_path: Path) -> None:
    """Whoever keeps the file fresh is heard; blanks around the token are no part of it."""
    path = tmp_path / "token"
    first, second = make_token(), make_token(claims_now(run_number="11"))
    source = _fixed(read_token_file(path, SystemClock(), DEFAULT_LIMITS))

    path.write_text(f"{first}\n")
    assert first == source.fetch().raw
    path.write_text(f"  {second}\r\n")
    assert second == source.fetch().raw


@pytest.mark.shows_tokens("the file that the link points to is the token's")
def test_a_token_file_may_be_a_link(tmp_path: Path) -> None:
    """Kubernetes renews projected tokens by moving a link."""
    (tmp_path / "real").write_text(make_token())
    link = tmp_path / "token"
    link.symlink_to("real")

    _fixed(read_token_file(link, SystemClock(), DEFAULT_LIMITS)).fetch()


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    """A shell's process substitution can be read one time; the token is kept."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=(make_token(),))
    writer.start()
    source = _fixed(read_token_file(path, SystemClock(), DEFAULT_LIMITS))

    first = source.fetch()
    writer.join(timeout=5)
    path.unlink()  # opening it again would wait for ever

    assert first.raw == source.fetch().raw


@pytest.mark.parametrize("opened", [False, True], ids=["nobody writes", "a writer says nothing"])
def test_a_silent_pipe_is_not_waited_for_for_ever(tmp_path: Path, *, opened: bool) -> None:
    """What should write the token may never have started, or hang."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    limits = replace(DEFAULT_LIMITS, attempt_seconds=0.1)
    writer = os.open(path, os.O_RDWR) if opened else None
    try:
        with pytest.raises(ContextError, match=r"gave no whole token within 0\.1 s") as caught:
            _fixed(read_token_file(path, SystemClock(), limits)).fetch()
    finally:
        if writer is not None:
            os.close(writer)

    assert caught.value.reason == Reason.CONTEXT_TOKEN_FILE


def test_a_pipe_that_drips_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    """The time is that of the whole token, not of each of its bytes."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = os.open(path, os.O_RDWR)

    class Dripping(FakeClock):
        """Writes a byte each time that it is asked, and ten seconds pass."""

        def monotonic(self) -> float:
            os.write(writer, b"x")
            self.advance(10)
            return super().monotonic()

    clock = Dripping(NOW)
    try:
        # Bytes are there all the time: only the clock says that it has been long enough.
        with pytest.raises(ContextError, match="gave no whole token within 30 s"):
            _fixed(read_token_file(path, clock, DEFAULT_LIMITS)).fetch()
    finally:
        os.close(writer)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        (b"x" * (DEFAULT_LIMITS.token_bytes + 1), "more than the 65536 bytes"),
    ],
)
def test_a_file_without_a_token_is_named(tmp_path: Path, content: bytes, why: str) -> None:
    """The message names the file and says what is wrong with it."""
    path = tmp_path / "token"
    path.write_bytes(content)

    with pytest.raises(ContextError, match=why) as caught:
        _fixed(read_token_file(path, SystemClock(), DEFAULT_LIMITS)).fetch()

    assert caught.value.reason == Reason.CONTEXT_TOKEN_FILE
    assert str(path) in caught.value.message


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing file and a folder are errors of ours, with the system's reason."""
    for path, why in ((tmp_path / "none", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(ContextError, match=f"cannot be read: {why}"):
            _fixed(read_token_file(path, SystemClock(), DEFAULT_LIMITS)).fetch()


def test_bytes_that_are_no_text_are_no_token(tmp_path: Path) -> None:
    """Binary content is refused like any other garbage."""
    path = tmp_path / "token"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ContextError, match="three base64url parts"):
        _fixed(read_token_file(path, SystemClock(), DEFAULT_LIMITS)).fetch()


def test_a_fixed_token_expires() -> None:
    """A token that was handed in is verified each time, against the time of day."""
    clock = FakeClock(NOW)
    http = FakeHttp({JWKS_URL: [KEYS]})
    raw = make_token()
    source = FixedTokenSource(lambda: raw, http, ISSUER, clock, DEFAULT_LIMITS)
    source.fetch()

    clock.advance(301)

    with pytest.raises(ContextError, match="it expired at"):
        source.fetch()


def _everything_said(error: BaseException) -> str:
    """Return all that could be printed of an error: itself, its chain, its traceback."""
    text = io.StringIO()
    link: BaseException | None = error
    while link is not None:
        text.write(f"{link!r} {link} {link.args!r} {vars(link)!r}\n")
        link = link.__context__
    text.write("".join(traceback.format_exception(error)))
    return text.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        make_token(key=rsa_key("attacker")),
        make_token(claims_now(aud="api")),
        make_token(claims_now(iss="https://attacker.example")),
        make_token(claims_now(exp=1)),
        make_token(claims_now(iat=2**33)),
        make_token(claims_now(exp="soon")),
        make_token(kid="key-9"),
        make_token(alg="none"),
        make_token(crit=["exp"]),
        make_token()[:-300],
        make_token() + ".more",
        make_token() + "!",
        "x" * 70_000,
        "secret.but.notajwtatallandlong",
    ],
)
def test_no_error_holds_any_part_of_a_token(raw: str) -> None:
    """Neither token is in an error, its chain, its traceback or a source's representation."""
    source = _source(_runner(_answer(raw)))

    with pytest.raises(SlsaGenError) as caught:
        source.fetch()

    said = _everything_said(caught.value) + repr(source) + str(source)
    assert SECRET not in said
    for part in (raw, *raw.split(".")):
        assert len(part) < 12 or part not in said
        assert len(part) < 60 or part[20:50] not in said


def test_no_error_of_a_fixed_source_holds_its_token() -> None:
    """The same for a token that was handed in."""
    raw = make_token(key=rsa_key("attacker"))
    source = _fixed(lambda: raw)

    with pytest.raises(SlsaGenError) as caught:
        source.fetch()

    assert raw.split(".")[2] not in _everything_said(caught.value) + repr(source)


def test_a_verified_token_is_not_in_its_representation() -> None:
    """A log line that shows the value shows neither token nor claims."""
    token = _source(_runner(_answer(make_token()))).fetch()

    assert token.raw not in repr(token)
    assert "octo-org" not in repr(token)


def test_an_oversized_answer_of_the_runner_is_refused() -> None:
    """The answer is bounded even where the client is not."""
    limits = replace(DEFAULT_LIMITS, answer_bytes=100)
    http = _runner(_answer(make_token()))
    source = RunTokenSource(RUNNER, SECRET, http, ISSUER, FakeClock(NOW), limits)

    with pytest.raises(ServiceError, match="not with JSON"):
        source.fetch()


def test_the_projects_client_is_one() -> None:
    """What is asked of a client here is what ours has, parameter for parameter."""
    ours, asked = inspect.signature(HttpClient.get), inspect.signature(seam.HttpGet.get)

    assert list(asked.parameters) == list(ours.parameters)
    assert "body" in vars(seam.Answer)
