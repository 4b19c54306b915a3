"""A token goes to the hosts that follow from the verified server, and to no others."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import ContextError
from slsa_gen.github.hosts import ApiHosts, api_hosts, on_loopback
from slsa_gen.model.urls import is_loopback
from slsa_gen.reasons import Reason

GITHUB = "https://github.com"


@pytest.mark.parametrize(
    ("server", "api_url", "expected"),
    [
        (GITHUB, "", ApiHosts("https://api.github.com", "https://uploads.github.com")),
        (
            GITHUB,
            "https://api.github.com/",
            ApiHosts("https://api.github.com", "https://uploads.github.com"),
        ),
        (
            "https://octo.ghe.com",
            "https://api.octo.ghe.com",
            ApiHosts("https://api.octo.ghe.com", "https://uploads.octo.ghe.com"),
        ),
        (GITHUB, "http://127.0.0.1:8/x", ApiHosts("http://127.0.0.1:8/x", "http://127.0.0.1:8/x")),
        (
            "https://sandbox.slsa-gen.invalid",
            "http://localhost:8",
            ApiHosts("http://localhost:8", "http://localhost:8"),
        ),
    ],
)
def test_the_hosts_follow_from_the_server(server: str, api_url: str, expected: ApiHosts) -> None:
    """The variable may say the same, or lead to this machine."""
    assert api_hosts(server, api_url) == expected


@pytest.mark.parametrize(
    "api_url",
    [
        "http://api.github.com",
        "https://api.github.com.evil.example",
        "https://api.github.com:8443",
        "https://api.github.com/x",
        "https://API.github.com",
        "https://api.octo.ghe.com",
        "https://uploads.github.com",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.1@evil.example",
        "http://[::1].evil.example",
        "http://evil.example[::1]",
        "http://127.0.0.1:8?x=1",
        "http://127.0.0.1:8#x",
        "ftp://127.0.0.1",
        "not a URL",
    ],
)
def test_any_other_host_is_refused(api_url: str) -> None:
    """Whoever can set a variable must not get the token."""
    with pytest.raises(ContextError) as caught:
        api_hosts(GITHUB, api_url)

    assert caught.value.reason is Reason.RELEASE_API_URL
    assert "https://api.github.com: GITHUB_TOKEN is not sent anywhere else" in caught.value.message
    assert caught.value.exit_code == 3


def test_a_password_in_the_variable_is_not_repeated() -> None:
    """A URL with a user name may hold one."""
    with pytest.raises(ContextError) as caught:
        api_hosts(GITHUB, "https://me:hunter2@evil.example")

    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize(
    "server", ["https://git.example", "https://a.b.ghe.com", "https://octo.ghe.com.evil.example"]
)
def test_of_other_servers_nothing_is_known(server: str) -> None:
    """A GitHub Enterprise Server is no server whose tokens sign here."""
    with pytest.raises(ContextError, match="is not known"):
        api_hosts(server, "")


def test_a_server_with_data_residency_is_named_to_gh() -> None:
    """GitHub's own tool takes the host before the repository."""
    assert api_hosts("https://octo.ghe.com", "").data_residency == "octo.ghe.com/"
    assert api_hosts(GITHUB, "").data_residency == ""
    assert api_hosts(GITHUB, "http://127.0.0.1:8").local
    assert not api_hosts(GITHUB, "").local


@given(st.text() | st.from_regex(r"https?://[a-z0-9.@:\[\]/?#-]{1,40}", fullmatch=True))
def test_whatever_the_variable_says_no_foreign_host_comes_of_it(api_url: str) -> None:
    """It is refused, or the hosts are GitHub's or this machine."""
    try:
        hosts = api_hosts(GITHUB, api_url)
    except ContextError:
        assert not on_loopback(api_url)
        return
    for url in (hosts.api, hosts.uploads):
        host = urlsplit(url).hostname or ""
        assert host in {"api.github.com", "uploads.github.com"} or is_loopback(host)
