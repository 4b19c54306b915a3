"""Brings what the tests print, log, run and write to ``tests/support/secrets.py``.

A plugin of pytest (``tests/conftest.py`` names it). It watches the places where tokens are
made and where texts come from; it changes nothing that they do.
"""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import jwt
import pytest

from slsa_gen.sandbox.run import Run
from tests.support.secrets import LEDGER, Ledger, register

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from _pytest.terminal import TerminalReporter

MARK: Final = "shows_tokens"
#: The fixtures that are a folder of the test's own; the last is its home.
FOLDERS: Final = ("tmp_path", "sandbox_folder", "_clean_environment")
_OUTPUT: Final = "secrets"

_patches = pytest.MonkeyPatch()
_handler: logging.Handler


class _Listener(logging.Handler):
    """Searches every log line, whoever writes it."""

    def emit(self, record: logging.LogRecord) -> None:
        LEDGER.text(self.format(record), f"log line of {record.name}")


def pytest_configure(config: pytest.Config) -> None:
    """Watch where tokens are made, and where texts come from."""
    line = f"{MARK}(why): the test shows a token on purpose, and says why"
    config.addinivalue_line("markers", line)
    global _handler  # noqa: PLW0603 (taken away again at the end)
    _handler = _Listener(logging.DEBUG)
    logging.getLogger().addHandler(_handler)
    logging.getLogger().setLevel(logging.DEBUG)  # libraries say most there
    _patches.setattr(jwt, "encode", _signing(jwt.encode))
    _patches.setattr(Run, "__init__", _beginning(Run.__init__))
    _patches.setattr(
        pytest.CaptureFixture, "readouterr", _reading(pytest.CaptureFixture.readouterr)
    )
    _patches.setattr(subprocess.Popen, "__init__", _starting(subprocess.Popen.__init__))
    _patches.setattr(subprocess.Popen, "communicate", _communicating(subprocess.Popen.communicate))


def pytest_unconfigure() -> None:
    """Stop watching."""
    logging.getLogger().removeHandler(_handler)
    _patches.undo()


def pytest_runtest_logstart() -> None:
    """Begin a test's own tokens."""
    LEDGER.begin()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Search what the test wrote; fail it if a token was found anywhere."""
    arguments = getattr(item, "funcargs", {})
    folders: list[Path] = [arguments[name] for name in FOLDERS if name in arguments]
    for folder in folders:
        LEDGER.folder(folder)
    yield
    for when, name, text in getattr(item, "_report_sections", ()):
        LEDGER.text(text, f"captured {name} ({when})")
    found = LEDGER.found()
    if item.get_closest_marker(MARK) is not None:
        LEDGER.forgive()
    elif found:
        shown = "\n  ".join(found)
        pytest.fail(f"a token was found where none may be:\n  {shown}", pytrace=False)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the numbers of a worker on; what was found outside a test fails the run as well."""
    worker = getattr(session.config, "workeroutput", None)
    if worker is not None:
        worker[_OUTPUT] = LEDGER.numbers()
    if LEDGER.findings and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401 (xdist has no types)
    """Add the numbers of a worker that is done."""
    LEDGER.add(getattr(node, "workeroutput", {}).get(_OUTPUT, Ledger().numbers()))


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Say what was looked for, and where."""
    terminalreporter.section("tokens")
    for line in LEDGER.summary():
        terminalreporter.write_line(line)


def _signing(sign: Callable[..., str]) -> Callable[..., str]:
    def signing(*arguments: object, **options: object) -> str:
        return register(sign(*arguments, **options), "identity tokens")

    return signing


def _beginning(begin: Callable[..., None]) -> Callable[..., None]:
    def beginning(run: Run, *arguments: object, **options: object) -> None:
        begin(run, *arguments, **options)
        register(run.request_token, "request tokens")

    return beginning


def _reading(read: Callable[..., Any]) -> Callable[..., Any]:
    def reading(capture: object) -> object:
        captured = read(capture)
        for name in ("out", "err"):
            LEDGER.text(getattr(captured, name), f"standard {name} of the test")
        return captured

    return reading


def _starting(start: Callable[..., None]) -> Callable[..., None]:
    def starting(process: object, args: object, *more: object, **options: object) -> None:
        words = [args] if isinstance(args, str | bytes) or not isinstance(args, Iterable) else args
        LEDGER.command(words, "arguments of a command")
        start(process, args, *more, **options)

    return starting


def _communicating(communicate: Callable[..., Any]) -> Callable[..., Any]:
    def communicating(process: subprocess.Popen[Any], *more: object, **options: object) -> object:
        results = communicate(process, *more, **options)
        for name, text in zip(("output", "errors"), results, strict=True):
            if text:
                LEDGER.text(text, f"{name} of a command")
        return results

    return communicating
