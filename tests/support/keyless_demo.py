"""in-toto's demo supply chain (clone, update-version, package), keyless.

A workflow's run clones and edits, a person packs and owns the layout: as in the
``in-toto/demo`` repository, where keys do. Whoever calls it says how each of the two signs.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.integration.conftest import CommandLine, Outcome

ARTIFACT: Final = "demo-project.tar.gz"
SOURCE: Final = "demo-project/foo.py"
LAYOUT: Final = "root.yaml"
#: The steps, each with the command that it runs.
COMMANDS: Final = {
    "clone": ("git", "clone", "--quiet", "origin", "demo-project"),
    "update-version": ("sed", "-i", "s/v0/v1/", SOURCE),
    "package": ("tar", "--exclude", ".git", "-zcf", ARTIFACT, "demo-project"),
}


@dataclass(frozen=True)
class Signer:
    """Somebody who signs: the options, and what the certificate then says."""

    options: tuple[str, ...]
    issuer: str
    identity: str

    @property
    def words(self) -> str:
        """Return the functionary as a layout has it."""
        return f"{{issuer: '{self.issuer}', identity: '{self.identity}'}}"


@dataclass(frozen=True)
class KeylessDemo:
    """The demo in a command line's folder.

    ``workflow`` clones and edits, ``person`` packs and signs the layout.
    """

    cli: CommandLine
    workflow: Signer
    person: Signer

    def begin(self) -> None:
        """Make the repository that is cloned."""
        origin = self.cli.folder / "origin"
        self.cli.write("origin/foo.py", "VERSION = 'foo-v0'\n")
        self.cli.write("origin.txt", "origin\n")
        for command in (
            ("init", "--quiet", "--initial-branch=main"),
            ("add", "foo.py"),
            ("-c", "user.name=t", "-c", "user.email=t@example.invalid", "commit", "-qm", "v0"),
        ):
            subprocess.run(["git", *command], cwd=origin, check=True)

    def layout(self, *, expires: str = "2100-01-01T00:00:00Z", threshold: int = 1) -> str:
        """Return the layout's text."""
        workflow, person = self.workflow.words, self.person.words
        packers = person if threshold == 1 else f"{person}, {workflow}"
        return f"""\
version: 1
expires: {expires}
artifact: package
steps:
  - name: clone
    functionaries: [{workflow}]
    materials: [ALLOW origin.txt, DISALLOW *]
    products:
      - CREATE {SOURCE}
      - DISALLOW *
  - name: update-version
    functionaries: [{workflow}]
    expected-command: [sed, -i, s/v0/v1/, {SOURCE}]
    materials:
      - MATCH demo-project/* WITH PRODUCTS FROM clone
      - DISALLOW *
    products:
      - MODIFY {SOURCE}
      - DISALLOW *
  - name: package
    functionaries: [{packers}]
    threshold: {threshold}
    materials:
      - MATCH demo-project/* WITH PRODUCTS FROM update-version
      - DISALLOW *
    products:
      - CREATE {ARTIFACT}
      - DISALLOW *
"""

    def sign_layout(self, text: str | None = None, by: Signer | None = None) -> Outcome:
        """Write a layout (the demo's unless given) and have it signed (by its owner)."""
        self.cli.write(LAYOUT, self.layout() if text is None else text)
        options = (by or self.person).options
        return self._done("layout", "sign", *options, "--overwrite", LAYOUT)

    def step(
        self,
        name: str,
        *,
        by: Signer | None = None,
        command: Sequence[str] = (),
        output: str = "",
        options: Sequence[str] = (),
    ) -> Outcome:
        """Go through one step with ``slsa-gen run``; its bundle lies beside the artifact."""
        signer = by or (self.person if name == "package" else self.workflow)
        product = ARTIFACT if name == "package" else SOURCE
        material = ("--material", "origin.txt" if name == "clone" else SOURCE)
        return self._done(
            *("run", *signer.options, "--step", name, "--product", product, *material),
            *("--output", output or f"{name}.intoto.jsonl", "--overwrite", *options),
            *("--", *(command or COMMANDS[name])),
        )

    def make(self) -> None:
        """Go through the whole demo."""
        self.begin()
        for name in COMMANDS:
            self.step(name)
        self.sign_layout()

    def verify(self, *options: str, artifact: str = ARTIFACT, by: Signer | None = None) -> Outcome:
        """Verify by the layout, whose owner is named."""
        owner = by or self.person
        sigstore = owner.options[owner.options.index("--sigstore") :][:2]
        return self.cli(
            *("verify", artifact, "--layout", LAYOUT, *sigstore),
            *("--cert-identity", owner.identity, "--cert-oidc-issuer", owner.issuer),
            *options,
        )

    def _done(self, *arguments: str) -> Outcome:
        outcome = self.cli(*arguments)
        assert outcome.code == 0, f"{arguments}: {outcome.err}"
        return outcome


def reasons(outcome: Outcome) -> set[str]:
    """Return the reason codes of every failed check of the one artifact."""
    (result,) = outcome.results
    failed = {c["reason"] for a in result["attestations"] for c in a["checks"] if not c["passed"]}
    return failed | ({result["error"]["reason"]} if "error" in result else set())
