"""Bundles beside an artifact: found by name or by digest, each folder read once."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from slsa_gen import strictjson
from slsa_gen.errors import MalformedEvidenceError, NoEvidenceError, SlsaGenError
from slsa_gen.evidence.prove import Prover
from slsa_gen.evidence.read import read_file
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.digest import Digest
from slsa_gen.model.subject import Subject
from slsa_gen.reasons import Reason
from slsa_gen.sources.beside import Beside
from tests.support.values import provenance
from tests.unit.evidence.forge import Forge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsa_gen.limits import Limits
    from slsa_gen.model.evidence import Evidence

ONE, TWO = Digest("sha256", "1" * 64), Digest("sha256", "2" * 64)
LONG = Digest("sha512", "3" * 128)


@dataclass(frozen=True)
class Artifact:
    """What is asked about."""

    name: str
    path: Path | None


def bundle_of(*digests: Digest) -> bytes:
    """Return a bundle that claims to speak of some digests."""
    forge = Forge()
    subjects = [Subject(f"s{number}", (digest,)) for number, digest in enumerate(digests)]
    forge.payload = provenance(subjects).payload
    return strictjson.dumps(forge.document())


BUNDLES = {ONE: bundle_of(ONE), TWO: bundle_of(TWO), LONG: bundle_of(LONG)}


def artifact(folder: Path, name: str = "app") -> Artifact:
    """Return an artifact in a folder."""
    return Artifact(name, folder / name)


def sources(found: Sequence[Evidence]) -> list[str]:
    """Return the names of the files in which evidence was found."""
    return [Path(evidence.source).name for evidence in found]


@pytest.mark.parametrize("name", ["app.intoto.jsonl", "app.sigstore.json"])
def test_a_file_of_the_artifacts_name_is_its_evidence(tmp_path: Path, name: str) -> None:
    """Whatever it speaks of: the verdict then says that it is another file."""
    (tmp_path / name).write_bytes(BUNDLES[TWO])
    found = Beside().find(artifact(tmp_path), (ONE,))
    assert sources(found) == [name]
    assert found[0].bundle == BUNDLES[TWO]


def test_any_jsonl_that_names_the_digest_is_evidence(tmp_path: Path) -> None:
    """Also one bundle of several in a file; others are left alone."""
    (tmp_path / "multiple.intoto.jsonl").write_bytes(BUNDLES[TWO] + b"\n" + BUNDLES[ONE] + b"\n")
    (tmp_path / "other.intoto.jsonl").write_bytes(BUNDLES[TWO])
    (tmp_path / "other.sigstore.json").write_bytes(BUNDLES[ONE])
    (tmp_path / "notes.jsonl").write_bytes(BUNDLES[ONE])

    found = Beside().find(artifact(tmp_path), (ONE,))

    assert sources(found) == ["multiple.intoto.jsonl:2"]


def test_each_bundle_is_returned_once(tmp_path: Path) -> None:
    """A file found by name and by digest is one file."""
    (tmp_path / "app.intoto.jsonl").write_bytes(BUNDLES[ONE])
    assert len(Beside().find(artifact(tmp_path), (ONE, LONG))) == 1


def test_a_statement_without_sha256_may_speak_of_the_artifact(tmp_path: Path) -> None:
    """It is returned, so that the artifact is hashed once more; not where others are found."""
    (tmp_path / "npm.intoto.jsonl").write_bytes(BUNDLES[LONG])
    assert sources(Beside().find(artifact(tmp_path), (ONE,))) == ["npm.intoto.jsonl"]
    (tmp_path / "app.intoto.jsonl").write_bytes(BUNDLES[ONE])
    assert sources(Beside().find(artifact(tmp_path), (ONE,))) == ["app.intoto.jsonl"]


def test_nothing_is_said_to_be_nothing(tmp_path: Path) -> None:
    """The folder was searched: that is a refusal, not an outage."""
    (tmp_path / "other.intoto.jsonl").write_bytes(BUNDLES[TWO])
    with pytest.raises(NoEvidenceError, match="no bundle beside 'app'") as caught:
        Beside().find(artifact(tmp_path), (ONE,))
    assert caught.value.reason is Reason.EVIDENCE_NONE
    assert caught.value.exit_code == 1
    assert "--bundle FILE" in caught.value.hint


def test_a_digest_alone_has_no_place_beside_it() -> None:
    """There is no folder to look into."""
    with pytest.raises(NoEvidenceError):
        Beside().find(Artifact("sha256:11", None), (ONE,))


@pytest.mark.parametrize("content", [b"", b"no bundle", b"{}", BUNDLES[ONE][:-9]])
@pytest.mark.parametrize("name", ["app.intoto.jsonl", "app.sigstore.json"])
def test_a_malformed_file_of_the_artifacts_name_is_refused(
    tmp_path: Path, name: str, content: bytes
) -> None:
    """It is not as if it were not there: proving it says what is wrong."""
    (tmp_path / name).write_bytes(content)
    (found,) = Beside().find(artifact(tmp_path), (ONE,))
    with pytest.raises(MalformedEvidenceError, match=name):
        Prover(Forge().instance()).prove(found)


def test_a_malformed_line_in_a_file_of_the_artifacts_name_is_reported(tmp_path: Path) -> None:
    """The good line counts, the other is refused beside it."""
    (tmp_path / "app.intoto.jsonl").write_bytes(BUNDLES[ONE] + b"\nnot JSON\n")
    assert sources(Beside().find(artifact(tmp_path), (ONE,))) == [
        "app.intoto.jsonl:1",
        "app.intoto.jsonl:2",
    ]


@pytest.mark.parametrize("content", [b"", b"no bundle", BUNDLES[TWO] + b"\nno JSON\n"])
def test_a_malformed_file_of_another_name_refuses_nothing(tmp_path: Path, content: bytes) -> None:
    """It may belong to anything; it is named when nothing else was found."""
    (tmp_path / "odd.intoto.jsonl").write_bytes(content)
    with pytest.raises(NoEvidenceError, match=r"1 that cannot be read: 'odd\.intoto\.jsonl'"):
        Beside().find(artifact(tmp_path), (ONE,))
    (tmp_path / "app.intoto.jsonl").write_bytes(BUNDLES[ONE])
    assert sources(Beside().find(artifact(tmp_path), (ONE,))) == ["app.intoto.jsonl"]


@pytest.mark.parametrize("name", ["app.intoto.jsonl", "app.sigstore.json", "another.intoto.jsonl"])
def test_a_file_that_cannot_be_read_leaves_it_undecided(tmp_path: Path, name: str) -> None:
    """The evidence may be in it (exit 3), unless other evidence is found."""
    os.mkfifo(tmp_path / name)
    with pytest.raises(SlsaGenError, match="cannot be read") as caught:
        Beside().find(artifact(tmp_path), (ONE,))
    assert caught.value.exit_code == 3
    assert caught.value.reason is Reason.EVIDENCE_UNREADABLE
    (tmp_path / "multiple.intoto.jsonl").write_bytes(BUNDLES[ONE])
    assert sources(Beside().find(artifact(tmp_path), (ONE,))) == ["multiple.intoto.jsonl"]


def test_what_belongs_to_another_artifact_leaves_nothing_undecided(tmp_path: Path) -> None:
    """A file of another's name that only it looks at is not this one's place."""
    os.mkfifo(tmp_path / "other.sigstore.json")
    source = Beside()
    with pytest.raises(SlsaGenError, match="cannot be read"):
        source.find(artifact(tmp_path, "other"), (TWO,))
    with pytest.raises(NoEvidenceError):
        source.find(artifact(tmp_path), (ONE,))


def test_a_folder_that_cannot_be_searched_leaves_it_undecided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the folder."""

    def refuse(path: Path) -> object:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(SlsaGenError, match="cannot be searched for bundles: Permission") as caught:
        Beside().find(artifact(tmp_path), (ONE,))
    assert caught.value.exit_code == 3
    assert str(tmp_path) in caught.value.message


def test_a_file_that_is_gone_again_is_nothing(tmp_path: Path) -> None:
    """Removed between the listing and the reading: a link that leads nowhere is the same."""
    (tmp_path / "app.intoto.jsonl").symlink_to(tmp_path / "absent")
    with pytest.raises(NoEvidenceError):
        Beside().find(artifact(tmp_path), (ONE,))


def test_files_that_are_no_bundles_count_too(tmp_path: Path) -> None:
    """Reading them takes as long; the rest is not looked at then, and nothing is decided."""
    limits = replace(DEFAULT_LIMITS, neighbour_bytes=100)
    for name in "ab":
        (tmp_path / f"{name}.intoto.jsonl").write_bytes(b"x" * 60)
    with pytest.raises(NoEvidenceError):
        Beside(limits).find(artifact(tmp_path), (ONE,))
    (tmp_path / "c.intoto.jsonl").write_bytes(b"x")
    with pytest.raises(SlsaGenError, match="more bundles than are looked through"):
        Beside(limits).find(artifact(tmp_path), (ONE,))


@pytest.mark.parametrize(
    "limits",
    [
        replace(DEFAULT_LIMITS, neighbour_files=1),
        replace(DEFAULT_LIMITS, neighbour_bytes=10),
    ],
)
def test_too_many_bundles_leave_it_undecided(tmp_path: Path, limits: Limits) -> None:
    """What was not looked at may hold the evidence."""
    for name in "ab":
        (tmp_path / f"{name}.intoto.jsonl").write_bytes(BUNDLES[TWO])
    with pytest.raises(SlsaGenError, match="more bundles than are looked through") as caught:
        Beside(limits).find(artifact(tmp_path), (ONE,))
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("shared", [True, False])
def test_a_thousand_artifacts_read_their_folder_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, shared: bool
) -> None:
    """Under one bundle or with a bundle each: every file is read one time."""
    count = 40
    digests = [Digest("sha256", f"{number:064x}") for number in range(count)]
    if shared:
        (tmp_path / "multiple.intoto.jsonl").write_bytes(bundle_of(*digests))
    else:
        for number, digest in enumerate(digests):
            (tmp_path / f"f{number}.intoto.jsonl").write_bytes(bundle_of(digest))
    reads: list[Path] = []

    def counting(path: Path, limits: Limits) -> tuple[Evidence, ...]:
        reads.append(path)
        return read_file(path, limits)

    monkeypatch.setattr("slsa_gen.sources.beside.read_file", counting)
    source = Beside()
    for number, digest in enumerate(digests):
        assert len(source.find(artifact(tmp_path, f"f{number}"), (digest,))) == 1
    assert len(reads) == (1 if shared else count)
