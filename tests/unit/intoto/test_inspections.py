"""Inspections: a command of a layout's, with nothing but the artifact, for a limited time."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from slsa_gen import environment
from slsa_gen.clock import SystemClock
from slsa_gen.intoto.classic_documents import Inspection
from slsa_gen.intoto.inspections import CommandInspector, Inspected, InspectionError
from slsa_gen.intoto.rules import Item
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.digest import Digest
from slsa_gen.reasons import Reason
from tests.support.supply_chains import Chain, inspection, layout, signed, step
from tests.unit.intoto.classic_verdicts import judged, refusals

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsa_gen.limits import Limits

CONTENT = b"what was delivered\n"
DIGESTS = (Digest("sha256", hashlib.sha256(CONTENT).hexdigest()),)


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    """Return a file to be verified, in a folder with others."""
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "secret.txt").write_text("not for a layout's commands", encoding="ascii")
    path = tmp_path / "here" / "app.tar"
    path.write_bytes(CONTENT)
    return path


def inspected(artifact: Path, script: str, limits: Limits = DEFAULT_LIMITS) -> Inspected:
    """Run a shell's text as an inspection of an artifact."""
    path = environment.variables()["PATH"]
    inspector = CommandInspector(artifact, DIGESTS, path, SystemClock(), limits)
    return inspector(Inspection(Item("look"), ("sh", "-c", script)))


def failure(artifact: Path, script: str, limits: Limits = DEFAULT_LIMITS) -> str:
    """Return why an inspection failed."""
    with pytest.raises(InspectionError) as caught:
        inspected(artifact, script, limits)
    return str(caught.value)


def test_an_inspection_sees_a_copy_of_the_artifact_and_nothing_else(artifact: Path) -> None:
    """Neither the folder that it lies in nor the one that we were called in."""
    seen = inspected(artifact, "ls > listed; mkdir sub; cp app.tar sub/copy; rm app.tar")

    assert seen.materials == {"app.tar": {"sha256": DIGESTS[0].hex}}
    assert seen.products == {
        "listed": {"sha256": hashlib.sha256(b"app.tar\nlisted\n").hexdigest()},
        "sub/copy": {"sha256": DIGESTS[0].hex},
    }
    assert artifact.read_bytes() == CONTENT


def test_an_inspection_is_told_where_programs_are_and_nothing_else(
    artifact: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No token, no home, no input: a layout's commands are somebody else's."""
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    path = environment.variables()["PATH"]
    inspector = CommandInspector(artifact, DIGESTS, path, SystemClock())

    told = inspector(Inspection(Item("look"), ("cp", "/proc/self/environ", "told")))

    expected = hashlib.sha256(f"PATH={path}\0".encode()).hexdigest()
    assert told.products["told"] == {"sha256": expected}
    seen = inspected(artifact, "cat > input")
    assert seen.products["input"] == {"sha256": hashlib.sha256(b"").hexdigest()}


def test_nothing_is_left_of_an_inspection(artifact: Path, tmp_path: Path) -> None:
    """Its folder goes, and what it started in the background ends."""
    marker = tmp_path / "alive"
    script = f"pwd > {marker}.where; (while :; do echo >> {marker}; sleep 0.02; done) &"

    inspected(artifact, script)

    assert not Path(Path(f"{marker}.where").read_text("utf-8").strip()).exists()
    size = marker.stat().st_size if marker.exists() else 0
    time.sleep(0.2)
    assert (marker.stat().st_size if marker.exists() else 0) == size


def test_a_failing_inspection_says_what_it_said(artifact: Path) -> None:
    """On one line, without anything that a terminal obeys, and no more than its end."""
    text = failure(artifact, "echo first; printf 'no \\033[31msuch thing\\n' >&2; exit 3")
    assert text == "it ended with status 3 and said: first no [31msuch thing"
    assert failure(artifact, "exit 4") == "it ended with status 4"
    assert failure(artifact, "kill -9 $$") == "it ended with status -9"
    few = replace(DEFAULT_LIMITS, inspection_output_bytes=10)
    assert failure(artifact, "seq 1000; exit 1", few).endswith("said: 999 1000")


def test_much_output_does_not_hold_an_inspection_up(artifact: Path) -> None:
    """A pipe that nobody empties would stop it."""
    inspected(artifact, "head -c 3000000 /dev/zero")


def test_an_inspection_that_does_not_end_is_ended(artifact: Path) -> None:
    """Also where it closed its output, and where it left another to hold it."""
    short = replace(DEFAULT_LIMITS, inspection_seconds=0.3)
    late = "it did not end within 0.3 seconds"

    assert failure(artifact, "sleep 60", short) == late
    assert failure(artifact, "exec >&- 2>&-; sleep 60", short) == late
    assert failure(artifact, "while :; do echo; done", short) == late
    started = time.monotonic()
    inspected(artifact, "sleep 60 &")
    assert time.monotonic() - started < 30


def test_a_command_that_cannot_be_started_is_no_success(artifact: Path) -> None:
    """Neither one that is not there, nor one with a character that no argument has."""
    path = environment.variables()["PATH"]
    inspector = CommandInspector(artifact, DIGESTS, path, SystemClock())

    for command, words in (
        (("no-such-program",), "'no-such-program' cannot be started: No such file or directory"),
        (("sh", "a\0b"), "'sh' cannot be started: a null character in it"),
    ):
        with pytest.raises(InspectionError) as caught:
            inspector(Inspection(Item("look"), command))
        assert str(caught.value) == words


def test_what_an_inspection_leaves_is_bounded_and_made_of_files(artifact: Path) -> None:
    """A link, a pipe, too many files, too many bytes: none is passed over in silence."""
    assert failure(artifact, "ln -s /etc/passwd link").startswith("it left 'link', which is no")
    assert failure(artifact, "mkfifo pipe").startswith("it left 'pipe', which is no file")
    few = replace(DEFAULT_LIMITS, inspection_entries=3)
    assert failure(artifact, "touch a b c d", few) == "it left more than 3 files and folders"
    small = replace(DEFAULT_LIMITS, inspection_bytes=50)
    assert failure(artifact, "head -c 40 /dev/zero > a", small) == "it left more than 50 bytes"
    assert "\n" not in failure(artifact, "ln -s x \"$(printf 'a\\nb')\"")


def test_folders_without_end_are_a_failure_of_the_inspections(
    artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not one of ours, which would leave it open whether the artifact is good."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    script = "import os\nfor _ in range(1200):\n os.mkdir('a'); os.chdir('a')"

    assert failure(artifact, f'{sys.executable} -c "{script}"') == (
        "it left folders too deep in one another"
    )
    # Python before 3.13 cannot remove them either; what clears up after the tests is Python.
    subprocess.run(["rm", "-rf", "--", *tmp_path.glob("slsa-gen-*")], check=True)


def test_an_artifact_that_changes_meanwhile_is_not_inspected(artifact: Path) -> None:
    """The copy must be what is verified."""
    artifact.write_bytes(b"something else\n")
    assert failure(artifact, "true") == "the artifact changed while it was verified"
    artifact.unlink()
    assert failure(artifact, "true").startswith("the artifact cannot be copied: No such file")


def test_a_machine_without_a_folder_is_said(
    artifact: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what mends it."""

    def nowhere(_: str) -> None:
        raise FileNotFoundError(2, "No usable temporary directory")

    monkeypatch.setattr("slsa_gen.intoto.inspections.scratch_folder", nowhere)
    assert "TMPDIR=FOLDER" in failure(artifact, "true")

    def full(_: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("slsa_gen.intoto.inspections.scratch_folder", full)
    assert failure(artifact, "true") == "No space left on device"


def with_inspection(tmp_path: Path, artifact: Path, script: str) -> Chain:
    """Return a chain whose layout inspects the artifact: it must hold what the source said."""
    chain = Chain(tmp_path / "links")
    chain.layout["inspect"] = [
        inspection(
            "look",
            "sh",
            "-c",
            script,
            expected_materials=[
                ["MATCH", "app.tar", "WITH", "PRODUCTS", "FROM", "pack"],
                ["DISALLOW", "*"],
            ],
            expected_products=[
                ["MATCH", "app.py", "WITH", "PRODUCTS", "FROM", "write"],
                ["ALLOW", "app.tar"],
                ["DISALLOW", "*"],
            ],
        )
    ]
    chain.links["write"]["products"] = {"app.py": {"sha256": DIGESTS[0].hex}}
    chain.links["pack"]["materials"] = {"app.py": {"sha256": DIGESTS[0].hex}}
    chain.links["pack"]["products"] = {"app.tar": {"sha256": DIGESTS[0].hex}}
    assert artifact.name == "app.tar"
    return chain


def verdict(chain: Chain, artifact: Path) -> set[Reason | None]:
    """Judge a chain, inspections and all."""
    return verdict_of(chain, artifact, chain.laid())


def verdict_of(chain: Chain, artifact: Path, data: bytes) -> set[Reason | None]:
    """Judge a chain whose layout and links lie there."""
    path = environment.variables()["PATH"]
    inspector = CommandInspector(artifact, DIGESTS, path, SystemClock())
    return refusals(judged(chain, data, DIGESTS, inspect=inspector))


def test_the_rules_of_an_inspection_decide(tmp_path: Path, artifact: Path) -> None:
    """What it finds must be what the steps made, and that it succeeds is not enough."""
    assert verdict(with_inspection(tmp_path, artifact, "cp app.tar app.py"), artifact) == set()
    other = with_inspection(tmp_path, artifact, "echo evil > app.py")
    assert verdict(other, artifact) == {Reason.LAYOUT_DISALLOWED}
    failing = with_inspection(tmp_path, artifact, "cp app.tar app.py; false")
    assert verdict(failing, artifact) == {Reason.LAYOUT_INSPECTION}


def test_nothing_is_run_once_a_check_failed(tmp_path: Path, artifact: Path) -> None:
    """A chain that is broken gets no command run."""
    marker = tmp_path / "was-run"
    chain = with_inspection(tmp_path, artifact, f"touch {marker}; cp app.tar app.py")
    chain.layout["expires"] = "2020-01-01T00:00:00Z"

    assert verdict(chain, artifact) == {Reason.LAYOUT_EXPIRED, Reason.LAYOUT_INSPECTION}
    assert not marker.exists()


def test_the_inspections_of_a_sublayout_are_run_only_when_asked(
    tmp_path: Path, artifact: Path
) -> None:
    """A functionary's commands are no less a command of somebody else's."""
    marker = tmp_path / "was-run"
    chain = with_inspection(tmp_path, artifact, "cp app.tar app.py")
    data = chain.laid()
    inner = layout(
        [step("write", chain.bob)], chain.bob, inspect=[inspection("mark", "touch", str(marker))]
    )
    put_sublayout(chain, inner)

    assert Reason.LAYOUT_INSPECTION in refusals(judged(chain, data, DIGESTS))
    assert not marker.exists()
    path = environment.variables()["PATH"]
    inspector = CommandInspector(artifact, DIGESTS, path, SystemClock())
    assert refusals(judged(chain, data, DIGESTS, inspect=inspector)) == set()
    assert marker.exists()


def put_sublayout(chain: Chain, inner: dict[str, Any]) -> None:
    """Let Bob put a layout of his own into the place of his first step's link."""
    folder = chain.folder / f"write.{chain.bob.keyid[:8]}"
    folder.mkdir()
    chain.put("write", chain.bob, signed(inner, chain.bob))
    written = signed(chain.links["write"], chain.bob)
    (folder / f"write.{chain.bob.keyid[:8]}.link").write_bytes(written)


def expired(chain: Chain) -> None:
    """Let the outer layout have expired."""
    chain.layout["expires"] = "2020-01-01T00:00:00Z"


def another_step_undone(chain: Chain) -> None:
    """Demand of a later step, too, that Alice did it."""
    chain.layout["steps"][1]["pubkeys"] = [chain.owner.keyid]
    chain.layout["keys"][chain.owner.keyid] = chain.owner.document


def too_few(chain: Chain) -> None:
    """Demand of the sublayout's step that two did it."""
    chain.layout["steps"][0]["threshold"] = 2
    chain.layout["steps"][0]["pubkeys"].append(chain.owner.keyid)
    chain.layout["keys"][chain.owner.keyid] = chain.owner.document


@pytest.mark.parametrize("broken", [expired, another_step_undone, too_few])
def test_a_sublayout_runs_nothing_once_the_outer_layout_is_broken(
    tmp_path: Path, artifact: Path, broken: Callable[[Chain], None]
) -> None:
    """What a functionary was once allowed to have run, nobody allows any more."""
    marker = tmp_path / "was-run"
    chain = with_inspection(tmp_path, artifact, "cp app.tar app.py")
    broken(chain)
    inner = layout(
        [step("write", chain.bob)], chain.bob, inspect=[inspection("mark", "touch", str(marker))]
    )
    data = chain.laid()
    put_sublayout(chain, inner)

    assert Reason.LAYOUT_INSPECTION in verdict_of(chain, artifact, data)
    assert not marker.exists()


def test_an_artifact_that_is_a_link_is_inspected_as_a_file(tmp_path: Path) -> None:
    """Under the name that it was given by, as layouts expect it."""
    (tmp_path / "store").write_bytes(CONTENT)
    (tmp_path / "app.tar").symlink_to(tmp_path / "store")

    assert inspected(tmp_path / "app.tar", "true").products == {
        "app.tar": {"sha256": DIGESTS[0].hex}
    }
