from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.vault.errors import RowAltered
from kedang.vault.marks import ClearValue, RowMarker, fingerprint, row_mac, verify_row_mac

from .seeded import KEY, OTHER_KEY, RECORD

ROW: dict[str, ClearValue] = {
    "id": RECORD,
    "state": "archived",
    "due": "2034-12-31",
    "size": 4096,
    "held": False,
}


def test_a_row_as_it_was_written_passes() -> None:
    verify_row_mac(KEY, "record", dict(reversed(ROW.items())), row_mac(KEY, "record", ROW))


@pytest.mark.parametrize(
    "change",
    [
        {"due": "2024-12-31"},
        {"state": "due"},
        {"size": 4097},
        {"size": "4096"},
        {"held": True},
        {"held": 0},
        {"held": None},
        {"note": None},
    ],
)
def test_every_edited_column_shows(change: dict[str, ClearValue]) -> None:
    mac = row_mac(KEY, "record", ROW)
    with pytest.raises(RowAltered):
        verify_row_mac(KEY, "record", ROW | change, mac)


def test_another_table_or_key_or_a_missing_column_shows() -> None:
    mac = row_mac(KEY, "record", ROW)
    fewer = {name: value for name, value in ROW.items() if name != "due"}
    for key, table, row in ((KEY, "hold", ROW), (OTHER_KEY, "record", ROW), (KEY, "record", fewer)):
        with pytest.raises(RowAltered):
            verify_row_mac(key, table, row, mac)


Rows = st.dictionaries(
    st.text(max_size=4),
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=4), st.binary(max_size=4)),
    max_size=4,
)


def _typed(row: dict[str, ClearValue]) -> set[tuple[str, type, ClearValue]]:
    return {(name, type(value), value) for name, value in row.items()}


@given(Rows, Rows)
def test_two_rows_have_one_mac_only_when_they_are_one(
    one: dict[str, ClearValue], other: dict[str, ClearValue]
) -> None:
    assert (row_mac(KEY, "t", one) == row_mac(KEY, "t", other)) == (_typed(one) == _typed(other))


Value = st.one_of(
    st.none(), st.booleans(), st.integers(0, 2), st.text("10", max_size=1), st.binary(max_size=1)
)
MARKER = RowMarker("t", ("id", "kind", "note"))


@given(st.lists(st.tuples(st.text(max_size=2), st.sampled_from(["file", "item"]), Value), min_size=1))
def test_macs_of_many_rows_are_those_of_each(rows: list[tuple[ClearValue, ...]]) -> None:
    many = MARKER.macs(KEY, list(zip(*rows, strict=True)))
    assert many == [MARKER.mac(KEY, row) for row in rows]


def test_many_rows_tell_apart_what_python_calls_equal() -> None:
    columns: list[list[ClearValue]] = [["a"] * 8, [1, True] * 4, [0, False, None, 0, False, None, "", b""]]
    many = MARKER.macs(KEY, columns)
    assert many == [MARKER.mac(KEY, row) for row in zip(*columns, strict=True)]
    assert len(set(many)) == 8


def test_a_value_that_no_row_has_is_refused_among_many_too() -> None:
    with pytest.raises(TypeError):
        MARKER.macs(KEY, [["a", "b"], [1, 1.0], [None, None]])  # type: ignore[list-item]


def test_fingerprints_find_equals_of_one_kind_under_one_key() -> None:
    mark = fingerprint(KEY, "content", b"same bytes")
    assert len(mark) == 16
    assert fingerprint(KEY, "content", b"same bytes") == mark
    others = {
        fingerprint(OTHER_KEY, "content", b"same bytes"),
        fingerprint(KEY, "phone", b"same bytes"),
        fingerprint(KEY, "content", b"other bytes"),
        fingerprint(KEY, "contents", b"ame bytes"),
        row_mac(KEY, "content", {})[:16],
    }
    assert mark not in others
    assert len(others) == 5
