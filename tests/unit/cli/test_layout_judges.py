"""Who judges by a keyless layout: where its bundle and its links are looked for, and how often."""

from __future__ import annotations

import argparse
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from slsa_gen.cli.by_layout import Layout, links_folder
from slsa_gen.cli.console import Console
from slsa_gen.cli.layout_judges import ClassicJudge, KeylessJudge
from slsa_gen.errors import NoEvidenceError, SlsaGenError, UsageError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.digest import Digest
from slsa_gen.model.evidence import Evidence
from slsa_gen.reasons import Reason
from slsa_gen.report.style import Style
from slsa_gen.verify import Artifact
from tests.support.clock import FakeClock
from tests.support.supply_chains import Chain
from tests.unit.intoto.claims import (
    LAYOUT,
    POLICY,
    WORKER,
    Believing,
    build_said,
    claimed,
    layout,
    layout_said,
    link_said,
    pack_said,
)

if TYPE_CHECKING:
    from slsa_gen.model.statement import Statement
    from slsa_gen.model.verdict import AttestationVerdict

ARTIFACT: Final = (Digest("sha256", "2" * 64),)
LAYOUTS_BUNDLE: Final = "root.yaml.intoto.jsonl"


def console() -> Console:
    """Return the surroundings: a clock, and nothing that is read."""
    return Console(io.StringIO(), io.StringIO(), {}, FakeClock(), Style())


@dataclass
class Place:
    """A folder with a layout, its bundle, and the links of its steps."""

    folder: Path
    prover: Believing = field(default_factory=Believing)

    def __post_init__(self) -> None:
        (self.folder / "root.yaml").write_text(LAYOUT)
        self.put(LAYOUTS_BUNDLE, layout_said())
        self.put("build.intoto.jsonl", build_said())
        self.put("pack.intoto.jsonl", pack_said())

    def put(self, name: str, said: Statement) -> None:
        """Write a bundle."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(claimed(said) + b"\n")

    def judge(self, *given: Evidence, links: str | None = None) -> KeylessJudge:
        """Return the judge of one call, with the bundles that it was given."""
        path = self.folder / "root.yaml"
        return KeylessJudge(
            layout=Layout(path, path.read_bytes(), layout()),
            document=layout(),
            args=argparse.Namespace(links=links),
            given=given,
            prover=self.prover,
            policy=POLICY,
            console=console(),
            limits=DEFAULT_LIMITS,
        )

    def file(self, name: str = "app.tar") -> Artifact:
        """Return an artifact in the folder."""
        return Artifact(name, self.folder / name)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return a folder in which everything is as it should be."""
    return Place(tmp_path)


def reasons(verdicts: tuple[AttestationVerdict, ...]) -> set[Reason | None]:
    """Return the reasons of every failed check."""
    return {check.reason for one in verdicts for check in one.checks if not check.passed}


def test_bundle_and_links_are_found_beside_layout_and_artifact(place: Place) -> None:
    """Each bundle is proved once, however many artifacts are judged."""
    judge = place.judge()

    accepted = [judge(place.file(), ARTIFACT) for _ in range(3)]
    (refused,) = judge(place.file("other"), (Digest("sha256", "9" * 64),))

    assert [(len(one), one[0].accepted) for one in accepted] == [(1, True)] * 3
    assert reasons((refused,)) == {Reason.LAYOUT_ARTIFACT}
    assert sorted(place.prover.proved) == [
        "build.intoto.jsonl",
        "pack.intoto.jsonl",
        LAYOUTS_BUNDLE,
    ]


def test_links_of_two_folders_are_two_builds(place: Place) -> None:
    """What lies beside one artifact says nothing of another; the layout's bundle is one."""
    place.put("other/build.intoto.jsonl", build_said())
    place.put("other/pack.intoto.jsonl", pack_said("3"))
    judge = place.judge()

    first, second, third = (
        judge(Artifact("x", place.folder / path), ARTIFACT)
        for path in ("app.tar", "other/app.tar", "again.tar")
    )

    assert [reasons(found) for found in (first, second, third)] == [
        set(),
        {Reason.LAYOUT_ARTIFACT},
        set(),
    ]
    assert len(place.prover.proved) == 5


def test_nothing_of_a_layout_that_somebody_else_signed_is_looked_at(place: Place) -> None:
    """Not one link is proved: what it demands may be anything."""
    place.prover.others = {LAYOUTS_BUNDLE: WORKER}

    found = place.judge()(place.file(), ARTIFACT)

    assert reasons(found) == {Reason.SIGNER_IDENTITY}
    assert place.prover.proved == [LAYOUTS_BUNDLE]


def test_a_layout_without_a_bundle_is_signed_by_nobody(place: Place) -> None:
    """A refusal, with the command that signs it: links do not make up for it."""
    (place.folder / LAYOUTS_BUNDLE).unlink()

    with pytest.raises(NoEvidenceError) as refused:
        place.judge()(place.file(), ARTIFACT)

    assert refused.value.reason is Reason.LAYOUT_SIGNATURE
    assert "nothing says who signed the layout" in refused.value.message
    assert "slsa-gen layout sign" in refused.value.hint
    assert place.prover.proved == []


def test_what_is_given_is_all_that_counts(place: Place) -> None:
    """With bundles given, none is looked for beside the artifact, unless a folder is given."""
    build = Evidence("given-build", claimed(build_said()))
    pack = Evidence("given-pack", claimed(pack_said()))

    whole = place.judge(build, pack)(Artifact("sha256:2", None), ARTIFACT)
    half = place.judge(build)(place.file(), ARTIFACT)
    both = place.judge(build, links=str(place.folder))(place.file(), ARTIFACT)

    assert (reasons(whole), reasons(both)) == (set(), set())
    assert reasons(half) == {Reason.LAYOUT_FUNCTIONARIES, Reason.LAYOUT_ARTIFACT}


def test_the_layouts_bundle_may_be_given_too(place: Place) -> None:
    """Then none is looked for beside the layout: the one that is given is judged."""
    eve = Evidence("eve", claimed(layout_said()))
    own = Evidence("own", claimed(layout_said()))
    place.prover.others = {"eve": WORKER}

    refused = place.judge(eve, links=str(place.folder))(place.file(), ARTIFACT)
    (place.folder / LAYOUTS_BUNDLE).unlink()
    accepted = place.judge(eve, own, links=str(place.folder))(place.file(), ARTIFACT)

    assert (reasons(refused), reasons(accepted)) == ({Reason.SIGNER_IDENTITY}, set())


def test_a_bundle_that_is_given_and_lies_there_is_one(place: Place) -> None:
    """Found twice, it is neither another link nor proved twice."""
    path = place.folder / "pack.intoto.jsonl"
    given = Evidence(f"{path}", path.read_bytes().rstrip())

    (found,) = place.judge(given, links=str(place.folder))(place.file(), ARTIFACT)

    assert found.accepted
    assert place.prover.proved.count("pack.intoto.jsonl") == 1


def test_links_of_the_other_kind_are_named_only_where_links_are_missing(place: Place) -> None:
    """And only those of the layout's steps; what is called a bundle and is none, too."""
    for name in ("pack.0a1b2c3d.link", "test.0a1b2c3d.link"):
        (place.folder / name).write_text("{}")
    (place.folder / "odd.intoto.jsonl").write_text("no bundle")
    whole = place.judge()(place.file(), ARTIFACT)
    (place.folder / "pack.intoto.jsonl").unlink()

    lacking = place.judge()(place.file(), ARTIFACT)

    assert reasons(whole) == set()
    assert reasons(lacking) == {
        Reason.LAYOUT_FUNCTIONARIES,
        Reason.LAYOUT_ARTIFACT,
        Reason.LAYOUT_KIND,
        Reason.EVIDENCE_NOT_A_BUNDLE,
    }
    said = {check.rule: check.found for one in lacking for check in one.checks}
    assert said["layout.kind"] == "'pack.0a1b2c3d.link': classic link"
    assert said["layout.links"] == "'odd.intoto.jsonl': no bundle"


def test_a_digest_alone_needs_a_folder_or_bundles(place: Place) -> None:
    """There is nothing beside it."""
    digest = Artifact("sha256:2", None)
    judge = place.judge()

    with pytest.raises(UsageError, match="is a digest: there is nothing beside it"):
        judge(digest, ARTIFACT)
    assert place.judge(links=str(place.folder))(digest, ARTIFACT)[0].accepted
    assert links_folder(argparse.Namespace(links="x"), place.file()) == Path("x")
    assert links_folder(argparse.Namespace(links=None), place.file()) == place.folder


def test_a_folder_of_links_that_is_not_there_decides_nothing(place: Place) -> None:
    """It is no folder without links."""
    with pytest.raises(SlsaGenError, match="there is no folder"):
        place.judge(links=str(place.folder / "none"))(place.file(), ARTIFACT)


def test_a_keyless_link_does_not_count_for_a_classic_layout(place: Place) -> None:
    """It is named where a classic link is missing, and not mentioned where none is."""
    chain = Chain(place.folder)
    path = place.folder / "root.layout"
    path.write_bytes(chain.laid())
    judge = ClassicJudge(
        Layout(path, path.read_bytes(), None),
        [chain.owner.public],
        argparse.Namespace(links=None, run_inspections=False),
        console(),
        DEFAULT_LIMITS,
    )
    place.put("again.intoto.jsonl", link_said("pack"))

    whole = judge(place.file(), ARTIFACT)
    for link in place.folder.glob("pack.*.link"):
        link.unlink()
    lacking = judge(place.file(), ARTIFACT)

    assert (reasons(whole), whole[0].source) == (set(), str(path))
    assert {Reason.LAYOUT_KIND, Reason.LAYOUT_FUNCTIONARIES} <= reasons(lacking)
    assert place.prover.proved == []
