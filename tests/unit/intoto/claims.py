"""Bundles that claim to be links, or a layout's, and a prover that believes whom it is told."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from slsa_gen import strictjson
from slsa_gen.errors import UntrustedSignatureError
from slsa_gen.evidence.contents import claimed_statement
from slsa_gen.intoto.keyless_layout import layout_digests
from slsa_gen.intoto.layout_document import parse
from slsa_gen.intoto.link import LINK_V03
from slsa_gen.model.identity import SignerIdentity
from slsa_gen.model.layout import LAYOUT_V1
from slsa_gen.model.subject import Subject
from slsa_gen.policy.policy import Policy
from slsa_gen.provenance import statement
from slsa_gen.reasons import Reason
from tests.support.values import proved, subject
from tests.unit.evidence.forge import Forge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsa_gen.model.evidence import Evidence
    from slsa_gen.model.layout import KeylessLayout
    from slsa_gen.model.statement import Statement
    from slsa_gen.model.verified import VerifiedStatement

ISSUER: Final = "https://issuer.example"
OWNER: Final = SignerIdentity("carl@example.com", ISSUER)
WORKER: Final = SignerIdentity("bob@example.com", ISSUER)
#: What is demanded of a layout: that its owner signed it.
POLICY: Final = Policy(
    cert_identity=OWNER.subject_alternative_name, cert_oidc_issuer=ISSUER, predicate_type=LAYOUT_V1
)
#: Two steps by one functionary; the artifact is a product of the second.
LAYOUT: Final = f"""\
version: 1
expires: 2030-01-01T00:00:00Z
artifact: pack
steps:
  - name: build
    functionaries: [{{issuer: {ISSUER}, identity: {WORKER.subject_alternative_name}}}]
    products: [CREATE app, DISALLOW *]
  - name: pack
    functionaries: [{{issuer: {ISSUER}, identity: {WORKER.subject_alternative_name}}}]
    materials: [MATCH app WITH PRODUCTS FROM build, DISALLOW *]
    products: [CREATE app.tar, DISALLOW *]
"""


def layout(text: str = LAYOUT) -> KeylessLayout:
    """Return a layout as it is read from its file."""
    return parse(text.encode(), "root.yaml")


def layout_said(text: str = LAYOUT, **changes: object) -> Statement:
    """Return the statement of a layout's signature, with changes of its predicate."""
    said = Subject("root.yaml", layout_digests(text.encode()))
    return statement.encode([said], LAYOUT_V1, {**layout(text).document, **changes})


def link_said(
    name: object,
    *products: Subject,
    materials: Sequence[Subject] = (),
    predicate_type: str = LINK_V03,
    **changes: object,
) -> Statement:
    """Return the statement of a link."""
    predicate: dict[str, Any] = {
        "name": name,
        "command": ["make"],
        "materials": [
            {"name": s.name, "digest": {d.algorithm: d.hex for d in s.digests}} for s in materials
        ],
        "byproducts": {"return-value": 0},
        "environment": {},
        **changes,
    }
    return statement.encode(products or (subject(),), predicate_type, predicate)


def build_said() -> Statement:
    """Return the link of the step ``build``."""
    return link_said("build", subject("app", "1"))


def pack_said(digit: str = "2") -> Statement:
    """Return the link of the step ``pack``, whose product has a digest of that digit."""
    return link_said("pack", subject("app.tar", digit), materials=[subject("app", "1")])


def claimed(said: Statement) -> bytes:
    """Return a bundle of a statement, whose signature nobody looks at: one line."""
    return strictjson.dumps(_DOCUMENT | {"dsseEnvelope": _envelope(said)})


def _envelope(said: Statement) -> dict[str, Any]:
    envelope: dict[str, Any] = json.loads(strictjson.dumps(_DOCUMENT["dsseEnvelope"]))
    return envelope | {"payload": base64.b64encode(said.payload).decode()}


_DOCUMENT: Final[dict[str, Any]] = Forge().document()


@dataclass
class Believing:
    """Believes each bundle's claim to be its owner's or worker's, but those it is told of.

    Attributes:
        others: Who signed what a bundle's file name begins with.
        refused: The beginnings of the names of those that do not verify.
        proved: The bundles that it was asked to prove.
    """

    others: dict[str, SignerIdentity] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    proved: list[str] = field(default_factory=list)

    def prove(self, evidence: Evidence, /) -> VerifiedStatement:
        """Return what a bundle claims."""
        name = evidence.source.rpartition("/")[2]
        self.proved.append(name)
        if name.startswith(self.refused or ("\0",)):
            raise UntrustedSignatureError(
                f"{evidence.source}: the signature is of other bytes",
                reason=Reason.SIGNATURE_INVALID,
                hint="Fetch it again.",
            )
        said = claimed_statement(evidence)
        assert said is not None
        usual = OWNER if said.predicate_type == LAYOUT_V1 else WORKER
        signer = next((who for start, who in self.others.items() if name.startswith(start)), usual)
        return replace(proved(said, signer), source=evidence.source)
