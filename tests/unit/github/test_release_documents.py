"""Releases and assets, read from documents that may say anything."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import PublishError
from slsa_gen.github.release_documents import asset_of, release_of
from slsa_gen.reasons import Reason

RELEASE: dict[str, Any] = {
    "id": 7,
    "tag_name": "v1",
    "draft": True,
    "immutable": False,
    "html_url": "https://github.com/octo/app/releases/tag/untagged-1",
    "upload_url": "https://evil.example/{?name,label}",
}
ASSET: dict[str, Any] = {
    "id": 8,
    "name": "a.intoto.jsonl",
    "size": 3,
    "state": "uploaded",
    "digest": f"sha256:{'a' * 64}",
    "browser_download_url": "https://github.com/octo/app/releases/download/v1/a.intoto.jsonl",
}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def test_a_release_is_read() -> None:
    """Only what is used is looked at; where to upload is not asked of the answer."""
    release = release_of(RELEASE, "x")

    assert (release.identifier, release.tag, release.draft, release.immutable) == (
        *(7, "v1", True),
        False,
    )
    assert "evil" not in repr(release)


def test_an_asset_is_read() -> None:
    """State and digest as GitHub writes them."""
    asset = asset_of(ASSET, "x")

    assert asset.uploaded
    assert asset.digest == f"sha256:{'a' * 64}"
    assert not asset_of({**ASSET, "state": "starter"}, "x").uploaded
    assert not asset_of({**ASSET, "state": "open"}, "x").uploaded
    assert asset_of({**ASSET, "digest": None}, "x").digest is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("id", bad) for bad in (None, "7", True, -1, 2**64, 1.5)),
        *(("tag_name", bad) for bad in (None, 1, "v" * 5000)),
        *(("draft", bad) for bad in (None, "false", 0)),
        *(("immutable", bad) for bad in (None, "true", 1)),
    ],
)
def test_a_release_with_other_fields_is_refused(name: str, value: object) -> None:
    """Nothing is guessed: an immutable release that is not known as one would be written to."""
    with pytest.raises(PublishError) as caught:
        release_of({**RELEASE, name: value}, "the question")

    assert caught.value.reason is Reason.RELEASE_ANSWER
    assert "GitHub's API answered the question with something else" in caught.value.message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("size", bad) for bad in (None, "3", -1)),
        *(("state", bad) for bad in (None, 1)),
        *(("name", bad) for bad in (None, 1)),
        *(("digest", bad) for bad in ("", "sha1:00", f"sha256:{'A' * 64}", 1)),
    ],
)
def test_an_asset_with_other_fields_is_refused(name: str, value: object) -> None:
    """A digest that is not one must not pass for none."""
    with pytest.raises(PublishError):
        asset_of({**ASSET, name: value}, "x")


@pytest.mark.parametrize(
    "url", [None, 1, "javascript:alert(1)", "http://evil.example/x", "x" * 5000]
)
def test_an_address_that_is_none_is_left_out(url: object) -> None:
    """It is only shown; nothing depends on it."""
    assert asset_of({**ASSET, "browser_download_url": url}, "x").url == ""
    assert release_of({**RELEASE, "html_url": url}, "x").url == ""


@given(JSON)
def test_no_document_breaks_the_reader(document: object) -> None:
    """It is a release or an asset, or it is refused."""
    for read in (release_of, asset_of):
        with pytest.raises(PublishError):
            read(document, "x")


@given(st.dictionaries(st.sampled_from(sorted({**RELEASE, **ASSET})), JSON))
def test_no_change_of_a_document_breaks_the_reader(changes: dict[str, object]) -> None:
    """Whatever stands in the fields, what is read holds what the type says."""
    try:
        asset = asset_of({**ASSET, **changes}, "x")
    except PublishError:
        return
    assert 0 <= asset.size < 2**63
    assert asset.digest is None or len(asset.digest) == 71
