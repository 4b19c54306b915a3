"""Tests of slsa_gen.signing.services: what of a configuration is asked."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from slsa_gen.errors import SigningError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.instance import InstanceKind, SigstoreInstance
from slsa_gen.reasons import Reason
from slsa_gen.signing.services import Services, choose
from slsa_gen.trust.known import known_repository
from tests.support.clock import START


def service(
    url: str = "https://a.example",
    version: int = 1,
    operator: str = "a.example",
    start: str | None = "2025-01-01T00:00:00Z",
    end: str | None = None,
) -> dict[str, Any]:
    """Return a service as a configuration lists it."""
    period = {name: time for name, time in (("start", start), ("end", end)) if time}
    return {"url": url, "majorApiVersion": version, "validFor": period, "operator": operator}


def config(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
    """Return a signing configuration; None takes a field away."""
    document = {
        "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
        "caUrls": [service("https://fulcio.example")],
        "oidcUrls": [service("https://oidc.example")],
        "rekorTlogUrls": [service("https://rekor.example")],
        "rekorTlogConfig": {"selector": "ANY"},
        "tsaUrls": [service("https://tsa.example/api/v1/timestamp")],
        "tsaConfig": {"selector": "ANY"},
        **changes,
    }
    return {name: value for name, value in document.items() if value is not None}


def chosen(**changes: Any) -> Services:  # noqa: ANN401 (JSON)
    """Choose from a configuration with changes."""
    return choose(instance(json.dumps(config(**changes)).encode()), START, DEFAULT_LIMITS)


def instance(signing_config: bytes | None, root: bytes = b"{}") -> SigstoreInstance:
    """Return an instance to choose from."""
    return SigstoreInstance("the test", InstanceKind.NAMED, root, signing_config)


def refusal(**changes: Any) -> str:  # noqa: ANN401 (JSON)
    """Return what is said about a configuration that cannot be used."""
    with pytest.raises(SigningError) as caught:
        chosen(**changes)
    assert caught.value.reason is Reason.SIGNING_CONFIGURATION
    assert "--sigstore" in caught.value.hint
    prefix = "the Sigstore 'the test' cannot sign: "
    assert caught.value.message.startswith(prefix)
    return caught.value.message.removeprefix(prefix)


def test_the_services_are_named_and_handed_on_without_timestamp_authorities() -> None:
    """The library gets one authority and one log; the timestamps are fetched by us."""
    services = chosen()
    assert services.authority_url == "https://fulcio.example"
    assert (services.log_url, services.log_version) == ("https://rekor.example", 1)
    assert services.timestamp_urls == ("https://tsa.example/api/v1/timestamp",)
    assert services.timestamps == 1
    handed = json.loads(services.trust_config)
    assert handed["signingConfig"]["tsaUrls"] == []
    assert not services.library_stamps
    assert "oidcUrls" not in handed["signingConfig"]
    assert [s["url"] for s in handed["signingConfig"]["caUrls"]] == ["https://fulcio.example"]


@pytest.mark.parametrize("name", ["public-good", "staging"])
def test_the_public_instances_can_be_asked(name: str) -> None:
    """The copies that ship with the package name all that is needed."""
    repository = known_repository(name)
    assert repository is not None
    services = choose(
        instance(repository.signing_config, repository.trusted_root), START, DEFAULT_LIMITS
    )
    assert services.log_version == {"public-good": 1, "staging": 2}[name]
    assert services.timestamps == 1
    assert services.authority_url.startswith("https://fulcio.")


def test_only_services_that_are_valid_now_are_asked() -> None:
    """What begins later or has ended is passed over; both ends of a period count."""
    later = (START + timedelta(seconds=1)).isoformat()
    before = (START - timedelta(seconds=1)).isoformat()
    now = START.isoformat()
    logs = [
        service("https://later.example", operator="1", start=later),
        service("https://ended.example", operator="2", end=before),
        service("https://now.example", operator="3", start=now, end=now),
    ]
    assert chosen(rekorTlogUrls=logs).log_url == "https://now.example"
    always = [service("https://always.example", start=None)]
    assert chosen(rekorTlogUrls=always).log_url == "https://always.example"


def test_the_highest_version_of_an_operator_is_asked() -> None:
    """Of one operator's logs the highest version is taken, of equal ones the last."""
    logs = [
        service("https://one.example", 1),
        service("https://two.example", 2),
        service("https://again.example", 2),
        service("https://three.example", 3),
    ]
    services = chosen(rekorTlogUrls=logs)
    assert (services.log_url, services.log_version) == ("https://again.example", 2)


def test_a_version_2_log_gets_just_the_wanted_timestamp_authorities() -> None:
    """The library asks those that we waited for, and all of them."""
    stamps = [service(f"https://tsa{n}.example", operator=str(n)) for n in range(3)]
    selection = {"selector": "EXACT", "count": 2}
    services = chosen(rekorTlogUrls=[service(version=2)], tsaUrls=stamps, tsaConfig=selection)
    handed = json.loads(services.trust_config)["signingConfig"]
    assert services.library_stamps
    assert services.timestamp_urls == ("https://tsa0.example", "https://tsa1.example")
    assert [stamp["url"] for stamp in handed["tsaUrls"]] == list(services.timestamp_urls)
    assert handed["tsaConfig"] == {"selector": "ALL"}


def test_without_timestamps_a_version_1_log_is_preferred() -> None:
    """A version 2 entry has no time: where nobody gives one, the older log is asked."""
    logs = [service("https://one.example", 1), service("https://two.example", 2)]
    services = chosen(rekorTlogUrls=logs, tsaUrls=None, tsaConfig=None)
    assert (services.log_url, services.log_version) == ("https://one.example", 1)
    assert services.timestamps == 0


def test_a_version_2_log_without_timestamps_is_refused_before_anything_is_logged() -> None:
    """The bundle could not be verified, and the log would keep its entry."""
    said = refusal(rekorTlogUrls=[service(version=2)], tsaUrls=None, tsaConfig=None)
    assert said.startswith("its log speaks version 2, whose entries have no time")


def test_a_slash_at_the_end_of_the_log_is_left_out() -> None:
    """The library would put two of them into the path."""
    services = chosen(rekorTlogUrls=[service("https://rekor.example/base/")])
    assert services.log_url == "https://rekor.example/base"
    assert b"rekor.example/base/" not in services.trust_config


@pytest.mark.parametrize(
    ("selection", "wanted"),
    [
        ({"selector": "ANY"}, 1),
        ({"selector": "ALL"}, 3),
        ({"selector": "EXACT", "count": 2}, 2),
        ({"selector": "EXACT"}, 1),
        ({"selector": "SERVICE_SELECTOR_UNDEFINED"}, 3),
        (None, 3),
    ],
)
def test_the_selector_says_how_many_timestamps(
    selection: dict[str, Any] | None, wanted: int
) -> None:
    """ANY wants one, ALL each, EXACT its count."""
    stamps = [service(f"https://tsa{n}.example", operator=str(n)) for n in range(3)]
    services = chosen(tsaUrls=stamps, tsaConfig=selection)
    assert services.timestamps == wanted
    assert len(services.timestamp_urls) == 3


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"caUrls": None}, "it names no certificate authority (caUrls) that is valid now"),
        ({"caUrls": [service(version=2)]}, "it names no certificate authority"),
        ({"rekorTlogUrls": None}, "it names no transparency log (rekorTlogUrls)"),
        ({"rekorTlogUrls": [service(version=3)]}, "it names no transparency log"),
        ({"caUrls": {}}, "its caUrls is no list"),
        ({"caUrls": ["https://a.example"]}, "its caUrls holds something that is no service"),
        ({"caUrls": [service("http://a.example")]}, "only https is asked"),
        ({"caUrls": [service("https://u:p@a.example")]}, "a user name or password"),
        ({"rekorTlogUrls": [{"majorApiVersion": 1}]}, "cannot be asked"),
        ({"caUrls": [service("https://a.example/fulcio")]}, "its certificate authority has a path"),
        ({"caUrls": [service(start="2025-01-01T00:00:00")]}, "is no date with a zone"),
        ({"caUrls": [service(start="yesterday")]}, "is no date with a zone"),
        ({"tsaConfig": {"selector": "SOME"}}, "tsaConfig has the unknown selector 'SOME'"),
        (
            {"tsaConfig": {"selector": "EXACT", "count": 2}},
            "tsaConfig wants 2 services, 1 are valid",
        ),
        (
            {
                "rekorTlogUrls": [service(), service("https://b.example", operator="b")],
                "rekorTlogConfig": {"selector": "ALL"},
            },
            "it demands entries in 2 logs",
        ),
    ],
)
def test_what_cannot_be_used_is_said(changes: dict[str, Any], says: str) -> None:
    """Each fault of a configuration has its own words, before anything is asked."""
    assert says in refusal(**changes)


@pytest.mark.parametrize(
    ("signing_config", "says"),
    [
        (None, "it has a trusted root only, and nothing to sign with"),
        (b"no", "it is not read: not JSON"),
        (b"[]", "an object was expected"),
        (b'{"a":1,"a":1}', "stands twice"),
    ],
)
def test_what_is_no_configuration_is_said(signing_config: bytes | None, says: str) -> None:
    """A root alone and a broken document are told apart."""
    with pytest.raises(SigningError, match=says):
        choose(instance(signing_config), START, DEFAULT_LIMITS)
