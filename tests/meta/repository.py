"""Where the repository and the package lie, and what their sources import."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import slsa_gen

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[2]
#: The package under test: in the checkout, or in site-packages when the wheel is tested.
PACKAGE: Final = Path(slsa_gen.__file__).resolve().parent


@dataclass(frozen=True)
class Import:
    """One import: who imports what, on which line, and whether only for type checkers."""

    module: str
    line: int
    name: str
    typing_only: bool


@cache
def tracked_files() -> tuple[Path, ...]:
    """Return the files that git would commit, relative to the repository."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    names = [Path(name.decode()) for name in listing.split(b"\0") if name]
    return tuple(name for name in names if (ROOT / name).is_file())


@cache
def pyproject() -> dict[str, dict[str, object]]:
    """Return pyproject.toml as data."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@cache
def sources() -> dict[str, ast.Module]:
    """Return each module of the package by its dotted name, parsed."""
    return {
        _module_name(path): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def parts() -> set[str]:
    """Return the names directly below ``slsa_gen``: its packages and modules."""
    return {name.split(".")[1] for name in sources() if "." in name}


@cache
def imports() -> tuple[Import, ...]:
    """Return every import of the package, those inside functions too.

    ``from a import b`` counts as ``a.b``: b may be a module or a name in one.
    """
    return tuple(
        Import(module, node.lineno, name, typing_only)
        for module, tree in sources().items()
        for node, typing_only in _import_nodes(tree)
        for name in _imported_names(node)
    )


def _module_name(path: Path) -> str:
    names = ["slsa_gen", *path.relative_to(PACKAGE).with_suffix("").parts]
    return ".".join(names[:-1] if names[-1] == "__init__" else names)


def _import_nodes(
    tree: ast.AST, *, typing_only: bool = False
) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, typing_only
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from _import_nodes(node, typing_only=True)
        else:
            yield from _import_nodes(node, typing_only=typing_only)


def _imported_names(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [f"{node.module}.{alias.name}" for alias in node.names]
