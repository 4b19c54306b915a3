"""A step's inputs, and the arguments that a person would type for them.

An input has the name of its option. The runner hands each over as ``INPUT_`` and its name in
capitals, an empty one where nothing is given.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import UsageError
from slsa_gen.model.text import harmless
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PREFIX: Final = "INPUT_"
_SHOWN: Final = 60
#: YAML 1.2's words, which are the ones that GitHub's own actions take.
_TRUE: Final = frozenset({"true", "True", "TRUE"})
_FALSE: Final = frozenset({"false", "False", "FALSE"})
#: Inputs of every container action that has no such inputs of its own.
_RUNNERS_OWN: Final = frozenset({"ENTRYPOINT", "ARGS"})


class Kind(Enum):
    """How an input's text becomes arguments."""

    #: One value; blanks and line ends around it are YAML's.
    TEXT = auto()
    #: One value, every character of it.
    VERBATIM = auto()
    #: One value a line, each with the option.
    LINES = auto()
    #: One value a line, each an argument without an option.
    WORDS = auto()
    #: true or false.
    SWITCH = auto()


@dataclass(frozen=True, slots=True)
class Input:
    """One input.

    Attributes:
        name: As in ``action.yml``, and as the option without its dashes.
        kind: How its text becomes arguments.
        is_path: Whether its values are paths (or patterns of paths).
        default: The value that means the same as none.
    """

    name: str
    kind: Kind = Kind.TEXT
    is_path: bool = False
    default: str = ""


SHOW_SUMMARY: Final = "show-summary"
GITHUB_TOKEN: Final = "github-token"  # noqa: S105 (an input's name)

#: Inputs that are no option: what becomes of them is in ``run``.
SETTINGS: Final = (SHOW_SUMMARY, GITHUB_TOKEN)

INPUTS: Final[Mapping[str, tuple[Input, ...]]] = {
    "attest": (
        # As bare words: argparse takes thousands of options in quadratic time.
        Input("subject-path", Kind.WORDS, is_path=True),
        Input("subject-path-file", Kind.LINES, is_path=True),
        Input("subject-checksums", Kind.LINES, is_path=True),
        Input("subject-digest", Kind.LINES),
        Input("subject-name"),
        Input("base64-subjects", Kind.VERBATIM),
        Input("base64-subjects-as-file", Kind.LINES, is_path=True),
        Input("names", default="base"),
        Input("sha512", Kind.SWITCH),
        Input("predicate-type"),
        Input("predicate", Kind.VERBATIM),
        Input("predicate-path", is_path=True),
        Input("sbom-path", is_path=True),
        Input("allow-event", Kind.LINES),
        Input("dry-run", Kind.SWITCH),
        Input("sigstore", is_path=True, default="public-good"),
        Input("identity-token-file", is_path=True),
        Input("allow-public-log", Kind.SWITCH),
        Input("retry-budget", default="300"),
        Input("provenance-name"),
        Input("output", is_path=True),
        Input("overwrite", Kind.SWITCH),
        Input("upload-assets", Kind.SWITCH),
        Input("upload-tag-name"),
    ),
    "verify": (
        Input("bundle", Kind.LINES, is_path=True),
        Input("repo"),
        Input("owner"),
        Input("source-ref"),
        Input("source-tag"),
        Input("source-branch"),
        Input("source-digest"),
        Input("predicate-type"),
        Input("deny-self-hosted-runners", Kind.SWITCH),
        Input("signer-workflow"),
        Input("signer-repo"),
        Input("cert-identity"),
        Input("cert-oidc-issuer"),
        Input("policy", is_path=True),
        Input("sigstore", is_path=True),
        Input("custom-trusted-root", is_path=True),
        Input("offline", Kind.SWITCH),
        Input("artifacts-file", Kind.LINES, is_path=True),
        Input("artifacts", Kind.WORDS, is_path=True),
    ),
}


def value(variables: Mapping[str, str], name: str) -> str:
    """Return what an input holds; a blank one is one that is not given."""
    text = variables.get(f"{_PREFIX}{name.upper()}", "")
    return text if text.strip() else ""


def is_on(variables: Mapping[str, str], name: str, *, default: bool = False) -> bool:
    """Return what a switch says.

    Raises:
        UsageError: neither true nor false.
    """
    text = value(variables, name).strip()
    if not text:
        return default
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise UsageError(
        f"the input {name} is {harmless(text, _SHOWN)!r}; a switch is true or false",
        hint=f"Write:\n\n    {name}: true",
        reason=Reason.USAGE_OPTION,
    )


def values(variables: Mapping[str, str], one: Input) -> tuple[str, ...]:
    """Return the values of an input, as they follow its option; none where it is not given."""
    text = value(variables, one.name)
    if not text:
        return ()
    if one.kind in {Kind.LINES, Kind.WORDS}:
        lines = (line.removesuffix("\r") for line in text.split("\n"))
        return tuple(line for line in lines if line.strip())
    return (text if one.kind is Kind.VERBATIM else text.strip(),)


def arguments(command: str, variables: Mapping[str, str]) -> list[str]:
    """Return the arguments that say what a step's inputs say.

    Secrets are not among them: a token goes by the environment.

    Args:
        command: ``attest`` or ``verify``.
        variables: The environment.

    Raises:
        UsageError: a switch that is neither true nor false, or an input that there is not.
    """
    refuse_unknown(command, variables)
    options: list[str] = []
    words: list[str] = []
    for one in INPUTS[command]:
        if one.kind is Kind.WORDS:
            words += values(variables, one)
        elif one.kind is Kind.SWITCH:
            options += [f"--{one.name}"] if is_on(variables, one.name) else []
        else:
            options += _with_option(one, values(variables, one))
    if variables.get("RUNNER_DEBUG") == "1":
        options.append("-v")
    return [command, *options, *(["--", *words] if words else [])]


def _with_option(one: Input, given: tuple[str, ...]) -> Iterator[str]:
    for text in given:
        if text == one.default:
            continue
        if text.startswith("-"):
            yield f"--{one.name}={text}"
        else:
            yield from (f"--{one.name}", text)


def refuse_unknown(command: str, variables: Mapping[str, str]) -> None:
    """Refuse an input that there is not: the runner only warns, and hands it over.

    Left out silently, a mistyped expectation of ``verify`` would expect nothing.

    Raises:
        UsageError: there is one.
    """
    known = {one.name.upper(): one.name for one in INPUTS[command]}
    known |= {name.upper(): name for name in SETTINGS}
    for variable in sorted(variables):
        name = variable.removeprefix(_PREFIX)
        if name == variable or name in known or name in _RUNNERS_OWN:
            continue
        shown = harmless(name.lower(), _SHOWN)
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {known[near[0]]}? " if near else ""
        raise UsageError(
            f"there is no input {shown!r} (the variable {harmless(variable, _SHOWN)!r} is set)",
            hint=f"{hint}The inputs are: {', '.join(sorted(known.values()))}",
            reason=Reason.USAGE_OPTION,
        )
