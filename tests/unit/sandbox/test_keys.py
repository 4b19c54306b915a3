"""Keys, certificates and trust configuration: one document, whose parts belong together."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from slsa_gen import strictjson
from slsa_gen.clock import SystemClock
from slsa_gen.errors import ServiceError
from slsa_gen.sandbox.certificates import AUTHORITY_LIFETIME
from slsa_gen.sandbox.folder import MATERIAL
from slsa_gen.sandbox.keys import HEAD_START, DamagedMaterialError, Material
from slsa_gen.sandbox.server import Sandbox
from tests.support.clock import START

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def document(material: Material) -> dict[str, Any]:
    """Return what is kept of them, to be changed."""
    return copy.deepcopy(json.loads(strictjson.dumps(material.document())))


def test_what_is_kept_is_read_back(material: Material, document: dict[str, Any]) -> None:
    """Nothing is lost, and the representation shows no key."""
    again = Material.from_document(document)
    assert again.document() == material.document()
    assert (again.start, again.tree_id) == (material.start, material.tree_id)
    assert "key" not in repr(again).lower().replace("pubkey", "")


def test_it_lives_long_and_began_a_while_ago(material: Material) -> None:
    """Ten years, from a day before it was made, in whole seconds."""
    assert material.start == START - HEAD_START
    for certificate in material.chain:
        assert certificate.not_valid_before_utc == material.start
        assert certificate.not_valid_after_utc == material.start + AUTHORITY_LIFETIME
    assert AUTHORITY_LIFETIME.days > 10 * 365


def test_the_roots_key_is_not_kept(document: dict[str, Any]) -> None:
    """Only the intermediate signs, so only its key is there."""
    assert sorted(document["keys"]) == ["ct", "intermediate", "log", "oidc"]


def test_every_sandbox_has_keys_of_its_own(material: Material) -> None:
    """Two are never alike."""
    other = Material.generate(START)
    assert other.tree_id != material.tree_id
    assert other.root.public_key() != material.root.public_key()


@pytest.mark.parametrize("part", ["keys", "certificates", "start", "treeId", "trustedRoot", "jwks"])
def test_a_missing_part_is_damage(document: dict[str, Any], part: str) -> None:
    """Nothing is filled in."""
    del document[part]
    with pytest.raises(DamagedMaterialError):
        Material.from_document(document)


@pytest.mark.parametrize("part", ["start", "trustedRoot", "jwks", "certificates"])
def test_parts_of_two_sandboxes_do_not_go_together(document: dict[str, Any], part: str) -> None:
    """A root, a key set or certificates of another sandbox are found out."""
    other = Material.generate(START.replace(year=START.year - 1)).document()
    document[part] = other[part]
    with pytest.raises(DamagedMaterialError):
        Material.from_document(document)


@pytest.mark.parametrize("name", ["ct", "intermediate", "log", "oidc"])
def test_a_key_of_another_sandbox_is_found_out(document: dict[str, Any], name: str) -> None:
    """Also the intermediate's, which the trust configuration does not name."""
    other = json.loads(strictjson.dumps(Material.generate(START).document()))
    document["keys"][name] = other["keys"][name]
    with pytest.raises(DamagedMaterialError, match=r"not (that|those) of its keys"):
        Material.from_document(document)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"keys": []}, "missing"),
        ({"certificates": {}}, "missing"),
        ({"certificates": ["x"]}, "cannot be read"),
        ({"certificates": [1, 2]}, "cannot be read"),
        ({"start": "yesterday"}, "cannot be read"),
        ({"treeId": "many"}, "cannot be read"),
    ],
)
def test_malformed_parts_are_damage(
    document: dict[str, Any], change: dict[str, object], why: str
) -> None:
    """No foreign error leaves."""
    with pytest.raises(DamagedMaterialError, match=why):
        Material.from_document({**document, **change})


def test_keys_of_another_kind_are_damage(document: dict[str, Any]) -> None:
    """Each key has its one kind."""
    keys = document["keys"]
    with pytest.raises(DamagedMaterialError, match="P-256"):
        Material.from_document({**document, "keys": {**keys, "log": keys["oidc"]}})
    with pytest.raises(DamagedMaterialError, match="not RSA"):
        Material.from_document({**document, "keys": {**keys, "oidc": keys["log"]}})
    larger = (
        ec.generate_private_key(ec.SECP384R1())
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )
    with pytest.raises(DamagedMaterialError, match="P-256"):
        Material.from_document({**document, "keys": {**keys, "ct": larger}})


def test_a_served_sandbox_refuses_damage(sandbox_folder: Path) -> None:
    """The error is the folder's, with the way out."""
    path = sandbox_folder / MATERIAL
    document = json.loads(path.read_bytes())
    document["treeId"] = str(int(document["treeId"]) ^ 1)
    document["jwks"] = {}
    path.write_text(json.dumps(document))
    with (
        pytest.raises(ServiceError, match="trust configuration is not that of its keys"),
        Sandbox(sandbox_folder, SystemClock()),
    ):
        pass
