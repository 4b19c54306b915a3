"""Classic supply chains, made with the ``in-toto`` package: keys, layouts, links."""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from in_toto.models.layout import Layout
from in_toto.models.link import Link
from in_toto.models.metadata import Envelope, Metablock, Metadata
from securesystemslib.formats import encode_canonical
from securesystemslib.signer import (  # type: ignore[attr-defined]  # it lists no public names
    CryptoSigner,
)

from slsa_gen.intoto.keys import PublicKey, public_key_of_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

#: When every layout expires unless a test says otherwise: tests' clocks stand in 2026.
EXPIRES = "2100-01-01T00:00:00Z"


class Person:
    """Someone with a key.

    Args:
        scheme: ``ed25519``, ``rsa`` or ``ecdsa``.
    """

    def __init__(self, scheme: str = "ed25519") -> None:
        self.signer = getattr(CryptoSigner, f"generate_{scheme}")()
        self.keyid: str = self.signer.public_key.keyid

    def under(self, keyid: str) -> Person:
        """Return the same person, whose key is known by another id."""
        key = self.signer.public_key
        twin = copy.copy(self)
        public = type(key)(keyid, key.keytype, key.scheme, key.keyval)
        twin.signer = CryptoSigner(self.signer._private_key, public)
        twin.keyid = keyid
        return twin

    @property
    def older_id(self) -> str:
        """Return the id by which in-toto-golang, and older versions of in-toto, know the key."""
        known = {**self.signer.public_key.to_dict(), "keyid_hash_algorithms": ["sha256", "sha512"]}
        return hashlib.sha256((encode_canonical(known) or "").encode()).hexdigest()

    @property
    def document(self) -> dict[str, Any]:
        """Return the public key as layouts hold it."""
        return {**self.signer.public_key.to_dict(), "keyid": self.keyid}

    @property
    def public(self) -> PublicKey:
        """Return the public key as we hold it."""
        return public_key_of_document(self.keyid, self.document)


def digest(letter: str) -> dict[str, str]:
    """Return the digests of an artifact that is told from others by a hexadecimal digit."""
    return {"sha256": letter * 64}


def step(name: str, *people: Person, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 (any field, also a wrong one)
    """Return a step of a layout."""
    return {
        "_type": "step",
        "name": name,
        "pubkeys": [person.keyid for person in people],
        "threshold": 1,
        "expected_command": [],
        "expected_materials": [],
        "expected_products": [],
        **fields,
    }


def inspection(name: str, *run: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 (any field, also a wrong one)
    """Return an inspection of a layout."""
    return {
        "_type": "inspection",
        "name": name,
        "run": list(run),
        "expected_materials": [],
        "expected_products": [],
        **fields,
    }


def layout(steps: Sequence[Mapping[str, Any]], *people: Person, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 (any field, also a wrong one)
    """Return a layout with the keys of some people."""
    return {
        "_type": "layout",
        "steps": [dict(one) for one in steps],
        "inspect": [],
        "keys": {person.keyid: person.document for person in people},
        "expires": EXPIRES,
        "readme": "",
        **fields,
    }


def link(name: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 (any field, also a wrong one)
    """Return a link."""
    return {
        "_type": "link",
        "name": name,
        "command": [],
        "materials": {},
        "products": {},
        "byproducts": {"return-value": 0},
        "environment": {},
        **fields,
    }


def signed(document: Mapping[str, Any], *people: Person, dsse: bool = True) -> bytes:
    """Return a link or a layout as the package signs it, in one form or the other."""
    kind = Link if document["_type"] == "link" else Layout
    content = kind.read(copy.deepcopy(dict(document)))
    made: Metadata = (
        Envelope.from_signable(content) if dsse else Metablock(signed=content, signatures=[])
    )
    for person in people:
        made.create_signature(person.signer)
    return json.dumps(made.to_dict()).encode()


def sealed(payload: bytes, *people: Person, payload_type: str | None = None) -> bytes:
    """Return an envelope around any bytes, signed: what no honest program would write."""
    made = Envelope(payload, payload_type or "application/vnd.in-toto+json", {})
    for person in people:
        made.create_signature(person.signer)
    return json.dumps(made.to_dict()).encode()


@dataclass
class Chain:
    """A chain of two steps, ``write`` and ``pack``, whose last product is ``app.tar``.

    Every test changes what it is about; :meth:`laid` then writes it.

    Attributes:
        folder: Where the links are written.
        layout: The layout, before it is signed.
        links: The links, before they are signed.
        dsse: Whether all is signed as envelopes, or in the older form.
    """

    folder: Path
    dsse: bool = True
    owner: Person = field(default_factory=Person)
    bob: Person = field(default_factory=Person)
    carl: Person = field(default_factory=Person)

    def __post_init__(self) -> None:
        self.layout = layout(
            [
                step(
                    "write",
                    self.bob,
                    expected_products=[["CREATE", "app.py"], ["DISALLOW", "*"]],
                ),
                step(
                    "pack",
                    self.carl,
                    expected_command=["tar", "cf", "app.tar", "app.py"],
                    expected_materials=[
                        ["MATCH", "*", "WITH", "PRODUCTS", "FROM", "write"],
                        ["DISALLOW", "*"],
                    ],
                    expected_products=[["CREATE", "app.tar"], ["DISALLOW", "*"]],
                ),
            ],
            self.bob,
            self.carl,
        )
        self.links = {
            "write": link("write", products={"app.py": digest("1")}),
            "pack": link(
                "pack",
                command=["tar", "cf", "app.tar", "app.py"],
                materials={"app.py": digest("1")},
                products={"app.tar": digest("2")},
            ),
        }

    def put(self, name: str, person: Person, data: bytes) -> Path:
        """Write a link's file, under the name that in-toto gives it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{name}.{person.keyid[:8]}.link"
        path.write_bytes(data)
        return path

    def laid(self) -> bytes:
        """Write the links by their functionaries, and return the signed layout."""
        for name, person in (("write", self.bob), ("pack", self.carl)):
            if name in self.links:
                self.put(name, person, signed(self.links[name], person, dsse=self.dsse))
        return signed(self.layout, self.owner, dsse=self.dsse)
