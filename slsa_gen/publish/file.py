"""The first target: a file beside what it speaks of, written whole or not at all."""

from __future__ import annotations

import os
import shlex
import tempfile
from typing import TYPE_CHECKING

from slsa_gen.errors import PublishError, UsageError
from slsa_gen.model.publication import Publication, PublicationOutcome
from slsa_gen.publish import whole
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

    name = "file"

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
        probe = whole.beside(self.path)
        try:
            whole.write_new(probe, b"")
            probe.unlink()
        except OSError as error:
            raise self._failure("cannot be written", error) from error

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
        return Publication(self.name, PublicationOutcome.WRITTEN, str(self.path))

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
        return Publication(self.name, PublicationOutcome.REUSED, str(self.path))

    def _put(self, content: bytes) -> None:
        try:
            if self.overwrite:
                whole.replace(self.path, content)
            else:
                # link() fails where a file of that name exists; rename() would replace it.
                whole.place(self.path, content, self._link)
        except OSError as error:
            raise self._failure("cannot be written", error) from error

    def _link(self, temporary: Path, path: Path) -> None:
        try:
            os.link(temporary, path)
        except FileExistsError:
            self.refuse_existing("it appeared while this run was signing")
        except OSError:
            # A file system without hard links: look, then rename.
            if os.path.lexists(path):
                self.refuse_existing("it appeared while this run was signing")
            temporary.replace(path)

    def _failure(self, what: str, error: OSError) -> PublishError:
        hint = "Give --output a path in a folder that this user may write to."
        if isinstance(error, FileNotFoundError):
            hint = f"Make the folder first: mkdir -p {shlex.quote(str(self.path.parent))}"
        return PublishError(
            f"the bundle file {str(self.path)!r} {what}: {error.strerror}",
            hint=hint,
            reason=Reason.PUBLISH_FILE,
        )
