"""Who can be signed in with: the configuration's issuers, and what each says of itself."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import ServiceError
from slsa_gen.http import Response
from slsa_gen.identity.provider import Provider, discover, find, issuer_urls
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.instance import InstanceKind, SigstoreInstance
from slsa_gen.reasons import Reason
from tests.support.clock import START

if TYPE_CHECKING:
    from collections.abc import Mapping

URL = "https://login.example.org/auth"
RUNS = "https://token.example.org"
GOOD: dict[str, Any] = {
    "issuer": URL,
    "authorization_endpoint": f"{URL}/authorize",
    "token_endpoint": f"{URL}/token",
    "device_authorization_endpoint": f"{URL}/device",
    "jwks_uri": "https://keys.example.org/jwks",
}


class Served:
    """Answers each address with its document."""

    def __init__(self, documents: Mapping[str, bytes]) -> None:
        self.documents = documents

    def get(
        self,
        url: str,
        *,
        service: str,
        headers: Mapping[str, str] | None = None,
        bearer: str | None = None,
        max_bytes: int | None = None,
    ) -> Response:
        """Return the document; the name of the service is what people read."""
        assert (service, headers, bearer) == ("the identity provider's configuration", None, None)
        assert max_bytes == DEFAULT_LIMITS.answer_bytes
        return Response(200, {}, self.documents[url])


def _served(document: object, url: str = URL) -> Served:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Served({f"{url}/.well-known/openid-configuration": body})


def _instance(*services: object, kind: InstanceKind = InstanceKind.NAMED) -> SigstoreInstance:
    config = json.dumps({"oidcUrls": list(services)}).encode()
    return SigstoreInstance("services.json", kind, b"{}", config)


def test_a_provider_is_what_it_says_of_itself() -> None:
    """Its keys may be elsewhere: it says so itself, over TLS."""
    assert discover(URL, _served(GOOD), DEFAULT_LIMITS) == Provider(
        URL, f"{URL}/token", "https://keys.example.org/jwks", f"{URL}/authorize", f"{URL}/device"
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"issuer": "https://evil.example"}, "is that of 'https://evil.example'"),
        ({"issuer": f"{URL}/"}, "is that of"),
        ({"issuer": None}, "is that of (no text)"),
        ({"token_endpoint": None}, "names no token_endpoint"),
        ({"token_endpoint": 1}, "no text"),
        ({"jwks_uri": None}, "names no jwks_uri"),
        ({"token_endpoint": "http://login.example.org/token"}, "only https"),
        ({"authorization_endpoint": "http://login.example.org/"}, "only https"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "not asked"),
        ({"device_authorization_endpoint": "ftp://x/"}, "only https"),
        ({"jwks_uri": "https://user@keys.example.org/"}, "user name"),
        ({"authorization_endpoint": f"{URL}/a#b"}, "fragment"),
        ({"code_challenge_methods_supported": ["plain"]}, "no code challenge of method S256"),
    ],
)
def test_a_description_that_cannot_be_trusted_is_refused(
    changes: dict[str, Any], words: str
) -> None:
    """What is typed at such an address would go to somebody else."""
    document = {k: v for k, v in {**GOOD, **changes}.items() if v is not None}

    with pytest.raises(ServiceError) as caught:
        discover(URL, _served(document), DEFAULT_LIMITS)

    assert caught.value.reason is Reason.IDENTITY_PROVIDER
    assert words in caught.value.message


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"issuer":1,"issuer":2}'])
def test_a_description_that_is_no_object_is_refused(body: bytes) -> None:
    """Strictly, as everything that is read."""
    with pytest.raises(ServiceError, match="cannot be read"):
        discover(URL, _served(body), DEFAULT_LIMITS)


@given(
    st.dictionaries(
        st.sampled_from(sorted(GOOD)), st.one_of(st.text(), st.none(), st.integers()), min_size=1
    )
)
def test_whatever_it_says_is_a_provider_or_an_error_of_ours(changes: dict[str, Any]) -> None:
    """And an endpoint that is taken is https or on loopback."""
    try:
        found = discover(URL, _served({**GOOD, **changes}), DEFAULT_LIMITS)
    except ServiceError:
        return
    if found is not None:
        named = (found.token_endpoint, found.authorization_endpoint, found.device_endpoint)
        assert all(url.startswith(("https://", "http://")) or not url for url in named)


def test_the_first_provider_at_which_somebody_can_sign_in_is_taken() -> None:
    """An issuer of runs' tokens offers none."""
    http = Served({**_served({"issuer": RUNS}, RUNS).documents, **_served(GOOD).documents})

    found = find(_instance({"url": RUNS}, {"url": URL}), http, START, DEFAULT_LIMITS)

    assert found.issuer == URL


def test_a_sigstore_without_a_provider_says_whom_it_names() -> None:
    """So that whoever made the file sees what is missing."""
    http = _served({"issuer": RUNS}, RUNS)

    with pytest.raises(ServiceError, match=f"nobody can sign in at {RUNS}"):
        find(_instance({"url": RUNS}), http, START, DEFAULT_LIMITS)
    with pytest.raises(ServiceError, match="it names no identity provider"):
        find(_instance(), http, START, DEFAULT_LIMITS)
    with pytest.raises(ServiceError, match="it names no identity provider"):
        find(SigstoreInstance("root.json", InstanceKind.NAMED, b"{}"), http, START, DEFAULT_LIMITS)


def test_nobody_signs_in_to_a_sandbox_by_its_file() -> None:
    """It has a person of its own, under its name."""
    with pytest.raises(ServiceError) as caught:
        find(
            _instance({"url": URL}, kind=InstanceKind.SANDBOX), _served(GOOD), START, DEFAULT_LIMITS
        )

    assert "--sigstore sandbox" in caught.value.hint


_LATER = (START + timedelta(seconds=1)).isoformat()
_BEFORE = (START - timedelta(seconds=1)).isoformat()


@pytest.mark.parametrize(
    ("period", "valid"),
    [
        ({"start": _BEFORE}, True),
        ({"start": _BEFORE, "end": _LATER}, True),
        ({"start": _LATER}, False),
        ({"end": _BEFORE}, False),
        ({"start": "2020-01-01"}, False),
        ({"start": "soon"}, False),
        ("always", False),
    ],
)
def test_an_issuer_counts_while_it_is_valid(period: object, valid: object) -> None:
    """A period that cannot be read is over."""
    urls = issuer_urls(_instance({"url": URL, "validFor": period}), START, DEFAULT_LIMITS)

    assert urls == ((URL,) if valid else ())


@pytest.mark.parametrize("service", ["text", {"url": 1}, {}, None])
def test_what_is_no_service_is_passed_over(service: object) -> None:
    """The configuration was read strictly before."""
    assert issuer_urls(_instance(service), START, DEFAULT_LIMITS) == ()


@pytest.mark.parametrize("config", [b"x", b"[]"])
def test_a_configuration_that_is_none_is_an_error(config: bytes) -> None:
    """Never an empty list."""
    instance = SigstoreInstance("services.json", InstanceKind.NAMED, b"{}", config)

    with pytest.raises(ServiceError, match="is not read"):
        issuer_urls(instance, START, DEFAULT_LIMITS)


def test_issuers_that_are_no_list_are_none() -> None:
    """As where there are none."""
    instance = SigstoreInstance("s", InstanceKind.NAMED, b"{}", b'{"oidcUrls": 1}')

    assert issuer_urls(instance, START, DEFAULT_LIMITS) == ()
