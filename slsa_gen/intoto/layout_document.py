"""Keyless layouts: the YAML document, read strictly.

::

    version: 1
    expires: 2030-01-01T00:00:00Z
    artifact: package
    steps:
      - name: package
        functionaries:
          - issuer: https://token.actions.githubusercontent.com
            identity: https://github.com/O/R/.github/workflows/release.yml@refs/heads/main
        products:
          - CREATE app.tar.gz
          - DISALLOW *

``schemas/layout-v1.json`` says what may stand there; beyond it, names must be unique, rules
be rules, and whatever refers to a step must refer to one of this layout.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from jsonschema import Draft202012Validator

from slsa_gen.errors import UsageError
from slsa_gen.intoto.rules import Item, RuleSyntaxError, RuleWords
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.layout import Functionary, KeylessLayout, LayoutStep
from slsa_gen.model.text import size
from slsa_gen.policy import yaml_document
from slsa_gen.policy.yaml_reader import Node, YamlError
from slsa_gen.reasons import Reason
from slsa_gen.regular_file import NotRegularError, TooLargeError, read_regular

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.limits import Limits

_MANUAL: Final = "docs/layouts.md shows a layout and says what may stand in it."


def read_layout_file(path: Path, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Return the content of a layout's file, of either kind.

    Raises:
        UsageError: there is no such file, or it is too large.
    """
    try:
        return read_regular(path, limits.layout_bytes)
    except TooLargeError as error:
        raise UsageError(
            f"the layout {str(path)!r} is larger than {size(limits.layout_bytes)}",
            reason=Reason.LAYOUT_FILE,
            hint="A layout has a few lines for each step; patterns shorten it.",
        ) from error
    except (OSError, NotRegularError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(
            f"the layout {str(path)!r} cannot be read: {why}",
            reason=Reason.LAYOUT_FILE,
            hint="Give the path of a layout.",
        ) from error


def is_classic(data: bytes) -> bool:
    """Tell whether a layout is one of in-toto's own: JSON, where ours is YAML."""
    return data.lstrip()[:1] == b"{"


def parse(data: bytes, source: str, limits: Limits = DEFAULT_LIMITS) -> KeylessLayout:
    """Read a keyless layout.

    Args:
        data: The file's content, YAML in UTF-8.
        source: Where it was found, for people.
        limits: How long a word of a rule may be.

    Raises:
        UsageError: it is no keyless layout; the message says where.
    """
    try:
        root, document = yaml_document.read(data, _validator(), dates=("expires",))
        return _layout(root, document, source, limits)
    except UnicodeDecodeError as error:
        raise _refused(source, "not UTF-8", Reason.LAYOUT_SYNTAX) from error
    except YamlError as error:
        raise _refused(source, str(error), Reason.LAYOUT_SYNTAX) from error
    except (yaml_document.SchemaError, RuleSyntaxError) as error:
        raise _refused(source, str(error), Reason.LAYOUT_SCHEMA) from error


def items_of(layout: KeylessLayout, limits: Limits = DEFAULT_LIMITS) -> tuple[Item, ...]:
    """Return the artifact rules of every step, as they are applied."""
    return tuple(
        Item(
            step.name,
            materials=tuple(RuleWords.make(words, limits) for words in step.materials),
            products=tuple(RuleWords.make(words, limits) for words in step.products),
        )
        for step in layout.steps
    )


class _Places:
    """Says where in the document something is wrong."""

    def __init__(self, root: Node) -> None:
        self._root = root

    def wrong(self, what: str, *path: str | int) -> yaml_document.SchemaError:
        """Return the error for what stands at a path."""
        return yaml_document.SchemaError(f"{yaml_document.at(self._root, path).place}: {what}")


def _layout(root: Node, document: Any, source: str, limits: Limits) -> KeylessLayout:  # noqa: ANN401 (the schema was checked)
    places = _Places(root)
    steps = tuple(
        _step(entry, places, number, limits) for number, entry in enumerate(document["steps"])
    )
    names = [step.name for step in steps]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise places.wrong(f"a second step of the name {name!r}", "steps", number, "name")
    _check_references(steps, places, limits)
    if document["artifact"] not in names:
        raise places.wrong(
            f"artifact names the step {document['artifact']!r}; there are: {_listed(names)}",
            "artifact",
        )
    return KeylessLayout(
        source=source,
        expires=_moment(document["expires"], places),
        artifact=document["artifact"],
        steps=steps,
        document=document,
    )


def _step(entry: Any, places: _Places, number: int, limits: Limits) -> LayoutStep:  # noqa: ANN401 (as above)
    who = tuple(Functionary(one["issuer"], one["identity"]) for one in entry["functionaries"])
    for index, one in enumerate(who):
        if one in who[:index]:
            raise places.wrong(f"{one} stands there twice", "steps", number, "functionaries", index)
    threshold = entry.get("threshold", 1)
    people = len({one.person for one in who})
    if threshold > people:
        alike = " (names that differ in case alone are one's)" if people < len(who) else ""
        raise places.wrong(
            f"threshold is {threshold}, and the step has {people} "
            f"functionar{'y' if people == 1 else 'ies'}{alike}",
            "steps",
            number,
            "threshold",
        )
    command = entry.get("expected-command")
    return LayoutStep(
        name=entry["name"],
        functionaries=who,
        threshold=threshold,
        materials=_rules(entry, "materials", places, number, limits),
        products=_rules(entry, "products", places, number, limits),
        expected_command=None if command is None else tuple(command),
    )


def _rules(
    entry: Any,  # noqa: ANN401 (as above)
    side: str,
    places: _Places,
    number: int,
    limits: Limits,
) -> tuple[tuple[str, ...], ...]:
    found: list[tuple[str, ...]] = []
    for index, rule in enumerate(entry.get(side, [])):
        words = rule.split() if isinstance(rule, str) else rule
        try:
            found.append(RuleWords.make(words, limits).words)
        except RuleSyntaxError as error:
            raise places.wrong(str(error), "steps", number, side, index) from error
    return tuple(found)


def _check_references(steps: tuple[LayoutStep, ...], places: _Places, limits: Limits) -> None:
    names = [step.name for step in steps]
    for number, step in enumerate(steps):
        for side, rules in (("materials", step.materials), ("products", step.products)):
            for index, words in enumerate(rules):
                named = RuleWords.make(words, limits).step
                if named is not None and named not in names:
                    raise places.wrong(
                        f"the rule names the step {named!r}; there are: {_listed(names)}",
                        "steps",
                        number,
                        side,
                        index,
                    )


def _moment(text: str, places: _Places) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise places.wrong(
            f"expires is {text[:100]!r}, expected a moment with its zone: 2030-01-01T00:00:00Z",
            "expires",
        )
    return moment


def _listed(names: list[str]) -> str:
    return ", ".join(map(repr, names[:10])) + (", …" if len(names) > 10 else "")  # noqa: PLR2004 (names shown)


def _refused(source: str, what: str, reason: Reason) -> UsageError:
    return UsageError(f"{source}: {what}", reason=reason, hint=_MANUAL)


@cache
def _validator() -> Draft202012Validator:
    schema = files(__package__).joinpath("schemas/layout-v1.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(schema))
