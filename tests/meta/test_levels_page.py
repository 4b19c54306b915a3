"""docs/levels.md against the requirements in the code, and both against the tests."""

from __future__ import annotations

import re

from slsa_gen.policy.levels import REQUIREMENTS, LevelRequirement
from tests.meta.repository import ROOT


def _row(requirement: LevelRequirement) -> list[str]:
    return [
        requirement.name,
        f"L{requirement.level}",
        requirement.who,
        _listed(requirement.certificate_fields),
        _listed(requirement.statement_fields),
        " or ".join(sorted(standing.value for standing in requirement.enough)),
        f"`{requirement.test}`",
    ]


def _listed(fields: tuple[str, ...]) -> str:
    return ", ".join(f if " " in f else f"`{f}`" for f in fields) or "none"


def test_the_page_says_what_the_code_does() -> None:
    """One row for each requirement, in the same order and words."""
    page = (ROOT / "docs" / "levels.md").read_text(encoding="utf-8")
    table = page.split("<!-- table: levels -->")[1].split("\n\n")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.strip().splitlines()[2:]
    ]

    assert rows == [_row(requirement) for requirement in REQUIREMENTS]


def test_every_named_test_exists() -> None:
    """A requirement without its test is not held."""
    tests = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "tests/unit/policy").glob("test_*.py")
    )
    defined = set(re.findall(r"^def (test_\w+)", tests, re.MULTILINE))

    assert {requirement.test for requirement in REQUIREMENTS} <= defined
