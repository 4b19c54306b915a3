"""The stable reason codes: what a program may compare, and what the manual explains.

One member for each way in which something is refused or fails. ``docs/reason-codes.md``
has a section for each, with an example and a remedy; a test holds the two together.
Codes are never renamed and never reused. Imports nothing.
"""

from enum import StrEnum


class Reason(StrEnum):
    """A stable code ``area.what``; sorted by area."""

    # usage: options, inputs, policy file (exit 2)
    USAGE_OPTION = "usage.option"
    USAGE_EXPECTATION = "usage.expectation"
    USAGE_NOTHING = "usage.nothing"
    USAGE_OUTPUT_EXISTS = "usage.output-exists"
    USAGE_PREDICATE = "usage.predicate"

    # service: an answer over HTTP (exit 3)
    SERVICE_URL = "service.url"
    SERVICE_UNREACHABLE = "service.unreachable"
    SERVICE_CERTIFICATE = "service.certificate"
    SERVICE_REDIRECT = "service.redirect"
    SERVICE_REFUSED = "service.refused"
    SERVICE_FAILED = "service.failed"
    SERVICE_ANSWER_TOO_LARGE = "service.answer-too-large"
    SERVICE_TIME_BUDGET = "service.time-budget"

    # internal: our own fault (exit 3)
    INTERNAL_ERROR = "internal.error"
    INTERNAL_INTERRUPTED = "internal.interrupted"


__all__ = ["Reason"]
