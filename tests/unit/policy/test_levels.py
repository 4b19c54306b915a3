"""The SLSA Build level, requirement by requirement; docs/levels.md names these tests."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from slsa_gen.intoto.statements import draft
from slsa_gen.model.digest import Digest
from slsa_gen.model.verdict import Standing
from slsa_gen.policy.levels import REQUIREMENTS, build_level
from tests.support.steps import PERSON, PERSON_SIGNER, recorded
from tests.support.values import CONTEXT, own_statement, proved, provenance, signer_of
from tests.unit.policy.cases import DIGEST, good, saying, signed_by

if TYPE_CHECKING:
    from slsa_gen.model.identity import SignerIdentity
    from slsa_gen.model.verified import VerifiedStatement

PLATFORM, CONSISTENT, DISTRIBUTED, EXISTS, AUTHENTIC, HOSTED = (r.name for r in REQUIREMENTS)


def level_of(verified: VerifiedStatement) -> int:
    """Return the level for the artifact of :data:`DIGEST`."""
    return build_level(verified, (DIGEST,)).level


def standing(verified: VerifiedStatement, name: str) -> tuple[Standing, str]:
    """Return how a requirement stands, and why."""
    found = build_level(verified, (DIGEST,)).requirements
    return next((r.standing, r.why) for r in found if r.name == name)


def test_a_hosted_run_reaches_level_two() -> None:
    """Everything that can be seen is proved; what cannot be seen is said."""
    level = build_level(good(), (DIGEST,))
    assert level.level == 2
    assert [(r.name, r.level, r.standing) for r in level.requirements] == [
        (PLATFORM, 1, Standing.PROVED),
        (CONSISTENT, 1, Standing.UNSEEN),
        (DISTRIBUTED, 1, Standing.PROVED),
        (EXISTS, 1, Standing.PROVED),
        (AUTHENTIC, 2, Standing.PROVED),
        (HOSTED, 2, Standing.PROVED),
    ]
    assert all(r.why for r in level.requirements)


def test_a_sandbox_reaches_no_level() -> None:
    """Choose an appropriate build platform: a sandbox is none."""
    verified = replace(good(), sandbox=True)
    assert level_of(verified) == 0
    assert standing(verified, PLATFORM)[0] is Standing.VIOLATED


def test_an_unknown_platform_is_claimed_and_reaches_level_one() -> None:
    """The statement names a builder, but nobody known vouches for its signer."""
    verified = signed_by(issuer="https://example.com")
    assert standing(verified, PLATFORM)[0] is Standing.CLAIMED
    assert standing(verified, AUTHENTIC)[0] is Standing.UNSEEN
    assert level_of(verified) == 1
    nameless = signed_by(build_signer_uri=None)
    assert standing(nameless, PLATFORM)[0] is Standing.CLAIMED


def run_by_a_person(signer: SignerIdentity = PERSON_SIGNER) -> VerifiedStatement:
    """Return the provenance that ``slsa-gen run`` writes outside of a workflow."""
    return proved(draft(recorded(), PERSON).statements[0], signer)


def test_a_command_that_a_person_ran_reaches_level_one() -> None:
    """It exists and was handed over; no build platform vouches for it, and that is said."""
    verified = run_by_a_person()
    assert level_of(verified) == 1
    assert standing(verified, PLATFORM) == (
        Standing.CLAIMED,
        "slsa-gen run ran it, says ada@example.com, who ran it and signed",
    )
    found, why = standing(verified, AUTHENTIC)
    assert found is Standing.UNSEEN
    assert why.endswith("no build platform vouches for it")


def test_a_workflow_that_signs_a_person_s_provenance_is_contradicted() -> None:
    """The certificate speaks of a run, the predicate of none."""
    verified = run_by_a_person(signer_of())
    assert standing(verified, AUTHENTIC)[0] is Standing.VIOLATED
    assert level_of(verified) == 1


def test_no_platform_at_all_reaches_no_level() -> None:
    """Neither the certificate nor the statement names one."""
    verified = replace(
        saying({"runDetails.builder.id": ""}),
        signer=replace(signer_of(), issuer="https://example.com"),
    )
    assert standing(verified, PLATFORM)[0] is Standing.UNSEEN
    assert level_of(verified) == 0


def test_a_consistent_process_is_said_not_to_be_seen() -> None:
    """Follow a consistent build process: one attestation cannot show it, so it is said."""
    found, why = standing(good(), CONSISTENT)
    assert found is Standing.UNSEEN
    assert "across releases" in why


def test_distributed_names_where_the_provenance_was_found() -> None:
    """Distribute provenance: it reached whoever verifies it."""
    found, why = standing(good(), DISTRIBUTED)
    assert found is Standing.PROVED
    assert good().source in why


def test_provenance_of_other_artifacts_reaches_no_level() -> None:
    """Provenance exists: for this artifact, or it does not."""
    level = build_level(good(), (Digest("sha256", "2" * 64),))
    assert level.level == 0
    assert build_level(good(), ()).level == 0


def test_another_statement_is_no_provenance() -> None:
    """Provenance exists: an SBOM is not it."""
    verified = proved(own_statement({"says": "nothing"}))
    assert standing(verified, EXISTS) == (
        Standing.VIOLATED,
        "the statement is not SLSA provenance",
    )
    assert level_of(verified) == 0


@pytest.mark.parametrize(
    ("path", "value", "missing"),
    [
        ("runDetails.builder.id", None, "the builder's id"),
        ("buildDefinition.buildType", "", "the build type"),
        ("buildDefinition.buildType", None, "the build type"),
        ("buildDefinition.externalParameters", None, "the external parameters"),
        ("buildDefinition.externalParameters", [], "the external parameters"),
    ],
)
def test_provenance_without_a_needed_field_reaches_no_level(
    path: str, value: object, missing: str
) -> None:
    """Provenance exists: complete enough for Build L1."""
    verified = saying({path: value})
    assert standing(verified, EXISTS) == (Standing.VIOLATED, f"the provenance lacks {missing}")
    assert level_of(verified) == 0


def test_a_contradicted_field_leaves_level_one() -> None:
    """Provenance is authentic: the certificate must confirm what the predicate says."""
    verified = signed_by(source_repository_digest="b" * 40)
    found, why = standing(verified, AUTHENTIC)
    assert found is Standing.VIOLATED
    assert "gitCommit" in why
    assert level_of(verified) == 1


def test_a_build_type_without_a_comparison_leaves_level_one() -> None:
    """Provenance is authentic: claimed, where nothing can be compared."""
    verified = saying({"buildDefinition.buildType": "https://example.com/build/v1"})
    assert standing(verified, AUTHENTIC)[0] is Standing.CLAIMED
    assert level_of(verified) == 1


def test_a_self_hosted_runner_leaves_level_one() -> None:
    """Hosted: on a machine of the platform."""
    context = replace(CONTEXT, runner_environment="self-hosted")
    verified = proved(provenance(context=context), signer_of(context))
    found, why = standing(verified, HOSTED)
    assert found is Standing.VIOLATED
    assert "'self-hosted'" in why
    assert level_of(verified) == 1


def test_a_runner_that_is_not_said_leaves_level_one() -> None:
    """Hosted: cannot be seen is not enough."""
    verified = signed_by(runner_environment=None)
    assert standing(verified, HOSTED)[0] is Standing.UNSEEN
    assert level_of(verified) == 1


def test_older_provenance_has_its_own_places() -> None:
    """Provenance v0.2 names builder and build type at the top."""
    verified = saying(
        predicate_type="https://slsa.dev/provenance/v0.2",
        predicate={
            "builder": {"id": "https://example.com/b"},
            "buildType": "https://example.com/t",
        },
    )
    assert standing(verified, EXISTS)[0] is Standing.PROVED
    assert standing(verified, AUTHENTIC)[0] is Standing.CLAIMED
    assert level_of(verified) == 1


def test_every_requirement_can_fail_alone() -> None:
    """A level needs each of its requirements and those below; none is there for show."""
    assert {requirement.level for requirement in REQUIREMENTS} == {1, 2}
    for requirement in REQUIREMENTS:
        assert Standing.VIOLATED not in requirement.enough
        assert Standing.PROVED in requirement.enough
        assert requirement.test in globals()
