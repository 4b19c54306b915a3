"""pyproject.toml, the locks and the imports name the same packages."""

from __future__ import annotations

import re
import sys
from importlib.metadata import packages_distributions
from typing import Final

import pytest

from tests.meta.repository import ROOT, imports, pyproject

LOCKS: Final = ("runtime.txt", "dev.txt")

_REQUIREMENT = re.compile(
    r"^(?P<name>[a-z0-9-]+)==(?P<version>[^ ;]+)"
    r"(?: ; (?P<marker>[^\\\n]+))?(?P<hashes>(?: ?\\\n    --hash=sha256:[0-9a-f]{64})+)$"
)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _named() -> dict[str, str]:
    dependencies = pyproject()["project"]["dependencies"]
    assert isinstance(dependencies, list)
    found = [re.fullmatch(r"([A-Za-z0-9._-]+)(.*)", text) for text in dependencies]
    return {_normal(match[1]): match[2] for match in found if match}


def _locked(lock: str) -> dict[str, str]:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    found = [_REQUIREMENT.fullmatch(entry) for entry in re.split(r"\n(?=\S)", text.rstrip("\n"))]
    assert None not in found, "a line that is neither NAME==VERSION with its hashes"
    return {match["name"]: match["version"] for match in found if match}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def test_every_imported_package_is_a_named_dependency() -> None:
    """What is imported must be asked for, not only happen to come along."""
    distributions = packages_distributions()
    modules = {entry.name.partition(".")[0] for entry in imports()}
    foreign = modules - set(sys.stdlib_module_names) - {"slsa_gen"}

    used = {_normal(name) for module in foreign for name in distributions[module]}

    assert used == set(_named())


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_hashes_and_nothing_names_an_address(lock: str) -> None:
    """A lock says which bytes, never from where."""
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")

    assert _locked(lock)
    assert not re.search(r"://|index|find-links|\bfile:|#", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_satisfies_every_named_dependency(lock: str) -> None:
    """Floors and ceilings in pyproject.toml hold for what is locked."""
    locked = _locked(lock)
    for name, specifier in _named().items():
        version = _numbers(locked[name])
        for operator, bound in re.findall(r"(>=|<)([0-9.]+)", specifier):
            holds = version >= _numbers(bound) if operator == ">=" else version < _numbers(bound)
            assert holds, f"{name} {locked[name]} is locked, {operator}{bound} is demanded"


def test_tests_run_with_the_versions_that_users_get() -> None:
    """Each package of the runtime lock stands in the development lock with its version."""
    assert _locked("runtime.txt").items() <= _locked("dev.txt").items()


def test_the_build_backend_is_locked_too() -> None:
    """Building from the checkout fetches nothing that is not locked."""
    assert pyproject()["build-system"]["requires"] == [
        f"flit_core=={_locked('dev.txt')['flit-core']}"
    ]


def test_every_dependency_has_its_argument() -> None:
    """docs/decisions/0002 says of each named package what it is for."""
    (page,) = (ROOT / "docs" / "decisions").glob("0002-*.md")
    argued = set(
        re.findall(r"^\* \*\*([a-z0-9-]+)\*\*", page.read_text(encoding="utf-8"), re.MULTILINE)
    )

    assert argued == set(_named())
