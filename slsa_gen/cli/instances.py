"""Which Sigstore a command works with, from what ``--sigstore`` says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import ExitStack

    from slsa_gen.cli.console import Console
    from slsa_gen.limits import Limits
    from slsa_gen.model.instance import SigstoreInstance

SANDBOX: Final = "sandbox"
#: Those whose trusted root may be asked for over the network.
PUBLIC: Final = frozenset({"public-good", "staging"})


def signing_instance(
    name: str, console: Console, stack: ExitStack, limits: Limits, *, person: bool = False
) -> tuple[SigstoreInstance, Mapping[str, str]]:
    """Return the Sigstore to sign with, and the variables of the run that signs.

    The sandbox is served until the stack is closed, and stands in for the run; for a person
    its variables lead to the tokens of its own.

    Raises:
        TrustError: the name is no Sigstore, or its documents cannot be used.
        ServiceError: the sandbox could not be served.
    """
    if name != SANDBOX:
        instance = _loaded(name, console, limits, offline=False)
        if instance.origin:
            console.note(f"trusted root: {instance.origin}")
        return instance, console.environment
    # Each Sigstore's code is heavy, and only one of them is needed.
    from slsa_gen.sandbox.folder import sandbox_folder  # noqa: PLC0415 (heavy)
    from slsa_gen.sandbox.server import Sandbox  # noqa: PLC0415 (heavy)

    folder = sandbox_folder(console.environment)
    sandbox = stack.enter_context(Sandbox(folder, console.clock))
    own = sandbox.person_variables() if person else sandbox.run_variables(Path.cwd())
    variables = {**console.environment, **own}
    # A token that lies about from elsewhere is not the sandbox's.
    variables.pop("SIGSTORE_ID_TOKEN", None)
    console.detail(f"the sandbox signs: {folder} (proves nothing to anyone else)")
    return sandbox.instance(), variables


def verifying_instance(
    name: str, custom_trusted_root: str | None, console: Console, limits: Limits, *, offline: bool
) -> SigstoreInstance:
    """Return the Sigstore to verify against; nothing is served.

    Raises:
        TrustError: the name is no Sigstore, or its documents cannot be used.
    """
    if custom_trusted_root is not None:
        from slsa_gen.trust.load import load_trusted_root  # noqa: PLC0415 (heavy, as below)

        return load_trusted_root(Path(custom_trusted_root), limits)
    if name != SANDBOX:
        return _loaded(name, console, limits, offline=offline)
    from slsa_gen.sandbox.folder import sandbox_folder, trusted_instance  # noqa: PLC0415 (heavy)

    return trusted_instance(sandbox_folder(console.environment))


def _loaded(name: str, console: Console, limits: Limits, *, offline: bool) -> SigstoreInstance:
    from slsa_gen.trust.load import load_instance  # noqa: PLC0415 (heavy, see above)

    return load_instance(
        name,
        offline=offline,
        environment=console.environment,
        clock=console.clock,
        limits=limits,
        known=console.repository_of,
    )
