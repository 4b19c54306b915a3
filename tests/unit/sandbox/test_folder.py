"""The sandbox's folder: where it is, whose it must be, how it is made and removed."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from slsa_gen import strictjson
from slsa_gen.clock import SystemClock
from slsa_gen.errors import ServiceError, TrustError
from slsa_gen.model.instance import SANDBOX_ISSUER, SANDBOX_SERVER, InstanceKind
from slsa_gen.reasons import Reason
from slsa_gen.sandbox import database, lifecycle
from slsa_gen.sandbox.folder import (
    DATABASE,
    LOCK,
    MATERIAL,
    PARTIAL,
    read_document,
    sandbox_folder,
    trusted_instance,
)
from slsa_gen.sandbox.keys import Material

if TYPE_CHECKING:
    from collections.abc import Callable


def make() -> bytes:
    """Return new material."""
    return strictjson.dumps(Material.generate(SystemClock().now()).document())


def use(folder: Path, maker: Callable[[], bytes] = make) -> dict[str, object]:
    """Open a sandbox, close it again, and return what it holds."""
    with lifecycle.in_use(folder, maker, database.create) as document:
        return document


class TestWhere:
    """Which folder is the user's."""

    def test_the_variable_wins(self) -> None:
        """SLSA_GEN_SANDBOX names it, also relative to the current folder."""
        environment = {"SLSA_GEN_SANDBOX": "/a/b", "XDG_DATA_HOME": "/x", "HOME": "/h"}
        assert sandbox_folder(environment) == Path("/a/b")
        assert sandbox_folder({"SLSA_GEN_SANDBOX": "b"}) == Path.cwd() / "b"

    def test_the_data_folder_follows_xdg(self) -> None:
        """A relative XDG_DATA_HOME does not count, as its specification says."""
        expected = Path("/x/slsa-gen/sandbox")
        assert sandbox_folder({"XDG_DATA_HOME": "/x", "HOME": "/h"}) == expected
        home = Path("/h/.local/share/slsa-gen/sandbox")
        assert sandbox_folder({"XDG_DATA_HOME": "x", "HOME": "/h"}) == home
        assert sandbox_folder({"HOME": "/h"}) == home

    def test_without_a_home_there_is_an_error(self) -> None:
        """The hint names the variable."""
        with pytest.raises(ServiceError, match="HOME is not set") as caught:
            sandbox_folder({})
        assert "SLSA_GEN_SANDBOX=" in caught.value.hint


class TestMaking:
    """A sandbox is made once, whole, and for its owner alone."""

    def test_it_is_made_once(self, tmp_path: Path) -> None:
        """The second use finds what the first made."""
        folder = tmp_path / "deep" / "sandbox"
        first = use(folder)
        assert use(folder, lambda: pytest.fail("made twice")) == first
        assert sorted(f.name for f in folder.iterdir()) == [LOCK, DATABASE, MATERIAL]

    def test_nobody_else_may_read_it(self, tmp_path: Path) -> None:
        """The folder is 0700 and its files are 0600, whatever the umask."""
        before = os.umask(0)
        try:
            use(tmp_path / "sandbox")
        finally:
            os.umask(before)
        modes = {f.name: f.stat().st_mode & 0o777 for f in (tmp_path / "sandbox").iterdir()}
        assert set(modes.values()) == {0o600}
        assert (tmp_path / "sandbox").stat().st_mode & 0o777 == 0o700

    def test_two_first_starts_at_once_make_one(self, tmp_path: Path) -> None:
        """Several processes begin at the same moment and end up with the same keys."""
        command = [sys.executable, "-m", "tests.unit.sandbox.starter", str(tmp_path / "sandbox")]
        pipe = subprocess.PIPE
        processes = [
            subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(2)
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.close()
            process.stdin = None
        found = [process.communicate(timeout=30)[0] for process in processes]
        assert found[0] == found[1] != ""

    def test_a_journal_is_no_strange_file(self, tmp_path: Path) -> None:
        """Another start may look on while SQLite lays the file out."""
        tmp_path.chmod(0o700)
        (tmp_path / f"{DATABASE}-journal").touch()
        assert "keys" in use(tmp_path)

    def test_what_a_killed_process_left_half_made_is_made_anew(self, tmp_path: Path) -> None:
        """Without sandbox.json, which is written last, there is no sandbox."""
        (tmp_path / DATABASE).write_bytes(b"half")
        (tmp_path / PARTIAL).write_bytes(b"half")
        tmp_path.chmod(0o700)
        assert "keys" in use(tmp_path)
        assert not (tmp_path / PARTIAL).exists()

    def test_a_failure_leaves_no_sandbox(self, tmp_path: Path) -> None:
        """A full disk while it is made is an error, and the next start makes it."""

        def full() -> bytes:
            raise OSError(28, "No space left on device")

        with pytest.raises(ServiceError, match="No space left") as caught:
            use(tmp_path / "sandbox", full)
        assert caught.value.reason is Reason.SANDBOX_FOLDER
        assert not (tmp_path / "sandbox" / MATERIAL).exists()
        assert "keys" in use(tmp_path / "sandbox")


class TestRefused:
    """A folder in which somebody else could put keys is not used."""

    def refused(self, folder: Path) -> ServiceError:
        """Return the error that both using and resetting it give."""
        with pytest.raises(ServiceError) as used:
            use(folder)
        with pytest.raises(ServiceError) as removed:
            lifecycle.reset(folder)
        assert used.value.reason is removed.value.reason is Reason.SANDBOX_FOLDER
        assert used.value.message == removed.value.message
        assert used.value.hint
        return used.value

    def test_a_link(self, tmp_path: Path) -> None:
        """Also one that points to a good sandbox."""
        use(tmp_path / "real")
        (tmp_path / "link").symlink_to(tmp_path / "real")
        assert "it is a link" in self.refused(tmp_path / "link").message
        with pytest.raises(ServiceError, match="it is a link"):
            trusted_instance(tmp_path / "link")

    def test_a_file(self, tmp_path: Path) -> None:
        """A name that is taken by something else."""
        (tmp_path / "file").touch()
        with pytest.raises(ServiceError, match="cannot be made"):
            use(tmp_path / "file")
        with pytest.raises(ServiceError, match="it is no folder"):
            lifecycle.reset(tmp_path / "file")

    def test_one_that_others_may_write_in(self, tmp_path: Path) -> None:
        """The hint says how it is closed."""
        folder = tmp_path / "open"
        folder.mkdir()
        folder.chmod(0o770)
        error = self.refused(folder)
        assert "others may write in it (mode 0770)" in error.message
        assert f"chmod 700 {folder}" in error.hint

    def test_somebody_elses(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The message names both users."""
        mine = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
        folder = tmp_path / "theirs"
        folder.mkdir(mode=0o700)
        assert f"user {mine}, and this is user {mine + 1}" in self.refused(folder).message

    def test_one_with_other_files(self, tmp_path: Path) -> None:
        """A home folder that was named by mistake is left alone."""
        folder = tmp_path / "home"
        folder.mkdir(mode=0o700)
        (folder / "thesis.tex").touch()
        assert "it holds other files ('thesis.tex')" in self.refused(folder).message
        assert (folder / "thesis.tex").exists()

    def test_one_that_cannot_be_written_to(self, tmp_path: Path) -> None:
        """A lock that is a link is not followed."""
        folder = tmp_path / "sandbox"
        folder.mkdir(mode=0o700)
        (folder / LOCK).symlink_to(tmp_path / "elsewhere")
        assert "cannot be written to" in self.refused(folder).message
        assert not (tmp_path / "elsewhere").exists()


class TestReset:
    """Removing a sandbox removes what it made, and nothing else."""

    def test_it_is_removed_whole(self, sandbox_folder: Path) -> None:
        """The folder goes too, and a second time there is nothing to do."""
        assert lifecycle.reset(sandbox_folder) is True
        assert not sandbox_folder.exists()
        assert lifecycle.reset(sandbox_folder) is False

    def test_other_files_stay(self, sandbox_folder: Path) -> None:
        """What somebody else put there is not ours to remove."""
        (sandbox_folder / "notes.txt").touch()
        assert lifecycle.reset(sandbox_folder) is True
        assert [f.name for f in sandbox_folder.iterdir()] == ["notes.txt"]

    def test_it_is_not_removed_while_in_use(self, sandbox_folder: Path) -> None:
        """Entries that are being logged would be lost."""
        with lifecycle.in_use(sandbox_folder, make, database.create):
            with pytest.raises(ServiceError, match="in use by another command") as caught:
                lifecycle.reset(sandbox_folder)
            assert caught.value.reason is Reason.SANDBOX_BUSY
            assert (sandbox_folder / MATERIAL).exists()
        assert lifecycle.reset(sandbox_folder) is True

    def test_a_start_during_a_reset_makes_a_new_one(
        self, sandbox_folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whoever waited for the removed lock file takes the new one, and holds that."""
        real = fcntl.flock
        removed: list[bool] = []

        def slow(descriptor: int, how: int) -> None:
            if not removed:
                removed.append(True)
                assert lifecycle.reset(sandbox_folder)
            real(descriptor, how)

        old = read_document(sandbox_folder)["treeId"]
        monkeypatch.setattr(fcntl, "flock", slow)
        with lifecycle.in_use(sandbox_folder, make, database.create) as document:
            assert document["treeId"] != old
            with pytest.raises(ServiceError, match="in use by another command"):
                lifecycle.reset(sandbox_folder)


class TestTrusted:
    """What is handed out to verify with."""

    def test_it_is_known_by_its_names(self, sandbox_folder: Path) -> None:
        """Kind, issuer, server and keys are the sandbox's; there is nothing to sign with."""
        instance = trusted_instance(sandbox_folder)
        assert instance.kind is InstanceKind.SANDBOX
        assert instance.is_sandbox
        assert not instance.public_log
        assert instance.signing_config is None
        assert instance.issuer is not None
        assert instance.issuer.issuer == SANDBOX_ISSUER
        assert instance.issuer.server_url == SANDBOX_SERVER
        assert json.loads(instance.issuer.jwks or b"")["keys"][0]["kty"] == "RSA"
        assert str(sandbox_folder) in instance.origin
        root = json.loads(instance.trusted_root)
        urls = [root["tlogs"][0]["baseUrl"], root["certificateAuthorities"][0]["uri"]]
        assert all(url.startswith(f"{SANDBOX_SERVER}/") for url in urls)

    def test_without_a_sandbox_there_is_an_error(self, tmp_path: Path) -> None:
        """Verifying makes none: nothing can have been signed with it."""
        with pytest.raises(TrustError, match="there is no sandbox") as caught:
            trusted_instance(tmp_path / "none")
        assert caught.value.reason is Reason.SANDBOX_ABSENT
        assert "slsa-gen attest --sigstore sandbox" in caught.value.hint
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_that_cannot_be_looked_into(self, tmp_path: Path) -> None:
        """A name that no file can have is said, not raised."""
        with pytest.raises(ServiceError, match="cannot be looked at"):
            trusted_instance(tmp_path / ("x" * 300))


class TestDamaged:
    """A sandbox that was changed is refused, never repaired in silence."""

    def damaged(self, folder: Path) -> str:
        """Return the message that both using and trusting it give."""
        with pytest.raises(ServiceError) as used:
            use(folder)
        with pytest.raises(ServiceError) as trusted:
            trusted_instance(folder)
        assert used.value.message == trusted.value.message
        assert used.value.reason is Reason.SANDBOX_DAMAGED
        assert "slsa-gen sandbox reset" in used.value.hint
        return used.value.message

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            (b"", "not JSON"),
            (b"[]", "an object was expected"),
            (b'{"a":1,"a":2}', "stands twice"),
            (b"{}", "layout None"),
            (b'{"mediaType":"application/vnd.slsa-gen.sandbox+json;version=2"}', "version=2"),
            (
                b'{"mediaType":"application/vnd.slsa-gen.sandbox+json;version=1"}',
                "lack jwks, start, trustedRoot",
            ),
        ],
    )
    def test_the_document(self, sandbox_folder: Path, text: bytes, why: str) -> None:
        """Malformed, ambiguous, of another layout, or incomplete."""
        (sandbox_folder / MATERIAL).write_bytes(text)
        assert why in self.damaged(sandbox_folder)

    def test_a_document_that_is_a_link(self, sandbox_folder: Path, tmp_path: Path) -> None:
        """Keys are read from this folder and from nowhere else."""
        (sandbox_folder / MATERIAL).rename(tmp_path / "moved.json")
        (sandbox_folder / MATERIAL).symlink_to(tmp_path / "moved.json")
        assert "cannot be read" in self.damaged(sandbox_folder)

    def test_a_missing_log(self, sandbox_folder: Path) -> None:
        """A new log under the old key would be a second history."""
        (sandbox_folder / DATABASE).unlink()
        with pytest.raises(ServiceError, match=r"its log log\.sqlite is missing"):
            use(sandbox_folder)

    def test_keys_that_others_may_read(self, sandbox_folder: Path) -> None:
        """Others could sign with them."""
        (sandbox_folder / MATERIAL).chmod(0o644)
        with pytest.raises(ServiceError, match=r"mode 0644, expected 0600") as caught:
            use(sandbox_folder)
        assert "chmod 600" in caught.value.hint
