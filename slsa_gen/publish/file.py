"""The first target: a file beside what it speaks of, written whole or not at all."""

from __future__ import annotations

import os
import secrets
import shlex
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING

from slsa_gen.errors import PublishError, UsageError
from slsa_gen.model.publication import Publication, PublicationOutcome
from slsa_gen.reasons import Reason
from slsa_gen.regular_file import NotRegularError, TooLargeError, read_regular

if TYPE_CHECKING:
    from pathlib import Path


class FileTarget:
    """A bundle file at one path.

    Args:
        path: Where the bundle goes.
        overwrite: Whether another file of that name may be replaced.
        max_bytes: The most that is read of a file that is already there.
    """

    def __init__(self, path: Path, *, overwrite: bool, max_bytes: int) -> None:
        self.path = path
        self.overwrite = overwrite
        self._max_bytes = max_bytes

    def existing(self) -> bytes | None:
        """Return what is already there, or None.

        Raises:
            UsageError: a link that points nowhere is there, and may not be replaced.
            PublishError: it cannot be read, is no file, or is larger than any bundle file.
        """
        try:
            return read_regular(self.path, self._max_bytes)
        except FileNotFoundError:
            if os.path.lexists(self.path):
                self.refuse_existing("it is a link that points nowhere")
            return None
        except OSError as error:
            raise self._failure("cannot be read", error) from error
        except NotRegularError as error:
            raise PublishError(
                f"{str(self.path)!r} is already there, and {error}",
                hint="Give --output another path.",
                reason=Reason.PUBLISH_FILE,
            ) from error
        except TooLargeError as error:
            raise PublishError(
                f"{str(self.path)!r} is already there and larger than any bundle file "
                f"({self._max_bytes} bytes)",
                hint="Give --output another path, or remove the file.",
                reason=Reason.PUBLISH_FILE,
            ) from error

    def check(self) -> None:
        """Make sure that the folder takes a file, before anything is signed.

        Raises:
            PublishError: the folder is missing or may not be written to.
        """
        probe = self._temporary()
        try:
            self._write(probe, b"")
        except OSError as error:
            raise self._failure("cannot be written", error) from error
        finally:
            probe.unlink(missing_ok=True)

    def refuse_existing(self, why: str) -> None:
        """Refuse to replace what is there, unless overwriting was asked for.

        Raises:
            UsageError: always, unless ``overwrite``.
        """
        if self.overwrite:
            return
        raise UsageError(
            f"{str(self.path)!r} is already there, and it is not the result of this run: {why}",
            hint="Give --output another path, or add --overwrite to replace the file.",
            reason=Reason.USAGE_OUTPUT_EXISTS,
        )

    def publish(self, content: bytes) -> Publication:
        """Write the bundles, which are signed and logged; or save them elsewhere, and say where.

        Raises:
            UsageError: a file of that name appeared meanwhile and may not be replaced.
            PublishError: the file cannot be written.
        """
        try:
            self._put(content)
        except (UsageError, PublishError) as error:
            error.add(
                "; the log holds an entry of each signed statement, and the signed bundle is "
                f"{self.rescue(content)}"
            )
            raise
        return Publication("file", PublicationOutcome.WRITTEN, str(self.path))

    def rescue(self, content: bytes) -> str:
        """Save elsewhere what is signed and logged, and return the words that say where."""
        try:
            descriptor, name = tempfile.mkstemp(suffix=".intoto.jsonl", prefix="slsa-gen-")
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
        except OSError as error:
            return f"not saved ({error.strerror})"
        return f"saved as {name!r}"

    def reused(self) -> Publication:
        """Return the outcome for a file that is already the result."""
        return Publication("file", PublicationOutcome.REUSED, str(self.path))

    def _temporary(self) -> Path:
        return self.path.with_name(f".{secrets.token_hex(8)}.tmp")

    def _put(self, content: bytes) -> None:
        """Write by an atomic rename: there is never half a file."""
        temporary = self._temporary()
        try:
            self._write(temporary, content)
            if self.overwrite:
                temporary.replace(self.path)
            else:
                # link() fails where a file of that name exists; rename() would replace it.
                self._link(temporary)
            self._sync_folder()
        except OSError as error:
            raise self._failure("cannot be written", error) from error
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)

    def _write(self, temporary: Path, content: bytes) -> None:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def _link(self, temporary: Path) -> None:
        try:
            os.link(temporary, self.path)
        except FileExistsError:
            self.refuse_existing("it appeared while this run was signing")
        except OSError:
            # A file system without hard links: look, then rename.
            if os.path.lexists(self.path):
                self.refuse_existing("it appeared while this run was signing")
            temporary.replace(self.path)

    def _sync_folder(self) -> None:
        descriptor = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _failure(self, what: str, error: OSError) -> PublishError:
        hint = "Give --output a path in a folder that this user may write to."
        if isinstance(error, FileNotFoundError):
            hint = f"Make the folder first: mkdir -p {shlex.quote(str(self.path.parent))}"
        return PublishError(
            f"the bundle file {str(self.path)!r} {what}: {error.strerror}",
            hint=hint,
            reason=Reason.PUBLISH_FILE,
        )
