"""Artifact rules: what a step may take in and give out, judged by the ``in-toto`` package.

MATCH, CREATE, DELETE, MODIFY and ALLOW take artifacts off a queue; DISALLOW refuses what it
finds on it, REQUIRE what it does not find (in-toto specification 0.9, 4.3.3 "Artifact
rules"). The package decides each rule; here every one of them is run, and said. What the
package cannot apply is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from in_toto import rulelib, verifylib
from in_toto.exceptions import RuleVerificationError
from in_toto.models.link import Link
from securesystemslib.exceptions import FormatError

from slsa_gen.intoto.traces import Trace, listed
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.verdict import Check
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slsa_gen.intoto.traces import Recorded
    from slsa_gen.limits import Limits

#: The two sides of a step, in the order in which their rules are applied.
SIDES: Final = ("materials", "products")
RULE: Final = "layout.artifact-rule"


class RuleSyntaxError(ValueError):
    """The words are not an artifact rule; the message says why, with got and expected."""


@dataclass(frozen=True, slots=True)
class RuleWords:
    """One rule that the package understands, in its words."""

    words: tuple[str, ...]

    @classmethod
    def make(cls, words: Sequence[str], limits: Limits = DEFAULT_LIMITS) -> RuleWords:
        """Take the words of a rule, as a layout holds them.

        Raises:
            RuleSyntaxError: they are no rule, or too long.
        """
        try:
            rulelib.unpack_rule(list(words))
        except FormatError:
            raise RuleSyntaxError(_misfit(words)) from None
        if any(
            len(word.encode("utf-8", "surrogatepass")) > limits.rule_word_bytes for word in words
        ):
            raise RuleSyntaxError(f"a word is longer than {limits.rule_word_bytes} bytes")
        return cls(tuple(words))

    @property
    def unpacked(self) -> dict[str, str]:
        """The rule's parts under the names that the package gives them."""
        parts: dict[str, str] = rulelib.unpack_rule(list(self.words))
        return parts

    @property
    def step(self) -> str | None:
        """The step whose artifacts a MATCH rule compares with; None for the other rules."""
        return self.unpacked.get("dest_name")

    def __str__(self) -> str:
        return _shown(self.words)


@dataclass(frozen=True, slots=True)
class Item:
    """A step (or an inspection) of a layout: its name, and the rules of both sides."""

    name: str
    materials: tuple[RuleWords, ...] = ()
    products: tuple[RuleWords, ...] = ()

    def side(self, name: str) -> tuple[RuleWords, ...]:
        """Return the rules for ``materials`` or ``products``."""
        return self.materials if name == SIDES[0] else self.products


def check_items(
    items: Sequence[Item], links: Mapping[str, Recorded], limits: Limits = DEFAULT_LIMITS
) -> tuple[Check, ...]:
    """Apply every rule of every step, in the order of the layout.

    Args:
        items: The steps, with their rules.
        links: What was recorded, by the step's name; a step without a link is not judged
            here (whoever counts its functionaries refuses it).
        limits: How much work that may be.

    Returns:
        One check for each rule: which step, which rule, which artifacts. None ends early:
        after a rule that does not hold, the next one finds the same queue.
    """
    recorded = {
        name: Link(name=name, materials=_plain(link.materials), products=_plain(link.products))
        for name, link in links.items()
    }
    return tuple(
        check
        for item in items
        if item.name in recorded
        for side in SIDES
        for check in _check_side(item, side, recorded, limits)
    )


def _check_side(item: Item, side: str, links: Mapping[str, Link], limits: Limits) -> list[Check]:
    rules, artifacts = item.side(side), getattr(links[item.name], side)
    if len(rules) * len(artifacts) > limits.rule_applications:
        return [
            Check(
                RULE,
                expected=f"at most {limits.rule_applications:,} times a rule and an artifact",
                found=f"step {item.name!r}: {len(rules):,} rules for {len(artifacts):,} {side}",
                passed=False,
                reason=Reason.LAYOUT_TOO_LARGE,
                hint="Record less: name the step's materials and products by narrower patterns.",
            )
        ]
    applied = _Queue(item.name, side, links)
    return [applied.check(rule) for rule in rules]


class _Queue:
    """The artifacts of one side that no rule has taken yet."""

    def __init__(self, step: str, side: str, links: Mapping[str, Link]) -> None:
        self._step = step
        self._side = side
        self._links = links
        self._link = links[step]
        self._artifacts: Mapping[str, Mapping[str, str]] = getattr(self._link, side)
        self._queue = set(self._artifacts)
        self._trace = Trace(step, side, links)

    def check(self, rule: RuleWords) -> Check:
        """Apply one rule, and take from the queue what it consumes."""
        kind, pattern = rule.unpacked["rule_type"], rule.unpacked["pattern"]
        expected = f"step {self._step!r}, {self._side}: {rule}"
        try:
            if kind in ("disallow", "require"):
                return self._demand(rule, kind, expected)
            taken = self._taken(rule)
        except KeyError as error:
            # The package joins a prefix and a name, and does not find what it joined.
            return Check(
                RULE,
                expected=expected,
                found=f"the name {error.args[0]!r}, made of the rule's prefix, is not among the "
                f"{self._side}",
                passed=False,
                reason=Reason.LAYOUT_RULE,
                hint="Names and prefixes are written with single slashes.",
            )
        matched = verifylib.verify_allow_rule(pattern, self._queue)
        self._trace.note(rule.words, rule.unpacked, matched - taken)
        self._queue -= taken
        found = f"takes {len(taken):,}, leaves {len(self._queue):,}"
        return Check(RULE, expected=expected, found=found, passed=True)

    def _taken(self, rule: RuleWords) -> set[str]:
        """Return what the package lets a rule consume."""
        parts, link, queue = rule.unpacked, self._link, self._queue
        materials, products = set(link.materials), set(link.products)
        taken: set[str]
        if parts["rule_type"] == "match":
            taken = verifylib.verify_match_rule(parts, queue, self._artifacts, self._links)
        elif parts["rule_type"] == "create":
            taken = verifylib.verify_create_rule(parts["pattern"], queue, materials, products)
        elif parts["rule_type"] == "delete":
            taken = verifylib.verify_delete_rule(parts["pattern"], queue, materials, products)
        elif parts["rule_type"] == "modify":
            taken = verifylib.verify_modify_rule(
                parts["pattern"], queue, link.materials, link.products
            )
        else:
            taken = verifylib.verify_allow_rule(parts["pattern"], queue)
        return taken

    def _demand(self, rule: RuleWords, kind: str, expected: str) -> Check:
        """Ask the package whether DISALLOW or REQUIRE holds for what is on the queue."""
        left = Link(name=self._step, **{self._side: {name: {} for name in self._queue}})
        try:
            verifylib.verify_item_rules(
                self._step, self._side, [list(rule.words)], {self._step: left}
            )
        except RuleVerificationError:
            pass
        else:
            found = f"{len(self._queue):,} left, none of them refused"
            return Check(RULE, expected=expected, found=found, passed=True)
        pattern = rule.unpacked["pattern"]
        if kind == "require":
            return self._absent(pattern, expected)
        names = sorted(verifylib.verify_allow_rule(pattern, self._queue))
        return Check(
            RULE,
            expected=expected,
            found=listed([self._trace.why(name) for name in names]),
            passed=False,
            reason=Reason.LAYOUT_DISALLOWED,
            hint="Either the artifact is not what the steps made, or a rule before this one must "
            f"take it, such as: ALLOW {names[0]}",
        )

    def _absent(self, name: str, expected: str) -> Check:
        there = "taken by an earlier rule" if name in self._artifacts else "not there"
        return Check(
            RULE,
            expected=expected,
            found=f"{name!r} is {there} ({self._side} in all: {len(self._artifacts):,})",
            passed=False,
            reason=Reason.LAYOUT_REQUIRED,
            hint="REQUIRE names one artifact, not a pattern, and stands before the rules that "
            "take it.",
        )


def _plain(artifacts: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    return {name: dict(digests) for name, digests in artifacts.items()}


def _shown(words: Sequence[str]) -> str:
    return " ".join(words)


def _misfit(words: Sequence[Any]) -> str:
    if not all(isinstance(word, str) for word in words):
        return "a rule is a list of texts"
    first = words[0].upper() if words else ""
    if first == "MATCH":
        return (
            f"{_shown(words)!r} is no MATCH rule; it is written: MATCH PATTERN [IN PREFIX] WITH "
            "MATERIALS|PRODUCTS [IN PREFIX] FROM STEP"
        )
    if first.lower() in rulelib.ALL_RULES:
        return f"{_shown(words)!r} is no {first} rule; it is written: {first} PATTERN"
    known = ", ".join(sorted(word.upper() for word in rulelib.ALL_RULES))
    return f"{_shown(words)!r} is no artifact rule; one begins with: {known}"
