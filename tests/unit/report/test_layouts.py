"""What a layout demands, and that one was signed, for people."""

from __future__ import annotations

import shlex
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.model.attestation import Attestation, AttestResult
from slsa_gen.model.layout import DemandedStep, Demands
from slsa_gen.model.publication import Publication, PublicationOutcome
from slsa_gen.report import layouts
from slsa_gen.report.style import Style
from tests.support.values import SIGNED_AT, proved
from tests.unit.intoto.claims import OWNER, layout_said

if TYPE_CHECKING:
    from slsa_gen.model.identity import SignerIdentity

EXPIRES: Final = datetime(2030, 1, 1, tzinfo=UTC)
STEP: Final = DemandedStep(
    name="build",
    people=("bob (issuer x)", "carl (issuer x)"),
    threshold=2,
    materials=("ALLOW *",),
    products=("CREATE app", "DISALLOW *"),
    command=("make", "all of it"),
    lets_through=("materials",),
)
DEMANDS: Final = Demands("root.yaml", "keyless", EXPIRES, "build", (STEP,))


def told(demands: Demands = DEMANDS, now: datetime = SIGNED_AT) -> str:
    """Return the report of what a layout demands."""
    return layouts.written(demands, Style(), now)


def signed(
    outcome: PublicationOutcome = PublicationOutcome.WRITTEN,
    place: str = "root.yaml.intoto.jsonl",
    *,
    sigstore: str = "public-good",
    layout: str = "root.yaml",
    signer: SignerIdentity = OWNER,
) -> str:
    """Return the report of a layout that was signed."""
    v = proved(layout_said(), signer)
    attestation = Attestation(v.statement, v.bundle, v.signer, SIGNED_AT, v.log_entries)
    result = AttestResult((attestation,), (Publication("file", outcome, place),))
    return layouts.signed(result, layout, sigstore, Style())


def test_a_step_is_told_with_who_does_it_and_what_is_let_through() -> None:
    """In the order of the layout; the command as one would type it."""
    assert told() == (
        "root.yaml: a keyless layout of 1 step\n"
        "expires:   2030-01-01T00:00:00+00:00\n"
        "artifact:  a product of the step 'build'\n"
        "step 'build', done by 2 of 2:\n"
        "  bob (issuer x)\n"
        "  carl (issuer x)\n"
        "  command:   make 'all of it'\n"
        "  materials: ALLOW *\n"
        "  materials: (no DISALLOW *: whatever no rule names is let through)\n"
        "  products:  CREATE app\n"
        "  products:  DISALLOW *\n"
    )


def test_several_steps_and_inspections_are_told_one_after_the_other() -> None:
    """An inspection is warned of: it is a command on the reader's machine."""
    second = replace(STEP, name="pack", command=(), lets_through=())
    text = told(replace(DEMANDS, steps=(STEP, second), inspections=(("look", ("ls", "a b")),)))

    assert text.startswith("root.yaml: a keyless layout of 2 steps\n")
    assert text.index("step 'build'") < text.index("step 'pack'") < text.index("inspection 'look'")
    assert text.count("  command: ") == 2
    assert text.count("let through") == 1
    assert text.endswith("inspection 'look'  runs a command when verified\n  command:   ls 'a b'\n")


@pytest.mark.parametrize(("seconds", "expired"), [(-1, False), (0, True), (1, True)])
def test_a_layout_that_has_expired_is_told_to_be(
    seconds: int,
    expired: bool,  # noqa: FBT001 (a column of the table)
) -> None:
    """From the same moment on from which it proves nothing."""
    assert ("EXPIRED" in told(now=EXPIRES + timedelta(seconds=seconds))) is expired


@given(st.text(max_size=30))
def test_nothing_that_a_layout_says_makes_a_line_of_its_own(text: str) -> None:
    """Names, people and rules are other people's words, and this is a terminal."""
    step = replace(STEP, name=text, people=(text,), materials=(text,), command=(text, text))
    looks = ((text, (text,)),)
    odd = replace(DEMANDS, source=text, artifact=text, steps=(step,), inspections=looks)

    lines = told(odd).splitlines()

    # Source, expiry, artifact, step, person, command, two of materials, two of products,
    # inspection and its command.
    assert len(lines) == 12
    assert not {unicodedata.category(c) for c in "".join(lines)} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_a_signed_layout_is_told_with_the_command_that_verifies_by_it() -> None:
    """The owner's name is what must be known: it is shown, and part of the command."""
    assert signed() == (
        "signed  root.yaml\n"
        "signer:  carl@example.com\n"
        "issuer:  https://issuer.example\n"
        "log:     entry 7  https://search.sigstore.dev/?logIndex=7\n"
        "bundle:  root.yaml.intoto.jsonl\n"
        "\n"
        "Whoever has the layout, its bundle and the links verifies with:\n"
        "  slsa-gen verify ARTIFACT --layout root.yaml --cert-identity carl@example.com "
        "--cert-oidc-issuer https://issuer.example\n"
    )


@pytest.mark.parametrize(
    ("outcome", "place", "sigstore", "begins", "ends"),
    [
        (PublicationOutcome.REUSED, "root.yaml.intoto.jsonl", "public-good", "already signed", ()),
        (PublicationOutcome.WRITTEN, "b c", "public-good", "signed", ("--bundle", "b c")),
        (
            PublicationOutcome.WRITTEN,
            "root.yaml.intoto.jsonl",
            "sandbox",
            "signed",
            ("--sigstore", "sandbox"),
        ),
        (
            PublicationOutcome.WRITTEN,
            "-b",
            "my.json",
            "signed",
            ("--bundle", "./-b", "--sigstore", "my.json"),
        ),
    ],
)
def test_the_command_says_what_is_not_as_usual(
    outcome: PublicationOutcome, place: str, sigstore: str, begins: str, ends: tuple[str, ...]
) -> None:
    """Another bundle and another Sigstore, quoted as a shell wants them."""
    text = signed(outcome, place, sigstore=sigstore)

    words = shlex.split(text.splitlines()[-1])
    assert text.startswith(f"{begins}  root.yaml\n")
    assert tuple(words[words.index("https://issuer.example") + 1 :]) == ends


def test_a_layout_whose_name_looks_like_an_option_is_named_as_a_path() -> None:
    """So that the command means the file."""
    assert "--layout ./-x.yaml " in signed(layout="-x.yaml", place="-x.yaml.intoto.jsonl")
