"""A step as it was asked for: which names and words are taken, and what looks like a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import UsageError
from slsa_gen.intoto.asked import asked_step
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.model.step import Step

SECRET: Final = "sesame-open-up"


def asked(**changes: Any) -> Step:  # noqa: ANN401 (the arguments of asked_step)
    """Ask for a step ``make dist``, changed in something."""
    given: dict[str, Any] = {
        "name": None,
        "command": ("make", "dist"),
        "products": ("dist/*",),
        "materials": (),
        "recorded": (),
        "environment": {},
    }
    return asked_step(**(given | changes))


def test_a_step_is_called_like_its_program_unless_it_is_named() -> None:
    """Without the program's folder."""
    assert asked().name == "make"
    assert asked(command=("/usr/bin/make",)).name == "make"
    assert asked(name="build").name == "build"
    assert asked(name="Bäcker 2 (größer)").name == "Bäcker 2 (größer)"


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a/b",
        ".hidden",
        "..",
        "-x",
        "!x",
        "a\nb",
        "a\x1b[1m",
        "\udcff",
        "x" * 201,
        "a\u202eb",
    ],
)
def test_a_name_that_no_file_or_layout_can_have_is_refused(name: str) -> None:
    """Also as the name of a program; whose it is, is said."""
    with pytest.raises(UsageError, match="--step takes the name of a step") as caught:
        asked(name=name)
    assert caught.value.reason is Reason.RUN_STEP
    assert caught.value.message.isprintable()


def test_a_program_whose_name_is_none_asks_for_one() -> None:
    """The hint is how to name it."""
    with pytest.raises(UsageError, match="the program's name is the step's") as caught:
        asked(command=("./.build",))
    assert "--step build" in caught.value.hint


def test_a_word_that_is_not_unicode_is_refused() -> None:
    """In the command and in what is recorded of the environment."""
    for changes in (
        {"command": ("make", "\udcff"), "name": "x"},
        {"recorded": ("A",), "environment": {"A": "\udcff"}},
    ):
        with pytest.raises(UsageError, match="which is not UTF-8") as caught:
            asked(**changes)
        assert caught.value.reason is Reason.RUN_WORD


def test_only_variables_that_are_named_are_recorded() -> None:
    """With their values, each once."""
    environment = {"CC": "gcc", "HOME": "/home/ada", "LANG": "C"}
    step = asked(recorded=("LANG", "CC", "CC"), environment=environment)
    assert step.environment == {"LANG": "C", "CC": "gcc"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("CC=gcc", "takes the name of a variable"),
        ("", "takes the name of a variable"),
        ("1A", "takes the name of a variable"),
        ("CFLAGS", "there is no such variable"),
    ],
)
def test_what_is_no_variable_is_refused(name: str, said: str) -> None:
    """Nothing is recorded silently as empty."""
    with pytest.raises(UsageError, match=said) as caught:
        asked(recorded=(name,))
    assert caught.value.reason is Reason.RUN_ENVIRONMENT


@pytest.mark.parametrize(
    "name",
    [
        *("GITHUB_TOKEN", "NPM_TOKEN", "npm_config__authToken", "CLIENT_SECRET", "PGPASSWORD"),
        *("KEY", "SIGNING_KEY", "AWS_ACCESS_KEY_ID", "APIKEY", "MY_PAT", "DB_PW", "BASIC_AUTH"),
        *("GOOGLE_APPLICATION_CREDENTIALS", "PRIVATE", "COOKIE", "SESSION_ID", "PASSPHRASE"),
    ],
)
def test_a_variable_that_is_called_like_a_secret_is_not_recorded(name: str) -> None:
    """Whatever it holds."""
    with pytest.raises(UsageError, match="by its name that is a secret") as caught:
        asked(recorded=(name,), environment={name: "x"})
    assert caught.value.reason is Reason.RUN_SECRET


@pytest.mark.parametrize(
    "name", ["CC", "GIT_AUTHOR_NAME", "KEYBOARD", "PATH", "PASSES", "SOURCE_DATE_EPOCH", "MONKEY"]
)
def test_other_names_are_recorded(name: str) -> None:
    """What only sounds alike is none."""
    assert asked(recorded=(name,), environment={name: "x"}).environment == {name: "x"}


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"command": ("curl", f"Bearer {SECRET}")}, "argument 1 of the command"),
        ({"command": (SECRET,), "name": "x"}, "the program"),
        ({"name": SECRET}, "the step's name"),
        ({"products": (f"dist/{SECRET}",)}, "a pattern of --product"),
        ({"materials": (SECRET,)}, "a pattern of --material"),
        ({"recorded": ("OPTS",)}, "the value of OPTS"),
    ],
)
def test_what_a_secret_variable_holds_is_in_no_word_that_is_recorded(
    changes: dict[str, Any], what: str
) -> None:
    """The variable is named, its value is not shown."""
    environment = {"DEPLOY_TOKEN": f" {SECRET}\n", "OPTS": f"--token={SECRET}"}
    with pytest.raises(UsageError, match=f"^{what}.* holds the value of 'DEPLOY_TOKEN'") as caught:
        asked(environment=environment, **changes)
    assert caught.value.reason is Reason.RUN_SECRET
    assert SECRET not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    "environment",
    [
        {"DEPLOY_TOKEN": "dist"},
        {"DEPLOY_TOKEN": ""},
        {"GOOGLE_APPLICATION_CREDENTIALS": "/run/secrets/key.json"},
        {"TOKEN_URL": "https://example.com/token"},
        {"DESKTOP_SESSION": "makefiles-and-more"},
    ],
)
def test_what_is_no_secret_is_no_reason_to_refuse(environment: dict[str, str]) -> None:
    """Short words, paths and addresses may be in a command."""
    words = ("make", "dist", *environment.values())
    assert asked(command=words, environment=environment).command == words


@pytest.mark.parametrize(
    "name", ["MY_PASS", "DB_PWD", "NPM_AUTH", "SIGNING_KEY", "GH_PAT", "A_SECRET"]
)
def test_each_line_of_a_secret_is_one(name: str) -> None:
    """As a runner hides them; a short line is none."""
    held = {name: "hunter2hunter2\nshort\n another line \n"}

    for line in ("hunter2hunter2", "another line"):
        with pytest.raises(UsageError, match="by its name is a secret"):
            asked(command=("c", f"--with={line}"), environment=held)
    assert asked(command=("c", "short"), environment=held).command


@pytest.mark.parametrize(
    "word",
    [
        *(f"{kind}_{'a1B2' * 9}" for kind in ("ghp", "gho", "ghu", "ghs", "ghr")),
        f"github_pat_{'a1_B2' * 9}",
    ],
)
def test_a_token_that_is_known_by_its_looks_is_refused(word: str) -> None:
    """Wherever it stands, and also where no variable holds it."""
    for text in (word, f"Authorization: Bearer {word}", f"https://{word}@github.com/o/r"):
        with pytest.raises(UsageError, match="a token of GitHub's") as caught:
            asked(command=("c", text))
        assert caught.value.reason is Reason.RUN_SECRET
        assert word not in caught.value.message + caught.value.hint
    assert asked(command=("c", "ghp_short", "xghp_dist")).command


@pytest.mark.parametrize("changes", [{"command": ("c", "https://u:pw@h/x")}, {"recorded": ("A",)}])
def test_an_address_with_a_password_is_not_recorded(changes: dict[str, Any]) -> None:
    """Wherever it stands."""
    with pytest.raises(UsageError, match="a password or a token") as caught:
        asked(environment={"A": "x ssh://ada:pw@host/y"}, **changes)
    assert "pw@" not in caught.value.message
    with pytest.raises(UsageError, match="a password or a token"):
        asked(command=("c", f"https://{'t0k3n' * 4}@h/x"))
    assert asked(command=("c", "https://user@h/x", "a://b:80/c@d")).command


@given(st.text(max_size=20), st.lists(st.text(max_size=20), min_size=1, max_size=4))
def test_any_words_are_a_step_or_are_refused_in_one_printable_line(
    name: str, words: list[str]
) -> None:
    """Nothing of them reaches a terminal as it is."""
    try:
        step = asked(name=name, command=tuple(words))
    except UsageError as error:
        message = error.message
    else:
        assert step.command == tuple(words)
        message = ""
    assert message.isprintable()
