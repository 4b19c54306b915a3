"""in-toto's demo, keyless, on the sandbox: accepted as it is, refused in each other form."""

from __future__ import annotations

import contextlib
import json
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from slsa_gen.model.instance import SANDBOX_ISSUER, SANDBOX_SERVER
from slsa_gen.sandbox.run import PERSON
from tests.integration.conftest import CommandLine
from tests.support.clock import FakeClock
from tests.support.keyless_demo import ARTIFACT, LAYOUT, SOURCE, KeylessDemo, Signer, reasons
from tests.support.keyless_tamperings import TAMPERINGS, layout_of_somebody_else
from tests.support.sandboxes import ENVIRONMENT, copy_template

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.integration.conftest import Outcome

pytestmark = pytest.mark.network

SANDBOX = ("--sigstore", "sandbox")
WORKFLOW = Signer(
    SANDBOX,
    SANDBOX_ISSUER,
    f"{SANDBOX_SERVER}/sandbox/sandbox/.github/workflows/sandbox.yml@refs/heads/main",
)
SOMEBODY = Signer(("--identity", "interactive", *SANDBOX), SANDBOX_ISSUER, PERSON)
#: A command that makes another artifact than the demo's.
_OTHER = ("sh", "-c", f"echo other > {ARTIFACT}")


class _Quiet:
    """Stands in for the capture of one test, where a whole module's demo is made."""

    def readouterr(self) -> _Quiet:
        return self

    out = err = ""


@pytest.fixture(scope="module")
def made(sandbox_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the demo, and the sandbox that signed it: made once, then copied."""
    base = tmp_path_factory.mktemp("keyless")
    (base / "work").mkdir()
    copy_template(sandbox_template, base / "sandbox")
    variables = {**ENVIRONMENT, "HOME": str(base), "SLSA_GEN_SANDBOX": str(base / "sandbox")}
    with contextlib.chdir(base / "work"):
        quiet: pytest.CaptureFixture[str] = _Quiet()  # type: ignore[assignment] # stands in for it
        KeylessDemo(CommandLine(base / "work", variables, quiet), WORKFLOW, SOMEBODY).make()
    return base


@pytest.fixture
def demo(
    made: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> KeylessDemo:
    """Return a copy of the demo, which a test may tamper with."""
    for name in ("work", "sandbox"):
        shutil.copytree(made / name, tmp_path / name, symlinks=True)
    monkeypatch.chdir(tmp_path / "work")
    sandbox = str(tmp_path / "sandbox")
    variables = {**ENVIRONMENT, "HOME": str(tmp_path), "SLSA_GEN_SANDBOX": sandbox}
    return KeylessDemo(CommandLine(tmp_path / "work", variables, capsys), WORKFLOW, SOMEBODY)


def test_the_artifact_of_the_demanded_steps_is_accepted(demo: KeylessDemo) -> None:
    """The verdict names the layout, its owner and who did which step; a sandbox is only that."""
    outcome = demo.verify()

    assert outcome.code == 0, outcome.out
    assert f"layout:    {LAYOUT}" in outcome.out
    assert f"signer:    {PERSON}" in outcome.out
    assert f"  step:      'package' by {PERSON} (issuer " in outcome.out
    assert "  rules:     12, and all hold\n" in outcome.out
    assert "sandbox: proves nothing to anyone else" in outcome.out


def test_the_document_has_the_shape_of_every_verdict(demo: KeylessDemo) -> None:
    """One attestation stands for the layout; its checks are all that was demanded."""
    (result,) = demo.verify("--format", "json").results

    (attestation,) = result["attestations"]
    rules = [check["rule"] for check in attestation["checks"]]
    assert (result["verdict"], result["level"]) == ("accepted", None)
    assert (attestation["source"], attestation["accepted"]) == (LAYOUT, True)
    assert rules.count("layout.threshold") == 3
    assert rules.count("layout.artifact-rule") == 12
    assert rules[-1] == "layout.product"
    assert attestation["predicateType"] == "urn:slsa-gen:predicate:layout:v1"


def _other_command(demo: KeylessDemo) -> Outcome:
    demo.cli.write(SOURCE, "VERSION = 'foo-v0'\n")
    demo.step("update-version", command=("sed", "-i", "s/v0/v1/;s/foo/foo/", SOURCE))
    return demo.verify("--format", "json")


def _two_builds(demo: KeylessDemo) -> Outcome:
    demo.cli.write(SOURCE, "VERSION = 'foo-v9'\n")
    demo.step("package", output="second.intoto.jsonl")
    return demo.verify("--format", "json")


def _layout_unsigned(demo: KeylessDemo) -> Outcome:
    (demo.cli.folder / f"{LAYOUT}.intoto.jsonl").unlink()
    return demo.verify("--format", "json")


def _layout_expired(demo: KeylessDemo) -> Outcome:
    demo.cli.clock = FakeClock(datetime(2100, 1, 1, tzinfo=UTC))
    return demo.verify("--format", "json")


def _too_few(demo: KeylessDemo) -> Outcome:
    demo.sign_layout(demo.layout(threshold=2))
    return demo.verify("--format", "json")


def _link_altered(demo: KeylessDemo) -> Outcome:
    path = demo.cli.folder / "package.intoto.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        line["dsseEnvelope"]["signatures"][0]["sig"] = "MEUCIQ=="
    demo.cli.write(path.name, "".join(json.dumps(line) + "\n" for line in lines))
    return demo.verify("--format", "json")


def _classic_link(demo: KeylessDemo) -> Outcome:
    (demo.cli.folder / "package.intoto.jsonl").rename(demo.cli.folder / "package.2f89b927.link")
    return demo.verify("--format", "json")


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        *TAMPERINGS,
        (_other_command, {"layout.command"}),
        (_two_builds, {"layout.ambiguous"}),
        (_layout_unsigned, {"layout.signature"}),
        (_layout_expired, {"layout.expired"}),
        (_too_few, {"layout.functionaries"}),
        (_link_altered, {"layout.functionaries", "layout.artifact"}),
        (_classic_link, {"layout.functionaries", "layout.artifact", "layout.kind"}),
    ],
    ids=lambda value: getattr(value, "__name__", "").removeprefix("_"),
)
def test_each_tampering_is_refused(
    demo: KeylessDemo, tamper: Callable[[KeylessDemo], Outcome], expected: set[str]
) -> None:
    """With the reasons that belong to it, and no other."""
    outcome = tamper(demo)

    assert outcome.code == 1, outcome.out
    assert expected <= reasons(outcome), outcome.out
    if "layout.ambiguous" not in expected:
        assert reasons(outcome) == expected, outcome.out


def test_nothing_is_judged_by_a_layout_that_somebody_else_signed(demo: KeylessDemo) -> None:
    """Its steps are not even looked at."""
    (result,) = layout_of_somebody_else(demo).results

    rules = {check["rule"] for a in result["attestations"] for check in a["checks"]}
    assert rules & {"layout.threshold", "layout.expiry", "layout.product"} == set()


def test_two_who_did_the_same_meet_a_threshold_of_two(demo: KeylessDemo) -> None:
    """Both wrapped the same files: each has a link, and they agree."""
    demo.sign_layout(demo.layout(threshold=2))
    kept = demo.cli.folder / "kept.tar.gz"
    shutil.copy(demo.cli.folder / ARTIFACT, kept)
    same = ("sh", "-c", f"rm -f {ARTIFACT}; cp kept.tar.gz {ARTIFACT}")
    demo.step("package", by=WORKFLOW, output="other.intoto.jsonl", command=same)

    outcome = demo.verify("--format", "json")

    assert outcome.code == 0, outcome.out


def test_two_who_did_not_do_the_same_are_refused(demo: KeylessDemo) -> None:
    """A threshold is met by agreement alone."""
    demo.sign_layout(demo.layout(threshold=2))
    demo.step("package", by=WORKFLOW, output="other.intoto.jsonl", command=_OTHER)

    assert "layout.disagreement" in reasons(demo.verify("--format", "json"))


def test_a_failed_step_does_not_count(demo: KeylessDemo) -> None:
    """Its link is on record, and says that the command failed."""
    failing = ("sh", "-c", f"echo changed > {ARTIFACT}; false")
    outcome = demo.cli(
        *("run", *SOMEBODY.options, "--step", "package", "--product", ARTIFACT),
        *("--material", SOURCE, "--keep-failed", "--output", "package.intoto.jsonl"),
        *("--overwrite", "--", *failing),
    )
    assert outcome.code == 1, outcome.err

    refused = demo.verify()

    assert refused.code == 1
    assert "its command failed (return value 1)" in refused.out


def test_a_strangers_link_beside_the_others_changes_nothing(demo: KeylessDemo) -> None:
    """Everybody can put a file into a folder: it is passed over, and said where all is shown."""
    kept = (demo.cli.folder / ARTIFACT).read_bytes()
    demo.step("package", by=WORKFLOW, output="stranger.intoto.jsonl", command=_OTHER)
    shutil.copy(demo.cli.folder / "origin.txt", demo.cli.folder / "broken.intoto.jsonl")
    demo.cli.write(ARTIFACT, kept)

    outcome = demo.verify("-v")

    assert outcome.code == 0, outcome.out
    assert "1 not counted: stranger.intoto.jsonl:2: signed by" in outcome.out.replace("work/", "")


def test_links_and_the_layouts_bundle_may_be_given(demo: KeylessDemo) -> None:
    """With --bundle, nothing is looked for beside the artifact; a digest alone is enough."""
    shutil.copytree(demo.cli.folder, demo.cli.folder.parent / "elsewhere")
    for path in demo.cli.folder.glob("*.intoto.jsonl"):
        path.unlink()
    given = [
        f"--bundle=../elsewhere/{name}.intoto.jsonl"
        for name in ("clone", "update-version", "package", LAYOUT)
    ]

    assert demo.verify(*given).code == 0
    assert reasons(demo.verify(*given[:2], given[3], "--format", "json")) == {
        "layout.functionaries",
        "layout.artifact",
    }


def test_links_may_lie_in_a_folder_of_their_own(demo: KeylessDemo) -> None:
    """Named with --links; without it they are missing, and a folder must be there."""
    (demo.cli.folder / "links").mkdir()
    for name in ("clone", "update-version", "package"):
        (demo.cli.folder / f"{name}.intoto.jsonl").rename(
            demo.cli.folder / "links" / f"{name}.intoto.jsonl"
        )

    assert demo.verify("--links", "links").code == 0
    assert "layout.functionaries" in reasons(demo.verify("--format", "json"))
    assert reasons(demo.verify("--links", "none", "--format", "json")) == {"evidence.not-found"}


def test_several_artifacts_are_judged_by_one_layout(demo: KeylessDemo) -> None:
    """The one that the step made is accepted, the other refused; the worst counts."""
    demo.cli.write("more.txt", "origin.txt\n")

    outcome = demo.verify("--artifacts-file", "more.txt")

    assert outcome.code == 1
    assert outcome.out.endswith("2 artifacts: 1 accepted, 1 refused\n")


def test_a_broken_bundle_in_the_folder_is_named_where_links_are_missing(demo: KeylessDemo) -> None:
    """It may be the one that is missing."""
    demo.cli.write("package.intoto.jsonl", "no bundle")

    outcome = demo.verify()

    assert outcome.code == 1
    assert "found:    'package.intoto.jsonl': no bundle" in outcome.out
