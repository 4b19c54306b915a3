"""A step's inputs: which there are, and what one of them says.

An input has the name of its option. The runner hands each over as ``INPUT_`` and its name in
capitals, an empty one where nothing is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import UsageError
from slsa_gen.model.text import harmless
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

#: How the runner begins the names of their variables.
PREFIX: Final = "INPUT_"
#: Characters of an input's text that a message shows.
SHOWN: Final = 60
#: YAML 1.2's words, which are the ones that GitHub's own actions take.
_TRUE: Final = frozenset({"true", "True", "TRUE"})
_FALSE: Final = frozenset({"false", "False", "FALSE"})
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
    text = variables.get(f"{PREFIX}{name.upper()}", "")
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
        f"the input {name} is {harmless(text, SHOWN)!r}; a switch is true or false",
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


def told_as(command: str) -> Mapping[str, str]:
    """Return the name of each input of a command by the name of its option."""
    return {one.option or one.name: one.name for one in INPUTS.get(command, ())}
