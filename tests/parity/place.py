"""A place where commands are typed: a folder, a run, and the Sigstore that signs there."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from slsa_gen import environment
from tests.parity.writing import written
from tests.support.sandboxes import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tests.integration.conftest import CommandLine, Outcome

#: The client trust configuration of the place, which every command names.
SIGSTORE: Final = "sigstore.json"
WORKFLOW: Final = f"{REPOSITORY}/.github/workflows/sandbox.yml@refs/heads/main"
PRINTED: Final = Path(__file__).with_name("printed")
_ADVICE: Final = (
    "The same commands print something else here. If the text may change: SLSA_GEN_PARITY=write "
    "make test ARGS=tests/integration/test_parity.py; if only this place may differ: writing.py"
)
#: The part of a test's name that differs from place to place.
_LOG: Final = re.compile(r"rekor-v\d")
_SLUG: Final = re.compile(r"[^A-Za-z0-9_.]+")
#: Set to "write" to write anew what is printed; read when this is imported.
_MODE: Final = environment.variables().get("SLSA_GEN_PARITY", "")


@dataclass
class Signed:
    """What was signed in a place before: the files, and what differs in them."""

    files: Mapping[str, bytes]
    names: Mapping[str, str]


@dataclass
class Place:
    """Commands, and all that they print.

    Attributes:
        cli: The command line, in an empty checkout.
        issuer: Whose tokens the run has.
        server: The server whose run it is.
        names: What differs from place to place, and the name for it.
        run: Begins another run of the same commit, and returns its variables.
        signed: What was signed once for all tests, by a name for it; see :meth:`take`.
    """

    cli: CommandLine
    issuer: str
    server: str
    names: dict[str, str]
    run: Callable[[], Mapping[str, str]]
    signed: dict[str, Signed]
    _lines: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """Return the folder in which commands are typed."""
        return self.cli.folder

    @property
    def identity(self) -> str:
        """Return the name in the certificate."""
        return f"{self.server}/{WORKFLOW}"

    @property
    def commit(self) -> str:
        """Return the commit of what is signed here; :meth:`take_signed` has another."""
        return next(v for v, n in reversed(self.names.items()) if n == "<commit>")

    def begin(self) -> None:
        """Begin another run."""
        self.cli.variables |= {**self.run(), "GITHUB_WORKSPACE": str(self.folder)}

    def __call__(self, *arguments: str, kept: bool = True) -> Outcome:
        """Type a command, and keep what it prints, unless that differs for a good reason."""
        outcome = self.cli(*arguments)
        if not kept:
            return outcome
        typed = " ".join(argument or "''" for argument in arguments)
        shown = typed if len(typed) < 500 else f"{typed[:500]}…"
        self._lines += [
            written(f"$ slsa-gen {shown}\n", self.names),
            written(outcome.out, self.names),
            *(f"! {line}\n" for line in written(outcome.err, self.names).splitlines()),
            f"exit {outcome.code}\n\n",
        ]
        return outcome

    def keep(self, text: str) -> None:
        """Keep a text that is compared like what is printed."""
        self._lines.append(written(text, self.names))

    def attest(self, *arguments: str) -> Outcome:
        """Attest with the place's Sigstore."""
        return self("attest", "--sigstore", SIGSTORE, *arguments)

    def verify(self, *arguments: str, repository: str = REPOSITORY, kept: bool = True) -> Outcome:
        """Verify against the place's Sigstore, expecting the run's repository unless it is ''."""
        expected = ("--repo", repository) if repository else ()
        place = ("--sigstore", SIGSTORE, "--cert-oidc-issuer", self.issuer)
        return self("verify", *place, *expected, *arguments, kept=kept)

    def take_signed(self) -> None:
        """Have the file ``app`` here, with a bundle of its own that was signed once for all.

        Beside it ``other``, with a bundle of its own too, and ``sbom.intoto.jsonl``, an SBOM's.
        """
        self.take("bundles", self._sign)

    def take(self, what: str, make: Callable[[], Iterable[str]]) -> None:
        """Have files here that were signed once for all.

        Args:
            what: A name for them.
            make: Makes them here the first time, and returns their names.
        """
        if what not in self.signed:
            files = {name: (self.folder / name).read_bytes() for name in make()}
            self.signed[what] = Signed(files, dict(self.names))
        for name, data in self.signed[what].files.items():
            self.cli.write(name, data)
        self.names |= self.signed[what].names

    def _sign(self) -> tuple[str, ...]:
        self.cli.write("app")
        self.cli.write("other", "other\n")
        self.cli.write("sbom.json", '{"bomFormat": "CycloneDX", "specVersion": "1.6"}')
        sbom = ("app", "--sbom-path", "sbom.json", "--output", "sbom.intoto.jsonl")
        for arguments in (("app",), ("other",), sbom):
            outcome = self.cli("attest", "--sigstore", SIGSTORE, *arguments)
            assert outcome.code == 0, outcome.err
        return "app", "other", "app.intoto.jsonl", "other.intoto.jsonl", "sbom.intoto.jsonl"

    def end(self, name: str) -> None:
        """Compare all that was printed with what the suite has for a test of this name."""
        printed = "".join(self._lines)
        if not printed:
            return
        path = PRINTED / f"{name}.txt"
        if _MODE == "write":
            path.write_text(printed, encoding="utf-8")
        expected = path.read_text(encoding="utf-8") if path.exists() else ""
        if printed != expected:
            lines = difflib.unified_diff(
                *(expected.splitlines(), printed.splitlines()),
                *(f"tests/parity/printed/{path.name}", "printed here"),
                lineterm="",
            )
            pytest.fail("\n".join([_ADVICE, *lines]), pytrace=False)


def file_name(item: pytest.Item) -> str:
    """Return the name of a test's file in ``printed``: the same in every place."""
    assert isinstance(item, pytest.Function)
    title = item.name.removeprefix("test_").replace("[", "-").replace("]", "")
    return _SLUG.sub("-", _LOG.sub("", title)).strip("-")
