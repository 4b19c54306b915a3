"""pyproject.toml and the Makefile: what is exempted has a reason, targets are there."""

from __future__ import annotations

import re
import shlex

from tests.meta.repository import ROOT, pyproject


def test_every_lint_rule_that_is_ignored_has_its_reason() -> None:
    """Each line of an ignore list ends in a remark that says why."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    section = text[text.index("[tool.ruff.lint]") : text.index("[tool.ruff.lint.flake8-tidy")]
    lines = [line for line in section.splitlines() if re.match(r'\s+"[A-Z]+\d+', line)]

    assert lines
    assert [line for line in lines if not re.search(r",\s+# \w", line)] == []


def test_lint_and_types_are_as_strict_as_they_come() -> None:
    """Loosening these is a decision, and this test asks for it."""
    tool = pyproject()["tool"]

    assert tool["ruff"]["lint"]["select"] == ["ALL"]  # type: ignore[index] # TOML is untyped
    assert tool["mypy"]["strict"] is True  # type: ignore[index] # TOML is untyped
    assert tool["pytest"]["ini_options"]["filterwarnings"] == ["error"]  # type: ignore[index] # TOML is untyped


def test_every_target_of_the_makefile_says_what_it_does() -> None:
    """``make help`` lists them all."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    documented = re.findall(r"^([a-z0-9-]+):.*## \S", text, re.MULTILINE)

    assert sorted(phony.split()) == sorted(documented)


def test_ci_runs_the_test_command_of_the_readme() -> None:
    """What a newcomer is told to type is what CI types."""
    assert "make test" in (ROOT / ".ci" / "parts" / "test").read_text(encoding="utf-8")
    parts = re.search(
        r"^ALL=\((.*)\)$", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE
    )

    assert parts is not None
    assert {part.split()[0] for part in shlex.split(parts[1])} == {
        path.name for path in (ROOT / ".ci" / "parts").iterdir()
    }
