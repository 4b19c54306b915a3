"""What others may rely on."""

from __future__ import annotations

import re
from typing import Final

import slsa_gen
from slsa_gen import environment
from tests.meta.repository import PACKAGE, ROOT, pyproject

#: Set when the tests run against the built wheel.
INSTALLED: Final = "SLSA_GEN_INSTALLED" in environment.variables()


def test_the_public_api_is_this_list() -> None:
    """A name more or less is a decision, and this test asks for it."""
    assert slsa_gen.__all__ == ["__version__"]


def test_the_version_is_one_that_packages_carry() -> None:
    """One version, in one place (PEP 440)."""
    assert re.fullmatch(r"\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?", slsa_gen.__version__)
    assert pyproject()["project"]["dynamic"] == ["version"]


def test_the_package_says_that_it_is_typed() -> None:
    """Type checkers believe a package's annotations only when it says so (PEP 561)."""
    assert (PACKAGE / "py.typed").is_file()


def test_the_package_under_test_is_the_one_that_was_asked_for() -> None:
    """Testing the wheel means the wheel, and testing the checkout means the checkout."""
    assert (ROOT in PACKAGE.parents) is not INSTALLED
    assert ("site-packages" in PACKAGE.parts) is INSTALLED
