"""One comparison: what the certificate says, what the predicate says, whether they agree.

The certificate is what was proved, so its value is what is expected; the predicate is what
was claimed, so its value is what is found. A field that either side lacks never agrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsa_gen.model.identity import SignerIdentity

#: What stands for a value that is not there.
NOT_IN_CERTIFICATE: Final = "(not in the certificate)"
MISSING: Final = "(missing)"

#: A place in a JSON document: names of members and positions in arrays.
JsonPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class FieldComparison:
    """One field of a predicate held against one field of a certificate.

    ``field`` is its dotted path in the predicate, ``certificate_field`` a name of
    :class:`~slsa_gen.model.identity.SignerIdentity`.
    """

    field: str
    certificate_field: str
    expected: str
    found: str
    equal: bool


@dataclass(frozen=True, slots=True)
class FieldRule:
    """Which value a place in a predicate must have, given the certificate.

    Args:
        path: The place in the predicate.
        certificate_field: The field of the certificate that decides.
        expected: The value that follows from the certificate; None when it does not say.
        optional: A predicate that leaves the place out (or null) is not compared there.
    """

    path: JsonPath
    certificate_field: str
    expected: Callable[[SignerIdentity], str | None]
    optional: bool = False

    def applies_to(self, predicate: object) -> bool:
        """Tell whether the predicate has something to compare at this place."""
        return not self.optional or value_at(predicate, self.path) is not None

    def compare(self, predicate: object, signer: SignerIdentity) -> FieldComparison:
        """Compare, whatever the predicate is: nothing malformed is ever equal."""
        return compared(
            dotted(self.path),
            self.certificate_field,
            self.expected(signer),
            value_at(predicate, self.path),
        )


def compared(
    field: str, certificate_field: str, expected: str | None, found: object
) -> FieldComparison:
    """Return the comparison of an expected text with whatever was found."""
    return FieldComparison(
        field=field,
        certificate_field=certificate_field,
        expected=NOT_IN_CERTIFICATE if expected is None else expected,
        found=_shown(found),
        equal=expected is not None and found == expected,
    )


def value_at(document: object, path: JsonPath) -> object:
    """Return the value at a place of a JSON document; None where there is none."""
    value = document
    for step in path:
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                return None
            value = value[step]
        else:
            if not isinstance(value, dict):
                return None
            value = value.get(step)
    return value


def dotted(path: JsonPath) -> str:
    """Return ``a.b[0].c`` for a place in a document."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def _shown(found: object) -> str:
    if isinstance(found, str):
        return found
    if found is None:
        return MISSING
    if isinstance(found, bool):
        return "(a boolean, not a string)"
    if isinstance(found, int | float):
        return "(a number, not a string)"
    return f"({'an object' if isinstance(found, dict) else 'an array'}, not a string)"
