"""Key files: read, encrypted, exposed; never their content, nor a passphrase, in a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ed448
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from slsa_gen.errors import UsageError
from slsa_gen.intoto.signing_key import (
    PASSPHRASE,
    SigningKey,
    read_public_key,
    read_signing_key,
)
from slsa_gen.reasons import Reason
from tests.support.supply_chains import Person

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@pytest.fixture
def person() -> Person:
    """Return someone with a key."""
    return Person()


def written(path: Path, person: Person, passphrase: bytes | None = None) -> Path:
    """Write somebody's private key."""
    how = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase)
    key = person.signer._private_key
    path.touch(0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how))
    return path


def refusal(path: Path, variables: Mapping[str, str] | None = None) -> UsageError:
    """Return why a private key is not read."""
    with pytest.raises(UsageError) as caught:
        read_signing_key(path, variables or {})
    return caught.value


def test_a_private_key_signs_for_its_public_one(tmp_path: Path, person: Person) -> None:
    """As the pair of key files that in-toto makes does."""
    key = read_signing_key(written(tmp_path / "key", person), {})

    assert key.public == person.public
    assert key.public.has_signed(key.sign(b"data"), b"data")
    assert key.exposed is None


@pytest.mark.parametrize("scheme", ["rsa", "ecdsa"])
def test_every_kind_of_key_signs(tmp_path: Path, scheme: str) -> None:
    """RSA and ECDSA, too."""
    key = read_signing_key(written(tmp_path / "key", Person(scheme)), {})

    assert key.public.has_signed(key.sign(b"data"), b"data")


def test_an_encrypted_key_takes_its_passphrase_from_the_environment_or_asks(
    tmp_path: Path, person: Person
) -> None:
    """The variable comes first, and a key that is not encrypted needs none."""
    path = written(tmp_path / "key", person, b"open sesame")
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return "open sesame"

    assert read_signing_key(path, {PASSPHRASE: "open sesame"}, ask).public == person.public
    assert asked == []
    assert read_signing_key(path, {}, ask).public == person.public
    assert asked == [f"Passphrase of {str(path)!r}: "]
    plain = written(tmp_path / "plain", person)
    assert read_signing_key(plain, {PASSPHRASE: "open sesame"}, ask).public == person.public


def test_a_passphrase_that_is_missing_or_wrong_is_said_and_not_shown(
    tmp_path: Path, person: Person
) -> None:
    """With the variable that it belongs into."""
    path = written(tmp_path / "key", person, b"open sesame")

    for variables in ({}, {PASSPHRASE: ""}, {PASSPHRASE: "something wrong"}):
        error = refusal(path, variables)
        assert error.reason is Reason.KEY_PASSPHRASE
        assert PASSPHRASE in error.hint
        assert "something wrong" not in f"{error.message}{error.hint}"


def test_a_key_that_others_may_read_is_named(tmp_path: Path, person: Person) -> None:
    """It signs all the same: the warning says how to keep it."""
    path = written(tmp_path / "key", person)
    path.chmod(0o640)

    key = read_signing_key(path, {})

    assert isinstance(key, SigningKey)
    assert key.exposed == (
        f"other users may use the key in {str(path)!r} (its mode is 0640); to keep it to "
        "yourself: chmod 600"
    )


def test_what_is_no_private_key_is_refused_without_its_content(
    tmp_path: Path, person: Person
) -> None:
    """Text, a public key, a kind that is not used, a damaged file."""
    public = person.signer._private_key.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    unusual = ed448.Ed448PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    damaged = written(tmp_path / "whole", person).read_bytes().replace(b"MC4C", b"MC4A")
    for content in (b"my secret text", public, unusual, damaged):
        path = tmp_path / "key"
        path.write_bytes(content)
        error = refusal(path)
        assert error.reason is Reason.KEY_MALFORMED
        assert "secret" not in error.message
        assert "openssl genpkey" in error.hint


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Missing, a folder, or of a size that no key has."""
    large = tmp_path / "large"
    large.write_bytes(b" " * 70_000)

    for path, words in (
        (tmp_path / "none", "No such file or directory"),
        (tmp_path, "it is a folder, not a file"),
        (large, "it has more than the 65536 bytes that are read"),
    ):
        error = refusal(path)
        assert error.reason is Reason.KEY_FILE
        assert error.message.endswith(words)
        with pytest.raises(UsageError, match="cannot be read"):
            read_public_key(path)


def test_a_public_key_is_read_from_pem_alone(tmp_path: Path, person: Person) -> None:
    """A private key given by mistake is refused, and the hint makes the public one of it."""
    path = tmp_path / "key.pub"
    path.write_bytes(
        person.signer._private_key.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )
    )
    assert read_public_key(path) == person.public

    with pytest.raises(UsageError) as caught:
        read_public_key(written(tmp_path / "key", person))
    assert caught.value.reason is Reason.KEY_MALFORMED
    assert "openssl pkey -in KEY -pubout" in caught.value.hint
