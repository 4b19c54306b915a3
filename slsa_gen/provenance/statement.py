"""In-toto statements: encoded once, deterministically, and read strictly.

https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md. What we write is
checked against our own schema and read back before it is returned; what others wrote may
have fields that we do not know, but nothing that two readers could understand differently.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slsa_gen import strictjson
from slsa_gen.errors import MalformedEvidenceError, SubjectError, UsageError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.digest import Digest, DigestSyntaxError
from slsa_gen.model.statement import SLSA_PROVENANCE_V1, STATEMENT_V01, STATEMENT_V1, Statement
from slsa_gen.provenance.build_types import named_by
from slsa_gen.provenance.build_types.github_workflow import GITHUB_WORKFLOW
from slsa_gen.provenance.build_types.run_command import RUN_COMMAND
from slsa_gen.provenance.descriptors import read_subject
from slsa_gen.provenance.schemas import SchemaMismatchError, validate
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slsa_gen.limits import Limits
    from slsa_gen.model.subject import Subject

_PREDICATE_HINT: Final = (
    "Correct the predicate and its type: a JSON object as the predicate type's specification "
    "has it, and an absolute URI in lower case."
)
_BUILD_TYPE_SCHEMAS: Final = {
    GITHUB_WORKFLOW: "github-workflow-v1",
    RUN_COMMAND: "run-command-v1",
}
_READ_SCHEMAS: Final = {STATEMENT_V1: "statement-v1", STATEMENT_V01: "statement-v0.1"}


def encode(
    subjects: Sequence[Subject],
    predicate_type: str,
    predicate: Mapping[str, object],
    limits: Limits = DEFAULT_LIMITS,
) -> Statement:
    """Return the statement whose bytes are signed: the same for the same values, always.

    Subjects are sorted by name and then digests, members by name; compact UTF-8.

    Args:
        subjects: One to ``limits.subjects_per_statement`` of them, with canonical digests.
        predicate_type: An absolute URI.
        predicate: A JSON object.
        limits: How many subjects and digests there may be.

    Raises:
        SubjectError: None, too many, or one that is not canonical.
        UsageError: The type or the predicate is not what JSON or a schema of ours allows.
    """
    _check_count(subjects, limits)
    document: dict[str, object] = {
        "_type": STATEMENT_V1,
        "subject": [_descriptor(subject, limits) for subject in sorted(subjects)],
        "predicateType": predicate_type,
        "predicate": predicate,
    }
    try:
        payload = strictjson.dumps(document)
        validate(document, "written-statement-v1")
        _validate_predicate(predicate_type, predicate)
    except (strictjson.StrictJsonError, SchemaMismatchError) as error:
        raise UsageError(
            f"the statement cannot be written: {error}",
            reason=Reason.STATEMENT_PREDICATE,
            hint=_PREDICATE_HINT,
        ) from error
    try:
        return parse(payload, limits)
    except MalformedEvidenceError as error:
        raise UsageError(
            f"the statement could not be read back: {error.message}",
            reason=Reason.STATEMENT_PREDICATE,
            hint=_PREDICATE_HINT,
        ) from error


def parse(payload: bytes, limits: Limits = DEFAULT_LIMITS) -> Statement:
    """Read a statement of any maker, version 1 or 0.1.

    Fields that are not known are allowed, as the specification demands. Digests of
    algorithms that are not known are kept to be shown, and equal no digest of ours.

    Raises:
        MalformedEvidenceError: It is not a statement, is ambiguous, or is too large.
    """
    try:
        document = strictjson.loads_object(
            payload, max_bytes=limits.bundle_bytes, max_depth=limits.json_depth
        )
        kind = document.get("_type")
        schema = _READ_SCHEMAS.get(kind) if isinstance(kind, str) else None
        if schema is None:
            raise _malformed(f"its _type is {_quoted(kind)}, expected {STATEMENT_V1!r}")
        # Counted first: the schema is held against each subject, which takes its time.
        found = document.get("subject")
        entries = found if isinstance(found, list) else []
        if len(entries) > limits.subjects_per_statement:
            raise _malformed(
                f"it names {len(entries)} subjects, at most "
                f"{limits.subjects_per_statement} are read"
            )
        validate(document, schema)
        subjects = tuple(
            read_subject(entry, f"$.subject[{index}]", limits, named=kind == STATEMENT_V01)
            for index, entry in enumerate(entries)
        )
    except (strictjson.StrictJsonError, SchemaMismatchError) as error:
        raise _malformed(str(error)) from error
    predicate = document.get("predicate")
    return Statement(
        statement_type=str(kind),
        subjects=subjects,
        predicate_type=str(document["predicateType"]),
        predicate=predicate if isinstance(predicate, dict) else {},
        payload=payload,
    )


def split(
    subjects: Sequence[Subject], limits: Limits = DEFAULT_LIMITS
) -> tuple[tuple[Subject, ...], ...]:
    """Return the subjects, sorted, in as few groups as fit one statement each."""
    ordered, size = sorted(subjects), limits.subjects_per_statement
    return tuple(tuple(ordered[start : start + size]) for start in range(0, len(ordered), size))


def _check_count(subjects: Sequence[Subject], limits: Limits) -> None:
    if not 0 < len(subjects) <= limits.subjects_per_statement:
        raise SubjectError(
            f"a statement names 1 to {limits.subjects_per_statement} subjects, got {len(subjects)}",
            reason=Reason.STATEMENT_SUBJECTS,
            hint="Name at least one subject; many are split over several statements.",
        )


def _descriptor(subject: Subject, limits: Limits) -> dict[str, object]:
    digests = {digest.algorithm: digest.hex for digest in subject.digests}
    if (
        not subject.name
        or not 0 < len(digests) <= limits.digests_per_subject
        or len(digests) != len(subject.digests)
        or not all(_is_canonical(digest) for digest in subject.digests)
    ):
        raise SubjectError(
            f"the subject {subject.name!r} needs a name and canonical digests, one for each "
            f"algorithm; got {', '.join(map(str, subject.digests)) or 'none'!r}",
            reason=Reason.STATEMENT_SUBJECTS,
            hint="Give each subject a name and one digest as in sha256:HEX, in lower case.",
        )
    return {"name": subject.name, "digest": digests}


def _is_canonical(digest: Digest) -> bool:
    try:
        return Digest.make(digest.algorithm, digest.hex) == digest
    except DigestSyntaxError:
        return False


def _validate_predicate(predicate_type: str, predicate: Mapping[str, object]) -> None:
    if predicate_type != SLSA_PROVENANCE_V1:
        return
    validate(predicate, "provenance-v1")
    schema = _BUILD_TYPE_SCHEMAS.get(named_by(predicate_type, predicate) or "")
    if schema is not None:
        validate(predicate, schema)


def _malformed(why: str) -> MalformedEvidenceError:
    return MalformedEvidenceError(
        f"this is not an in-toto statement that can be read: {why}",
        reason=Reason.STATEMENT_MALFORMED,
        hint="Ask whoever signed it for a statement as in-toto's specification has it.",
    )


def _quoted(value: object) -> str:
    text = "(missing)" if value is None else repr(value)
    return text if len(text) <= 100 else f"{text[:100]}…"  # noqa: PLR2004 (characters shown)
