"""Digests: an algorithm's name and canonical lower-case hexadecimal.

The names are those of in-toto's DigestSet
(https://github.com/in-toto/attestation/blob/main/spec/v1/digest_set.md).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

#: Hexadecimal digits of each algorithm that a subject may be named by.
HEX_LENGTHS: Final = {"sha256": 64, "sha384": 96, "sha512": 128}

_HEX = re.compile(r"[0-9a-f]*")


class DigestSyntaxError(ValueError):
    """A text is not a digest; the message says why, with got and expected."""


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """One digest, canonical once made by :meth:`make` or :meth:`parse`."""

    algorithm: str
    hex: str

    @classmethod
    def make(cls, algorithm: str, hexadecimal: str) -> Digest:
        """Return the canonical digest; upper case is normalised.

        Raises:
            DigestSyntaxError: an unknown algorithm, another length, another alphabet.
        """
        name, value = algorithm.lower(), hexadecimal.lower()
        length = HEX_LENGTHS.get(name)
        if length is None:
            known = ", ".join(HEX_LENGTHS)
            raise DigestSyntaxError(f"unknown digest algorithm {algorithm!r} (known: {known})")
        if len(value) != length:
            raise DigestSyntaxError(
                f"a {name} digest has {length} hexadecimal digits, got {len(value)}"
            )
        if not hexadecimal.isascii() or not _HEX.fullmatch(value):
            raise DigestSyntaxError(
                f"a {name} digest is written in 0-9 and a-f, got {hexadecimal!r}"
            )
        return cls(name, value)

    @classmethod
    def parse(cls, text: str) -> Digest:
        """Read ``alg:hex``.

        Raises:
            DigestSyntaxError: as :meth:`make`, or no colon.
        """
        algorithm, colon, hexadecimal = text.partition(":")
        if not colon:
            raise DigestSyntaxError(f"a digest is written ALGORITHM:HEX, got {text!r}")
        return cls.make(algorithm, hexadecimal)

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.hex}"
