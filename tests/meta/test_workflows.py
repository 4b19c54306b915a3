"""The workflows of this repository: what zizmor and actionlint do not ask for."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tests.meta.repository import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def _load(name: str) -> dict[str, Any]:
    document = yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def test_every_action_is_pinned_to_a_commit_and_says_its_version() -> None:
    """A tag can be moved; a commit cannot."""
    uses = [line for path in WORKFLOWS for line in re.findall(r"uses: .*", path.read_text())]

    assert uses
    for line in uses:
        assert re.fullmatch(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)


def test_nothing_is_permitted_unless_a_job_says_so() -> None:
    """The token of a run starts with no permission, and every job has an end."""
    for path in WORKFLOWS:
        workflow = _load(path.name)

        assert workflow["permissions"] == {}
        assert all("permissions" in job for job in workflow["jobs"].values())
        assert all("timeout-minutes" in job for job in workflow["jobs"].values())


def test_the_one_required_check_waits_for_every_other_job() -> None:
    """A job that is left out of its list would be allowed to fail."""
    jobs = _load("ci.yml")["jobs"]

    assert set(jobs["required-checks-pass"]["needs"]) == set(jobs) - {"required-checks-pass"}
