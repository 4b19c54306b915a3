"""Git, asked as a program in a way that runs nothing of the repository's own.

A repository's configuration may name programs: a file-system monitor, hooks, filters that make
of a file what is compared, transports that fetch what a partial clone lacks. Each is switched
off on the command line, which outranks every file; so are the settings that make git trust a
file without looking at it. What the settings of the user say about who owns a repository
(``safe.directory``) holds.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import SlsaGenError, UsageError
from slsa_gen.model.text import harmless, size
from slsa_gen.reasons import Reason
from slsa_gen.subjects.names import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from slsa_gen.limits import Limits

_KEPT: Final = ("PATH", "HOME", "XDG_CONFIG_HOME")
_FIXED: Final = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "",
}
_SETTINGS: Final = {
    "core.fsmonitor": "false",
    "core.hooksPath": "/dev/null",
    "core.untrackedCache": "false",
    "core.checkStat": "default",
    "core.trustctime": "true",
    # Else "makefile" would be taken for the "Makefile" of the commit.
    "core.ignoreCase": "false",
}
_SHOWN_BYTES: Final = 400
_OWNED: Final = re.compile(r"dubious ownership in repository at '(?P<folder>.+)'")
_NO_REPOSITORY: Final = b"not a git repository"
_ELSEWHERE: Final = (
    "Run it in a checkout, or say what the command starts from: --material 'src/**' (from no file "
    "that is here: --no-materials)"
)


class Git:
    """Asks git about one work tree.

    Args:
        folder: Any folder in it.
        environment: Where git is found (PATH), and the user's own settings (HOME).
        limits: How long git may take, and how much it may say.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], limits: Limits) -> None:
        self._folder = folder
        self._limits = limits
        kept = {name: environment[name] for name in _KEPT if name in environment}
        self._base = {**kept, **_FIXED}
        self._environment = {**self._base, **_as_variables(_SETTINGS)}

    def without_filters(self) -> Git:
        """Return the same with the filters that are configured switched off."""
        listed = self.lines("config", "-z", "--name-only", "--get-regexp", r"^filter\.")
        names = {name.rpartition(".")[0] for name in listed}
        settings = dict(_SETTINGS)
        for name in names:
            settings |= {f"{name}.clean": "", f"{name}.process": "", f"{name}.required": "false"}
        other = Git(self._folder, self._base, self._limits)
        other._environment = {**self._base, **_as_variables(settings)}
        return other

    def at(self, folder: Path) -> Git:
        """Return the same for another folder; filters are those of that folder."""
        return Git(folder, self._base, self._limits)

    def value(self, *arguments: str) -> str:
        """Return the one line that git answers; empty where it has no answer.

        Raises:
            SlsaGenError: it is no repository, or git itself failed.
        """
        return self._text(self._ask(arguments, may_fail=True)).removesuffix("\n")

    def lines(self, *arguments: str) -> list[str]:
        """Return what git lists, with ``-z``, between NULs.

        Raises:
            SlsaGenError: it is no repository, or git itself failed.
        """
        may_fail = arguments[:1] == ("config",)
        answer = self._ask(arguments, may_fail=may_fail)
        return self._text(answer).split("\0")[:-1]

    @staticmethod
    def _text(answer: bytes) -> str:
        """Return a text as Python holds the names of files: no byte is lost."""
        return answer.decode("utf-8", "surrogateescape")

    def _ask(self, arguments: tuple[str, ...], *, may_fail: bool) -> bytes:
        try:
            done = subprocess.run(  # noqa: S603 (a fixed program with our own arguments)
                ["git", *arguments],  # noqa: S607 (the user's own git, from PATH)
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self._limits.git_seconds,
                check=False,
            )
        except FileNotFoundError as error:
            raise UsageError(
                "which commit the command starts from cannot be said: there is no git in PATH",
                hint="Install git, or say what the command starts from: --material 'src/**' (from "
                "no file that is here: --no-materials)",
                reason=Reason.RUN_NO_REPOSITORY,
            ) from error
        except subprocess.TimeoutExpired as error:
            raise self._failed(f"no answer in {self._limits.git_seconds:g} s") from error
        except OSError as error:
            raise self._failed(error.strerror or "it cannot be started") from error
        if len(done.stdout) > self._limits.git_answer_bytes:
            raise self._failed(f"it says more than {size(self._limits.git_answer_bytes)}")
        if done.returncode == 0 or (may_fail and done.returncode == 1):
            return done.stdout
        if _NO_REPOSITORY in done.stderr:
            raise no_repository(self._folder)
        raise self._failed(_cause(done.stderr))

    def _failed(self, cause: str) -> SlsaGenError:
        hint = "Look with: git status"
        if owned := _OWNED.search(cause):
            hint = (
                "The checkout is another user's. If you trust it: "
                f"git config --global --add safe.directory {shlex.quote(owned['folder'])}"
            )
        return SlsaGenError(
            f"git cannot say what differs from the commit in {shown(str(self._folder))}: {cause}",
            hint=hint,
            reason=Reason.RUN_GIT,
        )


def no_repository(folder: Path) -> UsageError:
    """Return the error for a folder that is in no checkout."""
    return UsageError(
        f"{shown(str(folder))} is in no git checkout, so no commit says what the command starts "
        "from",
        hint=_ELSEWHERE,
        reason=Reason.RUN_NO_REPOSITORY,
    )


def no_commit(folder: Path) -> UsageError:
    """Return the error for a repository in which nothing was committed yet."""
    return UsageError(
        f"the git repository of {shown(str(folder))} has no commit yet",
        hint="Commit what the command is made from, or name it: --material 'src/**'",
        reason=Reason.RUN_NO_REPOSITORY,
    )


def _cause(said: bytes) -> str:
    """Return what git says went wrong, without warnings before it and advice after it."""
    fatal = [line for line in said.splitlines() if line.startswith((b"fatal:", b"error:"))]
    return harmless(fatal[0] if fatal else said, _SHOWN_BYTES)


def _as_variables(settings: Mapping[str, str]) -> dict[str, str]:
    """Return settings as git takes them from the environment, whatever their names hold."""
    variables = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (name, value) in enumerate(settings.items()):
        variables[f"GIT_CONFIG_KEY_{number}"] = name
        variables[f"GIT_CONFIG_VALUE_{number}"] = value
    return variables
