"""``slsa-gen attest --sigstore sandbox``: what the sandbox alone has; the rest is parity's."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import CommandLine

pytestmark = pytest.mark.network

SANDBOX = ("attest", "--sigstore", "sandbox")


def test_the_report_says_what_a_maintainer_wants_to_know(cli: CommandLine) -> None:
    """Subjects with digests, signer, log entry, and the command to verify."""
    cli.write("app.tar.gz")

    outcome = cli(*SANDBOX, "app.tar.gz")

    digest = hashlib.sha256(b"content\n").hexdigest()
    assert f"  sha256:{digest}  app.tar.gz\n" in outcome.out
    assert "signer:  https://sandbox.slsa-gen.invalid/sandbox/sandbox/.github/" in outcome.out
    assert "log:     entry 0" in outcome.out
    assert "bundle:  app.tar.gz.intoto.jsonl\n" in outcome.out
    assert "  slsa-gen verify app.tar.gz --repo sandbox/sandbox --sigstore sandbox\n" in outcome.out
    assert "proves nothing to anyone else" in outcome.out


def test_the_json_report_fits_its_schema(cli: CommandLine) -> None:
    """One document, with the fields that the manual names."""
    cli.write("a")
    cli.write("b")

    outcome = cli(*SANDBOX, "a", "b", "--format", "json")

    (result,) = outcome.results
    assert result["bundle"] == "multiple.intoto.jsonl"
    assert result["sandbox"] is True
    assert result["predicateType"] == "https://slsa.dev/provenance/v1"
    assert [s["name"] for s in result["subjects"]] == ["a", "b"]
    assert result["extraLogEntries"] == 0


def test_a_dry_run_prints_what_neither_runner_nor_terminal_obeys(cli: CommandLine) -> None:
    """It is the same statement to whoever reads JSON."""
    says = {"a": "\N{CONTROL SEQUENCE INTRODUCER}2J", "b": "\N{RIGHT-TO-LEFT OVERRIDE}ä"}
    own = ("--predicate-type", "https://example.com/own", "--predicate", json.dumps(says))

    dry = cli(*SANDBOX, "--dry-run", *own, "--subject-digest", f"##[error]@sha256:{'0' * 64}")

    assert dry.code == 0, dry.err
    assert "##[" not in dry.out
    assert dry.out.strip().isprintable()
    assert json.loads(dry.out)["subject"][0]["name"] == "##[error]"
    assert json.loads(dry.out)["predicate"] == says


def test_a_dry_run_prints_the_statement_and_signs_nothing(cli: CommandLine) -> None:
    """The bytes on standard output are those that would be signed."""
    cli.write("a")

    dry = cli(*SANDBOX, "a", "--dry-run")
    wet = cli(*SANDBOX, "a")

    assert dry.code == wet.code == 0
    assert json.loads(dry.out)["predicateType"] == "https://slsa.dev/provenance/v1"
    assert "log:     entry 0" in wet.out


def test_a_link_that_points_nowhere_is_refused_before_signing(cli: CommandLine) -> None:
    """Nothing is logged for a bundle that could not be written; --overwrite replaces the link."""
    cli.write("a")
    (cli.folder / "a.intoto.jsonl").symlink_to("nowhere")

    refused = cli(*SANDBOX, "a")
    entries = cli("sandbox", "status").out
    replaced = cli(*SANDBOX, "a", "--overwrite")

    assert (refused.code, refused.reason) == (2, "usage.output-exists")
    assert "log:     0 entries" in entries
    assert replaced.code == 0, replaced.err
    assert not (cli.folder / "a.intoto.jsonl").is_symlink()
    assert not (cli.folder / "nowhere").exists()


def test_a_subject_is_not_replaced_by_its_own_bundle(cli: CommandLine) -> None:
    """Not even with --overwrite; nothing is signed."""
    path = cli.write("a", "work")

    outcome = cli(*SANDBOX, "a", "--output", "a", "--overwrite")

    assert (outcome.code, outcome.reason) == (2, "usage.option")
    assert path.read_text() == "work"
    assert "log:     0 entries" in cli("sandbox", "status").out


def test_a_list_that_a_run_declared_is_read_in_a_run_only(cli: CommandLine) -> None:
    """At a terminal nobody is told of workflows, although the sandbox stands in for a run."""
    listed = {"name": "app", "digest": f"sha256:{'1' * 64}", "kind": "file"}
    path = cli.write("list.json", json.dumps({"version": 1, "subjects": [listed]}))

    cli.variables["GITHUB_ARTIFACTS_LIST"] = str(path)
    terminal = cli(*SANDBOX)
    cli.variables["GITHUB_ACTIONS"] = "true"
    run = cli(*SANDBOX, "--dry-run")

    assert terminal.reason == "subject.none"
    assert "slsa-gen attest 'dist/*'" in terminal.err
    assert "GITHUB_ARTIFACTS" not in terminal.err
    assert run.code == 0, run.err
    assert '"name":"app"' in run.out
