"""``slsa-gen run``: a command, its status, and what is on record of it."""

from __future__ import annotations

import base64
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from slsa_gen.clock import SystemClock
from slsa_gen.intoto.link import LINK_V03
from slsa_gen.model.statement import SLSA_PROVENANCE_V1
from slsa_gen.provenance.build_types.run_command import RUN_COMMAND

if TYPE_CHECKING:
    from tests.integration.conftest import CommandLine, Outcome

pytestmark = pytest.mark.network

MAKE: Final = ("sh", "-c", "mkdir -p dist && echo made > dist/app")
SANDBOX: Final = ("--sigstore", "sandbox")
PERSON: Final = (*SANDBOX, "--identity", "interactive")


@pytest.fixture
def step(cli: CommandLine) -> CommandLine:
    """Return a command line in a folder with one source, and a path to programs."""
    cli.write("main.c", "int main;\n")
    cli.variables["PATH"] = os.defpath
    return cli


def ran(cli: CommandLine, *arguments: str, command: tuple[str, ...] = MAKE) -> Outcome:
    """Run a step that is made from main.c and makes dist/*."""
    given = ("--product", "dist/*", "--material", "main.c", *(arguments or SANDBOX))
    return cli("run", *given, "--", *command)


def statements(path: Path) -> list[dict[str, Any]]:
    """Return what a bundle file says, unverified."""
    bundles = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [json.loads(base64.b64decode(b["dsseEnvelope"]["payload"])) for b in bundles]


def test_a_step_may_start_from_nothing(step: CommandLine) -> None:
    """A download does; it is said, and never guessed where there is no repository."""
    given = ("run", "--product", "dist/*", *SANDBOX)

    guessed = step(*given, "--", *MAKE)
    both = step(*given, "--no-materials", "--material", "main.c", "--", *MAKE)
    said = step(*given, "--step", "fetch", "--no-materials", "--", *MAKE)

    assert (guessed.code, guessed.reason) == (2, "run.no-repository")
    assert "--no-materials" in guessed.err
    assert (both.code, both.reason) == (2, "usage.option")
    assert said.code == 0, said.err
    provenance, link = statements(step.folder / "dist" / "fetch.intoto.jsonl")
    assert link["predicate"]["materials"] == []
    assert "materials" not in provenance["predicate"]["buildDefinition"]["externalParameters"]


def test_a_step_is_on_record_in_provenance_and_a_link(step: CommandLine) -> None:
    """Two statements of the same products in one file, beside the products."""
    outcome = ran(step, "--step", "build", *SANDBOX)

    assert outcome.code == 0, outcome.err
    provenance, link = statements(step.folder / "dist" / "build.intoto.jsonl")
    assert provenance["predicateType"] == SLSA_PROVENANCE_V1
    assert link["predicateType"] == LINK_V03
    assert [s["name"] for s in provenance["subject"]] == ["dist/app"]
    assert provenance["subject"] == link["subject"]
    assert link["predicate"]["command"] == list(MAKE)
    assert [m["name"] for m in link["predicate"]["materials"]] == ["main.c"]
    assert link["predicate"]["byproducts"] == {"return-value": 0}


def test_its_products_are_verified_like_those_of_attest(step: CommandLine) -> None:
    """By the command that the report shows."""
    report = ran(step).out

    shown = next(line for line in report.splitlines() if line.startswith("  slsa-gen verify "))
    outcome = step(*shown.split()[1:])
    assert outcome.code == 0, outcome.err
    assert outcome.out.startswith("accepted")
    assert step("verify", "dist/app", "--repo", "else/where", *SANDBOX).code == 1


def test_the_step_is_called_like_its_program_unless_it_is_named(step: CommandLine) -> None:
    """And so is its file."""
    assert ran(step, command=("/bin/sh", *MAKE[1:])).code == 0
    assert (step.folder / "dist" / "sh.intoto.jsonl").exists()


def test_a_person_s_step_is_of_our_own_build_type(step: CommandLine) -> None:
    """Signed by who ran it, verified by naming who that is, and refused as a repository's."""
    outcome = ran(step, "--step", "build", *PERSON)

    assert outcome.code == 0, outcome.err
    provenance, _link = statements(step.folder / "dist" / "build.intoto.jsonl")
    definition = provenance["predicate"]["buildDefinition"]
    assert definition["buildType"] == RUN_COMMAND
    signer = definition["internalParameters"]["signer"]
    who = ("--cert-identity", signer["identity"], "--cert-oidc-issuer", signer["issuer"])
    assert step("verify", "dist/app", *who, *SANDBOX).code == 0
    by_repository = step("verify", "dist/app", "--repo", "o/r", "--format", "json", *SANDBOX)
    assert by_repository.code == 1
    checks = by_repository.results[0]["attestations"][0]["checks"]
    assert {c["rule"] for c in checks if not c["passed"]} >= {"source.repository"}


def test_nothing_of_the_machine_or_its_user_is_recorded(step: CommandLine) -> None:
    """Neither names nor folders nor variables that were not asked for."""
    step.variables |= {"USER": "ada-lovelace", "HOSTNAME": "difference-engine", "CC": "gcc"}
    ran(step, "--step", "build", "--environment", "CC", *PERSON)

    text = json.dumps(statements(step.folder / "dist" / "build.intoto.jsonl"))
    assert '"CC=gcc"' in text
    for private in ("ada-lovelace", "difference-engine", str(step.folder), os.uname().nodename):
        assert private not in text


# ── the command's status ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [1, 2, 3, 42, 255])
def test_a_failed_command_s_status_is_ours_and_nothing_is_attested(
    step: CommandLine, status: int
) -> None:
    """Whatever else that number means here."""
    outcome = ran(step, command=("sh", "-c", f"mkdir dist; echo x > dist/app; exit {status}"))

    assert outcome.code == status
    assert f"the command ended with status {status}: nothing is attested" in outcome.err
    assert [p.name for p in (step.folder / "dist").iterdir()] == ["app"]


def test_a_failed_command_is_kept_on_record_where_that_is_asked_for(step: CommandLine) -> None:
    """A link with its status, in a file that is not mistaken for a success; no provenance."""
    command = ("sh", "-c", "mkdir dist; echo x > dist/app; exit 7")
    outcome = ran(step, "--step", "build", "--keep-failed", *SANDBOX, command=command)

    assert outcome.code == 7
    assert not (step.folder / "dist" / "build.intoto.jsonl").exists()
    (link,) = statements(step.folder / "dist" / "build.failed.intoto.jsonl")
    assert link["predicateType"] == LINK_V03
    assert link["predicate"]["byproducts"]["return-value"] == 7
    assert "slsa-gen inspect dist/build.failed.intoto.jsonl --export statement" in outcome.out
    assert "slsa-gen verify" not in outcome.out
    assert step("verify", "dist/app", "--repo", "sandbox/sandbox", *SANDBOX).code == 1


def test_a_failed_command_without_products_has_nothing_to_speak_of(step: CommandLine) -> None:
    """It is said, and the status is the command's."""
    outcome = ran(step, "--keep-failed", *SANDBOX, command=("false",))

    assert outcome.code == 1
    assert "a statement speaks of at least one file: nothing is written" in outcome.err
    assert "a link records it" not in outcome.err


def test_a_link_of_a_failed_command_that_cannot_be_written_leaves_the_status(
    step: CommandLine,
) -> None:
    """Two failures: the command's is the one that is passed on, ours is said."""
    script = "mkdir dist; echo x > dist/app; mkdir dist/build.failed.intoto.jsonl; exit 9"
    outcome = ran(step, "--step", "build", "--keep-failed", *SANDBOX, command=("sh", "-c", script))
    assert outcome.code == 9
    assert outcome.reason == "usage.output-exists"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("true", "subject.no-match"),
        ("mkdir dist; ln -s /etc/passwd dist/app", "subject.link-leaves"),
        (
            "mkdir dist; echo x > dist/app; mkdir dist/sh.intoto.jsonl",
            "usage.output-exists",
        ),
    ],
)
def test_a_failure_of_ours_after_a_good_command_is_three(
    step: CommandLine, script: str, reason: str
) -> None:
    """Also where it would be wrong usage before: the command was run, and that is said."""
    outcome = ran(step, command=("sh", "-c", script))

    assert outcome.code == 3
    assert outcome.reason == reason
    assert "the command had ended well, and what it made is there" in outcome.err


def test_a_command_that_takes_too_long_is_ended(step: CommandLine) -> None:
    """By --timeout alone; its status is that of the signal."""
    outcome = ran(step, "--timeout", "0.5", *SANDBOX, command=("sleep", "60"))

    assert outcome.code == 143
    assert "took longer than 0.5 seconds (--timeout)" in outcome.err


# ── refused before the command runs ──────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "reason", "said"),
    [
        (("run", "--product", "x"), "usage.option", "and there is no --"),
        (("run", "--product", "x", "--"), "usage.option", "no command after --"),
        (("run", "--product", "x", "make"), "usage.option", "no -- before 'make'"),
        (("run", "--product", "x", "--prodct", "y", "--", "m"), "usage.option", "Did you mean"),
        (("run", "--", "touch", "ran"), "usage.option", "--product is missing"),
        (("run", "--product", "x", "--timeout", "0", "--", "m"), "usage.option", "above 0, got 0"),
        (("run", "--product", "x", "--timeout", "n", "--", "m"), "usage.option", "got 'n'"),
        (("run", "--product", "x", "--signing-key", "k", "--", "m"), "usage.option", "keylessly"),
        (
            ("run", "--product", "x", "--link-format", "classic", "--", "m"),
            "usage.option",
            "--signing-key is missing",
        ),
        (("run", "--product", "../x", "--", "touch", "ran"), "subject.name-climbs", "../x"),
        (("run", "--product", "x**y", "--", "touch", "ran"), "subject.pattern", "x**y"),
        (("run", "--product", "x", "--step", "a/b", "--", "m"), "run.step", "a slash"),
        (("run", "--product", "x", "--step", "", "--", "m"), "usage.option", "empty"),
    ],
)
def test_wrong_usage_is_explained(
    step: CommandLine, arguments: tuple[str, ...], reason: str, said: str
) -> None:
    """With what to do, and nothing has run."""
    outcome = step(*arguments)

    assert (outcome.code, outcome.reason) == (2, reason)
    assert said in outcome.err
    assert "to do: " in outcome.err
    assert not (step.folder / "ran").exists()


def test_a_file_in_the_way_is_refused_before_the_command_runs(step: CommandLine) -> None:
    """Each run is a record of its own, also one that would say the same."""
    record = step.write("dist/sh.intoto.jsonl", "another record\n")
    refused = ran(step, command=("sh", "-c", "touch ran"))

    assert (refused.code, refused.reason) == (2, "usage.output-exists")
    assert not (step.folder / "ran").exists()
    assert record.read_text() == "another record\n"
    assert ran(step, "--overwrite", *SANDBOX).code == 0
    assert len(statements(record)) == 2
    before = record.read_bytes()
    assert ran(step, "--overwrite", *SANDBOX).code == 0
    assert record.read_bytes() != before


def test_a_place_that_takes_no_file_is_refused_before_the_command_runs(step: CommandLine) -> None:
    """A folder that the command would make may be missing; a link that leads nowhere may not."""
    step.write("dist/old")
    (step.folder / "dist" / "sh.intoto.jsonl").symlink_to("nowhere")

    assert ran(step, command=("sh", "-c", "touch ran")).reason == "usage.output-exists"
    elsewhere = ran(step, "--output", "links/", command=("sh", "-c", "touch ran"))
    assert elsewhere.reason == "publish.file"
    assert "mkdir -p links" in elsewhere.err
    assert not (step.folder / "ran").exists()


def test_without_an_identity_nothing_runs(step: CommandLine) -> None:
    """A build of an hour must not end in a missing permission."""
    outcome = ran(step, "--sigstore", "public-good", command=("sh", "-c", "touch ran"))

    assert (outcome.code, outcome.reason) == (3, "context.outside-run")
    assert "To sign as a person" in outcome.err
    assert "attest" not in outcome.err
    assert not (step.folder / "ran").exists()


def test_an_event_that_is_not_attested_on_is_refused_before_the_command_runs(
    step: CommandLine,
) -> None:
    """As ``attest`` refuses it; the record is that of the sandbox's run."""
    assert ran(step, "--allow-event", "push", *SANDBOX).code == 0


def test_without_a_commit_and_patterns_nothing_runs(step: CommandLine) -> None:
    """What a step starts from must be said."""
    outcome = step("run", "--product", "x", *SANDBOX, "--", "touch", "ran")

    assert outcome.reason == "run.no-repository"
    assert outcome.code == 2
    assert not (step.folder / "ran").exists()


def test_a_command_that_there_is_not_is_wrong_usage(step: CommandLine) -> None:
    """It is told from one that was started and failed."""
    outcome = ran(step, command=("no-such-program",))

    assert (outcome.code, outcome.reason) == (2, "run.command")
    assert "the command had ended well" not in outcome.err


# ── secrets ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("options", "command"),
    [
        (("--environment", "DEPLOY_TOKEN"), ("touch", "ran")),
        (("--environment", "INNOCENT"), ("touch", "ran")),
        ((), ("sh", "-c", "touch ran; echo sesame-open-up")),
        (("--step", "sesame-open-up"), ("touch", "ran")),
        (("--material", "sesame-open-up"), ("touch", "ran")),
        ((), ("touch", "ran", "https://user:word@example.com/x")),
    ],
)
def test_what_looks_like_a_secret_is_not_recorded(
    step: CommandLine, options: tuple[str, ...], command: tuple[str, ...]
) -> None:
    """And nothing is run: everyone who has the bundle would read it."""
    step.variables |= {"DEPLOY_TOKEN": "sesame-open-up", "INNOCENT": "a sesame-open-up b"}
    outcome = ran(step, *options, *SANDBOX, command=command)

    assert (outcome.code, outcome.reason) == (2, "run.secret")
    assert "sesame" not in outcome.err
    assert "word@" not in outcome.err
    assert not (step.folder / "ran").exists()


def test_the_command_is_not_handed_what_signs(step: CommandLine) -> None:
    """Nor the sandbox's variables: it runs as it would without us."""
    step.variables |= {"SIGSTORE_ID_TOKEN": "t" * 20, "GITHUB_TOKEN": "g" * 20, "MINE": "kept"}
    outcome = ran(step, command=("sh", "-c", "mkdir dist; env > dist/app"))

    assert outcome.code == 0, outcome.err
    handed = (step.folder / "dist" / "app").read_text()
    assert "MINE=kept" in handed
    for name in ("ACTIONS_", "SIGSTORE_ID_TOKEN", "GITHUB_", "tttt"):
        assert name not in handed


# ── streams and documents ────────────────────────────────────────────────────────────────


def test_the_document_of_a_failed_command_has_its_status(step: CommandLine) -> None:
    """And neither an attestation nor an error of ours."""
    outcome = ran(step, "--format", "json", *SANDBOX, command=("sh", "-c", "exit 42"))
    (result,) = outcome.results

    assert outcome.document["exitCode"] == 42
    assert result["attestation"] is None
    assert outcome.document["errors"] == []


def test_the_document_of_a_refusal_has_no_result(step: CommandLine) -> None:
    """Before the command there is nothing to say of it."""
    outcome = step("run", "--format", "json", "--product", "x", *SANDBOX)

    assert outcome.document["command"] == "run"
    assert outcome.document["errors"][0]["reason"] == "usage.option"
    assert outcome.results == []


def test_the_command_s_output_passes_through_and_stays_out_of_the_document(
    step: CommandLine, tmp_path: Path
) -> None:
    """As a process: the document alone on standard output, the command's words on the other."""
    arguments = ["--product", "out", "--material", "main.c", *SANDBOX, "--format", "json"]
    script = "echo to-out; echo to-err >&2; echo x > out"
    done = subprocess.run(
        [sys.executable, "-m", "slsa_gen", "run", *arguments, "--", "sh", "-c", script],
        env=step.variables | {"PYTHONPATH": str(Path(__file__).parents[2])},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["exitCode"] == 0
    assert {"to-out", "to-err"} <= set(done.stderr.splitlines())


# ── classic ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """Return the file of a key for classic links."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 (here alone)
        Ed25519PrivateKey,
    )
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 (here alone)
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    path = tmp_path / "key.pem"
    path.write_bytes(
        Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
    )
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    return path


def classic(cli: CommandLine, key: Path, *options: str, **rest: Any) -> Outcome:  # noqa: ANN401 (of ran)
    """Run a step with a classic link."""
    return ran(cli, "--link-format", "classic", "--signing-key", str(key), *options, **rest)


def test_a_classic_link_is_all_that_is_written(step: CommandLine, key: Path) -> None:
    """In the folder at hand, under in-toto's name; nobody is asked for an identity."""
    outcome = classic(step, key, "--step", "build")

    assert outcome.code == 0, outcome.err
    (link,) = step.folder.glob("build.*.link")
    assert "in a classic link, and in nothing else" in outcome.out
    assert json.loads(link.read_text())["payloadType"] == "application/vnd.in-toto+json"
    assert [p.name for p in (step.folder / "dist").iterdir()] == ["app"]


def test_a_classic_link_goes_where_it_is_told_to(step: CommandLine, key: Path) -> None:
    """A folder or a path; what is there is kept, and seen before the command runs."""
    (step.folder / "links").mkdir()
    assert classic(step, key, "--step", "b", "--output", "links").code == 0
    assert classic(step, key, "--step", "b", "--output", "one.link").code == 0
    refused = classic(step, key, "--step", "b", "--output", "links", command=("touch", "ran"))
    assert (refused.code, refused.reason) == (2, "usage.output-exists")
    assert not (step.folder / "ran").exists()
    assert classic(step, key, "--step", "b", "--output", "links", "--overwrite").code == 0
    nowhere = classic(step, key, "--step", "b", "--output", "no/such.link")
    assert (nowhere.code, nowhere.reason) == (3, "publish.file")


def test_a_classic_link_records_a_failure_without_products(step: CommandLine, key: Path) -> None:
    """It needs none, unlike a statement."""
    outcome = classic(step, key, "--step", "b", "--keep-failed", command=("false",))
    assert outcome.code == 1
    (link,) = step.folder.glob("*.link")
    assert link.name.startswith("b.failed.")  # not where in-toto-verify looks for the step's link
    quiet = classic(step, key, "--step", "c", command=("false",))
    assert quiet.code == 1
    assert not list(step.folder.glob("c.*.link"))


def test_the_document_names_a_classic_link(step: CommandLine, key: Path) -> None:
    """And no attestation."""
    (result,) = classic(step, key, "--step", "b", "--format", "json").results
    assert result["attestation"] is None
    assert (step.folder / result["link"]).exists()


class LeapingClock(SystemClock):
    """A clock on which an hour passes while the command makes its product."""

    def __init__(self, product: Path) -> None:
        self._product = product

    def monotonic(self) -> float:
        """Return the machine's seconds, an hour later once the product is there."""
        return super().monotonic() + (3600.0 if self._product.exists() else 0.0)


def test_the_command_s_time_is_not_that_of_the_services(step: CommandLine) -> None:
    """A build of an hour leaves the whole time budget for signing."""
    step.clock = LeapingClock(step.folder / "dist" / "app")

    assert ran(step, "--retry-budget", "60", *SANDBOX).code == 0
