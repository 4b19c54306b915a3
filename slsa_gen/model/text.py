"""Foreign text, made fit to be shown."""

from __future__ import annotations

import re
from typing import Final

#: All but printable ASCII and the letters of Latin, Greek and Cyrillic: no controls, no
#: line breaks, nothing that turns the direction of writing round.
_UNSHOWN: Final = re.compile(r"[^\x20-\x7e\u00a1-\u00ac\u00ae-\u024f\u0370-\u03ff\u0400-\u04ff]+")
_UNITS: Final = ("B", "KiB", "MiB", "GiB", "TiB")
_STEP: Final = 1024


def size(count: int) -> str:
    """Return a number of bytes for people, in binary units: ``4 MiB``, ``1.5 KiB``."""
    power = 0
    while power < len(_UNITS) - 1 and count >= _STEP ** (power + 1):
        power += 1
    whole, rest = divmod(count, _STEP**power)
    return f"{count / _STEP**power if rest else whole:{'.1f' if rest else ''}} {_UNITS[power]}"


def harmless(text: bytes | str, max_length: int) -> str:
    """Return the start of foreign text on one line, without anything a terminal obeys.

    Args:
        text: Bytes are read as UTF-8.
        max_length: Characters (or bytes) of it that are looked at; ``…`` marks a cut.
    """
    start = text[:max_length]
    if isinstance(start, bytes):
        start = start.decode("utf-8", errors="replace")
    # Among those letters are code points that mean nothing yet: they are not shown either.
    plain = "".join(c if c.isprintable() else " " for c in _UNSHOWN.sub(" ", start))
    shown = " ".join(plain.split())
    return shown + "…" if len(text) > max_length else shown
