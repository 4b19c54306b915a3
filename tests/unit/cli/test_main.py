"""The entry point: every ending has its exit code, and says what happened."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from slsa_gen import __version__, environment
from slsa_gen.cli import inspect
from slsa_gen.cli import main as entry
from slsa_gen.cli.main import main
from slsa_gen.errors import RefusedError, SlsaGenError
from slsa_gen.reasons import Reason
from tests.support.schemas import check_report

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from slsa_gen.cli.console import Console


@pytest.fixture
def ending(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException | int], None]:
    """Return what makes every command end in a given way."""

    def end_with(what: BaseException | int) -> None:
        def run(*_: object) -> int:
            if isinstance(what, int):
                return what
            raise what

        monkeypatch.setattr(inspect, "run", run)

    return end_with


COMMAND = ("inspect", "bundle")


def test_help_and_version_are_results(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, on standard output."""
    assert main(["--version"], variables={}) == 0
    assert capsys.readouterr().out == f"slsa-gen {__version__}\n"
    assert main(["--help"], variables={}) == 0
    assert "exit codes: 0 done or accepted" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [[], ["unknown"], ["attest", "--unknown"], ["verify"], ["attest", "--sbom", "x"], ["--vers"]],
)
def test_wrong_usage_is_told_in_our_own_words(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, a way to the help, and no abbreviations (--sbom is not --sbom-path)."""
    assert main(arguments, variables={}) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert "--help" in captured.err
    assert "  reason: usage.option\n" in captured.err


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (["attest", "--sbom", "x"], "Did you mean --sbom-path? Run: slsa-gen attest --help"),
        (["verify", "a", "--rep=o/r"], "Did you mean --repo? Run: slsa-gen verify --help"),
        (["attest", "--nonsense"], "  to do: Run: slsa-gen attest --help"),
        (["inspect", "a", "-z"], "  to do: Run: slsa-gen inspect --help"),
    ],
)
def test_an_unknown_option_is_answered_by_its_own_command(
    arguments: list[str], advice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The help is that of the command, and a name that is near is said."""
    assert main(arguments, variables={}) == 2
    assert advice in capsys.readouterr().err


def test_an_error_becomes_its_exit_code(
    ending: Callable[[BaseException | int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Message, remedy and reason stand on standard error."""
    ending(RefusedError("it is bad", reason=Reason.EVIDENCE_JSON, hint="take another\nreally"))

    assert main(COMMAND, variables={}) == 1
    assert capsys.readouterr().err == (
        "error: it is bad\n  to do: take another\n    really\n  reason: evidence.json\n"
    )


@pytest.mark.parametrize("form", [("--format", "json"), ("--format=json",)])
def test_an_error_is_a_document_where_json_is_wanted(
    form: tuple[str, ...],
    ending: Callable[[BaseException | int], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Also when it is the command line that is wrong."""
    ending(SlsaGenError("no", reason=Reason.EVIDENCE_UNREADABLE))

    assert main([*COMMAND, *form], variables={}) == 3
    document = json.loads(capsys.readouterr().out)
    check_report(document)
    assert document["exitCode"] == 3
    assert document["errors"][0]["reason"] == "evidence.unreadable"

    assert main(["inspect", "--nonsense", *form], variables={}) == 2
    check_report(json.loads(capsys.readouterr().out))


def test_an_error_cannot_steer_the_terminal(
    ending: Callable[[BaseException | int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """What comes from outside is harmless, whoever forgot to make it so."""
    ending(SlsaGenError("a\x1b[31m", reason=Reason.EVIDENCE_UNREADABLE, hint="b\x07"))

    main(COMMAND, variables={})

    assert "\x1b" not in (err := capsys.readouterr().err)
    assert "\x07" not in err


def test_our_own_fault_is_said_as_such(
    ending: Callable[[BaseException | int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 3, never a verdict; -v shows where."""
    ending(ZeroDivisionError("secret detail"))

    assert main(COMMAND, variables={}) == 3
    err = capsys.readouterr().err
    # The last place that is ours: never an absolute path, which may name a person.
    place = r"slsa-gen itself failed: ZeroDivisionError at slsa_gen/cli/main\.py:[0-9]+ \(_run\);"
    assert re.search(place, err)
    assert "nothing was decided" in err
    assert "secret detail" not in err
    assert main([*COMMAND, "-v"], variables={}) == 3
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_ends_with_130(
    ending: Callable[[BaseException | int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C."""
    ending(KeyboardInterrupt())

    assert main(COMMAND, variables={}) == 130
    assert "interrupted" in capsys.readouterr().err


def test_a_command_s_own_code_is_passed_on(
    ending: Callable[[BaseException | int], None],
) -> None:
    """Sandbox env ends as what it ran."""
    ending(42)

    assert main(COMMAND, variables={}) == 42


@pytest.mark.parametrize(
    ("arguments", "verbosity"),
    [
        (["a"], 0),
        (["a", "-v"], 1),
        (["a", "-vv"], 2),
        (["a", "--verbose", "-v"], 2),
        (["a", "-q"], -1),
        (["a", "--quiet"], -1),
        (["sandbox", "env", "--", "cmd", "-v", "-q"], 0),
    ],
)
def test_verbosity_counts_our_own_options_only(arguments: list[str], verbosity: int) -> None:
    """What follows -- belongs to somebody else."""
    assert entry._verbosity(arguments) == verbosity


def test_json_is_wanted_by_our_own_options_only() -> None:
    """What follows -- belongs to somebody else."""
    assert not entry._wants_json(["sandbox", "env", "--", "cmd", "--format", "json"])
    assert not entry._wants_json(["inspect", "--format"])


def _obeyed(output: str) -> list[str]:
    """Return the lines that a runner would take for commands, guards left out."""
    obeyed, token = [], ""
    for line in output.splitlines():
        text = line.lstrip()
        if token:
            token = "" if text == f"::{token}::" else token
        elif text.startswith("::stop-commands::"):
            token = text.removeprefix("::stop-commands::")
            assert len(token) == 32
        elif text.startswith("::"):
            obeyed.append(line)
    assert not token, "a guard is left open"
    return obeyed


@pytest.mark.parametrize("message", ["::error::no", "a\n::error::no", "a\n   ::add-mask::x"])
def test_in_a_run_nothing_that_is_printed_is_obeyed(
    message: str,
    ending: Callable[[BaseException | int], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The stream has its guard, and no line begins with a command even without it."""
    ending(SlsaGenError(message, reason=Reason.EVIDENCE_UNREADABLE, hint=message))

    assert main(COMMAND, variables={"GITHUB_ACTIONS": "true"}) == 3
    guarded = capsys.readouterr()
    assert main(COMMAND, variables={}) == 3
    bare = capsys.readouterr()

    assert _obeyed(guarded.out) == _obeyed(guarded.err) == []
    assert "::stop-commands::" in guarded.err
    assert _obeyed(bare.out) == _obeyed(bare.err) == []


@pytest.mark.parametrize("message", ["a\n::error::no", "a\n  ::add-mask::x", "a ##[error]no"])
def test_in_a_run_our_own_fault_is_not_obeyed_either(
    message: str,
    ending: Callable[[BaseException | int], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With -v Python's own words are shown, and those of a service or a file may be in them."""
    ending(ValueError(f"{message}\x1b[2J"))

    assert main([*COMMAND, "-v"], variables={"GITHUB_ACTIONS": "true"}) == 3
    guarded = capsys.readouterr()
    assert main([*COMMAND, "-v"], variables={}) == 3
    bare = capsys.readouterr()

    assert _obeyed(guarded.err) == _obeyed(bare.err) == []
    assert "::stop-commands::" in guarded.err
    assert "ValueError: a" in guarded.err
    for steering in ("\x1b", "##["):
        assert steering not in guarded.err


def test_the_guard_s_token_is_new_each_time(
    ending: Callable[[BaseException | int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Who knows an old one cannot end the guard."""
    ending(0)
    tokens = set()
    for _ in range(2):
        main(COMMAND, variables={"GITHUB_ACTIONS": "true"})
        tokens.add(capsys.readouterr().err.splitlines()[0])

    assert len(tokens) == 2


def test_a_document_is_not_guarded_on_its_own_stream(
    ending: Callable[[BaseException | int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """What reads standard output reads JSON."""
    ending(0)
    main([*COMMAND, "--format", "json"], variables={"GITHUB_ACTIONS": "true"})

    captured = capsys.readouterr()
    assert captured.out == ""
    assert "::stop-commands::" in captured.err


class _Full(io.StringIO):
    """A disk that is full."""

    def write(self, _text: str, /) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_results_that_cannot_be_written_are_an_error_of_their_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Never a refusal, and never "nothing was decided"."""

    def run(_args: object, console: Console) -> int:
        console.result("done")
        return 0

    monkeypatch.setattr(inspect, "run", run)
    monkeypatch.setattr(sys, "stdout", _Full())

    assert main(COMMAND, variables={}) == 3
    err = capsys.readouterr().err
    assert "the results cannot be written to standard output: No space left" in err
    assert "reason: output.unwritable" in err


@pytest.mark.parametrize("redirect", [">&-", "2>&-", ">&- 2>&-", ">/dev/full", "2>/dev/full"])
@pytest.mark.parametrize(("arguments", "code"), [("--version", 0), ("attest --nonsense", 2)])
def test_a_closed_or_full_stream_never_looks_like_a_refusal(
    redirect: str, arguments: str, code: int
) -> None:
    """The command's own code, or 3 where its results could not be written."""
    command = f"{sys.executable} -m slsa_gen {arguments} {redirect}"
    # Without buffering nothing would be left to write when the process ends.
    buffered = {k: v for k, v in environment.variables().items() if k != "PYTHONUNBUFFERED"}

    done = subprocess.run(["sh", "-c", command], check=False, capture_output=True, env=buffered)

    assert done.returncode in {code, 3}
    assert b"Traceback" not in done.stderr


def test_a_text_that_the_locale_cannot_write_is_written_all_the_same() -> None:
    """Help and names in UTF-8, also in the C locale."""
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-m", "slsa_gen", "attest", "--help"],
        check=False,
        capture_output=True,
        env={"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
    )

    assert done.returncode == 0, done.stderr
    assert "sha256:…" in done.stdout.decode("utf-8")


def test_a_module_that_lies_in_the_current_folder_is_not_run(tmp_path: Path) -> None:
    """Also when somebody put the folder on the search path."""
    for name in ("requests", "yaml", "cryptography", "jwt", "sigstore"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(0)")
    (tmp_path / "a").write_text("a")
    script = "import sys; from slsa_gen.cli.main import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", script, "verify", "a", "--repo", "o/r", "--offline"],
        check=False,
        capture_output=True,
        cwd=tmp_path,
        env={"PYTHONPATH": ".", "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)},
    )

    assert done.returncode == 1, done.stderr
    assert b"evidence.none" in done.stdout
