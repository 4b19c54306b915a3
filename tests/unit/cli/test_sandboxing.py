"""``sandbox``: commands run as in a workflow run, documents for others, status, reset."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from slsa_gen.cli.main import main
from slsa_gen.reasons import Reason
from slsa_gen.sandbox.folder import DATABASE, MATERIAL, trusted_instance
from tests.support.sandboxes import ENVIRONMENT, REPOSITORY, make_checkout

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.network


class Line:
    """Calls ``slsa-gen sandbox`` with a sandbox of its own."""

    def __init__(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.variables = {**ENVIRONMENT, "SLSA_GEN_SANDBOX": str(folder), "HOME": "/nowhere"}
        self._capfd = capfd

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """Return exit code, output and errors."""
        code = main(["sandbox", *arguments], variables=self.variables)
        return (code, *self._capfd.readouterr())


@pytest.fixture
def line(
    sandbox_folder: Path,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Line:
    """Return the command, in an empty working folder."""
    monkeypatch.chdir(tmp_path)
    return Line(sandbox_folder, capfd)


class TestEnv:
    """A command runs with the variables of a run and the services at hand."""

    def test_the_commands_code_is_passed_on(self, line: Line) -> None:
        """Whatever it is, with or without the two dashes."""
        assert line("env", "--", "true")[0] == 0
        assert line("env", "sh", "-c", "exit 7")[0] == 7
        assert line("env", "--", "sh", "-c", "kill -9 $$")[0] == 128 + 9

    def test_the_command_sees_a_run(self, line: Line, tmp_path: Path) -> None:
        """Of the checkout at hand; its own variables stay."""
        make_checkout(tmp_path)
        line.variables |= {"MINE": "kept", "SIGSTORE_ID_TOKEN": "stray"}
        script = 'printf "%s|" "$GITHUB_REPOSITORY" "$GITHUB_ACTIONS" "$MINE" "$SIGSTORE_ID_TOKEN"'
        assert line("env", "--", "sh", "-c", script)[1] == f"{REPOSITORY}|true|kept||"

    def test_the_services_answer(self, line: Line) -> None:
        """A token is there for who asks as in a run."""
        script = (
            "import json, os, urllib.request as u\n"
            "e = os.environ\n"
            "q = u.Request(e['ACTIONS_ID_TOKEN_REQUEST_URL'] + '&audience=sigstore')\n"
            "q.add_header('Authorization', 'bearer ' + e['ACTIONS_ID_TOKEN_REQUEST_TOKEN'])\n"
            "print(len(json.load(u.urlopen(q))['value'].split('.')))\n"
        )
        assert line("env", "--", sys.executable, "-c", script) == (0, "3\n", "")

    def test_loopback_goes_through_no_proxy(self, line: Line) -> None:
        """Whatever the user excluded stays excluded."""
        line.variables |= {"HTTP_PROXY": "http://proxy.invalid", "no_proxy": "internal"}
        script = 'printf "%s %s" "$NO_PROXY" "$no_proxy"'
        expected = "localhost,127.0.0.1,::1,internal"
        assert line("env", "--", "sh", "-c", script)[1] == f"{expected} {expected}"

    def test_files_name_the_running_services(self, line: Line, tmp_path: Path) -> None:
        """The configuration whole and in its parts; all are gone afterwards."""
        script = (
            'cp "$SLSA_GEN_SANDBOX_TRUST_CONFIG" whole; cp "$SLSA_GEN_SANDBOX_TRUSTED_ROOT" root; '
            'cp "$SLSA_GEN_SANDBOX_SIGNING_CONFIG" signing; echo "$SLSA_GEN_SANDBOX_TRUST_CONFIG"'
        )
        code, out, _ = line("env", "--", "sh", "-c", script)
        whole, root, signing = (
            json.loads((tmp_path / name).read_bytes()) for name in ("whole", "root", "signing")
        )
        assert code == 0
        assert (whole["trustedRoot"], whole["signingConfig"]) == (root, signing)
        assert signing["caUrls"][0]["url"].startswith("http://127.0.0.1:")
        assert not os.path.exists(out.strip())  # noqa: PTH110 (a text from outside)

    def test_a_nested_command_prints_the_running_services(self, line: Line) -> None:
        """And nothing more: the note is for outside."""
        script = (
            '"$0" -m slsa_gen sandbox trust-config > printed && '
            'diff -w printed "$SLSA_GEN_SANDBOX_TRUST_CONFIG"'
        )
        assert line("env", "--", "sh", "-c", script, sys.executable)[:2] == (0, "")

    @pytest.mark.parametrize(
        ("command", "why"),
        [
            ([], "none is given"),
            (["--"], "none is given"),
            (["--", "/nowhere/at-all"], "cannot be run: No such file"),
            (["--", "/"], "cannot be run: Permission denied"),
        ],
    )
    def test_no_command(self, line: Line, command: list[str], why: str) -> None:
        """None, or one that is no program."""
        code, _, err = line("env", *command)
        assert code == 2
        assert why in err
        assert Reason.SANDBOX_COMMAND in err

    def test_a_sandbox_that_cannot_be_served(self, line: Line) -> None:
        """The command is not run."""
        (line.folder / MATERIAL).write_text("{}")
        code, out, err = line("env", "--", "echo", "ran")
        assert (code, out) == (3, "")
        assert Reason.SANDBOX_DAMAGED in err

    def test_a_request_to_end_reaches_the_command(self, line: Line, tmp_path: Path) -> None:
        """It may clean up, and its code is passed on."""
        script = "trap 'echo cleaned; exit 9' TERM; echo ready; while :; do sleep 0.05; done"
        process = subprocess.Popen(
            [sys.executable, "-m", "slsa_gen", "sandbox", "env", "--", "sh", "-c", script],
            env=line.variables,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=20)[0] == "cleaned\n"
        assert process.returncode == 9

    def test_it_runs_beside_the_main_thread(self, line: Line) -> None:
        """Where signals are somebody else's."""
        codes: list[int] = []
        thread = threading.Thread(target=lambda: codes.append(line("env", "true")[0]))
        thread.start()
        thread.join(30)
        assert codes == [0]


class TestDocuments:
    """What others trust the sandbox by."""

    def test_the_trusted_root(self, line: Line, tmp_path: Path) -> None:
        """Printed, or written to a file."""
        root = trusted_instance(line.folder).trusted_root
        assert line("trusted-root") == (0, root.decode() + "\n", "")
        assert line("trusted-root", "--output", "root.json") == (0, "", "")
        assert (tmp_path / "root.json").read_bytes() == root + b"\n"

    def test_there_is_no_root_before_there_is_a_sandbox(self, line: Line, tmp_path: Path) -> None:
        """A root that was just made has signed nothing."""
        line.variables["SLSA_GEN_SANDBOX"] = str(tmp_path / "none")
        code, _, err = line("trusted-root")
        assert code == 3
        assert Reason.SANDBOX_ABSENT in err

    def test_the_client_configuration_outside_of_a_run(self, line: Line) -> None:
        """Its root is of use, and a note says what is not."""
        code, out, err = line("trust-config")
        assert code == 0
        assert json.loads(out)["trustedRoot"] == json.loads(
            trusted_instance(line.folder).trusted_root
        )
        assert "only there within: slsa-gen sandbox env" in err

    @pytest.mark.parametrize("content", [None, b"", b"{", b" " * 5_000_000])
    def test_a_variable_that_names_no_configuration(
        self, line: Line, tmp_path: Path, content: bytes | None
    ) -> None:
        """Missing, malformed or too large: an error that names the variable."""
        if content is not None:
            (tmp_path / "config").write_bytes(content)
        line.variables["SLSA_GEN_SANDBOX_TRUST_CONFIG"] = str(tmp_path / "config")
        code, out, err = line("trust-config")
        assert (code, out) == (2, "")
        assert "SLSA_GEN_SANDBOX_TRUST_CONFIG names" in err

    def test_a_link_is_replaced_and_not_followed(self, line: Line, tmp_path: Path) -> None:
        """What it points to is somebody's work."""
        (tmp_path / "work").write_text("work")
        (tmp_path / "link").symlink_to("work")
        assert line("trust-config", "--output", "link")[:2] == (0, "")
        assert (tmp_path / "work").read_text() == "work"
        assert "trustedRoot" in json.loads((tmp_path / "link").read_text())
        assert not (tmp_path / "link").is_symlink()

    def test_a_pipe_is_neither_written_to_nor_replaced(self, line: Line, tmp_path: Path) -> None:
        """Nor is a device: nobody wants a file called /dev/null."""
        os.mkfifo(tmp_path / "pipe")
        code, _, err = line("trusted-root", "--output", "pipe")
        assert code == 3
        assert "'pipe': something else than a file is there" in err
        assert Reason.SANDBOX_OUTPUT in err
        assert (tmp_path / "pipe").is_fifo()

    def test_a_file_that_cannot_be_written(self, line: Line) -> None:
        """The error names it."""
        code, _, err = line("trusted-root", "--output", "none/root.json")
        assert code == 3
        assert "'none/root.json': No such file" in err
        assert Reason.SANDBOX_OUTPUT in err


class TestStatusAndReset:
    """What there is, and its end."""

    def test_status(self, line: Line) -> None:
        """Folder, age, log and runs; looking changes nothing."""
        line("env", "true")
        code, out, _ = line("status")
        assert code == 0
        assert f"folder:  {line.folder}\n" in out
        assert "log:     0 entries, root e3b0c442" in out
        assert "runs:    1" in out
        assert line("status")[1] == out

    def test_status_makes_no_sandbox(self, line: Line, tmp_path: Path) -> None:
        """It says that there is none."""
        line.variables["SLSA_GEN_SANDBOX"] = str(tmp_path / "none")
        code, out, _ = line("status")
        assert code == 0
        assert "there is no sandbox yet" in out
        assert not (tmp_path / "none").exists()

    def test_status_of_a_damaged_one(self, line: Line) -> None:
        """An error, with the way out."""
        (line.folder / DATABASE).unlink()
        code, _, err = line("status")
        assert code == 3
        assert "slsa-gen sandbox reset" in err

    def test_reset(self, line: Line) -> None:
        """Says what it did, also when there was nothing to do."""
        code, _, err = line("reset")
        assert code == 0
        assert f"{line.folder}: removed" in err
        assert not line.folder.exists()
        code, _, err = line("reset")
        assert code == 0
        assert "there was no sandbox" in err

    def test_reset_within_a_run_is_refused(self, line: Line) -> None:
        """Its entries are still being made."""
        script = '"$0" -m slsa_gen sandbox reset'
        code, _, err = line("env", "--", "sh", "-c", script, sys.executable)
        assert code == 3
        assert Reason.SANDBOX_BUSY in err
        assert (line.folder / MATERIAL).exists()
