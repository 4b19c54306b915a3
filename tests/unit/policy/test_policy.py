"""A policy says who may have signed, or it is no policy."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest

from slsa_gen.errors import UsageError
from slsa_gen.model.instance import GITHUB_ISSUER, SANDBOX_ISSUER, SANDBOX_SERVER
from slsa_gen.policy.names import RepositoryName, WorkflowName
from slsa_gen.policy.policy import Policy
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

IDENTITY = {"cert_identity": "a@example.com", "cert_oidc_issuer": "https://accounts.example.com"}
FILE = ".github/workflows/x.yml"


def test_a_repository_alone_is_enough() -> None:
    """The rest follows: GitHub's server and issuer, SLSA provenance, its own workflows."""
    policy = Policy.make(repo="octo/app")
    assert policy == Policy(repo=RepositoryName("octo", "app"))
    assert (policy.server, policy.issuer) == ("https://github.com", GITHUB_ISSUER)
    assert policy.says_something
    assert policy.names_source


@pytest.mark.parametrize(
    "words",
    [
        {"owner": "octo"},
        {"repository_id": "12"},
        {"owner_id": "12"},
        IDENTITY,
        {"repo": "o/r", "cert_identity": "x"},
        {"repo": "o/r", "cert_oidc_issuer": "https://x"},
    ],
)
def test_each_of_these_is_enough(words: Mapping[str, Any]) -> None:
    """An owner, a number, or a name with the issuer that vouches for it."""
    assert Policy.make(**words).says_something


def test_every_word_ends_in_the_policy() -> None:
    """Each option has its field."""
    policy = Policy.make(
        repo="o/r",
        repository_id="1",
        owner_id="2",
        signer_workflow=f"o/w/{FILE}@refs/tags/v1",
        source_ref="refs/heads/main",
        source_digest="a" * 40,
        cert_oidc_issuer="https://x",
        predicate_type="https://example.com/p/v1",
        build_type="https://example.com/b/v1",
        allowed_parameters=["a", "b.c"],
        deny_self_hosted_runners=True,
    )
    assert policy == Policy(
        repo=RepositoryName("o", "r"),
        repository_id="1",
        owner_id="2",
        signer_workflow=WorkflowName(RepositoryName("o", "w"), FILE, "refs/tags/v1"),
        source_ref="refs/heads/main",
        source_digest="a" * 40,
        cert_oidc_issuer="https://x",
        predicate_type="https://example.com/p/v1",
        build_type="https://example.com/b/v1",
        allowed_parameters=("a", "b.c"),
        deny_self_hosted_runners=True,
    )


def test_a_tag_and_a_branch_are_refs() -> None:
    """They stand for the full ref, and no ref for both."""
    assert Policy.make(repo="o/r", source_tag="v1").source_ref == "refs/tags/v1"
    assert Policy.make(repo="o/r", source_branch="a/b").source_ref == "refs/heads/a/b"


def test_the_sandbox_takes_githubs_place() -> None:
    """Its server, its issuer, and nobody else's."""
    policy = Policy.make(repo="octo/app", sandbox=True)
    assert (policy.server, policy.issuer) == (SANDBOX_SERVER, SANDBOX_ISSUER)
    assert Policy.make(repo="o/r", cert_oidc_issuer=SANDBOX_ISSUER, sandbox=True).sandbox


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({}, "nothing says where the artifact must come from"),
        ({"signer_repo": "o/r"}, "nothing says where"),
        ({"signer_workflow": f"o/r/{FILE}"}, "nothing says where"),
        ({"source_tag": "v1"}, "nothing says where"),
        ({"predicate_type": "https://x/y"}, "nothing says where"),
        ({"deny_self_hosted_runners": True}, "nothing says where"),
        ({"cert_identity": "x"}, "--cert-identity alone"),
        ({"cert_oidc_issuer": "https://x"}, "--cert-oidc-issuer alone"),
        ({"repo": "o/r", "owner": "o"}, "--repo and --owner cannot be given together"),
        (
            {"repo": "o/r", "signer_repo": "o/r", "signer_workflow": f"o/r/{FILE}"},
            "--signer-workflow and --signer-repo cannot",
        ),
        ({**IDENTITY, "signer_repo": "o/r"}, "--signer-repo and --cert-identity cannot"),
        ({"repo": "o/r", "source_ref": "refs/x", "source_tag": "x"}, "--source-ref and --source-t"),
        ({"repo": "o/r", "source_branch": "x", "source_tag": "x"}, "--source-tag and --source-b"),
        ({"repo": "o"}, "--repo: a repository is written OWNER/REPO, got 'o'"),
        ({"repo": ""}, "--repo: a repository"),
        ({"repo": "ghe.example.com/o/r"}, "the host must be github.com"),
        ({"repo": "github.com/o/r", "sandbox": True}, "the host must be sandbox.slsa-gen.invalid"),
        ({"owner": "o/r"}, "--owner: an owner is written OWNER"),
        ({"repo": "o/r", "signer_repo": "o"}, "--signer-repo: a repository"),
        ({"repo": "o/r", "signer_workflow": "o/r/x"}, "--signer-workflow: a workflow is written"),
        ({"repo": "o/r", "source_ref": "main"}, "--source-ref must be a full ref"),
        ({"repo": "o/r", "source_tag": "refs/tags/v1"}, "--source-tag takes a name"),
        ({"repo": "o/r", "source_branch": "refs/heads/x"}, "--source-branch takes a name"),
        ({"repo": "o/r", "source_tag": "a b"}, "--source-tag must be a name without spaces"),
        ({"repo": "o/r", "source_tag": ""}, "--source-tag must be a name"),
        ({"repo": "o/r", "source_digest": "abc"}, "--source-digest must be a full commit"),
        ({"repo": "o/r", "source_digest": "A" * 40}, "--source-digest must be a full commit"),
        ({"repo": "o/r", "predicate_type": "slsa"}, "--predicate-type must be a URI"),
        ({"repo": "o/r", "build_type": "x y"}, "build-type must be a URI"),
        ({"repository_id": "0"}, "repository-id must be a number"),
        ({"owner_id": "octo"}, "owner-id must be a number"),
        ({**IDENTITY, "cert_identity": ""}, "--cert-identity must be a text"),
        (
            {"repo": "o/r", "cert_oidc_issuer": SANDBOX_ISSUER},
            "does not go with a trusted root of no sandbox",
        ),
        (
            {"repo": "o/r", "cert_oidc_issuer": GITHUB_ISSUER, "sandbox": True},
            "does not go with a trusted root of the sandbox",
        ),
        ({**IDENTITY, "sandbox": True}, "does not go with a trusted root of the sandbox"),
    ],
)
def test_what_says_nothing_or_two_things_is_wrong_usage(
    words: Mapping[str, Any], message: str
) -> None:
    """Each combination that makes no sense has its message, before anything is verified."""
    with pytest.raises(UsageError) as caught:
        Policy.make(**words)
    assert message in caught.value.message
    assert caught.value.hint
    assert caught.value.reason is Reason.USAGE_EXPECTATION
    assert caught.value.exit_code == 2


def test_messages_hold_no_line_breaks_from_outside() -> None:
    """What the user typed is shown quoted."""
    with pytest.raises(UsageError) as caught:
        Policy.make(repo="o\n\x1b[31m/r")
    assert caught.value.message.isprintable()


def test_the_words_are_those_of_the_policy_file() -> None:
    """Each argument is documented under its own name."""
    documented = inspect.getdoc(Policy.make) or ""
    for name in inspect.signature(Policy.make).parameters:
        assert f"\n    {name}: " in documented


@pytest.mark.parametrize(
    "option",
    [
        "source_ref",
        "source_tag",
        "source_branch",
        "source_digest",
        "cert_identity",
        "cert_oidc_issuer",
        "predicate_type",
        "build_type",
        "repository_id",
        "owner_id",
    ],
)
def test_each_example_in_a_hint_is_one_that_is_taken(option: str) -> None:
    """What a hint says can be pasted."""
    words: dict[str, Any] = {"repo": "o/r", **IDENTITY}
    with pytest.raises(UsageError) as caught:
        Policy.make(**words | {option: ""})
    shown, _, value = caught.value.hint.removeprefix("For example: ").partition(" ")
    value = value.replace("$(git rev-parse HEAD)", "a" * 40)
    assert shown.strip("-:") == option.replace("_", "-")
    assert Policy.make(**words | {option: value}).says_something
