"""The encrypted index part."""

import multiprocessing
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kedang.access.errors import PartBusy, PartFinished, PartFull, PartStale, PartUnreadable
from kedang.access.fts import fts_expression
from kedang.access.marking import matches
from kedang.access.part import MAX_RECORDS, Entry, IndexPart, place_part, remove_part
from kedang.access.query import EVERYTHING, AllOf, AnyOf, Expression, Phrase, parse_query
from kedang.access.tokens import phrase_runs
from kedang.records.errors import code_texts

KEY = bytes(range(32))
OTHER_KEY = bytes(32)
TEXTS = (
    "客户张　三，电话138-0013-8000，合同 HT-2023-001。",
    "張三丰 約翰·史密斯 沪A·12345 iPhone15 Pro",
    "李四 13900139000 warranty extended 三",
    "上海市浦东新区世纪大道100号\n张\n三",
    "zhang.san@example.com 1,234,567.00元",
)


def ask(part: IndexPart, typed: str) -> list[int]:
    return part.newest(parse_query(typed).expression)


@pytest.fixture
def part(tmp_path: Path) -> Iterator[IndexPart]:
    with IndexPart(tmp_path / "part", KEY) as opened:
        opened.add([Entry.of(number, text) for number, text in enumerate(TEXTS)])
        yield opened


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("张三", [3, 1, 0]),
        ("三", [3, 2, 1, 0]),
        ("0013", [2, 0]),
        ("00138", [0]),
        ("001", [2, 0]),
        ("13800138000", [0]),
        ("HT2023001", [0]),
        ("T-2023", [0]),
        ("史密斯", [1]),
        ("沪A12345", [1]),
        ("phone", [1]),
        ("warr", []),
        ("warr*", [2]),
        ("浦东新区世纪", [3]),
        ("1234567", [4]),
        ("zhang.san@example.com", [4]),
        ("张三 -电话", [3, 1]),
        ("-张三", [4, 2]),
        ("李四 OR 约翰", [2, 1]),
        ("李三", []),
    ],
)
def test_words_are_found_newest_first(part: IndexPart, typed: str, expected: list[int]) -> None:
    assert ask(part, typed) == expected
    assert part.count(parse_query(typed).expression) == len(expected)


def test_everything_is_every_record(part: IndexPart) -> None:
    assert part.newest(EVERYTHING) == [4, 3, 2, 1, 0]
    assert part.count(EVERYTHING) == len(part) == 5
    assert part.ordinals() == [0, 1, 2, 3, 4]


def test_pages_follow_one_another(part: IndexPart) -> None:
    expression = parse_query("三").expression
    assert part.newest(expression, limit=2) == [3, 2]
    assert part.newest(expression, limit=2, before=2) == [1, 0]
    assert part.count(expression, bound=3) == 3


def test_the_weightier_hit_comes_first(part: IndexPart) -> None:
    part.add([Entry.of(5, "退款"), Entry.of(6, "退款" + "，其他内容" * 50)])
    assert [ordinal for _, ordinal in part.best(parse_query("退款").expression, limit=9)] == [5, 6]


def test_adding_again_makes_no_double_and_takes_the_newer_words(part: IndexPart) -> None:
    assert part.add([Entry.of(2, TEXTS[2]), Entry.of(5, "新")]) == 1
    assert ask(part, "李四") == [2]
    assert part.add([Entry.of(2, "王五")]) == 0
    assert ask(part, "李四") == []
    assert ask(part, "王五") == [2]


def test_of_two_entries_of_one_record_in_a_batch_the_later_counts(part: IndexPart) -> None:
    assert part.add([Entry.of(9, "赵六"), Entry.of(9, "钱七")]) == 1
    assert (ask(part, "赵六"), ask(part, "钱七")) == ([], [9])
    assert part.add([Entry.of(4, "孙八"), Entry.of(10, "孙八")]) == 1
    assert ask(part, "孙八") == [10, 4]
    assert part.add([]) == 0


def test_no_phrase_spans_two_texts_of_a_record(part: IndexPart) -> None:
    part.add([Entry.of(7, "售后", "服务")])
    assert ask(part, "售后服务") == []
    assert ask(part, '"售后，服务"') == []
    assert ask(part, "售后 服务") == [7]


def test_a_removed_record_is_not_found(part: IndexPart) -> None:
    part.remove([0, 3])
    assert ask(part, "张三") == [1]
    assert part.ordinals() == [1, 2, 4]


def test_a_finished_part_is_one_file_that_opens_anywhere(part: IndexPart, tmp_path: Path) -> None:
    target = tmp_path / "finished"
    part.finish(target)
    part.finish(target)
    with pytest.raises(PartFinished):
        part.add([Entry.of(9, "新")])
    assert ask(part, "张三") == [3, 1, 0]
    part.close()
    remove_part(part.path)
    assert [path.name for path in tmp_path.iterdir()] == ["finished"]
    with target.open("rb") as sealed:
        place_part(sealed, tmp_path / "fetched")
    with IndexPart(tmp_path / "fetched", KEY, read_only=True) as fetched:
        assert fetched.finished
        assert ask(fetched, "张三") == [3, 1, 0]
        with pytest.raises(PartFinished):
            fetched.remove([1])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fetched", "finished"]


def test_finishing_merges_all_batches_into_the_new_file_and_leaves_the_working_part(tmp_path: Path) -> None:
    with IndexPart(tmp_path / "working", KEY) as part:
        for number in range(8):
            part.add([Entry.of(number, f"{TEXTS[number % 5]} 第{number}件")])
        part.remove([3])
        part.finish(tmp_path / "first")
        assert _segments(part) > 1
    with IndexPart(tmp_path / "working", KEY) as part:  # as after a kill before the file had its name
        assert part.finished
        part.finish(tmp_path / "second")
    for name in ("first", "second"):
        with IndexPart(tmp_path / name, KEY) as finished:
            assert finished.finished
            assert finished.is_intact()
            assert _segments(finished) == 1
            assert finished.ordinals() == [0, 1, 2, 4, 5, 6, 7]
            assert ask(finished, "第") == [7, 6, 5, 4, 2, 1, 0]
            finished._database.execute("INSERT INTO words(words, rank) VALUES ('integrity-check', 0)")


def _segments(part: IndexPart) -> int:
    """Of the list of words; each is one more place to look in."""
    found = part._database.execute("SELECT count(DISTINCT segid) FROM words_idx").fetchone()
    return int(found[0])


def test_the_ordinal_behind_the_last_is_refused_and_nothing_is_added(part: IndexPart) -> None:
    with pytest.raises(PartFull):
        part.add([Entry.of(8, "新"), Entry.of(MAX_RECORDS, "新")])
    assert ask(part, "新") == [3]


def test_another_key_damage_and_absence_are_told(part: IndexPart, tmp_path: Path) -> None:
    target = tmp_path / "finished"
    part.finish(target)
    with pytest.raises(PartUnreadable):
        IndexPart(target, OTHER_KEY, read_only=True)
    with pytest.raises(PartUnreadable):
        IndexPart(tmp_path / "nowhere", KEY, read_only=True)
    data = bytearray(target.read_bytes())
    data[len(data) // 2] ^= 1
    target.write_bytes(data)
    with IndexPart(target, KEY, read_only=True) as damaged, pytest.raises(PartUnreadable):
        _ask_all(damaged, "张三", "0013", "warranty", "世纪大道", "example", "-没有")
    with pytest.raises(ValueError, match="32 bytes"):
        IndexPart(target, b"short")


def test_a_part_of_other_rules_is_stale(part: IndexPart) -> None:
    part._database.execute("UPDATE part SET scheme = '0/0'")
    with pytest.raises(PartStale):
        IndexPart(part.path, KEY)


def test_a_second_writer_is_told_to_wait(part: IndexPart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kedang.access.part.BUSY_MILLISECONDS", 10)
    with IndexPart(part.path, KEY) as second, part._writing(), pytest.raises(PartBusy):
        second.add([Entry.of(9, "新")])


def test_a_reader_goes_on_while_another_writes(part: IndexPart) -> None:
    with IndexPart(part.path, KEY) as reader, part._writing() as database:
        database.execute("INSERT INTO words(rowid, texts) VALUES (9, '张三')")
        assert ask(reader, "张三") == [3, 1, 0]
    assert ask(part, "张三") == [9, 3, 1, 0]


@pytest.mark.parametrize("error", [PartFull, PartUnreadable, PartStale, PartBusy, PartFinished])
def test_each_code_has_its_texts(error: type[PartFull]) -> None:
    text = code_texts()[error.code]
    assert text.said("zh")
    assert text.said("en")
    assert text.next_step("zh")
    assert text.next_step("en")


def _ask_all(part: IndexPart, *typed: str) -> None:
    for words in typed:
        ask(part, words)


ALPHABET = "张三李合ab12-, ·\n。"
PHRASES = st.builds(
    Phrase,
    st.text(ALPHABET, min_size=1, max_size=8).map(phrase_runs).filter(bool),
    st.booleans(),
)
EXPRESSIONS: st.SearchStrategy[Expression] = st.recursive(
    PHRASES,
    lambda inner: st.one_of(
        st.builds(AnyOf, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(AllOf, st.lists(inner, max_size=2).map(tuple), st.lists(inner, max_size=2).map(tuple)),
    ),
    max_leaves=4,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.text(ALPHABET, max_size=40), min_size=1, max_size=8),
    st.lists(EXPRESSIONS, min_size=1, max_size=6),
)
def test_the_index_answers_as_a_plain_scan_does(
    tmp_path: Path, texts: list[str], expressions: list[Expression]
) -> None:
    remove_part(tmp_path / "plain")
    with IndexPart(tmp_path / "plain", KEY) as part:
        part.add([Entry.of(number, text) for number, text in enumerate(texts)])
        for expression in expressions:
            scanned = [number for number, text in enumerate(texts) if matches(text, expression)]
            assert part.newest(expression) == scanned[::-1], fts_expression(expression)


def _encodings(word: str) -> Iterator[bytes]:
    for codec in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "gb18030"):
        yield word.encode(codec)


def test_no_word_stands_in_any_byte_of_part_log_or_journal(tmp_path: Path) -> None:
    marker = "辜鸿铭"
    phone = "13577924680"
    texts = [f"{marker}{number} {phone} canarybird" for number in range(400)]
    with IndexPart(tmp_path / "part", KEY) as part:
        seen = set()
        for first in range(0, 400, 100):
            part.add([Entry.of(n, texts[n]) for n in range(first, first + 100)])
            seen |= _sweep(tmp_path, marker, phone)
        assert ask(part, marker)[0] == 399
        part.finish(tmp_path / "finished")
        seen |= _sweep(tmp_path, marker, phone)
    assert {"part", "part-wal", "part-shm", "finished"} <= seen
    assert b"SQLite" not in (tmp_path / "finished").read_bytes()


def _sweep(folder: Path, marker: str, phone: str) -> set[str]:
    """Look through every byte that is there; the names of the files looked through."""
    for path in folder.iterdir():
        data = path.read_bytes()
        for word in (marker, marker[:2], phone, phone[:4] + " " + phone[1:5], "canarybird"):
            for encoded in _encodings(word):
                assert not re.search(re.escape(encoded), data), path.name
    return {path.name for path in folder.iterdir()}


def _add_for_ever(path: Path) -> None:
    with IndexPart(path, KEY) as part:
        for first in range(0, MAX_RECORDS, 4):
            part.add([Entry.of(n, f"{TEXTS[n % 5]} 第{n}件") for n in range(first, first + 4)])


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.1, 0.3])
def test_a_killed_writer_leaves_whole_batches_and_goes_on(tmp_path: Path, delay: float) -> None:
    path = tmp_path / "part"
    writer = multiprocessing.get_context("spawn").Process(target=_add_for_ever, args=(path,))
    writer.start()
    while not path.exists():
        time.sleep(0.002)
    time.sleep(delay)
    assert writer.pid is not None
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    with IndexPart(path, KEY) as part:
        held = part.ordinals()
        assert held == list(range(len(held)))
        assert len(held) % 4 == 0
        part.add([Entry.of(n, TEXTS[n % 5]) for n in range(len(held) + 10)])
        assert len(part) == len(held) + 10
        assert len(ask(part, "张三丰")) == len(range(1, len(held) + 10, 5))
        part._database.execute("INSERT INTO words(words) VALUES ('integrity-check')")
