"""A parser that has been taken over costs the item it reads, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from kedang.accession.reading import Signature
from kedang.holdings.adapters.lister import Lister, ListingFailed
from kedang.pipeline import pool as pooling
from kedang.pipeline.derived import decode, encode
from kedang.pipeline.examination import Examiner
from kedang.pipeline.items import FilePlace, Item
from kedang.pipeline.messages import (
    Examined,
    MembersRequest,
    MentionKeys,
    RangeOf,
    ReceivedMember,
    WorkerSetup,
)
from kedang.pipeline.pool import DIED, Pool
from kedang.pipeline.processes import WorkerProcess
from kedang.pipeline.validation import are_sound_members, is_sound, is_sound_member
from kedang.records.content import Family, Finding, FindingCategory, Format, Problem

TEXT = "采购合同\n甲方：云溪样例商贸有限公司\n乙方：琉璃厂旧书店有限公司\n签订日期：2024年3月18日\n联系电话 13800138000\n".encode()
CONTRACT = Item(7, "合同.txt", ("销售部",), len(TEXT), data=TEXT)


def setup(work: Path) -> WorkerSetup:
    """What the test's workers are given."""
    return WorkerSetup(bytes(32), str(work), (), (), name_model=False, understand=True, max_memory_bytes=0)


@cache
def honest() -> Examined:
    """What an honest worker says of the contract."""
    return Examiner(setup(Path())).examine(CONTRACT)


def said(**changes: Any) -> Examined:
    """The honest outcome with a forged summary."""
    summary = honest().summary
    assert summary is not None
    return replace(honest(), summary=replace(summary, **changes))


def found(**changes: Any) -> Examined:
    """The honest outcome with a forged format."""
    return replace(honest(), format=replace(Format("text/plain", Family.TEXT, "utf-8-text"), **changes))


def derived(**changes: Any) -> Examined:
    """The honest outcome with a forged derived payload."""
    return replace(honest(), derived=encode(replace(decode(honest().derived), **changes)))


def ranged(*ranges: tuple[int, int, tuple[int, ...]]) -> Examined:
    """The honest outcome with forged ranges."""
    return replace(honest(), is_container=True, ranges=tuple(RangeOf(*one) for one in ranges))


def with_findings(*findings: Finding) -> Examined:
    """The honest outcome whose payload says other findings."""
    appraisal = decode(honest().derived).appraisal
    assert appraisal is not None
    return derived(appraisal=replace(appraisal, findings=findings))


def mentioning(**changes: Any) -> Examined:
    """The honest outcome with one forged mention."""
    one = MentionKeys(0, "person", 0, by_name=True, keys=(("mobile_phone", "13800138000"),))
    return said(mentions=(replace(one, **changes),))


FORGED: dict[str, Callable[[], Examined]] = {
    "refused for no code": lambda: Examined(7, refused="没有"),
    "refused with a code 2 MB long": lambda: Examined(7, refused="KD-A301" * 300_000),
    "refused and yet read": lambda: replace(honest(), refused="KD-A301"),
    "refused of ten terabytes": lambda: Examined(7, refused="KD-A301", size_bytes=10**13),
    "a problem of its own": lambda: replace(honest(), problem="KD-W101"),
    "digest of 31 bytes": lambda: replace(honest(), sha256=bytes(31)),
    "digest of none": lambda: replace(honest(), sha256=b""),
    "another digest than in the payload": lambda: replace(honest(), sha256=bytes(32)),
    "negative size": lambda: replace(honest(), size_bytes=-1),
    "another size": lambda: replace(honest(), size_bytes=len(TEXT) + 1),
    "a media type of 10 KB": lambda: found(media_type="text/" + "x" * 10_000),
    "a media type with escapes": lambda: found(media_type="text/\x1b[2J"),
    "a format name that is a sentence": lambda: found(name="合同 2024"),
    "a puid of 33": lambda: found(puid="x" * 33),
    "overlapping ranges": lambda: ranged((0, 10, (0,)), (5, 10, (1,))),
    "ranges backwards": lambda: ranged((50, 10, (0,)), (5, 10, (1,))),
    "a range beyond the end": lambda: ranged((0, len(TEXT) + 1, (0,))),
    "a range of minus five": lambda: ranged((20, -5, (0,))),
    "a range before the beginning": lambda: ranged((-1, 5, (0,))),
    "an empty range": lambda: ranged((3, 0, (0,))),
    "a range of nobody": lambda: ranged((3, 1, ())),
    "a range of member minus one": lambda: ranged((3, 1, (-1,))),
    "a range of a member that no column holds": lambda: ranged((3, 1, (2**31,))),
    "a range as deep as the sea": lambda: ranged((3, 1, (1,) * 1000)),
    "an unknown class": lambda: said(record_class="secret"),
    "another class than in the payload": lambda: said(record_class="service"),
    "a certainty of 70,000 permille": lambda: said(class_permille=70_000),
    "a negative certainty": lambda: said(class_permille=-1),
    "an accounting kind of 25": lambda: said(accounting_kind="k" * 25),
    "an unknown grade": lambda: said(sensitivity="public"),
    "the 31st of February": lambda: said(record_date="2024-02-31"),
    "the year 99999": lambda: said(record_date="99999-01-01"),
    "a week date": lambda: said(record_date="2024-W10-1"),
    "a title of 50 MB": lambda: said(title="题" * 17_000_000),
    "an unknown source of text": lambda: said(text_source="telepathy"),
    "minus three pages": lambda: said(pages=-3),
    "more pages than a column holds": lambda: said(pages=2**31),
    "a day that is a name": lambda: said(trigger_dates={"signed_on": "慕容雪霏"}),
    "a kind of day that is a name": lambda: said(trigger_dates={"慕容雪霏": "2024-03-18"}),
    "a thousand kinds of days": lambda: said(trigger_dates={f"d{n}": "2024-03-18" for n in range(1000)}),
    "a finding nobody knows": lambda: said(finding_counts={"慕容雪霏": 1}),
    "minus one finding": lambda: said(finding_counts={"email": -1}),
    "a question with no code": lambda: said(problems=(Problem("?"),)),
    "a question that names somebody": lambda: said(problems=(Problem("KD-E101", {"part": "慕容雪霏"}),)),
    "a question whose fact is a sentence": lambda: said(problems=(Problem("KD-E101", {"part": "a b"}),)),
    "a question with NUL": lambda: said(problems=(Problem("KD-E101", {"part": "a\0"}),)),
    "a question named by a name": lambda: said(problems=(Problem("KD-E101", {"慕容": 1}),)),
    "a number of a question beyond JSON": lambda: said(problems=(Problem("KD-E101", {"n": 2**63}),)),
    "ten thousand questions": lambda: said(problems=(Problem("KD-E101"),) * 10_000),
    "a mention of minus one": lambda: mentioning(number=-1),
    "a mention of a horse": lambda: mentioning(party_kind="horse"),
    "a mention that founds out of turn": lambda: mentioning(founding=7),
    "a key of no kind": lambda: mentioning(keys=(("shoe_size", "44"),)),
    "an empty key": lambda: mentioning(keys=(("mobile_phone", ""),)),
    "a thousand keys": lambda: mentioning(keys=(("mobile_phone", "13800138000"),) * 1000),
    "no payload": lambda: replace(honest(), derived=b""),
    "a payload that is no JSON": lambda: replace(honest(), derived=b"{"),
    "a payload in Latin-1": lambda: replace(honest(), derived=honest().derived[:-1] + b"\xff}"),
    "a payload as deep as the sea": lambda: replace(honest(), derived=b"[" * 1_000_000),
    "a payload of version 99": lambda: derived(version=99),
    "a payload of other bytes": lambda: derived(sha256="0" * 64),
    "a payload without appraisal": lambda: derived(appraisal=None),
    "a summary without payload": lambda: replace(honest(), summary=None),
    "a finding beyond the text": lambda: with_findings(Finding(FindingCategory.EMAIL, 0, 10**9, 1.0)),
    "a finding before the text": lambda: with_findings(Finding(FindingCategory.EMAIL, -4, 2, 1.0)),
    "seconds that are no number": lambda: replace(honest(), seconds={"read": float("nan")}),
    "endless seconds": lambda: replace(honest(), seconds={"read": float("inf")}),
    "stages named by names": lambda: replace(honest(), seconds={"慕容雪霏": 1.0}),
    "a thousand stages": lambda: replace(honest(), seconds={f"s{n}": 1.0 for n in range(1000)}),
}


def test_an_honest_outcome_is_believed() -> None:
    assert is_sound(honest(), CONTRACT)
    assert is_sound(Examiner(setup(Path())).examine(CONTRACT, only_digest=True), CONTRACT)
    assert is_sound(Examined(7, refused="KD-A301", seconds={"read": 0.5}), CONTRACT)
    assert is_sound(ranged((0, 10, (0,)), (10, 5, (1, 3)), (40, len(TEXT) - 40, (1,))), CONTRACT)
    assert is_sound(mentioning(), CONTRACT)


@pytest.mark.parametrize("what", FORGED)
def test_a_forged_outcome_is_not_believed(what: str) -> None:
    assert not is_sound(FORGED[what](), CONTRACT)


def test_a_file_may_have_grown_since_it_was_surveyed() -> None:
    place = FilePlace(b"/", b"a", Signature(3, 0, 0, 0, 0))
    assert is_sound(honest(), Item(7, "合同.txt", (), 3, place=place))
    assert not is_sound(honest(), Item(7, "合同.txt", (), 3, data=TEXT[:3]))


MEMBER = ReceivedMember(4, b"a", "a", sha256=sha256(b"a").digest(), size_bytes=1, data=b"a")
LARGE = replace(MEMBER, data=None, size_bytes=9_000_000, spool="/x/" + "0" * 32 + ".spool")
FORGED_MEMBERS = {
    "ordinal -1": replace(MEMBER, ordinal=-1),
    "ordinal that no column holds": replace(MEMBER, ordinal=2**31),
    "code that is none": ReceivedMember(4, b"a", "a", code="慕容雪霏"),
    "code and bytes": replace(MEMBER, code="KD-A301"),
    "digest too short": replace(MEMBER, sha256=b"a"),
    "more bytes than said": replace(MEMBER, size_bytes=0),
    "fewer bytes than said": replace(MEMBER, size_bytes=2),
    "no bytes at all": replace(MEMBER, data=None),
    "bytes twice": replace(MEMBER, spool=LARGE.spool),
    "a small one as a file": replace(LARGE, size_bytes=1),
    "a negative file": replace(LARGE, size_bytes=-9_000_000),
    "a name of two megabytes": replace(MEMBER, raw_name=bytes(2 * 1024**2)),
}


@pytest.mark.parametrize("what", FORGED_MEMBERS)
def test_a_forged_member_is_not_believed(what: str) -> None:
    assert is_sound_member(MEMBER)
    assert is_sound_member(LARGE)
    assert not is_sound_member(FORGED_MEMBERS[what])


def test_members_come_in_order_and_none_comes_twice() -> None:
    following = replace(MEMBER, ordinal=9)
    assert are_sound_members((MEMBER, following), after=-1)
    assert are_sound_members((), after=3)
    assert not are_sound_members((MEMBER, MEMBER), after=-1)
    assert not are_sound_members((following, MEMBER), after=-1)
    assert not are_sound_members((MEMBER,), after=4)


@contextmanager
def taken_over(work: Path, count: int = 1) -> Iterator[Pool]:
    """A pool whose workers do what the names of the items say."""
    pool = Pool(hostile(work), count, seconds_per_item=8.0)
    try:
        yield pool
    finally:
        pool.close()


def hostile(work: Path) -> Callable[[], WorkerProcess]:
    """How to start a worker that has been taken over."""
    return lambda: WorkerProcess("tests.attacks.hostile", setup(work), home=work, patience_seconds=5)


def items(*names: str) -> list[Item]:
    """One item for each name."""
    return [Item(ticket, name, (), len(TEXT), data=TEXT) for ticket, name in enumerate(names, start=1)]


@pytest.mark.parametrize(
    "what", ["surrogate", "deep", "two gigabytes", "more than two gigabytes", "answers of others", "trickle"]
)
def test_nonsense_costs_its_own_item_only(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pooling, "MESSAGE_SECONDS", 1.0)
    began = time.monotonic()
    with taken_over(tmp_path) as pool:
        outcomes = list(pool.examine(items("a.txt", f"!{what}", "b.txt")))
    assert [one.ticket for one in outcomes] == [1, 2, 3]
    assert [one.problem for one in outcomes] == ["", DIED, ""]
    assert {one.sha256 for one in outcomes} == {sha256(TEXT).digest()}, "the bytes are kept by digest"
    assert outcomes[1].summary is None
    assert time.monotonic() - began < 30


def test_a_worker_that_stays_hostile_is_ended_with_the_first_answer(tmp_path: Path) -> None:
    with taken_over(tmp_path) as pool:
        outcomes = list(pool.examine(items("!for ever surrogate", "b.txt", "c.txt")))
    assert [one.problem for one in outcomes] == [DIED, "", ""]


@pytest.mark.parametrize("what", ["other file", "upwards", "link", "pipe", "again", "without end"])
def test_a_listing_may_name_only_what_it_has_written_and_ends(what: str, tmp_path: Path) -> None:
    lister = Lister(hostile(tmp_path), spools=tmp_path)
    item = Item(1, f"!{what}", (), len(TEXT), data=TEXT)
    request = MembersRequest(item, "zip", -1, 1, bytes_left=1000, members_left=20)
    members: list[ReceivedMember] = []

    def listed() -> None:
        for chunk in lister.chunks(request):
            members.extend(chunk.members)

    with pytest.raises(ListingFailed) as failed:
        listed()
    lister.close()
    assert failed.value.code == DIED
    assert len(members) <= 21
    assert all(member.spool is None for member in members)
