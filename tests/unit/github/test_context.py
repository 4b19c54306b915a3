"""From claims to a context: every claim, missing, malformed and contradicting another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import ClaimsError, ContextError
from slsa_gen.github.claims import OPTIONAL, SHAPES
from slsa_gen.github.context import build_context
from slsa_gen.model.digest import Digest
from slsa_gen.model.identity import BUILD_FIELDS, BuildContext
from slsa_gen.model.instance import GITHUB_ISSUER, GITHUB_SERVER, SANDBOX_SERVER
from slsa_gen.model.statement import SLSA_PROVENANCE_V1
from slsa_gen.model.subject import Subject
from slsa_gen.provenance.build_types import lookup
from slsa_gen.provenance.build_types.github_workflow import GITHUB_WORKFLOW
from slsa_gen.provenance.statement import encode
from slsa_gen.reasons import Reason
from tests.unit.github.claims import CLAIMS

ASSETS: Final = Path(__file__).parents[2] / "assets" / "claims"

#: GitHub's documentation of the token, and what Fulcio makes its extensions from.
NEEDED: Final = [
    *("iss", "ref", "sha", "repository", "repository_id", "repository_owner"),
    *("repository_owner_id", "repository_visibility", "event_name", "job_workflow_ref"),
    *("job_workflow_sha", "workflow", "workflow_ref", "workflow_sha", "runner_environment"),
    *("run_id", "run_attempt", "sub"),
]

#: A value of the wrong shape for each claim, and then some that are wrong in subtle ways.
MALFORMED: Final = [
    ("iss", "http://token.actions.githubusercontent.com"),
    ("iss", f"{GITHUB_ISSUER}/"),
    ("repository", "octo-repo"),
    ("repository", "octo-org/.."),
    ("repository", "../octo-repo"),
    ("repository", "octo-org/octo-repo/more"),
    ("repository", "octo-org/octo repo"),
    ("repository", "octo-org/octo-repo\n"),
    ("repository_id", "-74"),
    ("repository_id", "74\n"),
    ("repository_id", "٧٤"),
    ("repository_owner", "octo/org"),
    ("repository_owner_id", "0x41"),
    ("repository_visibility", "Public"),
    ("ref", "main"),
    ("ref", "refs/heads/"),
    ("ref", "refs/heads/a b"),
    ("ref", "refs/heads/a..b"),
    ("ref", "refs/heads/a@{1}"),
    ("ref", "refs/heads/a\u202eb"),
    ("sha", "a" * 39),
    ("sha", "A" * 40),
    ("sha", "g" * 40),
    ("sha", "a" * 40 + "\n"),
    ("event_name", "Push"),
    ("event_name", "pull-request"),
    ("workflow", "x" * 5000),
    ("workflow_ref", "octo-org/octo-repo/@refs/tags/pkg@1.0.0"),
    ("workflow_ref", "octo-org/octo-repo/../x.yml@refs/tags/pkg@1.0.0"),
    ("workflow_sha", "b" * 41),
    ("job_workflow_ref", "octo-org/octo-automation/.github/workflows/build.yml"),
    ("job_workflow_ref", "octo-org/octo-automation/.github/workflows/build.yml@main"),
    ("job_workflow_ref", "https://github.com/o/r/.github/workflows/build.yml@refs/heads/main"),
    ("job_workflow_sha", ""),
    ("runner_environment", "GitHub Actions"),
    ("run_id", "12.5"),
    ("run_attempt", "first"),
]


def _with(name: str, value: object) -> dict[str, object]:
    return {**CLAIMS, name: value}


def test_every_claim_that_provenance_needs_has_a_shape() -> None:
    """The list of needed claims is that of GitHub's documentation, no more and no less."""
    assert sorted(SHAPES.keys() - OPTIONAL) == sorted(NEEDED)


def test_every_field_comes_from_its_claim() -> None:
    """Each field of the context is the claim that the certificate's field is made from."""
    expected = BuildContext(
        issuer=GITHUB_ISSUER,
        build_signer_uri=(
            "https://github.com/octo-org/octo-automation/.github/workflows/build.yml@refs/tags/v2"
        ),
        build_signer_digest="c" * 40,
        runner_environment="github-hosted",
        source_repository_uri="https://github.com/octo-org/octo-repo",
        source_repository_digest="a" * 40,
        source_repository_ref="refs/tags/pkg@1.0.0",
        source_repository_identifier="74",
        source_repository_owner_uri="https://github.com/octo-org",
        source_repository_owner_identifier="65",
        build_config_uri=(
            "https://github.com/octo-org/octo-repo/.github/workflows/release@v1.yml"
            "@refs/tags/pkg@1.0.0"
        ),
        build_config_digest="b" * 40,
        build_trigger="push",
        run_invocation_uri=(
            "https://github.com/octo-org/octo-repo/actions/runs/1234567890/attempts/2"
        ),
        source_repository_visibility_at_signing="public",
        token_subject=str(CLAIMS["sub"]),
    )

    assert expected == build_context(CLAIMS, GITHUB_SERVER)


@pytest.mark.parametrize("value", ["production", "prod \N{PARTY POPPER} / eu"])
def test_a_run_may_have_a_deployment_environment(value: str) -> None:
    """Most have none; its name is almost anybody's text."""
    assert build_context(CLAIMS, GITHUB_SERVER).deployment_environment is None
    found = build_context(_with("environment", value), GITHUB_SERVER)
    assert found.deployment_environment == value


@pytest.mark.parametrize("value", ["", None, 1, "a\u200db", "x" * 5000])
def test_a_deployment_environment_that_is_no_text_is_refused(value: object) -> None:
    """A claim that is there must be what it should be, also one that may be left out."""
    with pytest.raises(ClaimsError, match="the claim 'environment'"):
        build_context(_with("environment", value), GITHUB_SERVER)


@pytest.mark.parametrize(("ref", "written"), [("100%", False), ("a%zz", False), ("a%20b", True)])
def test_a_name_that_no_certificate_can_carry_is_refused_before_it_is_asked_for(
    ref: str, *, written: bool
) -> None:
    """Fulcio parses the name as a URL: a percent sign must begin an escape."""
    workflow = f"octo-org/octo-repo/.github/workflows/release.yml@refs/heads/{ref}"
    changes = {"ref": f"refs/heads/{ref}", "workflow_ref": workflow, "job_workflow_ref": workflow}
    if written:
        context = build_context({**CLAIMS, **changes}, GITHUB_SERVER)
        assert context.source_repository_ref == changes["ref"]
        return
    with pytest.raises(ClaimsError, match="each % begins an escape") as caught:
        build_context({**CLAIMS, **changes}, GITHUB_SERVER)

    assert caught.value.claim == "job_workflow_ref"
    assert "rename the branch" in caught.value.hint


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_claim_is_named(name: str) -> None:
    """Without any one claim there is no context, and the error says which is missing."""
    claims = {key: value for key, value in CLAIMS.items() if key != name}

    with pytest.raises(ClaimsError, match=f"the claim '{name}' .* is missing; expected ") as caught:
        build_context(claims, GITHUB_SERVER)

    assert name == caught.value.claim
    assert caught.value.reason == Reason.CONTEXT_CLAIM
    assert caught.value.hint


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "null"),
        (74, "a number"),
        (True, "a boolean"),
        ({"a": "b"}, "an object"),
        (["push"], "an array"),
    ],
)
def test_a_claim_that_is_no_text_is_named(name: str, value: object, kind: str) -> None:
    """A claim of another type is never turned into text."""
    with pytest.raises(ClaimsError, match=f"'{name}' .* is no text but {kind}") as caught:
        build_context(_with(name, value), GITHUB_SERVER)

    assert name == caught.value.claim


@pytest.mark.parametrize("name", NEEDED)
def test_an_empty_claim_is_named(name: str) -> None:
    """An empty claim is as good as none."""
    with pytest.raises(ClaimsError) as caught:
        build_context(_with(name, ""), GITHUB_SERVER)

    assert name == caught.value.claim


@pytest.mark.parametrize(("name", "value"), MALFORMED)
def test_a_claim_of_another_shape_is_named(name: str, value: str) -> None:
    """A malformed claim is refused, and its text cannot disturb the terminal."""
    with pytest.raises(ClaimsError) as caught:
        build_context(_with(name, value), GITHUB_SERVER)

    assert name == caught.value.claim
    assert caught.value.message.isprintable()
    assert "; expected " in caught.value.message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("repository_owner", "other-org"),
        ("workflow_ref", "other/repo/.github/workflows/x.yml@refs/tags/pkg@1.0.0"),
        ("workflow_ref", "octo-org/octo-repo/.github/workflows/x.yml@refs/heads/main"),
    ],
)
def test_claims_that_contradict_one_another_are_refused(name: str, value: str) -> None:
    """The owner is the repository's, and the workflow a file of the repository at the ref."""
    with pytest.raises(ClaimsError) as caught:
        build_context(_with(name, value), GITHUB_SERVER)

    assert name == caught.value.claim


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("iss", f"{GITHUB_ISSUER}/octo-enterprise"),
        ("sha", "0123456789abcdef" * 4),
        ("workflow", "Build \U0001f469\u200d\U0001f4bb and ship\t2"),
        ("job_workflow_ref", f"octo-org/a.b/.github/workflows/x y@1.yml@{'d' * 40}"),
        ("repository_visibility", "internal"),
        ("runner_environment", "self-hosted"),
        ("event_name", "workflow_dispatch"),
    ],
)
def test_unusual_but_right_claims_are_taken(name: str, value: str) -> None:
    """What GitHub allows is not refused."""
    build_context(_with(name, value), GITHUB_SERVER)


@pytest.mark.parametrize("server", [GITHUB_SERVER, SANDBOX_SERVER, "https://octo.ghe.com"])
def test_uris_begin_with_the_server(server: str) -> None:
    """Every URI of the run is one of its server."""
    context = build_context(CLAIMS, server)

    uris = [getattr(context, name) for name in BUILD_FIELDS if name.endswith("_uri")]
    assert len(uris) == 5
    assert all(uri.startswith(f"{server}/octo-org") for uri in uris)


@pytest.mark.parametrize(
    "server",
    [
        "",
        "http://github.com",
        "https://github.com/",
        "https://GitHub.com",
        "https://github.com\n",
        "https://user@github.com",
        "https://github.com/x",
        "javascript:alert(1)",
    ],
)
def test_another_kind_of_server_url_is_refused(server: str) -> None:
    """The server is https://HOST and nothing else."""
    with pytest.raises(ContextError, match="the server's URL is") as caught:
        build_context(CLAIMS, server)

    assert caught.value.reason == Reason.CONTEXT_SERVER
    assert caught.value.message.isprintable()


@given(st.sampled_from(NEEDED), st.text(max_size=60))
def test_no_claim_brings_in_blanks_controls_or_climbing(name: str, value: str) -> None:
    """Whatever a claim says, no field of an accepted context holds what could mislead."""
    if name == "workflow":
        return
    try:
        context = build_context(_with(name, value), GITHUB_SERVER)
    except ClaimsError as error:
        assert name in {error.claim, "repository", "ref"}  # noqa: PT017 (others follow these)
        return
    for field in (*BUILD_FIELDS, "token_subject"):
        text = getattr(context, field)
        assert text
        assert text.isprintable()
        assert "/../" not in text


@pytest.mark.parametrize("case", sorted(path.stem for path in ASSETS.glob("*.claims.json")))
def test_claims_become_exactly_these_bytes(case: str) -> None:
    """Golden files: claims in, the bytes of the statement out."""
    document = json.loads((ASSETS / f"{case}.json").read_text())
    build_type = lookup(GITHUB_WORKFLOW)
    assert build_type is not None
    context = build_context(document["claims"], document["server"])
    subject = Subject("app.tar.gz", (Digest.make("sha256", "0f" * 32),))

    statement = encode([subject], SLSA_PROVENANCE_V1, build_type.predicate(context))

    golden = ASSETS / f"{case.removesuffix('.claims')}.statement.json"
    assert golden.read_bytes() == statement.payload + b"\n"


def test_there_are_golden_files() -> None:
    """The parametrised test above would pass with an empty folder."""
    assert len(list(ASSETS.glob("*.claims.json"))) == 3
