"""Photographs of paper: the page is found, set straight, and doubtful ones are told."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from kedang.extraction.images import Pixels
from kedang.extraction.paper import Doubt, find_page, look_at_paper, straightened
from tests.extraction.pictures import page, pixels

LYING = ((0.17, 0.15), (0.82, 0.12), (0.87, 0.82), (0.12, 0.85))
SHEET = ("客户服务合同", "甲方应当于收到货物后十日内支付货款。", "乙方应当按期交付。", "违约金按日计算。") * 2


def sheet() -> Pixels:
    """A written page."""
    return pixels(page(*SHEET, size=40, width=1000, height=1400))


def photograph(
    lying: tuple[tuple[float, float], ...] = LYING, ground: tuple[int, int, int] = (70, 48, 32)
) -> Pixels:
    """The page as it lies on a table."""
    written = sheet()
    width, height = 1500, 2000
    chance = np.random.default_rng(7)
    table = np.clip(np.array(ground) + chance.normal(0, 6, (height, width, 1)), 0, 255).astype(np.uint8)
    corners = np.array(lying, dtype=np.float32) * np.array([width, height], dtype=np.float32)
    whole = np.array([[0, 0], [1000, 0], [1000, 1400], [0, 1400]], dtype=np.float32)
    turn = cv2.getPerspectiveTransform(whole, corners)
    laid = cv2.warpPerspective(written, turn, (width, height))
    where = cv2.warpPerspective(np.full(written.shape[:2], 255, np.uint8), turn, (width, height))
    return np.asarray(np.where(where[..., None] > 127, laid, table), dtype=np.uint8)


@pytest.mark.parametrize("ground", [(70, 48, 32), (40, 90, 60), (120, 120, 125)])
def test_the_corners_of_a_page_are_found_on_tables_of_any_colour(ground: tuple[int, int, int]) -> None:
    found = find_page(photograph(ground=ground))
    assert found is not None
    assert np.allclose(np.array(found).reshape(4, 2), np.array(LYING), atol=0.015)


def test_a_page_set_straight_is_the_page_that_was_photographed() -> None:
    photo = photograph()
    found = find_page(photo)
    assert found is not None
    straight = cv2.resize(straightened(photo, found), (500, 700), interpolation=cv2.INTER_AREA)
    before = cv2.resize(sheet(), (500, 700), interpolation=cv2.INTER_AREA)
    blurred = [cv2.GaussianBlur(one, (0, 0), 4).astype(float).ravel() for one in (straight, before)]
    assert np.corrcoef(blurred[0], blurred[1])[0, 1] > 0.9


def test_a_good_photograph_raises_no_doubt() -> None:
    assert look_at_paper(photograph()).doubts == ()


def test_a_picture_without_a_page_is_taken_whole_and_told() -> None:
    chance = np.random.default_rng(3)
    seen = look_at_paper(chance.integers(90, 110, (900, 700, 3), dtype=np.uint8))
    assert not seen.found
    assert seen.corners == (0, 0, 1, 0, 1, 1, 0, 1)
    assert Doubt.NO_EDGES in seen.doubts


def test_a_shaken_photograph_is_told() -> None:
    assert Doubt.BLURRED in look_at_paper(np.asarray(cv2.GaussianBlur(photograph(), (0, 0), 9))).doubts


def test_a_photograph_in_the_dark_is_told() -> None:
    assert Doubt.DARK in look_at_paper(np.asarray(photograph() * 0.25, dtype=np.uint8)).doubts


def test_a_page_taken_from_the_side_is_told() -> None:
    lying = ((0.35, 0.3), (0.65, 0.3), (0.95, 0.85), (0.05, 0.85))
    marked = tuple(value for corner in lying for value in corner)
    assert Doubt.SKEWED in look_at_paper(photograph(lying), marked).doubts


def test_a_page_that_runs_out_of_the_picture_is_told() -> None:
    marked = (0.1, 0.1, 1.0, 0.1, 1.0, 0.9, 0.1, 0.9)
    assert Doubt.CUT in look_at_paper(photograph(), marked).doubts


def test_corners_that_a_person_has_marked_are_kept() -> None:
    marked = (0.2, 0.2, 0.8, 0.2, 0.8, 0.8, 0.2, 0.8)
    seen = look_at_paper(photograph(), marked)
    assert (seen.corners, seen.found) == (marked, True)
