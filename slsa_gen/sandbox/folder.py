"""The folder that keeps a sandbox: where it is, what lies in it, and whether it is safe.

::

    sandbox.json   keys, certificates, trust configuration (0600; written last, at once)
    log.sqlite     the log's entries and the numbers of runs (0600; SQLite adds -wal, -shm)
    lock           shared while a sandbox is in use, exclusive while it is made or removed
"""

from __future__ import annotations

import errno
import os
import shlex
import stat
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
from slsa_gen.regular_file import RegularFileError, read_with_status
from slsa_gen.sandbox.database import damaged, out_of_reach
from slsa_gen.sandbox.trust import MATERIAL_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping

MATERIAL: Final = "sandbox.json"
DATABASE: Final = "log.sqlite"
LOCK: Final = "lock"

PARTIAL: Final = "sandbox.json.partial"
#: Everything that a sandbox makes; whatever else lies in its folder is somebody else's.
OURS: Final = (
    MATERIAL,
    PARTIAL,
    DATABASE,
    f"{DATABASE}-wal",
    f"{DATABASE}-shm",
    f"{DATABASE}-journal",  # while the file is being made
    LOCK,
)
#: Something else stands where the keys should be; any other failure is the machine's.
_DAMAGE: Final = frozenset({errno.ENOENT, errno.ELOOP, errno.EISDIR})
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
    if not is_made(folder):
        raise TrustError(
            f"there is no sandbox in {str(folder)!r}, so nothing can have been signed with it",
            reason=Reason.SANDBOX_ABSENT,
            hint="Attest with it first: slsa-gen attest --sigstore sandbox FILE\n"
            "If it lies elsewhere, name its folder: SLSA_GEN_SANDBOX=FOLDER",
        )
    check_folder(folder)
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
        text, found = read_with_status(path, DEFAULT_LIMITS.trust_bytes, follow=False)
        mode = found.st_mode
    except RegularFileError as error:
        raise damaged(folder, f"its keys cannot be read ({error})") from error
    except OSError as error:
        why = f"its keys cannot be read ({error.strerror})"
        raise (damaged if error.errno in _DAMAGE else out_of_reach)(folder, why) from error
    if stat.S_IMODE(mode) & _OTHERS_MAY_ANYTHING:
        raise unusable(
            folder,
            f"others may read its keys (mode {stat.S_IMODE(mode):04o}, expected 0600)",
            f"If nobody has read them: chmod 600 {shlex.quote(str(path))}",
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


def is_made(folder: Path) -> bool:
    """Tell whether there is a whole sandbox: the file that is written last is the one that counts.

    Raises:
        ServiceError: the folder cannot be looked into.
    """
    try:
        return (folder / MATERIAL).exists()
    except OSError as error:  # a folder above may not be looked into
        raise unusable(folder, f"it cannot be looked at ({error.strerror})", "") from error


def check_folder(folder: Path) -> None:
    """Refuse a folder in which somebody else could put keys, or that is not a sandbox's.

    Raises:
        ServiceError: it is a link, somebody else's, open to others, or holds other files.
    """
    another = "Name another folder: SLSA_GEN_SANDBOX=FOLDER"
    try:
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode):
            kind = "a link" if stat.S_ISLNK(status.st_mode) else "no folder"
            raise unusable(folder, f"it is {kind}", another)
        if status.st_uid != os.geteuid():
            raise unusable(
                folder,
                f"it belongs to user {status.st_uid}, and this is user {os.geteuid()}",
                another,
            )
        if status.st_mode & _OTHERS_MAY_WRITE:
            raise unusable(
                folder,
                f"others may write in it (mode {stat.S_IMODE(status.st_mode):04o})",
                f"If nobody has: chmod 700 {shlex.quote(str(folder))}",
            )
        others = sorted(entry.name for entry in folder.iterdir() if entry.name not in OURS)
    except OSError as error:
        raise unusable(folder, f"it cannot be looked at ({error.strerror})", another) from error
    if others and not is_made(folder):
        raise unusable(folder, f"it holds other files ({others[0]!r})", another)


def require_log(folder: Path) -> None:
    """Refuse a sandbox whose log is gone: a new one under the old key would be a second history.

    Raises:
        ServiceError: there is no log.
    """
    if not (folder / DATABASE).exists():
        raise damaged(folder, f"its log {DATABASE} is missing")


def unusable(folder: Path, why: str, hint: str = "") -> ServiceError:
    """Return the error for a folder that no sandbox is kept in."""
    return ServiceError(
        f"the folder {str(folder)!r} cannot be used for a sandbox: {why}",
        reason=Reason.SANDBOX_FOLDER,
        hint=hint or "Name another folder: SLSA_GEN_SANDBOX=FOLDER",
    )
