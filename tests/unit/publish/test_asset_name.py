"""A bundle's name as an asset is one that GitHub leaves alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.publish.asset_name import asset_name
from tests.support.github_api_state import stored_name


@pytest.mark.parametrize(
    ("file_name", "expected"),
    [
        ("app-1.0.tar.gz.intoto.jsonl", "app-1.0.tar.gz.intoto.jsonl"),
        ("torch-2.0+cpu.whl.intoto.jsonl", "torch-2.0+cpu.whl.intoto.jsonl"),
        ("my app (1).zip.intoto.jsonl", "my.app.1.zip.intoto.jsonl"),
        ("pkg_1.0~rc1_amd64.deb.intoto.jsonl", "pkg_1.0.rc1_amd64.deb.intoto.jsonl"),
        ("möwe.intoto.jsonl", "mowe.intoto.jsonl"),
        (".hidden.intoto.jsonl", "hidden.intoto.jsonl"),
        ("a..b", "a.b"),
        ("中文", "bundle"),
        ("::error::x", "error.x"),
    ],
)
def test_unusual_characters_become_periods(file_name: str, expected: str) -> None:
    """As GitHub was seen to do, only beforehand."""
    assert asset_name(file_name) == expected


@given(st.text(min_size=1))
def test_the_name_is_a_fixed_point_of_github_s_rule_and_of_ours(file_name: str) -> None:
    """So the name that is looked for is the one that is there."""
    name = asset_name(file_name)

    assert name
    assert asset_name(name) == name
    assert stored_name(name) == name
