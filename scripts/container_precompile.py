"""Compile, while the image is built, what would otherwise be compiled at every start.

Usage: ``ENVIRONMENT/bin/python -I container_precompile.py OUTPUT`` compiles the modules that
slsa-gen imports from Python's own library into ``OUTPUT/usr/…/__pycache__``, to be laid over
the base.
The official images of Python come without these files, a container forgets what it compiles,
and a read-only one cannot even keep it.

The compiled files say nothing of times ("unchecked hash"): they are the same in every build,
and are used as they are.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import py_compile
import sys
import sysconfig
from pathlib import Path

import slsa_gen

#: Imported by name when it is needed, which no import of slsa-gen's modules shows.
_LATER = ("encodings.idna", "encodings.unicode_escape", "multiprocessing.popen_spawn_posix")


def main(output: Path) -> None:
    """Import every module of the package; compile what that loaded of the library."""
    for module in pkgutil.walk_packages(slsa_gen.__path__, "slsa_gen."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in _LATER:
        importlib.import_module(name)
    library = Path(sysconfig.get_path("stdlib"))
    sources = sorted(
        Path(origin)
        for origin in map(_origin, list(sys.modules.values()))
        if origin.endswith(".py") and Path(origin).is_relative_to(library)
    )
    for source in sources:
        _compile(source, output)
    print(f"compiled {len(sources)} modules of {library}")


def _origin(module: object) -> str:
    spec = getattr(module, "__spec__", None)
    return getattr(spec, "origin", None) or ""


def _compile(source: Path, output: Path) -> None:
    place = Path(importlib.util.cache_from_source(str(source)))
    target = output / place.relative_to(place.anchor)
    target.parent.mkdir(parents=True, exist_ok=True)
    py_compile.compile(
        str(source),
        cfile=str(target),
        dfile=str(source),
        doraise=True,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
