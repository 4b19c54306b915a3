"""The folder that keeps a sandbox: where it is, how it is made once, and how it goes.

::

    sandbox.json   keys, certificates, trust configuration (0600; written last, at once)
    log.sqlite     the log's entries and the numbers of runs (0600; SQLite adds -wal, -shm)
    lock           shared while a sandbox is in use, exclusive while it is made or removed
"""

from __future__ import annotations

import fcntl
import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slsa_gen import strictjson
from slsa_gen.errors import ServiceError, TrustError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.instance import (
    SANDBOX_ISSUER,
    SANDBOX_SERVER,
    InstanceKind,
    Issuer,
    SigstoreInstance,
)
from slsa_gen.reasons import Reason
from slsa_gen.sandbox.database import damaged
from slsa_gen.sandbox.trust import MATERIAL_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MATERIAL: Final = "sandbox.json"
DATABASE: Final = "log.sqlite"
LOCK: Final = "lock"

_PARTIAL: Final = "sandbox.json.partial"
#: Everything that a sandbox makes; whatever else lies in its folder is somebody else's.
_OURS: Final = (MATERIAL, _PARTIAL, DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", LOCK)
_OTHERS_MAY_WRITE: Final = 0o022
_OTHERS_MAY_ANYTHING: Final = 0o077


def sandbox_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder of the user's sandbox; it need not exist.

    ``SLSA_GEN_SANDBOX``, else ``slsa-gen/sandbox`` in the user's data folder
    (``XDG_DATA_HOME``, which counts only when absolute, else ``~/.local/share``).

    Raises:
        ServiceError: there is neither a variable nor a home folder.
    """
    if named := environment.get("SLSA_GEN_SANDBOX"):
        return Path(named).absolute()
    data = Path(environment.get("XDG_DATA_HOME", ""))
    if not data.is_absolute():
        home = environment.get("HOME", "")
        if not home:
            raise ServiceError(
                "there is no home folder (HOME is not set) to keep the sandbox in",
                reason=Reason.SANDBOX_FOLDER,
                hint="Name a folder for it: SLSA_GEN_SANDBOX=FOLDER",
            )
        data = Path(home).absolute() / ".local" / "share"
    return data / "slsa-gen" / "sandbox"


def trusted_instance(folder: Path) -> SigstoreInstance:
    """Return the sandbox of a folder to verify with: no server, no signing configuration.

    Raises:
        TrustError: there is none.
        ServiceError: it is damaged, or not the user's own.
    """
    if not (folder / MATERIAL).exists():
        raise TrustError(
            f"there is no sandbox in {str(folder)!r}, so nothing can have been signed with it",
            reason=Reason.SANDBOX_ABSENT,
            hint="Attest with it first: slsa-gen attest --sigstore sandbox FILE\n"
            "If it lies elsewhere, name its folder: SLSA_GEN_SANDBOX=FOLDER",
        )
    _check_folder(folder)
    return instance_of(read_document(folder), folder)


def instance_of(document: Mapping[str, object], folder: Path) -> SigstoreInstance:
    """Return the part of a sandbox's document that others trust."""
    return SigstoreInstance(
        name="sandbox",
        kind=InstanceKind.SANDBOX,
        trusted_root=strictjson.dumps(document["trustedRoot"]),
        issuer=Issuer(SANDBOX_ISSUER, SANDBOX_SERVER, jwks=strictjson.dumps(document["jwks"])),
        public_log=False,
        origin=f"the sandbox in {folder}, valid from {document['start']}",
    )


def read_document(folder: Path) -> dict[str, object]:
    """Return what ``sandbox.json`` holds, with every part there.

    Raises:
        ServiceError: it cannot be read, is damaged, or others may read its keys.
    """
    path = folder / MATERIAL
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(DEFAULT_LIMITS.trust_bytes + 1)
    except OSError as error:
        raise damaged(folder, f"its keys cannot be read ({error.strerror})") from error
    if stat.S_IMODE(mode) & _OTHERS_MAY_ANYTHING:
        raise _unusable(
            folder,
            f"others may read its keys (mode {stat.S_IMODE(mode):04o}, expected 0600)",
            f"If nobody has read them: chmod 600 {path}",
        )
    try:
        document = strictjson.loads_object(
            text, max_bytes=DEFAULT_LIMITS.trust_bytes, max_depth=DEFAULT_LIMITS.json_depth
        )
    except strictjson.StrictJsonError as error:
        raise damaged(folder, f"its keys cannot be read ({error})") from error
    if document.get("mediaType") != MATERIAL_TYPE:
        raise damaged(
            folder, f"it has layout {document.get('mediaType')!r}, expected {MATERIAL_TYPE!r}"
        )
    if missing := {"start", "trustedRoot", "jwks"} - document.keys():
        raise damaged(folder, f"its keys lack {', '.join(sorted(missing))}")
    return document


@contextmanager
def in_use(
    folder: Path, make: Callable[[], bytes], make_database: Callable[[Path], None]
) -> Iterator[dict[str, object]]:
    """Make the sandbox where there is none, and hold it while it is used.

    Args:
        folder: Where it lies.
        make: Returns the bytes of a new ``sandbox.json``.
        make_database: Makes a new database file.

    Yields:
        What ``sandbox.json`` holds.

    Raises:
        ServiceError: the folder is not to be used, or the sandbox is damaged.
    """
    _make_folder(folder)
    with _locked(folder, fcntl.LOCK_SH) as descriptor:
        if not (folder / MATERIAL).exists():
            # Whoever gets the exclusive lock first makes it; the others find it made.
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if not (folder / MATERIAL).exists():
                _create(folder, make, make_database)
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        if not (folder / DATABASE).exists():
            raise damaged(folder, f"its log {DATABASE} is missing")
        yield read_document(folder)


def reset(folder: Path) -> bool:
    """Remove the sandbox, and nothing else; tell whether there was one.

    Raises:
        ServiceError: it is in use, or not the user's own.
    """
    if not folder.exists() and not folder.is_symlink():
        return False
    _check_folder(folder)
    with _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
        existed = (folder / MATERIAL).exists()
        for name in _OURS:
            (folder / name).unlink(missing_ok=True)
    with suppress(OSError):  # somebody else's files are left, and so is the folder then
        folder.rmdir()
    return existed


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(
            folder,
            f"it cannot be made ({error.strerror})",
            "Name another folder: SLSA_GEN_SANDBOX=FOLDER",
        ) from error
    _check_folder(folder)


def _check_folder(folder: Path) -> None:
    """Refuse a folder in which somebody else could put keys, or that is not a sandbox's."""
    another = "Name another folder: SLSA_GEN_SANDBOX=FOLDER"
    try:
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode):
            kind = "a link" if stat.S_ISLNK(status.st_mode) else "no folder"
            raise _unusable(folder, f"it is {kind}", another)
        if status.st_uid != os.geteuid():
            raise _unusable(
                folder,
                f"it belongs to user {status.st_uid}, and this is user {os.geteuid()}",
                another,
            )
        if status.st_mode & _OTHERS_MAY_WRITE:
            raise _unusable(
                folder,
                f"others may write in it (mode {stat.S_IMODE(status.st_mode):04o})",
                f"If nobody has: chmod 700 {folder}",
            )
        others = sorted(entry.name for entry in folder.iterdir() if entry.name not in _OURS)
    except OSError as error:
        raise _unusable(folder, f"it cannot be looked at ({error.strerror})", another) from error
    if others and not (folder / MATERIAL).exists():
        raise _unusable(folder, f"it holds other files ({others[0]!r})", another)


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[int]:
    """Hold the folder's lock; it is the file's, so it ends with the process."""
    path = folder / LOCK
    while True:
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise _unusable(folder, f"it cannot be written to ({error.strerror})", "") from error
        try:
            _take(descriptor, how, folder)
            # A reset may have removed the file between opening and locking it.
            if _is_at(descriptor, path):
                yield descriptor
                return
        finally:
            os.close(descriptor)


def _take(descriptor: int, how: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, how)
    except BlockingIOError as error:
        raise ServiceError(
            f"the sandbox in {str(folder)!r} is in use by another command",
            reason=Reason.SANDBOX_BUSY,
            hint="Wait until it has ended, then run again: slsa-gen sandbox reset",
        ) from error


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _create(folder: Path, make: Callable[[], bytes], make_database: Callable[[Path], None]) -> None:
    """Make the files; ``sandbox.json`` last, so that half a sandbox is none."""
    for name in _OURS:
        if name != LOCK:
            (folder / name).unlink(missing_ok=True)
    try:
        make_database(folder / DATABASE)
        partial = folder / _PARTIAL
        descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        partial.rename(folder / MATERIAL)
        _sync(folder)
    except OSError as error:
        raise _unusable(folder, f"it cannot be written to ({error.strerror})", "") from error


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unusable(folder: Path, why: str, hint: str) -> ServiceError:
    return ServiceError(
        f"the folder {str(folder)!r} cannot be used for a sandbox: {why}",
        reason=Reason.SANDBOX_FOLDER,
        hint=hint or "Name another folder: SLSA_GEN_SANDBOX=FOLDER",
    )
