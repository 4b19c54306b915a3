"""A job for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.action.steps import Job

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def job(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Job:
    """Return a job whose steps start in an empty workspace."""
    job = Job(tmp_path, capsys)
    monkeypatch.chdir(job.workspace)
    return job
