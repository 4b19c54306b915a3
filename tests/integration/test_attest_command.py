"""``slsa-gen attest`` as a user types it, signed by the sandbox."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.sandboxes import client_config

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.sandbox.server import Sandbox
    from tests.integration.conftest import CommandLine, Outcome

pytestmark = pytest.mark.network

SANDBOX = ("attest", "--sigstore", "sandbox")


def _statements(path: Path) -> list[dict[str, Any]]:
    return [
        json.loads(base64.b64decode(json.loads(line)["dsseEnvelope"]["payload"]))
        for line in path.read_bytes().splitlines()
    ]


def _subjects(path: Path) -> list[dict[str, Any]]:
    found = []
    for statement in _statements(path):
        subjects = statement["subject"]
        assert isinstance(subjects, list)
        found += subjects
    return found


def test_one_file_gets_a_bundle_beside_it(cli: CommandLine) -> None:
    """The bundle is one JSON document on one line."""
    cli.write("dist/app.tar.gz")

    outcome = cli(*SANDBOX, "dist/app.tar.gz")

    bundle = cli.folder / "dist/app.tar.gz.intoto.jsonl"
    assert outcome.code == 0, outcome.err
    assert bundle.read_bytes().count(b"\n") == 1
    assert bundle.read_bytes().endswith(b"}\n")
    assert _subjects(bundle) == [
        {"digest": {"sha256": hashlib.sha256(b"content\n").hexdigest()}, "name": "app.tar.gz"}
    ]


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


def test_several_files_get_one_bundle_in_their_common_folder(cli: CommandLine) -> None:
    """It is called multiple.intoto.jsonl."""
    cli.write("dist/x/a")
    cli.write("dist/y/b")

    assert cli(*SANDBOX, "dist/**").code == 0

    assert [s["name"] for s in _subjects(cli.folder / "dist/multiple.intoto.jsonl")] == ["a", "b"]


def test_names_may_be_paths_and_digests_may_be_two(cli: CommandLine) -> None:
    """--names relative and --sha512."""
    cli.write("dist/x/same", "1")
    cli.write("dist/y/same", "2")

    assert cli(*SANDBOX, "dist/**", "--names", "relative", "--sha512").code == 0

    subjects = _subjects(cli.folder / "dist/multiple.intoto.jsonl")
    assert [s["name"] for s in subjects] == ["dist/x/same", "dist/y/same"]
    assert all(sorted(s["digest"]) == ["sha256", "sha512"] for s in subjects)


def test_every_kind_of_subject_may_be_combined(cli: CommandLine) -> None:
    """A file, a checksum file, digests, and base64 as text and as a file."""
    cli.write("a")
    cli.write("SUMS", f"{'b' * 64}  b\n")
    encoded = base64.b64encode(f"{'c' * 64}  c\n".encode()).decode()
    cli.write("encoded", base64.b64encode(f"{'d' * 64}  d\n".encode()))

    outcome = cli(
        *SANDBOX,
        *("a", "--subject-checksums", "SUMS", "--base64-subjects", encoded),
        *("--base64-subjects-as-file", "encoded", "--subject-digest", f"e@sha256:{'E' * 64}"),
    )

    assert outcome.code == 0, outcome.err
    names = [s["name"] for s in _subjects(cli.folder / "multiple.intoto.jsonl")]
    assert names == ["a", "b", "c", "d", "e"]


def test_an_image_by_digest_gets_a_bundle_here(cli: CommandLine) -> None:
    """There is no file to lie beside."""
    digest = f"ghcr.io/octo/app@sha256:{'e' * 64}"

    assert cli(*SANDBOX, "--subject-digest", digest).code == 0

    assert (cli.folder / "app.intoto.jsonl").exists()


def test_more_than_1024_subjects_become_several_lines(cli: CommandLine) -> None:
    """Each statement holds what others verify in one; the report says how many there are."""
    cli.write("SUMS", "".join(f"{n:064x}  f{n}\n" for n in range(2050)))

    outcome = cli(*SANDBOX, "--subject-checksums", "SUMS")

    assert outcome.code == 0, outcome.err
    statements = _statements(cli.folder / "multiple.intoto.jsonl")
    assert [len(s["subject"]) for s in statements] == [1024, 1024, 2]
    assert "attested 2,050 subjects in 3 statements" in outcome.out
    certificates = {
        json.loads(line)["verificationMaterial"]["certificate"]["rawBytes"]
        for line in (cli.folder / "multiple.intoto.jsonl").read_text().splitlines()
    }
    assert len(certificates) == 1


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


def test_an_sbom_is_recognised_and_attested(cli: CommandLine) -> None:
    """Its own words say which kind it is."""
    cli.write("app")
    cli.write("sbom.json", json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6"}))

    assert cli(*SANDBOX, "app", "--sbom-path", "sbom.json").code == 0

    (statement,) = _statements(cli.folder / "app.intoto.jsonl")
    assert statement["predicateType"] == "https://cyclonedx.org/bom"


@pytest.mark.parametrize("how", ["--predicate", "--predicate-path"])
def test_a_predicate_of_one_s_own_is_attested(cli: CommandLine, how: str) -> None:
    """As text or as a file; numbers stay what they are."""
    cli.write("app")
    text = '{"big": 12345678901234567890, "ratio": 0.5}'
    cli.write("p.json", text)
    value = text if how == "--predicate" else "p.json"

    outcome = cli(*SANDBOX, "app", "--predicate-type", "https://example.com/p/v1", how, value)

    assert outcome.code == 0, outcome.err
    (statement,) = _statements(cli.folder / "app.intoto.jsonl")
    assert statement["predicate"] == {"big": 12345678901234567890, "ratio": 0.5}
    assert "--predicate-type https://example.com/p/v1" in outcome.out


def test_a_repeated_run_reuses_what_is_there(cli: CommandLine) -> None:
    """Nothing is signed anew."""
    cli.write("a")
    cli(*SANDBOX, "a")
    before = (cli.folder / "a.intoto.jsonl").read_bytes()

    outcome = cli(*SANDBOX, "a")

    assert outcome.code == 0
    assert outcome.out.startswith("already attested 1 subject")
    assert (cli.folder / "a.intoto.jsonl").read_bytes() == before


def test_a_changed_file_does_not_silently_replace_its_bundle(cli: CommandLine) -> None:
    """--overwrite is needed, and then does it."""
    cli.write("a", "1")
    cli(*SANDBOX, "a")
    cli.write("a", "2")

    refused = cli(*SANDBOX, "a")
    replaced = cli(*SANDBOX, "a", "--overwrite")

    assert (refused.code, refused.reason) == (2, "usage.output-exists")
    assert replaced.code == 0


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


def test_a_glob_leaves_out_evidence_and_says_so(cli: CommandLine) -> None:
    """A second run over the same folder does not attest the first one's bundle."""
    cli.write("d/a")
    cli(*SANDBOX, "d/*")

    outcome = cli(*SANDBOX, "d/*")

    assert outcome.code == 0, outcome.err
    assert "left out, since it is evidence and not a product" in outcome.err


def test_a_link_out_of_the_workspace_is_refused_in_a_run(cli: CommandLine, tmp_path: Path) -> None:
    """The workspace of a run is the tree that nothing may lead out of."""
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    cli.write("secret")
    (workspace / "link").symlink_to(tmp_path / "secret")
    os.chdir(workspace)
    cli.variables |= {"GITHUB_WORKSPACE": str(workspace), "GITHUB_ACTIONS": "true"}

    outcome = cli(*SANDBOX, "link")

    assert outcome.code == 2
    assert outcome.reason.startswith("subject.")


def _refusals(cli: CommandLine) -> dict[str, Outcome]:
    cli.write("a")
    cli.write("d/a", "other")
    cli.write("bad", "not a checksum\n")
    return {
        "subject.nothing": cli(*SANDBOX),
        "subject.no-match": cli(*SANDBOX, "no-such-*"),
        "subject.list-missing": cli(*SANDBOX, "--subject-checksums", "absent"),
        "subject.list-line": cli(*SANDBOX, "--subject-checksums", "bad"),
    }


def test_every_error_is_told_with_what_to_do(cli: CommandLine) -> None:
    """Exit code 2, a message, something to do, and a reason code."""
    for outcome in _refusals(cli).values():
        assert outcome.code == 2
        assert outcome.out == ""
        assert outcome.err.startswith("error: ")
        assert "\n  to do: " in outcome.err
        assert outcome.reason.startswith("subject.")


def test_an_error_is_a_document_too(cli: CommandLine) -> None:
    """--format json: the error stands in the document, and for people on standard error."""
    outcome = cli(*SANDBOX, "no-such", "--format", "json")

    document = outcome.document
    assert document["results"] == []
    assert document["command"] == "attest"
    (error,) = document["errors"]
    assert error["reason"] == outcome.reason


def test_a_configuration_in_a_file_signs_too(
    cli: CommandLine, sandbox: Sandbox, tmp_path: Path
) -> None:
    """--sigstore FILE, in a run whose variables say where its token is."""
    cli.write("a")
    cli.write("config.json", client_config(sandbox.instance()))
    cli.variables |= sandbox.run_variables(tmp_path)

    outcome = cli("attest", "--sigstore", "config.json", "a")

    assert outcome.code == 0, outcome.err
    assert (cli.folder / "a.intoto.jsonl").exists()


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
