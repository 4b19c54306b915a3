"""Rules about what is said, of what: each refuses for its own reason."""

from __future__ import annotations

from typing import Any

import pytest

from slsa_gen.model.digest import Digest
from slsa_gen.model.subject import Subject
from tests.support.values import own_statement, proved
from tests.unit.policy.cases import (
    DIGEST,
    GITHUB_BUILD,
    REPO,
    failed,
    failures,
    good,
    judged,
    saying,
    signed_by,
)


def test_what_repo_alone_implies_predicate_type() -> None:
    """Another statement by the same signer is not provenance."""
    other = proved(own_statement({"says": "nothing"}))
    assert failed(judged(other)) == ["predicate.type"]
    assert judged(other, repo=REPO, predicate_type="https://example.com/own/v1").accepted
    assert not judged(other, repo=REPO, predicate_type="https://example.com/own/v10").accepted
    assert failed(judged(good(), repo=REPO, predicate_type="https://example.com/own/v1")) == [
        "predicate.type"
    ]
    newer = saying(predicate_type="https://slsa.dev/provenance/v9")
    assert "predicate.type" in failed(judged(newer))


OTHER_FILE = "https://github.com/octo/app/.github/workflows/x.yml@refs/tags/v1.2.3"
#: Each field that a predicate and its certificate both carry, with another run's value.
COMPARED = (
    ("source_repository_uri", "https://github.com/octo/other"),
    ("source_repository_ref", "refs/heads/other"),
    ("source_repository_digest", "b" * 40),
    ("source_repository_identifier", "9"),
    ("source_repository_owner_identifier", "9"),
    ("build_config_uri", OTHER_FILE),
    ("build_trigger", "workflow_dispatch"),
    ("runner_environment", "self-hosted"),
    ("run_invocation_uri", "https://github.com/octo/app/actions/runs/9/attempts/1"),
    ("build_signer_uri", OTHER_FILE),
)


@pytest.mark.parametrize(("field", "value"), COMPARED)
@pytest.mark.parametrize("lacking", [False, True])
def test_what_repo_alone_implies_predicate_is_certificate(
    field: str, value: str, *, lacking: bool
) -> None:
    """A certificate of another run, or one that lacks the field, refutes the predicate."""
    verdict = judged(signed_by(**{field: None if lacking else value}))
    assert "predicate.certificate-mismatch" in failed(verdict)
    named = [check for check in failures(verdict) if check.rule.startswith("predicate.cert")]
    assert any(f"(certificate: {field})" in check.expected for check in named)
    assert all("(predicate: " in check.found for check in named)


@pytest.mark.parametrize(
    "path",
    [
        "buildDefinition.externalParameters.workflow.ref",
        "buildDefinition.externalParameters.workflow.repository",
        "buildDefinition.externalParameters.workflow.path",
        "buildDefinition.internalParameters.github.event_name",
        "buildDefinition.internalParameters.github.repository_id",
        "buildDefinition.internalParameters.github.repository_owner_id",
        "buildDefinition.internalParameters.github.runner_environment",
        "buildDefinition.resolvedDependencies.0.uri",
        "buildDefinition.resolvedDependencies.0.digest.gitCommit",
        "runDetails.builder.id",
        "runDetails.metadata.invocationId",
    ],
)
@pytest.mark.parametrize("value", ["another", None, 7])
def test_each_field_of_the_predicate_must_be_the_certificates(path: str, value: object) -> None:
    """Another value, none, or one of another kind is a mismatch of that field."""
    verdict = judged(saying({path: value}))
    assert failed(verdict) == ["predicate.certificate-mismatch"]
    shown = path.replace(".0", "[0]")
    assert {check.rule for check in failures(verdict)} == {f"predicate.certificate:{shown}"}


def test_the_certificates_name_is_compared_too() -> None:
    """The builder is the one name that Fulcio vouches for."""
    verdict = judged(signed_by(subject_alternative_name=OTHER_FILE))
    assert failed(verdict) == ["signer.identity", "predicate.certificate-mismatch"]


def test_the_digest_must_be_a_subjects() -> None:
    """Names do not count, and any acceptable algorithm will do."""
    verdict = judged(digests=(Digest("sha256", "2" * 64),))
    assert failed(verdict) == ["subject.digest-not-in-statement"]
    assert failures(verdict)[0].found == "1 subject, none with that digest"
    assert judged(digests=()).accepted is False
    long = Digest("sha512", "3" * 128)
    verified = saying(subjects=(Subject("a", (long,)), Subject("b", (DIGEST,))))
    for digests in ((long,), (DIGEST,), (Digest("sha256", "2" * 64), long)):
        verdict = judged(verified, digests=digests)
        assert verdict.accepted
        found = next(check for check in verdict.checks if check.rule == "subject.digest")
        assert found.found in {"subject 'a'", "subject 'b'"}
    assert judged(verified, digests=(Digest("sha512", "3" * 127 + "4"),)).accepted is False


def test_a_weak_digest_is_no_digest() -> None:
    """A subject that is named by sha1 alone matches nothing."""
    weak = Digest("sha1", "1" * 40)
    verified = saying(subjects=(Subject("a", (weak,)),))
    verdict = judged(verified, digests=(weak,))
    assert failed(verdict) == ["subject.digest-not-in-statement"]


UNKNOWN_BUILD = {"buildDefinition.buildType": "https://example.com/build/v1"}


def test_an_unknown_build_type_is_refused_unless_named() -> None:
    """Nothing in such a predicate can be held against the certificate."""
    verified = saying(UNKNOWN_BUILD)
    verdict = judged(verified)
    assert failed(verdict) == ["provenance.build-type"]
    assert 'build-type: "https://example.com/build/v1"' in failures(verdict)[0].hint
    named = "https://example.com/build/v1"
    assert judged(verified, repo=REPO, build_type=named).accepted
    assert failed(judged(verified, repo=REPO, build_type=f"{named}0")) == ["provenance.build-type"]
    assert failed(judged(good(), repo=REPO, build_type=named)) == ["provenance.build-type"]
    assert judged(good(), repo=REPO, build_type=GITHUB_BUILD).accepted


@pytest.mark.parametrize("value", [None, 7, ["x"], {}])
def test_provenance_without_a_build_type_is_refused(value: object) -> None:
    """Also where the place of its name holds something else."""
    verified = saying({"buildDefinition.buildType": value})
    assert "provenance.build-type" in failed(judged(verified))
    assert "provenance.build-type" in failed(judged(verified, repo=REPO, build_type=GITHUB_BUILD))


def test_a_named_build_type_is_demanded_of_any_statement() -> None:
    """A statement that is no provenance has none."""
    other = proved(own_statement({"says": "nothing"}))
    words: dict[str, Any] = {"repo": REPO, "predicate_type": "https://example.com/own/v1"}
    assert judged(other, **words).accepted
    assert failed(judged(other, **words, build_type=GITHUB_BUILD)) == ["provenance.build-type"]


def test_naming_a_known_build_type_does_not_switch_the_comparison_off() -> None:
    """A build type that can be compared is compared."""
    verified = signed_by(source_repository_digest="b" * 40)
    verdict = judged(verified, repo=REPO, build_type=GITHUB_BUILD)
    assert failed(verdict) == ["predicate.certificate-mismatch"]


def test_unknown_external_parameters_are_refused_unless_listed() -> None:
    """Whoever starts a build controls them."""
    verified = saying(
        {
            "buildDefinition.externalParameters.inputs": {"debug": True},
            "buildDefinition.externalParameters.workflow.more": "x",
        }
    )
    verdict = judged(verified)
    assert failed(verdict) == ["provenance.external-parameters"]
    assert failures(verdict)[0].found == "also inputs, workflow.more"
    assert judged(verified, repo=REPO, allowed_parameters=["inputs", "workflow.more"]).accepted
    assert failed(judged(verified, repo=REPO, allowed_parameters=["inputs"])) == [
        "provenance.external-parameters"
    ]


def test_a_layout_of_another_version_is_not_compared() -> None:
    """An honest v1 layout beside what readers of v0.2 believe proves nothing about that."""
    predicate = {
        **good().statement.predicate,
        "buildType": GITHUB_BUILD,
        "builder": {"id": "https://example.com/what-readers-of-v0.2-believe"},
    }
    verified = saying(predicate_type="https://slsa.dev/provenance/v0.2", predicate=predicate)
    assert failed(judged(verified)) == ["provenance.build-type"]
    assert failed(judged(verified, repo=REPO, build_type=GITHUB_BUILD)) == ["provenance.build-type"]
