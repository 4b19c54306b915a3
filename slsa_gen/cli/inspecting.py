"""What ``inspect`` does once it is wanted: reads bundles and shows them, unverified."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from slsa_gen.evidence.contents import describe
from slsa_gen.evidence.read import read_file
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.report import contents, document

if TYPE_CHECKING:
    import argparse

    from slsa_gen.cli.console import Console


def inspect_bundles(args: argparse.Namespace, console: Console) -> int:
    """Show what the bundle files say.

    Returns:
        0; everything else is an error of the tree in ``errors.py``.
    """
    evidence = [e for name in args.bundles for e in read_file(Path(name), DEFAULT_LIMITS)]
    found = [describe(e) for e in evidence]
    if args.export == "statement":
        for one in found:
            console.result(contents.statement_text(one))
    elif args.export == "dsse":
        for one in found:
            console.result(contents.envelope_text(one))
    elif args.format != "json":
        console.result(contents.written(found, console.style))
    console.document(
        lambda: document.inspected([contents.as_json(one) for one in found]),
        shown=args.format == "json" and not args.export,
    )
    return 0
