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

import difflib
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
from slsa_gen.policy import yaml_reader
from slsa_gen.policy.patterns import Pattern
from slsa_gen.policy.policy import Policy
from slsa_gen.reasons import Reason
from slsa_gen.regular_file import NotRegularError, TooLargeError, read_regular

if TYPE_CHECKING:
    from pathlib import Path

    from jsonschema import ValidationError

    from slsa_gen.limits import Limits

_MANUAL: Final = "The keys are the options of slsa-gen verify; docs/verify.md shows a file."
_INTEGER: Final = re.compile(r"[1-9][0-9]{0,19}")
_OPTION: Final = re.compile(r"--(?=[a-z])")
_SHOWN: Final = 200


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
        root = yaml_reader.read(data.decode("utf-8"))
        _check(_plain(root), root)
    except UnicodeDecodeError as error:
        raise _refused(source, "not UTF-8", Reason.POLICY_SYNTAX) from error
    except yaml_reader.YamlError as error:
        raise _refused(source, str(error), Reason.POLICY_SYNTAX) from error
    except _SchemaError as error:
        raise _refused(source, str(error), Reason.POLICY_SCHEMA) from error
    items = _at(root, ("artifacts",))
    assert isinstance(items, yaml_reader.Sequence)  # noqa: S101 (the schema was checked)
    return PolicyDocument(source, tuple(_entry(item, source, sandbox) for item in items.items))


def _quoted(text: str) -> str:
    """Return a text as YAML quotes it."""
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(text)


class _SchemaError(ValueError):
    """The document is YAML, but not a policy."""


def _entry(node: yaml_reader.Node, source: str, sandbox: bool) -> Entry:  # noqa: FBT001 (handed on)
    plain = _plain(node)
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


def _plain(node: yaml_reader.Node) -> object:
    if isinstance(node, yaml_reader.Table):
        return {key: _plain(value) for key, value in node.entries.items()}
    if isinstance(node, yaml_reader.Sequence):
        return [_plain(item) for item in node.items]
    if not node.kind:
        return node.value
    if node.value in ("true", "false"):
        return node.value == "true"
    if _INTEGER.fullmatch(node.value):
        return int(node.value)
    raise yaml_reader.YamlError(_quote(node), node.place)


def _quote(node: yaml_reader.Text) -> str:
    if not node.value:
        return "nothing stands here; write a text"
    return (
        f"{node.value[:_SHOWN]!r} is {node.kind} to YAML; write it in quotes: "
        f'"{node.value[:_SHOWN]}"'
    )


def _check(document: object, root: yaml_reader.Node) -> None:
    error = next(_validator().iter_errors(document), None)
    if error is None:
        return
    path = tuple(error.absolute_path)
    node = _at(root, path)
    place, what = node.place, _explained(error, node)
    if error.validator == "additionalProperties" and isinstance(node, yaml_reader.Table):
        known = list(error.schema["properties"])
        key = next(key for key in node.entries if key not in known)
        place = node.places[key]
        close = difflib.get_close_matches(key, known, n=1)
        what = f"the key {key[:_SHOWN]!r} is not known" + (f"; {close[0]!r} is" if close else "")
    raise _SchemaError(f"{place}: {what}")


def _explained(error: ValidationError, node: yaml_reader.Node) -> str:
    if isinstance(node, yaml_reader.Text) and node.kind and error.validator in ("type", "oneOf"):
        return _quote(node)
    name = next((part for part in reversed(error.absolute_path) if isinstance(part, str)), "")
    if error.absolute_path and isinstance(error.absolute_path[-1], int):
        name = f"an item of {name}"
    if error.validator == "required":
        required = ("match",) if error.absolute_path else ("version", "artifacts")
        present = error.instance if isinstance(error.instance, dict) else {}
        missing = next((key for key in required if key not in present), "")
        return f"the key {missing!r} is missing"
    expected = {
        "object": "a mapping (key: value)",
        "array": "a list (- item)",
        "string": "a text",
        "boolean": "true or false",
    }
    if error.validator == "type":
        return f"{name or 'the file'} must be {expected[str(error.validator_value)]}"
    if error.validator == "const":
        return f"{name} must be the number {error.validator_value}"
    return f"{name} {_misfit(error)}"


def _misfit(error: ValidationError) -> str:
    """Say what is wrong with a value that is of the right kind, or of none."""
    if error.instance in ("", []):
        return "is empty"
    if error.validator == "maxItems":
        return f"has more than {error.validator_value} items"
    if error.validator == "oneOf" and not isinstance(error.instance, str):
        return "must be a number"
    return "is too long"


def _at(root: yaml_reader.Node, path: tuple[str | int, ...]) -> yaml_reader.Node:
    node = root
    for step in path:
        if isinstance(node, yaml_reader.Table) and isinstance(step, str):
            node = node.entries[step]
        elif isinstance(node, yaml_reader.Sequence) and isinstance(step, int):
            node = node.items[step]
    return node


def _refused(source: str, what: str, reason: Reason, hint: str = _MANUAL) -> UsageError:
    return UsageError(f"{source}: {what}", reason=reason, hint=hint)


@cache
def _validator() -> Draft202012Validator:
    schema = files(__package__).joinpath("schemas/policy.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(schema))
