"""Questions that everyone must answer with no: the bundle is good, something else is not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from slsa_gen.clock import SystemClock
from slsa_gen.trust.known import known_repository
from tests.stack.services import keys
from tests.stack.services.trust import Documents

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.stack.services.clients import Question
    from tests.stack.services.runs import Run


def _other_artifact(run: Run, question: Question) -> Question:
    return replace(question, artifact=run.cli.write("other", "other\n"))


def _other_log(run: Run, question: Question) -> Question:
    other = next(v for v in run.stack.documents if v != run.log)
    return replace(question, trust=run.stack.documents[other])


def _other_authority(run: Run, question: Question) -> Question:
    """Put another certificate of the same name in the authority's place."""
    chain, _ = keys.certificate_authority(run.cli.folder, "fulcio", SystemClock().now())
    pem = "".join(chain.read_text().splitlines()[1:-1])
    root = json.loads(question.trust.trusted_root.read_bytes())
    root["certificateAuthorities"][0]["certChain"]["certificates"] = [{"rawBytes": pem}]
    return _with_root(run, question, json.dumps(root).encode())


def _public_root(run: Run, question: Question) -> Question:
    public = known_repository("public-good")
    assert public is not None
    return _with_root(run, question, public.trusted_root)


def _with_root(run: Run, question: Question, root: bytes) -> Question:
    config = json.loads(question.trust.client_config.read_bytes())
    config["trustedRoot"] = json.loads(root)
    documents = Documents(
        run.cli.write("other-root.json", root),
        question.trust.signing_config,
        run.cli.write("other-config.json", json.dumps(config)),
    )
    return replace(question, trust=documents)


def _other_identity(_: Run, question: Question) -> Question:
    return replace(question, identity=question.identity.replace("release.yml", "evil.yml"))


def _other_issuer(_: Run, question: Question) -> Question:
    return replace(question, issuer="https://token.actions.githubusercontent.com")


#: What is wrong with a question, and the reason that we give.
WRONG: Final[dict[str, tuple[Callable[[Run, Question], Question], str]]] = {
    "another artifact": (_other_artifact, "subject.digest-not-in-statement"),
    "another identity": (_other_identity, "signer.identity"),
    "another issuer": (_other_issuer, "signer.issuer"),
    "the root of another log": (_other_log, "log.unknown"),
    "the root of another authority": (_other_authority, "certificate.chain"),
    "the public root": (_public_root, "log.unknown"),
}
