"""The child process, seen from the parent: started early, asked, and killed at a deadline."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

import slsa_gen
from slsa_gen.retry import in_seconds
from slsa_gen.signing.protocol import Frame, ProtocolError, read_frame, write_frame

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Isolated (-I): neither PYTHON* variables nor the current folder decide what is imported.
#: The parent's own search path is used, so that both run the same code.
_BOOT: Final = (
    "import sys; sys.path[:] = sys.argv[1:]; "
    "from slsa_gen.signing.worker import main; raise SystemExit(main())"
)
#: What of the environment the child gets: nothing that holds a secret.
_PASSED_ON: Final = frozenset(
    {
        "PATH",
        "HOME",
        "TMPDIR",
        "LANG",
        "LC_ALL",
        "LD_LIBRARY_PATH",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    }
)
_LOOPBACK: Final = "localhost,127.0.0.1,::1"
_END_SECONDS: Final = 5.0


class ChildError(Exception):
    """The child did not answer; the message says how it ended."""


class ChildDeadlineError(ChildError):
    """The child was killed because its time was over."""


class SigningChild:
    """One child process.

    Args:
        environment: Where proxies and CA bundles are looked up.
        max_body: Bytes that an answer of the child may hold.
    """

    def __init__(self, environment: Mapping[str, str], max_body: int) -> None:
        self._max_body = max_body
        self._is_ready = False
        command = [sys.executable, "-I", "-c", _BOOT, *search_path()]
        self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and code)
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=child_environment(environment),
        )

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Tell whether it still runs."""
        return self._process.poll() is None

    def wait_until_ready(self, seconds: float) -> None:
        """Wait until its imports are done.

        Raises:
            ChildError: it ended, or took longer.
        """
        if not self._is_ready:
            self._exchange(None, seconds)
            self._is_ready = True

    def ask(self, what: str, body: bytes, seconds: float) -> Frame:
        """Send one request and return the answer.

        Raises:
            ChildDeadlineError: there was none in time; the child is dead.
            ChildError: it ended without one.
        """
        return self._exchange(Frame({"ask": what}, body), seconds)

    def _exchange(self, frame: Frame | None, seconds: float) -> Frame:
        # Killing it ends a blocked write and a blocked read alike: no other way bounds both.
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            self._process.kill()

        timer = threading.Timer(max(seconds, 0.0), expire)
        timer.daemon = True
        timer.start()
        assert self._process.stdin is not None  # noqa: S101 (both are pipes, see __init__)
        assert self._process.stdout is not None  # noqa: S101 (as above)
        answer, why = None, ""
        try:
            if frame is not None:
                write_frame(self._process.stdin, frame)
            answer = read_frame(self._process.stdout, self._max_body)
        except (ProtocolError, OSError) as error:
            why = str(error)
        finally:
            timer.cancel()
        if answer is not None:
            return answer
        self.close()
        if expired.is_set():
            raise ChildDeadlineError(f"no answer within {in_seconds(seconds)}")
        raise ChildError(_ending(self._process.returncode) + (f" ({why})" if why else ""))

    def close(self) -> None:
        """End it, at once, and wait for its end."""
        self._process.kill()
        self._process.wait(_END_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    # What was still to be written goes nowhere: that is what killing means.
                    continue


def search_path() -> list[str]:
    """Return the parent's search path, so that the child runs the very same code.

    Without the current folder, where a build may have left a ``requests.py``, unless it is
    the package's own.
    """
    root = str(Path(slsa_gen.__file__).resolve().parent.parent)
    here = str(Path.cwd())
    kept = [
        entry
        for entry in sys.path
        if entry == root or (Path(entry).is_absolute() and entry != here)
    ]
    return kept if root in kept else [root, *kept]


def child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what the child's libraries may know.

    ``.netrc`` is switched off (an entry there would replace the bearer token), and loopback
    never goes through a proxy.
    """
    kept = {name: value for name, value in environment.items() if name in _PASSED_ON}
    excluded = environment.get("no_proxy") or environment.get("NO_PROXY", "")
    no_proxy = f"{_LOOPBACK},{excluded}" if excluded else _LOOPBACK
    return {**kept, "NETRC": "/dev/null", "NO_PROXY": no_proxy, "no_proxy": no_proxy}


def _ending(code: int) -> str:
    return f"it was ended by signal {-code}" if code < 0 else f"it ended with status {code}"
