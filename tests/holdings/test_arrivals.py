"""Where arriving things stand: order, containers that hold themselves, paths inside range-sealed containers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kedang.holdings.intake.arrivals import Parent, order_key_of_file, order_key_of_member
from kedang.records.ids import OccurrenceId, RecordId

ordinals = st.integers(min_value=0, max_value=2**31 - 1)


def parent(record: str, around: Parent | None = None, *, ordinal: int = 0, segmented: bool = True) -> Parent:
    """A container of that record."""
    depth = around.depth + 1 if around else 0
    occurrence = OccurrenceId(f"{depth}{record}")
    return Parent(occurrence, RecordId(record), b"", depth, ordinal, record, (), segmented, "", around)


@given(st.lists(st.tuples(ordinals, ordinals, st.lists(ordinals, max_size=4)), min_size=2, max_size=8))
def test_keys_sort_as_accession_survey_and_place_in_the_container(
    places: list[tuple[int, int, list[int]]],
) -> None:
    def key(place: tuple[int, int, list[int]]) -> bytes:
        made = order_key_of_file(place[0], place[1])
        for ordinal in place[2]:
            made = order_key_of_member(made, ordinal)
        return made

    assert sorted(places) == sorted(places, key=key)
    assert len({key(place) for place in places}) == len({(a, b, tuple(c)) for a, b, c in places})


def test_a_container_with_its_own_bytes_around_it_would_go_on_for_ever() -> None:
    outer = parent("a")
    assert not outer.holds_itself()
    assert not parent("b", outer).holds_itself()
    assert parent("a", outer).holds_itself()
    assert parent("a", parent("c", parent("b", outer))).holds_itself()


def test_a_member_is_named_by_ordinals_in_every_range_sealed_container_around_it() -> None:
    box = parent("mbox")
    letter = parent("mail", box, ordinal=3)
    packed = parent("7z", letter, ordinal=1, segmented=False)
    inner = parent("zip", packed, ordinal=0)
    assert list(inner.paths_of(9)) == [("zip", "9"), ("mail", "1/0/9"), ("mbox", "3/1/0/9")]
    assert list(box.paths_of(3)) == [("mbox", "3")]
