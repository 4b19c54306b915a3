"""A link: one step's materials and products, as in-toto's ``Link`` and as a statement's words.

The in-toto attestation framework, spec/predicates/link.md (Link v0.3): the predicate has the
fields of the ``Link`` of in-toto 0.9, with the materials as a list of resource descriptors;
the products are the statement's subjects. What others wrote is read strictly: a name that
stands for two artifacts is no name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from in_toto.models.link import Link
from securesystemslib.exceptions import FormatError

from slsa_gen.errors import MalformedEvidenceError, SubjectError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.step import COMMIT_MATERIAL
from slsa_gen.model.text import harmless
from slsa_gen.provenance.descriptors import read_subject
from slsa_gen.provenance.schemas import SchemaMismatchError, validate
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsa_gen.limits import Limits
    from slsa_gen.model.statement import Statement
    from slsa_gen.model.step import StepRecord
    from slsa_gen.model.subject import Subject

LINK_V03: Final = "https://in-toto.io/attestation/link/v0.3"

#: An artifact's name, and its digests by algorithm.
Artifacts = dict[str, dict[str, str]]


def link_of(record: StepRecord) -> Link:
    """Return in-toto's link of a recorded step; the commit is a material like the files.

    Raises:
        SubjectError: two materials, or two products, have one name.
    """
    variables = [f"{name}={value}" for name, value in sorted(record.environment.items())]
    found = _mapped("material", record.materials)
    if record.commit is not None:
        if COMMIT_MATERIAL in found:
            raise _clash("material", COMMIT_MATERIAL)
        found[COMMIT_MATERIAL] = {"gitCommit": record.commit.digest}
    return Link(
        name=record.name,
        command=list(record.command),
        materials=found,
        products=_mapped("product", record.products),
        byproducts=record.byproducts,
        environment={"variables": variables} if variables else {},
    )


def predicate_of(record: StepRecord) -> dict[str, object]:
    """Return the predicate of Link v0.3 for a recorded step.

    Raises:
        SubjectError: two of its artifacts have one name.
        SchemaMismatchError: a field has a value that Link v0.3, or we, do not allow.
    """
    link = link_of(record)
    predicate: dict[str, object] = {
        "name": link.name,
        "command": link.command,
        "materials": [
            _descriptor(name, digests, record) for name, digests in sorted(link.materials.items())
        ],
        "byproducts": link.byproducts,
        "environment": link.environment,
    }
    validate(predicate, "written-link-v0.3")
    return predicate


def link_from(statement: Statement, limits: Limits = DEFAULT_LIMITS) -> Link:
    """Return the link that a statement of any maker is, as the specification converts it.

    Raises:
        MalformedEvidenceError: It is no Link v0.3, or one that two readers could understand
            differently.
    """
    if statement.predicate_type != LINK_V03:
        shown = harmless(statement.predicate_type, 200)
        raise _malformed(f"its predicate type is {shown!r}, expected {LINK_V03!r}")
    predicate = statement.predicate
    try:
        validate(predicate, "link-v0.3")
        materials = _read_materials(predicate.get("materials"), limits)
        products = _read("subject", statement.subjects)
        return Link(
            name=predicate["name"],
            command=predicate.get("command") or [],
            materials=materials,
            products=products,
            byproducts=predicate.get("byproducts") or {},
            environment=predicate.get("environment") or {},
        )
    except SchemaMismatchError as error:
        raise _malformed(str(error)) from error
    except FormatError as error:
        raise _malformed(harmless(str(error), 200)) from error


def _descriptor(name: str, digests: dict[str, str], record: StepRecord) -> dict[str, object]:
    descriptor: dict[str, object] = {"name": name, "digest": digests}
    commit = record.commit
    if name == COMMIT_MATERIAL and commit is not None and commit.uri is not None:
        descriptor["uri"] = f"git+{commit.uri}"
    return descriptor


def _mapped(what: str, artifacts: Iterable[Subject]) -> Artifacts:
    found: Artifacts = {}
    for artifact in artifacts:
        if artifact.name in found:
            raise _clash(what, artifact.name)
        found[artifact.name] = {digest.algorithm: digest.hex for digest in artifact.digests}
    return found


def _read_materials(found: object, limits: Limits) -> Artifacts:
    entries = found if isinstance(found, list) else []
    place = "$.materials"
    if len(entries) > limits.link_materials:
        raise SchemaMismatchError(
            f"{place}: {len(entries)} materials, at most {limits.link_materials} are read"
        )
    return _read(
        "material",
        [
            read_subject(entry, f"{place}[{index}]", limits, named=False)
            for index, entry in enumerate(entries)
        ],
    )


def _read(what: str, artifacts: Iterable[Subject]) -> Artifacts:
    """Return artifacts by name; each must have one of its own."""
    found: Artifacts = {}
    for artifact in artifacts:
        if not artifact.name:
            raise SchemaMismatchError(f"a {what} has no name")
        if artifact.name in found:
            shown = harmless(artifact.name, 200)
            raise SchemaMismatchError(f"two {what}s have the name {shown!r}")
        found[artifact.name] = {digest.algorithm: digest.hex for digest in artifact.digests}
    return found


def _clash(what: str, name: str) -> SubjectError:
    return SubjectError(
        f"two {what}s of the step have the name {harmless(name, 200)!r}",
        hint=f"Give one of them another name: in a link each {what} has a name of its own.",
        reason=Reason.SUBJECT_NAME_CLASH,
    )


def _malformed(why: str) -> MalformedEvidenceError:
    return MalformedEvidenceError(
        f"this is not an in-toto link that can be read: {why}",
        hint="Ask whoever signed it for a link as the specification of Link v0.3 has it.",
        reason=Reason.LINK_MALFORMED,
    )
