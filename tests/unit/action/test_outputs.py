"""Outputs, and files for what the runner takes no more of."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from slsa_gen.action import outputs
from slsa_gen.action.kept import FOLDER, KeptFiles
from tests.unit.report.samples import (
    FILE,
    accepted,
    attest_result,
    check,
    document,
    refused,
    undecided,
)

if TYPE_CHECKING:
    from pathlib import Path


def _keep(name: str, _text: str) -> str:
    return f"kept/{name}"


def test_attest_s_outputs(tmp_path: Path) -> None:
    """Each as action.yml describes it."""
    whole = document("attest", [attest_result("app", "lib")])

    written = outputs.written(whole, tmp_path, _keep)

    assert json.loads(written.pop("subjects")) == whole["results"][0]["subjects"]
    assert written == {
        "bundle-path": "dist/app.intoto.jsonl",
        "bundle-paths": "dist/app.intoto.jsonl",
        "subject-count": "2",
        "subjects-path": "",
        "log-index": "42",
        "log-url": "https://search.sigstore.dev/?logIndex=42",
        "release-assets": "[]",
    }


def test_a_bundle_s_path_is_relative_to_the_workspace(tmp_path: Path) -> None:
    """A later step has the workspace under another path."""
    whole = document("attest", [attest_result(bundle=f"{tmp_path}/a.jsonl", logEntries=[])])

    written = outputs.written(whole, tmp_path, _keep)

    assert written["bundle-path"] == "a.jsonl"
    assert written["log-index"] == written["log-url"] == ""


def test_what_was_put_on_a_release_is_listed(tmp_path: Path) -> None:
    """Also when it failed; the file is not among it."""
    failed = {"target": "release", "outcome": "failed", "url": "", "reason": "a.b"}
    whole = document("attest", [attest_result(publications=[FILE, failed])])

    assert json.loads(outputs.written(whole, tmp_path, _keep)["release-assets"]) == [failed]


def test_verify_s_outputs(tmp_path: Path) -> None:
    """Each artifact with why, and how many of each kind."""
    several = refused("x", check("b.c"), check("a.b"), check("b.c"))
    whole = document("verify", [accepted(), several, undecided()], exit_code=1)

    written = outputs.written(whole, tmp_path, _keep)

    verdicts = json.loads(written.pop("verdicts"))
    assert [(v["artifact"], v["verdict"], v["level"], v["reasons"]) for v in verdicts] == [
        ("dist/app", "accepted", 2, []),
        ("x", "refused", None, ["a.b", "b.c"]),
        ("dist/gone", "undecided", None, ["subject.unreadable"]),
    ]
    assert written == {
        "verdicts-path": "",
        "accepted-count": "1",
        "refused-count": "1",
        "undecided-count": "1",
    }


def test_an_accepted_artifact_s_other_bundles_are_no_reasons(tmp_path: Path) -> None:
    """One bundle is enough."""
    result = accepted()
    result["attestations"] += refused()["attestations"]

    written = outputs.written(document("verify", [result]), tmp_path, _keep)

    assert json.loads(written["verdicts"])[0]["reasons"] == []


@pytest.mark.parametrize("command", ["attest", "verify"])
def test_a_failure_has_no_outputs(tmp_path: Path, command: str) -> None:
    """A later step must not take an empty list for a result."""
    assert outputs.written(document(command), tmp_path, _keep) == {}


def test_what_is_too_large_goes_to_a_file(tmp_path: Path) -> None:
    """The output names it, relative to the workspace."""
    names = [f"{number:0100}" for number in range(3000)]
    whole = document("attest", [attest_result(*names)])

    written = outputs.written(whole, tmp_path, KeptFiles(tmp_path).keep)

    assert written["subjects"] == ""
    assert written["subject-count"] == "3000"
    kept = tmp_path / written["subjects-path"]
    assert kept.parent == tmp_path / FOLDER
    assert json.loads(kept.read_bytes()) == whole["results"][0]["subjects"]


def test_each_kept_file_has_a_name_of_its_own(tmp_path: Path) -> None:
    """Two steps of a job keep theirs side by side."""
    kept = KeptFiles(tmp_path)

    one, two = kept.keep("a.json", "1"), kept.keep("a.json", "2")

    assert (tmp_path / one).read_text() == "1"
    assert (tmp_path / two).read_text() == "2"


def test_nothing_is_kept_through_a_link(tmp_path: Path) -> None:
    """A build could have put one there, to wherever it wants something written."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace" / FOLDER).symlink_to("../outside")

    with pytest.raises(OSError, match=FOLDER):
        KeptFiles(tmp_path / "workspace").keep("a.json", "1")

    assert list((tmp_path / "outside").iterdir()) == []


def test_nothing_is_kept_in_a_file_s_place(tmp_path: Path) -> None:
    """It stays as it is."""
    (tmp_path / FOLDER).write_text("theirs")

    with pytest.raises(OSError, match=FOLDER):
        KeptFiles(tmp_path).keep("a.json", "1")

    assert (tmp_path / FOLDER).read_text() == "theirs"


def test_whoever_has_the_workspace_can_remove_what_is_kept(tmp_path: Path) -> None:
    """A container runs as root, and the next checkout empties the workspace as somebody else."""
    if os.geteuid() == 0:
        os.chown(tmp_path, 12345, 12345)

    kept = KeptFiles(tmp_path).keep("a.json", "1")

    assert (tmp_path / kept).parent.stat().st_uid == tmp_path.stat().st_uid
