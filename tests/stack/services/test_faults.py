"""What a user meets when a real service fails: for a while, or for good."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final

import pytest

from tests.stack.services.between import BUDGET, ISSUER, between, services
from tests.stack.services.door import reset_halfway
from tests.stack.services.processes import HOST
from tests.stack.services.stack import LOGS
from tests.support import wrongs
from tests.support.github_api_calls import Call

if TYPE_CHECKING:
    from tests.stack.services.readings import Readings
    from tests.stack.services.runs import Run
    from tests.support.github_api import GitHubSimulator
    from tests.support.wrongs import Fault

pytestmark = pytest.mark.network

#: Each service that a run asks, with either log.
PROXIED: Final = [(log, service) for log in LOGS for service in services(log)]
#: The same with the issuer's documents, for which the log makes no difference.
ASKED: Final = [*PROXIED, *((2, document) for document in ISSUER)]
#: Seconds that a command may take beyond its budget.
MARGIN: Final = 4.0
#: Seconds for what must succeed, also where every core is busy.
AMPLE: Final = 30.0

#: What passes: after it, the next try succeeds.
PASSING: Final[dict[str, Fault]] = {
    "429": wrongs.status(429),
    "429 with Retry-After in seconds": wrongs.status(429, retry_after=1),
    "429 with Retry-After as a date": wrongs.status(429, retry_after=2, as_date=True),
    "500": wrongs.status(500),
    "502": wrongs.status(502),
    "503": wrongs.status(503),
    "a connection that ends before": wrongs.cut_before,
    "a connection that ends halfway": wrongs.cut_halfway,
    "a connection that is reset halfway": reset_halfway,
    "an answer that is lost": wrongs.cut_after,
}


@pytest.mark.sampled
@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize(("log", "service"), ASKED, indirect=["log"])
def test_after_an_outage_it_succeeds(run: Run, service: str, fault: str) -> None:
    """Shorter than the budget: the service is asked once more, and the bundle verifies."""
    with between(run) as there:
        there.door(service).inject(PASSING[fault])
        outcome, seconds = there.attest("--format", "json", budget=AMPLE)

    assert outcome.code == 0, outcome.err
    assert seconds < AMPLE
    bundle = run.cli.folder / "app.intoto.jsonl"
    assert len(bundle.read_text().splitlines()) == 1
    lost = {wrongs.cut_after, wrongs.cut_halfway, reset_halfway}
    doubled = service == "log" and PASSING[fault] in lost
    unsure = service == "log" and fault in {"500", "502", "a connection that ends before"}
    (result,) = outcome.results
    assert result["extraLogEntries"] == (1 if doubled or unsure else 0)
    # One token more is asked for where the first one's life could be short; never many.
    assert there.door(service).calls <= 3
    verified = run.cli(
        *("verify", "app", "--sigstore", run.sigstore, "--repo", "octo-org/octo-repo"),
        *("--cert-oidc-issuer", run.issuer),
    )
    assert verified.code == 0, verified.out


def test_an_answer_that_is_lost_doubles_nothing_at_a_release(
    run: Run, github: GitHubSimulator
) -> None:
    """The log holds two entries, the report says so, and the release has one file."""
    github.add_release("v1.2.3", draft=True)
    run.cli.variables.update({"GITHUB_API_URL": github.url, "GITHUB_TOKEN": github.token})
    with between(run) as there:
        there.proxies["log"].inject(wrongs.cut_after)
        outcome, _ = there.attest(
            *("--upload-assets", "--upload-tag-name", "v1.2.3", "--format", "json"), budget=AMPLE
        )

    assert outcome.code == 0, outcome.err
    (result,) = outcome.results
    assert result["extraLogEntries"] == 1
    written = (run.cli.folder / "app.intoto.jsonl").read_bytes()
    assert github.release("v1.2.3").files == {"app.intoto.jsonl": written}
    assert github.count(Call.UPLOAD) == 1


#: What does not pass, and the kind of failure that it is.
LASTING: Final[dict[str, tuple[Fault, str]]] = {
    "429": (wrongs.status(429), "refusing"),
    "429 with a longer wait than there is": (wrongs.status(429, retry_after=600), "waiting"),
    "503": (wrongs.status(503), "failing"),
    "400": (wrongs.status(400), "no"),
    "a connection that ends before": (wrongs.cut_before, "away"),
    "silence": (wrongs.black_hole, "away"),
    "malformed JSON": (wrongs.reply(b"{"), "answer"),
    "an empty answer": (wrongs.reply(b""), "answer"),
    "an answer of 100 MiB": (wrongs.flood(100), "large"),
    "a redirect": (wrongs.redirect("https://evil.example.org/"), "redirect"),
}
#: Kinds of failure that another time may be over.
_LATER: Final = ("refusing", "waiting", "failing", "away")
_ASKED_BY_US: Final = {
    "refusing": "service.refused",
    "waiting": "service.refused",
    "failing": "service.failed",
    "no": "service.refused",
    "away": "service.unreachable",
    "answer": "service.answer",
    "large": "service.answer-too-large",
    "redirect": "service.redirect",
}
#: The reason that a user is given, by the service and the kind of failure.
REASONS: Final[dict[str, dict[str, str]]] = {
    "token": _ASKED_BY_US,
    "discovery": {**_ASKED_BY_US, "answer": "context.issuer-keys"},
    "keys": {**_ASKED_BY_US, "answer": "context.issuer-keys"},
    "fulcio": {
        **dict.fromkeys(_LATER, "signing.certificate-unreachable"),
        "no": "signing.certificate-refused",
        "answer": "signing.certificate-answer",
        "large": "signing.answer-too-large",
        "redirect": "signing.redirect",
    },
    "log": {
        **dict.fromkeys(_LATER, "signing.log-unreachable"),
        "no": "signing.log-refused",
        "answer": "signing.log-answer",
        "large": "signing.answer-too-large",
        "redirect": "signing.redirect",
    },
    "timestamp-authority": dict.fromkeys(
        (*_LATER, "no", "answer", "large", "redirect"), "signing.timestamp"
    ),
}
#: Failures after which the same is tried again, as long as there is time.
TRIED_AGAIN: Final = frozenset({"refusing", "failing", "away"})
#: Answers after which the log may hold an entry that no bundle names.
MAYBE_LOGGED: Final = frozenset(
    fault
    for fault, (_, kind) in LASTING.items()
    if kind not in {"refusing", "waiting", "failing", "no", "redirect"}
)


@pytest.mark.sampled
@pytest.mark.parametrize("fault", LASTING)
@pytest.mark.parametrize(("log", "service"), ASKED, indirect=["log"])
def test_a_service_that_stays_away_is_an_error_in_time(
    run: Run, readings: Readings, service: str, fault: str
) -> None:
    """Exit code 3 within the budget, a reason that names the service, and no bundle."""
    wrong, kind = LASTING[fault]
    with between(run) as there:
        there.door(service).always(wrong)
        outcome, seconds = there.attest()

    calls = there.door(service).calls
    message = readings.add((fault, service, run.log), outcome, seconds, calls)
    assert (outcome.code, outcome.reason) == (3, REASONS[service][kind])
    assert seconds < BUDGET + MARGIN
    assert not list(run.cli.folder.glob("*.jsonl"))
    again = kind in TRIED_AGAIN and fault != "silence"  # which uses the whole time up
    assert (calls > 1) == again
    assert ("the log may hold" in message) == (service == "log" and fault in MAYBE_LOGGED)


@pytest.mark.sampled
@pytest.mark.parametrize(("log", "service"), PROXIED, indirect=["log"])
def test_a_service_that_is_not_there_is_an_error_in_time(
    run: Run, readings: Readings, service: str
) -> None:
    """Nobody listens: refused connections are tried again until the time is used up."""
    with socket.socket() as taken, between(run) as there:
        taken.bind((HOST, 0))  # nobody else gets the port, and nobody listens on it
        closed = f"http://{HOST}:{taken.getsockname()[1]}"
        url = there.proxies[service].url
        there.config.write_text(there.config.read_text().replace(url, closed))
        name = "ACTIONS_ID_TOKEN_REQUEST_URL"
        run.cli.variables[name] = run.cli.variables[name].replace(url, closed)
        outcome, seconds = there.attest()

    readings.add(("nobody listens", service, run.log), outcome, seconds)
    assert (outcome.code, outcome.reason) == (3, REASONS[service]["away"])
    assert "Connection refused" in outcome.err
    assert seconds < BUDGET + MARGIN
    assert not list(run.cli.folder.glob("*.jsonl"))
