"""The rules as a whole: all run, each is registered, and nothing passes by default."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.model.identity import SignerIdentity
from slsa_gen.policy import rules
from slsa_gen.policy.evaluate import evaluate
from slsa_gen.policy.policy import Policy
from slsa_gen.policy.rules import RULES
from slsa_gen.policy.rules.case import checked
from slsa_gen.reasons import Reason
from tests.unit.policy.cases import (
    DIGEST,
    REPO,
    failed,
    failures,
    good,
    judged,
    saying,
    signed_by,
)


def test_a_good_statement_passes_every_rule() -> None:
    """What ``--repo`` alone implies, all of it seen."""
    verdict = judged()
    assert verdict.accepted, failures(verdict)
    rules_seen = {check.rule.partition(":")[0] for check in verdict.checks}
    assert rules_seen == {
        "policy.expectation",
        "signer.sandbox",
        "signer.issuer",
        "signer.identity",
        "signer.workflow",
        "source.repository",
        "subject.digest",
        "predicate.type",
        "provenance.build-type",
        "provenance.external-parameters",
        "predicate.certificate",
    }


def test_a_policy_that_expects_nothing_accepts_nothing() -> None:
    """Also one that was made past the checks of the options."""
    verdict = evaluate(good(), (DIGEST,), Policy())
    assert "policy.expectation" in failed(verdict)


def test_every_rule_runs_and_none_ends_early() -> None:
    """A statement that is wrong in every way is refused for every reason at once."""
    wrong = replace(
        saying({}, predicate_type="https://slsa.dev/provenance/v0.2"),
        signer=SignerIdentity("a@b"),
        sandbox=True,
    )
    verdict = judged(
        wrong,
        digests=(),
        repo=REPO,
        repository_id="1",
        owner_id="2",
        source_tag="v1",
        source_digest="c" * 40,
        predicate_type="https://example.com/x",
        deny_self_hosted_runners=True,
    )
    assert failed(verdict) == [
        "signer.sandbox",
        "signer.issuer",
        "signer.identity",
        "signer.workflow",
        "source.repository",
        "source.repository-id",
        "source.owner-id",
        "source.ref",
        "source.digest",
        "runner.self-hosted",
        "subject.digest-not-in-statement",
        "predicate.type",
        "provenance.build-type",
    ]


def test_a_check_has_a_reason_exactly_when_it_failed() -> None:
    """And what failed says what to do."""
    for verdict in (judged(), judged(signed_by(issuer="https://x")), judged(digests=())):
        for check in verdict.checks:
            assert (check.reason is None) is check.passed
            assert check.expected
            assert check.found


def test_the_registry_holds_every_rule_file() -> None:
    """One rule, one file, one entry; each with its own words and reasons."""
    folder = Path(rules.__file__).parent
    modules = sorted(p.stem for p in folder.glob("*.py"))
    modules = [name for name in modules if name not in {"__init__", "case"}]
    named = [rule.check.__module__.rpartition(".")[2] for rule in RULES]
    assert sorted(named) == modules
    assert len({rule.name for rule in RULES}) == len(RULES)
    given_reasons = [reason for rule in RULES for reason in rule.reasons]
    assert len(set(given_reasons)) == len(given_reasons)
    for name in modules:
        tree = ast.parse((folder / f"{name}.py").read_text(encoding="utf-8"))
        assert len(ast.get_docstring(tree) or "") > 60
        used = {
            Reason[node.attr]
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Reason"
        }
        rule = next(rule for rule in RULES if rule.check.__module__.endswith(f".{name}"))
        assert used == set(rule.reasons)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["buildDefinition", "buildType", "runDetails", "x"]),
                inner,
                max_size=3,
            )
        ),
        max_leaves=8,
    )
)
def test_no_predicate_but_the_right_one_is_accepted(predicate: object) -> None:
    """Whatever a predicate holds, judging it ends in a refusal and in no crash."""
    document = predicate if isinstance(predicate, dict) else {"buildDefinition": predicate}
    assert not judged(saying(predicate=document)).accepted


def test_a_field_that_is_not_there_never_passes() -> None:
    """Whatever a rule makes of it."""
    check = checked("x", expected="a", found=None, passed=True, reason=Reason.SOURCE_REF)
    assert not check.passed
    assert check.found == "(not in the certificate)"
    assert check.reason is Reason.SOURCE_REF
