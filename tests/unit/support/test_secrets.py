"""A planted leak is found wherever it is, and what is no leak is left alone."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import jwt
import pytest

from tests.meta.repository import ROOT
from tests.support.secrets import FILE_BYTES, LEDGER, Ledger, register
from tests.support.secrets_plugin import FOLDERS

if TYPE_CHECKING:
    from collections.abc import Callable

#: Put together, so that no file of the repository holds one.
HEAD = "eyJhbGciOiJSUzI1NiJ9" + "." + "eyJpc3MiOiJodHRwczovL2EifQ"
SIGNATURE = "c2lnbmF0dXJlLW9mLWEtdGVzdC0x"
TOKEN = f"{HEAD}.{SIGNATURE}"
PLAIN = "ghs_" + "0123456789abcdef" * 2


@pytest.fixture
def ledger() -> Ledger:
    """Return a ledger of the test's own, with two tokens of this test."""
    ledger = Ledger()
    ledger.register(TOKEN, "identity tokens")
    ledger.register(PLAIN, "tokens of GitHub")
    return ledger


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        f"Authorization: Bearer {TOKEN}\r\n",
        f"https://h/?token={TOKEN}&x=1",
        f'{{"value":"{TOKEN}"}}',
        f"the signature alone: {SIGNATURE}",
        f"within_a_word_{PLAIN}_of_other_letters",
        base64.b64encode(f"x {PLAIN} y".encode()).decode(),
        base64.urlsafe_b64encode(f"{{'t': '{TOKEN}'}}".encode()).decode().rstrip("="),
        f"::notice::{PLAIN}",
        f"::add-mask::{PLAIN}\n{PLAIN}",
    ],
)
def test_a_token_is_found_in_a_text(ledger: Ledger, text: str) -> None:
    """Whole, in part, and in base64."""
    found = ledger.text(text, "here")

    assert found
    assert all(line.startswith("here") for line in found)
    assert not any(PLAIN in line or SIGNATURE in line for line in found)


@pytest.mark.parametrize(
    "text",
    ["", "nothing", HEAD, TOKEN[:-9], PLAIN[:-4], f"::add-mask::{TOKEN}\nall is well", "A" * 400],
)
def test_what_is_no_token_is_left_alone(ledger: Ledger, text: str) -> None:
    """Parts of one, and the line that tells a runner what to hide."""
    assert ledger.text(text, "here") == []


def test_a_token_of_an_earlier_test_is_found_as_a_word(ledger: Ledger) -> None:
    """The whole run's tokens are looked for in each test."""
    ledger.begin()

    assert ledger.text(f"token={PLAIN}", "here")
    assert ledger.text(f"({SIGNATURE})", "here")


def test_a_web_token_is_found_whoever_made_it() -> None:
    """Also one that another process made, of which nothing is known here."""
    assert Ledger().text(f"x{TOKEN}", "here") == ["here: a JSON Web Token"]


def test_short_values_are_no_secrets() -> None:
    """They are words of a test, and could stand anywhere."""
    ledger = Ledger()

    ledger.register_variables(
        {"GITHUB_TOKEN": "s3cret", "SIGSTORE_ID_TOKEN": PLAIN, "HOME": "/" * 20}
    )

    assert ledger.kinds == {"values of SIGSTORE_ID_TOKEN": 1}


def test_a_token_in_a_file_is_found(ledger: Ledger, tmp_path: Path) -> None:
    """At any depth, and in binary files too; the name is said."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "bundle.json").write_bytes(b"\0\xff" + PLAIN.encode())
    (tmp_path / "a" / "link").symlink_to("b/bundle.json")

    assert ledger.folder(tmp_path) == ["file a/b/bundle.json: tokens of GitHub"]
    assert ledger.files == 1
    (tmp_path / "a" / "b" / "bundle.json").unlink()


def test_a_file_that_is_there_to_hold_a_token_is_allowed(ledger: Ledger, tmp_path: Path) -> None:
    """By its name, for a reason; a large file is counted as searched in part."""
    (tmp_path / "token").write_text(PLAIN)
    (tmp_path / "large").write_bytes(b" " * (FILE_BYTES + 1))

    assert ledger.folder(tmp_path) == []
    assert (ledger.files, ledger.too_large) == (1, 1)


def test_a_token_among_the_arguments_of_a_command_is_found(ledger: Ledger) -> None:
    """Everyone on the machine can list them."""
    assert ledger.command(["slsa-gen", "attest", "--token", PLAIN], "argv")
    assert ledger.command(["slsa-gen", "attest"], "argv") == []


def test_what_other_processes_counted_is_added(ledger: Ledger) -> None:
    """The summary speaks for the whole run."""
    ledger.text(PLAIN, "there")
    total = Ledger()
    total.add(ledger.numbers())
    total.add(ledger.numbers())

    first, second, *more = total.summary()
    assert first.startswith(
        "4 tokens (2 identity tokens, 2 tokens of GitHub) looked for in 2 texts"
    )
    assert second == "2 found"
    assert more == ["  there: tokens of GitHub"] * 2


def test_what_jwt_signs_is_registered_at_its_source() -> None:
    """No test has to think of it."""
    before = dict(LEDGER.kinds)

    jwt.encode({"sub": "x"}, "k" * 32, algorithm="HS256")

    assert LEDGER.kinds["identity tokens"] == before.get("identity tokens", 0) + 1


PLANTED = """
import logging, os, subprocess, sys
import pytest
from tests.support.secrets import register
TOKEN = register("planted-" + os.urandom(12).hex())
def test_printed(): print(TOKEN)
def test_logged(): logging.getLogger("x").debug("got %s", TOKEN)
def test_written(tmp_path): (tmp_path / "report.md").write_text(TOKEN)
def test_read_back(capsys): print(TOKEN); capsys.readouterr()
def test_argument(): subprocess.run([sys.executable, "-c", "", TOKEN], check=True)
def test_output():
    code = "import os; print(os.environ['T'])"
    subprocess.run([sys.executable, "-c", code], env={"T": TOKEN}, check=True, capture_output=True)
@pytest.mark.shows_tokens("on purpose")
def test_shown(): print(TOKEN)
def test_clean(tmp_path): (tmp_path / "token").write_text(TOKEN)
"""


@pytest.mark.shows_tokens("the tests that are run here print theirs")
def test_a_planted_leak_fails_the_test_that_leaks(tmp_path: Path) -> None:
    """Wherever it leaks; what shows a token on purpose passes."""
    (tmp_path / "test_planted.py").write_text(PLANTED)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.support.secrets_plugin"]
    command += [
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        "--color=no",
        "-rA",
        "test_planted.py",
    ]

    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        check=False, capture_output=True, text=True,
    )  # fmt: skip

    failed = {line.split("::")[1].split(" ")[0] for line in done.stdout.splitlines()
              if line.startswith("ERROR ")}  # fmt: skip
    assert done.returncode == 1
    assert failed == {
        "test_printed", "test_logged", "test_written", "test_read_back", "test_argument",
        "test_output",
    }  # fmt: skip
    assert "8 passed, 6 errors" in done.stdout
    assert "1 tokens (1 tokens of a test) looked for in" in done.stdout
    assert "file report.md: tokens of a test" in done.stdout
    assert "log line of x: tokens of a test" in done.stdout


def test_the_home_and_the_sandbox_of_a_test_are_searched_too(
    sandbox_folder: Path, request: pytest.FixtureRequest
) -> None:
    """A command may write into either."""
    folders = [request.node.funcargs[name] for name in FOLDERS if name in request.node.funcargs]

    assert folders == [sandbox_folder, Path.home()]


def test_a_registered_token_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it can be registered where it is made."""
    seen: list[tuple[str, str]] = []
    note: Callable[[str, str], None] = lambda token, kind: seen.append((token, kind))  # noqa: E731 (one line)
    monkeypatch.setattr("tests.support.secrets.Ledger.register", lambda _self, t, k: note(t, k))

    assert register(PLAIN) == PLAIN
    assert seen == [(PLAIN, "tokens of a test")]
