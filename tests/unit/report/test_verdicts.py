"""The human verdict: a line for what is accepted, the reasons for what is not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from slsa_gen.model.digest import Digest
from slsa_gen.model.instance import SANDBOX_ISSUER
from slsa_gen.model.problem import Problem
from slsa_gen.model.verdict import Check, Outcome, Verdict
from slsa_gen.policy.evaluate import evaluate
from slsa_gen.policy.policy import Policy
from slsa_gen.reasons import Reason
from slsa_gen.report import document, verdicts
from slsa_gen.report.style import Style
from tests.support.schemas import check_report
from tests.support.values import own_statement, proved, provenance, signer_of

PLAIN = Style()
DIGEST = (Digest("sha256", "1" * 64),)
GOOD = evaluate(proved(provenance()), DIGEST, Policy.make(repo="octo/app"))
BAD = evaluate(proved(provenance()), DIGEST, Policy.make(repo="octo/other"))


def _verdict(*attestations: object) -> Verdict:
    found = tuple(attestations)
    outcome = Outcome.ACCEPTED if any(a.accepted for a in found) else Outcome.REFUSED  # type: ignore[attr-defined]  # AttestationVerdicts
    return Verdict("app.tar.gz", DIGEST, outcome, found)  # type: ignore[arg-type]  # as above


def test_one_accepted_artifact_is_told_in_full() -> None:
    """Signer, source, event, log entry, and the level requirement by requirement."""
    text = verdicts.written(_verdict(GOOD), PLAIN)

    assert text.startswith(f"accepted   app.tar.gz  sha256:{'1' * 64}  SLSA Build L2\n")
    assert "  event:     push\n" in text
    assert "https://search.sigstore.dev/?logIndex=7" in text
    assert "  level:     SLSA Build L2, because\n" in text
    assert "    proved          Hosted (L2): " in text
    assert "failed" not in text


def test_of_several_an_accepted_one_takes_a_line() -> None:
    """A thousand files are a thousand lines."""
    assert verdicts.written(_verdict(GOOD), PLAIN, in_full=False).count("\n") == 1


def test_every_check_is_listed_when_that_is_asked_for() -> None:
    """-v shows what passed, too."""
    text = verdicts.written(_verdict(GOOD), PLAIN, in_full=False, every_check=True)

    assert text.count("  ok     ") == len(GOOD.checks)


def test_a_refusal_says_expected_found_what_to_do_and_the_reason() -> None:
    """For each rule that was broken, also among several artifacts."""
    text = verdicts.written(_verdict(BAD), PLAIN, in_full=False)

    assert "  failed source.repository\n" in text
    assert "expected: https://github.com/octo/other\n" in text
    assert "found:    https://github.com/octo/app\n" in text
    assert "reason:   source.repository\n" in text
    assert "SLSA Build" not in text


def test_the_refused_beside_an_accepted_bundle_are_shown_on_request_only() -> None:
    """One good bundle is enough; the others are told with -v."""
    both = _verdict(GOOD, BAD)

    assert "source.repository" not in verdicts.written(both, PLAIN)
    assert "failed source.repository" in verdicts.written(both, PLAIN, every_check=True)


def test_the_sandbox_is_named_in_the_first_line() -> None:
    """Nobody takes it for real."""
    signer = replace(signer_of(), issuer=SANDBOX_ISSUER)

    text = verdicts.written(_verdict(replace(GOOD, signer=signer)), PLAIN)

    assert text.splitlines()[0].endswith("sandbox: proves nothing to anyone else")


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.UNDECIDED])
def test_a_problem_is_told_with_what_to_do(outcome: Outcome) -> None:
    """No bundle, or a place that could not be searched."""
    problem = Problem(Reason.EVIDENCE_NONE, "nothing there", "look\nelsewhere", 1)
    text = verdicts.written(Verdict("a", (), outcome, (), problem), PLAIN)

    assert text.split()[0] == outcome.value.upper()
    assert "\n  nothing there\n  to do: look\n         elsewhere\n  reason: evidence.none\n" in text


WORDS = ("\n::error::x", "\n   ::add-mask::x", "\x1b[31m", "\r::stop-commands::x", "##[error]x")


@pytest.mark.parametrize("word", WORDS)
def test_nothing_that_a_bundle_says_is_obeyed_by_runner_or_terminal(word: str) -> None:
    """Whatever field it stands in: predicate, names, certificate, checks and their hints."""
    signer = replace(
        signer_of(), subject_alternative_name=word, source_repository_ref=word, build_trigger=word
    )
    check = Check(word, word, word, passed=False, reason=Reason.PREDICATE_TYPE, hint=f"a{word}")
    attestation = replace(
        BAD, source=word, signer=signer, predicate_type=word, checks=(*BAD.checks, check)
    )
    problem = Problem(Reason.EVIDENCE_NONE, f"a{word}", f"b{word}", 1)
    verdict = Verdict(word, DIGEST, Outcome.REFUSED, (attestation,), problem)

    text = verdicts.written(verdict, PLAIN)
    report = document.verified([verdict], 1)

    for line in (*text.split("\n"), *report.split("\n")):
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert "\x1b" not in line
        assert "\r" not in line


def test_a_predicate_type_from_a_bundle_is_quoted_where_it_is_offered_for_pasting() -> None:
    """The hint is a command line, and the words in it somebody else's."""
    what = own_statement({"a": 1})
    hostile = replace(proved(what).statement, predicate_type="https://x/; rm -rf $HOME")
    verdict = evaluate(
        replace(proved(what), statement=hostile), DIGEST, Policy.make(repo="octo/app")
    )

    (check,) = [c for c in verdict.checks if c.reason is Reason.PREDICATE_TYPE]
    assert check.hint.endswith("--predicate-type 'https://x/; rm -rf $HOME'")


def test_the_summary_counts_each_outcome() -> None:
    """The last line of a call with several artifacts."""
    counts = {Outcome.ACCEPTED: 1000, Outcome.REFUSED: 2}

    assert verdicts.summary(counts) == "1,002 artifacts: 1,000 accepted, 2 refused\n"


def test_colours_are_used_where_they_are_wanted() -> None:
    """Green and red, and nothing else changes."""
    coloured = verdicts.written(_verdict(BAD), Style(colour=True))

    assert "\x1b[31mREFUSED" in coloured


def test_the_document_of_a_verdict_fits_its_schema() -> None:
    """Accepted, refused, and with a problem."""
    problem = Problem(Reason.EVIDENCE_NONE, "nothing there", "", 1)
    found = [_verdict(GOOD), _verdict(BAD), Verdict("a", (), Outcome.REFUSED, (), problem)]

    check_report(json.loads(document.verified(found, 1)))
