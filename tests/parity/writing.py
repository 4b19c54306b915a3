"""What is printed, with a name in the place of everything that differs from place to place.

A place's addresses, a run's commit, times, indexes and sizes of logs differ anywhere. Of what
the sandbox signed is said besides that it proves nothing, and its build level is none.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)")
_GUARD: Final = re.compile(r"^::(stop-commands::.*|[0-9A-Za-z_-]{20,}::)\n", re.MULTILINE)
_MASK: Final = re.compile(r"^::add-mask::.*\n", re.MULTILINE)
_SOURCE: Final = re.compile(r"<time> \((?:<log>|<timestamp authority>)\)")
_INDEX: Final = re.compile(r"entry \d+( of|\)$)", re.MULTILINE)
#: An entry of a log: its index and place, and in ``inspect`` its kind, its log and its time.
_ENTRY: Final = re.compile(
    r"(log:     entry|log entry:) +\d+.*\n( +log [0-9a-f]{64}\n)?(  timestamp: .*\n)?"
)
_LOG: Final = re.compile(r"the log [0-9a-f]{64}")
_COLUMN: Final = re.compile(r"column \d+")
#: How the place is named in the command that is proposed.
_PROPOSED: Final = re.compile(
    r"^(  slsa-gen verify .*?)(?: --cert-oidc-issuer <issuer>)?( --predicate-type \S+)?"
    r" --sigstore (?:sandbox|sigstore\.json)$",
    re.MULTILINE,
)
_DIGEST_LINE: Final = re.compile(r"^This was signed by the sandbox: .*\n", re.MULTILINE)
_STANDING: Final = re.compile(
    r"  (sandbox: proves nothing to anyone else|SLSA Build L\d|no SLSA Build level)$", re.MULTILINE
)
#: A layout gives no level: only where the sandbox signed it, something is said here.
_LAYOUT_STANDING: Final = re.compile(r"  <level>(\n  layout: )")
_LEVEL: Final = re.compile(r"^  level: .*\n(    .*\n)*", re.MULTILINE)
_SANDBOX_CHECK: Final = re.compile(
    r"(signer\.sandbox\n +expected: )(?:a|no) sandbox(\n +found:    )(?:a|no) sandbox\n"
)
#: Members of a document whose values differ: what stands for them.
_MEMBERS: Final = {
    *("signedAt", "level", "sandbox", "index", "logEntries", "url", "requirements"),
    *("timestamps", "fingerprint", "version"),
}


def written(text: str, names: Mapping[str, str]) -> str:
    """Return a printed text with names for what differs.

    Args:
        text: What was printed.
        names: What differs in this place, and the name that stands for it.
    """
    text = _MASK.sub("", _GUARD.sub("", text))
    if text.startswith("{"):
        return _document(text, names)
    for value, name in sorted(names.items(), key=lambda item: -len(item[0])):
        text = text.replace(value, name)
    text = _told(text)
    text = _ENTRY.sub(r"\1 <entry>\n", text)
    text = _COLUMN.sub("column <column>", _LOG.sub("the log <log>", text))
    text = _PROPOSED.sub(r"\1 --sigstore <place>\2", text)
    text = _DIGEST_LINE.sub("", text)
    text = _LAYOUT_STANDING.sub(r"\1", _STANDING.sub("  <level>", text))
    text = _LEVEL.sub("  level:     <level>\n", text)
    return _SANDBOX_CHECK.sub(r"\1<sandbox>\2<sandbox>\n", text)


def _told(text: str) -> str:
    """Return a text of checks without the times and entries that they found."""
    text = _SOURCE.sub("<time> (<who says so>)", _TIME.sub("<time>", text))
    return _INDEX.sub(r"entry <index>\1", text)


def _document(text: str, names: Mapping[str, str]) -> str:
    """Return JSON documents, one a line, each with a member on a line of its own."""
    found = [json.dumps(_value(json.loads(line)), indent=1) for line in _documents(text)]
    shown = "\n".join(found) + "\n"
    for value, name in sorted(names.items(), key=lambda item: -len(item[0])):
        shown = shown.replace(value, name)
    return _told(shown)


def _documents(text: str) -> list[str]:
    try:
        json.loads(text)
    except ValueError:
        return text.splitlines()
    return [text]


def _value(value: Any, member: str = "") -> Any:  # noqa: ANN401 (any JSON)
    if member in _MEMBERS:
        return f"<{member}>"
    if isinstance(value, dict):
        if value.get("rule") == "signer.sandbox":
            value = {**value, "expected": "<sandbox>", "found": "<sandbox>"}
        return {name: _value(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_value(item) for item in value]
    return value
