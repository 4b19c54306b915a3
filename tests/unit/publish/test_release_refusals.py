"""What is said when a release does not take the bundle; commands in it can be pasted."""

from __future__ import annotations

import pytest

from slsa_gen.errors import SlsaGenError
from slsa_gen.publish.release_refusals import Place, kept
from slsa_gen.reasons import Reason


@pytest.mark.parametrize("asset", ["--clobber.intoto.jsonl", "other.intoto.jsonl"])
def test_no_file_is_an_option_of_the_command_that_uploads_it(asset: str) -> None:
    """Whoever names a file in the build does not write what is pasted."""
    error = SlsaGenError("it failed", reason=Reason.SERVICE_FAILED)
    place = Place("octo-org/octo-repo", "v1", asset, "--clobber.intoto.jsonl")

    kept(error, place)

    (line,) = (line for line in error.hint.splitlines() if "gh release upload" in line)
    assert "./--clobber.intoto.jsonl" in line
    assert " --clobber" not in line
