"""``verify --layout``: what the options say, and which kind of layout it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import UsageError
from slsa_gen.intoto.layout_document import is_classic, parse, read_layout_file
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    import argparse

    from slsa_gen.limits import Limits
    from slsa_gen.model.layout import KeylessLayout
    from slsa_gen.verify import Artifact

_SAY_WHO: Final = (
    "Say who must have signed it: --cert-identity NAME with --cert-oidc-issuer URL, or --repo "
    "OWNER/REPO for a workflow."
)
#: The options that only mean something together with ``--layout``.
_LAYOUT_OPTIONS: Final = ("layout_key", "links", "run_inspections")
#: The options that say who must have signed a keyless layout.
_SIGNER: Final = (
    "repo",
    "owner",
    "source_ref",
    "source_tag",
    "source_branch",
    "source_digest",
    "signer_workflow",
    "signer_repo",
    "cert_identity",
    "cert_oidc_issuer",
)
#: The options that say something of bundles, which a classic layout has none of.
_OF_BUNDLES: Final = ("deny_self_hosted_runners", "bundle", "custom_trusted_root")


def check_options(args: argparse.Namespace) -> None:
    """Refuse options about a layout where there is none, and what goes with no layout.

    Raises:
        UsageError: see above.
    """
    if args.layout is None:
        for name in _LAYOUT_OPTIONS:
            if getattr(args, name):
                raise _contradiction(
                    f"{_flag(name)} goes with a layout, and none is given",
                    "Add: --layout FILE",
                )
        return
    for name, why in (
        (
            "policy",
            "a policy file says what provenance must say, and a layout which steps there are",
        ),
        ("predicate_type", "a layout demands links"),
    ):
        if getattr(args, name) is not None:
            raise _contradiction(
                f"{_flag(name)} and --layout cannot be given together: {why}",
                "Verify twice: once with --layout, and once with what else is expected.",
            )


@dataclass(frozen=True, slots=True)
class Layout:
    """The layout's file: ``keyless`` is None for one of in-toto's own kind."""

    path: Path
    data: bytes
    keyless: KeylessLayout | None


def load_layout(args: argparse.Namespace, limits: Limits) -> Layout:
    """Read the layout, and refuse the options that are for the other kind.

    Raises:
        UsageError: it cannot be read, or an option does not go with its kind.
    """
    path = Path(args.layout)
    data = read_layout_file(path, limits)
    if is_classic(data):
        _check_classic(args)
        return Layout(path, data, None)
    for name, instead in (
        ("layout_key", _SAY_WHO),
        ("run_inspections", "Leave it out: verifying by a keyless layout runs nothing."),
    ):
        if getattr(args, name):
            raise _contradiction(
                f"{_flag(name)} is for classic layouts, and {args.layout!r} is a keyless one",
                instead,
            )
    layout = parse(data, str(path), limits)
    if not any(getattr(args, name) for name in _SIGNER):
        raise UsageError(
            f"nothing says who must have signed the layout {args.layout!r}: a valid signature "
            "alone is anyone's",
            reason=Reason.USAGE_EXPECTATION,
            hint=_SAY_WHO,
        )
    return Layout(path, data, layout)


def _check_classic(args: argparse.Namespace) -> None:
    given = next((name for name in (*_SIGNER, *_OF_BUNDLES) if getattr(args, name)), "")
    if given:
        raise _contradiction(
            f"{_flag(given)} is for keyless layouts, and {args.layout!r} is a classic one",
            "Name the key that must have signed it, and the folder of its links: --layout-key "
            "FILE --links DIR",
        )
    if not args.layout_key:
        raise UsageError(
            f"nothing says whose key must have signed the layout {args.layout!r}",
            reason=Reason.USAGE_EXPECTATION,
            hint="Name it: --layout-key FILE (a public key in PEM)",
        )


def links_folder(args: argparse.Namespace, artifact: Artifact) -> Path:
    """Return the folder in which the links of an artifact's steps lie.

    Raises:
        UsageError: a digest alone lies nowhere.
    """
    if args.links is not None:
        return Path(args.links)
    if artifact.path is None:
        raise UsageError(
            f"{artifact.name!r} is a digest: there is nothing beside it where links could lie",
            hint="Give the folder of the links: --links DIR",
            reason=Reason.USAGE_OPTION,
        )
    return artifact.path.parent


def _contradiction(message: str, hint: str) -> UsageError:
    return UsageError(message, hint=hint, reason=Reason.USAGE_OPTION)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
