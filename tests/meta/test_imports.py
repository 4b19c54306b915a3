"""Who may import what, where import-linter's contracts cannot say it."""

from __future__ import annotations

import ast
from typing import Final

from tests.meta.repository import Import, imports, parts, pyproject, sources

#: What speaks only of values: no network, no environment, no clock.
PURE: Final = ("errors", "limits", "model", "policy", "provenance", "reasons", "report")
IMPURE: Final = (
    "asyncio",
    "http",
    "multiprocessing",
    "requests",
    "slsa_gen.clock",
    "slsa_gen.environment",
    "slsa_gen.github",
    "slsa_gen.http",
    "slsa_gen.retry",
    "socket",
    "ssl",
    "subprocess",
    "time",
    "urllib.request",
    "urllib3",
)
MAY_IMPORT_SIGSTORE: Final = {"signing", "evidence", "trust"}


def _below(name: str, roots: tuple[str, ...]) -> bool:
    return any(name == root or name.startswith(f"{root}.") for root in roots)


def _shown(found: list[Import]) -> list[str]:
    return [f"{entry.module}:{entry.line} imports {entry.name}" for entry in found]


def _part(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_every_part_of_the_package_has_a_layer_of_its_own() -> None:
    """A new package must be given its place, and no layer names what is gone."""
    contracts = pyproject()["tool"]["importlinter"]["contracts"]  # type: ignore[index] # TOML is untyped
    (layers,) = [c["layers"] for c in contracts if c.get("containers") == ["slsa_gen"]]
    placed = {name.strip() for layer in layers for name in layer.split("|")}

    assert parts() == placed


def test_only_signing_evidence_and_trust_import_sigstore() -> None:
    """Sigstore's library stays behind three packages."""
    found = [
        entry
        for entry in imports()
        if _below(entry.name, ("sigstore", "sigstore_models", "sigstore_rekor_types"))
        and _part(entry.module) not in MAY_IMPORT_SIGSTORE
    ]

    assert _shown(found) == []


def test_sigstore_is_imported_by_public_names() -> None:
    """Private modules and names of sigstore may change in any release."""
    found = [
        entry
        for entry in imports()
        if _below(entry.name, ("sigstore", "tuf", "rfc3161_client"))
        and any(name.startswith("_") for name in entry.name.split("."))
    ]

    assert _shown(found) == []


def test_no_private_attribute_of_another_object_is_read() -> None:
    """``x._name`` is another module's business unless this file defines the name."""
    found = []
    for module, tree in sources().items():
        nodes = list(ast.walk(tree))
        own = {
            node.name
            for node in nodes
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        }
        own |= {node.attr for node in nodes if _is_own_attribute(node)}  # type: ignore[attr-defined] # checked in there
        own |= {node.id for node in nodes if isinstance(node, ast.Name)}
        found += [
            f"{module}:{node.lineno} reads {ast.unparse(node)}"
            for node in nodes
            if isinstance(node, ast.Attribute)
            and node.attr.startswith("_")
            and not node.attr.startswith("__")
            and node.attr not in own
            and ast.unparse(node) != "os._exit"  # public in spite of its name
        ]

    assert found == []


def _is_own_attribute(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in {"self", "cls"}
    )


def test_what_says_demands_and_reports_touches_nothing_outside() -> None:
    """The security argument can be read and tested without a socket."""
    found = [
        entry
        for entry in imports()
        if _part(entry.module) in PURE and not entry.typing_only and _below(entry.name, IMPURE)
    ]

    assert _shown(found) == []


def test_no_module_needs_itself() -> None:
    """No cycles: not at load time, not inside functions, not for the type checker alone."""
    graph = {
        module: {
            target
            for entry in imports()
            if entry.module == module
            for target in (entry.name, entry.name.rpartition(".")[0])
            if target in sources() and target != module
        }
        for module in sources()
    }
    # ``from package import part`` names the part; the package is only passed through.
    for module, targets in graph.items():
        passed = {t for t in targets if any(o.startswith(f"{t}.") for o in targets)}
        graph[module] = targets - passed

    in_cycles = sorted(module for module in graph if module in _reached_from(module, graph))

    assert in_cycles == []


def _reached_from(start: str, graph: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting.extend(graph[module])
    return reached
