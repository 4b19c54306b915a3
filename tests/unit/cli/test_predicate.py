"""Which predicate the options ask for."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from slsa_gen.cli.predicate import Predicate, own_predicate, predicate_for
from slsa_gen.errors import UsageError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.statement import SLSA_PROVENANCE_V1
from slsa_gen.provenance.build_types.github_workflow import GithubWorkflow
from tests.support.values import CONTEXT

if TYPE_CHECKING:
    from pathlib import Path


def _options(**given: object) -> argparse.Namespace:
    absent = dict.fromkeys(("predicate", "predicate_path", "predicate_type", "sbom_path"))
    return argparse.Namespace(**{**absent, **given})


def test_without_options_it_is_the_provenance_of_the_run() -> None:
    """The predicate is made from the context alone."""
    assert own_predicate(_options(), DEFAULT_LIMITS) is None
    assert predicate_for(None, CONTEXT) == Predicate(
        SLSA_PROVENANCE_V1, GithubWorkflow().predicate(CONTEXT)
    )


def test_a_text_or_a_file_may_give_it(tmp_path: Path) -> None:
    """Either way it is the same predicate."""
    (tmp_path / "p.json").write_text('{"a": 1}')
    uri = "https://example.com/p"
    of_text = _options(predicate_type=uri, predicate='{"a": 1}')
    of_file = _options(predicate_type=uri, predicate_path=str(tmp_path / "p.json"))

    for options in (of_text, of_file):
        assert own_predicate(options, DEFAULT_LIMITS) == Predicate(uri, {"a": 1})


@pytest.mark.parametrize(
    "given",
    [
        {"predicate": "{}"},
        {"predicate_path": "p.json"},
        {"predicate_type": "https://example.com/p"},
        {"sbom_path": "s", "predicate": "{}"},
        {"sbom_path": "s", "predicate_path": "p"},
        {"sbom_path": "s", "predicate_type": "https://example.com/p"},
    ],
)
def test_options_that_do_not_go_together_are_refused(given: dict[str, str]) -> None:
    """A predicate needs its type, and there is one of it."""
    with pytest.raises(UsageError):
        own_predicate(_options(**given), DEFAULT_LIMITS)


def test_one_s_own_provenance_must_be_that_of_the_run() -> None:
    """A SLSA predicate type is not a way around the comparison."""
    honest = Predicate(SLSA_PROVENANCE_V1, GithubWorkflow().predicate(CONTEXT))
    other = replace(CONTEXT, source_repository_digest="b" * 40)
    lie = Predicate(SLSA_PROVENANCE_V1, json.loads(json.dumps(GithubWorkflow().predicate(other))))

    assert predicate_for(honest, CONTEXT) is honest
    with pytest.raises(UsageError):
        predicate_for(lie, CONTEXT)
