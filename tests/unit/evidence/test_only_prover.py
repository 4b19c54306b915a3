"""Trust is a type: only ``evidence/prove.py`` makes a ``VerifiedStatement``."""

from __future__ import annotations

import ast
from pathlib import Path

import slsa_gen

PACKAGE = Path(slsa_gen.__file__).parent


def makers(tree: ast.AST) -> list[int]:
    """Return the lines that call ``VerifiedStatement`` by whatever name it is reached."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id == "VerifiedStatement")
            or (isinstance(node.func, ast.Attribute) and node.func.attr == "VerifiedStatement")
        )
    ]


def test_one_call_in_one_module_makes_a_verified_statement() -> None:
    """A second maker would be a second way to be trusted."""
    found = {
        path.relative_to(PACKAGE).as_posix(): lines
        for path in sorted(PACKAGE.rglob("*.py"))
        if (lines := makers(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert list(found) == ["evidence/prove.py"]
    assert len(found["evidence/prove.py"]) == 1


def test_the_name_is_not_given_to_another() -> None:
    """Nobody imports it under another name, which the test above would not see."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                renamed = [a for a in node.names if a.name == "VerifiedStatement" and a.asname]
                assert not renamed, path
