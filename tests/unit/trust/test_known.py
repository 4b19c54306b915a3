"""Tests of slsa_gen.trust.known: the copies that ship, and whose hosts are public."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from importlib import resources

import pytest

from slsa_gen.trust.known import is_public_host, known_repository

DATA = resources.files("slsa_gen.trust").joinpath("data")
ORIGIN = json.loads(DATA.joinpath("ORIGIN.json").read_bytes())
#: Our folders, and those of the package that they were copied from.
FOLDERS = {
    "public-good": "https%3A%2F%2Ftuf-repo-cdn.sigstore.dev",
    "staging": "https%3A%2F%2Ftuf-repo-cdn.sigstage.dev",
}
FILES = ("root.json", "trusted_root.json", "signing_config.v0.2.json")


@pytest.mark.parametrize("name", FOLDERS)
def test_the_copies_are_those_of_the_sigstore_package(name: str) -> None:
    """When the installed package has newer ones, copy them and set version and date."""
    store = resources.files("sigstore").joinpath("_store", FOLDERS[name])
    repository = known_repository(name)
    assert repository is not None
    ours = (repository.root, repository.trusted_root, repository.signing_config)
    assert [hashlib.sha256(data).hexdigest() for data in ours] == [
        hashlib.sha256(store.joinpath(file).read_bytes()).hexdigest() for file in FILES
    ]


def test_the_origin_names_the_installed_version() -> None:
    """Version, date and hashes are those of the files; the words say the same."""
    assert ORIGIN["version"] == importlib.metadata.version("sigstore")
    found = {
        f"{name}/{file}": hashlib.sha256(DATA.joinpath(name, file).read_bytes()).hexdigest()
        for name in FOLDERS
        for file in FILES
    }
    assert ORIGIN["sha256"] == found
    words = DATA.joinpath("ORIGIN.md").read_text(encoding="utf-8")
    assert f"`sigstore` {ORIGIN['version']} on {ORIGIN['copied']}" in words


def test_other_names_are_not_known() -> None:
    """The sandbox and files are found elsewhere."""
    assert known_repository("sandbox") is None
    assert known_repository("named") is None
    assert known_repository("") is None


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("rekor.sigstore.dev", True),
        ("LOG2025-1.Rekor.Sigstore.Dev.", True),
        ("rekor.sigstage.dev", True),
        ("sigstore.dev", True),
        ("notsigstore.dev", False),
        ("sigstore.dev.example.org", False),
        ("localhost", False),
        ("", False),
    ],
)
def test_public_hosts_are_known_by_their_domain(host: str, *, public: bool) -> None:
    """Whole labels count, in any case of letters."""
    assert is_public_host(host) is public
