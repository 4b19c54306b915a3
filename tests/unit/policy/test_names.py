"""Names compare as GitHub compares them, and always in full."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.model.instance import GITHUB_SERVER, SANDBOX_SERVER
from slsa_gen.policy.names import (
    NameSyntaxError,
    RepositoryName,
    WorkflowName,
    owner_of_uri,
    parse_owner,
    same,
    split_uri,
)

REPOSITORY = RepositoryName("Octo", "App")
FILE = ".github/workflows/build.yml"
WORKFLOW = f"octo/app/{FILE}"
URI = f"{GITHUB_SERVER}/octo/app/{FILE}"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("octo", "OCTO", True),
        ("octo", "octo", True),
        ("octo", "octo2", False),
        ("k", "\u212a", False),  # the Kelvin sign, whose lower case is k
        ("\u0130", "\u0130", True),
        ("\u0130", "i\u0307", False),
    ],
)
def test_case_is_that_of_ascii_letters_alone(one: str, other: str, expected: bool) -> None:  # noqa: FBT001 (a table's column)
    """Unicode's other cases would make two names of one."""
    assert same(one, other) is expected


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("octo/app", GITHUB_SERVER),
        ("github.com/octo/app", GITHUB_SERVER),
        ("sandbox.slsa-gen.invalid/octo/app", SANDBOX_SERVER),
    ],
)
def test_a_repository_is_read_with_its_own_host_or_none(text: str, server: str) -> None:
    """The host may stand before it, as with gh."""
    assert RepositoryName.parse(text, server) == RepositoryName("octo", "app")
    assert str(RepositoryName.parse(text, server)) == "octo/app"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "octo",
        "octo/",
        "/app",
        "octo/app/",
        "octo/app/more",
        "octo/..",
        "octo/.",
        "-octo/app",
        "octo/a b",
        "octo/app\n",
        "https://github.com/octo/app",
        "example.com/octo/app",
        "\u006fcto/\u0430pp",
    ],
)
def test_anything_else_is_no_repository(text: str) -> None:
    """Also not one with another server's host."""
    with pytest.raises(NameSyntaxError):
        RepositoryName.parse(text, GITHUB_SERVER)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        (f"{GITHUB_SERVER}/octo/app", True),
        (f"{GITHUB_SERVER}/OCTO/aPP", True),
        (f"{GITHUB_SERVER}/octo/app2", False),
        (f"{GITHUB_SERVER}/octo/app/", False),
        (f"{GITHUB_SERVER}/octo/app/x", False),
        (f"{GITHUB_SERVER}/octo", False),
        (f"{GITHUB_SERVER}.evil.example/octo/app", False),
        ("https://GitHub.com/octo/app", False),
        ("http://github.com/octo/app", False),
        (f"{SANDBOX_SERVER}/octo/app", False),
        (f"{GITHUB_SERVER}//octo/app", False),
        ("", False),
    ],
)
def test_a_repository_uri_is_compared_in_full(uri: str, expected: bool) -> None:  # noqa: FBT001 (a table's column)
    """The server exactly, the names without regard to case, and nothing after them."""
    assert REPOSITORY.is_named_by(uri, GITHUB_SERVER) is expected


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        (f"{URI}@refs/heads/main", True),
        (f"{GITHUB_SERVER}/octo/app", False),
        (f"{GITHUB_SERVER}/octo/app2/{FILE}@refs/heads/main", False),
        (f"{GITHUB_SERVER}/evil/octo/app/{FILE}@refs/heads/main", False),
    ],
)
def test_a_workflow_lies_in_its_repository(uri: str, expected: bool) -> None:  # noqa: FBT001 (a table's column)
    """A longer name that begins alike is another's."""
    assert REPOSITORY.holds(uri, GITHUB_SERVER) is expected


SHA = "a" * 40


@pytest.mark.parametrize(
    ("text", "path", "ref"),
    [
        (WORKFLOW, FILE, None),
        (f"github.com/{WORKFLOW}", FILE, None),
        (f"{WORKFLOW}@refs/tags/v1", FILE, "refs/tags/v1"),
        (f"{WORKFLOW}@refs/heads/a@b", FILE, "refs/heads/a@b"),
        (f"{WORKFLOW}@{SHA}", FILE, SHA),
        ("octo/app/.github/workflows/b.yaml", ".github/workflows/b.yaml", None),
    ],
)
def test_a_workflow_is_read(text: str, path: str, ref: str | None) -> None:
    """With a full ref, a commit, or neither."""
    found = WorkflowName.parse(text, GITHUB_SERVER)
    assert (found.path, found.ref) == (path, ref)
    assert str(found) == text.removeprefix("github.com/")


@pytest.mark.parametrize(
    "text",
    [
        "octo/app",
        "octo/app/",
        "octo/app/build.txt",
        f"{WORKFLOW}@v1",
        f"{WORKFLOW}@",
        f"{WORKFLOW}@refs/",
        f"example.com/{WORKFLOW}",
        f"https://github.com/{WORKFLOW}",
        ".*",
    ],
)
def test_anything_else_is_no_workflow(text: str) -> None:
    """A short ref could mean a tag or a branch, so it is not guessed."""
    with pytest.raises(NameSyntaxError):
        WorkflowName.parse(text, GITHUB_SERVER)


@pytest.mark.parametrize(
    ("workflow", "uri", "expected"),
    [
        (WORKFLOW, f"{URI}@refs/heads/main", True),
        (WORKFLOW, f"{URI}@{SHA}", True),
        (WORKFLOW, f"{URI}@refs/heads/a@b", True),
        (WORKFLOW, f"{GITHUB_SERVER}/OCTO/App/{FILE}@refs/heads/main", True),
        (WORKFLOW, f"{GITHUB_SERVER}/octo/app/{FILE.upper()}@refs/heads/main", False),
        (WORKFLOW, URI, False),
        (WORKFLOW, f"{URI}@main", False),
        (WORKFLOW, f"{URI}@evil.yml@refs/heads/main", False),
        (WORKFLOW, f"{URI}x@refs/heads/main", False),
        (WORKFLOW, f"{GITHUB_SERVER}/octo/app/x/{FILE}@refs/heads/main", False),
        (WORKFLOW, f"{SANDBOX_SERVER}/octo/app/{FILE}@refs/heads/main", False),
        (f"{WORKFLOW}@refs/tags/v1", f"{URI}@refs/tags/v1", True),
        (f"{WORKFLOW}@refs/tags/v1", f"{URI}@refs/tags/v10", False),
        (f"{WORKFLOW}@refs/tags/v1", f"{URI}@refs/tags/V1", False),
        (f"{WORKFLOW}@refs/tags/v1", f"{URI}@refs/heads/v1", False),
        ("octo/app/.github/workflows/b.yml", f"{URI}@refs/heads/main", False),
        # A point is a point: peers read this as a regular expression.
        ("octo/app/.github/workflows/build.yml", f"{URI.replace('.yml', 'xyml')}@{SHA}", False),
    ],
)
def test_a_workflow_is_compared_in_full(workflow: str, uri: str, expected: bool) -> None:  # noqa: FBT001 (a table's column)
    """No part of a name stands for the whole of another."""
    found = WorkflowName.parse(workflow, GITHUB_SERVER)
    assert found.is_named_by(uri, GITHUB_SERVER) is expected


@pytest.mark.parametrize("text", ["", "-a", "a/b", "a b", "a.b", "\u0430"])
def test_an_owner_is_one_name(text: str) -> None:
    """What GitHub could not have given to anyone is refused."""
    with pytest.raises(NameSyntaxError):
        parse_owner(text)
    assert owner_of_uri(f"{GITHUB_SERVER}/{text}", GITHUB_SERVER) is None


def test_an_owners_uri_names_one_owner() -> None:
    """Enterprise accounts have an underscore in their names."""
    assert parse_owner("octo_corp") == "octo_corp"
    assert owner_of_uri(f"{GITHUB_SERVER}/octo_corp", GITHUB_SERVER) == "octo_corp"
    assert owner_of_uri(f"{SANDBOX_SERVER}/octo", GITHUB_SERVER) is None


@given(st.text(max_size=60))
def test_whatever_a_uri_is_it_is_split_or_not(text: str) -> None:
    """Three parts that make up the whole again, or none."""
    for uri in (text, f"{GITHUB_SERVER}/{text}"):
        found = split_uri(uri, GITHUB_SERVER)
        if found is not None:
            assert uri == "/".join(part for part in (GITHUB_SERVER, *found) if part)
