"""``docker run``, and the same under containerd: attest here, verify there without a network."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from tests.stack.container import engine
from tests.stack.container.engine import STRANGER, Mount, Way, run_docker

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stack.container.conftest import Project
    from tests.stack.container.engine import Containerd, Engine

WAYS: Final = {
    "as root": Way(user=0),
    "as a user that the image does not know": Way(user=STRANGER),
    "with a read-only root": Way(read_only=True),
    "without capabilities": Way(no_capabilities=True),
    "with all of that": Way(user=STRANGER, read_only=True, no_capabilities=True),
}
#: What containerd's own client has options for.
CONTAINERD_WAYS: Final = {
    "as root": Way(),
    "as a user that the image does not know": Way(user=STRANGER),
    "with a read-only root": Way(read_only=True),
}
VERIFY: Final = ("verify", "--repo", "sandbox/sandbox", "--custom-trusted-root", "root.json")


def _attest_and_verify(project: Project, run: Engine, way: Way) -> None:
    attested = project.run(run, "attest", "--sigstore", "sandbox", "app.bin", way=way)
    assert attested.code == 0, attested.err
    assert (project.folder / "app.bin.intoto.jsonl").stat().st_uid == way.uid
    root = project.run(run, "sandbox", "trusted-root", "--output", "root.json", way=way)
    assert root.code == 0, root.err

    alone = replace(way, network=False)
    accepted = project.look(run, *VERIFY, "app.bin", way=alone)
    assert (accepted.code, accepted.out.split()[:2]) == (0, ["accepted", "app.bin"])

    (project.folder / "app.bin").write_bytes(b"changed\n")
    refused = project.look(run, *VERIFY, "app.bin", way=alone)
    assert refused.code == 1
    assert "subject.digest-not-in-statement" in refused.out


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_docker_attests_and_verifies_without_a_network(project: Project, way: Way) -> None:
    """Nothing but the mounted folders is written to, and no folder in memory is needed."""
    _attest_and_verify(project, run_docker, way)


@pytest.mark.parametrize("way", CONTAINERD_WAYS.values(), ids=CONTAINERD_WAYS)
def test_containerd_attests_and_verifies_without_docker(
    project: Project, containerd: Containerd, way: Way
) -> None:
    """As a cluster runs it."""
    _attest_and_verify(project, containerd, way)


@pytest.mark.parametrize("home", ["", "/nowhere", "/etc"])
def test_no_home_is_needed_where_the_sandbox_is_named(project: Project, home: str) -> None:
    """A user without an entry in the password file has none."""
    outcome = run_docker(
        "attest",
        "--sigstore",
        "sandbox",
        "app.bin",
        way=Way(user=STRANGER),
        mounts=(Mount(project.folder, "/project"),),
        variables={"HOME": home, "SLSA_GEN_SANDBOX": "/project/.sandbox"},
        folder="/project",
    )

    assert outcome.code == 0, outcome.err


def test_a_sandbox_without_a_place_says_what_to_name(project: Project) -> None:
    """The image's own folders are nobody's home."""
    way = Way(user=STRANGER, read_only=True)

    outcome = project.look(run_docker, "attest", "--sigstore", "sandbox", "app.bin", way=way)

    assert outcome.code == 3
    assert "Name another folder: SLSA_GEN_SANDBOX=FOLDER" in outcome.err
    assert "reason: sandbox.folder" in outcome.err


def test_the_public_root_is_asked_for_where_nothing_can_be_written_to(project: Project) -> None:
    """With the network taken away, the copy that ships is used, and its age said."""
    project.run(run_docker, "attest", "--sigstore", "sandbox", "app.bin", way=Way(user=STRANGER))
    way = Way(user=STRANGER, read_only=True, no_capabilities=True, network=False)

    outcome = project.look(run_docker, "verify", "--repo", "octo-org/app", "app.bin", way=way)

    assert outcome.code == 1
    assert "reason:   log.unknown" in outcome.out
    assert "could not be refreshed: the TUF repository" in outcome.err


def test_a_command_within_the_sandbox_needs_no_folder_for_temporary_files(
    project: Project,
) -> None:
    """The running services are described in memory."""
    way = Way(user=STRANGER, read_only=True)
    inside = ("/bin/sh", "-c", 'test -s "$SLSA_GEN_SANDBOX_TRUSTED_ROOT" && exit 7')

    outcome = project.run(run_docker, "sandbox", "env", "--", *inside, way=way)

    assert outcome.code == 7, outcome.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--help",), 0, "usage: slsa-gen"),
        (("attest", "--help"), 0, "usage: slsa-gen attest"),
        (("--version",), 0, "slsa-gen "),
        ((), 2, "usage"),
        (("verify", "absent"), 2, "usage"),
    ],
)
def test_the_image_is_the_command_line(
    image: str, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """Arguments, output and exit code are its own."""
    assert image
    outcome = run_docker(*arguments)

    assert outcome.code == code
    assert said in outcome.out + outcome.err


def test_what_stops_a_container_ends_it_at_once(project: Project) -> None:
    """A first process that ignored SIGTERM would be killed ten seconds later, half-done."""
    with (project.folder / "large").open("wb") as file:
        file.truncate(1 << 40)  # takes no room, and hours to hash
    name = f"slsa-gen-test-{project.folder.parent.name}"
    mount = f"type=bind,src={project.folder},dst=/project"
    engine.docker(
        *("run", "--detach", "--name", name, "--mount", mount, "--workdir", "/project"),
        *("--env", "SLSA_GEN_SANDBOX=/project/.sandbox"),
        *(engine.IMAGE, "attest", "--sigstore", "sandbox", "large"),
    )
    try:
        _wait_for(project.folder / ".sandbox" / "sandbox.json")
        began = time.monotonic()
        engine.docker("stop", "--time", "30", name)
        took = time.monotonic() - began
        code = engine.docker("inspect", "--format", "{{.State.ExitCode}}", name)
    finally:
        engine.docker("rm", "--force", name)

    assert (code, took < 20) == ("130", True)


def _wait_for(path: Path) -> None:
    end = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < end, f"{path} did not appear"
        time.sleep(0.05)
