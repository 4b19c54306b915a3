"""Make .venv what the lock says, or find that it is: the one step before every target.

Usage: ``python3 scripts/venv.py FOLDER``, run by the interpreter that the environment is
to have. The work is done again only when the lock or the interpreter changed. This file is
also read by interpreters that are too old for the project, so its syntax is plain.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "dev.txt"
PROJECT = ROOT / "pyproject.toml"
OLDEST = (3, 11)


def main(arguments: "list[str]") -> int:
    """Bring the folder up to date; return the exit code."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python3 scripts/venv.py FOLDER\n")
        return 2
    problem = _problem()
    if problem:
        sys.stderr.write("error: " + problem + "\n")
        return 2
    folder = Path(arguments[0])
    try:
        _bring_up_to_date(folder)
    except subprocess.CalledProcessError as error:
        command = " ".join(str(part) for part in error.cmd)
        sys.stderr.write(
            "error: the environment could not be made: this failed: " + command + "\n"
            "hint: the package index must be reachable; then run the same make target again\n"
        )
        return 1
    return 0


def _problem() -> str:
    """Say what this interpreter lacks, and what mends it; nothing when all is there."""
    if sys.version_info[:2] < OLDEST:
        return (
            f"slsa-gen needs Python 3.11 or newer, and {sys.executable} is {_version()}\n"
            "hint: name a newer one, for example: make PYTHON=python3.13 test"
        )
    try:
        import ensurepip  # noqa: F401, PLC0415 (Debian leaves it out, which must be said)
        import venv  # noqa: F401, PLC0415 (as above)
    except ImportError as error:
        return (
            f"{sys.executable} cannot make virtual environments ({error})\n"
            "hint: on Debian and Ubuntu: apt-get install python3-venv"
        )
    return ""


def _bring_up_to_date(folder: Path) -> None:
    """Install the locked packages and the project, each only where it changed."""
    packages, project = folder / ".packages", folder / ".project"
    key = _digest(LOCK.read_bytes() + sys.version.encode() + sys.executable.encode())
    if not (_holds(packages, key) and (folder / "bin" / "python").exists()):
        sys.stderr.write(f"making {folder} with Python {_version()} (once)\n")
        if folder.exists():
            shutil.rmtree(str(folder))
        _run(sys.executable, "-m", "venv", folder)
        # The lock names every package, so pip has nothing to resolve: left to do so, it
        # would prefer a version published after the lock, and then miss its hash.
        _pip(folder, "--no-deps", "--require-hashes", "--requirement", LOCK)
        _run(folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "check")
        packages.write_text(key)
    key = _digest(PROJECT.read_bytes() + str(ROOT).encode())
    if not _holds(project, key):
        # Nothing is fetched: the build backend is among the locked packages.
        _pip(folder, "--no-deps", "--no-build-isolation", "--editable", ROOT)
        project.write_text(key)


def _version() -> str:
    return ".".join(str(number) for number in sys.version_info[:3])


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _holds(stamp: Path, key: str) -> bool:
    return stamp.exists() and stamp.read_text() == key


def _pip(folder: Path, *arguments: object) -> None:
    python = folder / "bin" / "python"
    _run(python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", *arguments)


def _run(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True)  # noqa: S603 (made above)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))  # noqa: TID251 (this is where the process ends)
