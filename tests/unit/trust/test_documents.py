"""Tests of slsa_gen.trust.documents: files that a user names, read strictly."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slsa_gen.errors import TrustError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.instance import SANDBOX_ISSUER, SANDBOX_SERVER, InstanceKind
from slsa_gen.reasons import Reason
from slsa_gen.trust.documents import CLIENT_CONFIG, SIGNING_CONFIG
from slsa_gen.trust.known import known_repository
from slsa_gen.trust.load import load_instance, load_trusted_root
from tests.support.clock import FakeClock

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.model.instance import SigstoreInstance


def public_root() -> dict[str, Any]:
    """Return the public instance's trusted root, to be changed."""
    repository = known_repository("public-good")
    assert repository is not None
    root: dict[str, Any] = json.loads(repository.trusted_root)
    return root


def private_root(host: str = "sigstore.example.org") -> dict[str, Any]:
    """Return a root of someone's own."""
    root = public_root()
    for name, key in (
        ("tlogs", "baseUrl"),
        ("ctlogs", "baseUrl"),
        ("certificateAuthorities", "uri"),
        ("timestampAuthorities", "uri"),
    ):
        for item in root.get(name, []):
            item[key] = f"https://{host}/x"
    return root


def service(url: str) -> dict[str, Any]:
    """Return a service of a signing configuration."""
    return {
        "url": url,
        "majorApiVersion": 1,
        "validFor": {"start": "2025-01-01T00:00:00Z"},
        "operator": "",
    }


def config(root: dict[str, Any] | None = None, **urls: str) -> dict[str, Any]:
    """Return a client trust configuration; ``urls`` by their names in the format."""
    named = {
        "caUrls": "https://fulcio.example.org",
        "oidcUrls": "https://oidc.example.org",
        "rekorTlogUrls": "https://rekor.example.org",
        **urls,
    }
    return {
        "mediaType": CLIENT_CONFIG,
        "trustedRoot": root or private_root(),
        "signingConfig": {
            "mediaType": SIGNING_CONFIG,
            **{name: [service(url)] for name, url in named.items() if url},
        },
    }


def load(document: object, folder: Path, **environment: str) -> SigstoreInstance:
    """Write a document and load it."""
    path = folder / "config.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return load_instance(
        str(path),
        offline=False,
        environment=environment,
        clock=FakeClock(),
        limits=DEFAULT_LIMITS,
    )


def test_a_configuration_is_read_without_a_socket(tmp_path: Path) -> None:
    """Its documents, whose tokens it takes, and that nothing of it is public."""
    instance = load(config(), tmp_path)
    assert instance.kind is InstanceKind.NAMED
    assert not instance.public_log
    assert json.loads(instance.trusted_root) == private_root()
    assert instance.signing_config is not None
    assert json.loads(instance.signing_config) == config()["signingConfig"]
    assert instance.origin == f"the file {str(tmp_path / 'config.json')!r}"
    assert instance.issuer is not None
    assert instance.issuer.issuer == "https://oidc.example.org"
    assert instance.issuer.discovery_url == "https://oidc.example.org"
    assert instance.issuer.server_url == "https://github.com"


def test_a_selector_that_cosign_wrote_empty_is_one_left_out(tmp_path: Path) -> None:
    """`cosign signing-config create` without --tsa-config writes ``"tsaConfig": {}``."""
    document = config()
    document["signingConfig"] |= {"rekorTlogConfig": {"selector": "ANY"}, "tsaConfig": {}}

    found = load(document, tmp_path).signing_config

    assert found is not None
    assert "tsaConfig" not in json.loads(found)
    assert json.loads(found)["rekorTlogConfig"] == {"selector": "ANY"}


def test_the_server_of_a_run_is_that_of_its_issuer(tmp_path: Path) -> None:
    """In a run on another server the named issuer is for that server's runs."""
    instance = load(config(), tmp_path, GITHUB_SERVER_URL="https://corp.ghe.com")
    assert instance.issuer is not None
    assert instance.issuer.server_url == "https://corp.ghe.com"


def test_a_configuration_without_issuers_takes_githubs(tmp_path: Path) -> None:
    """Where none is named, only GitHub's own will do."""
    assert load(config(oidcUrls=""), tmp_path).issuer is None


@pytest.mark.parametrize(
    "document",
    [
        config(rekorTlogUrls="https://rekor.sigstore.dev"),
        config(rekorTlogUrls="https://log2025-1.rekor.sigstage.dev/"),
        config(root=public_root()),
    ],
    ids=["the log", "staging's log", "the root's logs"],
)
def test_a_configuration_that_names_a_public_log_is_public(
    document: dict[str, Any], tmp_path: Path
) -> None:
    """What is signed with it can be read by everyone, whatever the file is called."""
    assert load(document, tmp_path).public_log


def test_the_public_issuer_of_people_does_not_exclude_runs(tmp_path: Path) -> None:
    """Public instances take GitHub's tokens, although their configuration names another."""
    document = config(oidcUrls="https://oauth2.sigstore.dev/auth")
    assert load(document, tmp_path).issuer is None


@pytest.mark.parametrize("public", [False, True])
def test_a_sandbox_is_known_by_its_names(tmp_path: Path, *, public: bool) -> None:
    """A root under the sandbox's names is a sandbox's, alone or in a configuration."""
    root = private_root("sandbox.slsa-gen.invalid")
    if public:
        root["tlogs"].extend(public_root()["tlogs"])
    for document in (root, config(root)):
        instance = load(document, tmp_path)
        assert instance.kind is InstanceKind.SANDBOX
        assert instance.is_sandbox
        assert instance.public_log is public
        assert instance.issuer is not None
        assert instance.issuer.issuer == SANDBOX_ISSUER
        assert instance.issuer.server_url == SANDBOX_SERVER


def test_one_of_the_sandboxs_names_is_enough(tmp_path: Path) -> None:
    """A root that mixes a sandbox's authority with others is not taken for a real one."""
    root = public_root()
    root["certificateAuthorities"][0]["uri"] = "https://token.Sandbox.SLSA-gen.invalid/x"
    assert load(root, tmp_path).is_sandbox


def test_a_name_that_only_looks_like_the_sandboxs_is_not(tmp_path: Path) -> None:
    """Whole labels count."""
    assert not load(private_root("notsandbox.slsa-gen.invalid"), tmp_path).is_sandbox


def test_a_root_alone_is_one_to_verify_with(tmp_path: Path) -> None:
    """It has no signing configuration; both entries read it alike."""
    path = tmp_path / "root.json"
    path.write_text(json.dumps(public_root()))
    instance = load_trusted_root(path, DEFAULT_LIMITS)
    assert instance.signing_config is None
    assert instance.issuer is None
    assert instance == replace(
        load(public_root(), tmp_path), name=str(path), origin=instance.origin
    )


def test_a_root_without_logs_is_one_too(corpus: Path) -> None:
    """GitHub's own instance has no log; its root is read as it is."""
    path = corpus / "real-world" / "github-trusted_root.json"
    instance = load_trusted_root(path, DEFAULT_LIMITS)
    assert json.loads(instance.trusted_root) == json.loads(path.read_bytes())


def without(document: dict[str, Any], *path: str) -> dict[str, Any]:
    """Return a document that lacks a member."""
    copy: dict[str, Any] = json.loads(json.dumps(document))
    owner: Any = copy
    for name in path[:-1]:
        owner = owner[name]
    del owner[path[-1]]
    return copy


@pytest.mark.parametrize(
    ("document", "reason", "says"),
    [
        ({}, Reason.TRUST_MEDIA_TYPE, "has the media type 'None'"),
        ({"mediaType": "text/html"}, Reason.TRUST_MEDIA_TYPE, "has the media type 'text/html'"),
        ([], Reason.TRUST_MALFORMED, "an object was expected"),
        (without(config(), "trustedRoot"), Reason.TRUST_MALFORMED, "it lacks its trustedRoot"),
        (without(config(), "signingConfig"), Reason.TRUST_MALFORMED, "it lacks its trustedRoot or"),
        ({**config(), "extra": 1}, Reason.TRUST_MALFORMED, "extra"),
        ({**public_root(), "extra": 1}, Reason.TRUST_MALFORMED, "trustedRoot.extra"),
        ({**public_root(), "tlogs": [1]}, Reason.TRUST_MALFORMED, "trustedRoot.tlogs.0"),
        (
            {**config(), "trustedRoot": {**private_root(), "mediaType": "x"}},
            Reason.TRUST_MALFORMED,
            "is no Sigstore configuration",
        ),
        (
            {**config(), "signingConfig": {"mediaType": "x"}},
            Reason.TRUST_MALFORMED,
            "signingConfig",
        ),
    ],
)
def test_what_is_no_such_document_is_said(
    document: object, reason: Reason, says: str, tmp_path: Path
) -> None:
    """Each fault is named, with what to give instead."""
    with pytest.raises(TrustError) as caught:
        load(document, tmp_path)
    assert caught.value.reason is reason
    assert says in caught.value.message
    assert len(caught.value.message) < 900
    assert caught.value.message.isprintable()
    assert "trust-config" in caught.value.hint


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    """A name that is neither known nor a file lists the names that are."""
    with pytest.raises(TrustError) as caught:
        load_instance(
            str(tmp_path / "none"),
            offline=True,
            environment={},
            clock=FakeClock(),
            limits=DEFAULT_LIMITS,
        )
    assert caught.value.reason is Reason.TRUST_NOT_FOUND
    assert "public-good, staging, sandbox" in caught.value.hint


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_a_folder_or_a_broken_name_is_no_file(name: str, tmp_path: Path) -> None:
    """What cannot be opened is said, without a traceback."""
    with pytest.raises(TrustError, match="cannot be read") as caught:
        load_trusted_root(tmp_path / name, DEFAULT_LIMITS)
    assert caught.value.reason is Reason.TRUST_NOT_FOUND


def test_a_file_above_the_bound_is_not_read(tmp_path: Path) -> None:
    """The bound is checked before anything is parsed."""
    path = tmp_path / "large.json"
    path.write_text(json.dumps(public_root()))
    limits = replace(DEFAULT_LIMITS, trust_bytes=100)
    with pytest.raises(TrustError, match="more than the 100 B") as caught:
        load_trusted_root(path, limits)
    assert caught.value.reason is Reason.TRUST_TOO_LARGE


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    """Two readers could see two roots in one such file."""
    path = tmp_path / "twice.json"
    text = json.dumps(public_root())
    path.write_text(text[:-1] + ', "tlogs": []}')
    with pytest.raises(TrustError, match="'tlogs' stands twice") as caught:
        load_trusted_root(path, DEFAULT_LIMITS)
    assert caught.value.reason is Reason.TRUST_MALFORMED


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_no_bytes_break_the_reading(tmp_path: Path, raw: bytes) -> None:
    """Whatever a file holds: an instance, or a TrustError."""
    path = tmp_path / "any.json"
    path.write_bytes(raw)
    with pytest.raises(TrustError):
        load_trusted_root(path, DEFAULT_LIMITS)
