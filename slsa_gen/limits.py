"""Every limit in one place, with its unit. Imports nothing."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Limits:
    """What is bounded, and by how much. Tests hand in smaller ones."""

    #: Subjects in one statement: the most that sigstore-go (in gh and cosign) verifies.
    subjects_per_statement: int = 1024
    #: Subjects in one call.
    subjects: int = 1_000_000
    #: Digests that one subject may carry, as sigstore-go counts.
    digests_per_subject: int = 32
    #: Bytes of a user's own predicate or SBOM.
    predicate_bytes: int = 16 * MIB
    #: Bytes of a checksum or base64 list.
    subject_list_bytes: int = 256 * MIB
    #: Materials in one link, and so in the provenance beside it.
    link_materials: int = 10_000
    #: Bytes of a subject's name in UTF-8: the longest path that Linux takes.
    subject_name_bytes: int = 4096
    #: Bytes of one bundle (a line of a bundle file).
    bundle_bytes: int = 48 * MIB
    #: Bytes of a whole bundle file (JSON Lines).
    bundle_file_bytes: int = 1024 * MIB
    #: Bundles in one file.
    bundles_per_file: int = 10_000
    #: Bundle files that are looked through in an artifact's folder.
    neighbour_files: int = 10_000
    #: Bytes of the bundles in an artifact's folder.
    neighbour_bytes: int = 1024 * MIB
    #: Bundles whose proof is remembered, so that each is proved once for all its subjects.
    proofs_remembered: int = 256
    #: Levels of nesting in any JSON that is read.
    json_depth: int = 64
    #: Values in any JSON that is read: about 100 bytes of memory each.
    json_values: int = 2_000_000
    #: Bytes of a policy file.
    policy_bytes: int = 128 * KIB
    #: Bytes of a layout.
    layout_bytes: int = MIB
    #: Bundles that are proved because they say that they are a link of a layout's step.
    layout_links: int = 1000
    #: Bytes of one word (a pattern, a prefix, a step's name) of a layout's artifact rule.
    rule_word_bytes: int = 1024
    #: Artifacts of a link times the rules that are applied to them: about 1 µs each.
    rule_applications: int = 20_000_000
    #: Bytes of a classic link or layout.
    classic_bytes: int = 64 * MIB
    #: Bytes of all link files that one layout makes us read, those of its sublayouts too.
    classic_links_bytes: int = 256 * MIB
    #: Link files that one layout makes us look for, those of its sublayouts too.
    classic_links: int = 10_000
    #: Materials, or products, of one classic link.
    link_artifacts: int = 500_000
    #: Steps and inspections of one classic layout.
    layout_items: int = 1000
    #: Layouts inside one another: a layout, a sublayout in a step's place, and so on.
    layout_depth: int = 8
    #: Bytes of a key's file.
    key_bytes: int = 64 * KIB
    #: Seconds that the command of one inspection may take.
    inspection_seconds: float = 600.0
    #: Bytes at the end of an inspection's output that are shown when it fails.
    inspection_output_bytes: int = 2 * KIB
    #: Files and folders that an inspection may leave in its folder.
    inspection_entries: int = 100_000
    #: Bytes of all files that an inspection may leave in its folder.
    inspection_bytes: int = 4096 * MIB
    #: Files that are looked at before a step's command runs: 40 bytes of memory each.
    snapshot_files: int = 2_000_000
    #: Seconds in which a step's command must end once it was asked to.
    command_grace_seconds: float = 10.0
    #: Seconds that git may take to say what differs from a commit.
    git_seconds: float = 300.0
    #: Bytes of what git lists: a path is some 60.
    git_answer_bytes: int = 512 * MIB
    #: Bytes of a trusted root or a client trust configuration.
    trust_bytes: int = 4 * MIB
    #: Bytes of an identity token.
    token_bytes: int = 64 * KIB
    #: Bytes of one claim's text.
    claim_bytes: int = 4 * KIB
    #: Keys in an issuer's key set.
    issuer_keys: int = 64
    #: Seconds by which an issuer's clock may be ahead of ours.
    clock_leeway_seconds: float = 60.0
    #: Bytes of a small answer of a service (token, JWKS, timestamp).
    answer_bytes: int = MIB
    #: Bytes of one page of releases or assets: a hundred, each with its notes and its assets.
    release_list_bytes: int = 64 * MIB
    #: Pages, of a hundred entries each, of a list on GitHub (which shows no more than these).
    list_pages: int = 100
    #: Assets that a release takes, as GitHub says.
    release_assets: int = 1000
    #: Bytes a second below which a transfer is given up.
    slowest_transfer: int = 256 * KIB
    #: Bytes of a service's error answer that are shown.
    shown_answer_bytes: int = 2 * KIB
    #: Seconds one attempt at a service may take.
    attempt_seconds: float = 30.0
    #: Seconds in which the signing process must have started (its imports take 0.3).
    signing_start_seconds: float = 60.0
    #: Seconds for all attempts of one command together, unless said.
    retry_budget_seconds: float = 300.0
    #: Seconds of the first wait; doubled for each further one.
    first_wait_seconds: float = 1.0
    #: Seconds that a wait chosen by us never exceeds.
    longest_wait_seconds: float = 60.0
    #: Seconds of life below which a token or certificate is renewed.
    renew_below_seconds: float = 60.0
    #: Seconds that a person has to sign in.
    sign_in_seconds: float = 300.0
    #: Seconds before progress is shown.
    progress_after_seconds: float = 1.0
    #: Seconds between two pictures of the progress on a terminal.
    progress_redraw_seconds: float = 0.1
    #: Seconds between two lines of progress where there is no terminal.
    progress_line_seconds: float = 10.0
    #: Seconds for refreshing a trusted root before the newest known one is used.
    trust_refresh_seconds: float = 10.0
    #: Seconds after which a cached trusted root is refreshed.
    trust_fresh_seconds: float = 86_400.0
    #: Seconds of a refresh that failed from which on it is remembered.
    trust_slow_seconds: float = 2.0
    #: Seconds that such a refresh is not tried again.
    trust_pause_seconds: float = 300.0
    #: Bytes of a step's summary: of more than 1 MiB the runner takes nothing.
    step_summary_bytes: int = 1_000_000
    #: Bytes of the runner's list of declared artifacts (it holds 500 at most).
    declared_list_bytes: int = MIB
    #: Files and folders of the workspace that declared artifacts are looked for among.
    declared_search_entries: int = 2_000_000
    #: Bytes of a small request to the sandbox (a certificate request, a query).
    sandbox_request_bytes: int = 128 * KIB
    #: Bytes of an entry that is proposed to the sandbox's log.
    sandbox_entry_bytes: int = 48 * MIB
    #: Seconds in which a request to the sandbox must have arrived.
    sandbox_request_seconds: float = 30.0


DEFAULT_LIMITS = Limits()
