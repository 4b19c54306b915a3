"""GitHub's pages and storage, as the simulator has them: the bytes of assets."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from tests.support.github_api_http import Handler, Server
from tests.support.wrongs import Reply

if TYPE_CHECKING:
    from tests.support.github_api_calls import Seen
    from tests.support.github_api_state import Asset


class _WebHandler(Handler):
    def respond(self) -> None:
        """Give the bytes of an asset, to whoever comes without a token."""
        simulator = self.server.simulator
        seen = self.seen()
        with simulator.lock:
            simulator.downloads.append(seen)
            reply = self._reply(seen)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def _reply(self, seen: Seen) -> Reply:
        simulator = self.server.simulator
        if "authorization" in seen.headers:
            simulator.violations.append(f"a token was sent to the storage host: {seen.path}")
            return Reply(400, b"<Error><Code>InvalidAuthenticationInfo</Code></Error>")
        asset = self._stored(seen) or self._released(seen)
        if asset is None:
            return Reply(404, b"Not Found")
        if seen.path.startswith("/storage/"):
            return Reply(200, asset.data, {"Content-Type": asset.content_type})
        return Reply(302, b"", {"Location": simulator.rules.stored_at(asset)})

    def _stored(self, seen: Seen) -> Asset | None:
        for repository in self.server.simulator.rules.repositories:
            for release in repository.releases:
                for asset in release.assets:
                    signed = seen.query.get("sig") == f"signed-{asset.identifier}"
                    if signed and seen.path == f"/storage/{asset.identifier}":
                        return asset
        return None

    def _released(self, seen: Seen) -> Asset | None:
        """Return the asset of ``/OWNER/REPO/releases/download/TAG/NAME``, if all may have it."""
        for repository in self.server.simulator.rules.repositories:
            base = f"/{repository.full_name}/releases/download/"
            if repository.private or not seen.path.startswith(base):
                continue
            tag, _, name = unquote(seen.path.removeprefix(base)).rpartition("/")
            release = repository.published(tag)
            for asset in release.assets if release else ():
                if asset.name == name:
                    return asset
        return None


class WebServer(Server):
    """Stands for GitHub's pages and its storage of assets."""

    handler = _WebHandler
