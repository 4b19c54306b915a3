"""What a layout of either kind demands, as a report shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.errors import UsageError
from slsa_gen.intoto.classic_documents import ClassicSyntaxError, Layout
from slsa_gen.intoto.classic_metadata import read
from slsa_gen.intoto.layout_document import is_classic, items_of, parse
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.layout import DemandedStep, Demands
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.intoto.rules import Item, RuleWords
    from slsa_gen.limits import Limits


def demands_of(data: bytes, source: str, limits: Limits = DEFAULT_LIMITS) -> Demands:
    """Return what a layout demands; who signed it is not asked.

    Raises:
        UsageError: it is no layout.
    """
    return _of_classic(data, source, limits) if is_classic(data) else _keyless(data, source, limits)


def _keyless(data: bytes, source: str, limits: Limits) -> Demands:
    layout = parse(data, source, limits)
    steps = tuple(
        _step(
            item,
            tuple(map(str, step.functionaries)),
            step.threshold,
            step.expected_command or (),
        )
        for step, item in zip(layout.steps, items_of(layout, limits), strict=True)
    )
    return Demands(source, "keyless", layout.expires, layout.artifact, steps)


def _of_classic(data: bytes, source: str, limits: Limits) -> Demands:
    try:
        layout = read(data, limits).content
    except ClassicSyntaxError as error:
        raise _refused(f"{source}: this is no classic layout that is read here: {error}") from error
    if not isinstance(layout, Layout):
        raise _refused(f"{source}: this is a classic link, and no layout")
    steps = tuple(
        _step(
            step.item, tuple(f"key {key.keyid}" for key in step.keys), step.threshold, step.command
        )
        for step in layout.steps
    )
    inspections = tuple((one.name, one.command) for one in layout.inspections)
    return Demands(source, "classic", layout.expires, layout.steps[-1].name, steps, inspections)


def _step(
    item: Item, people: tuple[str, ...], threshold: int, command: tuple[str, ...]
) -> DemandedStep:
    open_sides = tuple(
        side
        for side in ("materials", "products")
        if not any(_refuses_all(rule) for rule in item.side(side))
    )
    kinds = {rule.unpacked["rule_type"] for rule in item.materials}
    return DemandedStep(
        name=item.name,
        people=people,
        threshold=threshold,
        materials=tuple(map(str, item.materials)),
        products=tuple(map(str, item.products)),
        command=command,
        lets_through=open_sides,
        may_lack="match" in kinds and "require" not in kinds,
    )


def _refuses_all(rule: RuleWords) -> bool:
    """Tell whether a rule refuses whatever is left: DISALLOW and nothing but asterisks."""
    parts = rule.unpacked
    return parts["rule_type"] == "disallow" and set(parts["pattern"]) == {"*"}


def _refused(message: str) -> UsageError:
    return UsageError(
        message,
        reason=Reason.LAYOUT_CLASSIC,
        hint="A classic layout is JSON as in-toto-sign writes it; a keyless one is YAML: "
        "docs/layouts.md",
    )
