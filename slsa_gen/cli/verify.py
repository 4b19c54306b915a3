"""``slsa-gen verify``: arguments; the work is in ``verifying``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.cli.parser import add_common_options

if TYPE_CHECKING:
    import argparse

    from slsa_gen.cli.console import Console
    from slsa_gen.cli.parser import Subparsers

_DESCRIPTION = """\
Say whether files came from where they should have, and why or why not. An expectation
is required: --repo, --owner, --cert-identity with --cert-oidc-issuer, --policy, or
--layout with who signed it."""

_EXAMPLES = """\
examples:
  slsa-gen verify app.tar.gz --repo O/R                     the bundle lies beside the file
  slsa-gen verify app.tar.gz --bundle b.jsonl --repo O/R    the bundle is given
  slsa-gen verify dist/ --repo O/R --source-tag v1.2.3      every file of a folder
  slsa-gen verify sha256:… --bundle b.jsonl --repo O/R      a digest alone
  slsa-gen verify dist/* --policy policy.yaml --offline     expectations in a file, no network
  slsa-gen verify app --sigstore sandbox --repo O/R         what the sandbox signed
  slsa-gen verify app --layout root.yaml --repo O/R         by the steps that made it"""


def add_parser(commands: Subparsers) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "verify",
        help="say whether files came from where they should have",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
    )
    parser.set_defaults(run=run)
    evidence = parser.add_argument_group("what is verified")
    evidence.add_argument(
        "artifacts",
        nargs="*",
        metavar="ARTIFACT",
        help="a file, a pattern (quote it), a folder, or sha256:HEX",
    )
    evidence.add_argument(
        "--artifacts-file",
        action="append",
        default=[],
        metavar="FILE",
        help="a file that holds such words, one a line",
    )
    evidence.add_argument(
        "-b",
        "--bundle",
        action="append",
        default=[],
        metavar="FILE",
        help="a bundle file (default: those beside each artifact)",
    )
    _add_source(parser)
    _add_signer(parser)
    _add_layout(parser)
    _add_trust(parser)
    add_common_options(parser, ("human", "json"))


def _add_source(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("where it must have been built from")
    group.add_argument("-R", "--repo", metavar="OWNER/REPO", help="the source repository")
    group.add_argument("-o", "--owner", metavar="OWNER", help="the owner of the source repository")
    group.add_argument("--source-ref", metavar="REF", help="the git ref, such as refs/heads/main")
    group.add_argument("--source-tag", metavar="TAG", help="the git tag, such as v1.2.3")
    group.add_argument("--source-branch", metavar="BRANCH", help="the git branch")
    group.add_argument("--source-digest", metavar="COMMIT", help="the full git commit")
    group.add_argument(
        "--predicate-type",
        metavar="URI",
        help="what must be said of it (default: SLSA provenance)",
    )
    group.add_argument(
        "--deny-self-hosted-runners",
        action="store_true",
        help="refuse what was not signed on a runner that GitHub hosts",
    )


def _add_signer(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("who must have signed")
    group.add_argument(
        "--signer-workflow",
        metavar="OWNER/REPO/PATH[@REF]",
        help="the workflow that signed (default: any workflow of the source repository)",
    )
    group.add_argument(
        "--signer-repo",
        metavar="OWNER/REPO",
        help="the repository of the workflow that signed, for reusable workflows",
    )
    group.add_argument(
        "--cert-identity",
        metavar="NAME",
        help="the certificate's name, exactly; together with --cert-oidc-issuer",
    )
    group.add_argument(
        "--cert-oidc-issuer",
        metavar="URL",
        help="the issuer of the signer's identity (default: GitHub's)",
    )
    group.add_argument("--policy", metavar="FILE", help="expectations for many artifacts, in YAML")


def _add_layout(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("which steps must have made it")
    group.add_argument(
        "--layout",
        metavar="FILE",
        help="a layout; the options above then say who must have signed it (keyless)",
    )
    group.add_argument(
        "--layout-key",
        action="append",
        default=[],
        metavar="FILE",
        help="a public key that must have signed it (classic)",
    )
    group.add_argument(
        "--links",
        metavar="DIR",
        help="the folder of the steps' links (default: the artifact's)",
    )
    group.add_argument(
        "--run-inspections",
        action="store_true",
        help="run the commands that a classic layout names, on this machine",
    )


def _add_trust(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what is trusted")
    which = group.add_mutually_exclusive_group()
    which.add_argument(
        "--sigstore",
        default="public-good",
        metavar="NAME|FILE",
        help="public-good (default), staging, sandbox, or a client trust configuration",
    )
    which.add_argument(
        "--custom-trusted-root", metavar="FILE", help="a trusted root in Sigstore's JSON"
    )
    group.add_argument(
        "--offline",
        action="store_true",
        help="open no connection; use the newest trusted root that is here",
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Run the command; what it needs is imported only now."""
    from slsa_gen.cli.verifying import verify_artifacts  # noqa: PLC0415 (keeps --help fast)

    return verify_artifacts(args, console)
