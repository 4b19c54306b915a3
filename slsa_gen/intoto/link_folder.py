"""The folder that classic links lie in: ``STEP.KEYID.link``, sublayouts' in ``STEP.KEYID/``.

Only the names that the layout makes are looked for, no link is followed, and everything that
one verdict reads is bounded together.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slsa_gen.errors import ServiceError, UsageError
from slsa_gen.intoto.classic_documents import ClassicSyntaxError
from slsa_gen.reasons import Reason
from slsa_gen.regular_file import RegularFileError, read_with_status

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.intoto.keys import PublicKey
    from slsa_gen.limits import Limits


@dataclass(slots=True)
class Allowance:
    """What one verdict may still read, whatever its layouts say."""

    files: int
    total_bytes: int

    @classmethod
    def of(cls, limits: Limits) -> Allowance:
        """Return what is allowed at the start."""
        return cls(limits.classic_links, limits.classic_links_bytes)


class LinkFolder:
    """The links of one layout.

    Args:
        path: The folder; one that is not there has no links.
        limits: How large a link may be.
        allowance: What may be read in all; shared with the folders of sublayouts.
    """

    def __init__(self, path: Path, limits: Limits, allowance: Allowance) -> None:
        self._path = path
        self._limits = limits
        self._allowance = allowance

    @staticmethod
    def name_of(step: str, key: PublicKey) -> str:
        """Return the name of the file of a step's link by a key."""
        return f"{step}.{key.short_id}.link"

    def read(self, step: str, key: PublicKey) -> bytes | None:
        """Return a link's bytes, or None where there is none.

        Raises:
            ClassicSyntaxError: it is no regular file, too large, or one too many.
            ServiceError: it is there and cannot be read.
        """
        if self._allowance.files <= 0:
            raise ClassicSyntaxError(f"more than {self._limits.classic_links} links are not read")
        self._allowance.files -= 1
        path = self._path / self.name_of(step, key)
        most = min(self._limits.classic_bytes, self._allowance.total_bytes)
        try:
            data, _ = read_with_status(path, most, follow=False)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except RegularFileError as error:
            raise ClassicSyntaxError(str(error)) from error
        except OSError as error:
            if error.errno == errno.ELOOP:
                words = "it is a link to another file, which is not followed"
                raise ClassicSyntaxError(words) from error
            raise ServiceError(
                f"the link {str(path)!r} cannot be read: {error.strerror}",
                reason=Reason.LINK_UNREADABLE,
                hint="Let this user read the folder of the links, and run the command again.",
            ) from error
        self._allowance.total_bytes -= len(data)
        return data

    def below(self, step: str, key: PublicKey) -> LinkFolder:
        """Return the folder of the links of a sublayout in a step's place.

        Raises:
            ClassicSyntaxError: it is a link to another folder.
        """
        path = self._path / f"{step}.{key.short_id}"
        if path.is_symlink():
            raise ClassicSyntaxError(
                f"the folder {path.name!r} is a link to another, which is not followed"
            )
        return LinkFolder(path, self._limits, self._allowance)


def link_folder(path: Path, limits: Limits) -> LinkFolder:
    """Return the folder that a user named, where a link is followed.

    Raises:
        UsageError: it is not there, or no folder.
    """
    if not path.is_dir():
        raise UsageError(
            f"the folder of the links is not there: {str(path)!r}",
            reason=Reason.LINK_FOLDER,
            hint="Name the folder that has the files STEP.KEYID.link: --links DIR",
        )
    return LinkFolder(path, limits, Allowance.of(limits))
