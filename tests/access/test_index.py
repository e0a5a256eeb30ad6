"""One search over several parts."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kedang.access.index import BATCH, Hit, Order, SearchIndex
from kedang.access.part import Entry, IndexPart
from kedang.access.query import parse_query
from kedang.records.ids import IndexPartId

KEY = bytes(range(32))
NEW, OLD = IndexPartId("b"), IndexPartId("a")
PARTS = [NEW, OLD]
CONTRACT = parse_query("合同").expression


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SearchIndex]:
    """Two parts: OLD is finished and holds 1,200 contracts, NEW is open and holds 100."""
    with IndexPart(tmp_path / "working", KEY) as part:
        part.add(Entry.of(n, f"合同 第{n}号") for n in range(1200))
        part.finish(tmp_path / OLD)
    with IndexPart(tmp_path / NEW, KEY) as part:
        part.add(Entry.of(n, f"合同 第{n}号" + ("，合同" * (n == 50))) for n in range(100))
    opened = SearchIndex(lambda name: IndexPart(tmp_path / name, KEY, read_only=name == OLD))
    yield opened
    opened.close()


def test_hits_come_newest_first_across_parts_with_an_exact_total(index: SearchIndex) -> None:
    found = index.search(PARTS, CONTRACT, limit=102)
    assert found.hits[0] == Hit(NEW, 99)
    assert found.hits[99:] == (Hit(NEW, 0), Hit(OLD, 1199), Hit(OLD, 1198))
    assert (found.total, found.exact) == (1300, True)


def test_counting_stops_at_the_bound(index: SearchIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kedang.access.index.COUNT_BOUND", 60)
    found = index.search(PARTS, CONTRACT, limit=3)
    assert (found.total, found.exact, len(found.hits)) == (60, False, 3)


def test_pages_follow_one_another_across_parts(index: SearchIndex) -> None:
    pages: list[Hit] = []
    after: Hit | None = None
    while True:
        found = index.search(PARTS, CONTRACT, limit=333, after=after)
        pages.extend(found.hits)
        if len(found.hits) < 333:
            break
        after = found.hits[-1]
    assert pages == list(index.search(PARTS, CONTRACT, limit=5000).hits)


def test_what_is_not_admitted_is_neither_returned_nor_counted(index: SearchIndex) -> None:
    asked: list[int] = []

    def even_only(part: IndexPartId, ordinals: Sequence[int]) -> list[int]:
        asked.append(len(ordinals))
        return [ordinal for ordinal in ordinals if ordinal % 2 == 0 and part == OLD]

    found = index.search(PARTS, CONTRACT, limit=2, admit=even_only)
    assert found.hits == (Hit(OLD, 1198), Hit(OLD, 1196))
    assert (found.total, found.exact) == (600, True)
    assert max(asked) <= BATCH
    ranked = index.search(PARTS, CONTRACT, limit=9999, admit=even_only, order=Order.BEST)
    assert ranked.total == len(ranked.hits) == 600


def test_the_weightiest_come_first_when_asked_for(index: SearchIndex) -> None:
    found = index.search(PARTS, CONTRACT, limit=3, order=Order.BEST)
    assert found.order is Order.BEST
    assert found.hits[0] == Hit(NEW, 50)


def test_too_many_hits_are_not_ranked(index: SearchIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kedang.access.index.COUNT_BOUND", 500)
    found = index.search(PARTS, CONTRACT, limit=3, order=Order.BEST)
    assert found.order is Order.NEWEST
    assert found.hits[0] == Hit(NEW, 99)


def test_a_damaged_part_is_named_and_the_others_answer(index: SearchIndex, tmp_path: Path) -> None:
    (tmp_path / OLD).write_bytes(b"damaged" * 1000)
    for order in Order:
        found = index.search(PARTS, CONTRACT, limit=3, order=order)
        assert found.unread == (OLD,)
        assert found.total == 100


def test_a_part_forgotten_is_opened_anew(index: SearchIndex, tmp_path: Path) -> None:
    assert index.search(PARTS, parse_query("补充协议").expression).hits == ()
    with IndexPart(tmp_path / NEW, KEY) as part:
        part.add([Entry.of(100, "补充协议")])
    assert index.search(PARTS, parse_query("补充协议").expression).hits == (Hit(NEW, 100),)
    index.forget(NEW)
    assert index.search(PARTS, parse_query("补充协议").expression).hits == (Hit(NEW, 100),)


def test_few_parts_stay_open_and_threads_do_not_disturb_one_another(tmp_path: Path) -> None:
    names = [IndexPartId(f"p{number}") for number in range(6)]
    for name in names:
        with IndexPart(tmp_path / f"{name}.working", KEY) as part:
            part.add(Entry.of(n, f"合同 第{n}号") for n in range(20))
            part.finish(tmp_path / name)
    index = SearchIndex(lambda name: IndexPart(tmp_path / name, KEY, read_only=True), max_open=2)
    with ThreadPoolExecutor(4) as threads:
        totals = list(threads.map(lambda _: index.search(names, CONTRACT).total, range(40)))
    assert totals == [120] * 40
    assert len(index._leases) <= 2
    index.close()
