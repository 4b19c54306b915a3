"""A command that the Action ran: what later steps, annotations and the summary are told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from slsa_gen.action.running import attested
from slsa_gen.report import document as documents
from tests.support.steps import recorded
from tests.unit.report.samples import attest_result, document


def ran(status: int = 0, **others: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
    """Return the document of ``run``."""
    record = recorded(exit_status=status)
    told: dict[str, Any] = json.loads(documents.ran(record, None))
    told["results"][0] |= others
    return told


def test_what_was_attested_is_the_result() -> None:
    """Outputs and summary are made of it as if attest had made it."""
    told = attested(ran(attestation=attest_result()))
    assert told["results"] == [attest_result()]
    assert told["errors"] == []
    assert told["command"] == "run"


def test_a_command_that_failed_is_told_like_an_error() -> None:
    """With its status; nobody reads the status of a step."""
    told = attested(ran(2))
    assert told["results"] == []
    (error,) = told["errors"]
    assert error["reason"] == "run.failed"
    assert error["message"] == "the command ended with status 2; no provenance was made"


@pytest.mark.parametrize("status", [126, 127])
def test_a_program_that_the_container_lacks_is_said_to_be_missing_there(status: int) -> None:
    """With the steps that do it."""
    (error,) = attested(ran(status))["errors"]
    assert "a program of it is not in the container" in error["message"]
    assert "Build in a step of the job, and attest what it made" in error["hint"]


def test_a_container_without_git_says_what_to_name() -> None:
    """Other errors stay as they are."""
    errors = [
        {"reason": "run.git", "message": "m", "hint": "Install git."},
        {"reason": "usage.option", "message": "m", "hint": "h"},
    ]
    told = attested(document("run", []) | {"errors": errors})["errors"]
    assert "material: src/**" in told[0]["hint"]
    assert told[1] == errors[1]
