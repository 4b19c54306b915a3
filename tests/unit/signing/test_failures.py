"""Tests of slsa_gen.signing.report and .failures: from a library's exception to words."""

from __future__ import annotations

import base64
import ssl

import jwt
import pytest
import requests
import urllib3
from hypothesis import given
from hypothesis import strategies as st
from sigstore.errors import VerificationError
from sigstore.oidc import ExpiredIdentity, IdentityError

from slsa_gen.errors import SigningError
from slsa_gen.limits import DEFAULT_LIMITS, MIB
from slsa_gen.reasons import Reason
from slsa_gen.retry import TransientFailure
from slsa_gen.signing.failures import Stage, failure, may_have_been_logged
from slsa_gen.signing.protocol import Frame
from slsa_gen.signing.report import ANSWER_BYTES, describe
from tests.support.clock import FakeClock

URL = "https://service.example"


def judge(
    report: dict[str, object], stage: Stage = Stage.LOG, secret: bytes = b"", size: int = 1000
) -> object:
    """Return what a report becomes."""
    return failure(
        Frame(report),
        stage,
        URL,
        secret=secret,
        size=size,
        limits=DEFAULT_LIMITS,
        clock=FakeClock(),
    )


def final(report: dict[str, object], stage: Stage = Stage.LOG, *, size: int = 1000) -> SigningError:
    """Return the error of a report that is final."""
    error = judge(report, stage, size=size)
    assert isinstance(error, SigningError)
    return error


def transient(
    report: dict[str, object], stage: Stage = Stage.LOG, *, size: int = 1000
) -> TransientFailure:
    """Return the failure of a report that may pass."""
    error = judge(report, stage, size=size)
    assert isinstance(error, TransientFailure)
    return error


def response(status: int, body: bytes = b"", **headers: str) -> requests.Response:
    """Return an answer as requests keeps it."""
    made = requests.Response()
    made.status_code = status
    made._content = body
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return made


def chained(outer: Exception, cause: BaseException) -> Exception:
    """Return an exception that came from another."""
    outer.__cause__ = cause
    return outer


def status_error(status: int, body: bytes = b"", **headers: str) -> Exception:
    """Return what the library raises when a service says no: an empty message, a cause."""
    return chained(RuntimeError(), requests.HTTPError(response=response(status, body, **headers)))


def test_the_services_answer_is_found_below_an_empty_message() -> None:
    """Status, answer and Retry-After of the cause travel, and become words and a wish."""
    report = describe(status_error(429, b"slow down", Retry_After="7", Date="x"))
    assert report["status"] == 429
    assert base64.b64decode(str(report["answer"])) == b"slow down"
    passing = transient(report)
    assert passing.retry_after == 7.0
    assert passing.error.message == (
        f"the transparency log ({URL}) answered 429 Too Many Requests: slow down"
    )
    assert passing.error.reason is Reason.SIGNING_LOG_UNREACHABLE


def test_a_date_is_counted_from_the_answers_own() -> None:
    """A wrong clock here does not matter to a wish for a date."""
    report = describe(
        status_error(
            503,
            Retry_After="Fri, 02 Jan 2026 00:00:09 GMT",
            Date="Fri, 02 Jan 2026 00:00:00 GMT",
        )
    )
    assert transient(report).retry_after == 9.0


def test_only_the_start_of_an_answer_travels() -> None:
    """A large error page is cut in the child already."""
    report = describe(status_error(400, b"x" * 10**6))
    assert len(base64.b64decode(str(report["answer"]))) == ANSWER_BYTES
    assert len(final(report).message) < DEFAULT_LIMITS.shown_answer_bytes + 200


@pytest.mark.parametrize(
    ("error", "sent", "why"),
    [
        (requests.ConnectionError("x"), True, "the connection was closed without an answer"),
        (requests.exceptions.ChunkedEncodingError(), True, "the answer was cut off"),
        (requests.exceptions.ConnectTimeout(), True, "ConnectTimeout"),
        (
            requests.ConnectionError(
                urllib3.exceptions.MaxRetryError(
                    None,  # type: ignore[arg-type]  # no pool is needed to say why
                    "/",
                    urllib3.exceptions.NewConnectionError(None, "x"),  # type: ignore[arg-type]  # as above
                )
            ),
            False,
            "the connection was closed without an answer",
        ),
        (
            requests.ConnectionError(
                urllib3.exceptions.NameResolutionError("h", None, OSError())  # type: ignore[arg-type]  # as above
            ),
            False,
            "its name could not be resolved",
        ),
        (
            chained(requests.ConnectionError(), ConnectionRefusedError(111, "Connection refused")),
            False,
            "Connection refused",
        ),
        (
            chained(requests.ConnectionError(), ConnectionResetError(104, "reset by peer")),
            True,
            "reset by peer",
        ),
        (requests.exceptions.ProxyError(urllib3.exceptions.ProxyError("x", OSError())), False, ""),
    ],
)
def test_network_failures_say_whether_the_request_went_out(
    error: Exception, *, sent: bool, why: str
) -> None:
    """Where no connection stood, the log cannot have accepted anything."""
    report = describe(chained(RuntimeError("outer"), error))
    assert report["failure"] == "network"
    assert report["sent"] is sent
    assert why in str(report["why"])
    assert may_have_been_logged(Frame(report)) is sent
    passing = transient(report, Stage.CERTIFICATE)
    assert passing.retry_after is None
    assert passing.error.reason is Reason.SIGNING_CERTIFICATE_UNREACHABLE


def test_an_untrusted_tls_certificate_is_final() -> None:
    """Trying again would not change it; the hint names the variable for a proxy's CA."""
    inner = ssl.SSLCertVerificationError("x")
    inner.verify_message = "self-signed certificate"
    report = describe(chained(requests.exceptions.SSLError(), inner))
    error = final(report)
    assert error.message == (
        f"the TLS certificate of the transparency log ({URL}) cannot be trusted: "
        "self-signed certificate"
    )
    assert "REQUESTS_CA_BUNDLE" in error.hint
    assert not may_have_been_logged(Frame(report))


def test_too_much_memory_is_an_answer_that_is_too_large() -> None:
    """Also when another exception was raised on the way."""
    report = describe(chained(ValueError("x"), MemoryError()))
    assert final(report).reason is Reason.SIGNING_ANSWER_TOO_LARGE
    assert may_have_been_logged(Frame(report))


def test_what_is_no_json_is_an_answer_that_cannot_be_used() -> None:
    """Requests' JSONDecodeError is one of its network errors by name, and yet an answer."""
    error = requests.exceptions.JSONDecodeError("Expecting value", "x", 0)
    report = describe(error)
    assert final(report).reason is Reason.SIGNING_LOG_ANSWER
    assert may_have_been_logged(Frame(report))


class ExpiredCertificate(Exception):  # noqa: N818 (the library's own name)
    """What the library raises; it has no public name."""


def test_an_expired_certificate_may_pass() -> None:
    """The next try has a new one."""
    report = describe(ExpiredCertificate())
    assert "the certificate ended before" in transient(report).error.message
    assert not may_have_been_logged(Frame(report))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ExpiredIdentity(), Reason.SIGNING_TOKEN_EXPIRED),
        (
            chained(IdentityError("malformed"), ValueError("ExpiredSignatureError")),
            Reason.SIGNING_TOKEN_EXPIRED,
        ),
        (chained(IdentityError("malformed"), ValueError("audience")), Reason.SIGNING_TOKEN),
        (IdentityError("malformed"), Reason.SIGNING_TOKEN_EXPIRED),
    ],
)
def test_a_token_that_the_library_refuses_is_final(error: Exception, reason: Reason) -> None:
    """Expired ones are told apart from malformed ones."""
    report = describe(error)
    found = final(report, Stage.CERTIFICATE)
    assert found.reason is reason
    assert "date -u" in found.hint
    assert not may_have_been_logged(Frame(report))


def test_an_answer_that_the_root_does_not_confirm_is_final() -> None:
    """The hint points to the root and the service that do not belong together."""
    found = final(describe(VerificationError("bad SCT")), Stage.CERTIFICATE)
    assert found.reason is Reason.SIGNING_CERTIFICATE_ANSWER
    assert "the trusted root does not confirm its answer" in found.message
    assert "bad SCT" in found.message


def test_a_service_that_fails_for_its_size_gets_a_hint_about_size() -> None:
    """A bare 502 of a log can mean that the statement was too much for it, if it was large."""
    large = 3 * MIB
    bare = describe(status_error(502))
    assert "4 MiB" in transient(bare, size=large).error.hint
    assert transient(bare).error.hint == "The fault is the service's: look at its status page."
    assert "4 MiB" not in transient(bare, Stage.CERTIFICATE, size=large).error.hint
    assert "4 MiB" in final(describe(status_error(413))).hint
    assert "4 MiB" in final(describe(status_error(400)), size=large).hint
    for status, size in ((400, 1000), (401, large), (409, large)):
        hint = final(describe(status_error(status)), size=size).hint
        assert hint == "Read what it says; trying again will not help."


def test_a_token_for_another_audience_is_not_blamed_on_the_clock() -> None:
    """The hint says which audience it needs."""
    error = chained(IdentityError("malformed"), jwt.InvalidAudienceError("Audience doesn't match"))
    found = final(describe(error), Stage.CERTIFICATE)
    assert found.reason is Reason.SIGNING_TOKEN
    assert found.hint == "Get a fresh token for the audience 'sigstore'."


def test_a_secret_is_repeated_by_nobody() -> None:
    """Neither an answer nor an exception's text brings the token into a message."""
    for error in (status_error(400, b"got TOKEN"), ValueError("got TOKEN")):
        found = judge(describe(error), Stage.CERTIFICATE, b"TOKEN")
        assert isinstance(found, SigningError)
        assert "got [token]" in found.message


@pytest.mark.parametrize(
    "report",
    [
        {},
        {"failure": 1},
        {"failure": "status"},
        {"failure": "status", "status": "200", "answer": "!"},
        {"failure": "status", "status": 200},
        {"failure": "new"},
    ],
)
def test_a_report_without_its_parts_is_an_error_all_the_same(report: dict[str, object]) -> None:
    """Whatever the child says, the parent has words for it."""
    assert isinstance(judge(report), SigningError)


@given(st.text(), st.binary(max_size=300), st.sampled_from(list(Stage)))
def test_messages_are_harmless(text: str, body: bytes, stage: Stage) -> None:
    """No control character of a service or a library reaches a terminal."""
    for error in (RuntimeError(text), status_error(400, body, Location=text)):
        found = judge(describe(error), stage)
        assert isinstance(found, SigningError)
        assert found.message.isprintable()


def test_a_chain_that_bites_its_tail_ends() -> None:
    """Exceptions that name one another are walked once."""
    one, two = ValueError("one"), ValueError("two")
    one.__context__, two.__context__ = two, one
    assert describe(one)["failure"] == "other"


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        (f"https://x/y?t={'s' * 40}", "https://x/y"),
        (f"https://x/{'s' * 40}/y", "https://x/[token]"),
        (f"https://x/{'s' * 35}", "https://x/[token]"),
        ("http://[::1", "http://[::1"),
    ],
)
def test_a_redirect_does_not_repeat_the_token(target: str, shown: str) -> None:
    """Not in a query, not in a path, and not where it was cut short."""
    report: dict[str, object] = {"failure": "status", "status": 302, "location": target}
    error = judge(report, Stage.CERTIFICATE, secret=b"s" * 40)
    assert isinstance(error, SigningError)
    assert f"pointed to {shown!r}; redirects" in error.message
    assert "s" * 32 not in error.message
