"""Text from outside, made harmless for Markdown, for the HTML in it, and for Mermaid's pictures.

Every character that any of the three gives a meaning to is written as a reference to its
number; so is what GitHub makes links and mentions of (``@``, ``#``, ``:``, the dot of ``www.``).
"""

from __future__ import annotations

import re
from typing import Final

from slsa_gen.report.text import printable

_MARKDOWN: Final = re.compile(r"[^\w /.,;'-]|_|(?<=www)\.", re.IGNORECASE)
_MERMAID: Final = re.compile(r"[^\w /.-]|_")
#: What Mermaid looks for once it has read the references: formulas, icons, and line ends.
_MERMAID_LATER: Final = re.compile(r"\$(?=\$)|:(?=fa-)|\\(?=n)")
_URL: Final = re.compile(r"https?://[\w./?=&%:~+-]+", re.ASCII)
_BACKTICKS: Final = re.compile(r"`+")
_SHORTEST_FENCE: Final = 3


def text(foreign: str) -> str:
    """Return foreign text as plain words of a paragraph or a table's cell."""
    return _MARKDOWN.sub(_html_reference, printable(foreign))


def code(foreign: str) -> str:
    """Return foreign text in a fixed width, also within a table."""
    return f"<code>{text(foreign)}</code>"


def block(foreign: str) -> str:
    """Return lines of text as a block of code that they cannot end."""
    lines = "\n".join(printable(line) for line in foreign.splitlines())
    longest = max((len(run) for run in _BACKTICKS.findall(lines)), default=0)
    fence = "`" * max(_SHORTEST_FENCE, longest + 1)
    return f"{fence}text\n{lines}\n{fence}"


def link(words: str, url: str) -> str:
    """Return a link, or the words alone where the target is not plainly a URL."""
    return f"[{text(words)}](<{url}>)" if _URL.fullmatch(url) else text(words)


def label(foreign: str, longest: int) -> str:
    """Return foreign text as a label of a Mermaid picture, without its quotation marks.

    Args:
        foreign: The text.
        longest: Characters of it that are shown; ``…`` marks a cut.
    """
    shown = printable(foreign)
    cut = shown if len(shown) <= longest else f"{shown[:longest]}…"
    apart = _MERMAID_LATER.sub(r"\g<0> ", cut)
    return _MERMAID.sub(lambda match: f"#{ord(match[0])};", apart)


def _html_reference(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"
