"""``slsa-gen layout``, and what of ``verify --layout`` needs no signature."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from slsa_gen.sandbox.run import PERSON
from tests.support.clock import FakeClock
from tests.support.keyless_demo import reasons
from tests.support.supply_chains import Chain, Person, inspection, layout, signed, step

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.conftest import CommandLine

KEYLESS = """\
version: 1
expires: 2030-01-01T00:00:00Z
artifact: build
steps:
  - name: build
    functionaries: [{issuer: https://issuer.example, identity: bob@example.com}]
    expected-command: [make, all]
    products: [CREATE app, DISALLOW *]
"""
SIGNER = ("--cert-identity", "a@example.com", "--cert-oidc-issuer", "https://issuer.example")
SANDBOX = ("--sigstore", "sandbox")


@pytest.fixture
def both(cli: CommandLine) -> CommandLine:
    """Return a folder with a layout of each kind, and an artifact."""
    bob = Person("ed25519")
    document = layout(
        [step("build", bob, expected_products=[["CREATE", "app"], ["DISALLOW", "*"]])],
        bob,
        inspect=[inspection("look", "ls", "-l")],
    )
    cli.write("root.layout", signed(document, bob, dsse=True))
    cli.write("root.yaml", KEYLESS)
    cli.write("app")
    cli.clock = FakeClock(datetime(2026, 11, 24, tzinfo=UTC))
    return cli


def test_check_says_what_a_keyless_layout_demands(both: CommandLine) -> None:
    """As a person reads it, with what is let through."""
    outcome = both("layout", "check", "root.yaml")

    assert outcome.code == 0, outcome.err
    assert outcome.out == (
        "root.yaml: a keyless layout of 1 step\n"
        "expires:   2030-01-01T00:00:00+00:00\n"
        "artifact:  a product of the step 'build'\n"
        "step 'build', done by 1 of 1:\n"
        "  bob@example.com (issuer https://issuer.example)\n"
        "  command:   make all\n"
        "  materials: (no DISALLOW *: whatever no rule names is let through)\n"
        "  products:  CREATE app\n"
        "  products:  DISALLOW *\n"
    )


def test_check_says_what_a_classic_layout_demands(both: CommandLine) -> None:
    """Keys take the place of identities; an inspection runs a command."""
    outcome = both("layout", "check", "root.layout")

    assert outcome.code == 0, outcome.err
    assert outcome.out.startswith("root.layout: a classic layout of 1 step\n")
    assert "  key " in outcome.out
    assert "inspection 'look'  runs a command when verified\n  command:   ls -l" in outcome.out


@pytest.mark.parametrize("name", ["root.yaml", "root.layout"])
def test_the_document_of_check_fits_its_schema(both: CommandLine, name: str) -> None:
    """For either kind."""
    (result,) = both("layout", "check", name, "--format", "json").results

    assert (result["layout"], result["artifact"], result["expired"]) == (name, "build", False)


def test_check_says_where_a_link_may_name_no_materials(both: CommandLine) -> None:
    """What is matched need not be there."""
    matching = "    materials: [MATCH a WITH PRODUCTS FROM build, DISALLOW *]\n"
    both.write("m.yaml", KEYLESS + matching)
    both.write("r.yaml", KEYLESS + matching.replace("[", "[REQUIRE a, "))

    note = "  materials: (no REQUIRE: a link that records no materials passes)\n"
    assert note in both("layout", "check", "m.yaml").out
    assert note not in both("layout", "check", "r.yaml").out


def test_check_says_that_a_layout_has_expired(both: CommandLine) -> None:
    """Whoever checks it wants to know before anyone signs."""
    both.clock = FakeClock(datetime(2030, 1, 1, tzinfo=UTC))

    assert "EXPIRED" in both("layout", "check", "root.yaml").out
    assert both("layout", "check", "root.yaml", "--format", "json").results[0]["expired"]


def test_check_refuses_what_is_no_layout(both: CommandLine) -> None:
    """With the place."""
    both.write("root.yaml", KEYLESS.replace("CREATE", "MAKE"))

    outcome = both("layout", "check", "root.yaml")

    assert (outcome.code, outcome.reason) == (2, "layout.schema")
    assert "root.yaml: line 8, column 16: 'MAKE app' is no artifact rule" in outcome.err


@pytest.mark.parametrize(
    ("name", "year", "reason"),
    [("root.layout", 2026, "layout.kind"), ("root.yaml", 2030, "layout.expired")],
)
def test_sign_refuses_what_would_prove_nothing(
    both: CommandLine, name: str, year: int, reason: str
) -> None:
    """Before any service is asked."""
    both.clock = FakeClock(datetime(year, 1, 1, tzinfo=UTC))

    outcome = both("layout", "sign", *SANDBOX, name)

    assert (outcome.code, outcome.reason) == (2, reason)


@pytest.mark.network
def test_sign_writes_a_bundle_whose_predicate_is_the_document(both: CommandLine) -> None:
    """The subject is the file; who signed it is said, and how to verify."""
    both.clock = None

    outcome = both("layout", "sign", *SANDBOX, "--identity", "interactive", "root.yaml")

    assert outcome.code == 0, outcome.err
    assert f"--layout root.yaml --cert-identity {PERSON}" in outcome.out
    (shown,) = both("inspect", "root.yaml.intoto.jsonl", "--export", "statement").out.splitlines()
    statement = json.loads(shown)
    assert statement["predicateType"] == "urn:slsa-gen:predicate:layout:v1"
    assert statement["predicate"]["expires"] == "2030-01-01T00:00:00Z"
    assert [one["name"] for one in statement["subject"]] == ["root.yaml"]


@pytest.mark.network
def test_a_layout_that_is_signed_already_is_not_signed_again(both: CommandLine) -> None:
    """The document says so, and where the bundle is."""
    both.clock = None
    assert both("layout", "sign", *SANDBOX, "root.yaml", "--output", "sig.jsonl").code == 0

    again = both("layout", "sign", *SANDBOX, "root.yaml", "--output", "sig.jsonl")
    (result,) = both(
        *("layout", "sign", *SANDBOX, "root.yaml", "--output", "sig.jsonl", "--format", "json")
    ).results

    assert again.out.startswith("already signed  root.yaml\n")
    assert "--bundle sig.jsonl" in again.out
    assert result["publications"][0]["outcome"] == "reused"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--links", "."), "--links goes with a layout, and none is given"),
        (("--layout-key", "k"), "--layout-key goes with a layout, and none is given"),
        (("--run-inspections",), "--run-inspections goes with a layout, and none is given"),
        (
            ("--layout", "root.yaml", "--policy", "p"),
            "--policy and --layout cannot be given together: a policy file says",
        ),
        (
            ("--layout", "root.yaml", "--predicate-type", "https://x/y"),
            "--predicate-type and --layout cannot be given together: a layout demands links",
        ),
        (
            ("--layout", "root.yaml"),
            "nothing says who must have signed the layout 'root.yaml': a valid signature alone",
        ),
        (
            ("--layout", "root.yaml", "--cert-identity", "a@example.com"),
            "--cert-identity alone does not say who may have signed",
        ),
        (
            ("--layout", "root.yaml", *SIGNER, "--layout-key", "k"),
            "--layout-key is for classic layouts, and 'root.yaml' is a keyless one",
        ),
        (
            ("--layout", "root.yaml", *SIGNER, "--run-inspections"),
            "--run-inspections is for classic layouts, and 'root.yaml' is a keyless one",
        ),
        (
            ("--layout", "root.layout"),
            "nothing says whose key must have signed the layout 'root.layout'",
        ),
        (
            ("--layout", "root.layout", "--repo", "o/r"),
            "--repo is for keyless layouts, and 'root.layout' is a classic one",
        ),
        (
            ("--layout", "root.layout", "--layout-key", "k", "--bundle", "b"),
            "--bundle is for keyless layouts, and 'root.layout' is a classic one",
        ),
        (
            ("--layout", "root.layout", "--layout-key", "k", "--deny-self-hosted-runners"),
            "--deny-self-hosted-runners is for keyless layouts, and 'root.layout' is a classic",
        ),
        (("--layout", "none", *SIGNER), "the layout 'none' cannot be read: No such file"),
    ],
)
def test_options_that_contradict_each_other_are_wrong_usage(
    both: CommandLine, arguments: tuple[str, ...], message: str
) -> None:
    """Each says what goes with what."""
    outcome = both("verify", "app", *arguments)

    assert outcome.code == 2, outcome.out
    assert message in outcome.err


def _public(person: Person) -> bytes:
    """Return a public key as a file holds it."""
    document = person.document["keyval"]
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(document["public"]))
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def classic(cli: CommandLine) -> CommandLine:
    """Return a folder with a classic layout and the links of its steps; app.tar is the product."""
    chain = Chain(cli.folder)
    product = cli.write("app.tar", "packed")
    chain.links["pack"]["products"] = {
        "app.tar": {"sha256": hashlib.sha256(product.read_bytes()).hexdigest()}
    }
    cli.write("root.layout", chain.laid())
    cli.write("alice.pub", _public(chain.owner))
    cli.write("eve.pub", _public(Person("ed25519")))
    return cli


CLASSIC = ("verify", "app.tar", "--layout", "root.layout", "--layout-key")


def test_a_classic_layout_gives_the_same_verdict_and_document(classic: CommandLine) -> None:
    """The layout stands where a bundle stands; a key has no identity to show."""
    accepted = classic(*CLASSIC, "alice.pub")
    (result,) = classic(*CLASSIC, "alice.pub", "--format", "json").results

    assert (accepted.code, accepted.out.split()[:2]) == (0, ["accepted", "app.tar"])
    assert "  layout:    root.layout\n" in accepted.out
    assert "  step:      'pack" in accepted.out
    assert "signer" not in result["attestations"][0]


@pytest.mark.parametrize(
    ("tamper", "reason"),
    [
        (lambda cli: cli.write("app.tar", "other"), "layout.artifact"),
        (lambda cli: cli.write("alice.pub", _public(Person("ed25519"))), "layout.signature"),
        (
            lambda cli: [path.unlink() for path in cli.folder.glob("pack.*.link")],
            "layout.functionaries",
        ),
    ],
)
def test_a_classic_layout_refuses_with_reasons(
    classic: CommandLine, tamper: Callable[[CommandLine], object], reason: str
) -> None:
    """As every verification."""
    tamper(classic)

    assert reason in reasons(classic(*CLASSIC, "alice.pub", "--format", "json"))


@pytest.mark.network
def test_a_keyless_link_for_a_classic_layout_is_refused_as_such(classic: CommandLine) -> None:
    """The two kinds do not mix in one verdict."""
    for path in classic.folder.glob("pack.*.link"):
        path.unlink()
    classic(
        *("run", *SANDBOX, "--step", "pack", "--product", "app.tar", "--material", "alice.pub"),
        *("--", "sh", "-c", "echo again > app.tar"),
    )

    outcome = classic(*CLASSIC, "alice.pub", "--format", "json")

    assert {"layout.kind", "layout.functionaries"} <= reasons(outcome)


def test_inspections_are_warned_of_and_run_only_when_asked_for(classic: CommandLine) -> None:
    """They are commands of the layout's, on the machine of whoever verifies."""
    chain = Chain(classic.folder)
    chain.links["pack"]["products"] = {"app.tar": {"sha256": hashlib.sha256(b"packed").hexdigest()}}
    mark = classic.folder / "ran"
    chain.layout["inspect"] = [inspection("look", "touch", str(mark))]
    classic.write("root.layout", chain.laid())
    classic.write("alice.pub", _public(chain.owner))

    unasked = classic(*CLASSIC, "alice.pub", "--format", "json")
    ran_unasked = mark.exists()
    asked = classic(*CLASSIC, "alice.pub", "--run-inspections")

    assert (reasons(unasked), ran_unasked) == ({"layout.inspection"}, False)
    assert (asked.code, mark.exists()) == (0, True), asked.out
    assert "warning: --run-inspections: the layout's inspections are commands" in asked.err


def test_a_digest_alone_needs_the_folder_of_its_links(classic: CommandLine) -> None:
    """There is nothing beside it."""
    digest = f"sha256:{hashlib.sha256(b'packed').hexdigest()}"
    options = ("--layout", "root.layout", "--layout-key", "alice.pub")

    outcome = classic("verify", digest, *options)

    assert outcome.code == 2
    assert "is a digest: there is nothing beside it where links could lie" in outcome.out
    assert classic("verify", digest, *options, "--links", ".").code == 0
