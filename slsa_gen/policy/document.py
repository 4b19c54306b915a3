"""The policy file: expectations for many artifacts, in the words of the options.

::

    version: 1
    artifacts:
      - match: "*.whl"
        repo: octocat/hello-world
        source-tag: v1.2.3

An artifact is judged by the one entry that matches it. None is a refusal; several are an
error of the file, since which of them was meant cannot be known. ``schemas/policy.json`` says
what may stand there.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from jsonschema import Draft202012Validator

from slsa_gen.errors import PolicyViolationError, UsageError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.text import size
from slsa_gen.policy import yaml_document, yaml_reader
from slsa_gen.policy.patterns import Pattern
from slsa_gen.policy.policy import Policy
from slsa_gen.reasons import Reason
from slsa_gen.regular_file import NotRegularError, TooLargeError, read_regular

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.limits import Limits

_MANUAL: Final = "The keys are the options of slsa-gen verify; docs/verify.md shows a file."
_OPTION: Final = re.compile(r"--(?=[a-z])")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: which artifacts, what is expected of them, and where it stands."""

    pattern: Pattern
    policy: Policy
    place: str


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """The entries of a policy file, in order."""

    source: str
    entries: tuple[Entry, ...]

    def policy_for(self, artifact_name: str) -> Policy:
        """Return what is expected of an artifact.

        Raises:
            PolicyViolationError: no entry matches it (exit 1).
            UsageError: several entries do (exit 2).
        """
        found = [entry for entry in self.entries if entry.pattern.matches(artifact_name)]
        if not found:
            raise PolicyViolationError(
                f"{self.source} says nothing about {artifact_name!r}: no entry matches it",
                reason=Reason.POLICY_NO_MATCH,
                hint="Add to artifacts:\n"
                f"  - match: {_quoted(artifact_name)}\n    repo: OWNER/REPO",
            )
        if len(found) > 1:
            both = " and ".join(f"{e.pattern.text!r} ({e.place})" for e in found[:2])
            raise UsageError(
                f"{self.source} says two things about {artifact_name!r}: {both} both match it",
                reason=Reason.POLICY_AMBIGUOUS,
                hint="Make the patterns narrower, so that one entry matches each artifact.",
            )
        return found[0].policy


def load(path: Path, limits: Limits = DEFAULT_LIMITS, *, sandbox: bool = False) -> PolicyDocument:
    """Read a policy file.

    Args:
        path: The file, YAML in UTF-8.
        limits: How large it may be.
        sandbox: Whether the trusted root is a sandbox's.

    Raises:
        UsageError: there is no such file, or it is not a policy; the message says where.
    """
    try:
        data = read_regular(path, limits.policy_bytes)
    except TooLargeError as error:
        raise UsageError(
            f"the policy file {str(path)!r} is larger than {size(limits.policy_bytes)}",
            reason=Reason.POLICY_FILE,
            hint="A policy file has a few lines for each kind of artifact; patterns shorten it.",
        ) from error
    except (OSError, NotRegularError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(
            f"the policy file {str(path)!r} cannot be read: {why}",
            reason=Reason.POLICY_FILE,
            hint="Give the path of a policy file: --policy FILE",
        ) from error
    return parse(data, str(path), sandbox=sandbox)


def parse(data: bytes, source: str, *, sandbox: bool = False) -> PolicyDocument:
    """Read the content of a policy file; see :func:`load`.

    Raises:
        UsageError: it is not a policy.
    """
    try:
        root, _ = yaml_document.read(data, _validator())
    except UnicodeDecodeError as error:
        raise _refused(source, "not UTF-8", Reason.POLICY_SYNTAX) from error
    except yaml_reader.YamlError as error:
        raise _refused(source, str(error), Reason.POLICY_SYNTAX) from error
    except yaml_document.SchemaError as error:
        raise _refused(source, str(error), Reason.POLICY_SCHEMA) from error
    items = yaml_document.at(root, ("artifacts",))
    assert isinstance(items, yaml_reader.Sequence)  # noqa: S101 (the schema was checked)
    return PolicyDocument(source, tuple(_entry(item, source, sandbox) for item in items.items))


def _quoted(text: str) -> str:
    """Return a text as YAML quotes it."""
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(text)


def _entry(node: yaml_reader.Node, source: str, sandbox: bool) -> Entry:  # noqa: FBT001 (handed on)
    plain = yaml_document.plain(node)
    assert isinstance(plain, dict)  # noqa: S101 (the schema was checked)
    words: dict[str, Any] = {key.replace("-", "_"): value for key, value in plain.items()}
    for number in ("repository_id", "owner_id"):
        if number in words:
            words[number] = str(words[number])
    pattern = Pattern.make(words.pop("match"))
    try:
        policy = Policy.make(**words, sandbox=sandbox)
    except UsageError as error:
        what = _OPTION.sub("", error.message)
        # A hint that speaks of options is for the command line.
        hint = _MANUAL if "--" in error.hint else error.hint
        raise _refused(source, f"{node.place}: {what}", error.reason, hint) from error
    return Entry(pattern, policy, node.place)


def _refused(source: str, what: str, reason: Reason, hint: str = _MANUAL) -> UsageError:
    return UsageError(f"{source}: {what}", reason=reason, hint=hint)


@cache
def _validator() -> Draft202012Validator:
    schema = files(__package__).joinpath("schemas/policy.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(schema))
