"""The report of a step for people."""

from __future__ import annotations

from dataclasses import replace

from slsa_gen.intoto.statements import draft
from slsa_gen.model.attestation import Attestation, AttestResult
from slsa_gen.model.publication import Publication, PublicationOutcome
from slsa_gen.report import ran
from slsa_gen.report.style import Style
from tests.support.steps import PERSON, PERSON_SIGNER, artifact, recorded
from tests.support.values import SIGNED_AT, proved


def result() -> AttestResult:
    """Return what was attested of a step that a person ran."""
    verified = [
        proved(statement, PERSON_SIGNER, index=index)
        for index, statement in enumerate(draft(recorded(), PERSON).statements)
    ]
    return AttestResult(
        tuple(
            Attestation(v.statement, v.bundle, v.signer, SIGNED_AT, v.log_entries) for v in verified
        ),
        (Publication("file", PublicationOutcome.WRITTEN, "dist/build.intoto.jsonl"),),
    )


def test_a_step_is_told_with_its_command_and_where_it_began() -> None:
    """Then what attest tells, once for both statements, with the command that verifies."""
    assert ran.written(recorded(), result(), ["dist/app"], "public-good", Style()) == (
        "step:    build: make dist\n"
        "status:  0\n"
        f"from:    commit {'c' * 40} and 1 file (changed since, or lock files)\n"
        "link:    https://in-toto.io/attestation/link/v0.3 (log: entry 1)\n"
        "attested 1 subject: https://slsa.dev/provenance/v1\n"
        f"  sha256:{'1' * 64}  dist/app\n"
        "signer:  ada@example.com\n"
        "issuer:  https://accounts.example.com\n"
        "log:     entry 0  https://search.sigstore.dev/?logIndex=0\n"
        "bundle:  dist/build.intoto.jsonl\n"
        "\n"
        "Anyone who has the file and the bundle verifies with:\n"
        "  slsa-gen verify dist/app --bundle dist/build.intoto.jsonl --cert-identity "
        "ada@example.com --cert-oidc-issuer https://accounts.example.com --predicate-type "
        "https://slsa.dev/provenance/v1\n"
    )


def test_where_it_began_is_told_in_few_words() -> None:
    """A commit alone, files alone, and what the commit lacks."""

    def told(**changes: object) -> str:
        record = replace(recorded(), **changes)  # type: ignore[arg-type] # fields of any type
        return ran.classic(record, "x.link", "k", Style()).splitlines()[2].removeprefix("from:    ")

    commit = f"commit {'c' * 40}"
    assert told(materials=()) == commit
    assert told(materials=(), deleted=("gone",)) == f"{commit}, without 1 of its files"
    assert told(commit=None) == "1 file"
    assert told(commit=None, materials=(artifact("a", "1"), artifact("b", "1"))) == "2 files"


def test_a_classic_link_is_told_with_its_key() -> None:
    """And that there is nothing else."""
    text = ran.classic(recorded(), "build.0a1b2c3d.link", "0a1b2c3d", Style())
    assert text.splitlines()[3:] == [
        "recorded 1 product in a classic link, and in nothing else",
        "signer:  key 0a1b2c3d",
        "link:    build.0a1b2c3d.link",
    ]


def test_a_command_is_shown_harmless_and_short() -> None:
    """Its words are somebody's."""
    step = replace(recorded().step, command=("x", "\x1b[1m", "::error::y", "z" * 500))
    text = ran.classic(replace(recorded(), step=step), "l", "k", Style())
    assert text.replace("\n", "").isprintable()
    first = text.splitlines()[0]
    assert len(first) < 250
    assert first.startswith("step:    build: x ")
