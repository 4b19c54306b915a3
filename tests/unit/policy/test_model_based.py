"""The rules against a second, slower reading of the same sentences.

Certificates are put together from a few words that are easily taken for one another. What
``--repo`` and its companions accept must be what a plain reading of the manual accepts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from slsa_gen.model.instance import GITHUB_ISSUER, SANDBOX_ISSUER, SANDBOX_SERVER
from slsa_gen.policy.evaluate import evaluate
from slsa_gen.policy.policy import Policy
from tests.support.values import own_statement, proved, signer_of
from tests.unit.policy.cases import DIGEST

SERVERS: Final = (
    "https://github.com",
    "http://github.com",
    "https://github.com.evil.example",
    SANDBOX_SERVER,
)
NAMES: Final = ("octo", "OCTO", "octo2", "app", "App", "app2")
REFS: Final = ("refs/heads/main", "refs/tags/main", "refs/heads/main2", "main")
FILES: Final = (".github/workflows/x.yml", ".github/workflows/x.yml2", "x.yml")
ISSUERS: Final = (GITHUB_ISSUER, f"{GITHUB_ISSUER}/octo", SANDBOX_ISSUER)

REPOSITORIES = st.builds(
    lambda server, owner, name: f"{server}/{owner}/{name}",
    st.sampled_from(SERVERS),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
)
WORKFLOWS = st.builds(
    lambda repository, file, ref: f"{repository}/{file}@{ref}",
    REPOSITORIES,
    st.sampled_from(FILES),
    st.sampled_from(REFS),
)
PREDICATE: Final = "https://example.com/own/v1"
STATEMENT: Final = own_statement({"says": "something"})


def lower(text: str) -> str:
    """Return a URI with owner and repository in lower case."""
    parts = text.split("/")
    return "/".join([*parts[:3], *(part.lower() for part in parts[3:5]), *parts[5:]])


@settings(max_examples=300)
@given(
    st.one_of(REPOSITORIES, st.just("https://github.com/octo/app")),
    st.one_of(WORKFLOWS, st.just("https://github.com/octo/app/x.yml@refs/heads/main")),
    st.sampled_from(REFS),
    st.sampled_from(ISSUERS),
    st.booleans(),
    st.sampled_from(
        [
            {},
            {"source_branch": "main"},
            {"source_tag": "main"},
            {"signer_repo": "octo/App"},
            {"signer_repo": "octo/app2"},
            {"signer_workflow": "octo/app/x.yml"},
            {"signer_workflow": "octo/app/x.yml@refs/heads/main"},
        ]
    ),
    st.booleans(),
)
def test_what_repo_accepts_is_what_the_manual_says(
    source: str,
    workflow: str,
    ref: str,
    issuer: str,
    root_is_sandbox: bool,  # noqa: FBT001 (drawn by hypothesis)
    words: dict[str, Any],
    named_sandbox: bool,  # noqa: FBT001 (drawn by hypothesis)
) -> None:
    """One signer, one policy: the same answer from both readings."""
    signer = replace(
        signer_of(),
        subject_alternative_name=workflow,
        build_signer_uri=workflow,
        source_repository_uri=source,
        source_repository_ref=ref,
        issuer=issuer,
    )
    verified = replace(proved(STATEMENT, signer), sandbox=root_is_sandbox)
    policy = Policy.make(repo="octo/app", predicate_type=PREDICATE, sandbox=named_sandbox, **words)
    digests = (STATEMENT.subjects[0].digests[0],)
    assert digests == (DIGEST,)

    server = SANDBOX_SERVER if named_sandbox else "https://github.com"
    expected = (
        root_is_sandbox is named_sandbox
        and issuer == (SANDBOX_ISSUER if named_sandbox else GITHUB_ISSUER)
        and lower(source) == f"{server}/octo/app"
        and signs_rightly(workflow, server, words)
        and {"source_branch": "refs/heads/main", "source_tag": "refs/tags/main"}.get(
            next(iter(words), ""), ref
        )
        == ref
    )
    assert evaluate(verified, digests, policy).accepted is expected


def signs_rightly(workflow: str, server: str, words: dict[str, Any]) -> bool:
    """Tell whether a workflow may sign, read plainly."""
    where, _, ref = lower(workflow).partition("@")
    if "signer_workflow" in words:
        wanted, _, wanted_ref = words["signer_workflow"].partition("@")
        refs = [wanted_ref] if wanted_ref else [r for r in REFS if r.startswith("refs/")]
        return where == f"{server}/{wanted}" and ref in refs
    repository = words.get("signer_repo", "octo/app").lower()
    return where.startswith(f"{server}/{repository}/")
