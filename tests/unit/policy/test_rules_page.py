"""docs/rules.md against the rules: one section each, in their order and their own words."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path

from slsa_gen.policy.rules import RULES

PAGE = Path(__file__).resolve().parents[3] / "docs" / "rules.md"


def test_the_page_has_a_section_for_each_rule() -> None:
    """Its name, its docstring, and the reasons for which it refuses."""
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    expected = []
    for rule in RULES:
        words = inspect.getdoc(sys.modules[rule.check.__module__]) or ""
        reasons = ", ".join(f"[`{reason}`](reason-codes.md)" for reason in rule.reasons)
        expected.append(
            f"`{rule.name}`\n\n{words.replace('``', '`')}\n\nRefuses with: {reasons}.\n"
        )
    assert [section.rstrip("\n") + "\n" for section in sections] == expected
