"""Our links against the in-toto attestation framework's own bindings, as an oracle.

``in-toto-attestation`` 0.9.3 reads our statements with protobuf and validates them. It is no
more than an oracle: it turns every number into a double, and takes digests that are none.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from in_toto_attestation.predicates.link.v0 import link_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement

from slsa_gen.intoto.link import LINK_V03
from slsa_gen.intoto.statements import draft, link_statement
from tests.support.steps import COMMIT, PERSON, artifact, recorded
from tests.support.values import CONTEXT

if TYPE_CHECKING:
    from slsa_gen.model.step import StepRecord

NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1, max_size=8
)


def read(payload: bytes) -> Any:  # noqa: ANN401 (protobuf's messages have no types here)
    """Return a statement as the bindings read and validate it."""
    message = statement_pb2.Statement()
    json_format.Parse(payload, message)
    statement = Statement.copy_from_pb(message)
    statement.validate()
    return statement.pb


def link_in(message: Any) -> Any:  # noqa: ANN401 (as above)
    """Return the predicate as the bindings' Link, with every material validated."""
    link = link_pb2.Link()
    # Strict: a field that the bindings do not know is an error.
    json_format.Parse(json_format.MessageToJson(message.predicate), link)
    for material in link.materials:
        ResourceDescriptor.copy_from_pb(material).validate()
    return link


def held(record: StepRecord) -> None:
    """Compare what the bindings read with what was recorded."""
    message = read(link_statement(record).payload)
    link = link_in(message)

    assert message.type == "https://in-toto.io/Statement/v1"
    assert message.predicate_type == LINK_V03
    assert {s.name: dict(s.digest) for s in message.subject} == {
        p.name: {d.algorithm: d.hex for d in p.digests} for p in record.products
    }
    assert link.name == record.name
    assert list(link.command) == list(record.command)
    expected = {m.name: {d.algorithm: d.hex for d in m.digests} for m in record.materials}
    if record.commit is not None:
        expected["git:commit"] = {"gitCommit": record.commit.digest}
    assert {m.name: dict(m.digest) for m in link.materials} == expected
    assert json_format.MessageToDict(link.byproducts)["return-value"] == record.exit_status


@pytest.mark.parametrize(
    "record",
    [
        recorded(),
        recorded(commit=None, materials=()),
        recorded(environment={"CC": "gcc", "LANG": "C"}),
        recorded(exit_status=143),
        recorded(products=[artifact(f"dist/{n}", "3") for n in range(1024)]),
    ],
    ids=["plain", "no materials", "environment", "by a signal", "1,024 products"],
)
def test_the_bindings_read_what_is_recorded(record: StepRecord) -> None:
    """Type, subjects, name, command, materials and status arrive."""
    held(record)


@given(
    name=NAMES,
    products=st.dictionaries(NAMES, st.sampled_from("0123456789abcdef"), min_size=1, max_size=4),
    materials=st.dictionaries(NAMES, st.sampled_from("0123456789abcdef"), max_size=4),
    has_commit=st.booleans(),
)
def test_they_read_whatever_is_recorded(
    name: str, products: dict[str, str], materials: dict[str, str], *, has_commit: bool
) -> None:
    """Names in any script."""
    held(
        recorded(
            name=name,
            products=[artifact(*item) for item in products.items()],
            materials=[artifact(*item) for item in materials.items()],
            commit=COMMIT if has_commit else None,
        )
    )


@pytest.mark.parametrize("context", [CONTEXT, PERSON], ids=["a run", "a person"])
def test_they_validate_every_statement_of_a_step(context: Any) -> None:  # noqa: ANN401 (either)
    """The provenance beside the link, too."""
    for statement in draft(recorded(), context).statements:
        assert len(read(statement.payload).subject) == 1


def test_the_oracle_refuses_what_has_a_field_too_many() -> None:
    """Else it would confirm anything."""
    payload = json.loads(link_statement(recorded()).payload)
    payload["predicate"]["products"] = {}
    with pytest.raises(json_format.ParseError, match="products"):
        link_in(read(json.dumps(payload).encode()))
