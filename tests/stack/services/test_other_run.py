"""What token A says under a certificate that Fulcio made of token B: never accepted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from slsa_gen.github.context import build_context
from slsa_gen.provenance.build_types.github_workflow import GithubWorkflow
from tests.stack.services import proxy
from tests.stack.services.issuer import CLAIMS, REPOSITORY, SERVER
from tests.stack.services.workshop import Workshop, reasons

if TYPE_CHECKING:
    from tests.stack.services.runs import Run

pytestmark = pytest.mark.network

PROVENANCE: Final = "https://slsa.dev/provenance/v1"

#: Each claim that the predicate repeats, with what another run's token says.
IN_PREDICATE: Final[dict[str, str]] = {
    "ref": "refs/heads/other",
    "sha": "b" * 40,
    "repository": "octo-org/other",
    "repository_id": "99",
    "repository_owner_id": "98",
    "event_name": "push",
    "workflow_ref": f"{REPOSITORY}/.github/workflows/other.yml@refs/tags/v1.2.3",
    "job_workflow_ref": f"{REPOSITORY}/.github/workflows/other.yml@refs/tags/v1.2.3",
    "runner_environment": "self-hosted",
    "run_id": "97",
    "run_attempt": "3",
}
#: What else differs then, since a token that contradicts itself is refused as such.
TOGETHER: Final[dict[str, dict[str, str]]] = {
    "ref": {"workflow_ref": f"{REPOSITORY}/.github/workflows/release.yml@refs/heads/other"},
    "repository": {"workflow_ref": "octo-org/other/.github/workflows/release.yml@refs/tags/v1.2.3"},
}
#: The other claims that a certificate repeats.
IN_CERTIFICATE: Final[dict[str, str]] = {
    "repository_owner": "other-org",
    "repository_visibility": "private",
    "workflow_sha": "c" * 40,
    "job_workflow_sha": "d" * 40,
    "environment": "production",
    "sub": "repo:octo-org/other:ref:refs/heads/other",
}


@pytest.mark.sampled
@pytest.mark.parametrize("claim", [*IN_PREDICATE, *IN_CERTIFICATE])
def test_a_certificate_for_another_token_is_refused_when_signing(run: Run, claim: str) -> None:
    """Somebody between us and Fulcio swaps the token: nothing is written."""
    run.cli.write("app")
    value = {**IN_PREDICATE, **IN_CERTIFICATE}[claim]
    other = run.stack.issuer.issue({**CLAIMS, claim: value}, "sigstore")

    def swap(fields: dict[str, str]) -> None:
        assert fields["Authorization"] != f"Bearer {other}"
        fields["Authorization"] = f"Bearer {other}"

    with proxy.before(run.stack.ports["fulcio"], swap) as between:
        config = json.loads(run.documents.client_config.read_bytes())
        config["signingConfig"]["caUrls"][0]["url"] = between.url
        outcome = run.cli(
            "attest", "--sigstore", str(run.cli.write("c.json", json.dumps(config))), "app"
        )

    assert (outcome.code, outcome.reason) == (3, "signing.certificate-mismatch")
    assert not list(run.cli.folder.glob("*.jsonl"))


@pytest.mark.sampled
@pytest.mark.parametrize("claim", IN_PREDICATE)
def test_a_predicate_of_another_run_is_refused_before_anything_is_signed(
    run: Run, claim: str
) -> None:
    """A predicate of one's own that is provenance passes the same comparison."""
    shop = Workshop(run)
    run.begin(**{claim: IN_PREDICATE[claim]}, **TOGETHER.get(claim, {}))

    outcome = run.cli(
        *("attest", "--sigstore", run.sigstore, "--allow-event", "push", "app"),
        *("--predicate-type", PROVENANCE, "--predicate-path", str(shop.predicate)),
    )

    assert (outcome.code, outcome.reason) == (2, "usage.provenance")
    assert not list(run.cli.folder.glob("*.jsonl"))


@pytest.mark.sampled
@pytest.mark.parametrize("claim", IN_PREDICATE)
def test_it_is_refused_when_verifying(run: Run, claim: str) -> None:
    """Fulcio certifies token B, cosign signs the predicate of token A: verify sees it."""
    shop = Workshop(run)
    run.begin(**{claim: IN_PREDICATE[claim]})
    bundle = shop.signers.cosign(
        predicate=shop.predicate, predicate_type=PROVENANCE, artifact=shop.artifact
    )

    repository = IN_PREDICATE["repository"] if claim == "repository" else REPOSITORY
    outcome = shop.judged(bundle, repository=repository)

    assert outcome.code == 1, outcome.out
    assert reasons(outcome) == {"predicate.certificate-mismatch"}


def test_every_field_of_our_predicate_is_among_the_claims_tried() -> None:
    """With all of them changed, nothing of the predicate but the build type's name is as it was."""
    claims = {"iss": "https://token.example.org", **CLAIMS}
    others = {
        **claims,
        **IN_PREDICATE,
        "workflow_ref": "octo-org/other/.github/workflows/other.yml@refs/heads/other",
    }
    build_type = GithubWorkflow()

    first = _leaves(build_type.predicate(build_context(claims, SERVER)))
    second = _leaves(build_type.predicate(build_context(others, SERVER)))

    assert first.keys() == second.keys()
    assert [path for path in first if first[path] == second[path]] == [".buildDefinition.buildType"]


def _leaves(value: Any, path: str = "") -> dict[str, str]:  # noqa: ANN401 (any JSON)
    if isinstance(value, dict):
        return {k: v for n, x in value.items() for k, v in _leaves(x, f"{path}.{n}").items()}
    if isinstance(value, list):
        return {k: v for n, x in enumerate(value) for k, v in _leaves(x, f"{path}.{n}").items()}
    return {path: str(value)}
