"""What a classic link and a classic layout say (in-toto specification 0.9, 4.3 and 4.4).

Every field that the ``in-toto`` package writes must be there, and no other: in the older
form a field that is left out is signed with a default value, and one that is not known is
not signed at all. An extension that narrows what a layout allows would be ignored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeGuard

from securesystemslib.exceptions import Error as SecureSystemsError
from securesystemslib.formats import encode_canonical

from slsa_gen.intoto.keys import KeySyntaxError, public_key_of_document
from slsa_gen.intoto.rules import Item, RuleSyntaxError, RuleWords
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.digest import HEX_LENGTHS
from slsa_gen.strictjson import kind
from slsa_gen.subjects.names import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.intoto.keys import PublicKey
    from slsa_gen.limits import Limits

_LINK: Final = frozenset(
    {"_type", "name", "materials", "products", "byproducts", "command", "environment"}
)
_LAYOUT: Final = frozenset({"_type", "steps", "inspect", "keys", "expires", "readme"})
_ITEM: Final = frozenset({"_type", "name", "expected_materials", "expected_products"})
_STEP: Final = _ITEM | {"pubkeys", "expected_command", "threshold"}
_INSPECTION: Final = _ITEM | {"run"}
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_HEX: Final = re.compile(r"[0-9a-fA-F]+")
_ALGORITHM: Final = re.compile(r"[A-Za-z0-9_./-]+")
#: A name becomes part of a file's name: no folder, no hidden file, nothing unprintable.
_MOST_NAME_BYTES: Final = 200


class ClassicSyntaxError(ValueError):
    """What should be classic metadata is none that is read; the message says why."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a step's link says; a ``Recorded`` of the artifact rules.

    ``status`` is the byproduct ``return-value``: 0 where there is none, as of a step that was
    recorded without a command.
    """

    name: str
    materials: Mapping[str, Mapping[str, str]]
    products: Mapping[str, Mapping[str, str]]
    command: tuple[str, ...]
    status: object = 0

    @property
    def failed(self) -> bool:
        """Tell whether the step's command failed, or may have."""
        return type(self.status) is not int or self.status != 0

    @property
    def weak_product(self) -> str | None:
        """Return a product that no strong digest names, if there is one."""
        weak = (name for name, found in self.products.items() if not HEX_LENGTHS.keys() & found)
        return min(weak, default=None)


@dataclass(frozen=True, slots=True)
class Step:
    """A step that a layout demands: its rules, who may do it, and how many must have."""

    item: Item
    keys: tuple[PublicKey, ...]
    threshold: int
    command: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the step's name."""
        return self.item.name


@dataclass(frozen=True, slots=True)
class Inspection:
    """A command that a layout wants run when it is verified, and the rules for its folder."""

    item: Item
    command: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the inspection's name."""
        return self.item.name


@dataclass(frozen=True, slots=True)
class Layout:
    """What a layout demands, in its order."""

    steps: tuple[Step, ...]
    inspections: tuple[Inspection, ...]
    expires: datetime


def link_of(document: Mapping[str, object], limits: Limits = DEFAULT_LIMITS) -> Link:
    """Read a link.

    Raises:
        ClassicSyntaxError: a field is missing, unknown or not what it must be.
    """
    _fields(document, _LINK, "the link")
    byproducts = _object(document["byproducts"], "byproducts")
    for free in (byproducts, _object(document["environment"], "environment")):
        canonical(free)
    return Link(
        _name(document["name"]),
        _artifacts(document["materials"], "materials", limits),
        _artifacts(document["products"], "products", limits),
        _texts(document["command"], "command"),
        byproducts.get("return-value", 0),
    )


def layout_of(document: Mapping[str, object], limits: Limits = DEFAULT_LIMITS) -> Layout:
    """Read a layout.

    Raises:
        ClassicSyntaxError: a field is missing, unknown or not what it must be; a key or a
            rule that is not used here; names that stand twice.
    """
    _fields(document, _LAYOUT, "the layout")
    if not isinstance(document["readme"], str):
        raise ClassicSyntaxError("readme is a text")
    keys = {keyid: _key(keyid, key) for keyid, key in _object(document["keys"], "keys").items()}
    steps = tuple(_step(entry, keys, limits) for entry in _list(document["steps"], "steps"))
    inspections = tuple(
        _inspection(entry, limits) for entry in _list(document["inspect"], "inspect")
    )
    names = [step.name for step in steps] + [inspection.name for inspection in inspections]
    if len(names) > limits.layout_items:
        raise ClassicSyntaxError(
            f"{len(names)} steps and inspections, at most {limits.layout_items} are read"
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ClassicSyntaxError(f"the name {twice[0]!r} is that of two steps or inspections")
    if not steps:
        raise ClassicSyntaxError("it demands no step, so that nothing could be its product")
    return Layout(steps, inspections, _time(document["expires"]))


def canonical(document: dict[str, object]) -> bytes:
    """Return a document in the form that is signed; the package needs one of an envelope, too.

    Raises:
        ClassicSyntaxError: a number with a fraction, which has no canonical form.
    """
    try:
        text = encode_canonical(document)
    except SecureSystemsError as error:
        raise ClassicSyntaxError("a number with a fraction has no canonical form") from error
    return (text or "").encode("utf-8")


def _key(keyid: str, document: object) -> PublicKey:
    try:
        return public_key_of_document(keyid, document)
    except KeySyntaxError as error:
        raise ClassicSyntaxError(f"the key {shown(keyid)}: {error}") from error


def _step(entry: object, keys: Mapping[str, PublicKey], limits: Limits) -> Step:
    document = _object(entry, "a step")
    _fields(document, _STEP, "a step")
    item = _item(document, "step", limits)
    threshold = document["threshold"]
    if not _is_count(threshold, limits.layout_items):
        raise ClassicSyntaxError(
            f"step {item.name!r}: its threshold is no number from 1 to {limits.layout_items}"
        )
    authorized = dict.fromkeys(_texts(document["pubkeys"], "pubkeys"))
    unknown = sorted(keyid for keyid in authorized if keyid not in keys)
    if unknown:
        raise ClassicSyntaxError(
            f"step {item.name!r}: the key {shown(unknown[0])} is not among the layout's keys"
        )
    return Step(
        item,
        tuple(keys[keyid] for keyid in authorized),
        threshold,
        _texts(document["expected_command"], "expected_command"),
    )


def _is_count(value: object, most: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def _inspection(entry: object, limits: Limits) -> Inspection:
    document = _object(entry, "an inspection")
    _fields(document, _INSPECTION, "an inspection")
    item = _item(document, "inspection", limits)
    command = _texts(document["run"], "run")
    if not command:
        raise ClassicSyntaxError(f"inspection {item.name!r}: it runs nothing")
    return Inspection(item, command)


def _item(document: Mapping[str, object], expected: str, limits: Limits) -> Item:
    if document["_type"] != expected:
        raise ClassicSyntaxError(f"{expected} has a _type that is not {expected!r}")
    name = _name(document["name"])
    sides = []
    for side in ("expected_materials", "expected_products"):
        rules = []
        for words in _list(document[side], side):
            try:
                rules.append(RuleWords.make(_texts(words, "a rule"), limits))
            except RuleSyntaxError as error:
                raise ClassicSyntaxError(f"{expected} {name!r}, {side}: {error}") from error
        sides.append(tuple(rules))
    return Item(name, *sides)


def _artifacts(value: object, side: str, limits: Limits) -> dict[str, dict[str, str]]:
    found = _object(value, side)
    if len(found) > limits.link_artifacts:
        raise ClassicSyntaxError(f"{len(found)} {side}, at most {limits.link_artifacts} are read")
    return {name: _digests(name, digests) for name, digests in found.items()}


def _digests(name: str, value: object) -> dict[str, str]:
    found: dict[str, str] = {}
    for algorithm, digest in _object(value, "an artifact").items():
        if not isinstance(digest, str) or not _HEX.fullmatch(digest):
            raise ClassicSyntaxError(f"the {shown(algorithm)} of {shown(name)} is not hexadecimal")
        if not _ALGORITHM.fullmatch(algorithm):
            raise ClassicSyntaxError(f"{shown(algorithm)} is no name of an algorithm")
        found[algorithm] = digest
    if not found:
        raise ClassicSyntaxError(f"{shown(name)} has no digest: it would equal any other such")
    return found


def _name(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ClassicSyntaxError("a name is a text that is not empty")
    if "/" in value or value.startswith(".") or not value.isprintable():
        raise ClassicSyntaxError(
            f"the name {shown(value)} cannot be part of a file's name: no '/', no '.' at its "
            "start, nothing unprintable"
        )
    if len(value.encode("utf-8")) > _MOST_NAME_BYTES:
        raise ClassicSyntaxError(f"a name has at most {_MOST_NAME_BYTES} bytes")
    return value


def _time(value: object) -> datetime:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ClassicSyntaxError("expires is not a time such as 2030-01-31T12:00:00Z")
    try:
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise ClassicSyntaxError(f"expires is {value!r}, which is no day or no hour") from error


def _fields(document: Mapping[str, object], known: frozenset[str], what: str) -> None:
    unknown, missing = sorted(set(document) - known), sorted(known - set(document))
    if unknown:
        raise ClassicSyntaxError(f"{what} has the field {shown(unknown[0])}, which is not known")
    if missing:
        raise ClassicSyntaxError(f"{what} lacks the field {missing[0]!r}")


def _object(value: object, what: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ClassicSyntaxError(f"{what} is {kind(value)}, not an object")
    return value


def _list(value: object, what: str) -> list[object]:
    if not isinstance(value, list):
        raise ClassicSyntaxError(f"{what} is {kind(value)}, not a list")
    return value


def _texts(value: object, what: str) -> tuple[str, ...]:
    texts = _list(value, what)
    if not all(isinstance(text, str) for text in texts):
        raise ClassicSyntaxError(f"{what} is a list of texts")
    return tuple(text for text in texts if isinstance(text, str))
