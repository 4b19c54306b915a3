"""The release of a tag as a target: the bundle becomes one of its assets.

Before anything is signed the release is found and looked at; a bundle that is already there is
handed to the pipeline, which decides whether it is the result. Uploading never trusts an answer
that was lost or is in doubt: the assets are listed, and what is there decides.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import ServiceError
from slsa_gen.github import api_answers, release_failures
from slsa_gen.github.releases import sha256
from slsa_gen.http import StatusError
from slsa_gen.http_failures import RedirectError
from slsa_gen.model.publication import Publication, PublicationOutcome
from slsa_gen.publish import release_refusals
from slsa_gen.retry import TransientFailure

if TYPE_CHECKING:
    from slsa_gen.errors import SlsaGenError
    from slsa_gen.github.release_documents import Asset, Release
    from slsa_gen.github.releases import Releases
    from slsa_gen.limits import Limits

_UNPROCESSABLE: Final = 422


class ReleaseTarget:
    """An asset of one release.

    Args:
        releases: The releases of the repository that the verified token names.
        tag: The release's tag.
        asset: The asset's name, as ``asset_name`` makes it.
        file: Where the bundle file lies, for the command that uploads it by hand.
        limits: How large a bundle file may be, and how many assets a release takes.
    """

    name = "release"

    def __init__(
        self, releases: Releases, *, tag: str, asset: str, file: str, limits: Limits
    ) -> None:
        self._releases = releases
        self._limits = limits
        self._place = release_refusals.Place(releases.api.gh_repository, tag, asset, file)
        self._release: Release | None = None
        self._assets: tuple[Asset, ...] = ()

    def existing(self) -> bytes | None:
        """Find the release, and return the bundle file that it already has.

        Raises:
            PublishError: there is no release for the tag, or more than one draft.
            PermissionMissingError: the token may not look.
            ServiceError: GitHub did not answer, or not as it documents.
        """
        self._release = self._found()
        self._assets = self._releases.assets(self._release)
        asset = self._present()
        if asset is None:
            return None
        if asset.size > self._limits.bundle_file_bytes:
            self.refuse_existing(f"it has {asset.size} bytes, more than any bundle file")
        return self._releases.download(asset)

    def refuse_existing(self, why: str) -> None:
        """Refuse to replace an asset; it may be somebody's evidence already.

        Raises:
            UsageError: always. Overwriting is for files: an asset is deleted by hand or stays.
        """
        raise release_refusals.other_asset(self._place, why, immutable=self._known.immutable)

    def check(self) -> None:
        """Make sure that the release takes one more asset.

        Raises:
            PublishError: it is immutable, or full.
            PermissionMissingError: the token may not add to it.
        """
        if self._known.immutable and not self._known.draft:
            raise release_refusals.immutable(self._place)
        others = [a for a in self._assets if a.name != self._place.asset]
        if len(others) >= self._limits.release_assets:
            raise release_refusals.full(self._place, len(others))
        if not self._known.draft:  # who sees a draft may write
            self._releases.may_write(self._place.tag)

    def publish(self, content: bytes) -> Publication:
        """Upload the bundles, unless the very same are there.

        Raises:
            SlsaGenError: they are not on the release.
        """
        upload = _Upload(self._releases, self._known, self._place, content, self._assets)
        return self._publication(PublicationOutcome.PUBLISHED, upload.run())

    def reused(self) -> Publication:
        """Return the outcome for a release that already has the result."""
        return self._publication(PublicationOutcome.REUSED, self._present())

    def explain_kept(self, error: SlsaGenError) -> None:
        """Add where the bundle file lies, and the command that uploads it from there."""
        release_refusals.kept(error, self._place)

    @property
    def _known(self) -> Release:
        if self._release is None:
            raise AssertionError("existing() comes first")
        return self._release

    def _present(self) -> Asset | None:
        return next((a for a in self._assets if a.uploaded and a.name == self._place.asset), None)

    def _found(self) -> Release:
        listed = self._releases.of_tag(self._place.tag)
        if listed.published is not None:
            return listed.published
        if len(listed.drafts) > 1:
            raise release_refusals.several_drafts(self._place, listed.drafts)
        if not listed.drafts:
            raise release_refusals.no_release(self._place)
        return listed.drafts[0]

    def _publication(self, outcome: PublicationOutcome, asset: Asset | None) -> Publication:
        return Publication(
            self.name,
            outcome,
            (asset.url if asset is not None else "") or self._known.url,
            asset=self._place.asset,
            draft=self._place.tag if self._known.draft else "",
        )


class _Upload:
    """One upload, over all its attempts: what became of the last one is looked up first."""

    def __init__(
        self,
        releases: Releases,
        release: Release,
        place: release_refusals.Place,
        content: bytes,
        assets: tuple[Asset, ...],
    ) -> None:
        self._releases = releases
        self._release = release
        self._place = place
        self._content = content
        self._digest = sha256(content)
        self._leftovers = [a for a in assets if a.name == place.asset and not a.uploaded]
        self._in_doubt = False

    def run(self) -> Asset:
        """Upload until the asset is there, and return it."""
        for leftover in self._leftovers:
            self._releases.delete(leftover)
        api = self._releases.api
        try:
            return api.repeat(self._attempt, len(self._content))
        except StatusError as error:
            what = f"the upload of the asset {self._place.asset!r}"
            raise release_failures.told(error, what, api.gh_repository) from error
        except RedirectError as error:
            raise release_failures.moved(error, api.gh_repository) from error

    def _attempt(self, seconds: float) -> Asset:
        if self._in_doubt:
            settled = self._settled()
            if settled is not None:
                return settled
        self._in_doubt = True
        try:
            asset = self._releases.upload_once(
                self._release, self._place.asset, self._content, seconds
            )
        except StatusError as error:
            if error.status != _UNPROCESSABLE or not api_answers.already_exists(error):
                raise
            return self._settled_or(error)
        except RedirectError:
            raise
        except ServiceError as error:
            # The upload was accepted, but the answer says nothing that can be understood.
            return self._settled_or(error)
        if self._is_ours(asset):
            return asset
        return self._settled_or(self._wrong(asset))

    def _settled_or(self, error: ServiceError) -> Asset:
        """Return our asset if it is there, or have the upload tried again."""
        settled = self._settled()
        if settled is None:
            raise TransientFailure(error)
        return settled

    def _settled(self) -> Asset | None:
        """Look at what earlier attempts left: our asset, nothing, or something to delete."""
        assets = self._releases.assets(self._release)
        for asset in (a for a in assets if a.name == self._place.asset):
            if not asset.uploaded:
                self._releases.delete(asset)
                continue
            if asset.digest is None and asset.size == len(self._content):
                asset = replace(asset, digest=sha256(self._releases.download(asset)))  # noqa: PLW2901 (GitHub left out what we now know)
            if self._is_ours(asset):
                return asset
            raise self._wrong(asset)
        return None

    def _is_ours(self, asset: Asset) -> bool:
        return (
            asset.uploaded
            and asset.name == self._place.asset
            and asset.size == len(self._content)
            and asset.digest == self._digest
        )

    def _wrong(self, asset: Asset) -> ServiceError:
        return release_refusals.other_content(self._place, asset, len(self._content), self._digest)
