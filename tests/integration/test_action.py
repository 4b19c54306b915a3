"""The Action under the conditions that a runner makes, without an engine: what later steps see."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from slsa_gen import environment
from tests.support.runner import Processes, Runner

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.runner import Step

pytestmark = pytest.mark.network

SIGN = {"sigstore": "sandbox"}
#: The sandbox's own repository, where there is no checkout.
CHECK = {"sigstore": "sandbox", "repo": "sandbox/sandbox"}
#: Names that mean something to a runner, a shell, Markdown, HTML or Mermaid.
NASTY = (
    "a b",
    'it\'s "quoted"',
    "::error::x",
    "##[error]x",
    "::add-mask::a",
    "100%0A",
    "a|b",
    "<b>bold<b>",
    "`code`",
    "[link](http:evil)",
    "@octocat #1 www.example.com",
    "$(touch pwned)",
    "-x",
    "a,b",
    "ä—λ",
    "%%{init}%%",
    "\\n",
)


@pytest.fixture
def runner(tmp_path: Path, sandbox_template: Path) -> Runner:
    """Return a runner whose HOME has a sandbox."""
    runner = Runner(tmp_path / "machine", Processes(tmp_path))
    shutil.copytree(sandbox_template, runner.home / ".local/share/slsa-gen/sandbox")
    return runner


def sha256(content: bytes) -> str:
    """Return a digest in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def titles(step: Step) -> list[str]:
    """Return the titles of a step's errors."""
    return [a.properties["title"] for a in step.log.annotations if a.name == "error"]


def printed_command(step: Step) -> str:
    """Return the command that the step said does the same."""
    lines = iter(step.log.shown)
    assert any(line == "##[group]The same on the command line" for line in lines)
    assert next(lines).startswith("::stop-commands::")
    return next(lines)


def test_a_later_step_on_the_host_uses_what_was_attested(runner: Runner) -> None:
    """It opens the bundle and reads the subjects; no token is anywhere to be seen."""
    runner.write("dist/app", b"app")

    step = runner.uses("action.yml", SIGN | {"subject-path": "dist/*\n"})

    assert step.code == 0, step.log.text
    assert step.outputs["bundle-path"] == "dist/app.intoto.jsonl"
    bundle = json.loads((runner.workspace / step.outputs["bundle-path"]).read_bytes())
    assert bundle["mediaType"].startswith("application/vnd.dev.sigstore.bundle")
    assert step.outputs["bundle-paths"].splitlines() == ["dist/app.intoto.jsonl"]
    assert json.loads(step.outputs["subjects"]) == [
        {"name": "app", "digest": {"sha256": sha256(b"app")}}
    ]
    assert step.outputs["subject-count"] == "1"
    assert step.outputs["log-index"] == "0"
    assert step.outputs["release-assets"] == "[]"
    assert titles(step) == []
    assert "attested 1 subject" in step.summary
    assert sha256(b"app") in step.summary
    assert "proves nothing to anyone else" in step.summary
    _assert_tokens_hidden(runner, step)
    assert printed_command(step) == ("slsa-gen attest --sigstore sandbox -- 'dist/*'")


def _assert_tokens_hidden(runner: Runner, step: Step) -> None:
    """The job's token, the run's request token and the identity token."""
    (identity,) = (mask for mask in step.log.masks if mask.count(".") == 2)
    assert identity.startswith("eyJ")
    assert runner.token in step.log.masks
    assert len(step.log.masks) == 3
    for mask in step.log.masks:
        assert mask not in step.log.text + step.summary + json.dumps(step.outputs)
    assert "::add-mask::" not in step.log.text


def _verify_command(step: Step) -> str:
    (command,) = re.findall(r"^slsa-gen verify .*$", step.summary, re.MULTILINE)
    assert isinstance(command, str)
    return command


def _run_on_host(runner: Runner, command: str, folder: str) -> int:
    """Run a command that was printed, in a shell, as whoever pastes it."""
    line = f'slsa-gen() {{ "{sys.executable}" -m slsa_gen "$@"; }}\n{command}\n'
    kept = {k: v for k, v in environment.variables().items() if k.startswith("COVERAGE_")}
    done = subprocess.run(
        ["bash", "-c", line],
        check=False,
        cwd=runner.workspace / folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(runner.home), **kept},
        capture_output=True,
    )
    return done.returncode


def test_names_that_mean_something_elsewhere_mean_nothing_here(runner: Runner) -> None:
    """No command is obeyed, no table broken, and each name is read back as it was."""
    for name in NASTY:
        runner.write(f"dist/{name}", name.encode())

    step = runner.uses("action.yml", SIGN | {"subject-path": "dist/*"})
    verified = runner.uses(
        "verify/action.yml", CHECK | {"artifacts": "\n".join(f"dist/{n}" for n in NASTY)}
    )

    assert step.code == verified.code == 0, step.log.text + verified.log.text
    assert [s["name"] for s in json.loads(step.outputs["subjects"])] == sorted(NASTY)
    assert [v["artifact"] for v in json.loads(verified.outputs["verdicts"])] == [
        f"dist/{name}" for name in NASTY
    ]
    for one in (step, verified):
        assert {c.name for c in one.log.obeyed} <= {"add-mask", "group", "endgroup"}
        rows = [line for line in one.summary.splitlines() if line.startswith("| <code>")]
        assert len(rows) == len(NASTY)
        assert all(row.count("|") == rows[0].count("|") for row in rows)
        assert "<b>" not in one.summary
        assert "http:" not in one.summary.replace("&#58;", "")
    assert not (runner.workspace / "pwned").exists()
    assert _run_on_host(runner, _verify_command(step), "dist") == 0


def test_the_verdict_on_each_artifact_is_an_output_and_each_refusal_an_annotation(
    runner: Runner,
) -> None:
    """With what to do; an accepted one is in the summary only."""
    runner.write("dist/app", b"app")
    assert runner.uses("action.yml", SIGN | {"subject-path": "dist/app"}).code == 0
    runner.write("dist/other", b"other")

    step = runner.uses("verify/action.yml", CHECK | {"artifacts": "dist/app\ndist/other\n"})

    assert step.code == 1
    verdicts: list[dict[str, Any]] = json.loads(step.outputs["verdicts"])
    assert [(v["artifact"], v["verdict"]) for v in verdicts] == [
        ("dist/app", "accepted"),
        ("dist/other", "refused"),
    ]
    assert verdicts[1]["reasons"] == ["evidence.none"]
    assert step.outputs["accepted-count"] == step.outputs["refused-count"] == "1"
    assert titles(step) == ["slsa-gen verify: evidence.none"]
    (annotation,) = step.log.annotations
    assert "'dist/other' was refused" in annotation.data
    assert "\nTo do: Give the bundle" in annotation.data
    assert "1 accepted, 1 refused" in step.summary


def test_a_path_of_the_host_in_a_further_line_shows_what_to_write(runner: Runner) -> None:
    """The runner translates the first line alone."""
    runner.write("dist/a", b"a")
    runner.write("dist/b", b"b")
    whole = "${{ github.workspace }}/dist/a\n${{ github.workspace }}/dist/b\n"

    first = runner.uses(
        "action.yml", SIGN | {"subject-path": whole.splitlines()[0], "dry-run": "true"}
    )
    both = runner.uses("action.yml", SIGN | {"subject-path": whole})

    assert first.code == 0, first.log.text
    assert f'"sha256":"{sha256(b"a")}"' in first.log.text
    assert both.code == 2
    assert titles(both) == ["slsa-gen attest: usage.host-path"]
    assert f"line 2: {str(runner.workspace / 'dist/b')!r}" in both.log.annotations[0].data
    assert both.log.annotations[0].data.endswith("\n\n    dist/b")
    assert "dist/b" in both.summary


def test_what_steps_declared_is_attested_while_it_is_what_they_declared(runner: Runner) -> None:
    """With no input at all; a file that changed since is refused."""
    runner.write("out/app", b"app")
    digest = f"sha256:{sha256(b'app')}"
    listed = {"version": 1, "subjects": [{"name": "app", "digest": digest, "kind": "file"}]}
    runner.declare(json.dumps(listed))

    step = runner.uses("action.yml", SIGN)
    runner.write("out/app", b"other")
    changed = runner.uses("action.yml", SIGN | {"overwrite": "true"})
    runner.declare("")
    empty = runner.uses("action.yml", SIGN)

    assert step.code == 0, step.log.text
    assert step.outputs["bundle-path"] == "out/app.intoto.jsonl"
    assert changed.code == 2
    assert titles(changed) == ["slsa-gen attest: subject.declared-changed"]
    assert changed.outputs == {}
    assert empty.code == 2
    assert 'echo "dist/app" >> "$GITHUB_ARTIFACTS"' in empty.log.annotations[0].data


def test_five_thousand_subjects_are_listed_in_a_file(runner: Runner) -> None:
    """An output is too small for them; the summary takes them."""
    for number in range(5000):
        runner.write(f"dist/file-{number:04}", b"%d" % number)

    step = runner.uses("action.yml", SIGN | {"subject-path": "dist/*"})

    assert step.code == 0, step.log.text
    assert step.outputs["subject-count"] == "5000"
    assert step.outputs["subjects"] == ""
    listed = json.loads((runner.workspace / step.outputs["subjects-path"]).read_bytes())
    assert [s["name"] for s in listed] == [f"file-{number:04}" for number in range(5000)]
    assert "5,000 subjects" in step.summary
    assert sum(len(v) for v in step.outputs.values()) < 1000


def test_a_list_that_fits_an_input_is_taken_and_a_longer_one_has_a_file(runner: Runner) -> None:
    """One environment string ends at 128 KiB; the kernel says so, before the action could."""
    runner.write("dist/app", b"app")
    line = f"dist/{'./' * 60}app\n"
    limit = 128 * 1024 - len("INPUT_SUBJECT-PATH=") - 1
    fits = line * (limit // len(line))

    taken = runner.uses("action.yml", SIGN | {"subject-path": fits, "dry-run": "true"})
    too_long = runner.uses("action.yml", SIGN | {"subject-path": fits + line * 2})
    runner.write("list.txt", (fits + line * 2).encode())
    by_file = runner.uses("action.yml", SIGN | {"subject-path-file": "list.txt", "dry-run": "true"})

    assert taken.code == 0, taken.log.text
    assert too_long.code == 1
    assert "Argument list too long" in too_long.log.text
    assert by_file.code == 0, by_file.log.text
    assert f'"sha256":"{sha256(b"app")}"' in by_file.log.text


def test_what_fails_says_so_with_its_exit_code_and_what_to_do(runner: Runner) -> None:
    """Each kind of error: wrong usage, refused evidence, and what could not be decided."""
    runner.write("dist/app", b"app")
    runner.write("dist/app.intoto.jsonl", b"no bundle")
    runner.write("evil/a\n::warning::pwned", b"")
    cases = (
        ("action.yml", {"overwrite": "yes"}, 2, "usage.option"),
        ("action.yml", SIGN | {"subject-path": "dist/*.whl"}, 2, "subject.no-match"),
        ("action.yml", SIGN | {"subject-path": "evil/*"}, 2, "subject.name-control"),
        ("action.yml", {"subject-path": "dist/app"}, 3, "context.permission"),
        ("verify/action.yml", {"artifacts": "dist/app"}, 2, "usage.expectation"),
        ("verify/action.yml", CHECK | {"artifacts": "dist/app"}, 1, "evidence.json"),
        ("verify/action.yml", CHECK | {"artifacts": "dist/gone"}, 2, "subject.no-match"),
    )
    for action, inputs, code, reason in cases:
        step = runner.uses(action, inputs)

        assert step.code == code, step.log.text
        (title,) = titles(step)
        assert title.endswith(f": {reason}"), step.log.text
        assert "\nTo do: " in step.log.annotations[0].data
        assert reason in step.summary
        assert {c.name for c in step.log.obeyed} <= {"add-mask", "group", "endgroup", "error"}
        if action == "action.yml":
            assert step.outputs == {}


def test_a_command_that_the_action_runs_is_on_record(runner: Runner) -> None:
    """Its products are what later steps verify; the record names the shell's text."""
    runner.write("main.c", b"int main;")
    inputs = {
        "run": "mkdir dist\necho '::warning::from the build'\ncp main.c dist/app\n",
        "subject-path": "dist/*",
        "material": "main.c",
        "step-name": "compile",
    }
    step = runner.uses("action.yml", SIGN | inputs)

    assert step.code == 0, step.log.shown
    assert step.outputs["bundle-path"] == "dist/compile.intoto.jsonl"
    assert step.outputs["subject-count"] == "1"
    assert any(a.name == "warning" for a in step.log.annotations), "it speaks to the runner itself"
    verified = runner.uses("verify/action.yml", CHECK | {"artifacts": "dist/app"})
    assert verified.code == 0, verified.log.shown


def test_a_program_that_the_container_lacks_is_told_with_what_to_do(runner: Runner) -> None:
    """The step fails with the shell's own status."""
    runner.write("main.c", b"int main;")
    inputs = {"run": "no-such-compiler main.c", "subject-path": "dist/*", "material": "main.c"}
    step = runner.uses("action.yml", SIGN | inputs)

    assert step.code == 127
    assert titles(step) == ["slsa-gen run: run.failed"]
    (error,) = [a for a in step.log.annotations if a.name == "error"]
    assert "not in the container" in error.data
    assert "Build in a step of the job" in error.data
