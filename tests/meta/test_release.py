"""The scripts of the release workflow: the image's digest, the version, the notes."""

from __future__ import annotations

import runpy
import shutil
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import slsa_gen
from tests.meta.repository import PACKAGE, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DIGEST: Final = "0123456789abcdef" * 4
IMAGE: Final = f"ghcr.io/octo-org/slsa-gen@sha256:{DIGEST}"
ACTION: Final = "name: slsa-gen\nruns:\n  using: docker\n  image: {image}\n  entrypoint: /a\n"
PINNED: Final = f"docker://{IMAGE}"


@cache
def _script(name: str) -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "scripts" / f"{name}.py"))


def _repository(
    folder: Path, *, outer: str = "Dockerfile", inner: str = "../Dockerfile", version: str = "1.2.3"
) -> Path:
    (folder / "verify").mkdir()
    (folder / "scripts").mkdir()
    (folder / "slsa_gen").mkdir()
    (folder / "action.yml").write_text(ACTION.format(image=outer))
    (folder / "verify" / "action.yml").write_text(ACTION.format(image=inner))
    (folder / "slsa_gen" / "__init__.py").write_text(f'"""It."""\n\n__version__ = "{version}"\n')
    for name in ("release_action.py", "release_notes.py"):
        shutil.copy(ROOT / "scripts" / name, folder / "scripts" / name)
    return folder


def _run(folder: Path, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(folder / "scripts" / name), *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def _texts(folder: Path) -> tuple[str, str]:
    return (folder / "action.yml").read_text(), (folder / "verify" / "action.yml").read_text()


def test_both_action_files_name_the_image_by_its_digest(tmp_path: Path) -> None:
    """The one line is changed in each, and nothing else."""
    folder = _repository(tmp_path)

    done = _run(folder, "release_action.py", IMAGE)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"action.yml: image: {PINNED}",
        f"verify/action.yml: image: {PINNED}",
    ]
    assert _texts(folder) == (ACTION.format(image=PINNED), ACTION.format(image=PINNED))


def test_the_same_image_again_changes_nothing(tmp_path: Path) -> None:
    """A job that is run again ends the same."""
    folder = _repository(tmp_path, outer=PINNED, inner=PINNED)

    done = _run(folder, "release_action.py", IMAGE)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "files",
    [
        {"outer": "docker://ghcr.io/other/image@sha256:" + "0" * 64},
        {"inner": "Dockerfile"},
        {"inner": "../Dockerfile\n  image: ../Dockerfile"},
        {"inner": ""},
    ],
    ids=["another image", "another path", "two lines", "no value"],
)
def test_a_file_that_is_not_as_expected_is_refused_and_neither_is_written(
    tmp_path: Path, files: dict[str, str]
) -> None:
    """Both files are changed or none is."""
    folder = _repository(tmp_path, **files)
    before = _texts(folder)

    done = _run(folder, "release_action.py", IMAGE)

    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert _texts(folder) == before


@pytest.mark.parametrize(
    "image",
    [
        "ghcr.io/octo-org/slsa-gen:v1",
        "ghcr.io/octo-org/slsa-gen",
        f"ghcr.io/octo-org/slsa-gen:v1@sha256:{DIGEST}",
        f"ghcr.io/Octo-Org/slsa-gen@sha256:{DIGEST}",
        f"ghcr.io/octo-org/slsa-gen@sha256:{DIGEST[:-1]}",
        f"ghcr.io/octo-org/slsa-gen@sha256:{DIGEST.upper()}",
        f"octo-org/slsa-gen@sha256:{DIGEST}",
        f"docker://{IMAGE}",
        f"{IMAGE}\n",
        f"{IMAGE} # x",
        "",
    ],
)
def test_what_is_not_an_image_by_digest_is_refused(image: str) -> None:
    """A tag can be moved, and whatever else stands there would become YAML."""
    script = _script("release_action")

    with pytest.raises(script["RefusedError"], match="not an image by digest"):
        script["pinned"]("action.yml", ACTION.format(image="Dockerfile"), image)


@given(image=st.text(max_size=90) | st.from_regex(r"[a-z0-9./:@-]{1,90}", fullmatch=True))
def test_whatever_is_accepted_is_one_plain_word_of_yaml(image: str) -> None:
    """What is written cannot begin a comment, a key or another line."""
    script = _script("release_action")

    if script["IMAGE"].fullmatch(image):
        assert "@sha256:" in image
        assert not set(image) & set(" \t\r\n#\"'{}[]&*!|>%`,")


def test_the_action_files_of_this_repository_can_be_pinned() -> None:
    """On main each has its one line with the value that the script expects."""
    script = _script("release_action")

    for name, expected in script["ACTION_FILES"].items():
        text = (ROOT / name).read_text(encoding="utf-8")
        changed = script["pinned"](name, text, IMAGE)
        assert changed == text.replace(f"image: {expected}\n", f"image: {PINNED}\n")
        assert changed != text


def test_the_version_is_the_package_s_own() -> None:
    """One version, in one place."""
    assert _script("release_notes")["version"](PACKAGE.parent) == slsa_gen.__version__


@pytest.mark.parametrize("version", ["1.2", "v1.2.3", "1.2.3-rc1", '1.2.3"\n__version__ = "1.2.4'])
def test_a_version_that_packages_do_not_carry_is_refused(tmp_path: Path, version: str) -> None:
    """It becomes a tag, a wheel's name and an image's tag: only what is plain may."""
    folder = _repository(tmp_path, version=version)

    done = _run(folder, "release_notes.py", "version")

    assert done.returncode == 1
    assert "expected one" in done.stderr


def test_the_notes_are_the_changelog_s_section_of_that_version(tmp_path: Path) -> None:
    """From below its heading to the next one."""
    folder = _repository(tmp_path)
    (folder / "CHANGELOG.md").write_text(
        "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-11-24\n\n### Added\n\n* It.\n\n"
        "## [1.2.2] - 2026-10-01\n\n* Older.\n"
    )

    done = _run(folder, "release_notes.py", "notes")

    assert (done.returncode, done.stdout) == (0, "### Added\n\n* It.\n")


@pytest.mark.parametrize(
    "changelog",
    ["## [Unreleased]\n\n* It.\n", "## [1.2.3]\n\n## [1.2.2]\n* a\n", "## [1.2.3]\na\n" * 2, ""],
    ids=["not named", "empty", "twice", "no changelog"],
)
def test_a_version_of_which_the_changelog_says_nothing_is_refused(
    tmp_path: Path, changelog: str
) -> None:
    """Whoever updates reads it."""
    folder = _repository(tmp_path)
    (folder / "CHANGELOG.md").write_text(changelog)

    done = _run(folder, "release_notes.py", "notes")

    assert done.returncode == 1
    assert "name the section 'Unreleased' so" in done.stderr


@pytest.mark.parametrize("script", ["release_action.py", "release_notes.py"])
def test_a_script_that_is_called_wrongly_says_how(script: str) -> None:
    """The workflow's author sees it at once."""
    done = _run(ROOT, script)

    assert done.returncode == 2
    assert done.stderr.startswith(f"usage: python3 scripts/{script} ")


def test_notes_of_every_text_end_where_the_next_heading_begins(tmp_path: Path) -> None:
    """Brackets in a section's own text are no headings."""
    notes: Callable[[Path, str], str] = _script("release_notes")["notes"]
    (tmp_path / "CHANGELOG.md").write_text("## [2.0.0]\n\n[link]: x\n### [a]\n\n## [1.0.0]\nb\n")

    assert notes(tmp_path, "2.0.0") == "[link]: x\n### [a]"
