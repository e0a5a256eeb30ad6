from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from kedang.preservation.drills import (
    ClassSample,
    Comparison,
    DrillFinding,
    DrillResult,
    LedgerComparison,
    SamplePolicy,
    read_drill_result,
    sample_places,
    sample_sizes,
    shortcomings,
    write_drill_result,
)
from kedang.preservation.errors import DrillResultMalformed
from kedang.preservation.snapshot_values import parsed
from kedang.records.ids import CaseId

BEGAN = datetime(2026, 11, 21, 8, 15, 30, tzinfo=UTC)
PASSED = DrillResult(
    case=CaseId("0f" * 16),
    copy="aa" * 16,
    snapshot="bb" * 16,
    began=BEGAN,
    ended=BEGAN + timedelta(seconds=42),
    policy=SamplePolicy(),
    samples=(
        ClassSample("contract", 2000, 20, 20),
        ClassSample("rare", 3, 3, 3),
        ClassSample("none", 0, 0, 0),
    ),
    comparisons=(Comparison("record", 2003, 2003), Comparison("packs", 4, 4)),
    key_pages=3,
    key_pages_opened=3,
    ledger=LedgerComparison(500, 500, root_matches=True),
    withheld=12,
)


@given(st.dictionaries(st.text(max_size=5), st.integers(0, 10**6), max_size=8), st.integers(0, 50))
def test_every_class_is_drawn_from_within_the_bounds(population: dict[str, int], at_least: int) -> None:
    policy = SamplePolicy(permille=10, at_least=at_least, at_most=200)
    sizes = sample_sizes(population, policy)
    assert set(sizes) == set(population)
    for record_class, size in sizes.items():
        count = population[record_class]
        assert min(count, at_least) <= size <= min(count, max(200, at_least))
        assert size >= min(count / 100, 200)
        assert size or not count or not at_least


def test_places_are_random_ascending_and_each_drawn_once() -> None:
    population = {"contract": 100_000, "rare": 3}
    places = sample_places(population, SamplePolicy(), chance=random.Random(7))
    assert places == sample_places(population, SamplePolicy(), chance=random.Random(7))
    assert places != sample_places(population, SamplePolicy(), chance=random.Random(8))
    assert places["rare"] == (0, 1, 2)
    assert len(places["contract"]) == 200
    assert list(places["contract"]) == sorted(set(places["contract"]))
    halves = [place >= 50_000 for place in places["contract"]]
    assert 60 < sum(halves) < 140


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (PASSED, ()),
        (replace(PASSED, key_pages_opened=2), ("key-pages",)),
        (replace(PASSED, samples=(ClassSample("contract", 2000, 19, 19),)), ("sample-too-small",)),
        (replace(PASSED, samples=(ClassSample("rare", 3, 0, 0),)), ("sample-too-small",)),
        (replace(PASSED, samples=(ClassSample("contract", 2000, 20, 19),)), ("samples-differ",)),
        (replace(PASSED, comparisons=(Comparison("record", 5, 4),)), ("counts-differ",)),
        (replace(PASSED, ledger=LedgerComparison(500, 500, root_matches=False)), ("ledger",)),
        (replace(PASSED, ledger=LedgerComparison(500, 499, root_matches=True)), ("ledger",)),
        (replace(PASSED, ledger=LedgerComparison(500, 900, root_matches=True)), ()),
        (replace(PASSED, ended=BEGAN - timedelta(seconds=1)), ("clock",)),
        (replace(PASSED, findings=(DrillFinding("KD-V103", "aa" * 16),)), ("findings",)),
        (
            replace(PASSED, key_pages_opened=0, ledger=LedgerComparison(500, 0, root_matches=False)),
            ("key-pages", "ledger"),
        ),
    ],
)
def test_a_drill_is_passed_only_when_nothing_fell_short(result: DrillResult, said: tuple[str, ...]) -> None:
    assert shortcomings(result) == said
    assert result.passed is (not said)
    assert read_drill_result(write_drill_result(result)) == result


def test_the_result_is_canonical_json_with_its_verdict() -> None:
    written = write_drill_result(PASSED)
    said = parsed(written)
    assert rfc8785.dumps(said) == written
    assert (said["format"], said["version"], said["passed"]) == ("kedang-drill", 1, True)
    assert said["began"] == "2026-11-21T08:15:30.000000Z"
    assert said["samples"][0] == {"drawn": 20, "matched": 20, "population": 2000, "record_class": "contract"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"passed":true', b'"passed":false'),
        (b'"matched":20', b'"matched":19'),
        (b'"version":1', b'"version":2'),
        (b'"withheld":12', b'"withheld":"12"'),
        (b'"withheld":12', b'"withheld":12,"zz":0'),
        (b'"withheld":12', b'"withheld": 12'),
        (b'"key_pages":3', b'"key_page":3'),
        (b"08:15:30.000000Z", b"08:15:30Z"),
    ],
)
def test_a_result_that_was_written_otherwise_is_refused(old: bytes, new: bytes) -> None:
    written = write_drill_result(PASSED)
    assert written.count(old) >= 1
    with pytest.raises(DrillResultMalformed):
        read_drill_result(written.replace(old, new, 1))
    for other in (b"", b"[]", b"null", b"[" * 5000, written[:-1], written + b"\n"):
        with pytest.raises(DrillResultMalformed):
            read_drill_result(other)
