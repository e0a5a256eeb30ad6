"""Every bit that turns and every column that is edited is found, by the checks that `verify` makes."""

from __future__ import annotations

from tests.fixity.conftest import driven
from tests.world import World

UNGUARDED = {
    ("KeyHolder", "id"),  # the lease of a living process, written again within twenty seconds
    ("KeyHolder", "epoch"),
    ("KeyHolder", "lease_until"),
    ("KeyHolder", "process"),
    (
        "Record",
        "resolved",
    ),  # whether comparing is due; turned, it is done once more or waits for `resolve --again`
}
SEED, FAULTS = "20261121", "1000"


def test_every_column_of_every_table_is_guarded(kept: World) -> None:
    said = driven(kept, "columns")
    assert len({one["table"] for one in said}) >= 30
    missed = {(one["table"], one["column"]) for one in said if not one.get("found") and "refused" not in one}
    assert missed <= UNGUARDED


def test_a_thousand_random_faults_are_found(kept: World) -> None:
    """Half in objects, where the damaged one is named, half in rows."""
    said = driven(kept, "faults", SEED, FAULTS)
    assert len(said) == int(FAULTS)
    missed = [
        one["fault"]
        for one in said
        if not one.get("found") and "refused" not in one and tuple(one["fault"].split(".")) not in UNGUARDED
    ]
    assert missed == []
    assert [one for one in said if not one["named"]] == []
    kinds = {one["fault"].partition("/")[0] for one in said if "/" in one["fault"]}
    assert kinds == {"packs", "ring", "snapshots", "index"}


def test_a_time_in_other_signs_is_found(kept: World) -> None:
    """A reader takes any sign between day and hour, and a comma for the point."""
    said = driven(kept, "forms")
    tried = [(one["table"], one["column"], sign) for one in said for sign in one["forms"]]
    assert {sign for *_, sign in tried} == {"!", "T", ","}
    silent = {(one["table"], one["column"]) for one in said for codes in one["forms"].values() if not codes}
    assert silent <= UNGUARDED


def test_a_row_that_is_taken_away_shows(kept: World) -> None:
    said = {one["table"]: one["found"] for one in driven(kept, "rows")}
    silent = {table for table, found in said.items() if not found}
    assert silent <= MAY_GO


MAY_GO = {
    # Only what says nothing of the archive's things, or says it twice; docs/security.md lists them.
    "KeyHolder",
    "FixityCheck",
    "FixityRound",
    "ChangedPage",
    "DoomedKey",
    "NewPart",
    "Witness",
    "Checkpoint",
    "KeySlot",
    "KeyPlace",
    "SavedView",
    "Copy",
    "Snapshot",
    "Question",
    "Series",
    "Accession",
    "EpochChange",
    "Order",
    "Ordered",
    "Agent",
}
