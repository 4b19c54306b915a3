"""What may not stand in any committed file."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pytest

from tests.meta.repository import PACKAGE, ROOT, sources, tracked_files

if TYPE_CHECKING:
    from pathlib import Path

# Written with a class for one letter, so that this file holds none of them.
MACHINE_PATHS: Final = re.compile(r"(?<!\w)/(?:wor[k]|far[m]|roo[t]|tmp/ven[v])/")
REGISTRIES: Final = re.compile(
    r"pypi\.or[g]|pythonhosted\.or[g]|proxy\.golang\.or[g]|registry\.npmjs\.or[g]"
    r"|crates\.i[o]\b|deb\.debian\.or[g]",
    re.IGNORECASE,
)
SECRETS: Final = re.compile(
    r"\bgh[pousr]_[A-Za-z0-9]{36}|\bAKIA[0-9A-Z]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
LONGEST_FILE: Final = 400


def _texts() -> list[tuple[Path, str]]:
    found = []
    for name in tracked_files():
        data = (ROOT / name).read_bytes()
        if b"\0" not in data:
            found.append((name, data.decode("utf-8")))
    return found


@pytest.mark.parametrize(
    ("pattern", "what"),
    [(MACHINE_PATHS, "path of a machine"), (REGISTRIES, "registry"), (SECRETS, "secret")],
)
def test_no_file_names(pattern: re.Pattern[str], what: str) -> None:
    """The repository means the same on every machine, and gives nothing away."""
    found = [
        f"{name}:{text[: match.start()].count(chr(10)) + 1}: a {what}: {match.group()!r}"
        for name, text in _texts()
        for match in pattern.finditer(text)
    ]

    assert found == []


def test_every_exemption_has_a_code_and_a_reason() -> None:
    """``noqa`` and ``type: ignore`` say what is exempted, and there or above, why."""
    mark = re.compile(r"#\s*(noqa|type:\s*ignore)(?P<rest>.*)$")
    argued = re.compile(
        r"(?:: [A-Z]+\d+(?:, [A-Z]+\d+)* \(.{4,}|\[[a-z-]+(?:, ?[a-z-]+)*\] +[#(].{4,})"
    )
    found = [
        f"{name}:{number}: {line.strip()}"
        for name, text in _texts()
        if name.suffix == ".py" and name.name != "test_tracked_files.py"
        for number, (above, line) in enumerate(pairwise(["", *text.splitlines()]), 1)
        for match in mark.finditer(line)
        if not argued.match(match["rest"]) and not above.lstrip().startswith("#")
    ]

    assert found == []


def test_no_file_of_the_package_is_too_long() -> None:
    """A file that grows beyond the wall has two duties."""
    lengths = {
        path.relative_to(PACKAGE).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in PACKAGE.rglob("*.py")
    }

    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_nothing_in_the_package_is_left_for_later() -> None:
    """What is not done is an issue, not a remark in the code."""
    later = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError|pragma: no cover)\b")
    found = [
        f"{path.relative_to(PACKAGE)}: {match.group()}"
        for path in PACKAGE.rglob("*.py")
        for match in later.finditer(path.read_text(encoding="utf-8"))
    ]

    assert sources()
    assert found == []
