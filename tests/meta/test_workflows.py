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


def _jobs(name: str) -> dict[str, Any]:
    jobs = _load(name)["jobs"]
    assert isinstance(jobs, dict)
    return jobs


def _actions(job: dict[str, Any]) -> set[str]:
    return {step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step}


def test_every_action_is_pinned_to_a_commit_and_says_its_version() -> None:
    """A tag can be moved; a commit cannot. Our own are those of the commit checked out."""
    uses = [line for path in WORKFLOWS for line in re.findall(r"uses: .*", path.read_text())]

    assert uses
    for line in uses:
        assert re.fullmatch(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line) or re.fullmatch(
            r"uses: \./(?:verify)? # zizmor: ignore\[self-repository\] \w.+", line
        )


def test_an_action_is_pinned_to_one_commit_everywhere() -> None:
    """Workflows and manual name the same: an update that forgets one is seen."""
    pages = [*WORKFLOWS, ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    pins = {
        match
        for page in pages
        for match in re.findall(r"uses: ([\w./-]+)@([0-9a-f]{40} # v\S+)", page.read_text("utf-8"))
    }

    assert len(pins) == len({name for name, _ in pins}), sorted(pins)


def test_no_command_is_put_together_from_expressions() -> None:
    """An expression is text that is pasted in before the shell reads it: variables are not."""
    for path in WORKFLOWS:
        for name, job in _jobs(path.name).items():
            assert not [s["run"] for s in job["steps"] if "${{" in s.get("run", "")], name


def test_every_permission_says_what_it_is_for() -> None:
    """Whoever reads a workflow sees why a job may do what it may."""
    for path in WORKFLOWS:
        lines = re.findall(r"^ +(?:[a-z-]+): (?:read|write)\b.*$", path.read_text(), re.MULTILINE)
        assert [line for line in lines if not re.search(r" # to \w| # the run's", line)] == []


def test_each_job_of_a_release_may_do_only_its_part() -> None:
    """More is a decision, and this test asks for it."""
    granted = {name: job["permissions"] for name, job in _jobs("release.yml").items()}

    assert granted == {
        "prepare": {"contents": "read"},
        "test": {"contents": "read"},
        "wheel": {"contents": "read"},
        "image": {"contents": "read", "packages": "write"},
        "index": {"packages": "write"},
        "tag": {"contents": "write"},
        "draft": {"contents": "write"},
        "attest": {"contents": "write", "id-token": "write", "packages": "read"},
        "publish": {"contents": "write", "packages": "read"},
    }


def test_a_job_of_a_release_that_writes_runs_no_one_else_s_program() -> None:
    """Only GitHub's checkout and artifacts, and our own Action, meet a token that writes."""
    known = {"actions/checkout", "actions/download-artifact", "./", "./verify"}
    for name, job in _jobs("release.yml").items():
        if "write" in job["permissions"].values():
            assert _actions(job) <= known, name


def test_our_own_actions_are_given_inputs_and_asked_for_outputs_that_there_are() -> None:
    """The runner only warns of an input that there is not, and an output is then empty."""
    for path in WORKFLOWS:
        for job in _jobs(path.name).values():
            ours = [step for step in job["steps"] if step.get("uses", "").startswith("./")]
            outputs = {step["id"]: _metadata(step)["outputs"] for step in ours if "id" in step}
            for step in ours:
                assert set(step["with"]) <= set(_metadata(step)["inputs"]), step["name"]
            for name, output in re.findall(
                r"steps\.([\w-]+)\.outputs\.([\w-]+)", str(job["steps"])
            ):
                assert output in outputs.get(name, {output: None}), output


def _metadata(step: dict[str, Any]) -> dict[str, Any]:
    text = (ROOT / step["uses"] / "action.yml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    assert isinstance(document, dict)
    return document


def test_a_release_takes_nothing_from_a_cache() -> None:
    """Whoever can write a cache could otherwise change what is released."""
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")

    assert "cache" not in text.replace("--no-cache", "")
    assert re.findall(r"docker build .*", text) == re.findall(r"docker build .*--no-cache.*", text)


def test_a_release_is_published_last_and_after_everything_was_verified() -> None:
    """Draft, upload, verify, publish: an immutable release takes nothing afterwards."""
    jobs = _jobs("release.yml")
    publishing = [step.get("run", "") for step in jobs["publish"]["steps"]]

    assert "publish" not in {n for j in jobs.values() for n in _listed(j.get("needs", []))}
    assert "--draft=false" in publishing[-1]
    assert sum("--draft=false" in text for text in publishing) == 1
    assert [s["uses"] for s in jobs["publish"]["steps"][-3:-1]] == ["./verify", "./verify"]
    assert "--draft " in str(jobs["draft"])
    assert {"draft", "index"} <= set(jobs["attest"]["needs"])


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_a_release_is_started_by_hand_and_takes_no_input() -> None:
    """What is made follows from the commit alone. (YAML reads the key ``on`` as true.)"""
    assert _load("release.yml")[True] == {"workflow_dispatch": None}  # type: ignore[index] # YAML


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
