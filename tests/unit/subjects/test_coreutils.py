"""Lists made by the real ``sha256sum``: what it writes is what is read."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.subjects import checksums

pytestmark = pytest.mark.skipif(
    shutil.which("sha256sum") is None, reason="sha256sum (GNU coreutils) is not installed"
)

_NAMES = st.lists(
    st.one_of(
        st.sampled_from(
            [b"\\", b"\n", b"\r", b" ", b"*", b"\t", b"(", b")", b" = ", b"\xff", b"#"]
        ),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0/"), max_size=3).map(
            str.encode
        ),
    ),
    min_size=1,
    max_size=8,
).map(b"".join)


@pytest.mark.parametrize("command", ["sha256sum", "sha512sum"])
@pytest.mark.parametrize("option", ["--text", "--binary", "--tag"])
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    names=st.lists(
        _NAMES.filter(lambda n: n not in {b"", b".", b"..", b"-"}), min_size=1, max_size=6
    )
)
@example(names=[b"a\nb", b"back\\slash", b"\\", b"\r", b" lead", b"*star", b"(x) = y", b"\xff\xfe"])
def test_what_sha256sum_writes_is_read_back(command: str, option: str, names: list[bytes]) -> None:
    """Text, binary and tagged, with line ends, backslashes, blanks and bytes in the names."""
    with tempfile.TemporaryDirectory() as folder:
        expected = {}
        for name in names:
            if len(name) < 200:
                Path(folder, os.fsdecode(name)).write_bytes(name)
                algorithm = command.removesuffix("sum")
                expected[os.fsdecode(name)] = hashlib.new(algorithm, name).hexdigest()
        written = subprocess.run(
            [command, option, "--", *(os.fsencode(name) for name in expected)],
            cwd=folder,
            check=True,
            capture_output=True,
        ).stdout
    found = {}
    for line in written.split(b"\n")[:-1]:
        raw = checksums.split_line(line.decode("utf-8", "surrogateescape"))
        found[raw.name] = raw.hexadecimal

    assert found == expected


def test_a_list_of_real_files_becomes_subjects(tmp_path: Path) -> None:
    """The way in which most lists are made: find, in a folder, in one call."""
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "a b").write_bytes(b"1")
    (tmp_path / "dist" / "back\\slash").write_bytes(b"2")
    written = subprocess.run(
        ["sh", "-c", "find . -type f -exec sha256sum {} +"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    ).stdout

    found = checksums.parse(written, "SUMS", DEFAULT_LIMITS)

    assert {entry.name: entry.digest.hex for entry in found} == {
        "dist/a b": hashlib.sha256(b"1").hexdigest(),
        "dist/back\\slash": hashlib.sha256(b"2").hexdigest(),
    }
