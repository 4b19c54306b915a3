"""Which tag's release is meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import UsageError
from slsa_gen.publish.release_tag import tag_of
from slsa_gen.reasons import Reason


@pytest.mark.parametrize(
    ("ref", "named", "tag"),
    [
        ("refs/tags/v1", None, "v1"),
        ("refs/tags/group/v1", None, "group/v1"),
        ("refs/tags/refs/tags/v1", None, "refs/tags/v1"),
        ("refs/heads/main", "v2", "v2"),
        ("refs/heads/main", "refs/tags/v2", "v2"),
        ("refs/tags/v1", "v2", "v2"),
    ],
)
def test_the_named_tag_wins_over_the_run_s(ref: str, named: str | None, tag: str) -> None:
    """An option that is given is followed."""
    assert tag_of(ref, named) == tag


@pytest.mark.parametrize(
    "ref", ["refs/heads/main", "refs/pull/1/merge", "refs/tags/", "", "refs/tags/--repo=o/evil"]
)
def test_a_run_for_no_tag_is_refused(ref: str) -> None:
    """Before anything is signed, with what to write."""
    with pytest.raises(UsageError) as caught:
        tag_of(ref, None)

    assert caught.value.reason is Reason.RELEASE_TAG
    assert repr(ref) in caught.value.message
    assert "--upload-tag-name TAG" in caught.value.hint


@pytest.mark.parametrize("named", ["", "refs/heads/x", "refs/tags/", "-x", "a b", "a\nb", "a\x1bb"])
def test_what_is_no_tag_is_refused(named: str) -> None:
    """Git allows none of these."""
    with pytest.raises(UsageError) as caught:
        tag_of("refs/tags/v1", named)

    assert caught.value.reason is Reason.RELEASE_TAG
    assert "\n" not in caught.value.message


@given(st.text())
def test_a_tag_is_never_empty_and_always_printable(named: str) -> None:
    """It goes into an address and into commands."""
    try:
        tag = tag_of("refs/tags/v1", named)
    except UsageError:
        return
    assert tag
    assert tag.isprintable()
