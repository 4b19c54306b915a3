"""Rules about who signed and from which source: each refuses for its own reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from slsa_gen.model.identity import SignerIdentity
from slsa_gen.model.instance import SANDBOX_ISSUER, SANDBOX_SERVER
from tests.support.values import CONTEXT, own_statement, proved, provenance, signer_of
from tests.unit.policy.cases import (
    REPO,
    failed,
    failures,
    good,
    judged,
    signed_by,
)

FILE = ".github/workflows/release.yml"
RULE = "signer.workflow"
PERSON: dict[str, Any] = {
    "cert_identity": "a@example.com",
    "cert_oidc_issuer": "https://accounts.example.com",
}
SHARED = f"https://github.com/octo/shared/{FILE}@refs/tags/v1"


def reusable() -> Any:  # noqa: ANN401 (a proved statement)
    """Return provenance of octo/app that a workflow of octo/shared signed."""
    context = replace(CONTEXT, build_signer_uri=SHARED)
    return proved(provenance(context=context), signer_of(context))


def test_what_repo_alone_implies_issuer() -> None:
    """Another issuer of identities is not GitHub, however alike it looks."""
    for issuer in ("https://token.actions.githubusercontent.com/octo", "https://example.com", None):
        verdict = judged(signed_by(issuer=issuer))
        assert failed(verdict) == ["signer.issuer"]
    trusted = signed_by(issuer="https://example.com")
    assert judged(trusted, repo=REPO, cert_oidc_issuer="https://example.com").accepted


@pytest.mark.parametrize(
    "uri",
    [
        "https://github.com/octo/other",
        "https://github.com/octo/app2",
        "https://github.com/octo2/app",
        "https://github.com.evil.example/octo/app",
        "https://github.com/octo/app/",
        "http://github.com/octo/app",
        None,
    ],
)
def test_what_repo_alone_implies_source_repository(uri: str | None) -> None:
    """Certificate .12 is the repository, in full."""
    verdict = judged(signed_by(source_repository_uri=uri))
    assert "source.repository" in failed(verdict)


def test_what_repo_alone_implies_signer_workflow() -> None:
    """A workflow of another repository signs only where it is named."""
    verdict = judged(reusable())
    assert failed(verdict) == ["signer.workflow"]
    (check,) = failures(verdict)
    assert check.expected == "a workflow of https://github.com/octo/app"
    assert check.found == SHARED
    assert "--signer-repo octo/shared" in check.hint
    assert judged(reusable(), repo=REPO, signer_repo="OCTO/shared").accepted


def test_an_owner_stands_for_all_its_repositories() -> None:
    """``--owner`` implies what ``--repo`` does, one step wider."""
    assert judged(good(), owner="OCTO").accepted
    assert judged(reusable(), owner="octo").accepted
    stranger = signed_by(source_repository_owner_uri="https://github.com/octo2")
    assert failed(judged(stranger, owner="octo")) == ["source.owner"]
    assert failed(judged(signed_by(source_repository_owner_uri=None), owner="octo")) == [
        "source.owner"
    ]
    elsewhere = replace(CONTEXT, build_signer_uri=SHARED.replace("octo/", "octo2/"))
    verdict = judged(proved(provenance(context=elsewhere), signer_of(elsewhere)), owner="octo")
    assert failed(verdict) == ["signer.workflow"]
    assert failed(judged(signed_by(issuer="https://x"), owner="octo")) == ["signer.issuer"]
    other = proved(own_statement({"says": "nothing"}))
    assert failed(judged(other, owner="octo")) == ["predicate.type"]


def test_numbers_stand_for_names_that_change() -> None:
    """After a renaming the number is the same; a new repository of the old name is another."""
    assert judged(good(), repository_id="101").accepted
    assert judged(good(), owner_id="202").accepted
    assert judged(good(), repo=REPO, repository_id="101", owner_id="202").accepted
    assert failed(judged(good(), repository_id="102")) == ["source.repository-id"]
    assert failed(judged(good(), owner_id="203")) == ["source.owner-id"]
    assert failed(judged(good(), repo=REPO, repository_id="102")) == ["source.repository-id"]
    assert "source.repository-id" in failed(
        judged(signed_by(source_repository_identifier=None), repository_id="101")
    )
    assert "source.owner-id" in failed(
        judged(signed_by(source_repository_owner_identifier=None), owner_id="202")
    )


def test_with_a_number_alone_the_workflow_lies_in_that_repository() -> None:
    """Its name is the one that the certificate says next to the number."""
    assert failed(judged(reusable(), repository_id="101")) == ["signer.workflow"]
    assert judged(reusable(), owner_id="202").accepted
    stranger = replace(CONTEXT, build_signer_uri=SHARED.replace("octo/", "evil/"))
    verified = proved(provenance(context=stranger), signer_of(stranger))
    assert failed(judged(verified, owner_id="202")) == ["signer.workflow"]
    numbers: list[dict[str, Any]] = [{"repository_id": "101"}, {"owner_id": "202"}]
    for words in numbers:
        nameless = signed_by(source_repository_uri=None, source_repository_owner_uri=None)
        assert "signer.workflow" in failed(judged(nameless, **words))
        assert "signer.workflow" in failed(judged(signed_by(build_signer_uri=None), **words))


def test_a_signer_workflow_is_one_file() -> None:
    """At any ref, or at the one that is named."""
    shared = f"octo/shared/{FILE}"
    assert judged(reusable(), repo=REPO, signer_workflow=shared).accepted
    assert judged(reusable(), repo=REPO, signer_workflow=f"{shared}@refs/tags/v1").accepted
    for other in (f"{shared}@refs/tags/v2", f"octo/shared/{FILE.replace('release', 'x')}"):
        assert failed(judged(reusable(), repo=REPO, signer_workflow=other)) == ["signer.workflow"]
    verdict = judged(good(), repo=REPO, signer_workflow=shared)
    assert failed(verdict) == ["signer.workflow"]
    # --signer-repo cannot be given together with it, so it is not what the hint offers.
    trusted = f"--signer-workflow octo/app/{FILE}"
    assert failures(verdict)[0].hint == f"Another workflow signed. If you trust it: {trusted}"
    verdict = judged(good(), repo=REPO, signer_workflow=f"octo/app/{FILE}@refs/heads/x")
    assert failures(verdict)[0].hint.endswith(f"{trusted}@refs/tags/v1.2.3")


def test_another_repository_s_own_workflow_is_not_offered_as_a_reusable_one() -> None:
    """Who follows the hint would trust the repository that the file must not come from."""
    verdict = judged(good(), repo="octo/other")

    hints = {check.rule: check.hint for check in failures(verdict)}
    assert hints[RULE] == ""
    assert hints["source.repository"].startswith("It was built from another repository")


def test_no_hint_pastes_a_signer_s_own_words_into_a_shell() -> None:
    """A ref may hold what a shell obeys: the hint quotes it."""
    context = replace(CONTEXT, build_signer_uri=f"{SHARED}$(id)")
    verified = proved(provenance(context=context), signer_of(context))
    verdict = judged(verified, repo=REPO, signer_workflow=f"octo/shared/{FILE}@refs/tags/v1")
    assert failures(verdict)[0].hint.endswith(f"'octo/shared/{FILE}@refs/tags/v1$(id)'")


def test_a_person_is_no_workflow_and_is_told_as_such() -> None:
    """Where a repository is demanded, its certificate has neither a workflow nor a source."""
    person = signed_by(build_signer_uri=None, source_repository_uri=None)
    found = {c.rule: c for c in failures(judged(person, repo=REPO))}

    assert found["signer.identity"].expected == "the name of a workflow that signed"
    assert found["source.repository"].hint.startswith("No workflow's run signed")


@pytest.mark.parametrize("uri", ["https://github.com/octo/app", "https://example.com/x", None])
def test_no_workflow_is_offered_where_none_signed(uri: str | None) -> None:
    """What is no workflow's name cannot be named by an option."""
    (check,) = [c for c in failures(judged(signed_by(build_signer_uri=uri))) if c.rule == RULE]
    assert not check.hint


def test_a_tag_is_not_a_branch_of_that_name() -> None:
    """The ref is the certificate's (.14), in full."""
    assert judged(good(), repo=REPO, source_tag="v1.2.3").accepted
    assert judged(good(), repo=REPO, source_ref="refs/tags/v1.2.3").accepted
    wrong: list[dict[str, Any]] = [
        {"source_tag": "v1.2.30"},
        {"source_tag": "V1.2.3"},
        {"source_tag": "v1.2"},
        {"source_branch": "v1.2.3"},
        {"source_ref": "refs/tags/v1"},
    ]
    for words in wrong:
        verdict = judged(good(), repo=REPO, **words)
        assert failed(verdict) == ["source.ref"]
        assert failures(verdict)[0].found == "refs/tags/v1.2.3"


def test_the_ref_is_read_from_the_certificate() -> None:
    """A predicate that names the tag does not help."""
    verified = signed_by(source_repository_ref="refs/heads/main")
    assert "source.ref" in failed(judged(verified, repo=REPO, source_tag="v1.2.3"))


def test_a_commit_is_compared_in_full() -> None:
    """Certificate .13."""
    assert judged(good(), repo=REPO, source_digest="a" * 40).accepted
    assert failed(judged(good(), repo=REPO, source_digest="b" * 40)) == ["source.digest"]


def test_self_hosted_runners_are_refused_when_denied() -> None:
    """Only there; and a certificate that does not say is refused too."""
    context = replace(CONTEXT, runner_environment="self-hosted")
    verified = proved(provenance(context=context), signer_of(context))
    assert judged(verified).accepted
    verdict = judged(verified, repo=REPO, deny_self_hosted_runners=True)
    assert failed(verdict) == ["runner.self-hosted"]
    assert judged(good(), repo=REPO, deny_self_hosted_runners=True).accepted
    silent = signed_by(runner_environment=None)
    assert "runner.self-hosted" in failed(judged(silent, repo=REPO, deny_self_hosted_runners=True))


def test_a_named_signer_is_compared_exactly() -> None:
    """A person's address, with the issuer that vouches for it."""
    person = SignerIdentity("a@example.com", issuer="https://accounts.example.com")
    own = proved(own_statement({"says": "something"}), person)
    words: dict[str, Any] = {**PERSON, "predicate_type": "https://example.com/own/v1"}
    assert judged(own, **words).accepted
    assert failed(judged(own, **{**words, "cert_identity": "A@example.com"})) == ["signer.identity"]
    assert failed(judged(own, **{**words, "cert_oidc_issuer": "https://x.example.com"})) == [
        "signer.issuer"
    ]


def test_a_persons_name_does_not_stand_for_a_workflow() -> None:
    """Where a source is named, the certificate's name is the workflow's."""
    verified = signed_by(subject_alternative_name="a@example.com")
    assert "signer.identity" in failed(judged(verified))
    assert "signer.identity" in failed(judged(signed_by(build_signer_uri=None)))


def test_a_named_workflow_takes_the_place_of_the_repositorys_own() -> None:
    """``--cert-identity`` with ``--repo`` is a signer elsewhere, exactly named."""
    assert judged(reusable(), repo=REPO, cert_identity=SHARED).accepted
    other = SHARED.replace("v1", "v2")
    assert failed(judged(reusable(), repo=REPO, cert_identity=other)) == ["signer.identity"]


def sandbox_made() -> Any:  # noqa: ANN401 (a proved statement)
    """Return what the sandbox signed for its own octo/app."""
    context = replace(
        CONTEXT,
        issuer=SANDBOX_ISSUER,
        runner_environment="self-hosted",
        **{
            name: getattr(CONTEXT, name).replace("https://github.com", SANDBOX_SERVER)
            for name in (
                "build_signer_uri",
                "source_repository_uri",
                "source_repository_owner_uri",
                "build_config_uri",
                "run_invocation_uri",
            )
        },
    )
    verified = proved(provenance(context=context), signer_of(context))
    return replace(verified, sandbox=True)


def test_the_sandbox_counts_only_where_it_is_named() -> None:
    """And where it is, nothing of GitHub's does."""
    assert judged(sandbox_made(), repo=REPO, sandbox=True).accepted
    assert "signer.sandbox" in failed(judged(sandbox_made()))
    for verified in (good(), replace(good(), sandbox=True), replace(sandbox_made(), sandbox=False)):
        assert "signer.sandbox" in failed(judged(verified, repo=REPO, sandbox=True))
    # A root that is not a sandbox's, with an identity of the sandbox's issuer.
    assert "signer.sandbox" in failed(judged(signed_by(issuer=SANDBOX_ISSUER)))
    verdict = judged(replace(good(), sandbox=True))
    assert failed(verdict) == ["signer.sandbox"]
    said = "an identity that is no sandbox's under a sandbox's trusted root"
    assert failures(verdict)[0].found == said
    found = [c.found for c in failures(judged(signed_by(issuer=SANDBOX_ISSUER)))]
    assert "a sandbox's identity under a trusted root that is no sandbox's" in found
