"""The stack's programs: built once from what ``pins.toml`` names, and kept in a cache.

The cache lies outside the repository. Each program has a folder that is named by its version
and by Go's, and is complete when it is there: it is built beside it and then renamed. A lock
keeps two runs apart; the second one finds what the first one built.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import tempfile
import tomllib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PINS: Final = Path(__file__).parent / "pins.toml"
_FLAGS: Final = ("-trimpath", "-ldflags=-s -w")
_MAJOR: Final = re.compile(r"v[0-9]+")


class BuildError(Exception):
    """A program could not be built; the message says which, and what Go said."""


@dataclass(frozen=True, slots=True)
class Pins:
    """What ``pins.toml`` says.

    ``versions`` has the version of each module, ``programs`` the package of each program,
    ``files`` the place of each further file, below its module's name.
    """

    versions: Mapping[str, str]
    programs: Mapping[str, str]
    files: Mapping[str, str]

    @classmethod
    def read(cls, path: Path = PINS) -> Pins:
        """Read the file."""
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        return cls(document["versions"], document["programs"], document["files"])

    def module_of(self, package: str) -> str:
        """Return the module that a package, or a file, belongs to."""
        names = [name for name in self.versions if f"{package}/".startswith(f"{name}/")]
        if not names:
            raise BuildError(f"no module in {PINS.name} has {package}")
        return max(names, key=len)

    def version_of(self, package: str) -> str:
        """Return the version that a package is built in."""
        return self.versions[self.module_of(package)]


class Cache:
    """The folder with what was built.

    Args:
        folder: Where it lies; made when it is not there.
        variables: The environment of Go: where it finds its own caches.
        pins: What to build.
        say: Told what is being built, since that takes minutes.
    """

    def __init__(
        self, folder: Path, variables: Mapping[str, str], pins: Pins, say: Callable[[str], None]
    ) -> None:
        self._folder = folder
        self._variables = {**variables, "CGO_ENABLED": "0", "GOWORK": "off"}
        self._pins = pins
        self._say = say
        folder.mkdir(parents=True, exist_ok=True)
        self._go_version = self._go("env", "GOVERSION").strip()

    def program(self, name: str) -> Path:
        """Return a program, built now if it was not yet.

        Raises:
            BuildError: Go could not build it.
        """
        package = self._pins.programs[name]
        return self._made(name, package, self._build) / binary(package)

    def local(self, folder: Path, module: str) -> Path:
        """Return a program of our own, which uses one module of the pins.

        Args:
            folder: Its source, and what it is called.
            module: What it imports.
        """
        source = b"".join(path.read_bytes() for path in sorted(folder.glob("*.go")))
        name = f"{folder.name}-{hashlib.sha256(source).hexdigest()[:16]}"

        def build(_: str, made: Path) -> None:
            self._say(f"building {folder.name}")
            shutil.copytree(folder, made, dirs_exist_ok=True)
            self._go("mod", "init", f"stack/{folder.name}", cwd=made)
            self._go("get", f"{module}@{self._pins.versions[module]}", cwd=made)
            self._go("mod", "tidy", cwd=made)
            self._go("build", *_FLAGS, "-o", folder.name, ".", cwd=made)

        return self._made(name, module, build) / folder.name

    def file(self, name: str) -> Path:
        """Return a file of a module.

        Raises:
            BuildError: Go could not download the module.
        """
        path = self._pins.files[name]
        return self._made(name, path, self._copy) / Path(path).name

    def _made(self, name: str, path: str, make: Callable[[str, Path], None]) -> Path:
        folder = self._folder / f"{name}-{self._pins.version_of(path)}-{self._go_version}"
        if folder.is_dir():
            return folder
        with self._locked("building", "waiting for another run that builds"):
            if not folder.is_dir():  # another run may have made it while this one waited
                partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=self._folder))
                try:
                    make(path, partial)
                    partial.rename(folder)
                finally:
                    shutil.rmtree(partial, ignore_errors=True)
        return folder

    def _build(self, package: str, folder: Path) -> None:
        self._say(f"building {package}@{self._pins.version_of(package)}")
        version = self._pins.version_of(package)
        self._go("install", *_FLAGS, f"{package}@{version}", GOBIN=str(folder))

    def _copy(self, path: str, folder: Path) -> None:
        module = self._pins.module_of(path)
        version = self._pins.versions[module]
        described = json.loads(self._go("mod", "download", "-json", f"{module}@{version}"))
        source = Path(described["Dir"]) / path.removeprefix(f"{module}/")
        shutil.copyfile(source, folder / source.name)

    def _go(self, *arguments: str, cwd: Path | None = None, **variables: str) -> str:
        done = subprocess.run(
            ["go", *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=cwd or self._folder,  # where there is no go.mod that could change what is built
            env={**self._variables, **variables},
        )
        if done.returncode != 0:
            raise BuildError(f"`go {' '.join(arguments)}` failed:\n{done.stderr[-2000:]}")
        return done.stdout

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no other stack runs in this network namespace, and keep others waiting.

        The timestamp authority listens on port 2112 too, whatever it is told. In a namespace
        of its own (``unshare -n``) a second stack can run beside the first.
        """
        network = Path("/proc/self/ns/net").stat().st_ino
        with self._locked(f"running-{network}", "waiting for another stack to end"):
            yield

    @contextmanager
    def _locked(self, name: str, words: str) -> Iterator[None]:
        with (self._folder / f"{name}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._say(words)
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def cache_folder(variables: Mapping[str, str]) -> Path:
    """Return the folder of the cache: below XDG's, or below the home folder's ``.cache``."""
    base = variables.get("XDG_CACHE_HOME") or f"{variables['HOME']}/.cache"
    return Path(base) / "slsa-gen-stack"


def binary(package: str) -> str:
    """Return what Go calls a package's program: its last name that is no version."""
    return next(name for name in reversed(package.split("/")) if not _MAJOR.fullmatch(name))
