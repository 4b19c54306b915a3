"""Whose links of a step count: found, signed by a key that the layout names, and enough.

Each key counts once, whatever ids the layout gives it, and all links that count must say the
same of materials and products (the package asks that only where the threshold is above 1).
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from slsa_gen.intoto.classic_documents import ClassicSyntaxError, Layout, Link
from slsa_gen.intoto.classic_metadata import Metadata, read
from slsa_gen.intoto.traces import first_difference
from slsa_gen.model.digest import HEX_LENGTHS
from slsa_gen.model.text import harmless
from slsa_gen.model.verdict import Check
from slsa_gen.reasons import Reason
from slsa_gen.subjects.names import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsa_gen.intoto.classic_documents import Step
    from slsa_gen.intoto.keys import PublicKey
    from slsa_gen.intoto.link_folder import LinkFolder
    from slsa_gen.limits import Limits

LINK_RULE: Final = "layout.link"
THRESHOLD_RULE: Final = "layout.threshold"
AGREEMENT_RULE: Final = "layout.agreement"
COMMAND_RULE: Final = "layout.command"
_SHOWN_STATUS: Final = 50


@dataclass(frozen=True, slots=True)
class SignedLink:
    """A link, or a sublayout in its place, that one of the step's keys signed."""

    key: PublicKey
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was found for a step: the links that count, and the checks."""

    links: tuple[SignedLink, ...]
    checks: tuple[Check, ...]


def gather(step: Step, folder: LinkFolder, limits: Limits) -> Gathered:
    """Read the links of a step by each of its keys, and count those that are signed.

    Some that in-toto takes are none of the step: see :func:`_uncounted`.

    Raises:
        ServiceError: a link that is there cannot be read.
    """
    links: list[SignedLink] = []
    checks: list[Check] = []
    absent: list[str] = []
    for key in step.keys:
        name = folder.name_of(step.name, key)
        try:
            data = folder.read(step.name, key)
            metadata = None if data is None else _of_step(read(data, limits), step)
        except ClassicSyntaxError as error:
            checks.append(_unread(step, name, error))
            continue
        if metadata is None:
            absent.append(f"{name} is not there")
        elif not metadata.signed_by(key):
            absent.append(f"{name} is not signed by that key")
        elif why := _uncounted(metadata.content):
            absent.append(f"{name} {why}")
        else:
            links.append(SignedLink(key, metadata))
    return Gathered(tuple(links), (*checks, _threshold(step, links, absent)))


def check_agreement(step: Step, links: Sequence[tuple[str, Link]]) -> Check | None:
    """Check that all links of a step say the same of its files; None where one is alone.

    Args:
        step: The step.
        links: Each link with the name of its file.
    """
    if len(links) < 2:  # noqa: PLR2004 (one cannot contradict itself)
        return None
    first_name, first = links[0]
    differing = [
        f"{name} differs from {first_name}: {at[0]}, {shown(at[1])}"
        for name, link in links[1:]
        if (at := first_difference(first, link)) is not None
    ]
    return Check(
        AGREEMENT_RULE,
        expected=f"step {step.name!r}: all {len(links)} links have the same materials and products",
        found=differing[0] if differing else "the same",
        passed=not differing,
        reason=Reason.LAYOUT_DISAGREEMENT if differing else None,
        hint="Take away the links that are not of this release." if differing else "",
    )


def check_command(step: Step, name: str, link: Link) -> Check | None:
    """Say which command was run where the layout expects one: in-toto only warns, so do we."""
    if not step.command:
        return None
    same = link.command == step.command
    wanted, got = shown(shlex.join(step.command)), shown(shlex.join(link.command))
    return Check(
        COMMAND_RULE,
        expected=f"step {step.name!r}: {wanted} (in-toto does not demand it)",
        found=f"{name}: the same" if same else f"{name} differs: {got}",
        passed=True,
    )


def _uncounted(content: Link | Layout) -> str:
    """Return why a signed link is none of its step all the same; empty where it is one."""
    if not isinstance(content, Link):
        return ""
    if content.failed:
        status = harmless(repr(content.status), _SHOWN_STATUS)
        return f"is of a command that failed (return value {status})"
    weak = content.weak_product
    if weak is None:
        return ""
    return f"has no digest of {', '.join(HEX_LENGTHS)} for the product {shown(weak)}"


def _of_step(metadata: Metadata, step: Step) -> Metadata:
    content = metadata.content
    if isinstance(content, Link) and content.name != step.name:
        raise ClassicSyntaxError(f"it is the link of the step {content.name!r}")
    return metadata


def _unread(step: Step, name: str, error: ClassicSyntaxError) -> Check:
    return Check(
        LINK_RULE,
        expected=f"step {step.name!r}: what is called {name!r} is its link",
        found=str(error),
        passed=False,
        reason=Reason.LINK_MALFORMED,
        hint="Take the file away, or put the link there that the step's functionary made.",
    )


def _threshold(step: Step, links: Sequence[SignedLink], absent: Sequence[str]) -> Check:
    count = len({link.key.fingerprint for link in links})
    passed = count >= step.threshold
    people = "key" if step.threshold == 1 else "different keys"
    found = f"{count} signed" + ("" if passed or not absent else ": " + "; ".join(absent[:5]))
    if len(step.keys) < step.threshold:
        found += f" (the layout names {len(step.keys)} keys for it)"
    return Check(
        THRESHOLD_RULE,
        expected=f"step {step.name!r}: links signed by {step.threshold} {people} of those that "
        "the layout names",
        found=found,
        passed=passed,
        reason=None if passed else Reason.LAYOUT_FUNCTIONARIES,
        hint=""
        if passed
        else "Put the links of the step's functionaries into the folder of --links.",
    )
