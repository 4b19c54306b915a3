"""What the image holds, what it says of itself, and what it does not hold."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from slsa_gen import __version__
from tests.stack.container import engine
from tests.stack.container.engine import ENTRY, PYTHON, STRANGER, Way, run_docker

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Lists every file that the image adds to its base; run inside, by its own interpreter.
_LISTING: Final = """
import json, os, pathlib, sysconfig
ours, library = pathlib.Path("/opt/slsa-gen"), pathlib.Path(sysconfig.get_path("stdlib"))
found = []
for folder in (ours, library):
    for path in folder.rglob("*"):
        if folder == library and path.suffix != ".pyc":
            continue
        status = path.lstat()
        head = path.read_bytes()[4:8] if path.suffix == ".pyc" else b""
        found.append((str(path), status.st_mode, status.st_uid, int(status.st_mtime), head.hex()))
elsewhere = [str(p) for f in ("/tmp", "/root", "/src", "/tools", "/image", "/var/tmp")
             for p in pathlib.Path(f).rglob("*")]
print(json.dumps([found, elsewhere]))
"""
#: A compiled file that is used without looking at its source: PEP 552's flags.
_UNCHECKED_HASH: Final = "01000000"


@dataclass(frozen=True)
class File:
    """One file that the image adds; ``flags`` are those of a compiled file, in hex."""

    path: str
    mode: int
    uid: int
    mtime: int
    flags: str


@dataclass(frozen=True)
class Contents:
    """What is added to the base, and what lies where only a build would leave it."""

    files: tuple[File, ...]
    elsewhere: tuple[str, ...]


@pytest.fixture(scope="module")
def contents(image: str) -> Contents:
    """List the image."""
    assert image
    outcome = run_docker("-I", "-c", _LISTING, entry=PYTHON)
    assert outcome.code == 0, outcome.err
    files, elsewhere = json.loads(outcome.out)
    return Contents(tuple(File(*values) for values in files), tuple(elsewhere))


def test_the_entry_point_is_absolute_and_the_rest_is_left_to_the_runner(
    config: dict[str, Any],
) -> None:
    """An Action sets neither user nor folder; the base's own command is gone."""
    assert config["Entrypoint"] == [ENTRY]
    assert config["User"] == ""
    assert config["WorkingDir"] in {"", "/"}
    assert not config["Cmd"]
    assert not config.get("Volumes")
    assert not config.get("ExposedPorts")


def test_the_labels_say_what_it_is_and_where_it_is_from(config: dict[str, Any]) -> None:
    """The names are those of the OCI image specification."""
    prefix = "org.opencontainers.image."
    labels = {name.removeprefix(prefix): value for name, value in config["Labels"].items()}

    assert {"title", "description", "source", "revision", "version", "licenses"} <= labels.keys()
    assert labels["title"] == "slsa-gen"
    assert labels["licenses"] == "Apache-2.0"
    assert labels["version"] == __version__
    assert re.fullmatch(r"[0-9a-f]{40}", labels["revision"])


def test_nothing_of_the_build_is_left_in_the_environment(config: dict[str, Any]) -> None:
    """Only what the base sets."""
    names = {entry.partition("=")[0] for entry in config["Env"]}

    assert [name for name in names if name.startswith(("PIP", "SOURCE", "SLSA", "TMP"))] == []


def test_it_holds_no_installer_no_tests_and_no_leftovers(contents: Contents) -> None:
    """What is not there cannot be run, and needs no update."""
    ours = [file.path for file in contents.files if file.path.startswith("/opt/")]
    unwanted = re.compile(
        r"/site-packages/(pip|setuptools|wheel|flit_core|pytest|mypy)\b|/slsa_gen/tests\b"
        r"|/conftest\.py$|\.(whl|tar\.gz|a)$|/direct_url\.json$|/bin/activate"
    )

    assert len(ours) > 1000
    assert [path for path in ours if unwanted.search(path)] == []
    assert [path for path in contents.elsewhere if "/." not in path] == []


def test_its_programs_are_two(contents: Contents) -> None:
    """The command line, and the Action beside it; and the interpreter that runs them."""
    place = "/opt/slsa-gen/bin/"
    names = {f.path.removeprefix(place) for f in contents.files if f.path.startswith(place)}

    assert {name for name in names if not name.startswith("python")} == {
        "slsa-gen",
        "slsa-gen-action",
    }


def test_all_of_it_is_root_s_and_nobody_else_s_to_change(contents: Contents) -> None:
    """Whoever it runs as; and nothing gives its starter another user's rights."""
    links = 0o120000
    loose = [
        file.path
        for file in contents.files
        if file.uid != 0 or (file.mode & 0o170000 != links and file.mode & 0o6022)
    ]

    assert loose == []


def test_everything_is_compiled_and_says_nothing_of_times(contents: Contents) -> None:
    """So that two builds of one commit are alike, and no start compiles anything."""
    compiled = [file for file in contents.files if file.path.endswith(".pyc")]
    sources = {file.path for file in contents.files if re.fullmatch(r"/opt/.*\.py", file.path)}
    cached = {re.sub(r"__pycache__/([^/]+)\.cpython-\d+\.pyc$", r"\1.py", f.path) for f in compiled}

    assert [file.path for file in compiled if file.flags != _UNCHECKED_HASH] == []
    assert sources - cached == set()
    assert len({file.mtime for file in contents.files if "/bin/" in file.path}) == 1


@pytest.mark.parametrize("module", ["slsa_gen.attest", "slsa_gen.verify", "slsa_gen.cli.main"])
def test_no_start_compiles_anything(image: str, module: str) -> None:
    """The official base comes without the compiled files of Python's own modules."""
    assert image
    imports = f"import {module}, slsa_gen.evidence.prove, slsa_gen.signing.worker"

    outcome = run_docker("-v", "-I", "-c", imports, entry=PYTHON)

    assert outcome.code == 0
    assert list(_compiled_now(outcome.err)) == []


def _compiled_now(trace: str) -> Iterator[str]:
    for line in trace.splitlines():
        if match := re.fullmatch(r"# code object from '(.*)'", line):
            yield from () if match[1].endswith(".pyc") else (match[1],)


def test_its_interpreter_sees_its_own_packages_alone(image: str) -> None:
    """Whatever the base's Python has installed for itself."""
    assert image
    code = "import sys; print([p for p in sys.path if 'packages' in p]); import pip"

    outcome = run_docker("-I", "-c", code, entry=PYTHON)

    assert re.fullmatch(r"\['/opt/slsa-gen/lib/python3\.\d+/site-packages'\]\n", outcome.out)
    assert "No module named 'pip'" in outcome.err


#: What a build may leave lying about; each writes that it was run.
_TRAPS: Final = (
    "slsa_gen/__init__.py",
    "argparse.py",
    "requests.py",
    "signal.py",
    "runpy.py",
    "sitecustomize.py",
    "usercustomize.py",
    "startup.py",
    "sigstore/__init__.py",
)


def test_nothing_that_lies_in_the_workspace_is_run(image: str, project: Any) -> None:  # noqa: ANN401 (see conftest)
    """Neither by its name nor by variables that a workflow hands in."""
    assert image
    for trap in _TRAPS:
        path = project.folder / trap
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"open('/project/ran', 'a').write({trap!r} + chr(10))\n")
    variables = {
        "PYTHONPATH": "/project",
        "PYTHONSTARTUP": "/project/startup.py",
        "PYTHONHOME": "/project",
        "PYTHONUSERBASE": "/project",
        "PYTHONINSPECT": "1",
        "SLSA_GEN_SANDBOX": "/project/.sandbox",
    }
    mounts = (engine.Mount(project.folder, "/project"),)
    way = Way(user=STRANGER)

    outcome = run_docker(
        *("attest", "--sigstore", "sandbox", "app.bin"),
        way=way,
        mounts=mounts,
        variables=variables,
        folder="/project",
    )
    assert outcome.code == 0, outcome.err
    assert not (project.folder / "ran").exists()

    # The traps do work: without isolation they are run.
    run_docker(
        *("-m", "slsa_gen", "--version"),
        way=way,
        mounts=mounts,
        variables={"PYTHONPATH": "/project"},
        folder="/project",
        entry=PYTHON,
    )
    assert (project.folder / "ran").exists()


def test_no_variable_makes_another_environment_of_ours(image: str, project: Any) -> None:  # noqa: ANN401 (see conftest)
    """Python obeys one even when it is isolated; an earlier step can set it."""
    assert image
    code = "import sys, sysconfig; print(sys._base_executable, sysconfig.get_path('purelib'))"
    base, packages = run_docker("-I", "-c", code, entry=PYTHON).out.split()
    home = base.rpartition("/")[0]
    (project.folder / "pyvenv.cfg").write_text(f"home = {home}\n")
    trap = project.folder / packages.removeprefix("/opt/slsa-gen/") / "trap.pth"
    trap.parent.mkdir(parents=True)
    trap.write_text("import os; open('/project/ran', 'a').close()\n")
    variables = {"__PYVENV_LAUNCHER__": "/project/bin/python"}
    mounts = (engine.Mount(project.folder, "/project"),)
    way = Way(user=STRANGER)

    outcome = run_docker("--version", way=way, mounts=mounts, variables=variables)
    assert outcome.code == 0, outcome.err
    assert not (project.folder / "ran").exists()

    # The trap does work: isolated or not, Python alone runs it.
    run_docker("-I", "-c", "", way=way, mounts=mounts, variables=variables, entry=PYTHON)
    assert (project.folder / "ran").exists()


def test_no_variable_has_openssl_load_modules_or_write_keys_down(image: str) -> None:
    """They are gone before it is loaded; what is run by us does not get them either."""
    assert image
    variables = {
        "OPENSSL_CONF": "/project/openssl.cnf",
        "OPENSSL_ENGINES": "/project",
        "OPENSSL_MODULES": "/project",
        "SSLKEYLOGFILE": "/project/keys",
        "SLSA_GEN_SANDBOX": "/sandbox",
    }

    outcome = run_docker("sandbox", "env", "--", "env", variables=variables)

    assert outcome.code == 0, outcome.err
    assert "SLSA_GEN_SANDBOX=/sandbox" in outcome.out
    assert not [line for line in outcome.out.splitlines() if "/project" in line]
