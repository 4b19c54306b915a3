"""The policy file: the options' words, read with line and column."""

from __future__ import annotations

import inspect
import json
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slsa_gen.errors import PolicyViolationError, UsageError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.policy.document import load, parse
from slsa_gen.policy.policy import Policy
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "version: 1\nartifacts:\n"
ALL = """\
version: 1
artifacts:
  - match: "*.whl"
    repo: octo/app
    repository-id: 12
    owner-id: "34"
    signer-workflow: octo/shared/.github/workflows/x.yml
    source-tag: v1.2.3
    source-digest: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    cert-oidc-issuer: https://issuer.example.com
    predicate-type: https://slsa.dev/provenance/v1
    build-type: https://example.com/build/v1
    allowed-parameters: [inputs, vars.x]
    deny-self-hosted-runners: true
  - match: "*.tar.gz"
    owner: octo
    signer-repo: octo/shared
    source-branch: main
  - match: "*.spdx.json"
    cert-identity: someone@example.com
    cert-oidc-issuer: https://accounts.example.com
    source-ref: refs/heads/main
"""


def test_a_file_makes_the_policies_that_the_options_make() -> None:
    """Every word means what the option of that name means."""
    document = parse(ALL.encode(), "policy.yaml")

    assert document.policy_for("dist/a.whl") == Policy.make(
        repo="octo/app",
        repository_id="12",
        owner_id="34",
        signer_workflow="octo/shared/.github/workflows/x.yml",
        source_tag="v1.2.3",
        source_digest="a" * 40,
        cert_oidc_issuer="https://issuer.example.com",
        predicate_type="https://slsa.dev/provenance/v1",
        build_type="https://example.com/build/v1",
        allowed_parameters=("inputs", "vars.x"),
        deny_self_hosted_runners=True,
    )
    assert document.policy_for("a.tar.gz") == Policy.make(
        owner="octo", signer_repo="octo/shared", source_branch="main"
    )
    assert document.policy_for("a.spdx.json") == Policy.make(
        cert_identity="someone@example.com",
        cert_oidc_issuer="https://accounts.example.com",
        source_ref="refs/heads/main",
    )


def test_the_schema_has_every_word_of_the_policy_and_no_other() -> None:
    """The file can say what the options can, and the sandbox is named by the root alone."""
    schema = json.loads(
        files("slsa_gen.policy").joinpath("schemas/policy.json").read_text(encoding="utf-8")
    )
    entry = schema["$defs"]["entry"]
    words = {name.replace("_", "-") for name in inspect.signature(Policy.make).parameters}
    assert set(entry["properties"]) == (words - {"sandbox"}) | {"match"}
    assert entry["required"] == ["match"]
    assert schema["required"] == ["version", "artifacts"]


def test_a_sandbox_reads_the_file_in_its_own_place() -> None:
    """The same file, with the sandbox's server and issuer."""
    document = parse(f"{HEAD}- {{match: a, repo: o/r}}".encode(), "p", sandbox=True)
    assert document.policy_for("a") == Policy.make(repo="o/r", sandbox=True)


def test_an_artifact_that_no_entry_matches_is_refused() -> None:
    """Nothing is expected of it, so nothing can be accepted."""
    document = parse(f"{HEAD}- {{match: a, repo: o/r}}".encode(), "policy.yaml")
    with pytest.raises(PolicyViolationError, match="says nothing about 'b'") as caught:
        document.policy_for("b")
    assert caught.value.reason is Reason.POLICY_NO_MATCH
    assert caught.value.exit_code == 1
    assert caught.value.hint == "Add to artifacts:\n  - match: 'b'\n    repo: OWNER/REPO"


@pytest.mark.parametrize("name", ["it's", "a: b #c", "{x}", "line\nend", "\u2028", "naïve"])
def test_the_entry_in_the_hint_matches_the_artifact(name: str) -> None:
    """Whatever its name holds, and nothing else becomes of the file."""
    document = parse(f"{HEAD}- {{match: other, repo: o/r}}".encode(), "policy.yaml")
    with pytest.raises(PolicyViolationError) as caught:
        document.policy_for(name)
    entry = caught.value.hint.removeprefix("Add to artifacts:").replace("OWNER/REPO", "o/r")
    assert parse(f"{HEAD}{entry}".encode(), "p").policy_for(name) == Policy.make(repo="o/r")


def test_an_artifact_that_two_entries_match_is_an_error_of_the_file() -> None:
    """Both are named with their lines; the order decides nothing."""
    text = f"{HEAD}- {{match: '*', repo: o/r}}\n- {{match: a, repo: o/s}}\n"
    document = parse(text.encode(), "policy.yaml")
    assert document.policy_for("b") == Policy.make(repo="o/r")
    with pytest.raises(UsageError, match="says two things about 'a'") as caught:
        document.policy_for("a")
    assert "'*' (line 3, column 3) and 'a' (line 4, column 3)" in caught.value.message
    assert caught.value.reason is Reason.POLICY_AMBIGUOUS
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "reason", "message"),
    [
        ("", Reason.POLICY_SYNTAX, "the file is empty"),
        ("a: &x 1", Reason.POLICY_SYNTAX, "line 1, column 4: anchors"),
        ("version: 1", Reason.POLICY_SCHEMA, "line 1, column 1: the key 'artifacts' is missing"),
        ("- 1", Reason.POLICY_SCHEMA, "the file must be a mapping (key: value)"),
        ("version: 2\nartifacts: [{match: x, repo: o/r}]", Reason.POLICY_SCHEMA, "the number 1"),
        ("version: '1'\nartifacts: [{match: x, repo: o/r}]", Reason.POLICY_SCHEMA, "the number 1"),
        (
            "version: 1\nartifacts: []",
            Reason.POLICY_SCHEMA,
            "line 2, column 12: artifacts is empty",
        ),
        ("version: 1\nartifacts: x", Reason.POLICY_SCHEMA, "artifacts must be a list (- item)"),
        (f"{HEAD}- x", Reason.POLICY_SCHEMA, "an item of artifacts must be a mapping"),
        (f"{HEAD}- {{repo: o/r}}", Reason.POLICY_SCHEMA, "line 3, column 3: the key 'match' is mi"),
        (
            f"{HEAD}- {{match: x, repo: o/r, source-tga: v1}}",
            Reason.POLICY_SCHEMA,
            "line 3, column 25: the key 'source-tga' is not known; 'source-tag' is",
        ),
        (
            f"{HEAD}- {{match: x, repo: o/r, zzz: v1}}",
            Reason.POLICY_SCHEMA,
            "line 3, column 25: the key 'zzz' is not known",
        ),
        (
            f"{HEAD}- {{match: x, repo: o/r, repo: o/s}}",
            Reason.POLICY_SYNTAX,
            "line 3, column 25: the key 'repo' stands here again",
        ),
        (
            f"{HEAD}- {{match: x, repo: o/r, source-tag: 1.0}}",
            Reason.POLICY_SYNTAX,
            "line 3, column 37: '1.0' is a number to YAML; write it in quotes: \"1.0\"",
        ),
        (
            f"{HEAD}- {{match: x, repo: o/r, source-tag: 3}}",
            Reason.POLICY_SCHEMA,
            "line 3, column 37: '3' is a number to YAML; write it in quotes: \"3\"",
        ),
        (
            f"{HEAD}- {{match: x, repo: o/r, source-tag: 2026-01-02}}",
            Reason.POLICY_SYNTAX,
            "'2026-01-02' is a date to YAML; write it in quotes",
        ),
        (
            f"{HEAD}- {{match: x, repo: o/r, source-branch: on}}",
            Reason.POLICY_SYNTAX,
            "'on' is a truth value to YAML; write it in quotes",
        ),
        (
            f"{HEAD}- {{match: x, repo: o/r, source-branch: true}}",
            Reason.POLICY_SCHEMA,
            "'true' is a truth value to YAML; write it in quotes",
        ),
        (f"{HEAD}- {{match: x, repo: }}", Reason.POLICY_SYNTAX, "nothing stands here; write a te"),
        (f"{HEAD}- {{match: x, repo: [o]}}", Reason.POLICY_SCHEMA, "repo must be a text"),
        (f"{HEAD}- {{match: '', repo: o/r}}", Reason.POLICY_SCHEMA, "match is empty"),
        (f"{HEAD}- {{match: {'x' * 2001}, repo: o/r}}", Reason.POLICY_SCHEMA, "match is too long"),
        (f"{HEAD}- {{match: x, owner-id: ''}}", Reason.POLICY_SCHEMA, "owner-id is empty"),
        (f"{HEAD}- {{match: x, owner-id: [1]}}", Reason.POLICY_SCHEMA, "owner-id must be a number"),
        (
            f"{HEAD}- {{match: x, owner-id: '{'1' * 2001}'}}",
            Reason.POLICY_SCHEMA,
            "owner-id is too long",
        ),
        (
            f"{HEAD}- {{match: x, repo: o/r, allowed-parameters: [{'a, ' * 1001}]}}",
            Reason.POLICY_SCHEMA,
            "allowed-parameters has more than 1000 items",
        ),
        (
            f"{HEAD}- {{match: x, repo: o/r, deny-self-hosted-runners: 'yes'}}",
            Reason.POLICY_SCHEMA,
            "deny-self-hosted-runners must be true or false",
        ),
        (f"{HEAD}- {{match: x, repository-id: 012}}", Reason.POLICY_SYNTAX, "'012' is a number"),
        (
            f"{HEAD}- {{match: x, repository-id: true}}",
            Reason.POLICY_SCHEMA,
            "'true' is a truth value",
        ),
        (
            f"{HEAD}- {{match: x, repo: o}}",
            Reason.USAGE_EXPECTATION,
            "line 3, column 3: repo: a repository is written OWNER/REPO, got 'o'",
        ),
        (
            f"{HEAD}- {{match: x, source-tag: v1}}",
            Reason.USAGE_EXPECTATION,
            "line 3, column 3: nothing says where the artifact must come from",
        ),
        (
            f"{HEAD}- {{match: x, repo: o/r, owner: o}}",
            Reason.USAGE_EXPECTATION,
            "line 3, column 3: repo and owner cannot be given together",
        ),
    ],
)
def test_every_mistake_is_said_with_its_place(text: str, reason: Reason, message: str) -> None:
    """Whoever wrote the file finds the line."""
    with pytest.raises(UsageError) as caught:
        parse(text.encode(), "policy.yaml")
    assert caught.value.message.startswith("policy.yaml: ")
    assert message in caught.value.message
    assert caught.value.reason is reason
    assert caught.value.exit_code == 2
    assert caught.value.hint


def test_a_file_is_loaded(tmp_path: Path) -> None:
    """From its path, within the limit."""
    path = tmp_path / "policy.yaml"
    path.write_text(ALL, encoding="utf-8")
    assert len(load(path).entries) == 3
    with pytest.raises(UsageError, match="larger than 10 B") as caught:
        load(path, replace(DEFAULT_LIMITS, policy_bytes=10))
    assert caught.value.reason is Reason.POLICY_FILE


def test_a_file_that_cannot_be_read_is_wrong_usage(tmp_path: Path) -> None:
    """Absent, a folder, or not UTF-8."""
    for path in (tmp_path / "absent", tmp_path):
        with pytest.raises(UsageError, match="cannot be read") as caught:
            load(path)
        assert caught.value.reason is Reason.POLICY_FILE
    with pytest.raises(UsageError, match="not UTF-8"):
        parse(b"\xff", "p")


WORDS = st.sampled_from(
    ["match", "repo", "owner", "source-tag", "version", "x", "allowed-parameters"]
)
VALUES = st.sampled_from(["o/r", "1", "1.0", "true", "null", "[a]", "{a: b}", '"v1"', "''", "~"])


@settings(max_examples=80)
@given(st.lists(st.tuples(WORDS, VALUES), max_size=5))
def test_whatever_stands_there_it_is_a_policy_or_wrong_usage(
    pairs: list[tuple[str, str]],
) -> None:
    """Nothing but our own error leaves, and no policy that expects nothing is made."""
    text = f"{HEAD}- {{{', '.join(f'{k}: {v}' for k, v in pairs)}}}"
    try:
        document = parse(text.encode(), "p")
    except UsageError:
        return
    assert all(entry.policy.says_something for entry in document.entries)
