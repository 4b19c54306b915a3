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
#: What a container action may be started with instead of its own entry point. Its sibling,
#: ``args``, has no effect on an action that has arguments, and is refused like a mistyped input.
_RUNNERS_OWN: Final = "ENTRYPOINT"
#: The default of inputs that may not be written and empty: the runner hands over an empty text
#: for an expression that names nothing, and only a default tells it from an input left out.
NONE: Final = "(none)"


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
        must_say: Whether an empty one is an error: taken for one that is not given, the step
            would check less than it seems to.
        option: The option's name where it is another.
    """

    name: str
    kind: Kind = Kind.TEXT
    is_path: bool = False
    default: str = ""
    must_say: bool = False
    option: str = ""

    @property
    def flag(self) -> str:
        """Return the option with its dashes."""
        return f"--{self.option or self.name}"


def _demand(name: str, kind: Kind = Kind.TEXT, *, is_path: bool = False) -> Input:
    """Return an input that says what is verified, or what is expected of it."""
    return Input(name, kind, is_path=is_path, default=NONE, must_say=True)


SHOW_SUMMARY: Final = "show-summary"
GITHUB_TOKEN: Final = "github-token"  # noqa: S105 (an input's name)

#: The command line that the Action runs and puts on record, where it is given.
RUN: Final = "run"

#: Inputs that are no option: what becomes of them is in ``run``.
SETTINGS: Final = (SHOW_SUMMARY, GITHUB_TOKEN, RUN)
#: A shell as a workflow's own ``run`` has it: it ends at the first command that fails.
_SHELL: Final = ("sh", "-e", "-c")
#: What a step is called that is not named; ``sh`` would say nothing.
_STEP: Final = "build"

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
    "run": (
        Input("subject-path", Kind.LINES, is_path=True, option="product"),
        Input("material", Kind.LINES, is_path=True),
        Input("no-materials", Kind.SWITCH),
        Input("step-name", option="step"),
        Input("environment", Kind.LINES),
        Input("timeout"),
        Input("allow-unchanged", Kind.SWITCH),
        Input("keep-failed", Kind.SWITCH),
        Input("allow-event", Kind.LINES),
        Input("sigstore", is_path=True, default="public-good"),
        Input("identity-token-file", is_path=True),
        Input("allow-public-log", Kind.SWITCH),
        Input("retry-budget", default="300"),
        Input("output", is_path=True),
        Input("overwrite", Kind.SWITCH),
    ),
    "verify": (
        _demand("bundle", Kind.LINES, is_path=True),
        _demand("repo"),
        _demand("owner"),
        _demand("source-ref"),
        _demand("source-tag"),
        _demand("source-branch"),
        _demand("source-digest"),
        _demand("predicate-type"),
        Input("deny-self-hosted-runners", Kind.SWITCH, must_say=True),
        _demand("signer-workflow"),
        _demand("signer-repo"),
        _demand("cert-identity"),
        _demand("cert-oidc-issuer"),
        _demand("policy", is_path=True),
        _demand("layout", is_path=True),
        _demand("layout-key", Kind.LINES, is_path=True),
        _demand("links", is_path=True),
        Input("run-inspections", Kind.SWITCH, must_say=True),
        _demand("sigstore", is_path=True),
        _demand("custom-trusted-root", is_path=True),
        Input("offline", Kind.SWITCH),
        _demand("artifacts-file", Kind.LINES, is_path=True),
        _demand("artifacts", Kind.WORDS, is_path=True),
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
    if not text or text.strip() == one.default:
        return ()
    if one.kind in {Kind.LINES, Kind.WORDS}:
        lines = (line.removesuffix("\r") for line in text.split("\n"))
        return tuple(line for line in lines if line.strip())
    return (text if one.kind is Kind.VERBATIM else text.strip(),)


def arguments(command: str, variables: Mapping[str, str]) -> list[str]:
    """Return the arguments that say what a step's inputs say.

    Secrets are not among them: a token goes by the environment.

    Args:
        command: ``attest``, ``run`` or ``verify``.
        variables: The environment.

    Raises:
        UsageError: a switch that is neither true nor false, an input that there is not, one
            that must say something and is empty, or one that has no effect here.
    """
    refuse_unknown(command, variables)
    refuse_empty(command, variables)
    refuse_idle(command, variables)
    options: list[str] = []
    words: list[str] = []
    for one in INPUTS[command]:
        if one.kind is Kind.WORDS:
            words += values(variables, one)
        elif one.kind is Kind.SWITCH:
            options += [one.flag] if is_on(variables, one.name) else []
        else:
            options += _with_option(one, values(variables, one))
    if variables.get("RUNNER_DEBUG") == "1":
        options.append("-v")
    if command == RUN:
        named = [] if value(variables, "step-name") else ["--step", _STEP]
        words = [*_SHELL, value(variables, RUN)]
        options = [*named, *options]
    return [command, *options, *(["--", *words] if words else [])]


def refuse_idle(command: str, variables: Mapping[str, str]) -> None:
    """Refuse an input of the same Action that does nothing, with ``run`` or without it.

    Raises:
        UsageError: there is one.
    """
    others = {"attest": "run", "run": "attest"}
    known = {one.name for one in INPUTS[command]}
    for one in INPUTS.get(others.get(command, ""), ()):
        is_given = values(variables, one) not in {(), ("false",)}
        if one.name in known or not is_given:
            continue
        when = "together with run" if command == RUN else "without run"
        raise UsageError(
            f"the input {one.name} has no effect {when}",
            hint="Leave it out, or attest in a step of its own."
            if command == RUN
            else "Leave it out, or say what is run:\n\n    run: make dist",
            reason=Reason.USAGE_OPTION,
        )


def told_as(command: str) -> Mapping[str, str]:
    """Return the name of each input of a command by the name of its option."""
    return {one.option or one.name: one.name for one in INPUTS.get(command, ())}


def _with_option(one: Input, given: tuple[str, ...]) -> Iterator[str]:
    for text in given:
        if text.startswith("-"):
            yield f"{one.flag}={text}"
        else:
            yield from (one.flag, text)


def refuse_unknown(command: str, variables: Mapping[str, str]) -> None:
    """Refuse an input that there is not: the runner only warns, and hands it over.

    Left out silently, a mistyped expectation of ``verify`` would expect nothing.

    Raises:
        UsageError: there is one.
    """
    of_file = [command] if command == "verify" else ["attest", RUN]
    known = {one.name.upper(): one.name for name in of_file for one in INPUTS[name]}
    known |= {name.upper(): name for name in SETTINGS}
    for variable in sorted(variables):
        name = variable.removeprefix(_PREFIX)
        if name in {variable, _RUNNERS_OWN} or name in known:
            continue
        shown = harmless(name.lower(), _SHOWN)
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {known[near[0]]}? " if near else ""
        raise UsageError(
            f"there is no input {shown!r} (the variable {harmless(variable, _SHOWN)!r} is set)",
            hint=f"{hint}The inputs are: {', '.join(sorted(known.values()))}",
            reason=Reason.USAGE_OPTION,
        )


def refuse_empty(command: str, variables: Mapping[str, str]) -> None:
    """Refuse an input that was written, says what is expected, and is empty.

    An expression that is mistyped, or whose step gave nothing, is an empty text.

    Raises:
        UsageError: there is one.
    """
    for one in INPUTS[command]:
        if not one.must_say or value(variables, one.name):
            continue
        if f"{_PREFIX}{one.name.upper()}" in variables:
            unset = one.default or "false"
            raise UsageError(
                f"the input {one.name} is given, but empty: left out, it would have the step "
                "verify less than it says",
                hint="Look where its value comes from: an expression that is mistyped is empty. "
                f"Where it may be empty, say so:\n\n    {one.name}: ${{{{ … || '{unset}' }}}}",
                reason=Reason.USAGE_OPTION,
            )
