"""A TUF repository of the tests' own, served on loopback, with knobs to turn.

What it signs is changed by its methods; what goes wrong on the way to a client are the faults
of ``tests/support/wrongs.py``, by path.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from securesystemslib.signer import (  # type: ignore[attr-defined]  # its __all__ is computed
    CryptoSigner,
)
from tuf.api.metadata import (  # type: ignore[attr-defined]  # its __all__ is computed
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from slsa_gen.model.instance import InstanceKind
from slsa_gen.trust.known import Repository
from tests.support.wrongs import Exchange, Reply, pass_on

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from tests.support.wrongs import Fault

ROLES = ("root", "timestamp", "snapshot", "targets")


class TufRepository:
    """Signs and serves metadata; :meth:`publish` makes new versions of everything.

    Attributes:
        files: What is served, by path.
        asked: The paths that were asked for.
        faults: What goes wrong, by path; "" for every path that has none of its own.
    """

    def __init__(
        self,
        now: datetime,
        trusted_root: bytes = b'{"made":1}',
        config: bytes | None = b'{"config":1}',
    ) -> None:
        self.now = now
        self.signers = {role: CryptoSigner.generate_ecdsa() for role in ROLES}
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.faults: dict[str, Fault] = {}
        self.version = 0
        self._ended = Event()
        self._server: ThreadingHTTPServer | None = None
        self.root = Root(expires=now + timedelta(days=365), consistent_snapshot=True)
        for role, signer in self.signers.items():
            self.root.add_key(signer.public_key, role)
        self.first_root = self.sign_root()
        self.publish(trusted_root, config=config)

    def sign_root(self) -> bytes:
        """Sign the root as it is and serve it under its version."""
        metadata = Metadata(self.root)
        metadata.sign(self.signers["root"])
        data = metadata.to_bytes()
        self.files[f"/{self.root.version}.root.json"] = data
        return data

    def rotate(self, role: str, *, by_old: bool = True, by_new: bool = True) -> None:
        """Give a role a new key, by a new version of the root; wrongly, without a signature."""
        old, new = self.signers[role], CryptoSigner.generate_ecdsa()
        self.root.revoke_key(old.public_key.keyid, role)
        self.root.add_key(new.public_key, role)
        self.root.version += 1
        self.signers[role] = new
        metadata = Metadata(self.root)
        if by_old:
            metadata.sign(old if role == "root" else self.signers["root"], append=True)
        if by_new:
            metadata.sign(self.signers["root"], append=True)
        self.files[f"/{self.root.version}.root.json"] = metadata.to_bytes()

    def publish(
        self,
        trusted_root: bytes | None,
        *,
        hashes: bool = True,
        config: bytes | None = b'{"config":1}',
        life: timedelta = timedelta(days=7),
        lives: Mapping[str, timedelta] | None = None,
    ) -> None:
        """Make a new version of all metadata over these targets.

        Without ``hashes`` the metadata name one another by version alone, as TUF allows.
        ``lives`` are those of roles that do not live as long as the others.
        """

        def meta(raw: bytes) -> MetaFile:
            if hashes:
                return MetaFile.from_data(self.version, raw, ["sha256"])
            return MetaFile(self.version)

        self.version += 1
        expires = {
            role: self.now + lived
            for role, lived in {**dict.fromkeys(ROLES, life), **(lives or {})}.items()
        }
        targets = Targets(version=self.version, expires=expires["targets"])
        wanted = {"trusted_root.json": trusted_root, "signing_config.v0.2.json": config}
        for name, data in wanted.items():
            if data is not None:
                info = TargetFile.from_data(name, data, ["sha256"])
                targets.targets[name] = info
                self.files[f"/targets/{info.hashes['sha256']}.{name}"] = data
        raw_targets = self.sign("targets", targets)
        snapshot = Snapshot(version=self.version, expires=expires["snapshot"])
        snapshot.meta["targets.json"] = meta(raw_targets)
        raw_snapshot = self.sign("snapshot", snapshot)
        timestamp = Timestamp(version=self.version, expires=expires["timestamp"])
        timestamp.snapshot_meta = meta(raw_snapshot)
        self.files[f"/{self.version}.targets.json"] = raw_targets
        self.files[f"/{self.version}.snapshot.json"] = raw_snapshot
        self.files["/timestamp.json"] = self.sign("timestamp", timestamp)

    def point_back(self, role: str, version: int) -> None:
        """Sign newest metadata that name an older version of ``targets`` or of ``snapshot``."""
        self.version += 1
        expires = self.now + timedelta(days=7)
        named = version
        if role == "targets":
            named = self.version
            snapshot = Snapshot(version=named, expires=expires)
            raw = self.files[f"/{version}.targets.json"]
            snapshot.meta["targets.json"] = MetaFile.from_data(version, raw, ["sha256"])
            self.files[f"/{named}.snapshot.json"] = self.sign("snapshot", snapshot)
        timestamp = Timestamp(version=self.version, expires=expires)
        raw = self.files[f"/{named}.snapshot.json"]
        timestamp.snapshot_meta = MetaFile.from_data(named, raw, ["sha256"])
        self.files["/timestamp.json"] = self.sign("timestamp", timestamp)

    def sign(self, role: str, signed: Any) -> bytes:  # noqa: ANN401 (tuf's own type variable)
        """Return signed metadata."""
        metadata = Metadata(signed)
        metadata.sign(self.signers[role])
        return metadata.to_bytes()

    def __enter__(self) -> Self:
        repository = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                repository.answer(self)

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        server = self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.block_on_close = False
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Serve one file, well or wrongly."""
        path = urlsplit(handler.path).path
        self.asked.append(path)
        known = path in self.files
        reply = Reply(200 if known else 404, self.files.get(path, b""))
        fault = self.faults.get(path) or self.faults.get("", pass_on)
        try:
            fault(Exchange(handler, lambda: reply, None, self._ended, lambda: self.now))
        except OSError:  # the client went away
            handler.close_connection = True

    def client_files(self) -> dict[str, bytes]:
        """Return what a client's folder would hold, whatever was signed wrongly."""
        files = {
            f"root_history{path}": data
            for path, data in self.files.items()
            if path.endswith(".root.json")
        }
        for role in ("snapshot", "targets"):
            files[f"{role}.json"] = self.files[f"/{self.version}.{role}.json"]
        files["timestamp.json"] = self.files["/timestamp.json"]
        for path, data in self.files.items():
            if path.startswith("/targets/"):
                files["targets/" + path.split("/")[2].partition(".")[2]] = data
        return files

    @property
    def url(self) -> str:
        """Return where it answers; it does only between ``with`` and its end."""
        return f"http://127.0.0.1:{self._server.server_port if self._server else 9}"

    def known(
        self,
        *,
        dated: datetime | None = None,
        kind: InstanceKind = InstanceKind.PUBLIC_GOOD,
        trusted_root: bytes = b'{"shipped":true}',
        config: bytes = b'{"shipped":"config"}',
    ) -> Repository:
        """Return what ships with the package: the first root, and a copy of the targets."""
        return Repository(
            name="test",
            kind=kind,
            url=self.url,
            root=self.first_root,
            trusted_root=trusted_root,
            signing_config=config,
            dated=dated or self.now - timedelta(days=30),
            version="test 1",
        )
