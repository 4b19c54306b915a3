"""The cache of the stack's programs: built once, whole or not at all, one run at a time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

import pytest

from tests.stack.services import builds
from tests.stack.services.builds import BuildError, Cache, Pins

if TYPE_CHECKING:
    from pathlib import Path

PINS: Final = Pins(
    versions={"example.org/a": "v1.2.3", "example.org/a/b/v2": "v2.0.0"},
    programs={"tool": "example.org/a/cmd/tool", "other": "example.org/a/b/v2"},
    files={"schema": "example.org/a/storage/schema.sql"},
)

#: Plays Go: writes down what it is asked, and makes what it would make.
GO: Final = """#!/bin/sh
echo "$@" >> "$ASKED"
case "$1 $2" in
  "env GOVERSION") echo go9.9 ;;
  "install "*) [ -z "$FAIL" ] || { echo "no such package" >&2; exit 1; }
    for package; do :; done
    name=${package%@*}; name=${name%/v2}; echo built > "$GOBIN/${name##*/}" ;;
  "mod download") echo "{\\"Dir\\": \\"$MODULE\\"}" ;;
esac
"""


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which ``go`` is played by a script."""
    go = tmp_path / "bin" / "go"
    go.parent.mkdir()
    go.write_text(GO)
    go.chmod(0o755)
    (tmp_path / "module" / "storage").mkdir(parents=True)
    (tmp_path / "module" / "storage" / "schema.sql").write_text("CREATE")
    return {
        "PATH": f"{go.parent}:/usr/bin:/bin",
        "ASKED": str(tmp_path / "asked"),
        "MODULE": str(tmp_path / "module"),
        "FAIL": "",
    }


def _cache(tmp_path: Path, variables: dict[str, str]) -> tuple[Cache, list[str]]:
    said: list[str] = []
    return Cache(tmp_path / "cache", variables, PINS, said.append), said


def test_the_pins_name_a_version_for_every_program() -> None:
    """The file itself: one line a version, and nothing without one."""
    pins = Pins.read()

    packages = [*pins.programs.values(), *pins.files.values()]
    assert all(pins.version_of(package).startswith("v") for package in packages)
    assert {"github.com/in-toto/attestation"} | {pins.module_of(p) for p in packages} == set(
        pins.versions
    )


def test_a_package_belongs_to_the_module_with_the_longest_name() -> None:
    """A module may lie below another one; a name that only begins alike is none of it."""
    assert PINS.module_of("example.org/a/b/v2/cmd/x") == "example.org/a/b/v2"
    assert PINS.module_of("example.org/a/b") == "example.org/a"
    with pytest.raises(BuildError, match=r"no module in pins\.toml has example\.org/ab"):
        PINS.module_of("example.org/ab")


def test_a_program_is_built_once(tmp_path: Path, variables: dict[str, str]) -> None:
    """Its folder is named after both versions; the second call finds it there."""
    cache, said = _cache(tmp_path, variables)

    first, second = cache.program("tool"), cache.program("tool")

    assert first == second == tmp_path / "cache" / "tool-v1.2.3-go9.9" / "tool"
    assert first.read_text() == "built\n"
    assert said == ["building example.org/a/cmd/tool@v1.2.3"]
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked == [
        "env GOVERSION",
        "install -trimpath -ldflags=-s -w example.org/a/cmd/tool@v1.2.3",
    ]


def test_a_major_version_at_the_end_is_not_the_programs_name(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    """Go calls it by the name before."""
    cache, _ = _cache(tmp_path, variables)

    assert cache.program("other").name == "b"


def test_a_file_of_a_module_is_kept_too(tmp_path: Path, variables: dict[str, str]) -> None:
    """The database's tables, say."""
    cache, _ = _cache(tmp_path, variables)

    assert cache.file("schema").read_text() == "CREATE"


def test_what_does_not_build_leaves_nothing_behind(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    """The next run tries again, and the message has what Go said."""
    cache, _ = _cache(tmp_path, {**variables, "FAIL": "1"})

    with pytest.raises(BuildError, match="no such package"):
        cache.program("tool")

    assert not list((tmp_path / "cache").glob("*tool*"))
    assert not list((tmp_path / "cache").glob(".partial*"))
    repaired, _ = _cache(tmp_path, variables)
    assert repaired.program("tool").exists()


def test_two_stacks_do_not_run_at_once(tmp_path: Path, variables: dict[str, str]) -> None:
    """The second one waits, says so, and goes on when the first has ended."""
    first, _ = _cache(tmp_path, variables)
    second, said = _cache(tmp_path, variables)
    entered = threading.Event()

    def wait() -> None:
        with second.alone():
            entered.set()

    with first.alone():
        waiting = threading.Thread(target=wait)
        waiting.start()
        while not said:
            assert not entered.is_set()
    waiting.join(10)

    assert entered.is_set()
    assert said == ["waiting for another stack to end"]


def test_the_cache_lies_where_the_user_keeps_caches() -> None:
    """XDG's folder, or the one below the home folder."""
    assert str(builds.cache_folder({"HOME": "/h"})) == "/h/.cache/slsa-gen-stack"
    assert str(builds.cache_folder({"HOME": "/h", "XDG_CACHE_HOME": "/c"})) == "/c/slsa-gen-stack"
