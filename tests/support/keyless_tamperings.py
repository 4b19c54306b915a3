"""What somebody may do to in-toto's keyless demo, and the reasons for which it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.support.keyless_demo import ARTIFACT, LAYOUT, SOURCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.conftest import Outcome
    from tests.support.keyless_demo import KeylessDemo


def other_artifact(demo: KeylessDemo) -> Outcome:
    """Put another file in the artifact's place."""
    demo.cli.write(ARTIFACT, "something else")
    return demo.verify("--format", "json")


def changed_between(demo: KeylessDemo) -> Outcome:
    """Change the source between two steps."""
    demo.cli.write(SOURCE, "import evil\n")
    demo.step("package")
    return demo.verify("--format", "json")


def by_somebody_else(demo: KeylessDemo) -> Outcome:
    """Have a step done by who may not do it."""
    demo.step("package", by=demo.workflow)
    return demo.verify("--format", "json")


def step_left_out(demo: KeylessDemo) -> Outcome:
    """Take away a step's link."""
    (demo.cli.folder / "update-version.intoto.jsonl").unlink()
    return demo.verify("--format", "json")


def layout_changed(demo: KeylessDemo) -> Outcome:
    """Change the layout after it was signed."""
    text = (demo.cli.folder / LAYOUT).read_text()
    demo.cli.write(LAYOUT, text.replace("DISALLOW", "ALLOW"))
    return demo.verify("--format", "json")


def layout_of_somebody_else(demo: KeylessDemo) -> Outcome:
    """Have the layout signed by who does not own it."""
    demo.sign_layout(by=demo.workflow)
    return demo.verify("--format", "json")


#: Each tampering, from a folder as it was made, and the reasons that it must have.
TAMPERINGS: Final[tuple[tuple[Callable[[KeylessDemo], Outcome], frozenset[str]], ...]] = (
    (other_artifact, frozenset({"layout.artifact"})),
    (changed_between, frozenset({"layout.disallowed"})),
    (by_somebody_else, frozenset({"layout.functionaries", "layout.artifact"})),
    (step_left_out, frozenset({"layout.functionaries", "layout.disallowed"})),
    (layout_changed, frozenset({"subject.digest-not-in-statement", "layout.predicate"})),
    (layout_of_somebody_else, frozenset({"signer.identity"})),
)
