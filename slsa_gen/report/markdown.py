"""What a command did, for a job's summary: Markdown, made of the command's JSON document.

Everything that is shown may be somebody else's words: see ``escaping``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from slsa_gen.model.instance import IMPLIED_ISSUERS
from slsa_gen.model.statement import SLSA_PROVENANCE_PREFIX
from slsa_gen.report.escaping import block, code, label, link, text
from slsa_gen.report.refusals import reasons
from slsa_gen.report.summary import Summary
from slsa_gen.report.text import as_path, command

if TYPE_CHECKING:
    from collections.abc import Sequence

    Document = dict[str, Any]

PUBLIC_GOOD: Final = "public-good"
_SANDBOX_WARNING: Final = (
    "> [!WARNING]\n> This was signed by the sandbox: it proves nothing to anyone else."
)
_LABEL: Final = 60
#: Rows of a table of subjects that are shown at once; a longer one is folded up.
_UNFOLDED: Final = 20


def written(document: Document, sigstore: str = PUBLIC_GOOD) -> Summary:
    """Return the summary of ``attest`` or ``verify``, done or failed.

    Args:
        document: The command's JSON document, parsed.
        sigstore: The Sigstore that signed, as ``--sigstore`` takes it.
    """
    name = document["command"]
    results, errors = document["results"], document["errors"]
    told = "\n\n".join(_error(error) for error in errors)
    if not results:
        title = f"### slsa-gen {text(name)}: failed"
        return Summary(f"{title}\n\n{told}" if told else title, (), "")
    if name == "verify":
        return _verified(results, told)
    return _attested(results[0], told, sigstore)


def _error(error: Document) -> str:
    lines = [f"> [!CAUTION]\n> {_quoted(error['message'])}"]
    if error["hint"]:
        lines.append(f"To do:\n\n{block(error['hint'])}")
    lines.append(f"Reason: {code(error['reason'])}")
    return "\n\n".join(lines)


def _quoted(message: str) -> str:
    return "<br>".join(text(line) for line in message.splitlines())


def _attested(result: Document, errors: str, sigstore: str) -> Summary:
    count = _counted(result)
    before = [f"### slsa-gen: {_headline(result, count)}"]
    if result["sandbox"]:
        before.append(_SANDBOX_WARNING)
    if errors:
        before.append(errors)
    before += [
        _facts(result),
        "Whoever has a subject and the bundle verifies with:",
        block(command(*verify_arguments(result, sigstore))),
        _picture(result, count),
    ]
    rows = tuple(f"| {code(s['name'])} | {_digests(s['digest'])} |" for s in result["subjects"])
    head, after = "| Subject | Digest |\n|---|---|", ""
    if len(rows) > _UNFOLDED:
        head, after = f"<details><summary>{count}</summary>\n\n{head}", "</details>"
    return Summary("\n\n".join((*before, head)), rows, after)


def _counted(result: Document) -> str:
    count = len(result["subjects"])
    return "1 subject" if count == 1 else f"{count:,} subjects"


def _headline(result: Document, count: str) -> str:
    outcomes = {publication["outcome"] for publication in result["publications"]}
    said = "already attested" if "reused" in outcomes else "attested"
    return f"{said} {count}" + ("; not published everywhere" if "failed" in outcomes else "")


def _digests(digests: dict[str, str]) -> str:
    return "<br>".join(code(f"{name}:{value}") for name, value in sorted(digests.items()))


def _facts(result: Document) -> str:
    signer = result["signer"]
    lines = [
        f"* Statement: {code(result['predicateType'])}",
        f"* Signed by {code(signer['subjectAlternativeName'])}, says {code(_issuer(signer))}",
    ]
    if "sourceRepositoryURI" in signer:
        lines.append(
            f"* Source: {code(signer['sourceRepositoryURI'])} at "
            f"{code(signer.get('sourceRepositoryDigest', '?'))} "
            f"({code(signer.get('sourceRepositoryRef', '?'))})"
        )
    lines += [f"* Log: {_entry(entry)}" for entry in result["logEntries"]]
    if result["extraLogEntries"]:
        lines.append(
            f"* The log holds {result['extraLogEntries']} further entries of these statements: "
            "an answer was lost after it had accepted. They do no harm."
        )
    lines += [f"* {_publication(publication)}" for publication in result["publications"]]
    return "\n".join(lines)


def _entry(entry: Document) -> str:
    words = f"entry {entry['index']}"
    return link(words, entry["url"]) if entry["url"] else f"{words} of {code(entry['log'])}"


def _publication(publication: Document) -> str:
    what = f"Bundle ({text(publication['target'])}, {text(publication['outcome'])})"
    if publication["outcome"] == "failed":
        return f"{what}: {code(publication.get('reason', '?'))}"
    url = publication["url"]
    where = link(url, url) if url.startswith("https://") else code(url)
    draft = (
        "; the release is a draft, which nobody else sees yet" if publication.get("draft") else ""
    )
    return f"{what}: {where}{draft}"


def _issuer(signer: Document) -> str:
    return str(signer.get("issuer", "(none)"))


def verify_arguments(result: Document, sigstore: str = PUBLIC_GOOD) -> list[str]:
    """Return the command with which a user who downloaded a subject verifies it.

    Args:
        result: The result of ``attest`` in its document.
        sigstore: The Sigstore that signed, as ``--sigstore`` takes it.
    """
    subject, signer = result["subjects"][0], result["signer"]
    algorithm, digest = next(iter(sorted(subject["digest"].items())))
    name = subject["name"].rpartition("/")[2]
    # An image is no file of that name, and a name may look like an option or a digest.
    is_file = name and as_path(name) == name
    arguments = ["slsa-gen", "verify", name if is_file else f"{algorithm}:{digest}"]
    arguments += ["--bundle", as_path(_downloaded(result))]
    source = signer.get("sourceRepositoryURI", "")
    repository = _path_of(source)
    if repository:
        arguments += ["--repo", repository]
        builder = signer.get("buildSignerURI", "")
        if not builder.lower().startswith(f"{source}/".lower()):
            arguments += ["--signer-repo", "/".join(_path_of(builder).split("/")[:2])]
    else:
        arguments += ["--cert-identity", signer["subjectAlternativeName"]]
    issuer = signer.get("issuer", "")
    if issuer and (issuer not in IMPLIED_ISSUERS or not repository):
        arguments += ["--cert-oidc-issuer", issuer]
    if not result["predicateType"].startswith(SLSA_PROVENANCE_PREFIX):
        arguments += ["--predicate-type", result["predicateType"]]
    name = "sandbox" if result["sandbox"] else sigstore
    return arguments if name == PUBLIC_GOOD else [*arguments, "--sigstore", name]


def _downloaded(result: Document) -> str:
    """Return the bundle's name as users get it: GitHub renames some assets."""
    assets = (p["asset"] for p in result["publications"] if p.get("asset"))
    return str(next(assets, result["bundle"].rpartition("/")[2]))


def _path_of(uri: str) -> str:
    return "/".join(uri.split("/")[3:])


def _within(uri: str, source: str) -> str:
    """Return what of a signer's name is not the source's: the workflow and its ref."""
    return uri.removeprefix(f"{source}/") if source else uri


def _picture(result: Document, count: str) -> str:
    """Return a picture of how the source became what was logged."""
    signer = result["signer"]
    run = signer.get("runInvocationURI") or signer["subjectAlternativeName"]
    source = signer.get("sourceRepositoryURI", "")
    nodes = [
        ("source", _path_of(source) or "source"),
        ("run", _path_of(run) or run),
        ("subjects", result["subjects"][0]["name"] if count == "1 subject" else count),
        ("certificate", _within(signer["subjectAlternativeName"], source)),
        ("log", ", ".join(f"entry {e['index']}" for e in result["logEntries"]) or "no log"),
    ]
    lines = [f'  {name}["{name}<br>{label(words, _LABEL)}"]' for name, words in nodes]
    lines.append("  " + " --> ".join(name for name, _ in nodes))
    return "\n".join(["```mermaid", "flowchart LR", *lines, "```"])


def _verified(results: Sequence[Document], errors: str) -> Summary:
    counts = ", ".join(
        f"{sum(1 for r in results if r['verdict'] == word):,} {word}"
        for word in ("accepted", "refused", "undecided")
        if any(r["verdict"] == word for r in results)
    )
    before = [f"### slsa-gen verify: {counts}"]
    if any(a.get("sandbox") for r in results for a in r["attestations"]):
        before.append(_SANDBOX_WARNING)
    if errors:
        before.append(errors)
    before.append("| Artifact | Verdict | Why |\n|---|---|---|")
    # What was not accepted is what a reader looks for.
    ordered = sorted(results, key=lambda r: r["verdict"] == "accepted")
    rows = tuple(f"| {code(r['artifact'])} | {text(r['verdict'])} | {_why(r)} |" for r in ordered)
    return Summary("\n\n".join(before), rows, "")


def _why(result: Document) -> str:
    if result["verdict"] == "accepted":
        level = result["level"]
        signers = (a["signer"] for a in result["attestations"] if a["accepted"])
        name = next((s["subjectAlternativeName"] for s in signers), "")
        reached = f"SLSA Build L{level}, " if level else ""
        return f"{reached}signed by {code(name)}"
    return "<br>".join(text(reason.told) for reason in reasons(result))
