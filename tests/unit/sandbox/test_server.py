"""The served sandbox: its services on one port, its runs, its instance."""

from __future__ import annotations

import json
import sqlite3
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import jwt
import pytest

from slsa_gen.clock import SystemClock
from slsa_gen.errors import ServiceError
from slsa_gen.sandbox import lifecycle
from slsa_gen.sandbox.folder import DATABASE, trusted_instance
from slsa_gen.sandbox.server import Sandbox
from tests.support.sandboxes import ENVIRONMENT, REPOSITORY, make_checkout

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.network


def get(sandbox: Sandbox, path: str, *, method: str = "GET", bearer: str = "") -> tuple[int, Any]:
    """Ask and return status and document."""
    connection = HTTPConnection(sandbox.base_url.removeprefix("http://"), timeout=10)
    headers = {"Authorization": f"bearer {bearer}"} if bearer else {}
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def token(sandbox: Sandbox, variables: dict[str, str], query: str = "&audience=sigstore") -> Any:  # noqa: ANN401 (claims)
    """Ask for a token as a client does, and return its claims."""
    url = variables["ACTIONS_ID_TOKEN_REQUEST_URL"].removeprefix(sandbox.base_url)
    bearer = variables["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
    status, document = get(sandbox, f"{url}{query}", bearer=bearer)
    assert status == 200
    keys = jwt.PyJWKSet.from_dict(get(sandbox, "/.well-known/jwks")[1])
    kid = jwt.get_unverified_header(document["value"])["kid"]
    return jwt.decode(document["value"], keys[kid], options={"verify_aud": False})


def test_the_token_endpoint_knows_its_run(sandbox: Sandbox, tmp_path: Path) -> None:
    """Claims of the checkout, for the audience that was asked for."""
    commit = make_checkout(tmp_path)
    claims = token(sandbox, sandbox.run_variables(tmp_path))
    assert claims["aud"] == "sigstore"
    assert (claims["repository"], claims["sha"]) == (REPOSITORY, commit)
    assert claims["ref"] == "refs/heads/main"


def test_without_an_audience_it_is_the_owner(sandbox: Sandbox, tmp_path: Path) -> None:
    """As GitHub's: such a token is of no use to a certificate authority."""
    claims = token(sandbox, sandbox.run_variables(tmp_path), query="")
    assert claims["aud"] == "https://sandbox.slsa-gen.invalid/sandbox"


@pytest.mark.parametrize("bearer", ["", "wrong", "\u00e9"])
def test_the_token_endpoint_asks_for_the_runs_secret(
    sandbox: Sandbox, tmp_path: Path, bearer: str
) -> None:
    """No run, no token."""
    sandbox.run_variables(tmp_path)
    status, document = get(sandbox, "/token?run=1&audience=sigstore", bearer=bearer)
    assert status == 401
    assert "value" not in document


def test_each_run_has_a_number_that_grows(sandbox_folder: Path, tmp_path: Path) -> None:
    """Also over several commands; its secret is its own and opens its own claims."""
    numbers = []
    for _ in range(2):
        with Sandbox(sandbox_folder, SystemClock(), environment=ENVIRONMENT) as served:
            runs = [served.run_variables(tmp_path) for _ in range(2)]
            claims = [token(served, variables) for variables in runs]
        numbers += [int(c["run_id"]) for c in claims]
        assert [c["run_id"] for c in claims] == [v["GITHUB_RUN_ID"] for v in runs]
    assert numbers == [1, 2, 3, 4]


def test_the_instance_names_the_live_services(sandbox: Sandbox) -> None:
    """Signing configuration by address, trusted root by name; the rest as without a server."""
    instance = sandbox.instance()
    config = json.loads(instance.signing_config or b"")
    for services in ("caUrls", "rekorTlogUrls", "oidcUrls"):
        assert config[services][0]["url"] == sandbox.base_url
    trusted = trusted_instance(sandbox.folder)
    assert (instance.trusted_root, instance.issuer) == (trusted.trusted_root, trusted.issuer)
    assert sandbox.base_url.startswith("http://127.0.0.1:")


def test_discovery_leads_to_the_keys(sandbox: Sandbox) -> None:
    """The same keys as in the instance."""
    document = get(sandbox, "/.well-known/openid-configuration")[1]
    path = document["jwks_uri"].removeprefix(sandbox.base_url)
    issuer = sandbox.instance().issuer
    assert issuer is not None
    assert get(sandbox, path)[1] == json.loads(issuer.jwks or b"")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/api/v1/log", 200),
        ("GET", "/api/v2/trustBundle", 200),
        ("GET", "/", 404),
        ("GET", "/api/v2/signingCert", 404),
        ("POST", "/token", 415),
        ("GET", "/api/v1/log/entries/xyz", 400),
        ("GET", "/api/v1/log/entries?logIndex=0", 404),
    ],
)
def test_routes(sandbox: Sandbox, method: str, path: str, status: int) -> None:
    """Each path with its method, and no other."""
    assert get(sandbox, path, method=method)[0] == status


def test_a_log_that_fails_is_a_failing_service(sandbox: Sandbox) -> None:
    """A client sees a 500, as it would of a real one, and the sandbox goes on."""
    database = sqlite3.connect(sandbox.folder / DATABASE)
    database.execute("ALTER TABLE entries RENAME TO hidden")
    status, document = get(sandbox, "/api/v1/log")
    database.execute("ALTER TABLE hidden RENAME TO entries")
    database.close()
    assert status == 500
    assert "no such table" in document["message"]
    assert get(sandbox, "/api/v1/log")[0] == 200


def test_a_start_that_fails_leaves_nothing_open(
    sandbox_folder: Path,
) -> None:
    """The folder's lock is free again, so that it can be removed."""
    (sandbox_folder / DATABASE).write_bytes(b"x" * 5000)
    with (
        pytest.raises(ServiceError, match="cannot be used"),
        Sandbox(sandbox_folder, SystemClock()),
    ):
        pass
    assert lifecycle.reset(sandbox_folder)


def test_the_processes_environment_is_the_default(sandbox_folder: Path, tmp_path: Path) -> None:
    """Git is found by PATH when no environment is handed in."""
    make_checkout(tmp_path)
    with Sandbox(sandbox_folder, SystemClock()) as served:
        assert served.run_variables(tmp_path)["GITHUB_REPOSITORY"] == REPOSITORY


def test_the_sandboxs_person_has_tokens_of_their_own(sandbox: Sandbox, tmp_path: Path) -> None:
    """With a secret of their own, and nothing of a run in them."""
    run, person = sandbox.run_variables(tmp_path), sandbox.person_variables()
    claims = token(sandbox, person)

    assert claims["email"] == "sandbox@sandbox.slsa-gen.invalid"
    assert claims["email_verified"] is True
    assert not {"repository", "job_workflow_ref", "run_id"} & claims.keys()
    secrets = [v["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] for v in (run, person)]
    assert len(set(secrets)) == 2
    assert token(sandbox, person, query="")["aud"] == "https://sandbox.slsa-gen.invalid"
