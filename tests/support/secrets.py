"""Remembers every token of the test run, and looks for them in whatever the run leaves behind.

Tokens are registered where they are made: whatever ``jwt.encode`` signs (the sandbox's identity
tokens and those of the tests' own issuers), every run's request token, every token of the GitHub
simulator, and the tokens that a test hands to a command by a variable. A test that makes one
in another way calls :func:`register`.

``tests/support/secrets_plugin.py`` brings the texts: what a test printed and logged, what
commands that it ran printed, their arguments, and the files in its ``tmp_path``. A finding
fails the test. What shows a token on purpose is in :data:`ALLOWED_FILES`, or marked
``@pytest.mark.shows_tokens("why")``.
"""

from __future__ import annotations

import base64
import binascii
import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

#: Shorter ones are words of a test, which may stand anywhere.
SHORTEST: Final = 16
#: Bytes of a file that are searched; tests of limits make huge ones.
FILE_BYTES: Final = 4 * 1024 * 1024

#: Files of a test that hold a token because that is what they are for: name → why.
ALLOWED_FILES: Final = {
    "token": "a test writes it, for --identity-token-file or as a token to read",
    "env.json": "a command that a test runs under `sandbox env` writes down its environment",
    "github-token": "a test writes it, as a runner would hand it in",
}
#: Variables whose values are tokens.
VARIABLES: Final = (
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "GITHUB_TOKEN",
    "INPUT_GITHUB-TOKEN",
    "SIGSTORE_ID_TOKEN",
)

_WORD: Final = re.compile(rb"[A-Za-z0-9_\-]{16,}")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_\-]{40,}={0,2}")
#: A JSON Web Token, whoever made it: two JSON objects and a signature.
_JWT: Final = re.compile(rb"eyJ[A-Za-z0-9_\-]{10,}\.eyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{20,}")
#: How a run tells its runner what to hide; the runner keeps such lines out of the log.
_MASK: Final = re.compile(rb"^::add-mask::.*$", re.MULTILINE)


@dataclass(slots=True)
class Ledger:
    """The tokens of a run, what was searched for them, and what was found.

    Attributes:
        kinds: How many tokens of each kind there are.
        texts: How many texts were searched.
        files: How many files were searched.
        too_large: How many files were not searched whole.
        arguments: How many commands' arguments were searched.
        searched: Bytes of all of it.
        findings: Where a token was found; the token itself is not repeated.
    """

    kinds: dict[str, int] = field(default_factory=dict)
    texts: int = 0
    files: int = 0
    too_large: int = 0
    arguments: int = 0
    searched: int = 0
    findings: list[str] = field(default_factory=list)
    _words: dict[bytes, str] = field(default_factory=dict)
    _current: dict[bytes, str] = field(default_factory=dict)
    _clean: set[int] = field(default_factory=set)
    _begun: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def register(self, token: str, kind: str) -> None:
        """Remember a token, whole and by its signature; a short one is no secret."""
        parts = [token] if token.count(".") != 2 else [token, token.rpartition(".")[2]]
        with self._lock:
            for part in parts:
                needle = part.encode()
                if len(needle) < SHORTEST:
                    continue
                if part == token and needle not in self._words:
                    self.kinds[kind] = self.kinds.get(kind, 0) + 1
                # A whole token holds dots; as a word it is found by its last part.
                self._words[needle] = kind
                self._current[needle] = kind

    def register_variables(self, variables: Mapping[str, str]) -> None:
        """Remember the tokens of an environment."""
        for name in VARIABLES:
            if name in variables:
                self.register(variables[name], f"values of {name}")

    def begin(self) -> None:
        """Begin a test: what was made before is from now on looked for as a whole word."""
        with self._lock:
            self._current.clear()
            self._begun = len(self.findings)

    def found(self) -> list[str]:
        """Return what was found since the test began, each once."""
        return list(dict.fromkeys(self.findings[self._begun :]))

    def forgive(self) -> None:
        """Forget what was found since the test began: it was shown on purpose."""
        del self.findings[self._begun :]

    def search(self, data: bytes, where: str) -> list[str]:
        """Look for every token of the run in a text; return and keep what was found."""
        with self._lock:
            current = dict(self._current)
        found = [f"{where}: {kind}" for kind in self._look(data, current)]
        found += [f"{where}, base64: {kind}" for kind in self._look_decoded(data, current)]
        with self._lock:
            self.searched += len(data)
            self.findings += found
        return found

    def text(self, data: str | bytes, where: str) -> list[str]:
        """Search one text."""
        self.texts += 1
        raw = data.encode(errors="surrogateescape") if isinstance(data, str) else data
        return self.search(_MASK.sub(b"::add-mask::", raw), where)

    def command(self, arguments: Iterable[object], where: str) -> list[str]:
        """Search the arguments of a command: everyone on the machine can read them."""
        self.arguments += 1
        return self.search("\0".join(map(str, arguments)).encode(errors="surrogateescape"), where)

    def folder(self, path: Path) -> list[str]:
        """Search every file below a folder, but those that are allowed to hold a token."""
        found = []
        for file in _files(path):
            if file.name in ALLOWED_FILES:
                continue
            try:
                with file.open("rb") as opened:
                    data = opened.read(FILE_BYTES + 1)
            except OSError:  # a test took the right to read it away
                continue
            self.files += 1
            self.too_large += len(data) > FILE_BYTES
            # Tokens are random: a file that held none cannot hold one that was made since.
            if hash(data) not in self._clean:
                here = self.search(data, f"file {file.relative_to(path)}")
                found += here
                if not here:
                    self._clean.add(hash(data))
        return found

    def numbers(self) -> dict[str, object]:
        """Return what another process adds to its own."""
        return {
            "kinds": self.kinds,
            "counts": [self.texts, self.files, self.too_large, self.arguments, self.searched],
            "findings": self.findings,
        }

    def add(self, numbers: Mapping[str, object]) -> None:
        """Add what another process counted."""
        kinds, counts, findings = (numbers[n] for n in ("kinds", "counts", "findings"))
        assert isinstance(kinds, dict)
        assert isinstance(counts, list)
        assert isinstance(findings, list)
        for kind, count in kinds.items():
            self.kinds[kind] = self.kinds.get(kind, 0) + count
        self.texts += counts[0]
        self.files += counts[1]
        self.too_large += counts[2]
        self.arguments += counts[3]
        self.searched += counts[4]
        self.findings += findings

    def summary(self) -> list[str]:
        """Return what to print at the end of a run."""
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(self.kinds.items()))
        lines = [
            f"{sum(self.kinds.values()):,} tokens ({kinds or 'none'}) looked for in "
            f"{self.texts:,} texts, {self.files:,} files and {self.arguments:,} commands: "
            f"{self.searched / 1e6:,.1f} MB"
            + (f", {self.too_large} files only in part" if self.too_large else ""),
            f"{len(self.findings)} found",
        ]
        return lines + [f"  {finding}" for finding in self.findings[:20]]

    def _look(self, data: bytes, current: Mapping[bytes, str]) -> Iterator[str]:
        kinds = {kind for needle, kind in current.items() if needle in data}
        if self._words:
            kinds |= {self._words[w] for w in set(_WORD.findall(data)) & self._words.keys()}
        if _JWT.search(data):
            kinds.add("a JSON Web Token")
        yield from sorted(kinds)

    def _look_decoded(self, data: bytes, current: Mapping[bytes, str]) -> Iterator[str]:
        words = set(_BASE64.findall(data))
        if words:
            yield from self._look(b"\n".join(map(_decoded, words)), current)


def _decoded(word: bytes) -> bytes:
    """Return what a word says if it is base64 of either alphabet, at its own start."""
    plain = word.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    plain = plain[: len(plain) - (len(plain) % 4 == 1)]
    try:
        return base64.b64decode(plain + b"=" * (-len(plain) % 4))
    except binascii.Error:
        return b""


def _files(path: Path) -> Iterator[Path]:
    """Return the regular files below a folder; links are not followed."""
    try:
        entries = sorted(path.iterdir())
    except OSError:
        return
    for entry in entries:
        if entry.is_symlink():
            continue
        if entry.is_dir():
            yield from _files(entry)
        elif entry.is_file():
            yield entry


#: The ledger of this process.
LEDGER: Final = Ledger()


def register(token: str, kind: str = "tokens of a test") -> str:
    """Remember a token in this process's ledger, and return it."""
    LEDGER.register(token, kind)
    return token
