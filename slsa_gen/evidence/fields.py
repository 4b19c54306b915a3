"""Typed access to the fields of a JSON object whose shape is not believed yet.

Protobuf's JSON mapping writes 64-bit integers as strings and bytes as base64
(https://protobuf.dev/programming-guides/json/); null stands for a field that is not there.
"""

from __future__ import annotations

import re
from typing import Final

from slsa_gen import strictjson
from slsa_gen.errors import MalformedEvidenceError
from slsa_gen.evidence import canonical_base64
from slsa_gen.reasons import Reason

_INTEGER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_LARGEST: Final = 2**63 - 1
_DAMAGED: Final = "The bundle is damaged or was not written by a Sigstore client: take it anew."


class Fields:
    """One JSON object, and where it stands in the document.

    Args:
        document: The object as parsed.
        path: Its place, for messages: ``bundle.verificationMaterial``.
    """

    def __init__(self, document: dict[str, object], path: str) -> None:
        self._document = document
        self._path = path

    def error(self, what: str, reason: Reason = Reason.EVIDENCE_BUNDLE) -> MalformedEvidenceError:
        """Return the error that something here is not as the format demands."""
        return MalformedEvidenceError(f"{self._path}: {what}", reason=reason, hint=_DAMAGED)

    def allow(self, *names: str) -> None:
        """Refuse every field but those named.

        Raises:
            MalformedEvidenceError: there is another.
        """
        unknown = sorted(set(self._document) - set(names))
        if unknown:
            raise self.error(f"the field {unknown[0][:60]!r} is not known here")

    def optional_nested(self, name: str) -> Fields | None:
        """Return a nested object, or None where there is none."""
        value = self._document.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self._wrong(name, "an object", value)
        return Fields(value, f"{self._path}.{name}")

    def nested(self, name: str) -> Fields:
        """Return a nested object that must be there."""
        value = self.optional_nested(name)
        if value is None:
            raise self.error(f"{name} is missing")
        return value

    def objects(self, name: str, *, needed: bool = True) -> tuple[Fields, ...]:
        """Return an array of objects; empty when it may be left out and is."""
        value = self._document.get(name)
        if value is None and not needed:
            return ()
        if not isinstance(value, list):
            raise self._wrong(name, "an array", value)
        result = []
        for number, item in enumerate(value):
            if not isinstance(item, dict):
                raise self._wrong(f"{name}[{number}]", "an object", item)
            result.append(Fields(item, f"{self._path}.{name}[{number}]"))
        return tuple(result)

    def optional_text(self, name: str) -> str | None:
        """Return a string, or None where there is none."""
        value = self._document.get(name)
        if value is not None and not isinstance(value, str):
            raise self._wrong(name, "a string", value)
        return value

    def text(self, name: str) -> str:
        """Return a string that must be there."""
        value = self.optional_text(name)
        if value is None:
            raise self.error(f"{name} is missing")
        return value

    def optional_integer(self, name: str) -> int | None:
        """Return a 64-bit integer that is not negative, or None where there is none."""
        text = self.optional_text(name)
        if text is None:
            return None
        if not _INTEGER.fullmatch(text) or int(text) > _LARGEST:
            raise self.error(f"{name} must be a decimal number below 2^63, got {text[:40]!r}")
        return int(text)

    def integer(self, name: str) -> int:
        """Return a 64-bit integer that must be there."""
        value = self.optional_integer(name)
        if value is None:
            raise self.error(f"{name} is missing")
        return value

    def data(self, name: str) -> bytes:
        """Return the bytes of a base64 string that must be there."""
        return self._decode(name, self.text(name))

    def data_list(self, name: str) -> tuple[bytes, ...]:
        """Return the bytes of each base64 string of an array."""
        value = self._document.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self._wrong(name, "an array", value)
        result = []
        for number, item in enumerate(value):
            if not isinstance(item, str):
                raise self._wrong(f"{name}[{number}]", "a string", item)
            result.append(self._decode(f"{name}[{number}]", item))
        return tuple(result)

    def _decode(self, name: str, text: str) -> bytes:
        try:
            return canonical_base64.decode(text)
        except canonical_base64.Base64Error as error:
            raise self.error(
                f"{name} is not canonical base64: {error}", Reason.EVIDENCE_BASE64
            ) from error

    def _wrong(self, name: str, expected: str, value: object) -> MalformedEvidenceError:
        got = "nothing" if value is None else strictjson.kind(value)
        return self.error(f"{name} must be {expected}, got {got}")
