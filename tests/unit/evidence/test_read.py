"""Bundle files: one document or JSON Lines; nothing is dropped in silence."""

from __future__ import annotations

import json
import os
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen import strictjson
from slsa_gen.errors import MalformedEvidenceError, SlsaGenError, UsageError
from slsa_gen.evidence.prove import Prover
from slsa_gen.evidence.read import read_bytes, read_file, read_whole
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from tests.unit.evidence.forge import Forge

if TYPE_CHECKING:
    from pathlib import Path

BUNDLE = strictjson.dumps(Forge().document())
PRETTY = json.dumps(json.loads(BUNDLE), indent=2).encode()


@pytest.mark.parametrize("data", [BUNDLE, BUNDLE + b"\n", b"\n" + BUNDLE + b"\r\n", PRETTY])
def test_one_document_is_one_bundle(data: bytes) -> None:
    """On one line or on many, with or without a last newline."""
    (found,) = read_bytes(data, "x.json")
    assert found.source == "x.json"
    assert found.bundle == data.strip()


def test_each_line_is_a_bundle() -> None:
    """JSON Lines give one each, named by line; blank lines count but are none."""
    found = read_bytes(BUNDLE + b"\n\n" + BUNDLE + b"\n", "x.jsonl")
    assert [e.source for e in found] == ["x.jsonl:1", "x.jsonl:3"]
    assert {e.bundle for e in found} == {BUNDLE}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"payload": "e30=", "payloadType": "x", "signatures": []}', "evidence.not-a-bundle"),
        (b"3", "evidence.json"),
        (b"this is no JSON", "evidence.json"),
        (b'{"mediaType": "x", "mediaType": "y"}', "evidence.json"),
    ],
)
@pytest.mark.parametrize("place", [0, 1])
def test_a_line_that_is_no_bundle_is_refused_and_the_others_count(
    line: bytes, reason: str, place: int
) -> None:
    """It stays in the list with its line's number, and proving it says what it is."""
    lines = [line, BUNDLE] if place == 0 else [BUNDLE, line]
    found = read_bytes(b"\n".join(lines), "x.jsonl")

    assert len(found) == 2
    prover = Prover(Forge().instance())
    bad, good = found[place], found[1 - place]
    with pytest.raises(MalformedEvidenceError, match=bad.source) as caught:
        prover.prove(bad)
    assert caught.value.reason == reason
    assert prover.prove(good).source == good.source


@pytest.mark.parametrize(
    ("data", "reason", "message"),
    [
        (b"", Reason.EVIDENCE_EMPTY, "x: the file is empty"),
        (b" \n\t\r\n", Reason.EVIDENCE_EMPTY, "x: the file is empty"),
        (BUNDLE[:-20], Reason.EVIDENCE_JSON, "x: the bundle is not one JSON object"),
        (PRETTY[:-20], Reason.EVIDENCE_JSON, "x: the bundle is not one JSON object"),
        (b"[]", Reason.EVIDENCE_JSON, "an object was expected, got an array"),
        (b"\xff\xfe", Reason.EVIDENCE_JSON, "not UTF-8"),
        (b"{}", Reason.EVIDENCE_NOT_A_BUNDLE, "not a Sigstore bundle"),
        (b"{}\n{}", Reason.EVIDENCE_JSON, "x: the bundle is not one JSON object"),
    ],
)
def test_a_file_without_a_bundle_is_refused(data: bytes, reason: Reason, message: str) -> None:
    """The message names the file and what is wrong."""
    with pytest.raises(MalformedEvidenceError, match=message) as caught:
        read_bytes(data, "x")
    assert caught.value.reason is reason
    assert caught.value.exit_code == 1


def test_size_and_number_are_bounded(tmp_path: Path) -> None:
    """A file beyond the limits is refused, and not read where its size is known."""
    small = replace(DEFAULT_LIMITS, bundle_file_bytes=10)
    with pytest.raises(MalformedEvidenceError, match="larger than the 10 B") as caught:
        read_bytes(BUNDLE, "x", small)
    assert caught.value.reason is Reason.EVIDENCE_TOO_LARGE
    (tmp_path / "x").write_bytes(BUNDLE)
    with pytest.raises(MalformedEvidenceError, match="larger than the 10 B"):
        read_file(tmp_path / "x", small)
    with pytest.raises(MalformedEvidenceError, match="at most 2 bundles") as caught:
        read_bytes(b"\n".join([BUNDLE] * 3), "x", replace(DEFAULT_LIMITS, bundles_per_file=2))
    assert caught.value.reason is Reason.EVIDENCE_TOO_MANY


@pytest.mark.parametrize("line", [b"1", b"not JSON", b"{}", b"x" * 40])
def test_lines_without_number_are_counted_before_they_are_read(line: bytes) -> None:
    """A list of millions of lines would take gigabytes before any of them is judged."""
    data = (line + b"\n") * 2_000_000 + BUNDLE
    tracemalloc.start()
    try:
        with pytest.raises(
            MalformedEvidenceError, match="at most 10000 bundles are read"
        ) as caught:
            read_bytes(data, "x")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.reason is Reason.EVIDENCE_TOO_MANY
    assert peak < 8 * len(data) + 1_000_000


def test_one_document_may_have_more_lines_than_there_may_be_bundles() -> None:
    """Lines are counted against the number of bundles only where each may be one."""
    limits = replace(DEFAULT_LIMITS, bundles_per_file=3)
    assert PRETTY.count(b"\n") > 3
    (found,) = read_bytes(PRETTY, "x", limits)
    assert found.bundle == PRETTY
    with pytest.raises(MalformedEvidenceError, match="not a Sigstore bundle"):
        read_bytes(b"{\n\n\n\n\n}", "x", limits)


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    """The user named it, so it is an option that is wrong."""
    with pytest.raises(UsageError, match="there is no bundle file") as caught:
        read_file(tmp_path / "absent")
    assert caught.value.reason is Reason.EVIDENCE_NOT_FOUND


def test_a_place_that_cannot_be_read_decides_nothing(tmp_path: Path) -> None:
    """A folder, and a named pipe that nobody writes to, are not waited for."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(SlsaGenError, match="cannot be read") as caught:
            read_file(path)
        assert caught.value.exit_code == 3
        assert caught.value.reason is Reason.EVIDENCE_UNREADABLE


def test_a_whole_file_is_taken_as_it_is(tmp_path: Path) -> None:
    """For a file that is no bundle, so that proving it can say so."""
    (tmp_path / "x").write_bytes(b" not a bundle\n")
    assert read_whole(tmp_path / "x").bundle == b"not a bundle"
    short = replace(DEFAULT_LIMITS, bundle_bytes=4)
    assert len(read_whole(tmp_path / "x", short).bundle) <= 5


@given(st.binary(max_size=60))
def test_whatever_the_bytes_nothing_but_our_own_error_leaves(data: bytes) -> None:
    """Bytes that are no bundle are refused, whatever they are."""
    with pytest.raises(MalformedEvidenceError):
        read_bytes(data, "x")


def test_a_folder_in_a_bundle_s_place_is_said_to_be_one(tmp_path: Path) -> None:
    """Its permissions are not what is wrong with it."""
    with pytest.raises(SlsaGenError, match="it is a folder, not a file") as caught:
        read_file(tmp_path)
    assert caught.value.hint == f"Name a file in it: {tmp_path}/FILE"


def test_sizes_are_told_in_units(tmp_path: Path) -> None:
    """Nobody counts the digits of 4194304."""
    (tmp_path / "b").write_bytes(b"x" * 5000)
    limits = replace(DEFAULT_LIMITS, bundle_file_bytes=4096, bundle_bytes=2048)
    with pytest.raises(MalformedEvidenceError, match="larger than the 4 KiB that is read"):
        read_file(tmp_path / "b", limits)
    with pytest.raises(MalformedEvidenceError, match="larger than the 2 KiB that is read"):
        read_bytes(b"x" * 3000, "b", limits)


def test_text_that_is_cut_within_a_string_is_told_in_one_at() -> None:
    """Python's own message ends with the word that ours goes on with."""
    with pytest.raises(MalformedEvidenceError, match="Unterminated string starting at line 1, "):
        read_bytes(b'{"a": "b', "x")
