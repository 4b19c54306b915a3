"""How each service is started: its command line, and how it is seen to answer."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import yaml

from tests.stack.services import keys
from tests.stack.services.processes import HOST, StartError, answers, running

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import ExitStack
    from pathlib import Path

    from tests.stack.services.processes import Process

#: Each port that is listened on.
PORTS: Final = (
    "postgres",
    "trillian",
    "trillian-http",
    "signer",
    "signer-http",
    "ct-log",
    "issuer",
    "token",
    "fulcio",
    "fulcio-grpc",
    "fulcio-metrics",
    "rekor-v1",
    "rekor-v2",
    "rekor-v2-grpc",
    "rekor-v2-metrics",
    "timestamp-authority",
)

#: The claims that become extensions of a certificate, as Fulcio's public instance has them.
_EXTENSIONS: Final = {
    "github-workflow-trigger": "event_name",
    "github-workflow-sha": "sha",
    "github-workflow-name": "workflow",
    "github-workflow-repository": "repository",
    "github-workflow-ref": "ref",
    "build-signer-uri": "{{ .url }}/{{ .job_workflow_ref }}",
    "build-signer-digest": "job_workflow_sha",
    "runner-environment": "runner_environment",
    "source-repository-uri": "{{ .url }}/{{ .repository }}",
    "source-repository-digest": "sha",
    "source-repository-ref": "ref",
    "source-repository-identifier": "repository_id",
    "source-repository-owner-uri": "{{ .url }}/{{ .repository_owner }}",
    "source-repository-owner-identifier": "repository_owner_id",
    "build-config-uri": "{{ .url }}/{{ .workflow_ref }}",
    "build-config-digest": "workflow_sha",
    "build-trigger": "event_name",
    "run-invocation-uri": (
        "{{ .url }}/{{ .repository }}/actions/runs/{{ .run_id }}/attempts/{{ .run_attempt }}"
    ),
    "source-repository-visibility-at-signing": "repository_visibility",
    "deployment-environment": "environment",
}


@dataclass(frozen=True, slots=True)
class Servers:
    """Starts services in one folder, each on its own ports.

    Args:
        stack: Ends them.
        folder: Theirs.
        ports: By the names of ``PORTS``.
        program: Returns a program by its name in ``pins.toml``.
    """

    stack: ExitStack
    folder: Path
    ports: Mapping[str, int]
    program: Callable[[str], Path]

    def trillian(self, database: str) -> tuple[Process, Process]:
        """Start Trillian: what serves logs, and what signs them."""
        storage = (
            "--storage_system=postgresql",
            f"--postgresql_uri={database}",
            "--quota_system=noop",
        )
        server = self._start(
            "trillian-server",
            [
                *storage,
                f"--rpc_endpoint={self._address('trillian')}",
                f"--http_endpoint={self._address('trillian-http')}",
            ],
        )
        signer = self._start(
            "trillian-signer",
            [
                *storage,
                *("--force_master", "--batch_size=100", "--sequencer_interval=200ms"),
                f"--rpc_endpoint={self._address('signer')}",
                f"--http_endpoint={self._address('signer-http')}",
            ],
        )
        server.wait_for(answers(self.ports["trillian-http"], "/healthz"))
        return server, signer

    def certificate_log(self, root: Path, key: Path) -> Process:
        """Start the log of certificates, in a tree of its own.

        Args:
            root: The certificate whose issues it takes.
            key: Its key, encrypted with the password.
        """
        tree = self._tree()
        config = self.folder / "ct.cfg"
        config.write_text(
            f'config {{ log_id: {tree} prefix: "ct" roots_pem_file: "{root}"\n'
            "private_key: { [type.googleapis.com/keyspb.PEMKeyFile] "
            f'{{ path: "{key}" password: "{keys.PASSWORD}" }} }}\n'
            'ext_key_usages: "CodeSigning" }\n'
        )
        process = self._start(
            "ct-log",
            [
                f"--log_config={config}",
                f"--log_rpc_server={self._address('trillian')}",
                f"--http_endpoint={self._address('ct-log')}",
            ],
        )
        process.wait_for(answers(self.ports["ct-log"], "/healthz"))
        return process

    def fulcio(
        self,
        authority: tuple[Path, Path],
        log_key: Path,
        issuer: str,
        issuer_root: Path,
        *,
        people: str = "",
    ) -> Process:
        """Start the certificate authority.

        Args:
            authority: The files with its certificate and its key.
            log_key: The public key of the log of certificates.
            issuer: Whose tokens it takes.
            issuer_root: What the issuer's TLS is trusted by.
            people: A provider whose persons' tokens it takes too, trusted by the same; or none.
        """
        config = self.folder / "fulcio.yaml"
        # Not JSON: of that Fulcio reads an older form, and would pass over all of this.
        config.write_text(yaml.safe_dump(fulcio_config(issuer, issuer_root.read_text(), people)))
        process = self._start(
            "fulcio",
            [
                "serve",
                *(f"--host={HOST}", f"--port={self.ports['fulcio']}"),
                *(f"--grpc-host={HOST}", f"--grpc-port={self.ports['fulcio-grpc']}"),
                f"--metrics-port={self.ports['fulcio-metrics']}",
                # Abstract: a file of that name would stand in the way of a second start.
                f"--legacy-unix-domain-socket=@slsa-gen-fulcio-{self.ports['fulcio']}",
                *("--ca=fileca", "--fileca-watch=false"),
                *(f"--fileca-cert={authority[0]}", f"--fileca-key={authority[1]}"),
                f"--fileca-key-passwd={keys.PASSWORD}",
                f"--ct-log-url=http://{self._address('ct-log')}/ct",
                f"--ct-log-public-key-path={log_key}",
                f"--config-path={config}",
            ],
        )
        process.wait_for(answers(self.ports["fulcio"], "/healthz"))
        return process

    def rekor_v1(self, key: Path) -> Process:
        """Start the transparency log of version 1, in a tree of its own; not waited for."""
        return self._start(
            "rekor-v1",
            [
                "serve",
                *("--host", HOST, "--port", str(self.ports["rekor-v1"])),
                f"--trillian_log_server.address={HOST}",
                f"--trillian_log_server.port={self.ports['trillian']}",
                f"--trillian_log_server.tlog_id={self._tree()}",
                f"--rekor_server.signer={key}",
                "--enable_retrieve_api=false",
                "--enable_attestation_storage=false",
            ],
        )

    def rekor_v2(self, key: Path) -> Process:
        """Start the transparency log of version 2; not waited for.

        Its name must be the host of its URL, without the port: others find its key by that.
        """
        storage = self.folder / "rekor-v2"
        storage.mkdir()
        return self._start(
            "rekor-v2",
            [
                "serve",
                *(f"--http-address={HOST}", f"--http-port={self.ports['rekor-v2']}"),
                f"--grpc-port={self.ports['rekor-v2-grpc']}",
                f"--http-metrics-port={self.ports['rekor-v2-metrics']}",
                *(f"--hostname={HOST}", f"--storage-dir={storage}", f"--signer-filepath={key}"),
                "--checkpoint-interval=200ms",
            ],
        )

    def timestamp_authority(self, chain: Path, key: Path) -> Process:
        """Start the timestamp authority; not waited for."""
        return self._start(
            "timestamp-authority",
            [
                "serve",
                *(f"--host={HOST}", f"--port={self.ports['timestamp-authority']}"),
                *("--timestamp-signer=file", "--disable-ntp-monitoring"),
                *(f"--certificate-chain-path={chain}", f"--file-signer-key-path={key}"),
            ],
        )

    def _tree(self) -> str:
        """Make a tree in Trillian for one log, and return its number."""
        made = subprocess.run(
            [
                self.program("createtree"),
                f"--admin_server={self._address('trillian')}",
                "--tree_type=LOG",
            ],
            check=False,
            capture_output=True,
            text=True,
        )
        if made.returncode != 0:
            raise StartError(f"createtree failed: {made.stderr[-1000:]}")
        return made.stdout.strip()

    def _start(self, name: str, arguments: Sequence[str]) -> Process:
        command: list[str | Path] = [self.program(name), *arguments]
        return self.stack.enter_context(running(name, command, self.folder))

    def _address(self, name: str) -> str:
        return f"{HOST}:{self.ports[name]}"


def fulcio_config(issuer: str, issuer_root: str, people: str = "") -> dict[str, object]:
    """Return Fulcio's configuration for an issuer whose tokens are like GitHub's.

    Args:
        issuer: Its URL.
        issuer_root: The certificate that its TLS is trusted by, in PEM.
        people: A provider whose tokens name persons by their e-mail addresses; or none.
    """
    person = {"client-id": "sigstore", "type": "email", "ca-cert": issuer_root}
    persons = {people: {"issuer-url": people, **person}} if people else {}
    return {
        "oidc-issuers": {
            **persons,
            issuer: {
                "issuer-url": issuer,
                "client-id": "sigstore",
                "type": "ci-provider",
                "ci-provider": "github-workflow",
                "ca-cert": issuer_root,
            },
        },
        "ci-issuer-metadata": {
            "github-workflow": {
                "default-template-values": {"url": "https://github.com", "environment": ""},
                "extension-templates": _EXTENSIONS,
                "subject-alternative-name-template": "{{ .url }}/{{ .job_workflow_ref }}",
            }
        },
    }
