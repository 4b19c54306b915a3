"""``run`` as a workflow's run types it: what is on record of a command, in any place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from slsa_gen.intoto.link import LINK_V03
from slsa_gen.model.statement import SLSA_PROVENANCE_V1
from tests.parity.attesting import statements
from tests.parity.place import SIGSTORE

if TYPE_CHECKING:
    from tests.integration.conftest import Outcome
    from tests.parity.place import Place

SOURCE: Final = "int main;\n"
MAKE: Final = ("cp", "main.c", "dist/app")
KINDS: Final = (SLSA_PROVENANCE_V1, LINK_V03)


def ran(place: Place, *options: str, command: tuple[str, ...] = MAKE) -> Outcome:
    """Run the step ``build``, which starts from main.c and makes dist/app."""
    place.cli.write("main.c", SOURCE)
    (place.folder / "dist").mkdir(exist_ok=True)
    given = ("--step", "build", "--product", "dist/app", "--material", "main.c", *options)
    return place("run", "--sigstore", SIGSTORE, *given, "--", *command)


class Recording:
    """What is recorded, what is not, and whose status counts."""

    def test_what_a_command_made_is_accepted_by_provenance_and_link(self, place: Place) -> None:
        """Two statements of one product; a wrong expectation refuses either."""
        outcome = ran(place)

        assert outcome.code == 0, outcome.err
        provenance, link = statements(place.folder / "dist/build.intoto.jsonl")
        assert (provenance["predicateType"], link["predicateType"]) == KINDS
        assert provenance["subject"] == link["subject"]
        assert link["predicate"]["command"] == list(MAKE)
        for kind in KINDS:
            accepted = place.verify("dist/app", "--predicate-type", kind)
            refused = place.verify(
                "dist/app", "--predicate-type", kind, repository="octo-org/other"
            )
            assert (accepted.code, refused.code) == (0, 1)
        place.cli.write("dist/app", "something else\n")
        assert place.verify("dist/app").code == 1

    def test_the_document_of_a_run_says_what_it_ran_and_attested(self, place: Place) -> None:
        """The command's words stay out of it."""
        outcome = ran(place, "--format", "json", command=("sh", "-c", "cp main.c dist/app"))

        (result,) = outcome.results
        assert result["step"]["exitStatus"] == 0
        assert result["attestation"]["bundle"] == "dist/build.intoto.jsonl"
        assert len(result["attestation"]["logEntries"]) == 2

    def test_a_command_that_fails_passes_on_its_status(self, place: Place) -> None:
        """Nothing is attested, unless a record of the failure is asked for: then a link alone."""
        failing = ("sh", "-c", "cp main.c dist/app; exit 42")

        failed = ran(place, command=failing)
        left = [path.name for path in (place.folder / "dist").iterdir()]
        kept = ran(place, "--keep-failed", "--allow-unchanged", command=failing)

        assert (failed.code, kept.code) == (42, 42)
        assert left == ["app"]
        (link,) = statements(place.folder / "dist/build.failed.intoto.jsonl")
        assert link["predicate"]["byproducts"] == {"return-value": 42}
        assert place.verify("dist/app").code == 1

    def test_a_file_in_the_record_s_place_is_seen_before_the_command_runs(
        self, place: Place
    ) -> None:
        """--overwrite is needed, and then does it."""
        record = place.cli.write("dist/build.intoto.jsonl", "another record\n")

        refused = ran(place, command=("touch", "ran"))
        replaced = ran(place, "--overwrite")

        assert (refused.code, refused.reason) == (2, "usage.output-exists")
        assert not (place.folder / "ran").exists()
        assert replaced.code == 0, replaced.err
        assert json.loads(record.read_text().splitlines()[0])["dsseEnvelope"]

    def test_a_product_that_the_command_left_as_it_was_is_refused(self, place: Place) -> None:
        """What it did not make it is not said to have made, unless that is allowed."""
        place.cli.write("dist/app", "old\n")

        refused = ran(place, command=("true",))
        allowed = ran(place, "--allow-unchanged", command=("true",))

        assert (refused.code, refused.reason) == (3, "run.product-unchanged")
        assert allowed.code == 0, allowed.err
