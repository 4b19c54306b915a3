"""The file of a step's record: never the result of an earlier step, and looked at beforehand."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from slsa_gen.errors import UsageError
from slsa_gen.publish.file import FileTarget
from slsa_gen.publish.naming import SUFFIX, within
from slsa_gen.reasons import Reason
from slsa_gen.subjects.patterns import Pattern, absolute
from slsa_gen.subjects.request import lines

if TYPE_CHECKING:
    from collections.abc import Sequence


class RecordFile(FileTarget):
    """A bundle file that says how one command went: what another said is not its result."""

    def existing(self) -> None:
        """Return nothing: whatever is there is another record."""

    def check(self) -> None:
        """Make sure that nothing is in the way, and that the folder takes a file.

        Raises:
            UsageError: something is there, and may not be replaced.
            PublishError: the folder is missing or may not be written to.
        """
        refuse_if_there(self.path, overwrite=self.overwrite)
        super().check()

    def check_before(self, products: Sequence[str], base: Path) -> None:
        """The same before the command, which may make the folder if its products lie there.

        Args:
            products: The patterns of its products.
            base: The folder that relative paths start at.

        Raises:
            UsageError, PublishError: as :meth:`check`.
        """
        refuse_if_there(self.path, overwrite=self.overwrite)
        folder = Path(absolute(str(self.path.parent), str(base)))
        made = _folder(products, base)
        is_theirs = made.is_relative_to(folder) or (made != base and folder.is_relative_to(made))
        if folder.exists() or not is_theirs:
            super().check()


def refuse_if_there(path: Path, *, overwrite: bool) -> None:
    """Refuse to put a record where something is, unless overwriting was asked for.

    Raises:
        UsageError: something is there.
    """
    if not overwrite and os.path.lexists(path):
        raise UsageError(
            f"{str(path)!r} is already there, and each run is a record of its own",
            hint="Give --output another path, or add --overwrite to replace the file.",
            reason=Reason.USAGE_OUTPUT_EXISTS,
        )


def record_path(name: str, products: Sequence[str], output: str | None, base: Path) -> Path:
    """Return where a step's bundles go: known before its command runs.

    Args:
        name: The step's name, or what is to stand before the suffix.
        products: The patterns of its products.
        output: A path or a folder, or None for the products' common folder.
        base: The folder that relative paths start at.

    Raises:
        UsageError: a pattern names the file itself as a product.
    """
    file = f"{name}{SUFFIX}"
    path = _folder(products, base) / file if output is None else within(output, file, base)
    _refuse_product(path, products, base)
    return path


def _folder(products: Sequence[str], base: Path) -> Path:
    """Return the folder that all products will lie in, by what their patterns begin with."""
    folders: list[str] = []
    for line in lines(products):
        pattern = Pattern.parse(line)
        if not pattern.excludes:
            start = absolute(pattern.prefix, str(base))
            folders.append(start if pattern.parts else str(Path(start).parent))
    return Path(os.path.commonpath(folders)) if folders else base


def _refuse_product(path: Path, products: Sequence[str], base: Path) -> None:
    """Refuse to put the record in the place of what it speaks of."""
    for line in lines(products):
        pattern = Pattern.parse(line)
        if not pattern.parts and absolute(pattern.path, str(base)) == absolute(str(path), "/"):
            raise UsageError(
                f"the bundle file {str(path)!r} would take the place of a product",
                hint=f"Give the bundle another path: --output {shlex.quote(f'{path}{SUFFIX}')}",
                reason=Reason.USAGE_OPTION,
            )
