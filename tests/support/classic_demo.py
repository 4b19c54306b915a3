"""in-toto's demo supply chain (clone, update-version, package), with keys in files.

Alice owns the layout, Bob clones and edits, Carl packs: as in the ``in-toto/demo``
repository, with a repository of the test's own in place of the one that it clones.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slsa_gen import environment
from slsa_gen.clock import SystemClock
from slsa_gen.intoto.classic import classic_link
from slsa_gen.intoto.recorder import Demands, Surroundings, record
from slsa_gen.intoto.signing_key import read_signing_key
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.step import Step
from slsa_gen.subjects.progress import SilentProgress
from tests.support.supply_chains import Person, inspection, layout, signed, step

if TYPE_CHECKING:
    from collections.abc import Mapping

ARTIFACT: Final = "demo-project.tar.gz"
_SOURCE: Final = "demo-project/foo.py"
_PACK: Final = ("tar", "--exclude", ".git", "-zcf", ARTIFACT, "demo-project")
_EDIT: Final = ("sed", "-i", "s/v0/v1/", _SOURCE)
#: What the inspection may find beside the artifact, where in-toto runs it: in the same folder.
_AROUND: Final = [
    ["ALLOW", name] for name in ("*.link", "*.pub", "root.layout", "demo-project/.git/*")
]


def run(folder: Path, *command: str, variables: Mapping[str, str] | None = None) -> str:
    """Run a command that must succeed, and return what it said.

    Raises:
        AssertionError: it failed; the message has what it said.
    """
    done = subprocess.run(
        command,
        cwd=folder,
        env={**environment.variables(), **(variables or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, f"{command}: {said}"
    return said


def tool(name: str) -> str:
    """Return a program of the ``in-toto`` package."""
    return str(Path(sys.executable).parent / name)


@dataclass(frozen=True)
class Demo:
    """The demo in a folder: its people, and their keys in files (``alice``, ``alice.pub``)."""

    folder: Path
    people: Mapping[str, Person]

    @classmethod
    def begun(cls, folder: Path, *, dsse: bool = True, scheme: str = "ed25519") -> Demo:
        """Make the keys, the layout and the repository that is cloned."""
        people = {name: Person(scheme) for name in ("alice", "bob", "carl")}
        folder.mkdir(parents=True, exist_ok=True)
        for name, person in people.items():
            key = folder.parent / f"{folder.name}-{name}"
            key.touch(0o600)
            key.write_bytes(person.signer.private_bytes)
            public = run(folder, "openssl", "pkey", "-in", str(key), "-pubout")
            (folder / f"{name}.pub").write_text(public, encoding="ascii")
        demo = cls(folder, people)
        alice = people["alice"]
        both = (alice, alice.under(alice.older_id))  # the second for in-toto-golang
        (folder / "root.layout").write_bytes(signed(demo.layout(), *both, dsse=dsse))
        demo._make_origin()
        return demo

    @property
    def artifact(self) -> Path:
        """Return the file that is delivered."""
        return self.folder / ARTIFACT

    def key(self, name: str) -> Path:
        """Return the file of somebody's private key: not in the folder that is delivered."""
        return self.folder.parent / f"{self.folder.name}-{name}"

    def layout(self) -> dict[str, object]:
        """Return the demo's layout."""
        bob, carl = self.people["bob"], self.people["carl"]
        match = ["MATCH", "demo-project/*", "WITH", "PRODUCTS", "FROM"]
        steps = [
            step(
                "clone",
                bob,
                expected_command=["git", "clone", str(self._origin)],
                expected_products=[["CREATE", _SOURCE], ["DISALLOW", "*"]],
            ),
            step(
                "update-version",
                bob,
                expected_materials=[[*match, "clone"], ["DISALLOW", "*"]],
                expected_products=[["ALLOW", _SOURCE], ["DISALLOW", "*"]],
            ),
            step(
                "package",
                carl,
                expected_command=list(_PACK),
                expected_materials=[[*match, "update-version"], ["DISALLOW", "*"]],
                expected_products=[["CREATE", ARTIFACT], ["DISALLOW", "*"]],
            ),
        ]
        untar = inspection(
            "untar",
            "tar",
            "xzf",
            ARTIFACT,
            expected_materials=[
                ["MATCH", ARTIFACT, "WITH", "PRODUCTS", "FROM", "package"],
                *_AROUND,
                ["ALLOW", _SOURCE],
                ["DISALLOW", "*"],
            ],
            expected_products=[
                ["MATCH", _SOURCE, "WITH", "PRODUCTS", "FROM", "update-version"],
                ["ALLOW", ARTIFACT],
                *_AROUND,
                ["DISALLOW", "*"],
            ],
        )
        return layout(steps, bob, carl, inspect=[untar])

    def made_by_in_toto(self, *, dsse: bool) -> None:
        """Go through the steps with ``in-toto-run`` and ``in-toto-record``."""
        form = ["--use-dsse"] if dsse else []
        bob, carl = str(self.key("bob")), str(self.key("carl"))
        by_bob = ["--signing-key", bob, *form]
        program = tool("in-toto-run")
        clone = ["-n", "clone", *by_bob, "-p", _SOURCE, "--", "git", "clone", str(self._origin)]
        run(self.folder, program, *clone)
        recorder = [tool("in-toto-record")]
        run(self.folder, *recorder, "start", "-n", "update-version", *by_bob, "-m", _SOURCE)
        run(self.folder, *_EDIT)
        run(self.folder, *recorder, "stop", "-n", "update-version", *by_bob, "-p", _SOURCE)
        package = ["-n", "package", "--signing-key", carl, *form, "-m", _SOURCE, "-p", ARTIFACT]
        run(self.folder, program, *package, "--", *_PACK)

    def made_by_us(self) -> None:
        """Go through the steps with our recorder, and write classic links.

        The first step starts from nothing but what the layout says.
        """
        self._step("bob", Step("clone", ("git", "clone", str(self._origin)), (_SOURCE,), ()))
        self._step("bob", Step("update-version", _EDIT, (_SOURCE,), (_SOURCE,)))
        self._step("carl", Step("package", _PACK, (ARTIFACT,), (_SOURCE,)))

    def delivered(self, folder: Path) -> Path:
        """Copy what is delivered into a folder: the artifact, the links, the layout, the key."""
        folder.mkdir()
        for pattern in (ARTIFACT, "*.link", "root.layout", "alice.pub"):
            for path in self.folder.glob(pattern):
                shutil.copy(path, folder)
        return folder

    @property
    def _origin(self) -> Path:
        return self.folder.parent / f"{self.folder.name}-origin" / "demo-project"

    def _make_origin(self) -> None:
        self._origin.mkdir(parents=True)
        source = self._origin / "foo.py"
        source.write_text('print("v0")\n', encoding="ascii")
        run(self._origin, "git", "init", "-q")
        run(self._origin, "git", "add", "foo.py")
        who = ["-c", "user.name=Bob", "-c", "user.email=bob@example.com"]
        run(self._origin, "git", *who, "commit", "-q", "-m", "First")

    def _step(self, name: str, asked: Step) -> None:
        """Run and record a step by our recorder, and sign its link."""
        done = record(
            asked,
            Demands(),
            Surroundings(
                self.folder,
                None,
                environment.variables(),
                SystemClock(),
                DEFAULT_LIMITS,
                SilentProgress(),
            ),
        )
        key = read_signing_key(self.key(name), {})
        link = classic_link(done.record, key)
        (self.folder / link.name).write_bytes(link.data)
