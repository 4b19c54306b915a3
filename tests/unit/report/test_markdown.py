"""The job's summary: what it says, and that it stays whole whatever the names are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.report import markdown
from slsa_gen.report.refusals import reasons
from tests.unit.report.samples import (
    FILE,
    SHA256,
    SIGNER,
    SOURCE,
    accepted,
    attest_result,
    check,
    document,
    error,
    refused,
    undecided,
)


def test_the_summary_of_attest_says_what_a_maintainer_wants_to_know() -> None:
    """Subjects with digests, who signed, the log's entry, where it is, how to verify, a picture."""
    result = attest_result("app", "lib")

    written = markdown.written(document("attest", [result])).whole()

    assert written.startswith("### slsa-gen: attested 2 subjects\n")
    assert f"| <code>app</code> | <code>sha256&#58;{SHA256}</code> |" in written
    assert "release.yml&#64;refs/tags/v1</code>, says <code>https&#58;//token.actions" in written
    assert "* Log: [entry 42](<https://search.sigstore.dev/?logIndex=42>)" in written
    assert "* Bundle (file, written): <code>dist/app.intoto.jsonl</code>" in written
    assert "slsa-gen verify app --bundle app.intoto.jsonl --repo octo-org/app\n" in written
    assert '  subjects["subjects<br>2 subjects"]' in written
    assert "  source --> run --> subjects --> certificate --> log" in written
    assert "proves nothing" not in written


def test_the_picture_of_one_subject_names_it() -> None:
    """And the run by its path."""
    written = markdown.written(document("attest", [attest_result('a"]b')])).whole()

    assert '  subjects["subjects<br>a#34;#93;b"]' in written
    assert '  run["run<br>octo-org/app/actions/runs/7/attempts/1"]' in written


def test_the_picture_shows_the_workflow_that_signed() -> None:
    """Its whole name would be cut before what matters in it; a person's has no source."""
    other = SIGNER | {"subjectAlternativeName": "https://github.com/o/r/x.yml@refs/heads/main"}

    for signer, label in (
        (SIGNER, ".github/workflows/release.yml#64;refs/tags/v1"),
        (other, "https#58;//github.com/o/r/x.yml#64;refs/heads/main"),
        ({"subjectAlternativeName": "me@example.com"}, "me#64;example.com"),
    ):
        written = markdown.written(document("attest", [attest_result(signer=signer)])).whole()

        assert f'certificate["certificate<br>{label}"]' in written


def test_what_a_reader_looks_for_stands_before_a_long_table() -> None:
    """Which is folded up."""
    few = markdown.written(document("attest", [attest_result(*map(str, range(20)))])).whole()
    many = markdown.written(document("attest", [attest_result(*map(str, range(1100)))]))

    assert "<details>" not in few
    assert many.whole().index("slsa-gen verify 0 ") < many.whole().index("<details>")
    assert "<details><summary>1,100 subjects</summary>\n\n| Subject | Digest |" in many.whole()
    for written in (many.whole(), many.within(20_000, "x.md")):
        assert written.endswith("\n\n</details>\n")


@pytest.mark.parametrize(
    ("outcomes", "headline"),
    [
        (("written", "published"), "attested 1 subject"),
        (("written", "reused"), "already attested 1 subject"),
        (("written", "failed"), "attested 1 subject; not published everywhere"),
        (("reused", "failed"), "already attested 1 subject; not published everywhere"),
    ],
)
def test_the_headline_says_what_became_of_it(outcomes: tuple[str, ...], headline: str) -> None:
    """As on the command line: nothing is called done that is not."""
    publications = [FILE | {"outcome": outcome, "reason": "a.b"} for outcome in outcomes]
    whole = document("attest", [attest_result(publications=publications)])

    written = markdown.written(whole).whole()

    assert written.splitlines()[0] == f"### slsa-gen: {headline}"


def test_a_sandbox_s_bundle_is_said_to_prove_nothing() -> None:
    """And the command names the sandbox."""
    entry = {"log": "https://sandbox", "index": 0, "url": "", "kind": "dsse"}
    result = attest_result(sandbox=True, logEntries=[entry])

    written = markdown.written(document("attest", [result])).whole()

    assert "proves nothing to anyone else" in written
    assert "--sigstore sandbox" in written
    assert "* Log: entry 0 of <code>https&#58;//sandbox</code>" in written


def test_what_failed_after_the_bundle_was_written_is_told_beside_it() -> None:
    """The bundle is not lost, and the remedy is there."""
    failed = {"target": "release", "outcome": "failed", "url": "", "reason": "release.missing"}
    result = attest_result(publications=[FILE, failed])

    whole = document("attest", [result], [error("no release", "gh release create v1")], 3)
    written = markdown.written(whole).whole()

    assert "### slsa-gen: attested 1 subject" in written
    assert "> [!CAUTION]\n> no release" in written
    assert "```text\ngh release create v1\n```" in written
    assert "* Bundle (release, failed): <code>release.missing</code>" in written


def test_a_published_bundle_is_linked_and_verified_under_its_asset_s_name() -> None:
    """GitHub renames some assets, and users have what they download."""
    url = f"{SOURCE}/releases/download/v1/my.app.intoto.jsonl"
    asset = {"target": "release", "outcome": "published", "url": url, "draft": True}
    publications = [FILE, {**asset, "asset": "my.app.intoto.jsonl"}]

    written = markdown.written(document("attest", [attest_result(publications=publications)]))

    assert f"](<{url}>); the release is a draft" in written.whole()
    assert "--bundle my.app.intoto.jsonl" in written.whole()


def test_further_entries_of_the_log_are_not_hidden() -> None:
    """An answer was lost after the log had accepted."""
    written = markdown.written(document("attest", [attest_result(extraLogEntries=2)])).whole()

    assert "The log holds 2 further entries" in written


@pytest.mark.parametrize(
    ("changes", "command"),
    [
        ({}, "verify app --bundle app.intoto.jsonl --repo octo-org/app"),
        (
            {"signer": {**SIGNER, "buildSignerURI": "https://github.com/o/builder/x.yml@v1"}},
            "verify app --bundle app.intoto.jsonl --repo octo-org/app --signer-repo o/builder",
        ),
        (
            {"signer": {**SIGNER, "issuer": "https://token.example.org"}},
            (
                "verify app --bundle app.intoto.jsonl --repo octo-org/app "
                "--cert-oidc-issuer https://token.example.org"
            ),
        ),
        (
            {"predicateType": "https://spdx.dev/Document/v2.3"},
            (
                "verify app --bundle app.intoto.jsonl --repo octo-org/app "
                "--predicate-type https://spdx.dev/Document/v2.3"
            ),
        ),
        (
            {"signer": {"subjectAlternativeName": "me@example.org", "issuer": "https://id"}},
            (
                "verify app --bundle app.intoto.jsonl --cert-identity me@example.org "
                "--cert-oidc-issuer https://id"
            ),
        ),
    ],
)
def test_the_command_for_users_follows_from_who_signed(
    changes: dict[str, object], command: str
) -> None:
    """A user has the file and the bundle in one folder."""
    arguments = markdown.verify_arguments(attest_result(**changes))

    assert " ".join(arguments) == f"slsa-gen {command}"


def test_the_command_for_users_names_another_sigstore() -> None:
    """Its root is not the one that is trusted unasked."""
    arguments = markdown.verify_arguments(attest_result(), "staging")

    assert arguments[-2:] == ["--sigstore", "staging"]


@pytest.mark.parametrize("name", ["-x", "dist/", f"sha256:{'0' * 64}"])
def test_a_subject_that_cannot_be_typed_is_verified_by_its_digest(name: str) -> None:
    """It would be taken for an option, for another file's digest, or for nothing."""
    assert markdown.verify_arguments(attest_result(name))[2] == f"sha256:{SHA256}"


def test_a_bundle_whose_name_begins_like_an_option_is_typed_as_a_path() -> None:
    """A pasted command takes it for nothing else."""
    arguments = markdown.verify_arguments(attest_result(bundle="dist/--offline"))

    assert arguments[arguments.index("--bundle") + 1] == "./--offline"


def test_the_summary_of_verify_begins_with_what_was_not_accepted() -> None:
    """With the reasons; what was accepted has its level and signer."""
    results = [accepted(), refused("dist/x", check(), check("signer.workflow")), undecided()]

    written = markdown.written(document("verify", results, exit_code=1)).whole()

    assert written.startswith("### slsa-gen verify: 1 accepted, 1 refused, 1 undecided\n")
    rows = [line for line in written.splitlines() if line.startswith("| <code>")]
    assert rows[0] == (
        "| <code>dist/x</code> | refused | source.repository&#58; expected one, found another"
        "<br>signer.workflow&#58; expected one, found another |"
    )
    assert rows[1].endswith("| undecided | subject.unreadable&#58; cannot be read |")
    assert rows[2].startswith("| <code>dist/app</code> | accepted | SLSA Build L2, signed by")


def test_the_summary_of_verify_says_when_the_sandbox_signed() -> None:
    """An accepted artifact of the sandbox's proves nothing."""
    result = accepted()
    result["attestations"][0]["sandbox"] = True

    assert "proves nothing" in markdown.written(document("verify", [result])).whole()


def test_a_reason_is_told_once() -> None:
    """Several bundles fail for the same one."""
    result = refused("x", check(), check())

    assert [one.reason for one in reasons(result)] == ["source.repository"]


@pytest.mark.parametrize("command", ["attest", "verify"])
def test_a_failure_says_what_happened_and_what_to_do(command: str) -> None:
    """Also where there is nothing to do."""
    whole = document(command, [], [error("two\nlines", ""), error("<b>", "`x`")], 3)

    written = markdown.written(whole).whole()

    assert written.startswith(f"### slsa-gen {command}: failed\n")
    assert "> two<br>lines" in written
    assert "> &#60;b&#62;" in written
    assert written.count("To do:") == 1


def test_a_failure_without_a_word_is_a_headline() -> None:
    """An interrupt, say."""
    assert markdown.written(document("attest")).whole() == "### slsa-gen attest: failed\n"


@given(names=st.lists(st.text(min_size=1), min_size=1, max_size=5, unique=True))
def test_every_subject_is_one_row_of_two_cells_whatever_its_name(names: list[str]) -> None:
    """No name breaks the table."""
    summary = markdown.written(document("attest", [attest_result(*names)]))

    assert len(summary.rows) == len(names)
    assert all(row.count("|") == 3 and "\n" not in row for row in summary.rows)


@given(
    count=st.integers(0, 40),
    room=st.integers(1200, 6000),
    rest=st.sampled_from(["", ".slsa-gen/x.md"]),
)
def test_a_long_summary_is_cut_within_its_table(count: int, room: int, rest: str) -> None:
    """What stands around the table stays, and the reader is told of the rest."""
    summary = markdown.written(document("attest", [attest_result(*map(str, range(count + 1)))]))

    written = summary.within(room, rest)

    if len(summary.whole().encode()) <= room:
        assert written == summary.whole()
        return
    assert summary.before in written
    assert summary.after in written
    assert "more" in written
    if room > len(f"{summary.before}{summary.after}".encode()) + 200:
        assert len(written.encode()) <= room
    assert ("are in <code>.slsa-gen/x.md</code>" in written) == bool(rest)
