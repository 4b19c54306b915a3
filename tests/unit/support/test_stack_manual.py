"""The manual's page on a Sigstore of one's own says what the stack does."""

from __future__ import annotations

import re

import yaml

from tests.stack.services.kinds import KINDS
from tests.stack.services.servers import fulcio_config
from tests.stack.services.table import PAGE, Table, block, replaced
from tests.stack.services.wrong import WRONG


def test_fulcio_is_configured_as_the_manual_says() -> None:
    """The same claims for the same extensions, but for the issuer and its certificate."""
    page = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (written,) = (block for block in blocks if "ci-issuer-metadata" in block)
    shown = yaml.safe_load(written)
    used = fulcio_config("https://token.example.org", "a certificate")
    issuers = used["oidc-issuers"]
    assert isinstance(issuers, dict)
    del issuers["https://token.example.org"]["ca-cert"]

    assert shown == used


def test_the_table_shows_everything_that_the_suite_asks() -> None:
    """A row for each kind of statement and for each thing that may be wrong."""
    rows = block(PAGE.read_text(encoding="utf-8")).splitlines()[2:]

    named = [row.removeprefix("| ").partition(": Rekor v1, Rekor v2")[0] for row in rows]
    assert named == [*KINDS, *(f"{part} ({reason})" for part, (_, reason) in WRONG.items())]


def test_a_table_is_made_of_what_was_seen_and_of_nothing_else() -> None:
    """It is complete with the last verdict, and takes the place of the one before."""
    table = Table({"a thing": ("Rekor v1", "Rekor v2")})
    verdicts = {"slsa-gen": True, "sigstore-python": True, "cosign": False, "sigstore-go": True}
    table.record("a thing", "Rekor v1", verdicts)
    assert not table.complete

    table.record("a thing", "Rekor v2", {**verdicts, "cosign": True, "sigstore-go": True})

    assert table.complete
    versions = {"github.com/sigstore/cosign/v3": "v3.0.0", "github.com/sigstore/sigstore-go": "v1"}
    written = table.written(versions)
    assert "cosign 3.0.0" in written
    assert "| a thing: Rekor v1, Rekor v2 | accepted | accepted | mixed | accepted |" in written
    page = PAGE.read_text(encoding="utf-8")
    assert block(replaced(page, written)) == written
    assert replaced(replaced(page, written), block(page)) == page
