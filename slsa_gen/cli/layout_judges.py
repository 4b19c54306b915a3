"""Who judges by a layout: one for each of the two kinds, which never mix."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from slsa_gen.cli.by_layout import links_folder
from slsa_gen.errors import NoEvidenceError
from slsa_gen.intoto import kinds
from slsa_gen.intoto.classic_layout import judge
from slsa_gen.intoto.inspections import CommandInspector
from slsa_gen.intoto.keyless_layout import (
    SignedLayout,
    StepsJudged,
    check_signature,
    judge_steps,
    layout_digests,
    verdict_on,
)
from slsa_gen.intoto.signing_key import read_public_key
from slsa_gen.model.verdict import AttestationVerdict
from slsa_gen.reasons import Reason
from slsa_gen.report.text import as_path, command
from slsa_gen.sources.beside import Beside
from slsa_gen.sources.folder import FolderContents, read_folder
from slsa_gen.sources.index import DigestIndex
from slsa_gen.verify import Artifact

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from slsa_gen.cli.by_layout import Layout
    from slsa_gen.cli.console import Console
    from slsa_gen.intoto.keyless_links import Prover
    from slsa_gen.intoto.keys import PublicKey
    from slsa_gen.limits import Limits
    from slsa_gen.model.digest import Digest
    from slsa_gen.model.evidence import Evidence
    from slsa_gen.model.layout import KeylessLayout
    from slsa_gen.model.verdict import Check
    from slsa_gen.policy.policy import Policy


@dataclass(frozen=True, slots=True)
class KeylessJudge:
    """Judges by a keyless layout.

    ``given`` are the bundles of ``--bundle``: links, the layout's own, or anything else.
    """

    layout: Layout
    document: KeylessLayout
    args: argparse.Namespace
    given: Sequence[Evidence]
    prover: Prover
    policy: Policy
    console: Console
    limits: Limits
    _signed: list[SignedLayout] = field(default_factory=list)
    _steps: dict[Path | None, StepsJudged] = field(default_factory=dict)

    def __call__(
        self, artifact: Artifact, digests: tuple[Digest, ...], /
    ) -> tuple[AttestationVerdict, ...]:
        """Judge one artifact; the layout's signature and the links are judged once."""
        if not self._signed:
            self._signed.append(self._check_signature())
        (signed,) = self._signed
        if not signed.accepted:
            return signed.verdicts
        folder = None if self.given and self.args.links is None else self._folder(artifact)
        if folder not in self._steps:
            self._steps[folder] = self._judge_steps(folder)
        return (verdict_on(signed, self._steps[folder], digests),)

    def _folder(self, artifact: Artifact) -> Path:
        return links_folder(self.args, artifact)

    def _check_signature(self) -> SignedLayout:
        digests = layout_digests(self.layout.data)
        return check_signature(
            self.document, digests, self._bundles(digests), self.prover, self.policy
        )

    def _bundles(self, digests: tuple[Digest, ...]) -> Sequence[Evidence]:
        """Return the bundles that may be the layout's own: among those given, or beside it."""
        path = self.layout.path
        index = DigestIndex(self.limits)
        for one in self.given:
            index.add(one)
        found = index.speaking_of(digests)
        if found:
            return found
        try:
            return Beside(self.limits).find(Artifact(str(path), path), digests)
        except NoEvidenceError as error:
            raise NoEvidenceError(
                f"nothing says who signed the layout {str(path)!r}: {error.message}",
                reason=Reason.LAYOUT_SIGNATURE,
                hint="Put its bundle beside it, or give it: --bundle FILE. Whoever may, signs it "
                f"with: {command('slsa-gen', 'layout', 'sign', as_path(str(path)))}",
            ) from error

    def _judge_steps(self, folder: Path | None) -> StepsJudged:
        beside = FolderContents((), (), ()) if folder is None else read_folder(folder, self.limits)
        judged = judge_steps(
            self.document,
            list(dict.fromkeys((*self.given, *beside.bundles))),
            self.prover,
            sandbox=self.policy.sandbox,
            now=self.console.clock.now(),
            hosted=self.policy.deny_self_hosted_runners,
            limits=self.limits,
        )
        if not kinds.lacks_links(judged.checks):
            return judged
        names = [step.name for step in self.document.steps]
        more = (
            *kinds.classic_for_keyless(names, beside.classic),
            *kinds.unreadable(beside.malformed),
        )
        return StepsJudged((*judged.checks, *more), judged.links)


@dataclass(frozen=True, slots=True)
class ClassicJudge:
    """Judges by a classic layout, signed by keys."""

    layout: Layout
    keys: Sequence[PublicKey]
    args: argparse.Namespace
    console: Console
    limits: Limits

    @classmethod
    def of(
        cls, layout: Layout, args: argparse.Namespace, console: Console, limits: Limits
    ) -> ClassicJudge:
        """Read the keys, and warn of what the layout may make this machine run.

        Raises:
            UsageError: a key cannot be used.
        """
        keys = [read_public_key(Path(name), limits) for name in args.layout_key]
        if args.run_inspections:
            console.say(
                "warning: --run-inspections: the layout's inspections are commands, and run here "
                "as this user"
            )
        return cls(layout, keys, args, console, limits)

    def __call__(
        self, artifact: Artifact, digests: tuple[Digest, ...], /
    ) -> tuple[AttestationVerdict, ...]:
        """Judge one artifact."""
        folder = links_folder(self.args, artifact)
        checks = judge(
            self.layout.data,
            self.keys,
            folder,
            digests,
            now=self.console.clock.now(),
            limits=self.limits,
            inspect=self._inspector(artifact, digests),
        )
        if kinds.lacks_links(checks):
            checks = (*checks, *self._of_other_kind(folder))
        return (AttestationVerdict(str(self.layout.path), checks),)

    def _inspector(
        self, artifact: Artifact, digests: tuple[Digest, ...]
    ) -> CommandInspector | None:
        if not self.args.run_inspections or artifact.path is None:
            return None
        path = self.console.environment.get("PATH", "")
        return CommandInspector(artifact.path, digests, path, self.console.clock, self.limits)

    def _of_other_kind(self, folder: Path) -> tuple[Check, ...]:
        return kinds.keyless_for_classic(read_folder(folder, self.limits).bundles, self.limits)
