"""The documents with which others trust and use the sandbox, in Sigstore's own formats.

See https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto.
Readers refuse unknown fields, so nothing is added to what the format names.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from slsa_gen import strictjson
from slsa_gen.model.instance import SANDBOX_SERVER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

MATERIAL_TYPE: Final = "application/vnd.slsa-gen.sandbox+json;version=1"
TRUSTED_ROOT_TYPE: Final = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"
SIGNING_CONFIG_TYPE: Final = "application/vnd.dev.sigstore.signingconfig.v0.2+json"
CLIENT_CONFIG_TYPE: Final = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"

#: The host that the sandbox's names stand under; the log signs its checkpoints by it.
HOST: Final = urlsplit(SANDBOX_SERVER).netloc
#: What the services are called in a trusted root: names, by which a root file is known.
CA_URL: Final = f"{SANDBOX_SERVER}/fulcio"
LOG_URL: Final = f"{SANDBOX_SERVER}/rekor"
CT_URL: Final = f"{SANDBOX_SERVER}/ct"

_OPERATOR: Final = HOST


def trusted_root(
    *, start: datetime, log_key: bytes, ct_key: bytes, chain: Sequence[bytes]
) -> dict[str, object]:
    """Return the trusted root.

    Args:
        start: When everything began to be valid.
        log_key: The log's public key, a DER SubjectPublicKeyInfo.
        ct_key: The certificate transparency log's, likewise.
        chain: The authority's certificates in DER, from the one that signs to the root.
    """
    return {
        "mediaType": TRUSTED_ROOT_TYPE,
        "tlogs": [_log(LOG_URL, log_key, start)],
        "certificateAuthorities": [
            {
                "subject": {"organization": HOST, "commonName": "sandbox root"},
                "uri": CA_URL,
                "certChain": {"certificates": [{"rawBytes": _base64(c)} for c in chain]},
                "validFor": {"start": rfc3339(start)},
            }
        ],
        "ctlogs": [_log(CT_URL, ct_key, start)],
    }


def signing_config(base_url: str, start: datetime) -> dict[str, object]:
    """Return the signing configuration that names the services at one address.

    Args:
        base_url: Where all of them answer: a CA's path would be dropped by some clients.
        start: When they began to be valid.
    """
    service = {
        "url": base_url,
        "majorApiVersion": 1,
        "validFor": {"start": rfc3339(start)},
        "operator": _OPERATOR,
    }
    return {
        "mediaType": SIGNING_CONFIG_TYPE,
        "caUrls": [service],
        "oidcUrls": [service],
        "rekorTlogUrls": [service],
        "rekorTlogConfig": {"selector": "ANY"},
        "tsaUrls": [],
    }


def client_config(root: bytes, signing: bytes) -> bytes:
    """Return the client trust configuration: both documents in one."""
    kind = strictjson.dumps(CLIENT_CONFIG_TYPE)
    return b'{"mediaType":%s,"signingConfig":%s,"trustedRoot":%s}' % (kind, signing, root)


def rfc3339(moment: datetime) -> str:
    """Return a moment in UTC with whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _log(url: str, key: bytes, start: datetime) -> dict[str, object]:
    return {
        "baseUrl": url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": _base64(key),
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "validFor": {"start": rfc3339(start)},
        },
        "logId": {"keyId": _base64(hashlib.sha256(key).digest())},
    }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
