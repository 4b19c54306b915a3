"""A pipe, a device without end, a folder or a socket where a file is expected.

Each is an error at once: whoever plants one, or names one by mistake, must not make the
program wait for ever or read for ever.
"""

from __future__ import annotations

import os
import signal
import stat
from typing import TYPE_CHECKING, Final

import pytest

from slsa_gen.clock import SystemClock
from tests.support.sandboxes import make_checkout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.conftest import CommandLine

KINDS: Final = {
    "pipe": stat.S_IFIFO,
    "endless": stat.S_IFCHR,
    "folder": stat.S_IFDIR,
    "socket": stat.S_IFSOCK,
}
VERIFY: Final = ("verify", "app", "--repo", "octo-org/octo-repo")
ATTEST: Final = ("attest", "--sigstore", "sandbox", "app")
TOKEN: Final = ("--identity-token-file", "app")
PREDICATE: Final = ("--predicate-type", "https://example.com/p")
#: Each way in which a command is told of a file that it reads.
COMMANDS: Final = {
    "verify artifact": ("verify", "special", "--repo", "octo-org/octo-repo", "--offline"),
    "verify --bundle": (*VERIFY, "--bundle", "special", "--sigstore", "sandbox"),
    "verify --policy": ("verify", "app", "--policy", "special", "--sigstore", "sandbox"),
    "verify --sigstore": (*VERIFY, "--sigstore", "./special"),
    "verify --custom-trusted-root": (*VERIFY, "--custom-trusted-root", "special"),
    "inspect": ("inspect", "special"),
    "attest subject": ("attest", "--sigstore", "sandbox", "special"),
    "attest --subject-checksums": (*ATTEST, "--subject-checksums", "special"),
    "attest --base64-subjects-as-file": (*ATTEST, "--base64-subjects-as-file", "special"),
    "attest --predicate-path": (*ATTEST, *PREDICATE, "--predicate-path", "special"),
    "attest --sbom-path": (*ATTEST, "--sbom-path", "special"),
    "attest --sigstore": ("attest", "app", "--sigstore", "./special", *TOKEN),
    "attest --identity-token-file": (*ATTEST, "--identity-token-file", "special"),
    "attest --output": (*ATTEST, "--output", "special"),
}


@pytest.fixture(autouse=True)
def _alarm() -> Iterator[None]:
    """Fail a test that waits."""

    def ring(*_arguments: object) -> None:
        pytest.fail("it waited for 20 s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(20)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Return what stands where a file is expected."""
    return str(request.param)


def _make(path: Path, kind: str) -> None:
    path.unlink(missing_ok=True)
    if kind == "folder":
        path.mkdir(parents=True)
    elif kind == "endless":
        path.symlink_to("/dev/zero")
    else:
        os.mknod(path, KINDS[kind] | 0o600)


class _Hurried(SystemClock):
    """Passes a minute each time that it is asked, so that nothing is waited for in earnest."""

    def __init__(self) -> None:
        self._passed = 0.0

    def monotonic(self) -> float:
        self._passed += 60
        return super().monotonic() + self._passed


@pytest.mark.network
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_where_an_option_names_it(cli: CommandLine, kind: str, command: tuple[str, ...]) -> None:
    """Every option that names a file says so, with an exit code of ours."""
    make_checkout(cli.folder)
    cli.write("app")
    _make(cli.folder / "special", kind)
    if command[-2:] == ("--identity-token-file", "special") and kind == "pipe":
        cli.clock = _Hurried()  # a pipe is waited for there, and not for ever

    outcome = cli(*command)

    if "--output" in command and kind == "folder":
        assert outcome.code == 0, "a folder is where the bundle goes"
        return
    assert outcome.code in {1, 2, 3}, outcome.err
    assert "internal.error" not in outcome.err
    assert "special" in outcome.err + outcome.out


@pytest.mark.network
def test_where_a_variable_names_it(cli: CommandLine, kind: str) -> None:
    """The configuration of running services is a file too."""
    _make(cli.folder / "special", kind)
    cli.variables["SLSA_GEN_SANDBOX_TRUST_CONFIG"] = "special"

    assert cli("sandbox", "trust-config").reason == "sandbox.command"


@pytest.mark.network
def test_where_a_bundle_is_planted(cli: CommandLine, kind: str) -> None:
    """What stands beside the artifact was put there by whoever made it."""
    make_checkout(cli.folder)
    cli.write("app")
    _make(cli.folder / "app.intoto.jsonl", kind)

    assert cli(*ATTEST).reason == "publish.file"
    outcome = cli(*VERIFY, "--sigstore", "sandbox")
    assert outcome.code == 3
    assert "app.intoto.jsonl" in outcome.err + outcome.out


@pytest.mark.network
def test_where_a_sandbox_keeps_its_keys(cli: CommandLine, sandbox_folder: Path, kind: str) -> None:
    """A sandbox's folder may have been damaged by anybody."""
    (sandbox_folder / "sandbox.json").unlink()
    _make(sandbox_folder / "sandbox.json", kind)

    outcome = cli("sandbox", "trusted-root")
    assert outcome.code == 3
    assert outcome.reason.startswith("sandbox.")
