"""A Sigstore whose root comes from a TUF repository on loopback, and somebody who forges.

The name ``own`` stands for the repository, as ``public-good`` does for the public one. Two
sandboxes with keys of their own have signed the same file as the same workflow: the one that
is trusted, and the forger's. So a forged bundle is accepted as soon as the forger's root is.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest

from slsa_gen.cli.main import main
from slsa_gen.clock import SystemClock
from slsa_gen.model.instance import InstanceKind
from slsa_gen.sandbox.folder import trusted_instance
from tests.support.clock import SkewedClock
from tests.support.sandboxes import ENVIRONMENT, REPOSITORY, make_checkout, make_template
from tests.support.tuf_repository import TufRepository

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.integration.conftest import CommandLine, Outcome

#: What stands in the place of the repository's address in :attr:`Answer.note`.
URL: Final = "URL"
DAY: Final = 86_401


@dataclass(frozen=True)
class Signer:
    """A sandbox: its root, and the bundle that it signed of the file ``app``."""

    root: bytes
    bundle: bytes


@pytest.fixture(scope="session")
def signers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Signer]:
    """Return the one who is trusted (``real``), and the one who forges (``forged``)."""
    found = {}
    for name in ("real", "forged"):
        folder = tmp_path_factory.mktemp(name)
        make_template(folder / "sandbox")
        make_checkout(folder / "work")
        (folder / "work/app").write_bytes(b"content\n")
        variables = {**ENVIRONMENT, "HOME": str(folder), "SLSA_GEN_SANDBOX": f"{folder}/sandbox"}
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder / "work")
            assert main(["attest", "--sigstore", "sandbox", "app"], variables=variables) == 0
        bundle = (folder / "work/app.intoto.jsonl").read_bytes()
        found[name] = Signer(trusted_instance(folder / "sandbox").trusted_root, bundle)
    return found


@pytest.fixture
def tuf(signers: Mapping[str, Signer]) -> Iterator[TufRepository]:
    """Serve a repository that was published now and trusts the right sandbox."""
    now = SystemClock().now().replace(microsecond=0)
    with TufRepository(now, signers["real"].root, None) as repository:
        yield repository


@dataclass(frozen=True)
class Answer:
    """What the command line said of one bundle."""

    accepted: bool
    note: str
    seconds: float


class Person:
    """Verifies ``app`` against the Sigstore ``own``, with a cache of its own.

    Attributes:
        cli: The command line.
        tuf: The repository behind the name.
        cache: The cache file.
        later: The seconds by which the person's clock is ahead.
    """

    def __init__(self, cli: CommandLine, tuf: TufRepository, signers: Mapping[str, Signer]) -> None:
        self.cli, self.tuf = cli, tuf
        self.later = 0.0
        self.cache = cli.folder / "cache/trust/test.json"
        cli.variables["SLSA_GEN_CACHE"] = str(cli.folder / "cache")
        self.shipped = signers["real"].root
        cli.write("app")
        for name, signer in signers.items():
            cli.write(f"{name}.jsonl", signer.bundle)

    def run(self, *arguments: str) -> Outcome:
        """Run a command that knows the repository as ``own``."""
        known = self.tuf.known(kind=InstanceKind.SANDBOX, trusted_root=self.shipped)
        self.cli.clock = SkewedClock(SystemClock(), self.later)
        self.cli.repository_of = lambda name: known if name == "own" else None
        return self.cli(*arguments)

    def asks(self, bundle: str, *options: str) -> Answer:
        """Ask whether a bundle is right."""
        clock = SystemClock()
        began = clock.monotonic()
        outcome = self.run(
            *("verify", "app", "--sigstore", "own", "--repo", REPOSITORY),
            *("--bundle", f"{bundle}.jsonl", *options),
        )
        took = clock.monotonic() - began
        assert outcome.code in {0, 1}, outcome.err
        start = "slsa-gen: trusted root: "
        (note,) = outcome.err.splitlines()
        assert note.startswith(start)
        return Answer(outcome.code == 0, note.removeprefix(start).replace(self.tuf.url, URL), took)

    def is_right(self, *options: str) -> str:
        """Make sure that the real bundle is accepted and the forged one is not.

        Returns:
            Where the root came from, as it was said first.
        """
        real, forged = self.asks("real", *options), self.asks("forged", *options)
        assert (real.accepted, forged.accepted) == (True, False), (real, forged)
        return real.note

    def files(self) -> dict[str, bytes]:
        """Return what the cache holds."""
        document = json.loads(self.cache.read_bytes())
        return {name: b64decode(data) for name, data in document["files"].items()}

    def put(self, files: Mapping[str, bytes], *, age: float = 0.0) -> None:
        """Write a cache as whoever may write in the folder can: with any files and age."""
        moment = SkewedClock(SystemClock(), -age).now()
        self.cache.parent.mkdir(parents=True, exist_ok=True)
        encoded = {name: b64encode(data).decode() for name, data in files.items()}
        self.cache.write_text(json.dumps({"checkedAt": moment.isoformat(), "files": encoded}))


@pytest.fixture
def person(cli: CommandLine, tuf: TufRepository, signers: Mapping[str, Signer]) -> Person:
    """Return somebody without a cache yet."""
    return Person(cli, tuf, signers)
