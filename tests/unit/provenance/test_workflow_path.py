"""References to workflow files: where the path ends, whatever signs it holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.model.workflow import workflow_path

REPOSITORY = "https://github.com/o/r"


@pytest.mark.parametrize(
    ("rest", "ref", "path"),
    [
        (".github/workflows/x.yml@refs/heads/main", "refs/heads/main", ".github/workflows/x.yml"),
        ("x@v1.yml@refs/tags/pkg@1.0", "refs/tags/pkg@1.0", "x@v1.yml"),
        ("x@refs/heads/a.yml@refs/heads/a", "refs/heads/a", "x@refs/heads/a.yml"),
        ("x.yml@refs/heads/main", "refs/heads/other", None),
        ("x.yml@refs/heads/main", "heads/main", None),
        ("@refs/heads/main", "refs/heads/main", None),
        ("/x.yml@refs/heads/main", "refs/heads/main", None),
        ("a/../x.yml@refs/heads/main", "refs/heads/main", None),
        ("x.yml", "refs/heads/main", None),
    ],
)
def test_the_known_ref_says_where_the_path_ends(rest: str, ref: str, path: str | None) -> None:
    """Neither the first nor the last at sign does."""
    assert path == workflow_path(f"{REPOSITORY}/{rest}", REPOSITORY, ref)


@pytest.mark.parametrize("repository", ["https://github.com/o/r2", "https://github.com/o/", "o/r"])
def test_the_file_is_in_the_repository(repository: str) -> None:
    """A workflow of another repository has no path in this one."""
    assert workflow_path(f"{REPOSITORY}/x.yml@refs/heads/a", repository, "refs/heads/a") is None


@given(st.text(max_size=20), st.text(max_size=20))
def test_path_and_ref_make_the_whole_again(path: str, ref: str) -> None:
    """What is cut is never more or less than the two."""
    whole = f"{REPOSITORY}/{path}@{ref}"

    assert workflow_path(whole, REPOSITORY, ref) in (path, None)
