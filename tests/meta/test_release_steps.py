"""The scripts of release.yml, run as the runner runs them: git is real, gh and docker answer."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

import slsa_gen
from slsa_gen import environment
from tests.meta.repository import PACKAGE, ROOT

if TYPE_CHECKING:
    from pathlib import Path

IMAGE: Final = "ghcr.io/octo-org/slsa-gen"
AMD64: Final = "sha256:" + "a" * 64
ARM64: Final = "sha256:" + "b" * 64
INDEX: Final = f'{{"manifests":[{{"digest":"{AMD64}"}},{{"digest":"{ARM64}"}}]}}'
DIGEST: Final = "sha256:" + hashlib.sha256(INDEX.encode()).hexdigest()
TAG: Final = f"v{slsa_gen.__version__}"


@dataclass
class Machine:
    """A runner's machine: a folder of programs that answer, and the files of a step."""

    folder: Path
    workspace: Path
    variables: dict[str, str] = field(default_factory=dict)

    def answers(self, program: str, script: str) -> None:
        """Put a program on PATH that notes its arguments and does what the script says."""
        path = self.folder / "bin" / program
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'#!/bin/sh\necho "$*" >>"{self.folder}/{program}.log"\n{script}\n')
        path.chmod(0o755)

    def calls(self, program: str) -> list[str]:
        """Return what a program was called with, one call an entry."""
        log = self.folder / f"{program}.log"
        return log.read_text().splitlines() if log.exists() else []

    def run(self, job: str, step: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a step's script with the shell that release.yml names."""
        surroundings = environment.variables()
        path = f"{self.folder}/bin:{surroundings['PATH']}"
        output = str(self.folder / "output")
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", _script(job, step)],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.workspace,
            env={
                "PATH": path,
                "HOME": str(self.folder),
                "RUNNER_TEMP": str(self.folder),
                "GITHUB_OUTPUT": output,
                "GITHUB_REPOSITORY": "Octo-Org/slsa-gen",
                **variables,
            },
        )

    @property
    def outputs(self) -> dict[str, str]:
        """Return the outputs of the steps that ran."""
        lines = (self.folder / "output").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)


def _script(job: str, step: str) -> str:
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    workflow: dict[str, Any] = yaml.safe_load(text)
    assert workflow["defaults"] == {"run": {"shell": "bash"}}
    (script,) = [s["run"] for s in workflow["jobs"][job]["steps"] if s.get("name") == step]
    assert isinstance(script, str)
    return script


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with what the scripts read of a checkout."""
    workspace = tmp_path / "workspace"
    for name in ("scripts", "slsa_gen", "verify"):
        (workspace / name).mkdir(parents=True)
    for name in (
        "action.yml",
        "verify/action.yml",
        "scripts/release_action.py",
        "scripts/release_notes.py",
    ):
        shutil.copy(ROOT / name, workspace / name)
    shutil.copy(PACKAGE / "__init__.py", workspace / "slsa_gen")
    (workspace / "CHANGELOG.md").write_text(f"## [{slsa_gen.__version__}] - DATE\n\n* It.\n")
    return Machine(tmp_path, workspace)


_PREPARE: Final = (
    "prepare",
    "Read the version; it must be new, and the changelog must speak of it",
)


def test_the_version_names_the_tag_and_the_image(machine: Machine) -> None:
    """A registry takes names in lower case only. A longer tag is another one."""
    machine.answers("gh", f"echo refs/tags/{TAG}rc1")

    done = machine.run(*_PREPARE, GITHUB_REF="refs/heads/main")

    assert done.returncode == 0, done.stderr
    assert machine.outputs == {"version": slsa_gen.__version__, "tag": TAG, "image": IMAGE}


@pytest.mark.parametrize(
    ("ref", "tags", "said"),
    [
        ("refs/heads/main", f"echo refs/tags/{TAG}", f"there is a tag {TAG} already"),
        ("refs/heads/other", "true", "a release is made of main, not of refs/heads/other"),
        ("refs/heads/main", "exit 1", ""),
    ],
    ids=["tag exists", "not main", "GitHub does not answer"],
)
def test_what_cannot_be_released_ends_before_anything_is_made(
    machine: Machine, ref: str, tags: str, said: str
) -> None:
    """No output, so no job after it has a tag."""
    machine.answers("gh", tags)

    done = machine.run(*_PREPARE, GITHUB_REF=ref)

    assert done.returncode == 1
    assert said in done.stdout
    assert not (machine.folder / "output").exists()


def _index(machine: Machine, manifests: str) -> subprocess.CompletedProcess[str]:
    machine.answers("docker", f"case $* in *--raw*) printf %s '{manifests}' ;; esac")
    return machine.run(
        "index",
        "Push the index, and take the digest of its very bytes",
        ACTOR="octocat",
        TOKEN="not-a-token",
        IMAGE=IMAGE,
        VERSION="1.2.3",
        AMD64=AMD64,
        ARM64=ARM64,
    )


def test_the_image_s_digest_is_that_of_the_index_s_bytes(machine: Machine) -> None:
    """It is computed, not believed, and asked for once more by itself."""
    done = _index(machine, INDEX)

    assert done.returncode == 0, done.stderr
    assert machine.outputs == {"digest": DIGEST}
    assert machine.calls("docker")[-1] == f"buildx imagetools inspect --raw {IMAGE}@{DIGEST}"


def test_an_index_of_other_images_is_not_released(machine: Machine) -> None:
    """The tag could have been pushed to by somebody else meanwhile."""
    done = _index(machine, INDEX.replace("b" * 64, "c" * 64))

    assert done.returncode != 0
    assert not (machine.folder / "output").exists()


def test_no_token_is_an_argument(machine: Machine) -> None:
    """Other processes of the machine can read arguments."""
    _index(machine, INDEX)

    assert machine.calls("docker")[0] == "login ghcr.io --username octocat --password-stdin"
    assert not [call for call in machine.calls("docker") if "not-a-token" in call]


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_the_tag_is_on_a_commit_that_names_the_image_and_main_stays(machine: Machine) -> None:
    """The commit changes the two lines and nothing else, and only the tag leads to it."""
    origin = machine.folder / "origin.git"
    _git(machine.folder, "init", "--quiet", "--bare", "--initial-branch=main", str(origin))
    _git(machine.workspace, "init", "--quiet", "--initial-branch=main")
    _git(machine.workspace, "add", ".")
    _git(machine.workspace, "commit", "--quiet", "--message=x")
    _git(machine.workspace, "remote", "add", "origin", str(origin))
    _git(machine.workspace, "push", "--quiet", "origin", "main")
    main = _git(origin, "rev-parse", "main")

    done = machine.run(
        "tag", "Pin the image, commit, tag, push", IMAGE=IMAGE, DIGEST=DIGEST, TAG=TAG
    )

    assert done.returncode == 0, done.stderr
    commit = _git(origin, "rev-parse", f"{TAG}^{{commit}}")
    assert machine.outputs == {"commit": commit}
    assert _git(origin, "rev-parse", f"{commit}^") == main == _git(origin, "rev-parse", "main")
    assert _git(origin, "diff", "--name-only", main, commit).splitlines() == [
        "action.yml",
        "verify/action.yml",
    ]
    for name in ("action.yml", "verify/action.yml"):
        assert f"  image: docker://{IMAGE}@{DIGEST}\n" in _git(origin, "show", f"{TAG}:{name}")


def _draft(machine: Machine, *, exists: bool, version: str = "1.2.3") -> list[str]:
    (machine.workspace / "dist").mkdir()
    (machine.workspace / "dist" / "a.whl").write_text("x")
    machine.answers("gh", f"case $* in *view*) exit {int(not exists)} ;; esac")
    step = "Create it unless it is there, and put the wheel on it"
    done = machine.run("draft", step, TAG=f"v{version}", VERSION=version, GH_TOKEN="x")
    assert done.returncode == 0, done.stderr
    return machine.calls("gh")


def test_the_release_is_made_as_a_draft(machine: Machine) -> None:
    """Nobody sees it before everything is on it."""
    view, create, upload = _draft(machine, exists=False)

    assert view == "release view v1.2.3"
    assert create.startswith("release create v1.2.3 --draft --verify-tag --title slsa-gen 1.2.3 ")
    assert "--prerelease" not in create
    assert upload == "release upload v1.2.3 dist/a.whl --clobber"
    assert (machine.folder / "notes.md").read_text() == "* It.\n"


def test_a_job_that_is_run_again_makes_no_second_draft(machine: Machine) -> None:
    """Two drafts of one tag would stop the upload of the attestations."""
    assert [call.split()[1] for call in _draft(machine, exists=True)] == ["view", "upload"]


def test_a_release_candidate_is_marked_as_one(machine: Machine) -> None:
    """It does not become the latest release."""
    assert _draft(machine, exists=False, version="1.2.3rc1")[1].endswith(" --prerelease")


#: What lies where the wheel is expected, and whether that is taken.
_WHEELS: Final = pytest.mark.parametrize(
    ("wheels", "taken"),
    [
        ({"1.whl": "x"}, True),
        ({}, False),
        ({"1.whl": "y"}, False),
        ({"1.whl": "x", "2.whl": "x"}, False),
    ],
    ids=["as built", "none", "changed", "two"],
)


def _lay(folder: Path, wheels: dict[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    for name, content in wheels.items():
        (folder / name).write_text(content)


@_WHEELS
def test_what_is_published_is_the_wheel_as_it_was_built(
    machine: Machine, wheels: dict[str, str], *, taken: bool
) -> None:
    """A folder without a wheel would leave nothing to verify."""
    _lay(machine.workspace / "release", wheels)
    machine.answers("gh", "true")
    machine.answers("docker", "true")
    step = "Download everything that users will get"

    done = machine.run("publish", step, TAG=TAG, GH_TOKEN="x", ACTOR="a", SHA256=_sha256("x"))

    assert (done.returncode == 0) is taken


@pytest.mark.parametrize("job", ["draft", "attest"])
@_WHEELS
def test_what_another_job_put_in_the_wheel_s_place_is_not_taken(
    machine: Machine, job: str, wheels: dict[str, str], *, taken: bool
) -> None:
    """Every job of a run may replace the files that pass between jobs."""
    _lay(machine.workspace / "dist", {"1.whl": "x"})
    assert machine.run("wheel", "Say its digest").returncode == 0
    shutil.rmtree(machine.workspace / "dist")
    _lay(machine.workspace / "dist", wheels)

    done = machine.run(job, "Take the wheel only as it was built", **_upper(machine.outputs))

    assert (done.returncode == 0) is taken


@pytest.mark.parametrize("tagged", ["b" * 40, ""])
def test_a_tag_that_was_moved_is_not_published(machine: Machine, tagged: str) -> None:
    """What users get under it would not be what was verified."""
    machine.answers("gh", f"echo {tagged}")

    done = machine.run("publish", "Publish", TAG=TAG, COMMIT="a" * 40, GH_TOKEN="x")

    assert done.returncode == 1
    assert [call for call in machine.calls("gh") if "edit" in call] == []


def test_the_draft_is_published_when_its_tag_is_where_it_was_set(machine: Machine) -> None:
    """As the last thing of all."""
    machine.answers("gh", f"echo {'a' * 40}")

    done = machine.run("publish", "Publish", TAG=TAG, COMMIT="a" * 40, GH_TOKEN="x")

    assert done.returncode == 0, done.stderr
    assert machine.calls("gh")[-1] == f"release edit {TAG} --draft=false"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _upper(outputs: dict[str, str]) -> dict[str, str]:
    return {name.upper(): value for name, value in outputs.items()}


def test_the_digest_comes_from_the_job_that_built_the_wheel() -> None:
    """And is checked before anything is done with the wheel."""
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    jobs: dict[str, Any] = yaml.safe_load(text)["jobs"]

    assert jobs["wheel"]["outputs"] == {"sha256": "${{ steps.digest.outputs.sha256 }}"}
    for name in ("draft", "attest"):
        steps = jobs[name]["steps"]
        fetched = [n for n, s in enumerate(steps) if "download-artifact" in s.get("uses", "")]
        checked = [n for n, s in enumerate(steps) if "sha256sum --check" in s.get("run", "")]
        assert checked == [n + 1 for n in fetched], name
        assert steps[checked[0]]["env"] == {"SHA256": "${{ needs.wheel.outputs.sha256 }}"}
        assert "wheel" in jobs[name]["needs"]
