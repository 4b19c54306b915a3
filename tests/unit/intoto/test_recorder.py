"""A step from its command line to its record: in which order, and what is on it."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from slsa_gen import environment
from slsa_gen.clock import SystemClock
from slsa_gen.errors import SlsaGenError
from slsa_gen.intoto import recorder
from slsa_gen.intoto.recorder import Demands, Recording, Surroundings
from slsa_gen.limits import Limits
from slsa_gen.model.step import Step
from slsa_gen.reasons import Reason
from slsa_gen.subjects.progress import SilentProgress
from tests.support.clock import FakeClock
from tests.support.git_repositories import Repository

if TYPE_CHECKING:
    from pathlib import Path

KEEP = Demands(keep_failed=True)


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    """Return a project whose build writes into ``dist``, which is ignored."""
    return Repository(tmp_path / "project", {".gitignore": "dist/\n", "src/app": "source\n"})


def _here(project: Repository) -> Surroundings:
    return Surroundings(
        project.folder, None, environment.variables(), SystemClock(), Limits(), SilentProgress()
    )


def _record(
    project: Repository, script: str, *products: str, demands: Demands | None = None
) -> Recording:
    step = Step("build", ("sh", "-c", script), products)
    return recorder.record(step, demands or Demands(), _here(project))


def _refusal(project: Repository, script: str, *products: str) -> SlsaGenError:
    with pytest.raises(SlsaGenError) as caught:
        _record(project, script, *products)
    return caught.value


def test_a_step_is_recorded_from_before_to_after(project: Repository) -> None:
    """Materials with their digests from before, products with those from after."""
    project.write({"new": "before\n"})
    script = "mkdir dist; cat src/app new > dist/app; echo after > new"

    recording = _record(project, script, "dist/*", "new")

    record = recording.record
    assert recording.succeeded
    assert record.exit_status == 0
    assert record.commit is not None
    assert record.commit.digest == project.head()
    assert [one.name for one in record.materials] == ["new"]
    assert [one.name for one in record.products] == ["dist/app", "new"]
    assert record.materials[0].digests != record.products[1].digests
    assert record.changed == ("new",)
    assert record.byproducts == {"return-value": 0, "changed-materials": ["new"]}
    assert record.started <= record.finished


def test_what_was_deleted_before_is_said(project: Repository) -> None:
    """The commit alone would say that it was there."""
    (project.folder / "src" / "app").unlink()

    record = _record(project, "mkdir dist; touch dist/app", "dist/app").record

    assert record.byproducts == {"return-value": 0, "deleted-materials": ["src/app"]}


def test_times_are_those_of_the_command(project: Repository) -> None:
    """Not of the hashing before and after it."""
    clock = FakeClock()
    here = replace(_here(project), clock=clock)
    step = Step("build", ("true",), ())
    start = clock.now()

    recording = recorder.record(
        step,
        Demands(),
        here,
        before=lambda: clock.advance(1),
        after=lambda: clock.advance(2),
    )

    assert recording.record.started == start
    assert recording.record.finished == start + timedelta(seconds=3)


def test_the_streams_are_handed_over_and_taken_back(project: Repository) -> None:
    """Around the command, and around nothing else; also when it cannot be started."""
    called: list[str] = []
    for command in ("true", "no-such-program"):
        step = Step("build", (command,), ())
        try:
            recorder.record(
                step,
                Demands(),
                _here(project),
                before=lambda: called.append("before"),
                after=lambda: called.append("after"),
            )
        except SlsaGenError:
            called.append("refused")

    assert called == ["before", "after", "before", "after", "refused"]


def test_a_command_that_fails_has_no_products(project: Repository) -> None:
    """Nothing of it is to be attested."""
    recording = _record(project, "mkdir dist; touch dist/app; exit 3", "dist/app")

    assert not recording.succeeded
    assert (recording.record.exit_status, recording.record.products) == (3, ())


def test_a_command_that_fails_is_recorded_where_that_is_wanted(project: Repository) -> None:
    """With what it made until then; what it did not make is not missed."""
    project.write({"dist/old": ""})
    script = "touch dist/half; echo changed > src/app; exit 3"

    record = _record(project, script, "dist/*", "never", demands=KEEP).record

    assert [one.name for one in record.products] == ["dist/half"]
    assert record.changed == ("src/app",)


def test_a_command_that_was_asked_to_end_did_not_succeed(project: Repository) -> None:
    """Whatever it says itself."""
    script = "trap 'exit 0' INT; mkdir dist; touch dist/app; kill -INT $PPID; sleep 60 & wait"

    recording = _record(project, script, "dist/app")

    assert recording.outcome.status == 0
    assert recording.outcome.stopped_by == signal.SIGINT
    assert not recording.succeeded
    assert (recording.record.exit_status, recording.record.products) == (130, ())


def test_a_time_limit_is_kept(project: Repository) -> None:
    """And what it ended did not succeed."""
    recording = _record(project, "sleep 60", demands=Demands(timeout=0.1))

    assert recording.outcome.timed_out
    assert recording.record.exit_status == 143


@pytest.mark.parametrize(
    ("products", "reason"),
    [(("dist/**.so",), Reason.SUBJECT_PATTERN), (("../x",), Reason.SUBJECT_NAME_CLIMBS)],
)
def test_what_would_be_refused_afterwards_is_refused_before(
    project: Repository, products: tuple[str, ...], reason: Reason
) -> None:
    """The command does not run."""
    assert _refusal(project, "touch ran", *products).reason is reason
    assert not (project.folder / "ran").exists()


def test_without_a_commit_the_command_does_not_run(tmp_path: Path) -> None:
    """Nothing could be said of what it was made from."""
    empty = Repository(tmp_path / "empty")

    assert _refusal(empty, "touch ran", "ran").reason is Reason.RUN_NO_REPOSITORY
    assert not (empty.folder / "ran").exists()


def test_a_product_that_is_not_made_is_refused(project: Repository) -> None:
    """Though the command says that all is well."""
    assert _refusal(project, "true", "dist/app").reason is Reason.SUBJECT_NO_MATCH


def test_an_old_product_is_refused_unless_that_is_allowed(project: Repository) -> None:
    """It would be said to be of this command's making."""
    project.write({"dist/app": "old"})

    assert _refusal(project, "true", "dist/app").reason is Reason.RUN_PRODUCT_UNCHANGED
    allowed = _record(project, "true", "dist/app", demands=Demands(allow_unchanged=True))
    assert [one.name for one in allowed.record.products] == ["dist/app"]


def test_the_command_is_not_handed_our_tokens(project: Repository) -> None:
    """Nor is git, which is asked first."""
    secrets = {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "secret", "SIGSTORE_ID_TOKEN": "secret"}
    here = _here(project)
    here = replace(here, environment={**here.environment, **secrets, "MINE": "kept"})
    step = Step("build", ("sh", "-c", "mkdir dist; env > dist/env"), ("dist/env",))

    recorder.record(step, Demands(), here)

    found = (project.folder / "dist" / "env").read_text()
    assert "MINE=kept" in found
    assert "secret" not in found
    assert os.sep in found


def test_more_materials_than_a_record_takes_are_refused_before_the_command_runs(
    project: Repository,
) -> None:
    """The commit is one of them."""
    project.write({"new": "x\n"})

    with pytest.raises(SlsaGenError, match="the step has 2 materials, at most 1 are") as caught:
        _record(project, "touch ran", demands=Demands(most_materials=1))
    assert caught.value.reason is Reason.SUBJECT_TOO_MANY
    assert not (project.folder / "ran").exists()
    assert _record(project, "touch ran", demands=Demands(most_materials=2)).succeeded
