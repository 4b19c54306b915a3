"""The SLSA Build level that one attestation shows, requirement by requirement.

SLSA v1.2, Build track: what Build L1 and L2 demand of the producer and of the platform
(https://slsa.dev/spec/v1.2/build-requirements). :data:`REQUIREMENTS` says for each which
field of certificate and statement shows it and which test fails without it;
``docs/levels.md`` is held against it. L3 is never claimed: that the steps of a job are
isolated from what signs cannot be seen from outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from slsa_gen.model.instance import GITHUB_ISSUER
from slsa_gen.model.statement import SLSA_PROVENANCE_TYPES, SLSA_PROVENANCE_V1
from slsa_gen.model.verdict import BuildLevel, Requirement, Standing
from slsa_gen.provenance import build_types
from slsa_gen.provenance.build_types.run_command import RUN_COMMAND
from slsa_gen.provenance.comparison import JsonPath, value_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsa_gen.model.digest import Digest
    from slsa_gen.model.identity import SignerIdentity
    from slsa_gen.model.statement import Statement
    from slsa_gen.model.verified import VerifiedStatement

_BUILDER: Final[JsonPath] = ("runDetails", "builder", "id")
_OLD_BUILDER: Final[JsonPath] = ("builder", "id")
_PARAMETERS: Final[JsonPath] = ("buildDefinition", "externalParameters")
_HOSTED: Final = "github-hosted"

_Judgement = tuple[Standing, str]


@dataclass(frozen=True, slots=True)
class LevelRequirement:
    """One requirement: who must meet it, from which level on, and what shows it.

    ``enough`` are the standings with which the level is still reached. ``test`` is the name
    of the test that fails when the requirement is left out.
    """

    name: str
    level: int
    who: str
    certificate_fields: tuple[str, ...]
    statement_fields: tuple[str, ...]
    enough: frozenset[Standing]
    test: str
    judge: Callable[[VerifiedStatement, tuple[Digest, ...]], _Judgement]


def build_level(verified: VerifiedStatement, digests: tuple[Digest, ...]) -> BuildLevel:
    """Return the level that a proved statement shows for an artifact.

    It is the highest level all of whose requirements, and those below, stand well enough.
    """
    found: list[Requirement] = []
    failed: set[int] = set()
    for requirement in REQUIREMENTS:
        standing, why = requirement.judge(verified, digests)
        found.append(Requirement(requirement.name, requirement.level, standing, why))
        if standing not in requirement.enough:
            failed.add(requirement.level)
    highest = max(requirement.level for requirement in REQUIREMENTS)
    return BuildLevel(min(failed, default=highest + 1) - 1, tuple(found))


def _platform(verified: VerifiedStatement, _digests: tuple[Digest, ...]) -> _Judgement:
    signer = verified.signer
    if verified.sandbox:
        return Standing.VIOLATED, "a sandbox signed it: whoever has its folder can sign anything"
    if signer.issuer == GITHUB_ISSUER and signer.build_signer_uri:
        return Standing.PROVED, f"GitHub Actions ran {signer.build_signer_uri}"
    if _is_our_run(verified):
        return Standing.CLAIMED, f"slsa-gen run ran it, says {_ones_own(signer)}"
    builder = _builder(verified.statement)
    if builder is None:
        return Standing.UNSEEN, _stranger(verified)
    return Standing.CLAIMED, f"the statement names {builder}, but {_stranger(verified)}"


def _consistent(_verified: VerifiedStatement, _digests: tuple[Digest, ...]) -> _Judgement:
    return (
        Standing.UNSEEN,
        "shows only across releases: whether workflow, trigger and signer stay the same",
    )


def _distributed(verified: VerifiedStatement, _digests: tuple[Digest, ...]) -> _Judgement:
    return Standing.PROVED, f"it reached the one who verifies: {verified.source}"


def _exists(verified: VerifiedStatement, digests: tuple[Digest, ...]) -> _Judgement:
    statement = verified.statement
    if statement.predicate_type not in SLSA_PROVENANCE_TYPES:
        return Standing.VIOLATED, "the statement is not SLSA provenance"
    if statement.subject_with(digests) is None:
        return Standing.VIOLATED, "the provenance is of other artifacts"
    missing = _missing(statement)
    if missing:
        return Standing.VIOLATED, f"the provenance lacks {missing}"
    return Standing.PROVED, "it names this artifact, how it was built, and by what builder"


def _authentic(verified: VerifiedStatement, _digests: tuple[Digest, ...]) -> _Judgement:
    statement, signer = verified.statement, verified.signer
    if _is_our_run(verified):
        return (
            Standing.UNSEEN,
            f"the signature holds, but {_ones_own(signer)}: no build platform vouches for it",
        )
    if signer.issuer != GITHUB_ISSUER or not signer.build_signer_uri:
        return Standing.UNSEEN, f"the signature holds, but {_stranger(verified)}"
    uri = build_types.named_by(statement.predicate_type, statement.predicate)
    build_type = build_types.lookup(uri or "")
    if build_type is None:
        return (
            Standing.CLAIMED,
            "the signature holds, but nothing in the statement can be held against the certificate",
        )
    fields = build_type.compare(statement.predicate, signer)
    wrong = [field.field for field in fields if not field.equal]
    if wrong or not fields:
        return Standing.VIOLATED, f"the certificate contradicts {', '.join(wrong) or 'everything'}"
    confirmed = f"the certificate confirms {len(fields)} fields"
    return Standing.PROVED, f"signature, certificate, SCT and log entry hold, and {confirmed}"


def _hosted(verified: VerifiedStatement, _digests: tuple[Digest, ...]) -> _Judgement:
    runner = verified.signer.runner_environment
    if runner is None:
        return Standing.UNSEEN, "the certificate does not say on what machine the job ran"
    if runner == _HOSTED:
        return (
            Standing.PROVED,
            "the job that signed ran on a machine that GitHub hosts (a job before it is not seen)",
        )
    return Standing.VIOLATED, f"the job that signed ran on a {runner!r} machine"


def _is_our_run(verified: VerifiedStatement) -> bool:
    """Tell whether it is of our own build type, of which the certificate says only who signed."""
    statement = verified.statement
    named = build_types.named_by(statement.predicate_type, statement.predicate)
    return named == RUN_COMMAND and verified.signer.build_signer_uri is None


def _ones_own(signer: SignerIdentity) -> str:
    return f"{signer.subject_alternative_name}, who ran it and signed"


def _stranger(verified: VerifiedStatement) -> str:
    return f"the signer, of {verified.signer.issuer}, is no build platform known here"


def _builder(statement: Statement) -> str | None:
    current = statement.predicate_type == SLSA_PROVENANCE_V1
    found = value_at(statement.predicate, _BUILDER if current else _OLD_BUILDER)
    return found if isinstance(found, str) and found else None


def _missing(statement: Statement) -> str:
    if _builder(statement) is None:
        return "the builder's id"
    if not build_types.named_by(statement.predicate_type, statement.predicate):
        return "the build type"
    if statement.predicate_type == SLSA_PROVENANCE_V1 and not isinstance(
        value_at(statement.predicate, _PARAMETERS), dict
    ):
        return "the external parameters"
    return ""


_PROVED: Final = frozenset({Standing.PROVED})

#: Build L1 and L2, in the specification's order and words.
REQUIREMENTS: Final[tuple[LevelRequirement, ...]] = (
    LevelRequirement(
        name="Choose an appropriate build platform",
        level=1,
        who="producer",
        certificate_fields=("issuer", "build_signer_uri"),
        statement_fields=("runDetails.builder.id",),
        enough=_PROVED | {Standing.CLAIMED},
        test="test_a_sandbox_reaches_no_level",
        judge=_platform,
    ),
    LevelRequirement(
        name="Follow a consistent build process",
        level=1,
        who="producer",
        certificate_fields=(),
        statement_fields=(),
        # No single attestation can show it, so it is said and does not count.
        enough=_PROVED | {Standing.UNSEEN},
        test="test_a_consistent_process_is_said_not_to_be_seen",
        judge=_consistent,
    ),
    LevelRequirement(
        name="Distribute provenance",
        level=1,
        who="producer",
        certificate_fields=(),
        statement_fields=(),
        enough=_PROVED,
        test="test_distributed_names_where_the_provenance_was_found",
        judge=_distributed,
    ),
    LevelRequirement(
        name="Provenance exists",
        level=1,
        who="platform",
        certificate_fields=(),
        statement_fields=(
            "predicateType",
            "subject[].digest",
            "buildDefinition.buildType",
            "buildDefinition.externalParameters",
            "runDetails.builder.id",
        ),
        enough=_PROVED,
        test="test_provenance_of_other_artifacts_reaches_no_level",
        judge=_exists,
    ),
    LevelRequirement(
        name="Provenance is authentic",
        level=2,
        who="platform",
        certificate_fields=("issuer", "build_signer_uri", "every field that is compared"),
        statement_fields=("every field that the build type compares",),
        enough=_PROVED,
        test="test_a_contradicted_field_leaves_level_one",
        judge=_authentic,
    ),
    LevelRequirement(
        name="Hosted",
        level=2,
        who="platform",
        certificate_fields=("runner_environment",),
        statement_fields=("buildDefinition.internalParameters.github.runner_environment",),
        enough=_PROVED,
        test="test_a_self_hosted_runner_leaves_level_one",
        judge=_hosted,
    ),
)
