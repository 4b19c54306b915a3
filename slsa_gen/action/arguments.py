"""The arguments that a person would type for what a step's inputs say.

What would have the step do less than it says is refused: an input that there is not, one that
must say something and is empty, one that has no effect here.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

from slsa_gen.action.inputs import INPUTS, PREFIX, RUN, SETTINGS, SHOWN, Kind, is_on, value, values
from slsa_gen.errors import UsageError
from slsa_gen.model.text import harmless
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slsa_gen.action.inputs import Input

#: What a container action may be started with instead of its own entry point. Its sibling,
#: ``args``, has no effect on an action that has arguments, and is refused like a mistyped input.
_RUNNERS_OWN: Final = "ENTRYPOINT"
#: A shell as a workflow's own ``run`` has it: it ends at the first command that fails.
_SHELL: Final = ("sh", "-e", "-c")
#: What a step is called that is not named; ``sh`` would say nothing.
_STEP: Final = "build"


def arguments_of(command: str, variables: Mapping[str, str]) -> list[str]:
    """Return the arguments that say what a step's inputs say.

    Secrets are not among them: a token goes by the environment.

    Args:
        command: ``attest``, ``run`` or ``verify``.
        variables: The environment.

    Raises:
        UsageError: a switch that is neither true nor false, an input that there is not, one
            that must say something and is empty, or one that has no effect here.
    """
    _refuse_unknown(command, variables)
    _refuse_empty(command, variables)
    _refuse_idle(command, variables)
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


def _refuse_unknown(command: str, variables: Mapping[str, str]) -> None:
    """Refuse an input that there is not: the runner only warns, and hands it over.

    Left out silently, a mistyped expectation of ``verify`` would expect nothing.

    Raises:
        UsageError: there is one.
    """
    of_file = [command] if command == "verify" else ["attest", RUN]
    known = {one.name.upper(): one.name for name in of_file for one in INPUTS[name]}
    known |= {name.upper(): name for name in SETTINGS}
    for variable in sorted(variables):
        name = variable.removeprefix(PREFIX)
        if name in {variable, _RUNNERS_OWN} or name in known:
            continue
        shown = harmless(name.lower(), SHOWN)
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {known[near[0]]}? " if near else ""
        raise UsageError(
            f"there is no input {shown!r} (the variable {harmless(variable, SHOWN)!r} is set)",
            hint=f"{hint}The inputs are: {', '.join(sorted(known.values()))}",
            reason=Reason.USAGE_OPTION,
        )


def _refuse_empty(command: str, variables: Mapping[str, str]) -> None:
    """Refuse an input that was written, says what is expected, and is empty.

    An expression that is mistyped, or whose step gave nothing, is an empty text.

    Raises:
        UsageError: there is one.
    """
    for one in INPUTS[command]:
        if not one.must_say or value(variables, one.name):
            continue
        if f"{PREFIX}{one.name.upper()}" in variables:
            unset = one.default or "false"
            raise UsageError(
                f"the input {one.name} is given, but empty: left out, it would have the step "
                "verify less than it says",
                hint="Look where its value comes from: an expression that is mistyped is empty. "
                f"Where it may be empty, say so:\n\n    {one.name}: ${{{{ … || '{unset}' }}}}",
                reason=Reason.USAGE_OPTION,
            )


def _refuse_idle(command: str, variables: Mapping[str, str]) -> None:
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


def _with_option(one: Input, given: tuple[str, ...]) -> Iterator[str]:
    for text in given:
        if text.startswith("-"):
            yield f"{one.flag}={text}"
        else:
            yield from (one.flag, text)
