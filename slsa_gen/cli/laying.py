"""What ``layout`` does once it is wanted: shows what a layout demands, or signs it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from slsa_gen import attest
from slsa_gen.cli import signing
from slsa_gen.errors import UsageError
from slsa_gen.intoto.demands import demands_of
from slsa_gen.intoto.keyless_layout import layout_digests
from slsa_gen.intoto.layout_document import is_classic, parse, read_layout_file
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.layout import LAYOUT_V1
from slsa_gen.model.subject import Subject
from slsa_gen.publish.file import FileTarget
from slsa_gen.publish.interface import Targets
from slsa_gen.reasons import Reason
from slsa_gen.report import document, layouts

if TYPE_CHECKING:
    import argparse

    from slsa_gen.cli.console import Console


def check_layout(args: argparse.Namespace, console: Console) -> int:
    """Show what a layout demands, of either kind.

    Returns:
        0; a file that is no layout is an error of the tree in ``errors.py``.
    """
    path = Path(args.file)
    data = read_layout_file(path, DEFAULT_LIMITS)
    demands = demands_of(data, str(path))
    now = console.clock.now()
    console.document(
        lambda: document.layout_checked(demands, expired=demands.expires <= now),
        shown=args.format == "json",
    )
    if args.format != "json":
        console.result(layouts.written(demands, console.style, now))
    return 0


def sign_layout(args: argparse.Namespace, console: Console) -> int:
    """Sign a keyless layout: a statement about its file, with what it says as the predicate.

    Returns:
        0; everything else is an error of the tree in ``errors.py``.
    """
    limits = signing.limits_for(args)
    path = Path(args.file)
    data = read_layout_file(path, limits)
    if is_classic(data):
        raise UsageError(
            f"{args.file!r} is a classic layout, which keys sign",
            reason=Reason.LAYOUT_KIND,
            hint="Sign it with in-toto-sign; or write a keyless layout: docs/layouts.md",
        )
    layout = parse(data, str(path), limits)
    now = console.clock.now()
    if layout.expires <= now:
        raise UsageError(
            f"{args.file}: the layout expired at {layout.expires.isoformat()}, and it is "
            f"{now:%Y-%m-%dT%H:%M:%SZ}",
            reason=Reason.LAYOUT_EXPIRED,
            hint="Write a later moment behind expires, and check the rest again.",
        )
    target = FileTarget(
        Path(args.output or f"{args.file}.intoto.jsonl"),
        overwrite=args.overwrite,
        max_bytes=limits.bundle_file_bytes,
    )
    with signing.opened(args, console) as opened:
        subject = Subject(os.fsdecode(path.name), layout_digests(data))
        plan = attest.draft([subject], opened.context, LAYOUT_V1, layout.document, limits)
        # The signing process imports sigstore meanwhile, on another core.
        from slsa_gen.evidence.prove import Prover  # noqa: PLC0415 (heavy)
        from slsa_gen.evidence.read import read_bytes  # noqa: PLC0415 (as above)

        prover = Prover(opened.instance, limits)
        result = attest.attest(plan, opened.signer, prover, Targets(target), read_bytes, limits)
        sandbox = opened.instance.is_sandbox
    console.document(lambda: document.layout_signed(result), shown=args.format == "json")
    if args.format != "json":
        sigstore = "sandbox" if sandbox else args.sigstore
        console.result(layouts.signed(result, str(path), sigstore, console.style))
        if sandbox:
            console.result("This was signed by the sandbox: it proves nothing to anyone else.")
    return result.exit_code
