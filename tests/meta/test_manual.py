"""The manual against the Actions' files, the options and the reason codes."""

from __future__ import annotations

import re
import runpy
import shlex
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from slsa_gen.cli import attest, inspect, layout, run, sandbox, verify
from slsa_gen.cli.parser import Parser
from slsa_gen.errors import UsageError
from slsa_gen.reasons import Reason
from tests.meta.repository import ROOT, parts, pyproject, tracked_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACTIONS: Final = {"OWNER/slsa-gen": "action.yml", "OWNER/slsa-gen/verify": "verify/action.yml"}
ATTEST: Final = "OWNER/slsa-gen"

_TABLE = re.compile(
    r"<!-- (?P<kind>inputs|outputs): (?P<file>\S+) -->\n\n(?P<rows>(?:\|.*\n)+)(?P<after>.*)"
)
_BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_OPTION = re.compile(r"`(--[a-z0-9][a-z0-9-]*)")
#: At a terminal; in a container, after the image; with ctr, after the program's full path.
_COMMAND = re.compile(
    r"(?:slsa-gen|docker run .*?/slsa-gen|ctr run .*?/bin/slsa-gen) (?P<arguments>\S.*)"
)
#: Placeholders of the manual that stand for anything.
_NO_COMMAND: Final = re.compile(r"…|\[|<|\$\(|^--(?:help|version)$")


def _script(name: str) -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "scripts" / f"{name}.py"))


def _pages() -> Iterator[tuple[Path, str]]:
    for name in tracked_files():
        if name.suffix == ".md" and name.parent.name in {"", "docs"}:
            yield name, (ROOT / name).read_text(encoding="utf-8")


@cache
def _metadata(file: str) -> dict[str, Any]:
    document = yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


@cache
def _options() -> frozenset[str]:
    parser = Parser(prog="slsa-gen")
    commands = parser.add_subparsers()
    for module in (attest, inspect, layout, run, sandbox, verify):
        module.add_parser(commands)
    return frozenset(
        option
        for command in commands.choices.values()
        for action in command._actions
        for option in action.option_strings
    )


def test_the_page_of_the_action_shows_every_input_and_output() -> None:
    """Its four tables are those that the script writes (``make docs``)."""
    table = _script("action_tables")["table"]
    found = list(_TABLE.finditer((ROOT / "docs" / "action.md").read_text(encoding="utf-8")))

    shown = {(match["file"], match["kind"]): match["rows"] for match in found}
    assert shown == {
        (file, kind): table(ROOT / file, kind)
        for file in ACTIONS.values()
        for kind in ("inputs", "outputs")
    }
    assert {match["after"] for match in found} == {""}, "a table ends with an empty line"


def _workflows() -> list[tuple[str, dict[str, Any]]]:
    script = _script("example_workflows")
    return [
        (f"{page.name}, example {number}", yaml.safe_load(text))
        for page in script["pages"]()
        for number, text in enumerate(script["examples"](page.read_text("utf-8")), start=1)
    ]


WORKFLOWS: Final = _workflows()


def _our_steps(job: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for step in job["steps"]:
        name = step.get("uses", "").partition("@")[0]
        if name in ACTIONS:
            yield name, step


@pytest.mark.parametrize(("where", "workflow"), WORKFLOWS, ids=[w for w, _ in WORKFLOWS])
def test_an_example_uses_only_inputs_and_outputs_that_there_are(
    where: str, workflow: dict[str, Any]
) -> None:
    """An input that was renamed takes the examples along."""
    for job in workflow["jobs"].values():
        outputs: dict[str, set[str]] = {}
        for name, step in _our_steps(job):
            metadata = _metadata(ACTIONS[name])
            assert set(step.get("with", {})) <= set(metadata["inputs"]), where
            outputs[step.get("id", "")] = set(metadata["outputs"])
        for identifier, output in re.findall(r"steps\.([\w-]+)\.outputs\.([\w-]+)", str(job)):
            assert output in outputs.get(identifier, {output}), where


@pytest.mark.parametrize(("where", "workflow"), WORKFLOWS, ids=[w for w, _ in WORKFLOWS])
def test_an_example_gives_each_job_what_it_needs(where: str, workflow: dict[str, Any]) -> None:
    """A step that is pasted must not end at a missing permission."""
    assert workflow["permissions"] == {}, where
    for job in workflow["jobs"].values():
        granted = job["permissions"]
        for name, step in _our_steps(job):
            if name == ATTEST:
                assert granted["id-token"] == "write", where
            if step.get("with", {}).get("upload-assets"):
                assert granted["contents"] == "write", where


def test_there_are_examples_of_both_actions() -> None:
    """The tests above have something to look at."""
    used = [n for _, w in WORKFLOWS for job in w["jobs"].values() for n, _ in _our_steps(job)]

    assert set(used) == set(ACTIONS)
    assert len(WORKFLOWS) >= 10


def test_the_readme_s_first_example_is_a_whole_release() -> None:
    """What is pasted first makes a draft, attests onto it, and publishes last."""
    (where, workflow), *_ = WORKFLOWS
    (job,) = workflow["jobs"].values()
    steps = [step.get("run", step.get("uses", "")) for step in job["steps"]]

    assert where.startswith("README.md")
    order = [
        next(i for i, text in enumerate(steps) if needle in text)
        for needle in ("--draft ", "OWNER/slsa-gen@", "--draft=false")
    ]
    assert order == sorted(order)
    assert job["permissions"] == {"id-token": "write", "contents": "write"}


@pytest.mark.parametrize(("where", "workflow"), WORKFLOWS, ids=[w for w, _ in WORKFLOWS])
def test_an_example_replaces_no_file_of_a_published_release(
    where: str, workflow: dict[str, Any]
) -> None:
    """Run again, another build would put files there that the bundle does not speak of."""
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            if "--clobber" in step.get("run", ""):
                assert "--json isDraft" in step["run"].partition("--clobber")[0], where


def _commands(text: str) -> Iterator[str]:
    """Yield the arguments of each command line of ours in a page's blocks."""
    for match in _BLOCK.finditer(text):
        if match["language"] in {"", "sh"}:
            for line in match["text"].replace("\\\n", " ").splitlines():
                if found := _COMMAND.match(line):
                    yield found[1].partition("  #")[0].partition(" | ")[0]


COMMANDS: Final = [
    (str(name), command)
    for name, text in _pages()
    if name.name != "reason-codes.md"
    for command in _commands(text)
    if not _NO_COMMAND.search(command)
]


@pytest.mark.parametrize(("page", "command"), COMMANDS, ids=[c for _, c in COMMANDS])
def test_a_command_of_the_manual_is_understood(page: str, command: str) -> None:
    """Its options exist, and go together as far as the parser can tell."""
    parser = Parser(prog="slsa-gen")
    commands = parser.add_subparsers()
    for module in (attest, inspect, layout, run, sandbox, verify):
        module.add_parser(commands)
    try:
        parser.parse_args(shlex.split(command))
    except UsageError as error:
        pytest.fail(f"{page}: slsa-gen {command}: {error}")


def test_the_manual_shows_commands() -> None:
    """The test above has something to look at."""
    assert {page for page, _ in COMMANDS} >= {
        "README.md",
        "docs/container.md",
        "docs/moving-over.md",
        "docs/releases.md",
    }


def _moving_over() -> Iterator[tuple[str, list[str]]]:
    """Yield each row of a table whose second column says what something is called here."""
    text = (ROOT / "docs" / "moving-over.md").read_text(encoding="utf-8")
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        head, _, *rows = table.splitlines()
        kind, here, *_ = (cell.strip() for cell in head.strip("|").split("|"))
        assert here == "here"
        for row in rows:
            cells = re.split(r"(?<!\\)\|", row.strip("|"))
            yield kind, [cell.strip() for cell in cells]


def test_what_moving_over_promises_is_there() -> None:
    """Where it says "the same", that very name exists; where it says another name, that one."""
    inputs = set(_metadata("action.yml")["inputs"])
    outputs = set(_metadata("action.yml")["outputs"])
    for kind, (there, here, *_) in _moving_over():
        named = there if here.startswith("the same") else here
        if kind.startswith("option"):
            if not here.startswith(("not ", "as above")):
                assert set(_OPTION.findall(named)) <= _options(), (there, here)
        elif re.match(r"^(the same|`)", here):
            known = inputs if kind == "input" else outputs
            assert set(re.findall(r"`([a-z0-9-]+)`", named)) <= known, (there, here)


def test_the_page_on_releases_names_every_reason_of_a_release() -> None:
    """Whoever's upload was refused finds the row."""
    text = (ROOT / "docs" / "releases.md").read_text(encoding="utf-8")
    table = text.split("<!-- table: release-reasons -->\n")[1].split("\n\n")[0]
    named = re.findall(r"^\| `([a-z.-]+)` \|", table, re.MULTILINE)

    assert sorted(named) == sorted(r for r in Reason if r.startswith("release."))


def test_whole_workflows_of_the_manual_are_written_for_linters(tmp_path: Path) -> None:
    """CI has actionlint and zizmor read them; a block that is no workflow is left out."""
    command = [sys.executable, str(ROOT / "scripts" / "example_workflows.py"), str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)

    written = sorted(tmp_path.iterdir())
    assert done.stdout.startswith(f"{len(WORKFLOWS)} workflows ")
    assert len(written) == len(WORKFLOWS)
    assert not [path for path in written if "COMMIT\n" in path.read_text(encoding="utf-8")]
    assert "README-1.yml" in [path.name for path in written]


def _anchors(page: str) -> set[str]:
    """Return what GitHub calls a page's headings in links."""
    outside = _BLOCK.sub("", page)
    headings = re.findall(r"^#+ (.+)$", outside, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_to_a_heading_leads_to_one() -> None:
    """A heading that was reworded takes its links along."""
    pages = {(ROOT / name): text for name, text in _pages()}
    broken = [
        f"{path.name}: {target}#{anchor}"
        for path, text in pages.items()
        for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)", text)
        if anchor not in _anchors(pages[(path.parent / target).resolve() if target else path])
    ]

    assert broken == []


def test_the_page_on_architecture_shows_every_package_and_the_layers_that_are_checked() -> None:
    """A newcomer finds each in the tree, and below it who may import whom."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    tree, layers = (match["text"] for match in list(_BLOCK.finditer(text))[:2])
    contract: Any = pyproject()["tool"]["importlinter"]

    missing = {n for n in parts() - {"__main__"} if not re.search(rf"\b{n}(?:\.py|/)", tree)}
    assert missing == set()
    assert ["__main__", *layers.splitlines()] == contract["contracts"][0]["layers"]
