"""What ties an answer to its question cannot be guessed, and is not shown."""

from __future__ import annotations

import re

from slsa_gen.identity.pkce import Question


def test_the_challenge_is_that_of_rfc_7636() -> None:
    """The example of its appendix B."""
    question = Question(verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")

    assert question.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_each_question_has_texts_of_its_own() -> None:
    """256 bits each, in characters that need no escaping."""
    texts = [t for q in (Question(), Question()) for t in (q.state, q.nonce, q.verifier)]

    assert len(set(texts)) == 6
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", text) for text in texts)


def test_none_of_them_is_shown() -> None:
    """Not even in a traceback."""
    question = Question()

    assert question.verifier not in repr(question)
    assert question.state not in repr(question)
