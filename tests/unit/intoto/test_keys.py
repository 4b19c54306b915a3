"""Keys of classic metadata: which are used, under which ids, and which are not."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from in_toto.models.layout import Layout

from slsa_gen.intoto.keys import KeySyntaxError, public_key_of_document, public_key_of_pem
from tests.support.supply_chains import Person

ED25519 = Person().document
PEM, INFO = Encoding.PEM, PublicFormat.SubjectPublicKeyInfo


def refusal(**changes: object) -> str:
    """Return why an Ed25519 key with some fields changed is not used."""
    with pytest.raises(KeySyntaxError) as caught:
        public_key_of_document(str(ED25519["keyid"]), {**ED25519, **changes})
    return str(caught.value)


@pytest.mark.parametrize("scheme", ["ed25519", "rsa", "ecdsa"])
def test_a_key_of_a_file_has_the_id_that_in_toto_gives_it(
    scheme: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Else no signature would be found by it."""
    person = Person(scheme)
    pem = person.signer._private_key.public_key().public_bytes(PEM, INFO)
    path = tmp_path_factory.mktemp("keys") / "key.pub"
    path.write_bytes(pem)

    key = public_key_of_pem(pem)

    assert key.document() == Layout().add_functionary_key_from_path(str(path))
    assert key == person.public


@pytest.mark.parametrize("scheme", ["ed25519", "rsa", "ecdsa"])
def test_a_signature_holds_for_its_key_and_its_bytes_alone(scheme: str) -> None:
    """Neither for another key, nor for other bytes, nor cut short."""
    person, other = Person(scheme), Person(scheme)
    signature = bytes.fromhex(person.signer.sign(b"what was done").signature)

    assert person.public.has_signed(signature, b"what was done")
    assert not person.public.has_signed(signature, b"what was not done")
    assert not other.public.has_signed(signature, b"what was done")
    assert not person.public.has_signed(signature[:-1], b"what was done")
    assert not person.public.has_signed(b"", b"what was done")


def test_one_key_under_two_ids_is_one_key() -> None:
    """Its fingerprint is the key's own, whatever a layout calls it."""
    person = Person("rsa")
    renamed = {**person.document, "keyid": "a" * 64}
    other_scheme = {**renamed, "scheme": "rsa-pkcs1v15-sha256"}

    for document in (renamed, other_scheme):
        assert public_key_of_document("a" * 64, document).fingerprint == person.public.fingerprint
    assert Person("rsa").public.fingerprint != person.public.fingerprint


def test_schemes_that_would_ask_others_are_not_used() -> None:
    """The package knows keys that a service or a keyring verifies with; a layout may name them."""
    for keytype, scheme in (("sigstore-oidc", "Fulcio"), ("rsa", "pgp+rsa-pkcsv1.5")):
        words = refusal(keytype=keytype, scheme=scheme)
        assert words.endswith("is not used here, only rsa, ecdsa, ed25519")
    assert "is it a key of GnuPG?" in refusal(subkeys={})
    assert "'rsa' with 'ed25519'" in refusal(keytype="rsa")


def test_a_key_that_is_not_what_it_says_is_not_used() -> None:
    """Kind, curve and id are held against the key itself."""
    rsa_key = Person("rsa").document
    assert "64 hexadecimal digits" in refusal(keyval=rsa_key["keyval"])
    assert "texts" in refusal(keyval={"public": 1})
    assert "texts" in refusal(keyval=None)
    assert "another key id" in refusal(keyid="b" * 64)
    with pytest.raises(KeySyntaxError, match="is said to be"):
        public_key_of_document(
            rsa_key["keyid"], {**rsa_key, "keytype": "ecdsa", "scheme": "ecdsa-sha2-nistp256"}
        )
    ecdsa = Person("ecdsa").document
    with pytest.raises(KeySyntaxError, match="is said to be"):
        public_key_of_document(ecdsa["keyid"], {**ecdsa, "scheme": "ecdsa-sha2-nistp384"})
    with pytest.raises(KeySyntaxError, match="not a public key in PEM"):
        public_key_of_document(ecdsa["keyid"], {**ecdsa, "keyval": {"public": "none"}})


def test_ids_are_hexadecimal_and_keys_are_objects() -> None:
    """An id becomes part of a file's name."""
    for keyid in ("../../../etc", "abc", "g" * 64, "a" * 129, ""):
        with pytest.raises(KeySyntaxError, match="hexadecimal"):
            public_key_of_document(keyid, {**ED25519, "keyid": keyid})
    with pytest.raises(KeySyntaxError, match="object"):
        public_key_of_document("a" * 64, "a key")


def test_weak_and_unusual_keys_are_not_used() -> None:
    """Short RSA keys, DSA, and curves that in-toto does not know."""
    short = rsa.generate_private_key(65537, 1024).public_key()  # noqa: S505 (to be refused)
    unusual = ec.generate_private_key(ec.SECP256K1()).public_key()
    other = dsa.generate_private_key(1024).public_key()  # noqa: S505 (to be refused)

    for key, words in (
        (short, "at least 2048"),
        (unusual, "another kind"),
        (other, "another kind"),
    ):
        with pytest.raises(KeySyntaxError, match=words):
            public_key_of_pem(key.public_bytes(PEM, INFO))
    document = Person("rsa").document
    pem = other.public_bytes(PEM, INFO).decode()
    with pytest.raises(KeySyntaxError, match="another kind"):
        public_key_of_document(document["keyid"], {**document, "keyval": {"public": pem}})


@given(st.binary(max_size=300))
def test_any_bytes_are_a_key_or_are_refused_in_words(data: bytes) -> None:
    """No other exception leaves."""
    with pytest.raises(KeySyntaxError):
        public_key_of_pem(data)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(ED25519)), _JSON, max_size=3))
def test_any_document_is_a_key_or_is_refused_in_words(changes: dict[str, object]) -> None:
    """Whatever stands in its fields."""
    try:
        key = public_key_of_document(str(ED25519["keyid"]), {**ED25519, **changes})
    except KeySyntaxError:
        return
    assert key.keyid == ED25519["keyid"]
