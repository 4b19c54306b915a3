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
    USAGE_HOST_PATH = "usage.host-path"
    USAGE_NOTHING = "usage.nothing"
    USAGE_OUTPUT_EXISTS = "usage.output-exists"
    USAGE_PREDICATE = "usage.predicate"

    # subject: what was built, missing, malformed or ambiguous (exit 2; unreadable ones 3)
    SUBJECT_NONE = "subject.none"
    SUBJECT_PATTERN = "subject.pattern"
    SUBJECT_NO_MATCH = "subject.no-match"
    SUBJECT_EXCLUDED = "subject.excluded"
    SUBJECT_ONLY_EVIDENCE = "subject.only-evidence"
    SUBJECT_DIRECTORY = "subject.directory"
    SUBJECT_SPECIAL_FILE = "subject.special-file"
    SUBJECT_OUTSIDE = "subject.outside"
    SUBJECT_LINK_LEAVES = "subject.link-leaves"
    SUBJECT_LIST_MISSING = "subject.list-missing"
    SUBJECT_LIST_EMPTY = "subject.list-empty"
    SUBJECT_LIST_LINE = "subject.list-line"
    SUBJECT_LIST_TOO_LARGE = "subject.list-too-large"
    SUBJECT_DECLARED_CHANGED = "subject.declared-changed"
    SUBJECT_DECLARED_LIST = "subject.declared-list"
    SUBJECT_BASE64 = "subject.base64"
    SUBJECT_DIGEST = "subject.digest"
    SUBJECT_NAME_CLASH = "subject.name-clash"
    SUBJECT_NAME_MISSING = "subject.name-missing"
    SUBJECT_NAME_UNUSED = "subject.name-unused"
    SUBJECT_NAME_EMPTY = "subject.name-empty"
    SUBJECT_NAME_ABSOLUTE = "subject.name-absolute"
    SUBJECT_NAME_CLIMBS = "subject.name-climbs"
    SUBJECT_NAME_ENCODING = "subject.name-encoding"
    SUBJECT_NAME_CONTROL = "subject.name-control"
    SUBJECT_NAME_TOO_LONG = "subject.name-too-long"
    SUBJECT_TOO_MANY = "subject.too-many"
    SUBJECT_UNREADABLE = "subject.unreadable"
    SUBJECT_VANISHED = "subject.vanished"
    SUBJECT_CHANGED = "subject.changed"
    USAGE_SBOM = "usage.sbom"
    USAGE_PROVENANCE = "usage.provenance"

    # statement: what is signed (exit 2 when written, 1 when read)
    STATEMENT_SUBJECTS = "statement.subjects"
    STATEMENT_PREDICATE = "statement.predicate"
    STATEMENT_MALFORMED = "statement.malformed"

    # link: the record of a step (exit 1)
    LINK_MALFORMED = "link.malformed"

    # run: a step's command and what it is made from (exit 2; git and a time limit 3)
    RUN_COMMAND = "run.command"
    RUN_FAILED = "run.failed"
    RUN_STEP = "run.step"
    RUN_WORD = "run.word"
    RUN_ENVIRONMENT = "run.environment"
    RUN_SECRET = "run.secret"  # noqa: S105 (a reason code, not a secret)
    RUN_NO_REPOSITORY = "run.no-repository"
    RUN_GIT = "run.git"
    RUN_TREE_TOO_LARGE = "run.tree-too-large"
    RUN_MATERIAL_IGNORED = "run.material-ignored"
    RUN_PRODUCT_UNCHANGED = "run.product-unchanged"

    # context: not a run that can attest (exit 3)
    CONTEXT_OUTSIDE_RUN = "context.outside-run"
    CONTEXT_PERMISSION = "context.permission"
    CONTEXT_SERVER = "context.server"
    CONTEXT_EVENT = "context.event"
    CONTEXT_VISIBILITY = "context.visibility"
    CONTEXT_CLAIM = "context.claim"
    CONTEXT_TOKEN = "context.token"  # noqa: S105 (a code, no secret)
    CONTEXT_TOKEN_FILE = "context.token-file"  # noqa: S105 (a code, no secret)
    CONTEXT_TOKEN_URL = "context.token-url"  # noqa: S105 (a code, no secret)
    CONTEXT_TOKEN_SOURCE = "context.token-source"  # noqa: S105 (a code, no secret)
    CONTEXT_ISSUER_KEYS = "context.issuer-keys"

    # identity: a person who signs (exit 3; what an option mends 2)
    IDENTITY_PROVENANCE = "identity.provenance"
    IDENTITY_NOBODY = "identity.nobody"
    IDENTITY_PROVIDER = "identity.provider"
    IDENTITY_BROWSER = "identity.browser"
    IDENTITY_DENIED = "identity.denied"
    IDENTITY_TIME = "identity.time"
    IDENTITY_ANSWER = "identity.answer"
    IDENTITY_TOKEN = "identity.token"  # noqa: S105 (a reason code, not a secret)
    IDENTITY_EMAIL = "identity.email"

    # service: an answer over HTTP (exit 3)
    SERVICE_ANSWER = "service.answer"
    SERVICE_URL = "service.url"
    SERVICE_UNREACHABLE = "service.unreachable"
    SERVICE_CERTIFICATE = "service.certificate"
    SERVICE_REDIRECT = "service.redirect"
    SERVICE_REFUSED = "service.refused"
    SERVICE_FAILED = "service.failed"
    SERVICE_ANSWER_TOO_LARGE = "service.answer-too-large"
    SERVICE_TIME_BUDGET = "service.time-budget"

    # trust: a trusted root (exit 3)
    TRUST_ROOT = "trust.root"

    # evidence: a bundle that cannot be read (exit 1; not found 2, unreadable 3)
    EVIDENCE_NOT_FOUND = "evidence.not-found"
    EVIDENCE_UNREADABLE = "evidence.unreadable"
    EVIDENCE_EMPTY = "evidence.empty"
    EVIDENCE_TOO_LARGE = "evidence.too-large"
    EVIDENCE_TOO_MANY = "evidence.too-many"
    EVIDENCE_JSON = "evidence.json"
    EVIDENCE_NOT_A_BUNDLE = "evidence.not-a-bundle"
    EVIDENCE_MEDIA_TYPE = "evidence.media-type"
    EVIDENCE_BUNDLE = "evidence.bundle"
    EVIDENCE_BASE64 = "evidence.base64"
    EVIDENCE_PAYLOAD_TYPE = "evidence.payload-type"
    EVIDENCE_MESSAGE_SIGNATURE = "evidence.message-signature"
    EVIDENCE_NONE = "evidence.none"

    # signature, certificate, log, time: what does not hold (exit 1)
    SIGNATURE_INVALID = "signature.invalid"
    SIGNATURE_COUNT = "signature.count"
    SIGNATURE_UNPROVED = "signature.unproved"
    CERTIFICATE_MISSING = "certificate.missing"
    CERTIFICATE_MALFORMED = "certificate.malformed"
    CERTIFICATE_IDENTITY = "certificate.identity"
    CERTIFICATE_KEY = "certificate.key"
    CERTIFICATE_USAGE = "certificate.usage"
    CERTIFICATE_CHAIN = "certificate.chain"
    CERTIFICATE_AUTHORITY_PERIOD = "certificate.authority-period"
    CERTIFICATE_SCT = "certificate.sct"
    LOG_MISSING = "log.missing"
    LOG_SEVERAL = "log.several"
    LOG_UNKNOWN = "log.unknown"
    LOG_PERIOD = "log.period"
    LOG_ENTRY_KIND = "log.entry-kind"
    LOG_ENTRY_MISMATCH = "log.entry-mismatch"
    LOG_INCLUSION = "log.inclusion"
    LOG_CHECKPOINT = "log.checkpoint"
    LOG_SET = "log.set"
    TIME_MISSING = "time.missing"
    TIME_TIMESTAMP = "time.timestamp"
    TIME_OUTSIDE_CERTIFICATE = "time.outside-certificate"

    # policy: a good signature that is not the one demanded (exit 1)
    POLICY_EXPECTATION = "policy.expectation"
    POLICY_NO_MATCH = "policy.no-match"
    SIGNER_SANDBOX = "signer.sandbox"
    SIGNER_ISSUER = "signer.issuer"
    SIGNER_IDENTITY = "signer.identity"
    SIGNER_WORKFLOW = "signer.workflow"
    SOURCE_REPOSITORY = "source.repository"
    SOURCE_REPOSITORY_ID = "source.repository-id"
    SOURCE_OWNER = "source.owner"
    SOURCE_OWNER_ID = "source.owner-id"
    SOURCE_REF = "source.ref"
    SOURCE_DIGEST = "source.digest"
    RUNNER_SELF_HOSTED = "runner.self-hosted"
    PREDICATE_TYPE = "predicate.type"
    PREDICATE_CERTIFICATE_MISMATCH = "predicate.certificate-mismatch"
    PROVENANCE_BUILD_TYPE = "provenance.build-type"
    PROVENANCE_EXTERNAL_PARAMETERS = "provenance.external-parameters"
    SUBJECT_DIGEST_NOT_IN_STATEMENT = "subject.digest-not-in-statement"

    # layout: a supply chain that is not the one demanded (exit 1)
    LAYOUT_KIND = "layout.kind"
    LAYOUT_SIGNATURE = "layout.signature"
    LAYOUT_EXPIRED = "layout.expired"
    LAYOUT_FUNCTIONARIES = "layout.functionaries"
    LAYOUT_DISAGREEMENT = "layout.disagreement"
    LAYOUT_ARTIFACT = "layout.artifact"
    LAYOUT_PREDICATE = "layout.predicate"
    LAYOUT_AMBIGUOUS = "layout.ambiguous"
    LAYOUT_COMMAND = "layout.command"
    LAYOUT_RULE = "layout.rule"
    LAYOUT_DISALLOWED = "layout.disallowed"
    LAYOUT_REQUIRED = "layout.required"
    LAYOUT_TOO_LARGE = "layout.too-large"
    LAYOUT_INSPECTION = "layout.inspection"
    LAYOUT_SUBLAYOUT = "layout.sublayout"
    LAYOUT_CLASSIC = "layout.classic"
    LAYOUT_SECOND_OPINION = "layout.second-opinion"

    # link: a classic link (what cannot be one, the folder: exit 2; unreadable ones 3)
    LINK_CLASSIC = "link.classic"
    LINK_FOLDER = "link.folder"
    LINK_UNREADABLE = "link.unreadable"

    # key: a file with a key of classic links and layouts (exit 2)
    KEY_FILE = "key.file"
    KEY_MALFORMED = "key.malformed"
    KEY_PASSPHRASE = "key.passphrase"  # noqa: S105 (a reason code, not a secret)

    # layout file: what is written there (exit 2)
    LAYOUT_FILE = "layout.file"
    LAYOUT_SYNTAX = "layout.syntax"
    LAYOUT_SCHEMA = "layout.schema"

    # policy file: what is written there (exit 2)
    POLICY_FILE = "policy.file"
    POLICY_SYNTAX = "policy.syntax"
    POLICY_SCHEMA = "policy.schema"
    POLICY_AMBIGUOUS = "policy.ambiguous"

    # signing, compared by the pipeline before anything is written (exit 3)
    SIGNING_BUNDLE_UNVERIFIED = "signing.bundle-unverified"
    SIGNING_CERTIFICATE_MISMATCH = "signing.certificate-mismatch"

    # publish: where a bundle goes (exit 3)
    PUBLISH_FILE = "publish.file"

    # release: a GitHub release as a target (exit 3; what an option mends 2)
    RELEASE_TAG = "release.tag"
    RELEASE_SANDBOX = "release.sandbox"
    RELEASE_API_URL = "release.api-url"
    RELEASE_TOKEN = "release.token"  # noqa: S105 (a reason code, not a secret)
    RELEASE_PERMISSION = "release.permission"
    RELEASE_NOT_FOUND = "release.not-found"
    RELEASE_AMBIGUOUS = "release.ambiguous"
    RELEASE_IMMUTABLE = "release.immutable"
    RELEASE_FULL = "release.full"
    RELEASE_ASSET_EXISTS = "release.asset-exists"
    RELEASE_ASSET_DIFFERS = "release.asset-differs"
    RELEASE_MOVED = "release.moved"
    RELEASE_REFUSED = "release.refused"
    RELEASE_RATE_LIMIT = "release.rate-limit"
    RELEASE_ANSWER = "release.answer"

    # trust: roots and configurations (exit 3)
    TRUST_NOT_FOUND = "trust.not-found"
    TRUST_TOO_LARGE = "trust.too-large"
    TRUST_MALFORMED = "trust.malformed"
    TRUST_MEDIA_TYPE = "trust.media-type"
    TRUST_REFRESH = "trust.refresh"
    TRUST_CACHE = "trust.cache"

    # signing: certificate authority, log, timestamp authority (exit 3)
    SIGNING_CONFIGURATION = "signing.configuration"
    SIGNING_TOKEN = "signing.token"  # noqa: S105 (a reason code, not a secret)
    SIGNING_TOKEN_EXPIRED = "signing.token-expired"  # noqa: S105 (as above)
    SIGNING_TOKEN_CHANGED = "signing.token-changed"  # noqa: S105 (as above)
    SIGNING_CERTIFICATE_REFUSED = "signing.certificate-refused"
    SIGNING_CERTIFICATE_UNREACHABLE = "signing.certificate-unreachable"
    SIGNING_CERTIFICATE_ANSWER = "signing.certificate-answer"
    SIGNING_LOG_REFUSED = "signing.log-refused"
    SIGNING_LOG_UNREACHABLE = "signing.log-unreachable"
    SIGNING_LOG_ANSWER = "signing.log-answer"
    SIGNING_TIMESTAMP = "signing.timestamp"
    SIGNING_REDIRECT = "signing.redirect"
    SIGNING_ANSWER_TOO_LARGE = "signing.answer-too-large"
    SIGNING_BUNDLE = "signing.bundle"
    SIGNING_PROCESS = "signing.process"
    SIGNING_TIME_BUDGET = "signing.time-budget"

    # sandbox: the Sigstore of one's own (exit 3)
    SANDBOX_FOLDER = "sandbox.folder"
    SANDBOX_ABSENT = "sandbox.absent"
    SANDBOX_DAMAGED = "sandbox.damaged"
    SANDBOX_BUSY = "sandbox.busy"
    SANDBOX_SERVER = "sandbox.server"
    SANDBOX_COMMAND = "sandbox.command"
    SANDBOX_OUTPUT = "sandbox.output"

    # output: what a command has to say (exit 3)
    OUTPUT_UNWRITABLE = "output.unwritable"

    # internal: our own fault (exit 3)
    INTERNAL_ERROR = "internal.error"


__all__ = ["Reason"]
