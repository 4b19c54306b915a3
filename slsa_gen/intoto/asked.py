"""A step as it was asked for: its name, its command, and what of the environment is recorded.

All of it will be read by everyone who has the bundle, so what looks like a secret is refused
before anything runs. Which words a workflow's runner hides cannot be asked; whatever a variable
holds whose name says that it is a secret is looked for in every word that is recorded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import UsageError
from slsa_gen.model.step import Step
from slsa_gen.reasons import Reason
from slsa_gen.subjects.names import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: Bytes of a step's name: with a key's id behind it, it is the name of a file.
_NAME_BYTES: Final = 200
#: Names of variables that are not recorded, whatever they hold.
_PRIVATE: Final = re.compile(
    r"TOKEN|SECRET|PASS(WORD|WD|PHRASE)|CREDENTIAL|PRIVATE|(API|ACCESS)_?KEY|(^|_)(KEY|PW|PAT)$"
    r"|AUTH(?!OR)|COOKIE|SESSION",
    re.IGNORECASE,
)
#: Names of variables whose values are secrets, so that they may be in no other word either.
_SECRET: Final = re.compile(
    r"TOKEN|SECRET|PASS(WORD|WD|PHRASE)|CREDENTIAL"
    r"|(API|ACCESS|PRIVATE|SIGNING|ENCRYPTION|DEPLOY)_?KEY|(^|_)(AUTH|PASS|PWD?|PAT)$",
    re.IGNORECASE,
)
#: A shorter one is no secret, and would be found everywhere.
_SHORTEST_SECRET: Final = 8
#: Paths and addresses say where a secret is (``…_CREDENTIALS=/run/key.json``), and are none.
_PLACE: Final = re.compile(r"(\.{0,2}/|https?://)")
#: A user's name and password, or a name so long that it is a token.
_USER_INFO: Final = re.compile(r"://([^/?#\s@:]*:[^/?#\s@]+|[^/?#\s@:]{20,})@")
#: GitHub's tokens (of people, applications and runs), which begin so that they are recognised.
_TOKEN: Final = re.compile(r"\b(gh[opsur]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def asked_step(
    *,
    name: str | None,
    command: Sequence[str],
    products: Sequence[str],
    materials: Sequence[str] | None,
    recorded: Sequence[str],
    environment: Mapping[str, str],
) -> Step:
    """Return the step that some options ask for.

    Args:
        name: Its name; the program's base name where it is None.
        command: The program and its arguments; there is at least one word.
        products: Patterns of what it makes.
        materials: Patterns of what it starts from; None for the git commit.
        recorded: Names of the variables that are recorded.
        environment: The variables.

    Raises:
        UsageError: a name or a word that no record can hold, or one that looks like a secret.
    """
    given = name if name is not None else command[0].rpartition("/")[2]
    _check_name(given, is_given=name is not None)
    for number, word in enumerate(command):
        _check_text(word, "the program" if number == 0 else f"argument {number} of the command")
    values = {one: _recorded(one, environment) for one in dict.fromkeys(recorded)}
    named = None if materials is None else tuple(materials)
    step = Step(given, tuple(command), tuple(products), named, values)
    _refuse_secrets(step, environment)
    return step


def _check_name(name: str, *, is_given: bool) -> None:
    why = ""
    if not name.strip():
        why = "it is empty"
    elif not name.isprintable() or not _is_unicode(name):
        why = "it has characters that cannot be shown"
    elif "/" in name or name.startswith((".", "-", "!")):
        why = "it holds a slash, or begins with a dot, a dash or an exclamation mark"
    elif len(name.encode()) > _NAME_BYTES:
        why = f"it is longer than {_NAME_BYTES} bytes"
    if why:
        whose = (
            "--step takes the name of a step" if is_given else "the program's name is the step's"
        )
        raise UsageError(
            f"{whose}, and {shown(name)} is none: {why}",
            hint="Give it a plain name, by which layouts and files know it: --step build",
            reason=Reason.RUN_STEP,
        )


def _check_text(word: str, what: str) -> None:
    if not _is_unicode(word):
        raise UsageError(
            f"{what} is {shown(word)}, which is not UTF-8: no record can hold it",
            hint="Put the command into a script, and run that.",
            reason=Reason.RUN_WORD,
        )


def _recorded(name: str, environment: Mapping[str, str]) -> str:
    """Return the value of a variable that is to be recorded."""
    if not _VARIABLE.fullmatch(name):
        raise UsageError(
            f"--environment takes the name of a variable, got {shown(name)}",
            hint="Its value is read from the environment: --environment CC",
            reason=Reason.RUN_ENVIRONMENT,
        )
    if _PRIVATE.search(name):
        raise UsageError(
            f"--environment {name}: by its name that is a secret, and what is recorded is read by "
            "everyone",
            hint="Leave it out. If it is no secret, hand the value over under another name.",
            reason=Reason.RUN_SECRET,
        )
    value = environment.get(name)
    if value is None:
        raise UsageError(
            f"--environment {name}: there is no such variable, so there is nothing to record",
            hint=f"Set it, or leave it out: {name}=VALUE slsa-gen run …",
            reason=Reason.RUN_ENVIRONMENT,
        )
    _check_text(value, f"the value of {name}")
    return value


def _refuse_secrets(step: Step, environment: Mapping[str, str]) -> None:
    secrets = [
        (name, line)
        for name, value in sorted(environment.items())
        if _SECRET.search(name) and (not _PLACE.match(value.strip()) or _USER_INFO.search(value))
        for line in map(str.strip, value.splitlines())  # a runner hides each line of a secret
        if len(line) >= _SHORTEST_SECRET
    ]
    for what, word in _words(step):
        holder = next((name for name, value in secrets if value in word), None)
        if holder is not None:
            raise UsageError(
                f"{what} holds the value of {shown(holder)}, which by its name is a secret; all of "
                "it is recorded, and read by everyone",
                hint="Let the command read the variable itself, in single quotes: "
                "-- sh -c 'upload --token \"$TOKEN\"'",
                reason=Reason.RUN_SECRET,
            )
        if _TOKEN.search(word):
            raise UsageError(
                f"{what} holds a token of GitHub's; all of it is recorded, and read by everyone",
                hint="Revoke it if it was in a log before, and let the command read it from a "
                "variable itself, in single quotes: -- sh -c 'upload --token \"$TOKEN\"'",
                reason=Reason.RUN_SECRET,
            )
        if _USER_INFO.search(word):
            raise UsageError(
                f"{what} holds an address with a password or a token; all of it is recorded, "
                "and read by everyone",
                hint="Keep the password out of the address: in a variable that the command reads "
                "itself, or in a file such as ~/.netrc.",
                reason=Reason.RUN_SECRET,
            )


def _words(step: Step) -> Iterator[tuple[str, str]]:
    yield "the step's name", step.name
    for number, word in enumerate(step.command):
        yield "the program" if number == 0 else f"argument {number} of the command", word
    for name, value in step.environment.items():
        yield f"the value of {name} (--environment)", value
    for option, patterns in (("--product", step.products), ("--material", step.materials or ())):
        for pattern in patterns:
            yield f"a pattern of {option}", pattern


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
