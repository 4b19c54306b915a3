"""Reason codes: each is used, and the manual explains each."""

from __future__ import annotations

import ast
import re

from slsa_gen.reasons import Reason
from tests.meta.repository import ROOT, sources


def test_every_reason_is_used() -> None:
    """A code that nothing gives is a promise without a keeper."""
    used = {
        node.attr
        for module, tree in sources().items()
        if module != "slsa_gen.reasons"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Reason"
    }

    assert [reason.name for reason in Reason if reason.name not in used] == []


def test_every_reason_has_the_form_area_what() -> None:
    """The member's name is the code in capitals, so that either can be looked up."""
    for reason in Reason:
        assert re.fullmatch(r"[a-z]+(?:-[a-z]+)*\.[a-z0-9]+(?:-[a-z0-9]+)*", reason)
        assert reason.name == re.sub(r"[.-]", "_", reason).upper()


def test_the_manual_explains_every_reason() -> None:
    """docs/reason-codes.md has one section for each code, and for nothing else."""
    page = (ROOT / "docs" / "reason-codes.md").read_text(encoding="utf-8")
    explained = re.findall(r"^#+ `([^`]+)`", page, re.MULTILINE)

    assert sorted(explained) == sorted(Reason)
