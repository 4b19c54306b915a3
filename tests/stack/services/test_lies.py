"""What a user meets when a real service's answer does not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.stack.services.between import between
from tests.support import wrongs

if TYPE_CHECKING:
    from tests.stack.services.readings import Readings
    from tests.stack.services.runs import Run
    from tests.support.wrongs import Fault

pytestmark = pytest.mark.network


def _flip_root(document: dict[str, Any]) -> None:
    """Change one bit of the root of the tree, as logs of version 2 write it."""
    proof = document["inclusionProof"]
    proof["rootHash"] = wrongs.flip_base64(proof["rootHash"])


def _flip_checkpoint(document: dict[str, Any]) -> None:
    checkpoint = document["inclusionProof"]["checkpoint"]
    head, _, signature = checkpoint["envelope"].rstrip("\n").rpartition(" ")
    checkpoint["envelope"] = f"{head} {wrongs.flip_base64(signature)}\n"


#: Answers of a log that do not hold, by the version of its API.
LIES: Final[dict[int, dict[str, Fault]]] = {
    1: {
        "the proof": wrongs.rewrite(wrongs.corrupt_proof),
        "the checkpoint": wrongs.rewrite(wrongs.corrupt_checkpoint),
        "the promise": wrongs.rewrite(wrongs.corrupt_promise),
        "the body": wrongs.rewrite(wrongs.corrupt_body),
        "the time": wrongs.rewrite(wrongs.corrupt_time),
    },
    2: {
        "the proof": wrongs.rewrite(_flip_root),
        "the checkpoint": wrongs.rewrite(_flip_checkpoint),
    },
}


@pytest.mark.parametrize(
    ("log", "part"),
    [(version, part) for version, parts in LIES.items() for part in parts],
    indirect=["log"],
)
def test_an_answer_of_the_log_that_does_not_hold_is_not_written(
    run: Run, readings: Readings, part: str
) -> None:
    """The bundle is proved before it is written, as any consumer would."""
    with between(run) as there:
        there.proxies["log"].always(LIES[run.log][part])
        outcome, seconds = there.attest()

    calls = there.proxies["log"].calls
    readings.add((f"{part} that does not hold", "log", run.log), outcome, seconds, calls)
    assert (outcome.code, outcome.reason) == (3, "signing.bundle-unverified")
    assert "was not written" in outcome.err
    assert not list(run.cli.folder.glob("*.jsonl"))


def test_the_entry_of_another_statement_is_not_written(run: Run, readings: Readings) -> None:
    """A log that answers with what it answered before."""
    run.cli.write("earlier")
    with between(run) as there:
        assert there.attest("earlier")[0].code == 0
        for path in run.cli.folder.glob("*.jsonl"):
            path.unlink()
        there.proxies["log"].always(wrongs.replay)
        outcome, seconds = there.attest()

    readings.add(("the entry of another statement", "log", run.log), outcome, seconds)
    assert outcome.code == 3, outcome.err
    assert outcome.reason in {"signing.bundle-unverified", "signing.log-answer"}
    assert not list(run.cli.folder.glob("*.jsonl"))


@pytest.mark.parametrize("log", [2], indirect=True)
def test_a_timestamp_that_was_made_before_is_refused(run: Run, readings: Readings) -> None:
    """An authority that answers with what it answered before: the nonce is another."""
    run.cli.write("earlier")
    with between(run) as there:
        assert there.attest("earlier")[0].code == 0
        for path in run.cli.folder.glob("*.jsonl"):
            path.unlink()
        there.proxies["timestamp-authority"].always(wrongs.replay)
        outcome, seconds = there.attest()

    place = ("a timestamp with another nonce", "timestamp-authority", run.log)
    readings.add(place, outcome, seconds)
    assert (outcome.code, outcome.reason) == (3, "signing.timestamp")
    assert not list(run.cli.folder.glob("*.jsonl"))
