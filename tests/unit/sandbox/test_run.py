"""A run: its claims and its variables say the same, in GitHub's words."""

from __future__ import annotations

from slsa_gen.model.instance import SANDBOX_SERVER
from slsa_gen.sandbox.checkout import Checkout
from slsa_gen.sandbox.run import Run, stable_id

HERE = Checkout("octo-org/octo-repo", "refs/heads/feature/x", "a" * 40)
#: What a provenance needs of a token.
NEEDED = (
    *("ref", "sha", "repository", "repository_id", "repository_owner", "repository_owner_id"),
    *("repository_visibility", "event_name", "job_workflow_ref", "job_workflow_sha"),
    *("workflow", "workflow_ref", "workflow_sha", "runner_environment", "run_id", "run_attempt"),
)


def test_every_needed_claim_is_there() -> None:
    """Each is a text, as in GitHub's tokens."""
    claims = Run(7, HERE).claims
    assert all(isinstance(claims[name], str) and claims[name] for name in NEEDED)
    workflow = "octo-org/octo-repo/.github/workflows/sandbox.yml@refs/heads/feature/x"
    assert claims["workflow_ref"] == claims["job_workflow_ref"] == workflow
    assert claims["sub"] == "repo:octo-org/octo-repo:ref:refs/heads/feature/x"
    assert claims["runner_environment"] == "self-hosted"
    assert (claims["repository_visibility"], claims["event_name"]) == ("public", "push")
    assert (claims["run_id"], claims["run_attempt"]) == ("7", "1")


def test_variables_repeat_the_claims() -> None:
    """Where both exist they agree."""
    run = Run(7, HERE)
    variables = run.variables("http://127.0.0.1:5")
    for name, value in run.claims.items():
        variable = f"GITHUB_{name.upper()}"
        assert variables.get(variable, value) == value
    assert variables["GITHUB_REF_NAME"] == "feature/x"
    assert variables["GITHUB_SERVER_URL"] == SANDBOX_SERVER
    assert variables["GITHUB_ACTIONS"] == "true"


def test_the_token_url_takes_an_audience() -> None:
    """Clients append ``&audience=``, so the URL has a query already."""
    variables = Run(7, HERE).variables("http://127.0.0.1:5")
    assert variables["ACTIONS_ID_TOKEN_REQUEST_URL"] == "http://127.0.0.1:5/token?run=7"


def test_request_tokens_are_secrets() -> None:
    """Each run has its own, and no representation shows it."""
    first, second = Run(7, HERE), Run(7, HERE)
    assert first.request_token != second.request_token
    assert len(first.request_token) >= 40
    assert first.request_token not in repr(first)


def test_a_tags_run_says_tag() -> None:
    """The kind of ref follows from the ref."""
    run = Run(1, Checkout("o/r", "refs/tags/v1", "b" * 40))
    assert run.claims["ref_type"] == run.variables("")["GITHUB_REF_TYPE"] == "tag"
    assert Run(1, HERE).claims["ref_type"] == "branch"


def test_ids_stand_for_names_however_capitalised() -> None:
    """GitHub's names do not differ by case either."""
    assert stable_id("Octo-Org") == stable_id("octo-org") != stable_id("octo-org2")
    assert stable_id("octo-org").isdecimal()
