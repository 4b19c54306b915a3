"""Following a classic layout: its steps, their rules, sublayouts and inspections.

A sublayout in a step's place is judged like a layout of its own, by links in a folder of its
own, and stands for a link with the materials of its first step and the products of its last
(in-toto specification 0.9, 4.5 "Sublayouts").
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from slsa_gen.intoto.classic_documents import ClassicSyntaxError, Inspection, Layout, Link
from slsa_gen.intoto.functionaries import (
    Gathered,
    SignedLink,
    check_agreement,
    check_command,
    gather,
)
from slsa_gen.intoto.inspections import InspectionError, Inspector
from slsa_gen.intoto.rules import check_items
from slsa_gen.intoto.second_opinion import ask_package
from slsa_gen.model.verdict import Check
from slsa_gen.reasons import Reason
from slsa_gen.subjects.names import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from slsa_gen.intoto.classic_documents import Step
    from slsa_gen.intoto.classic_metadata import Metadata
    from slsa_gen.intoto.keys import PublicKey
    from slsa_gen.intoto.link_folder import LinkFolder
    from slsa_gen.limits import Limits

EXPIRY_RULE: Final = "layout.expiry"
SUBLAYOUT_RULE: Final = "layout.sublayout"
INSPECTION_RULE: Final = "layout.inspection"


@dataclass(frozen=True, slots=True)
class Chain:
    """What a layout's links say: one a step (those that count and agree), and the checks."""

    links: dict[str, Link]
    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Tell whether every check passed."""
        return _hold(self.checks)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Follows a layout and its sublayouts.

    ``broken`` says that a check of an outer layout failed: then no command is run any more.
    """

    now: datetime
    limits: Limits
    inspect: Inspector | None
    broken: bool = False

    def follow(
        self,
        metadata: Metadata,
        layout: Layout,
        keys: Sequence[PublicKey],
        folder: LinkFolder,
        depth: int,
    ) -> Chain:
        """Judge a layout whose signatures hold: its expiry, steps, rules, inspections."""
        checks = [self._expiry(layout)]
        gathered = {step.name: gather(step, folder, self.limits) for step in layout.steps}
        links: dict[str, Link] = {}
        counts = [check for those in gathered.values() for check in those.checks]
        for step in layout.steps:
            inner = self if _hold((*checks, *counts)) else replace(self, broken=True)
            counted, found = inner._step(step, gathered[step.name], folder, depth)  # noqa: SLF001 (of this class)
            checks += found
            if counted is not None:
                links[step.name] = counted
        checks += check_items([step.item for step in layout.steps], links, self.limits)
        checks += self._inspections(layout, links, checks)
        if _hold(checks):
            checks.append(ask_package(metadata, keys, gathered))
        return Chain(links, tuple(checks))

    def _expiry(self, layout: Layout) -> Check:
        passed = layout.expires > self.now
        return Check(
            EXPIRY_RULE,
            expected=f"valid at {self.now:%Y-%m-%dT%H:%M:%SZ}",
            found=f"expires at {layout.expires:%Y-%m-%dT%H:%M:%SZ}",
            passed=passed,
            reason=None if passed else Reason.LAYOUT_EXPIRED,
            hint="" if passed else "Ask whoever signs the layout for one that is still valid.",
        )

    def _step(
        self, step: Step, gathered: Gathered, folder: LinkFolder, depth: int
    ) -> tuple[Link | None, list[Check]]:
        """Return what a step's links agree on, and the checks; None where they do not."""
        checks = list(gathered.checks)
        links: list[tuple[str, Link]] = []
        for signed in gathered.links:
            name = folder.name_of(step.name, signed.key)
            if isinstance(signed.metadata.content, Link):
                links.append((name, signed.metadata.content))
                continue
            chain = self._sublayout(step, signed, signed.metadata.content, folder, depth)
            checks += chain.checks
            if chain.holds:
                links.append((name, chain.links[step.name]))
        checks += [c for n, link in links if (c := check_command(step, n, link)) is not None]
        agreement = check_agreement(step, links)
        checks += [] if agreement is None else [agreement]
        if not links or not _hold(checks):
            return None, checks
        return links[0][1], checks

    def _sublayout(
        self, step: Step, signed: SignedLink, layout: Layout, folder: LinkFolder, depth: int
    ) -> Chain:
        """Judge a layout that stands in a step's place; give the link that sums it up."""
        where = f"sublayout {step.name}.{signed.key.short_id}"
        if depth >= self.limits.layout_depth:
            return Chain({}, (_too_deep(where, self.limits.layout_depth),))
        try:
            below = folder.below(step.name, signed.key)
        except ClassicSyntaxError as error:
            return Chain({}, (_misplaced(where, error),))
        chain = self.follow(signed.metadata, layout, [signed.key], below, depth + 1)
        checks = tuple(
            replace(check, expected=f"{where}: {check.expected}") for check in chain.checks
        )
        if not chain.holds:
            return Chain({}, checks)
        first, last = chain.links[layout.steps[0].name], chain.links[layout.steps[-1].name]
        summary = Link(step.name, first.materials, last.products, last.command)
        return Chain({step.name: summary}, checks)

    def _inspections(
        self, layout: Layout, links: dict[str, Link], before: Sequence[Check]
    ) -> list[Check]:
        """Run a layout's inspections, if that was asked for, and apply their rules."""
        if self.inspect is None or self.broken or not _hold(before):
            return [_not_run(inspection, self.inspect) for inspection in layout.inspections]
        checks: list[Check] = []
        recorded = dict(links)
        for inspection in layout.inspections:
            try:
                seen = self.inspect(inspection)
            except InspectionError as error:
                checks.append(_inspected(inspection, str(error), passed=False))
                return checks
            checks.append(_inspected(inspection, "it did", passed=True))
            recorded[inspection.name] = Link(
                inspection.name, seen.materials, seen.products, inspection.command
            )
        items = [inspection.item for inspection in layout.inspections]
        return [*checks, *check_items(items, recorded, self.limits)]


def _hold(checks: Iterable[Check]) -> bool:
    return all(check.passed for check in checks)


def _too_deep(where: str, depth: int) -> Check:
    return Check(
        SUBLAYOUT_RULE,
        expected=f"at most {depth} layouts inside one another",
        found=where,
        passed=False,
        reason=Reason.LAYOUT_SUBLAYOUT,
        hint="Write the steps of the innermost layouts into the outer one.",
    )


def _misplaced(where: str, error: ClassicSyntaxError) -> Check:
    return Check(
        SUBLAYOUT_RULE,
        expected=f"{where}: a folder with its links",
        found=str(error),
        passed=False,
        reason=Reason.LAYOUT_SUBLAYOUT,
        hint="Put the links themselves there.",
    )


def _not_run(inspection: Inspection, inspect: Inspector | None) -> Check:
    if inspect is not None:
        return replace(
            _inspected(inspection, "not run, since a check before it failed", passed=False),
            hint="It is run once the checks before it pass.",
        )
    return replace(
        _inspected(inspection, "not run: it is a command of the layout's", passed=False),
        hint="If you trust whoever signed the layout to run commands here, add: --run-inspections "
        "(the artifact must then be a file)",
    )


def _inspected(inspection: Inspection, found: str, *, passed: bool) -> Check:
    command = shown(shlex.join(inspection.command))
    return Check(
        INSPECTION_RULE,
        expected=f"inspection {inspection.name!r}: {command} succeeds",
        found=found,
        passed=passed,
        reason=None if passed else Reason.LAYOUT_INSPECTION,
        hint=""
        if passed
        else "The command has a folder with a copy of the artifact, PATH, no other variable and no "
        "input.",
    )
