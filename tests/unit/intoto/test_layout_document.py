"""Keyless layouts as documents: what is taken, and the place of what is not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import UsageError
from slsa_gen.intoto.demands import demands_of
from slsa_gen.intoto.layout_document import is_classic, items_of, parse, read_layout_file
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.layout import Functionary
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.model.layout import KeylessLayout

LAYOUT = """\
version: 1
expires: 2030-01-01T00:00:00Z
artifact: package
steps:
  - name: build
    functionaries:
      - issuer: https://issuer.example
        identity: bob@example.com
      - issuer: https://issuer.example
        identity: carl@example.com
    threshold: 2
    expected-command: [make, all]
    products:
      - CREATE app
      - [DISALLOW, "*"]
  - name: package
    functionaries:
      - issuer: https://issuer.example
        identity: carl@example.com
    materials:
      - MATCH app WITH PRODUCTS FROM build
      - DISALLOW *
"""


def test_a_layout_says_its_steps_and_who_may_do_them() -> None:
    """Everything that the document says, in its order."""
    layout = parse(LAYOUT.encode(), "root.yaml")

    build, package = layout.steps
    assert layout.expires == datetime(2030, 1, 1, tzinfo=UTC)
    assert (layout.artifact, layout.source) == ("package", "root.yaml")
    assert (build.name, build.threshold, build.expected_command) == ("build", 2, ("make", "all"))
    assert build.functionaries[0] == Functionary("https://issuer.example", "bob@example.com")
    assert build.products == (("CREATE", "app"), ("DISALLOW", "*"))
    assert (package.threshold, package.expected_command, package.products) == (1, None, ())
    assert [str(rule) for rule in items_of(layout)[1].materials] == [
        "MATCH app WITH PRODUCTS FROM build",
        "DISALLOW *",
    ]


def test_the_document_is_kept_as_json_for_the_predicate() -> None:
    """As written: a date stays a text, and a rule keeps its form."""
    document = parse(LAYOUT.encode(), "root.yaml").document

    assert document["expires"] == "2030-01-01T00:00:00Z"
    assert isinstance(document["steps"], list)
    assert document["steps"][0]["products"] == ["CREATE app", ["DISALLOW", "*"]]


@pytest.mark.parametrize(
    ("old", "new", "reason", "message"),
    [
        ("version: 1", "version: 2", Reason.LAYOUT_SCHEMA, "1, column 10: version must be the"),
        ("artifact: package\n", "", Reason.LAYOUT_SCHEMA, "the key 'artifact' is missing"),
        (
            "artifact: package",
            "artifact: test",
            Reason.LAYOUT_SCHEMA,
            "line 3, column 11: artifact names the step 'test'; there are: 'build', 'package'",
        ),
        (
            "threshold: 2",
            "treshold: 2",
            Reason.LAYOUT_SCHEMA,
            "line 11, column 5: the key 'treshold' is not known; 'threshold' is",
        ),
        (
            "threshold: 2",
            "threshold: 3",
            Reason.LAYOUT_SCHEMA,
            "line 11, column 16: threshold is 3, and the step has 2 functionaries",
        ),
        (
            "threshold: 2",
            "threshold: 0",
            Reason.LAYOUT_SCHEMA,
            "threshold is less than 1",
        ),
        (
            "carl@example.com\n    threshold",
            "Bob@Example.com\n    threshold",
            Reason.LAYOUT_SCHEMA,
            "threshold is 2, and the step has 1 functionary (names that differ in case alone",
        ),
        ("threshold: 2", "threshold: 101", Reason.LAYOUT_SCHEMA, "threshold is more than 100"),
        ("threshold: 2", "threshold: two", Reason.LAYOUT_SCHEMA, "threshold must be a number"),
        (
            "identity: bob@",
            "identity: carl@",
            Reason.LAYOUT_SCHEMA,
            "line 9, column 9: carl@example.com (issuer https://issuer.example) stands there twice",
        ),
        (
            "- name: package",
            "- name: build",
            Reason.LAYOUT_SCHEMA,
            "line 16, column 11: a second step of the name 'build'",
        ),
        (
            "CREATE app",
            "MAKE app",
            Reason.LAYOUT_SCHEMA,
            "line 14, column 9: 'MAKE app' is no artifact rule; one begins with: ALLOW, CREATE,",
        ),
        (
            "FROM build",
            "FROM built",
            Reason.LAYOUT_SCHEMA,
            "line 21, column 9: the rule names the step 'built'; there are: 'build', 'package'",
        ),
        (
            "2030-01-01T00:00:00Z",
            "2030-01-01",
            Reason.LAYOUT_SCHEMA,
            "expires is '2030-01-01', expected a moment with its zone: 2030-01-01T00:00:00Z",
        ),
        ("2030-01-01T00:00:00Z", "soon", Reason.LAYOUT_SCHEMA, "expires is 'soon', expected a"),
        ("- CREATE app", "- {CREATE: app}", Reason.LAYOUT_SCHEMA, "must be a text, or a list of"),
        (
            "version: 1",
            "version: 1\nversion: 1",
            Reason.LAYOUT_SYNTAX,
            "'version' stands here again",
        ),
        ("version: 1", "version: &a 1", Reason.LAYOUT_SYNTAX, "anchors (&) and aliases (*)"),
        ("make, all", "make, 1.0", Reason.LAYOUT_SYNTAX, "'1.0' is a number to YAML; write it in"),
        ("version: 1", "version: 1\ninspections: []", Reason.LAYOUT_SCHEMA, "'inspections' is not"),
    ],
)
def test_what_is_no_layout_is_refused_with_its_place(
    old: str, new: str, reason: Reason, message: str
) -> None:
    """Line and column, what is wrong, and what would be right."""
    text = LAYOUT.replace(old, new, 1)

    with pytest.raises(UsageError) as refused:
        parse(text.encode(), "root.yaml")

    assert refused.value.reason is reason
    assert refused.value.message.startswith("root.yaml: ")
    assert message in refused.value.message


def test_a_layout_that_is_not_utf_8_is_refused() -> None:
    """As every text."""
    with pytest.raises(UsageError, match="not UTF-8"):
        parse(b"\xff", "root.yaml")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_layout_or_refused(data: bytes) -> None:
    """Nothing else leaves, whatever is read."""
    for read in (lambda: parse(data, "x"), lambda: demands_of(data, "x")):
        with pytest.raises(UsageError):
            read()


@given(st.integers(0, len(LAYOUT)), st.binary(max_size=8), st.integers(0, 8))
def test_any_change_of_a_layout_is_one_or_refused(place: int, put: bytes, taken: int) -> None:
    """Bytes in the middle of one: what is taken is whole, and nothing else leaves."""
    data = LAYOUT.encode()
    changed = data[:place] + put + data[place + taken :]
    try:
        layout = parse(changed, "x")
    except UsageError:
        return
    _assert_whole(layout)


#: Each part of a layout, as it should be and as it should not.
_texts = st.sampled_from(["build", "package", "Build", "", "a b", "é", "x" * 3000])
_rule = st.sampled_from(
    [
        "CREATE a",
        "DISALLOW *",
        "MATCH a WITH PRODUCTS FROM build",
        "MATCH a WITH PRODUCTS FROM test",
        "MATCH a IN b WITH MATERIALS IN c FROM package",
        "ALLOW",
        "",
        ["ALLOW", "a b"],
        ["ALLOW", ""],
        [],
    ]
)
_functionary = st.fixed_dictionaries(
    {
        "issuer": st.sampled_from(["https://issuer.example", "https://other.example", ""]),
        "identity": st.sampled_from(["bob@example.com", "Bob@example.com", "eve@example.com"]),
    }
)
_step = st.fixed_dictionaries(
    {"name": _texts, "functionaries": st.lists(_functionary, max_size=3)},
    optional={
        "threshold": st.integers(-1, 4),
        "expected-command": st.lists(st.sampled_from(["make", "", "1.0"]), max_size=2),
        "materials": st.lists(_rule, max_size=3),
        "products": st.lists(_rule, max_size=3),
    },
)
_layouts = st.fixed_dictionaries(
    {
        "version": st.sampled_from([1, 1, 1, 2, "1"]),
        "expires": st.sampled_from(["2030-01-01T00:00:00Z", "2030-01-01T00:00:00+01:00", "never"]),
        "artifact": _texts,
        "steps": st.lists(_step, max_size=3),
    }
)


@given(_layouts)
def test_what_is_taken_for_a_layout_can_be_judged(document: object) -> None:
    """Nearly layouts of any kind: what is taken leaves no question open."""
    try:
        layout = parse(json.dumps(document).encode(), "x")
    except UsageError:
        return
    assert layout.document == document
    _assert_whole(layout)


def _assert_whole(layout: KeylessLayout) -> None:
    """Hold that whatever refers to something in a layout finds it."""
    names = [step.name for step in layout.steps]
    assert len(names) == len(set(names))
    assert layout.artifact in names
    assert layout.expires.tzinfo is not None
    for step in layout.steps:
        assert 1 <= step.threshold <= len({one.person for one in step.functionaries})
        assert len(set(step.functionaries)) == len(step.functionaries)
        assert step.expected_command != ()
    for item in items_of(layout):
        assert {rule.step for rule in (*item.materials, *item.products)} <= {None, *names}


def test_a_threshold_says_when_it_counts_spellings_as_one() -> None:
    """And does not where each functionary is somebody else."""

    def refusal(names: str) -> str:
        people = ", ".join(f"{{issuer: i, identity: {name}}}" for name in names)
        step = f"[{{name: a, threshold: 3, functionaries: [{people}]}}]"
        text = f"version: 1\nexpires: 2030-01-01T00:00:00Z\nartifact: a\nsteps: {step}\n"
        with pytest.raises(UsageError) as refused:
            parse(text.encode(), "x")
        return refused.value.message

    assert refusal("bc").endswith("threshold is 3, and the step has 2 functionaries")
    assert refusal("b").endswith("the step has 1 functionary")
    assert refusal("Bbc").endswith(
        "the step has 2 functionaries (names that differ in case alone are one's)"
    )


@pytest.mark.parametrize(("count", "more"), [(10, False), (11, True)])
def test_of_many_steps_ten_are_named(
    count: int,
    more: bool,  # noqa: FBT001 (a column of the table)
) -> None:
    """A message stays one that is read."""
    steps = "".join(
        f"  - {{name: s{n}, functionaries: [{{issuer: i, identity: b}}]}}\n" for n in range(count)
    )
    text = f"version: 1\nexpires: 2030-01-01T00:00:00Z\nartifact: none\nsteps:\n{steps}"

    with pytest.raises(UsageError) as refused:
        parse(text.encode(), "x")

    assert "'s9'" in refused.value.message
    assert refused.value.message.endswith(", …") is more


_words = st.recursive(
    st.one_of(st.text(max_size=6), st.integers(), st.booleans(), st.none()),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["version", "expires", "artifact", "steps", "name", "functionaries"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(_words)
def test_any_document_is_a_layout_or_refused(document: object) -> None:
    """JSON is YAML, mostly: every shape of it goes the same way."""
    try:
        layout = parse(json.dumps(document).encode(), "x")
    except UsageError:
        return
    assert layout.steps


def test_the_kinds_are_told_apart_by_their_first_character() -> None:
    """in-toto's own are JSON objects."""
    assert is_classic(b' \n{"signed": {}}')
    assert not is_classic(LAYOUT.encode())
    assert not is_classic(b"")


def test_a_file_that_is_too_large_or_not_there_is_refused(tmp_path: Path) -> None:
    """Before anything of it is parsed."""
    path = tmp_path / "root.yaml"
    path.write_text(LAYOUT)

    assert read_layout_file(path) == LAYOUT.encode()
    with pytest.raises(UsageError, match=r"is larger than 10 B"):
        read_layout_file(path, replace(DEFAULT_LIMITS, layout_bytes=10))
    with pytest.raises(UsageError, match=r"cannot be read: No such file"):
        read_layout_file(tmp_path / "none")
    with pytest.raises(UsageError, match=r"cannot be read"):
        read_layout_file(tmp_path)


def test_what_a_layout_demands_is_said_in_words() -> None:
    """And on which side nothing is refused."""
    demands = demands_of(LAYOUT.encode(), "root.yaml")

    build, package = demands.steps
    assert (demands.kind, demands.artifact, demands.inspections) == ("keyless", "package", ())
    assert build.people[0] == "bob@example.com (issuer https://issuer.example)"
    assert build.lets_through == ("materials",)
    assert package.lets_through == ("products",)


@pytest.mark.parametrize(
    ("rule", "closed"), [("*", True), ("**", True), ("*.exe", False), ("?*", False), ("/*", False)]
)
def test_only_what_refuses_everything_closes_a_side(rule: str, closed: bool) -> None:  # noqa: FBT001 (a row)
    """A DISALLOW of some names lets all others through."""
    text = LAYOUT.replace('[DISALLOW, "*"]', f'[DISALLOW, "{rule}"]')

    build, _ = demands_of(text.encode(), "root.yaml").steps

    assert ("products" not in build.lets_through) is closed


def test_a_step_that_may_have_started_from_anything_is_said() -> None:
    """A MATCH rule takes what a link names; nothing but REQUIRE demands that it names it."""
    demanding = LAYOUT.replace("      - MATCH app", "      - REQUIRE app\n      - MATCH app")

    assert [step.may_lack for step in demands_of(LAYOUT.encode(), "r").steps] == [False, True]
    assert not any(step.may_lack for step in demands_of(demanding.encode(), "r").steps)


@pytest.mark.parametrize("text", ['{"signed": {}}', "{version: 1}", "{"])
def test_what_begins_like_a_classic_layout_and_is_none_is_refused(text: str) -> None:
    """The hint says how the two kinds look."""
    with pytest.raises(UsageError) as refused:
        demands_of(text.encode(), "root.layout")

    assert refused.value.reason is Reason.LAYOUT_CLASSIC
    assert "this is no classic layout that is read here" in refused.value.message
