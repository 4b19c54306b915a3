"""``slsa-gen attest``: arguments, and the parts that the first pipeline is run with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.cli.parser import add_common_options
from slsa_gen.cli.signing_options import add_signing_options

if TYPE_CHECKING:
    import argparse

    from slsa_gen.cli.console import Console
    from slsa_gen.cli.parser import Group, Subparsers

_DESCRIPTION = """\
Hash files, say where they were built, sign that keylessly with Sigstore, have it
logged, verify the new bundle, and write it beside the files."""

_EXAMPLES = """\
examples:
  slsa-gen attest dist/*                                    in a workflow run
  slsa-gen attest 'dist/**' '!dist/**/*.log'                quote patterns; ! takes away
  slsa-gen attest --subject-checksums SHA256SUMS            digests made elsewhere
  slsa-gen attest --subject-digest ghcr.io/o/app@sha256:…   an image, by digest
  slsa-gen attest --sbom-path sbom.spdx.json dist/app       an SBOM instead of provenance
  slsa-gen attest --upload-assets dist/*                    and add the bundle to the release
  slsa-gen attest --sigstore sandbox dist/*                 try it; nothing leaves this machine
  slsa-gen attest --dry-run dist/*                          show the statement, sign nothing"""


def add_parser(commands: Subparsers) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "attest",
        help="hash files, write provenance, sign it and have it logged",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
    )
    parser.set_defaults(run=run)
    _add_subjects(parser)
    _add_statement(parser)
    add_signing_options(parser)
    _add_result(parser)


def _add_subjects(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("subjects (several kinds may be combined)")
    group.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="a file or a pattern: * within a folder, ** across folders, !PATTERN takes away",
    )
    _repeated(group, "--subject-path", "PATHS", "the same, one a line")
    _repeated(group, "--subject-path-file", "FILE", "a file that holds such lines")
    _repeated(
        group,
        "--subject-checksums",
        "FILE",
        "a checksum file as sha256sum or sha512sum writes it (also with --tag)",
    )
    _repeated(
        group,
        "--subject-digest",
        "DIGEST",
        "NAME@sha256:HEX, or sha256:HEX together with --subject-name",
    )
    group.add_argument(
        "--subject-name", metavar="NAME", help="the name for a --subject-digest without one"
    )
    _repeated(
        group,
        "--base64-subjects",
        "TEXT",
        "base64 of sha256sum's output, as slsa-github-generator takes it",
    )
    _repeated(group, "--base64-subjects-as-file", "FILE", "a file that holds such base64")
    group.add_argument(
        "--names",
        choices=("base", "relative"),
        default="base",
        help="name files by their base name (default) or by their path from here",
    )
    group.add_argument(
        "--sha512", action="store_true", help="record the sha512 digest of files too"
    )


def _repeated(group: Group, name: str, metavar: str, help_text: str) -> None:
    """Add an option that may be given several times."""
    group.add_argument(name, action="append", default=[], metavar=metavar, help=help_text)


def _add_statement(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what is said of them (default: SLSA provenance v1)")
    group.add_argument("--predicate-type", metavar="URI", help="the type of your own predicate")
    group.add_argument("--predicate", metavar="JSON", help="your own predicate: the text itself")
    group.add_argument("--predicate-path", metavar="FILE", help="your own predicate: a JSON file")
    group.add_argument(
        "--sbom-path", metavar="FILE", help="an SBOM as predicate: SPDX or CycloneDX JSON"
    )
    group.add_argument(
        "--dry-run", action="store_true", help="print the statement; sign and write nothing"
    )


def _add_result(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the bundle file")
    group.add_argument(
        "--provenance-name",
        metavar="NAME",
        help="its name (default: SUBJECT.intoto.jsonl, for several multiple.intoto.jsonl)",
    )
    group.add_argument(
        "--output",
        metavar="PATH",
        help="its path (default: beside the file, or in the files' common folder)",
    )
    group.add_argument("--overwrite", action="store_true", help="replace another file there")
    release = parser.add_argument_group("the release")
    release.add_argument(
        "--upload-assets",
        action="store_true",
        help="add the bundle to the GitHub release of the run's tag (GITHUB_TOKEN with contents: "
        "write)",
    )
    release.add_argument(
        "--upload-tag-name",
        metavar="TAG",
        help="the release of another tag, or where the run is not for a tag",
    )
    add_common_options(parser, ("human", "json"))


def run(args: argparse.Namespace, console: Console) -> int:
    """Run the command; what it needs is imported only now."""
    from slsa_gen.cli.attesting import attest_files  # noqa: PLC0415 (keeps --help fast)

    return attest_files(args, console)
