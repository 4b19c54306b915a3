"""What docs/run.md shows, done as it stands there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.pages import Shell, example

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.network


def test_the_example_of_the_page_on_run_works_as_it_stands(
    tmp_path: Path, sandbox_folder: Path
) -> None:
    """In a shell, in an empty folder; each command ends well, and the product is accepted."""
    shell = Shell(tmp_path, sandbox_folder)

    done = shell.type(example("run.md", "run"))

    assert done.returncode == 0, done.stderr
    assert (shell.folder / "dist" / "app").read_text() == "HELLO\n"
    assert "\naccepted   dist/app " in done.stdout
    assert "https://in-toto.io/attestation/link/v0.3" in done.stdout
