"""Batches one behind the other: doubles of what is not committed yet, keys whose epoch has gone meanwhile."""

from __future__ import annotations

from pathlib import Path

from tests.holdings.test_correcting import played
from tests.world import World

THIRD = 32 * 1024 * 1024 // 3 + 2  # three files fill a batch, which is as large as a pack


def test_keys_are_committed_in_a_thread_unless_their_epoch_has_gone(
    opened_case: World, tmp_path: Path
) -> None:
    world = opened_case.copied(tmp_path / "world")
    told = played(world, "as_they_are", "moved_on", of="committing_scenes")
    assert told["as_they_are"] == {"moved": False, "seconds": True}
    moved = told["moved_on"]
    assert (moved["left"], moved["before"]) == (False, False)
    assert (moved["moved"], moved["opens"]) == (True, True)
    assert moved["epochs"][0] == moved["epochs"][1]


def test_a_double_is_one_wherever_its_first_was_in_this_batch_the_one_before_or_one_committed(
    opened_case: World, tmp_path: Path
) -> None:
    world = opened_case.copied(tmp_path / "world")
    source = tmp_path / "source"
    source.mkdir()
    contents = "AABACDDA"
    for number, content in enumerate(contents):
        (source / f"{number:02d}.bin").write_bytes(bytes([0, ord(content)]) * (THIRD // 2))
    said = world.intake(source)
    assert (said["received"], said["kept"]) == (len(contents), len(contents))
    assert said["records"] == len(set(contents))
    assert not world.database.with_name(f"{world.database.name}-wal").exists(), (
        "the thread's connection is open"
    )
    alike: dict[str, str] = {}
    for record, place in world.rows("SELECT record_id, ordinal FROM holdings_occurrence ORDER BY ordinal"):
        alike[record] = alike.get(record, "") + contents[place]
    assert sorted(alike.values()) == sorted(content * contents.count(content) for content in set(contents))
    assert world.ask("verify", "--deep")["clean"]
