"""Days as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from kedang.records.days import said_day


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "2026年1月9日"), ("zh-hans", "2026年1月9日"), ("en", "9 Jan 2026")]
)
def test_a_day_is_written_as_people_of_the_language_write_it(language: str, said: str) -> None:
    assert said_day(date(2026, 1, 9), language) == said
