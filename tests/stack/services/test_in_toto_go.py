"""in-toto's demo, with links that we made, judged by in-toto-golang; each tampering refused.

Envelopes only: in the older form in-toto-golang 0.11 does not verify a layout of in-toto 3
either, whose keys have a field less.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.integration.test_classic_demo import TAMPERINGS, ours, refused
from tests.support.classic_demo import Demo

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.stack.services.stack import Stack


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Return the demo, gone through with our recorder."""
    made = Demo.begun(tmp_path_factory.mktemp("demo") / "work")
    made.made_by_us()
    return made


@pytest.fixture
def product(demo: Demo, tmp_path: Path) -> Path:
    """Return a folder with what the demo delivers, which a test may change."""
    return demo.delivered(tmp_path / "final")


def accepted(stack: Stack, folder: Path) -> bool:
    """Let ``in-toto-golang verify`` judge what was delivered."""
    command = [
        str(stack.program("in-toto-golang")),
        "verify",
        "-l",
        "root.layout",
        "-k",
        "alice.pub",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return done.returncode == 0


def test_our_links_are_accepted_by_go(stack: Stack, product: Path) -> None:
    """Inspection and all, as by us."""
    assert accepted(stack, product)
    assert refused(ours(product)) == set()


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_each_tampering_is_refused_by_go(
    stack: Stack, demo: Demo, product: Path, tamper: Callable[[Demo, Path], None]
) -> None:
    """As by us, and by in-toto."""
    tamper(demo, product)

    assert not accepted(stack, product)
    assert refused(ours(product)) == TAMPERINGS[tamper]
