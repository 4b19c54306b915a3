"""What to do, told to somebody who writes a workflow."""

from __future__ import annotations

from slsa_gen.action import remedies
from slsa_gen.github.release_failures import ENVIRONMENT_HINT
from tests.unit.report.samples import document, error


def test_an_option_of_the_message_counts_where_the_hint_has_none() -> None:
    """A parser's error says no more than how to get help."""
    assert remedies.told("attest", "argument --names: invalid", "Run: slsa-gen attest --help") == (
        "Run: slsa-gen attest --help\n(In this step --names is the input names.)"
    )
    assert remedies.told("attest", "--names", "--output X") == (
        "--output X\n(In this step --output is the input output.)"
    )


def test_the_token_is_an_input_which_wins_over_the_variable() -> None:
    """A hint to set the variable would not help."""
    told = remedies.told("attest", "no token", ENVIRONMENT_HINT)

    assert told == (
        f"{ENVIRONMENT_HINT}\n(In this step GITHUB_TOKEN is the input github-token: leave it "
        "out, and it is the job's own token.)"
    )


def test_what_names_nothing_stays_as_it_is() -> None:
    """An empty hint, one without options, and one with another command's."""
    assert remedies.told("attest", "--names", "") == ""
    assert remedies.told("verify", "x", "mend it") == "mend it"
    assert remedies.told("verify", "x", "--upload-assets") == "--upload-assets"
    assert remedies.told("", "x", "--names") == "--names"


def test_a_document_s_errors_are_told_so() -> None:
    """Nothing else of it changes, and the document itself does not."""
    whole = document("attest", [], [error("x", "--names base"), error("y", "")], 2)

    told = remedies.in_a_step(whole)

    assert [e["hint"] for e in told["errors"]] == [
        "--names base\n(In this step --names is the input names.)",
        "",
    ]
    assert [e["hint"] for e in whole["errors"]] == ["--names base", ""]
    assert {**told, "errors": whole["errors"]} == whole
