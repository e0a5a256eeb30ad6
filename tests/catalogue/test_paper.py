"""Boxes and sheets of labels: everything lies somewhere once, in order, and every label on its own sticker."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.catalogue.paper import LabelSheet, box_kinds, fill, label_sheets

numbered = st.lists(st.integers(1, 400), max_size=60).map(lambda pages: list(enumerate(pages, start=1)))


@given(numbered, st.integers(1, 300), st.integers(1, 400))
def test_every_record_lies_in_one_folder_in_the_order_of_numbers(
    records: list[tuple[int, int]], folder_pages: int, box_pages: int
) -> None:
    boxes = list(fill(records, folder_pages=folder_pages, box_pages=box_pages))
    runs = [run for box in boxes for run in box]
    assert [number for run in runs for number in range(run.first, run.last + 1)] == [n for n, _ in records]
    assert sum(run.pages for run in runs) == sum(pages for _, pages in records)
    for run in runs:
        assert run.pages <= folder_pages or run.first == run.last
    for box in boxes:
        assert sum(run.pages for run in box) <= box_pages or len(box) == 1


def test_numbers_that_are_missing_leave_no_hole_in_a_folder() -> None:
    (box,) = fill([(1, 1), (2, 1), (9, 1)], folder_pages=100, box_pages=100)
    assert [(run.first, run.last, run.pages) for run in box] == [(1, 9, 3)]


@pytest.mark.parametrize("sheet", label_sheets().values(), ids=str)
def test_every_label_lies_on_the_paper_and_beside_the_next(sheet: LabelSheet) -> None:
    across = [sheet.left + at * (sheet.width + sheet.across) for at in range(sheet.columns)]
    down = [sheet.top + at * (sheet.height + sheet.down) for at in range(sheet.rows)]
    assert across[-1] + sheet.width <= sheet.paper[0] + 0.01
    assert down[-1] + sheet.height <= sheet.paper[1] + 0.01
    assert all(b - a >= sheet.width - 0.01 for a, b in pairwise(across))
    assert all(b - a >= sheet.height - 0.01 for a, b in pairwise(down))


def test_a_thicker_box_takes_more() -> None:
    kinds = list(box_kinds().values())
    assert kinds == sorted(kinds, key=lambda kind: (kind.spine, kind.pages))
