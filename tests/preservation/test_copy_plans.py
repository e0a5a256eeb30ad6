from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kedang.preservation.copy_plans import CopyObject, ObjectKind, Total, plan_copy, total


def name(kind: str, number: int) -> str:
    return f"{kind}/{number:032x}"


PACKS = [CopyObject(name("packs", number), 1000 + number) for number in range(3)]
PAGES = [CopyObject(name("ring", number), 70) for number in (8, 9)]
BUNDLE = CopyObject(name("leaves", 5), 500)
SNAPSHOT = CopyObject(name("snapshots", 7), 5000)
ARCHIVE = [SNAPSHOT, BUNDLE, *reversed(PAGES), *PACKS]
WHOLE = {entry.name: entry.size_bytes for entry in ARCHIVE}


def test_an_empty_copy_gets_everything_and_the_snapshot_last() -> None:
    plan = plan_copy(ARCHIVE, {})
    assert plan.to_write == (*PACKS, *PAGES, BUNDLE, SNAPSHOT)
    assert plan.written == total(ARCHIVE) == Total(7, 1000 + 1001 + 1002 + 140 + 500 + 5000)
    assert plan.kept == Total(0, 0)


def test_a_whole_copy_needs_nothing() -> None:
    plan = plan_copy(ARCHIVE, WHOLE)
    assert (plan.to_write, plan.to_replace) == ((), ())
    assert plan.kept == total(ARCHIVE)


def test_only_what_is_new_is_written() -> None:
    present = {entry.name: entry.size_bytes for entry in ARCHIVE if entry not in (PACKS[2], SNAPSHOT)}
    assert plan_copy(ARCHIVE, present).to_write == (PACKS[2], SNAPSHOT)


def test_old_key_pages_go_at_last_and_other_things_only_when_they_are_named() -> None:
    old_page, old_snapshot, old_pack, sheet = (
        name("ring", 1),
        name("snapshots", 1),
        name("packs", 99),
        name("sheet", 0),
    )
    present = WHOLE | {old_page: 70, old_snapshot: 10, old_pack: 10, sheet: 3}
    assert plan_copy(ARCHIVE, present).to_remove == (old_page,)
    expired = [old_snapshot, name("snapshots", 2), PACKS[0].name, old_page]
    assert plan_copy(ARCHIVE, present, expired=expired).to_remove == (old_page, old_snapshot)


def test_an_object_of_another_length_is_replaced() -> None:
    plan = plan_copy(ARCHIVE, WHOLE | {PACKS[1].name: 3})
    assert plan.to_replace == plan.to_write == (PACKS[1],)


OBJECTS = st.builds(
    CopyObject,
    st.builds(name, st.sampled_from([kind.value for kind in ObjectKind]), st.integers(0, 6)),
    st.integers(1, 3),
)


@given(st.lists(OBJECTS, unique_by=lambda entry: entry.name), st.lists(OBJECTS), st.integers(0, 30))
def test_a_plan_carried_out_even_in_parts_ends_in_a_whole_copy(
    archive: list[CopyObject], before: list[CopyObject], broken_off: int
) -> None:
    copy = {entry.name: entry.size_bytes for entry in before}
    for steps in (broken_off, None):
        plan = plan_copy(archive, copy, expired=[name("snapshots", number) for number in range(7)])
        for entry in plan.to_replace[:steps]:
            del copy[entry.name]
        for entry in plan.to_write[:steps]:
            if entry.name not in copy:  # nothing is overwritten
                copy[entry.name] = entry.size_bytes
        if steps is None:
            for gone in plan.to_remove:
                del copy[gone]
    assert plan_copy(archive, copy).to_write == ()
    assert {entry.name: entry.size_bytes for entry in archive}.items() <= copy.items()
    assert {one for one in copy if one.startswith("ring/")} == {
        one.name for one in archive if one.kind is ObjectKind.KEY_PAGE
    }
