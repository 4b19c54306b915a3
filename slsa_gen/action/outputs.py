"""A step's outputs, from the command's JSON document; what is too large goes to a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from slsa_gen.action.paths import relative

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Document = dict[str, Any]
    #: Writes a text under a name into the workspace and returns its path relative to it.
    Keep = Callable[[str, str], str]

#: Characters of one output: a job's outputs may have 1 MiB of UTF-16 together.
LONGEST: Final = 400_000


def written(document: Document, root: Path, keep: Keep) -> dict[str, str]:
    """Return the outputs by name; none where there is no result.

    Args:
        document: The command's JSON document, parsed.
        root: The workspace.
        keep: Takes what is too large.
    """
    results = document["results"]
    if not results:
        return {}
    if document["command"] == "verify":
        return _verified(results, keep)
    return _attested(results[0], root, keep)


def _attested(result: Document, root: Path, keep: Keep) -> dict[str, str]:
    entries = result["logEntries"]
    first = entries[0] if entries else None
    bundle = relative(result["bundle"], root)
    assets = [p for p in result["publications"] if p["target"] == "release"]
    return {
        "bundle-path": bundle,
        "bundle-paths": bundle,
        "subject-count": str(len(result["subjects"])),
        **_list("subjects", result["subjects"], keep),
        "log-index": "" if first is None else str(first["index"]),
        "log-url": "" if first is None else first["url"],
        "release-assets": _json(assets),
    }


def _verified(results: list[Document], keep: Keep) -> dict[str, str]:
    verdicts = [_verdict(result) for result in results]
    return {
        **_list("verdicts", verdicts, keep),
        **{
            f"{word}-count": str(sum(1 for v in verdicts if v["verdict"] == word))
            for word in ("accepted", "refused", "undecided")
        },
    }


def _verdict(result: Document) -> Document:
    checks = (c for a in result["attestations"] for c in a["checks"] if not c["passed"])
    reasons = [result["error"]["reason"]] if "error" in result else []
    is_accepted = result["verdict"] == "accepted"
    return {
        "artifact": result["artifact"],
        "digest": result["digest"],
        "verdict": result["verdict"],
        "level": result["level"],
        "reasons": [] if is_accepted else sorted({*reasons, *(c["reason"] for c in checks)}),
    }


def _list(name: str, values: list[Any], keep: Keep) -> dict[str, str]:
    """Return a list as JSON, or the path of a file that holds it."""
    text = _json(values)
    if len(text) <= LONGEST:
        return {name: text, f"{name}-path": ""}
    return {name: "", f"{name}-path": keep(f"{name}.json", text + "\n")}


def _json(value: object) -> str:
    # ASCII, so that every character counts the same whoever measures.
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
