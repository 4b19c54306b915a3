"""Key files: the private key that signs a classic link, the public ones that are trusted.

The passphrase of an encrypted key comes from the environment or from a terminal, never from
an argument, and is in no message.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from securesystemslib.signer import (  # type: ignore[attr-defined]  # it lists no public names
    CryptoSigner,
)

from slsa_gen.errors import UsageError
from slsa_gen.intoto.keys import KeySyntaxError, PublicKey, public_key_of_pem
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from slsa_gen.regular_file import RegularFileError, read_with_status

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    from slsa_gen.limits import Limits

#: The variable that holds the passphrase of an encrypted key.
PASSPHRASE: Final = "SLSA_GEN_KEY_PASSPHRASE"  # noqa: S105 (a variable's name, not a secret)
_ENCRYPTED: Final = (b"ENCRYPTED PRIVATE KEY", b"Proc-Type: 4,ENCRYPTED")
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_PUBLIC_HINT: Final = (
    "Give the public key in PEM, as `openssl pkey -in KEY -pubout` and in-toto write it."
)
_PRIVATE_HINT: Final = (
    "Give an RSA, ECDSA or Ed25519 key in PEM (PKCS #8). To make one: "
    "openssl genpkey -algorithm ed25519 -out KEY"
)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key that signs classic links.

    ``exposed`` says what is wrong with the permissions of its file; None where nothing is.
    """

    public: PublicKey
    signer: CryptoSigner
    exposed: str | None = None

    def sign(self, data: bytes) -> bytes:
        """Return the signature over some bytes."""
        return bytes.fromhex(self.signer.sign(data).signature)


def read_public_key(path: Path, limits: Limits = DEFAULT_LIMITS) -> PublicKey:
    """Read a public key from a file.

    Raises:
        UsageError: it is not there, cannot be read, or is no public key that is used here.
    """
    data, _ = _read(path, limits)
    try:
        return public_key_of_pem(data)
    except KeySyntaxError as error:
        raise UsageError(
            f"the key in {str(path)!r} is not used: {error}",
            reason=Reason.KEY_MALFORMED,
            hint=_PUBLIC_HINT,
        ) from error


def read_signing_key(
    path: Path,
    variables: Mapping[str, str],
    ask: Callable[[str], str] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> SigningKey:
    """Read a private key from a file.

    Args:
        path: The file, in PEM.
        variables: The environment, where the passphrase of an encrypted key may be.
        ask: Asks at a terminal for the passphrase; None where there is no terminal.
        limits: How large the file may be.

    Raises:
        UsageError: it is not there, cannot be read, is no private key that is used here, or
            is encrypted and there is no passphrase, or another one.
    """
    data, status = _read(path, limits)
    encrypted = any(mark in data for mark in _ENCRYPTED)
    passphrase = _passphrase(path, variables, ask) if encrypted else None
    try:
        private = _loaded(data, passphrase, path)
        public = public_key_of_pem(
            private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        )
        signer = CryptoSigner(private)
    except (ValueError, UnsupportedAlgorithm) as error:
        why = str(error) if isinstance(error, KeySyntaxError) else "a key of another kind"
        raise UsageError(
            f"the key in {str(path)!r} is not used: {why}",
            reason=Reason.KEY_MALFORMED,
            hint=_PRIVATE_HINT,
        ) from error
    return SigningKey(public, signer, _exposed(path, status))


def _loaded(data: bytes, passphrase: bytes | None, path: Path) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(data, passphrase)
    except (ValueError, TypeError) as error:
        if passphrase is None:
            raise KeySyntaxError("not a private key in PEM") from error
        raise UsageError(
            f"the key in {str(path)!r} cannot be decrypted with the passphrase that was given",
            reason=Reason.KEY_PASSPHRASE,
            hint=f"Look at the variable {PASSPHRASE}, or unset it to be asked.",
        ) from error


def _passphrase(
    path: Path, variables: Mapping[str, str], ask: Callable[[str], str] | None
) -> bytes:
    given = variables.get(PASSPHRASE)
    if given is None and ask is not None:
        given = ask(f"Passphrase of {str(path)!r}: ")
    if not given:
        raise UsageError(
            f"the key in {str(path)!r} is encrypted, and there is no passphrase",
            reason=Reason.KEY_PASSPHRASE,
            hint=f"Put it into the variable {PASSPHRASE}, or run this at a terminal to be asked.",
        )
    return given.encode("utf-8", "surrogateescape")


def _exposed(path: Path, status: os.stat_result) -> str | None:
    if not status.st_mode & _OTHERS:
        return None
    return (
        f"other users may use the key in {str(path)!r} (its mode is "
        f"{stat.S_IMODE(status.st_mode):04o}); to keep it to yourself: chmod 600"
    )


def _read(path: Path, limits: Limits) -> tuple[bytes, os.stat_result]:
    try:
        return read_with_status(path, limits.key_bytes)
    except (OSError, RegularFileError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(
            f"the key's file {str(path)!r} cannot be read: {why}",
            reason=Reason.KEY_FILE,
            hint="Name a file that is there, and that you may read.",
        ) from error
