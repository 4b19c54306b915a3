"""Tests of slsa_gen.signing.child, .session and .worker: a process that ends when it must."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from slsa_gen.errors import SigningError
from slsa_gen.limits import DEFAULT_LIMITS, MIB
from slsa_gen.reasons import Reason
from slsa_gen.signing import child as child_module
from slsa_gen.signing.child import (
    ChildDeadlineError,
    ChildError,
    SigningChild,
    child_environment,
    search_path,
)
from slsa_gen.signing.protocol import Frame, read_frame, write_frame
from slsa_gen.signing.session import Session


def play(monkeypatch: pytest.MonkeyPatch, code: str) -> SigningChild:
    """Start a child that runs other code than the signing."""
    monkeypatch.setattr(child_module, "_BOOT", code)
    return SigningChild({}, 1000)


def test_a_child_is_ready_and_answers() -> None:
    """It says when its imports are done, and a request it does not know is an answer too."""
    child = SigningChild({}, MIB)
    try:
        child.wait_until_ready(60)
        child.wait_until_ready(0)
        frame = child.ask("nonsense", b"", 10)
        assert frame.header["ok"] is False
        assert "KeyError" in frame.text("why")
        frame = child.ask("sign", b"", 10)
        assert "not configured yet" in frame.text("why")
        frame = child.ask("configure", b"\xff", 10)
        assert frame.header["ok"] is False
        assert child.alive
    finally:
        child.close()
    assert not child.alive


def test_a_child_ends_with_its_parent() -> None:
    """A parent that is killed, without any chance to clean up, leaves no child behind."""
    code = (
        "import sys, time\n"
        "from slsa_gen.signing.child import SigningChild\n"
        "child = SigningChild({}, 1000)\n"
        "child.wait_until_ready(60)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        parent.kill()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _runs(pid):
        time.sleep(0.02)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_silent_child_is_killed_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait ends in time, and the process with it."""
    child = play(monkeypatch, "import time; time.sleep(60)")
    start = time.monotonic()
    with pytest.raises(ChildDeadlineError, match=r"no answer within 0\.3 s"):
        child.ask("sign", b"", 0.3)
    assert time.monotonic() - start < 30  # half of what the child would have slept
    assert not child.alive


def test_a_child_that_does_not_read_is_killed_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A statement larger than the pipe does not block its sender for ever."""
    child = play(monkeypatch, "import time; time.sleep(60)")
    with pytest.raises(ChildDeadlineError):
        child.ask("sign", b"x" * 10 * MIB, 0.3)


def test_a_deadline_that_has_passed_is_no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less than no time is none."""
    child = play(monkeypatch, "import time; time.sleep(60)")
    with pytest.raises(ChildDeadlineError):
        child.ask("sign", b"", -5)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("raise SystemExit(3)", "it ended with status 3"),
        ("import os; os.abort()", "it was ended by signal 6"),
        ("import os; os.write(1, b'Warning: something'); os._exit(0)", "too large"),
        ("import os; os.write(1, bytes(3)); os._exit(0)", "cut off"),
    ],
)
def test_a_child_that_ends_says_how(monkeypatch: pytest.MonkeyPatch, code: str, says: str) -> None:
    """A crash, an abort, and talk between the frames are told apart."""
    child = play(monkeypatch, code)
    with pytest.raises(ChildError, match=says):
        child.ask("sign", b"", 30)
    assert not child.alive


def test_a_process_that_does_not_start_is_an_error_of_signing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The message says how it ended, the hint how to see why."""
    monkeypatch.setattr(child_module, "_BOOT", "raise SystemExit(1)")
    session = Session(b"{}", {}, DEFAULT_LIMITS)
    with pytest.raises(SigningError) as caught:
        session.ready(30)
    assert caught.value.reason is Reason.SIGNING_PROCESS
    assert caught.value.message == ("the signing process did not start: it ended with status 1")
    assert "import sigstore.sign" in caught.value.hint


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.EMFILE, "ulimit -n 1024"),
        (errno.ENFILE, "The whole machine"),
        (errno.ENOMEM, "memory (about 100 MB"),
        (errno.EAGAIN, "ulimit -u"),
        (errno.EACCES, "import sigstore.sign"),
    ],
)
def test_what_the_machine_lacks_is_what_the_hint_speaks_of(
    monkeypatch: pytest.MonkeyPatch, number: int, advice: str
) -> None:
    """An import check says nothing about files or memory that ran out."""

    def refuse(*_arguments: object, **_named: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("subprocess.Popen", refuse)
    with pytest.raises(SigningError, match="could not be started") as caught:
        Session(b"{}", {}, DEFAULT_LIMITS).start()
    assert advice in caught.value.hint
    assert ("import" in caught.value.hint) is (number == errno.EACCES)


def test_an_interpreter_that_is_not_there_is_an_error_of_signing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the machine says is repeated."""
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    session = Session(b"{}", {}, DEFAULT_LIMITS)
    with pytest.raises(SigningError, match="could not be started: No such file"):
        session.start()


def test_a_start_is_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports that never end are given up after the seconds for a start."""
    monkeypatch.setattr(child_module, "_BOOT", "import time; time.sleep(60)")
    session = Session(b"{}", {}, replace(DEFAULT_LIMITS, signing_start_seconds=0.3))
    with pytest.raises(SigningError, match=r"did not start: no answer within 0\.3 s$"):
        session.ready(100)


def test_a_start_that_the_time_budget_ended_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the machine's memory nor the library is at fault then."""
    monkeypatch.setattr(child_module, "_BOOT", "import time; time.sleep(60)")
    session = Session(b"{}", {}, DEFAULT_LIMITS)
    with pytest.raises(SigningError, match="which is all that the time budget had left") as caught:
        session.ready(0.1)
    assert "--retry-budget 900" in caught.value.hint


def test_the_childs_environment_holds_no_secret() -> None:
    """Only what is named is passed on; .netrc is off and loopback has no proxy."""
    given = {
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "s",
        "GITHUB_TOKEN": "s",
        "SIGSTORE_ID_TOKEN": "s",
        "NETRC": "/home/me/.netrc",
        "PYTHONPATH": "/evil",
        "HTTPS_PROXY": "http://proxy",
        "REQUESTS_CA_BUNDLE": "/ca.pem",
        "LD_LIBRARY_PATH": "/opt/python/lib",
        "no_proxy": "corp.example",
    }
    assert child_environment(given) == {
        "HTTPS_PROXY": "http://proxy",
        "REQUESTS_CA_BUNDLE": "/ca.pem",
        "LD_LIBRARY_PATH": "/opt/python/lib",
        "NETRC": "/dev/null",
        "NO_PROXY": "localhost,127.0.0.1,::1,corp.example",
        "no_proxy": "localhost,127.0.0.1,::1,corp.example",
    }
    assert child_environment({})["NO_PROXY"] == "localhost,127.0.0.1,::1"


def test_the_current_folder_is_not_searched_for_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A requests.py in the folder where a build runs is not what the child imports."""
    (tmp_path / "requests.py").write_text("raise SystemExit(99)\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "path", ["", ".", *sys.path])
    assert str(tmp_path) not in search_path()
    assert all(Path(entry).is_absolute() for entry in search_path())
    child = SigningChild({}, 1000)
    try:
        child.wait_until_ready(60)
    finally:
        child.close()


def test_the_child_runs_the_same_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another copy of the package, later on the search path, is not what the child imports."""
    root = str(Path(child_module.__file__).resolve().parents[2])
    monkeypatch.chdir(root)
    monkeypatch.setattr(sys, "path", [root, str(tmp_path)])
    assert search_path() == [root, str(tmp_path)]
    monkeypatch.setattr(sys, "path", ["", str(tmp_path)])
    assert search_path() == [root, str(tmp_path)]


def test_what_libraries_print_does_not_come_between_the_frames() -> None:
    """Standard output of the child is kept for frames alone."""
    code = (
        "import sys\n"
        f"sys.path[:] = {search_path()!r}\n"
        "from slsa_gen.signing import worker\n"
        "class Loud(worker.Worker):\n"
        "    def answer(self, frame):\n"
        "        print('Warning: this is loud', flush=True)\n"
        "        import os; os.system('echo louder')\n"
        "        return super().answer(frame)\n"
        "worker.Worker = Loud\n"
        "worker.main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-I", "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        write_frame(process.stdin, Frame({"ask": "sign"}))
        first, second = read_frame(process.stdout, 100), read_frame(process.stdout, 100)
        process.stdin.close()
        assert process.stdout.read() == b""
        assert process.wait(10) == 0
    assert first is not None
    assert second is not None
    assert first.header == {"event": "ready"}
    assert second.header["ok"] is False


def test_a_child_leaves_no_core_file_and_its_memory_is_limited() -> None:
    """The kernel's own view: no core, and no limit between two requests."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    child = SigningChild({}, MIB)
    resource.setrlimit(resource.RLIMIT_CORE, before)
    try:
        child.wait_until_ready(60)
        child.ask("sign", b"", 10)
        limits = Path(f"/proc/{child.pid}/limits").read_text(encoding="ascii")
    finally:
        child.close()
    found = {line[:26].strip(): line[26:].split()[0] for line in limits.splitlines()}
    assert found["Max core file size"] == "0"
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard == resource.RLIM_INFINITY:
        assert found["Max address space"] == "unlimited"
