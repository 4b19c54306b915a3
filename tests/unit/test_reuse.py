"""What is already at a target: when it is the result of this run, and when it is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from slsa_gen.attest import attest, draft
from slsa_gen.errors import UsageError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.draft import Draft
from slsa_gen.model.identity import Person, SignerIdentity
from slsa_gen.model.publication import Publication, PublicationOutcome
from slsa_gen.model.statement import SLSA_PROVENANCE_V1
from slsa_gen.provenance import statement
from slsa_gen.provenance.build_types.github_workflow import GithubWorkflow
from slsa_gen.provenance.build_types.github_workflow_community import CommunityWorkflow
from slsa_gen.publish.file import FileTarget
from slsa_gen.publish.interface import Targets
from slsa_gen.reasons import Reason
from tests.support.services import Services
from tests.support.values import CONTEXT, own_statement, signer_of, subject

if TYPE_CHECKING:
    from pathlib import Path


def _plan() -> Draft:
    predicate = GithubWorkflow().predicate(CONTEXT)
    return draft((subject(),), CONTEXT, SLSA_PROVENANCE_V1, predicate, DEFAULT_LIMITS)


def _attest(plan: Draft, services: Services, path: Path) -> Publication:
    targets = Targets(FileTarget(path, overwrite=False, max_bytes=10_000_000))
    return attest(plan, services, services, targets, services.read, DEFAULT_LIMITS).file


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"source_repository_digest": "b" * 40}, "source repository digest"),
        # A fork has the same commits, and may call the same reusable workflow.
        ({"source_repository_uri": "https://github.com/fork/app"}, "source repository uri"),
        ({"source_repository_identifier": "999"}, "source repository identifier"),
        ({"source_repository_ref": "refs/heads/main"}, "source repository ref"),
        ({"runner_environment": "self-hosted"}, "runner environment"),
        ({"build_signer_uri": f"{CONTEXT.build_signer_uri}2"}, "build signer uri"),
        ({"issuer": "https://other"}, "issuer"),
    ],
)
def test_a_bundle_of_another_commit_or_signer_is_not_the_result(
    tmp_path: Path, changes: dict[str, str], words: str
) -> None:
    """It is left alone, and the message says in what it differs."""
    services = Services()
    _attest(_plan(), services, tmp_path / "b")

    other = replace(_plan(), context=replace(CONTEXT, **changes))

    with pytest.raises(UsageError) as caught:
        _attest(other, services, tmp_path / "b")

    assert caught.value.reason is Reason.USAGE_OUTPUT_EXISTS
    assert words in caught.value.message


def _other_subjects() -> Draft:
    return draft(
        (subject(digit="9"),),
        CONTEXT,
        SLSA_PROVENANCE_V1,
        GithubWorkflow().predicate(CONTEXT),
        DEFAULT_LIMITS,
    )


def _own(word: str) -> Draft:
    return Draft(CONTEXT, (own_statement({"word": word}),))


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (_plan(), _other_subjects(), "other subjects"),
        (_plan(), _own("a"), "another kind of predicate"),
        (_own("a"), _own("b"), "another predicate"),
    ],
)
def test_a_bundle_that_says_something_else_is_not_the_result(
    tmp_path: Path, first: Draft, second: Draft, words: str
) -> None:
    """Other subjects or other words are another attestation."""
    services = Services()
    _attest(first, services, tmp_path / "b")

    with pytest.raises(UsageError) as caught:
        _attest(second, services, tmp_path / "b")

    assert words in caught.value.message


@pytest.mark.parametrize(
    ("before", "now", "taken"),
    [
        ("push", "release", True),
        ("schedule", "schedule", True),
        ("pull_request_target", "push", False),
        ("schedule", "workflow_dispatch", False),
    ],
)
def test_a_run_of_another_event_has_the_result_where_that_event_may_attest(
    tmp_path: Path, before: str, now: str, *, taken: bool
) -> None:
    """What such a run builds may be decided from outside; nobody allowed it this time."""
    first, second = (replace(CONTEXT, build_trigger=event) for event in (before, now))
    services = Services(signer_of(first))
    predicate = GithubWorkflow().predicate(first)
    planted = services.sign(statement.encode((subject(),), SLSA_PROVENANCE_V1, predicate))
    (tmp_path / "b").write_bytes(planted.bundle + b"\n")
    plan = replace(_plan(), context=second)

    if taken:
        assert _attest(plan, services, tmp_path / "b").outcome is PublicationOutcome.REUSED
        return
    with pytest.raises(UsageError, match="triggered by an event"):
        _attest(plan, services, tmp_path / "b")


def _at(*path: str, value: object) -> dict[str, Any]:
    """Return the provenance of the run, with one value changed."""
    predicate: dict[str, Any] = GithubWorkflow().predicate(CONTEXT)
    place = predicate
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return predicate


@pytest.mark.parametrize(
    ("predicate", "words"),
    [
        (_at("runDetails", "builder", "id", value="https://evil"), "runDetails.builder.id"),
        (_at("buildDefinition", "buildType", value="https://own"), "another build type"),
        (
            _at("buildDefinition", "buildType", value=CommunityWorkflow().uri),
            "another build type",
        ),
    ],
)
def test_provenance_that_contradicts_its_certificate_is_not_the_result(
    tmp_path: Path, predicate: dict[str, Any], words: str
) -> None:
    """Another step of the job can sign such a bundle, and leave it where ours would lie."""
    services = Services()
    planted = services.sign(statement.encode((subject(),), SLSA_PROVENANCE_V1, predicate))
    (tmp_path / "b").write_bytes(planted.bundle + b"\n")

    with pytest.raises(UsageError) as caught:
        _attest(_plan(), services, tmp_path / "b")

    assert words in caught.value.message


def test_provenance_of_other_inputs_is_not_the_result(tmp_path: Path) -> None:
    """What no certificate carries, the draft says: another dispatch had other inputs."""
    plans = []
    for word in ("a", "b"):
        predicate = _at("buildDefinition", "buildType", value=CommunityWorkflow().uri)
        predicate["buildDefinition"]["externalParameters"]["inputs"] = {"word": word}
        own = statement.encode((subject(),), SLSA_PROVENANCE_V1, predicate)
        plans.append(Draft(CONTEXT, (own,)))
    services = Services()
    _attest(plans[0], services, tmp_path / "b")

    again = _attest(plans[0], services, tmp_path / "b")
    with pytest.raises(UsageError) as caught:
        _attest(plans[1], services, tmp_path / "b")

    assert again.outcome is PublicationOutcome.REUSED
    assert "other parameters" in caught.value.message


ADA = Person("https://accounts.example", "ada@example.org")


def _certificate(issuer: str = ADA.issuer, name: str = ADA.name, **run: str) -> SignerIdentity:
    """Return what a person's certificate says, and fields of a run that it must not have."""
    return SignerIdentity(name, **{"issuer": issuer, **run})


def _reviewed(word: str = "yes", who: Person = ADA) -> Draft:
    return Draft(who, (own_statement({"reviewed": word}),))


def test_a_persons_bundle_is_the_result_of_the_same_person(tmp_path: Path) -> None:
    """Asked for once more, with the same statement: nothing is signed anew."""
    services = Services(_certificate())
    _attest(_reviewed(), services, tmp_path / "b")

    again = _attest(_reviewed(), services, tmp_path / "b")

    assert (again.outcome, services.signed) == (PublicationOutcome.REUSED, 1)


@pytest.mark.parametrize(
    ("there", "plan", "words"),
    [
        (_certificate(name="eve@example.org"), _reviewed(), "another subject alternative name"),
        (_certificate(name="Ada@example.org"), _reviewed(), "another subject alternative name"),
        (_certificate(issuer="https://other.example"), _reviewed(), "another issuer"),
        (_certificate(issuer=f"{ADA.issuer}/"), _reviewed(), "another issuer"),
        # One name at one issuer, and nevertheless the certificate of a workflow's run.
        (_certificate(source_repository_uri="https://github.com/o/r"), _reviewed(), "source"),
        (_certificate(build_trigger="push"), _reviewed(), "another build trigger"),
        (_certificate(), _reviewed("no"), "another predicate"),
        (signer_of(), _reviewed(), "another"),
        (_certificate(), replace(_reviewed(), context=CONTEXT), "another issuer"),
        (
            _certificate(issuer=CONTEXT.issuer, name=CONTEXT.build_signer_uri),
            replace(_reviewed(), context=CONTEXT),
            "another build signer uri",
        ),
        (
            signer_of(),
            _reviewed(who=Person(CONTEXT.issuer, CONTEXT.build_signer_uri)),
            "another build signer uri",
        ),
    ],
    ids=[
        *("person", "letter case", "issuer", "slash", "of a run", "of an event", "statement"),
        *("a run's for a person", "a person's for a run"),
        *("a person called like a run", "a run called like a person"),
    ],
)
def test_a_bundle_of_somebody_else_is_not_a_persons_nor_a_persons_a_runs(
    tmp_path: Path, there: SignerIdentity, plan: Draft, words: str
) -> None:
    """Whose it is, is compared exactly; a person and a run are never each other."""
    services = Services(there)
    planted = services.sign(own_statement({"reviewed": "yes"}))
    (tmp_path / "b").write_bytes(planted.bundle + b"\n")

    with pytest.raises(UsageError) as caught:
        _attest(plan, services, tmp_path / "b")

    assert caught.value.reason is Reason.USAGE_OUTPUT_EXISTS
    assert words in caught.value.message
    assert services.signed == 1
