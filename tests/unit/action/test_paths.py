"""Paths of the host, and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from slsa_gen.action import paths
from slsa_gen.errors import UsageError
from slsa_gen.reasons import Reason
from tests.unit.action.steps import variables

HOST = "/home/runner/work/octo-repo/octo-repo"
OTHERS = ("/__w/octo-repo/octo-repo", "/srv/runner/_work/octo-repo/octo-repo")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Return a workspace with a file."""
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "app").touch()
    return tmp_path


def _refused(workspace: Path, command: str = "attest", **given: str) -> UsageError:
    surroundings = {"GITHUB_WORKSPACE": str(workspace), "RUNNER_WORKSPACE": str(Path(HOST).parent)}
    with pytest.raises(UsageError) as caught:
        paths.refuse_host_paths(command, {**surroundings, **variables(**given)})
    assert caught.value.reason is Reason.USAGE_HOST_PATH
    return caught.value


@pytest.mark.parametrize("host", [HOST, *OTHERS])
@pytest.mark.parametrize("tail", ["dist/app", "dist/*", "dist/none", "**/*.whl"])
def test_a_path_of_the_host_shows_the_relative_form(workspace: Path, host: str, tail: str) -> None:
    """Whatever folder a runner works in, and whether the file is there or not."""
    error = _refused(workspace, subject_path=f"dist/*\n{host}/{tail}")

    assert error.message.startswith(f"the input subject-path, line 2: '{host}/{tail}' is a path")
    assert error.hint == f"Paths start at the workspace. Write:\n\n    {tail}"


def test_an_exclude_keeps_its_mark(workspace: Path) -> None:
    """It is still an exclude."""
    error = _refused(workspace, subject_path=f"dist/*\n!{HOST}/dist/app")

    assert error.hint.endswith("    !dist/app")


def test_a_folder_of_the_machine_that_is_nobody_s_idea_is_found_by_what_lies_there(
    workspace: Path,
) -> None:
    """A runner of one's own may work anywhere."""
    error = _refused(workspace, subject_path="/data/ci/job-7/dist/app")

    assert error.hint.endswith("    dist/app")


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("attest", "subject_checksums"),
        ("attest", "subject_path_file"),
        ("attest", "base64_subjects_as_file"),
        ("attest", "predicate_path"),
        ("attest", "sbom_path"),
        ("attest", "identity_token_file"),
        ("attest", "sigstore"),
        ("attest", "output"),
        ("verify", "artifacts"),
        ("verify", "artifacts_file"),
        ("verify", "bundle"),
        ("verify", "policy"),
        ("verify", "custom_trusted_root"),
        ("verify", "sigstore"),
    ],
)
def test_every_input_that_takes_a_path_is_looked_at(
    workspace: Path, command: str, name: str
) -> None:
    """A checksum list as well as a trusted root."""
    error = _refused(workspace, command, **{name: f"{HOST}/dist/app"})

    assert f"the input {name.replace('_', '-')}, line 1" in error.message


def test_what_is_here_is_left_to_the_command(workspace: Path, tmp_path: Path) -> None:
    """The workspace itself, what the container has, and what is nowhere."""
    fine = [f"{workspace}/dist/app", f"{workspace}/none", "/etc/*", "/", f"{tmp_path}", "/opt/none"]
    given = variables(subject_path="\n".join([*fine, "dist/app", "x" * 5000, "/" + "y" * 5000]))

    paths.refuse_host_paths("attest", {"GITHUB_WORKSPACE": str(workspace), **given})


def test_a_long_or_hostile_path_is_shown_short_and_harmless(workspace: Path) -> None:
    """A name may hold what a terminal obeys."""
    error = _refused(workspace, subject_path=f"{HOST}/\x1b[31m{'x' * 500}")

    assert "\x1b" not in error.message + error.hint
    assert len(error.message) < 500
    assert len(error.hint) < 300


@pytest.mark.parametrize("text", ["../app.jsonl", "/var/app.jsonl", "link/app.jsonl", "a/../../b"])
def test_a_bundle_must_lie_where_a_later_step_finds_it(workspace: Path, text: str) -> None:
    """Outside the workspace it would be gone with the container."""
    (workspace / "link").symlink_to("/tmp")  # noqa: S108 (nothing is written there)
    given = {"GITHUB_WORKSPACE": str(workspace), **variables(output=text)}

    with pytest.raises(UsageError, match="not in the workspace") as caught:
        paths.refuse_output_outside(given)

    assert caught.value.reason is Reason.USAGE_HOST_PATH


@pytest.mark.parametrize("text", ["", "app.jsonl", "new/app.jsonl", "dist/"])
def test_a_bundle_in_the_workspace_is_fine(workspace: Path, text: str) -> None:
    """Also in a folder that is not there yet; that is the command's affair."""
    given = {"GITHUB_WORKSPACE": str(workspace), **variables(output=text)}
    paths.refuse_output_outside(given)
    paths.refuse_output_outside({**given, **variables(output=f"{workspace}/app.jsonl")})


def test_paths_of_outputs_are_relative_to_the_workspace(workspace: Path) -> None:
    """A later step knows it under another path, or under the same."""
    assert paths.relative("dist/a", workspace) == "dist/a"
    assert paths.relative(f"{workspace}/dist/a", workspace) == "dist/a"
    assert paths.relative("/elsewhere/a", workspace) == "/elsewhere/a"


def test_without_a_workspace_it_is_the_current_folder() -> None:
    """The container at a terminal."""
    assert paths.workspace({}) == Path.cwd()
    assert paths.workspace({"GITHUB_WORKSPACE": "/github/workspace"}) == Path("/github/workspace")
