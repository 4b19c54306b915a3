"""What others sign with real services, judged by us."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.stack.services.issuer import CLAIMS
from tests.stack.services.workshop import Workshop, reasons

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.stack.services.runs import Run

pytestmark = pytest.mark.network

PROVENANCE: Final = "https://slsa.dev/provenance/v1"
CUSTOM: Final = "https://example.com/custom/v1"


def _cosign(shop: Workshop) -> Path:
    return shop.signers.cosign(
        predicate=shop.predicate, predicate_type=PROVENANCE, artifact=shop.artifact
    )


def _sigstore_python(shop: Workshop) -> Path:
    return shop.signers.sigstore_python(
        predicate=shop.predicate, predicate_type=PROVENANCE, artifact=shop.artifact
    )


#: Those that sign provenance.
SIGNERS: Final[dict[str, Callable[[Workshop], Path]]] = {
    "cosign": _cosign,
    "sigstore-python": _sigstore_python,
}


@pytest.mark.parametrize("signer", SIGNERS)
def test_provenance_that_another_client_signed_is_accepted(run: Run, signer: str) -> None:
    """The same statement, signed by the same run with another program."""
    shop = Workshop(run)

    bundle = SIGNERS[signer](shop)

    outcome = shop.judged(bundle)
    assert outcome.code == 0, outcome.out
    assert run.cli("inspect", str(bundle)).code == 0


@pytest.mark.parametrize("log", [2], indirect=True, ids=["rekor-v2"])
@pytest.mark.shows_tokens("sigstore-go's client takes the token as an argument")
def test_a_statement_that_sigstore_go_signed_is_accepted(run: Run) -> None:
    """Its client signs a statement as it is; it insists on a timestamp authority."""
    shop = Workshop(run)
    token = run.stack.issuer.issue(CLAIMS, "sigstore")

    outcome = shop.judged(shop.signers.sigstore_go(shop.statement, token))

    assert outcome.code == 0, outcome.out


def test_another_predicate_is_accepted_where_it_is_asked_for(run: Run) -> None:
    """And nowhere else: provenance is what is expected unless another type is named."""
    shop = Workshop(run)
    predicate = run.cli.write("custom.json", '{"tests": "passed"}')
    bundle = shop.signers.cosign(predicate=predicate, predicate_type=CUSTOM, artifact=shop.artifact)

    named, unnamed = shop.judged(bundle, "--predicate-type", CUSTOM), shop.judged(bundle)

    assert named.code == 0, named.out
    assert unnamed.code == 1
    assert reasons(unnamed) == {"predicate.type"}


@pytest.mark.parametrize("signer", ["cosign_message", "sigstore_python_message"])
def test_a_signature_over_the_file_itself_says_nothing_of_its_build(run: Run, signer: str) -> None:
    """It is refused as what it is, and shown by inspect."""
    shop = Workshop(run)
    bundle = getattr(shop.signers, signer)(shop.artifact)

    outcome = shop.judged(bundle)

    assert outcome.code == 1
    assert reasons(outcome) == {"evidence.message-signature"}
    assert run.cli("inspect", str(bundle)).code == 0
