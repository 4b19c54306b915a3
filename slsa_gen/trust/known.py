"""The public instances and the copies of their documents that ship with the package."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import resources
from typing import Final

from slsa_gen.model.instance import InstanceKind

TRUSTED_ROOT: Final = "trusted_root.json"
SIGNING_CONFIG: Final = "signing_config.v0.2.json"
ROOT: Final = "root.json"

#: The domains of the public instances: what is logged there can be read by everyone.
PUBLIC_DOMAINS: Final = ("sigstore.dev", "sigstage.dev")

_DATA: Final = resources.files("slsa_gen.trust").joinpath("data")


@dataclass(frozen=True, slots=True)
class Repository:
    """A TUF repository and the copy of its documents that is at hand without it.

    ``root`` is the TUF root metadata that everything is verified from; ``trusted_root`` and
    ``signing_config`` are the copies of its targets, ``dated`` when they were taken, and
    ``version`` of which release of their source.
    """

    name: str
    kind: InstanceKind
    url: str
    root: bytes = field(repr=False)
    trusted_root: bytes = field(repr=False)
    signing_config: bytes = field(repr=False)
    dated: datetime
    version: str


_URLS: Final = {
    InstanceKind.PUBLIC_GOOD: "https://tuf-repo-cdn.sigstore.dev",
    InstanceKind.STAGING: "https://tuf-repo-cdn.sigstage.dev",
}


def known_repository(name: str) -> Repository | None:
    """Return a public instance's repository by its name, or None."""
    kind = next((kind for kind in _URLS if kind.value == name), None)
    if kind is None:
        return None
    origin = json.loads(_DATA.joinpath("ORIGIN.json").read_bytes())
    folder = _DATA.joinpath(name)
    return Repository(
        name=name,
        kind=kind,
        url=_URLS[kind],
        root=folder.joinpath(ROOT).read_bytes(),
        trusted_root=folder.joinpath(TRUSTED_ROOT).read_bytes(),
        signing_config=folder.joinpath(SIGNING_CONFIG).read_bytes(),
        dated=datetime.fromisoformat(origin["copied"]).replace(tzinfo=UTC),
        version=f"{origin['package']} {origin['version']}",
    )


def is_public_host(host: str) -> bool:
    """Tell whether a host belongs to one of the public instances."""
    name = host.lower().rstrip(".")
    return any(name == domain or name.endswith("." + domain) for domain in PUBLIC_DOMAINS)
