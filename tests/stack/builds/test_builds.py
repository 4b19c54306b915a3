"""A Python package, a Go program and an npm package, each built under ``run`` and verified."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Final

import pytest

from tests.stack.builds.project import ROOT, Project, lacking

if TYPE_CHECKING:
    from pathlib import Path

_GO_MOD: Final = """\
module example.com/hello

go 1.21

require rsc.io/quote v1.5.2
"""
_GO_MAIN: Final = """\
package main

import (
	"fmt"

	"rsc.io/quote"
)

func main() { fmt.Println(quote.Hello()) }
"""
_NPM: Final = {
    "name": "hello",
    "version": "1.0.0",
    "main": "hello.min.js",
    "files": ["hello.min.js"],
    "scripts": {"build": "uglifyjs hello.js --output hello.min.js"},
    "devDependencies": {"uglify-js": "3.19.3"},
}
_NPM_STEP: Final = (
    "npm ci --no-audit --no-fund && npm run build && mkdir dist && npm pack --pack-destination dist"
)


def _needs(*programs: str) -> None:
    if reason := lacking("git", *programs):
        pytest.skip(reason)


def _check_refusals(project: Project, artifact: Path) -> None:
    """A file that is not the one that was built is refused."""
    tampered = artifact.with_name("tampered")
    tampered.write_bytes(artifact.read_bytes() + b"\0")
    assert not project.accepts(tampered)


def _materials(project: Project) -> set[str]:
    return {material["name"] for material in project.link()["materials"]}


def test_this_projects_own_packages(tmp_path: Path) -> None:
    """``python -m build`` makes an archive and a wheel in environments of its own."""
    _needs()
    project = Project(tmp_path, clone=ROOT)
    tools = tmp_path / "tools"
    project.outside([sys.executable, "-m", "venv", str(tools)])
    python = str(tools / "bin" / "python")
    project.outside([python, "-m", "pip", "install", "--quiet", "build==1.3.0"])

    project.step([python, "-m", "build"], "dist/*.whl", "dist/*.tar.gz")

    built = sorted((project.folder / "dist").iterdir())
    assert [path.suffix for path in built] == [".whl", ".gz"]
    assert project.products() == {f"dist/{path.name}" for path in built}
    assert all(project.accepts(path) for path in built)
    _check_refusals(project, built[0])


def test_a_go_program_with_a_dependency(tmp_path: Path) -> None:
    """Its ``go.sum`` is on record, as it pins what was fetched."""
    _needs("go")
    project = Project(tmp_path, {"go.mod": _GO_MOD, "main.go": _GO_MAIN, ".gitignore": "dist/\n"})
    project.outside(["go", "mod", "tidy"])
    project.repository.commit()

    project.step(["go", "build", "-trimpath", "-o", "dist/hello", "."], "dist/hello")

    assert project.products() == {"dist/hello"}
    assert "go.sum" in _materials(project)
    assert project.accepts(project.folder / "dist" / "hello")
    _check_refusals(project, project.folder / "dist" / "hello")


def test_an_npm_package_with_a_build_of_its_own(tmp_path: Path) -> None:
    """Installed from its lock file, built, and packed, in one step with a shell."""
    _needs("npm", "node")
    project = Project(
        tmp_path,
        {
            "package.json": json.dumps(_NPM),
            "hello.js": "exports.hello = function () { return 'hello' }\n",
            ".gitignore": "node_modules/\ndist/\nhello.min.js\n",
        },
    )
    project.outside(["npm", "install", "--package-lock-only", "--no-audit", "--no-fund"])
    project.repository.commit()

    project.step(
        [
            *("sh", "-c"),
            _NPM_STEP,
        ],
        "dist/*.tgz",
    )

    assert project.products() == {"dist/hello-1.0.0.tgz"}
    assert "package-lock.json" in _materials(project)
    assert project.accepts(project.folder / "dist" / "hello-1.0.0.tgz")
    _check_refusals(project, project.folder / "dist" / "hello-1.0.0.tgz")
