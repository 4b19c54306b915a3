"""``layout`` and ``verify --layout`` as a workflow's run types them, in any place."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import pytest

from tests.parity.attesting import statements
from tests.parity.place import SIGSTORE
from tests.support.keyless_demo import reasons

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.conftest import Outcome
    from tests.parity.place import Place

LAYOUT: Final = "root.yaml"
RECORD: Final = f"{LAYOUT}.intoto.jsonl"
#: The steps: what each starts from, what it makes, and how.
STEPS: Final = {
    "fetch": (("--no-materials",), "main.c", ("sh", "-c", "echo 'int main;' > main.c")),
    "build": (("--material", "main.c"), "app", ("cp", "main.c", "app")),
}


def layout(place: Place, *, builder: str = "") -> str:
    """Return a layout of two steps by the place's run, or the second by somebody else."""
    run = f"{{issuer: '{place.issuer}', identity: '{place.identity}'}}"
    other = f"{{issuer: '{place.issuer}', identity: '{builder}'}}" if builder else run
    return f"""\
version: 1
expires: 2100-01-01T00:00:00Z
artifact: build
steps:
  - name: fetch
    functionaries: [{run}]
    materials: [DISALLOW *]
    products: [CREATE main.c, DISALLOW *]
  - name: build
    functionaries: [{other}]
    expected-command: [cp, main.c, app]
    materials: [REQUIRE main.c, MATCH main.c WITH PRODUCTS FROM fetch, DISALLOW *]
    products: [CREATE app, DISALLOW *]
"""


def write_layout(place: Place, text: str) -> None:
    """Write a layout; it names the place's identities, so its digest is one of the place's."""
    place.names[hashlib.sha256(text.encode()).hexdigest()] = "<digest of the layout>"
    place.cli.write(LAYOUT, text)


def sign_layout(place: Place, *options: str) -> Outcome:
    """Sign the layout that lies here."""
    return place("layout", "sign", "--sigstore", SIGSTORE, *options, LAYOUT)


def judged(place: Place, *options: str, kept: bool = True) -> Outcome:
    """Verify ``app`` by the layout, whose owner is the place's run."""
    owner = ("--cert-identity", place.identity, "--cert-oidc-issuer", place.issuer)
    given = ("app", "--layout", LAYOUT, "--sigstore", SIGSTORE, *owner, *options)
    return place("verify", *given, kept=kept)


def _made(place: Place) -> tuple[str, ...]:
    """Go through the steps, sign the layout, and return the names of all that is there."""
    write_layout(place, layout(place))
    run = ("run", "--sigstore", SIGSTORE, "--step")
    commands = [
        (*run, name, "--product", product, *materials, "--", *command)
        for name, (materials, product, command) in STEPS.items()
    ]
    commands.append(("layout", "sign", "--sigstore", SIGSTORE, LAYOUT))
    for command in commands:
        outcome = place.cli(*command)
        assert outcome.code == 0, outcome.err
    return "main.c", "app", LAYOUT, RECORD, *(f"{name}.intoto.jsonl" for name in STEPS)


def _other_artifact(place: Place) -> None:
    place.cli.write("app", "something else\n")


def _step_left_out(place: Place) -> None:
    (place.folder / "fetch.intoto.jsonl").unlink()


def _other_builder(place: Place) -> None:
    write_layout(place, layout(place, builder="https://example.com/somebody"))
    assert sign_layout(place, "--overwrite").code == 0


def _layout_changed(place: Place) -> None:
    write_layout(place, layout(place).replace("DISALLOW", "ALLOW"))


def _layout_unsigned(place: Place) -> None:
    (place.folder / RECORD).unlink()


#: What is done after all was made and signed, and the reason for which that is refused.
TAMPERED: Final[dict[str, tuple[Callable[[Place], None], str]]] = {
    "another artifact": (_other_artifact, "layout.artifact"),
    "a step left out": (_step_left_out, "layout.functionaries"),
    "a step by somebody else": (_other_builder, "layout.functionaries"),
    "the layout changed": (_layout_changed, "subject.digest-not-in-statement"),
    "the layout unsigned": (_layout_unsigned, "layout.signature"),
}


class LayingOut:
    """What a layout says, who signs it, and what is judged by it."""

    def test_a_layout_is_told_in_words(self, place: Place) -> None:
        """Whoever signed it; and what is none says where."""
        write_layout(place, layout(place))
        told = place("layout", "check", LAYOUT)
        document = place("layout", "check", "--format", "json", LAYOUT)
        place.cli.write("none.yaml", "version: 1\nsteps: []\n")
        refused = place("layout", "check", "none.yaml")

        assert told.code == document.code == 0, told.err
        assert "step 'build', done by 1 of 1:\n" in told.out
        assert (refused.code, refused.reason) == (2, "layout.schema")

    def test_a_layout_is_signed_by_its_owner(self, place: Place) -> None:
        """A statement about the file, which holds the layout; once, unless the file changed."""
        write_layout(place, layout(place))

        signed = sign_layout(place)
        again = sign_layout(place)
        write_layout(place, layout(place) + "# changed\n")
        changed = sign_layout(place)

        assert signed.code == again.code == 0, signed.err
        (statement,) = statements(place.folder / RECORD)
        digest = hashlib.sha256(layout(place).encode()).hexdigest()
        assert statement["subject"] == [{"name": LAYOUT, "digest": {"sha256": digest}}]
        assert statement["predicate"]["artifact"] == "build"
        assert (changed.code, changed.reason) == (2, "usage.output-exists")

    def test_what_the_demanded_steps_made_is_accepted(self, place: Place) -> None:
        """Who did which step is told; in short, with every check, and as a document."""
        place.take("supply chain", lambda: _made(place))

        outcome = judged(place)
        verbose = judged(place, "-v")
        document = judged(place, "--format", "json")

        assert outcome.code == verbose.code == document.code == 0, outcome.out
        assert f"  step:      'build' by {place.identity} (issuer " in outcome.out
        (result,) = document.results
        (attestation,) = result["attestations"]
        assert (attestation["source"], attestation["accepted"]) == (LAYOUT, True)

    @pytest.mark.parametrize("what", TAMPERED)
    def test_each_tampering_of_the_steps_is_refused(self, place: Place, what: str) -> None:
        """For the reason that belongs to it."""
        place.take("supply chain", lambda: _made(place))
        tamper, reason = TAMPERED[what]
        tamper(place)

        outcome = judged(place)
        document = judged(place, "--format", "json", kept=False)

        assert outcome.code == document.code == 1
        assert reason in reasons(document)

    def test_a_layout_of_somebody_else_judges_nothing(self, place: Place) -> None:
        """Its owner is named by whoever verifies; the steps are not looked at."""
        place.take("supply chain", lambda: _made(place))

        owner = ("--cert-identity", "https://example.com/owner")
        given = ("app", "--layout", LAYOUT, "--sigstore", SIGSTORE, *owner)
        outcome = place("verify", *given, "--cert-oidc-issuer", place.issuer)

        assert outcome.code == 1
        assert "signer.identity" in outcome.out
        assert "step 'build'" not in outcome.out
