"""What people read: every refusal of this package, held against one golden file.

To take over a change that is meant, set ``UPDATE`` to True, run this file, set it back, and
look at what git shows of ``messages.golden.txt``.
"""

from __future__ import annotations

import ast
import base64
import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import slsa_gen.subjects
from slsa_gen.errors import SubjectError
from slsa_gen.reasons import Reason
from slsa_gen.subjects.request import SubjectRequest
from tests.unit.subjects.trees import ONE, TWO, collected, limited, make, sha256

if TYPE_CHECKING:
    from collections.abc import Iterator

UPDATE = False
_GOLDEN = Path(__file__).parent / "messages.golden.txt"
_LONG = "3" * 128


@dataclass(frozen=True)
class Wrong:
    """One thing done wrongly: what is asked for, and with which options."""

    what: str
    request: SubjectRequest
    options: dict[str, Any] = field(default_factory=dict)


def path(what: str, *patterns: str, **options: object) -> Wrong:
    """Return a wrong use of paths."""
    return Wrong(what, SubjectRequest(patterns=patterns), options)


def line(what: str, *lines: str) -> Wrong:
    """Return a wrong list; it is written to the file SUMS before it is asked for."""
    return Wrong(what, SubjectRequest(checksum_files=("SUMS",)), {"sums": "\n".join(lines)})


def digest(what: str, text: str, name: str = "") -> Wrong:
    """Return a wrong digest."""
    return Wrong(what, SubjectRequest(digests=(text,), name=name))


def encoded(what: str, text: str) -> Wrong:
    """Return a wrong text in base64."""
    return Wrong(what, SubjectRequest(base64_texts=(text,)))


def declared(what: str, *subjects: tuple[str, str, str], **options: object) -> Wrong:
    """Return a wrong list of the runner's; it is written to the file SUMS."""
    entries = [{"name": n, "digest": f"sha256:{d}", "kind": k} for n, d, k in subjects]
    sums = json.dumps({"version": 1, "subjects": entries})
    return Wrong(what, SubjectRequest(declared="SUMS"), {"sums": sums, **options})


WRONGS = (
    Wrong("nothing is asked for", SubjectRequest()),
    Wrong("nothing was declared", SubjectRequest(declared="")),
    declared("a declared file changed", ("app", "1" * 64, "file")),
    declared("a declared file is one of two", ("tool", sha256("linux/tool"), "file")),
    declared("a declared list is of another kind", ("app", "1" * 64, "folder")),
    declared("names for what was declared", ("app", "1" * 64, "file"), relative_names=True),
    Wrong("a list of paths is empty", SubjectRequest(pattern_files=("SUMS",)), {"sums": "\n"}),
    Wrong("only a name is given", SubjectRequest(name="app")),
    path("a variable is unset", "dist/*", ""),
    path("a path is mistyped", "dist/ap"),
    path("a glob matches nothing", "dist/*.whl"),
    path("several on one line", "dist/app,dist/lib"),
    path("braces", "dist/{app}"),
    path("a blank at the end", "dist/app "),
    path("the home folder", "~/app"),
    path("backslashes", "dist\\app"),
    path("stars that mislead", "dist/**.whl"),
    path("dots after a wildcard", "*/../dist/app"),
    path("a slash after a wildcard", "*/"),
    path("an exclude first", "!dist/app", "dist/*"),
    path("an exclude that empties", "dist/*", "!dist/**"),
    path("only evidence", "old/*"),
    path("a folder", "dist"),
    path("only folders", "dist/su*"),
    path("a pipe", "special/pipe"),
    path("a device", "/dev/null"),
    path("a pipe that a glob meets", "special/*"),
    path("a link out of its folder", "links/out"),
    path("a link out of the workspace", "links/**", boundary="workspace"),
    path("a path outside the workspace", "../secret", boundary="workspace"),
    path("a link to nothing", "links/gone"),
    path("a link to itself", "links/loop"),
    path("two files of one name", "linux/tool", "mac/tool"),
    path("no UTF-8", "names/caf*"),
    path("a control character", "names/esc*"),
    path("relative names from above", "../secret", relative_names=True),
    path("too many", "dist/*", limits=limited(subjects=1)),
    path("a file that is written to", "dist/growing", progress="append"),
    path("a file that is touched", "dist/growing", progress="touch"),
    path("a file that is removed", "dist/*", progress="remove"),
    path("a file that cannot be read", "/proc/self/mem"),
    Wrong("a list is mistyped", SubjectRequest(checksum_files=("SHA256SUM",))),
    Wrong("a list's variable is unset", SubjectRequest(checksum_files=("",))),
    Wrong("a list is a folder", SubjectRequest(checksum_files=("dist",))),
    Wrong("a list is a pipe", SubjectRequest(checksum_files=("special/pipe",))),
    Wrong(
        "a list is too large",
        SubjectRequest(checksum_files=("SUMS",)),
        {"sums": f"{ONE}  app", "limits": limited(subject_list_bytes=50)},
    ),
    line("an empty list", ""),
    line("words in a list", f"{ONE}  app", "Checksums of today:"),
    line("another algorithm's list", f"{'1' * 32}  app"),
    line("another algorithm's tag", f"BLAKE2b (app) = {_LONG}"),
    line("a digest of the wrong length", f"SHA256 (app) = {ONE[1:]}"),
    line("an unknown escape", f"\\{ONE}  a\\tb"),
    line("two separations", f"{ONE}  app", f"{TWO} lib"),
    line("a list without line ends", f"{ONE}  app\0{TWO}  lib\0"),
    line("an absolute name", f"{ONE}  /build/app"),
    line("a name that climbs", f"{ONE}  ../app"),
    line("a name that is a folder's", f"{ONE}  dist/"),
    line("no name", f"{ONE}  "),
    line("an escaped line end", f"\\{ONE}  a\\nb"),
    line("a name that is too long", f"{ONE}  {'n' * 5000}"),
    Wrong(
        "a list of another build",
        SubjectRequest(patterns=("dist/app",), checksum_files=("SUMS",)),
        {"sums": f"{ONE}  app"},
    ),
    digest("a digest without a name", f"sha256:{ONE}"),
    digest("a digest without a digest", "app"),
    digest("an unknown algorithm", "app@md5:" + "1" * 32),
    digest("a short digest", "app@sha256:1234"),
    digest("a digest with a wrong character", f"app@sha256:{ONE[1:]}g"),
    digest("a digest's absolute name", f"/build/app@sha256:{ONE}"),
    digest("a digest's name that climbs", f"../app@sha256:{ONE}"),
    Wrong("a file's name that climbs", SubjectRequest(patterns=("dist/app",), name="../app")),
    digest("a name that nothing needs", f"app@sha256:{ONE}", "name"),
    Wrong("a name for several", SubjectRequest(patterns=("dist/*",), name="app")),
    encoded("an empty output", ""),
    encoded("no base64", f"{ONE}  app"),
    encoded("base64 that was cut", "QUJ"),
    encoded("base64 written in two ways", "QR=="),
    encoded("a wrong line in base64", base64.b64encode(b"words\n").decode()),
    Wrong("base64 in a file that is not there", SubjectRequest(base64_files=("B64",))),
    path("an unknown hash", "dist/app", algorithms=("md5",)),
)


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SubjectError]:
    """Do each wrong thing in a folder of its own; return what is said of it."""
    said = {}
    for wrong in WRONGS:
        base = _world(tmp_path_factory.mktemp("home") / "project", wrong.options.pop("sums", None))
        request = wrong.request
        if request.declared:
            request = replace(request, declared=str(base / request.declared))
        try:
            collected(base, request, **dict(_options(base, wrong.options)))
        except SubjectError as caught:
            error = caught
        else:
            pytest.fail(f"{wrong.what}: nothing was refused")
        for text in ("message", "hint"):
            shown = getattr(error, text).replace(str(base.parent), "/home/me")
            setattr(error, text, shown)
        said[wrong.what] = error
    return said


def _world(base: Path, sums: str | None) -> Path:
    make(base, "dist/app", "dist/lib", "dist/sub/x", "old/app.intoto.jsonl", "linux/tool")
    make(base, "mac/tool", "links/ok", "special/x", "../secret")
    (base / "names").mkdir()
    (base / "names" / os.fsdecode(b"caf\xe9")).touch()
    (base / "names" / "esc\x1b[2J").touch()
    (base / "dist" / "growing").write_bytes(b"x" * 300_000)
    os.mkfifo(base / "special" / "pipe")
    (base / "links" / "out").symlink_to("../../secret")
    (base / "links" / "gone").symlink_to("never")
    (base / "links" / "loop").symlink_to("loop")
    if sums is not None:
        (base / "SUMS").write_text(sums)
    return base


def _options(base: Path, options: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in options.items():
        if name == "boundary":
            yield name, base
        elif name == "progress":
            yield name, _Meddler(base / "dist" / "growing", value)
        else:
            yield name, value


class _Meddler:
    """A progress that changes the file that is being hashed."""

    def __init__(self, target: Path, how: str) -> None:
        self._target = target
        self._how = how

    def advance(self, *_: int) -> None:
        """Change it."""
        if self._how == "append":
            with self._target.open("ab") as file:
                file.write(b"x")
        elif self._how == "touch":
            os.utime(self._target, ns=(1, 1))
        else:
            (self._target.parent / "lib").unlink(missing_ok=True)


def test_every_message_reads_as_the_golden_file_says(messages: dict[str, SubjectError]) -> None:
    """Message, hint and code, as they are printed."""
    text = "".join(
        f"# {what}\n{error.message}\n  {error.hint}\n  [{error.reason}, exit {error.exit_code}]\n\n"
        for what, error in messages.items()
    )
    if UPDATE:
        _GOLDEN.write_text(text, encoding="utf-8")
    assert text == _GOLDEN.read_text(encoding="utf-8")


def test_every_message_is_harmless_and_says_what_to_do(messages: dict[str, SubjectError]) -> None:
    """One printable line, and a hint, which may have several."""
    for error in messages.values():
        assert error.message.isprintable()
        assert error.hint.replace("\n", "").isprintable()
        assert error.hint
        assert len(error.message) < 1000


def test_every_reason_of_the_package_has_a_message_here(messages: dict[str, SubjectError]) -> None:
    """Whoever adds a refusal adds its message."""
    used = {
        node.attr
        for file in Path(slsa_gen.subjects.__path__[0]).glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in Reason.__members__
    }

    assert {error.reason.name for error in messages.values()} == used
