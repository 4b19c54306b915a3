"""What the command loads before it has anything to do."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

_CODE = """
import contextlib, io, json, sys
before = set(sys.modules)
from slsa_gen.cli.main import main
with contextlib.redirect_stdout(io.StringIO()):
    assert main([sys.argv[1]]) == 0
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def _loaded_by(option: str) -> set[str]:
    # An empty environment: nothing measures, nothing is configured.
    result = subprocess.run(
        [sys.executable, "-c", _CODE, option], check=True, capture_output=True, text=True, env={}
    )
    return {name.partition(".")[0] for name in json.loads(result.stdout)}


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_saying_what_it_is_loads_no_other_package(option: str) -> None:
    """Sigstore and its like cost a third of a second, which only their work may cost."""
    assert _loaded_by(option) - set(sys.stdlib_module_names) == {"slsa_gen"}


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_saying_what_it_is_loads_no_heavy_part_of_python(option: str) -> None:
    """The slow parts of the standard library wait as well."""
    heavy = {"asyncio", "concurrent", "email", "http", "multiprocessing", "sqlite3", "ssl"}

    assert _loaded_by(option) & heavy == set()
