"""Classic links, written: what in-toto reads, under the name by which it looks for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from in_toto.models.metadata import Envelope, Metadata
from securesystemslib.signer import (  # type: ignore[attr-defined]  # it lists no public names
    CryptoSigner,
)

from slsa_gen.errors import SigningError, UsageError
from slsa_gen.intoto.classic import classic_link
from slsa_gen.intoto.signing_key import SigningKey
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from tests.support.steps import artifact, recorded
from tests.support.supply_chains import Person

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def key() -> SigningKey:
    """Return a signing key."""
    person = Person()
    return SigningKey(person.public, person.signer)


def test_a_link_is_what_in_toto_loads(key: SigningKey, tmp_path: Path) -> None:
    """An envelope around its own ``Link``, whose signature it verifies."""
    record = recorded(commit=None, environment={"LANG": "C"})
    written = classic_link(record, key)
    path = tmp_path / written.name
    path.write_bytes(written.data)

    assert written.name == f"build.{key.public.keyid[:8]}.link"
    loaded = Metadata.load(str(path))
    assert isinstance(loaded, Envelope)
    loaded.verify_signature(key.public.document())
    link = loaded.get_payload()
    assert link.name == "build"
    assert link.command == ["make", "dist"]
    assert link.materials == {"uv.lock": {"sha256": "2" * 64}}
    assert link.products == {"dist/app": {"sha256": "1" * 64}}
    assert link.byproducts == {"return-value": 0}
    assert link.environment == {"variables": ["LANG=C"]}


def test_one_record_gives_one_file(key: SigningKey) -> None:
    """Byte for byte: Ed25519 signs without chance."""
    assert classic_link(recorded(), key) == classic_link(recorded(), key)


def test_what_could_not_be_read_again_is_not_written(key: SigningKey) -> None:
    """A name that leads elsewhere, or more files than a link may have."""
    for record, limits in (
        (recorded(name="../build"), DEFAULT_LIMITS),
        (recorded(), replace(DEFAULT_LIMITS, link_artifacts=0)),
    ):
        with pytest.raises(UsageError) as caught:
            classic_link(record, key, limits)
        assert caught.value.reason is Reason.LINK_CLASSIC


def test_two_products_of_one_name_are_refused(key: SigningKey) -> None:
    """A link has one digest a name."""
    twice = [artifact("dist/app", "1"), artifact("dist/app", "2")]

    with pytest.raises(Exception, match="two products of the step"):
        classic_link(recorded(products=twice), key)


def test_a_signature_that_does_not_hold_is_not_written(key: SigningKey) -> None:
    """A damaged key is found here, and not by whoever verifies."""
    other = replace(key, signer=CryptoSigner.generate_ed25519(keyid=key.public.keyid))

    with pytest.raises(SigningError, match="does not verify by it") as caught:
        classic_link(recorded(), other)
    assert caught.value.reason is Reason.SIGNING_BUNDLE_UNVERIFIED
