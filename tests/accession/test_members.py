from __future__ import annotations

import gc
import gzip
import zipfile
from collections.abc import Callable, Iterator

import pytest

from kedang.accession.contents import BytesContent, RangeContent
from kedang.accession.errors import BudgetSpent, MemberPassed, NotAContainer
from kedang.accession.limits import Budget, Limits
from kedang.accession.members import (
    BUDGET,
    RATIO,
    TOO_DEEP,
    TOO_LARGE,
    TOO_MANY,
    Damage,
    Member,
    is_container,
    open_members,
)
from kedang.records.content import Content
from tests.accession.samples import LIMITS, codes, mail, outcomes, shared, steps, tar_of, zip_of


def everything(content: Content, fmt_name: str, limits: Limits) -> Iterator[Damage | bytes]:
    """All members at all depths, as intake goes through them, with one budget for the whole."""
    budget = Budget.of(limits, content.size_bytes)
    waiting = [(content, fmt_name, 0)]
    while waiting:
        held, name, depth = waiting.pop()
        for step in open_members(held, name, limits=limits, budget=budget, depth=depth):
            if isinstance(step, Damage):
                yield step
                continue
            try:
                octets = step.open().read()
            except BudgetSpent:
                yield Damage(step.ordinal, BUDGET)
                continue
            yield octets
            if octets.startswith(b"PK"):
                waiting.append((BytesContent(octets), "zip", depth + 1))


def test_a_nested_bomb_is_stopped_by_the_budget_of_the_outermost_file() -> None:
    layer = zip_of({"0": b"\0" * 10_000_000})
    for _ in range(4):
        layer = zip_of({str(number): layer for number in range(16)})  # 16^4 times 10 MB
    limits = Limits(free_bytes=50_000_000)
    found = list(everything(BytesContent(layer), "zip", limits))
    assert sum(len(one) for one in found if isinstance(one, bytes)) < 70_000_000
    assert any(isinstance(one, Damage) and one.code == BUDGET for one in found)
    assert len(found) < 1_000


def test_zips_in_zips_end_at_the_depth_allowed() -> None:
    layer = zip_of({"leaf": b"x"})
    for _ in range(30):
        layer = zip_of({"inner.zip": layer}, method=zipfile.ZIP_STORED)
    found = list(everything(BytesContent(layer), "zip", LIMITS))
    assert [one.code for one in found if isinstance(one, Damage)] == [TOO_DEEP]
    assert len(found) == LIMITS.depth + 2


def test_a_bomb_is_stopped_by_its_ratio_and_the_next_member_is_read() -> None:
    raw = zip_of({"bomb": b"\0" * 30_000_000, "after": b"ok"})
    limits = Limits(ratio_floor_bytes=1_000_000)
    assert [result for _, _, result in outcomes(raw, "zip", limits=limits)] == [RATIO, b"ok"]


def test_a_member_beyond_its_limit_is_stopped_whatever_it_claims() -> None:
    raw = zip_of({"big": b"abc" * 100_000, "after": b"ok"})
    limits = Limits(member_bytes=100_000)
    assert [result for _, _, result in outcomes(raw, "zip", limits=limits)] == [TOO_LARGE, b"ok"]


def test_more_members_than_allowed_end_with_one_damage() -> None:
    raw = zip_of({str(number): b"" for number in range(50)})
    found = outcomes(raw, "zip", limits=Limits(members=10))
    assert codes(found) == [TOO_MANY]
    assert len(found) == 11


def test_a_spent_budget_ends_the_container_with_one_damage() -> None:
    raw = zip_of({str(number): b"x" * 1000 for number in range(50)})
    found = outcomes(raw, "zip", budget=Budget(5_500, 1_000))
    assert codes(found) == [BUDGET, BUDGET]  # the member it happened in, then the rest
    assert len(found) == 7


def test_the_budget_grows_with_the_file_but_never_beyond_the_total() -> None:
    limits = Limits(free_bytes=1_000, total_ratio=10, total_bytes=50_000)
    assert Budget.of(limits, 1).bytes_left == 1_000
    assert Budget.of(limits, 2_000).bytes_left == 20_000
    assert Budget.of(limits, 1_000_000).bytes_left == 50_000


def test_what_is_no_container_is_an_error_not_an_empty_list() -> None:
    assert not is_container("jpeg")
    with pytest.raises(NotAContainer):
        list(open_members(BytesContent(b""), "jpeg", limits=LIMITS))


BUILDERS: list[tuple[str, Callable[[dict[str, bytes]], bytes]]] = [
    ("zip", zip_of),
    ("tar", tar_of),
    ("gzip", lambda held: gzip.compress(tar_of(held))),
    (
        "eml",
        lambda held: mail(
            parts=tuple(
                b'Content-Disposition: attachment; filename="%s"\r\n\r\n%s' % (name.encode(), octets)
                for name, octets in held.items()
            )
        ),
    ),
    (
        "mbox",
        lambda held: b"".join(
            b"From a Mon Jun  1 10:00:00 2009\n" + mail(octets + b"\n") + b"\n" for octets in held.values()
        ),
    ),
]


@pytest.mark.parametrize(("fmt_name", "build"), BUILDERS)
def test_taking_up_behind_any_ordinal_gives_exactly_the_rest(
    fmt_name: str, build: Callable[[dict[str, bytes]], bytes]
) -> None:
    raw = build({f"n{number}": b"body %d\n" % number for number in range(12)})
    whole = outcomes(raw, fmt_name)
    assert len(whole) == 12
    for ordinal, _, _ in whole:
        assert outcomes(raw, fmt_name, start_after=ordinal) == [step for step in whole if step[0] > ordinal]


@pytest.mark.parametrize(("fmt_name", "build"), [pair for pair in BUILDERS if pair[0] != "gzip"])
def test_members_unread_cost_no_budget(fmt_name: str, build: Callable[[dict[str, bytes]], bytes]) -> None:
    raw = build({f"n{number}": b"x" * 1000 for number in range(12)})
    budget = Budget(10, 100)
    held = open_members(BytesContent(raw), fmt_name, limits=LIMITS, budget=budget)
    assert len(list(held)) == 12
    assert budget.bytes_left == 10


@pytest.mark.parametrize(
    ("content", "fmt_name"),
    [(BytesContent(gzip.compress(tar_of({"a": b"x" * 3_000_000, "b": b"y"}))), "gzip"), (None, "rar")],
)
def test_going_on_with_a_member_after_the_next_was_asked_for_is_an_error(
    content: BytesContent | None, fmt_name: str
) -> None:
    opened = open_members(content or shared("test-documents.rar"), fmt_name, limits=LIMITS)
    first = next(opened)
    assert isinstance(first, Member)
    chunks = first.chunks()
    assert next(chunks)
    next(opened)
    with pytest.raises(MemberPassed):
        list(chunks)


@pytest.mark.parametrize(
    ("name", "fmt_name"),
    [
        ("test-documents.zip", "zip"),
        ("test-documents.7z", "7z"),
        ("test-documents.rar", "rar"),
        ("test-documents.tgz", "gzip"),
        ("testPST.pst", "pst"),
        ("testMSG_att_doc.msg", "msg"),
        ("complex.mbox", "mbox"),
        ("with-attachment.pdf", "pdf"),
        ("testWORD_embeded.docx", "docx"),
    ],
)
def test_a_member_can_be_read_when_the_reading_of_its_container_was_given_up(
    name: str, fmt_name: str
) -> None:
    content = shared(name)
    expected = next(result for _, _, result in outcomes(content, fmt_name))
    member = next(open_members(content, fmt_name, limits=LIMITS))
    assert isinstance(member, Member)
    gc.collect()
    for _ in range(2):
        assert member.open().read() == expected


def test_a_stretch_of_a_content_is_a_content() -> None:
    whole = BytesContent(bytes(range(100)))
    stretch = RangeContent(whole, 10, 20)
    assert stretch.head(5) == bytes(range(10, 15))
    with stretch.open() as stream:
        assert stream.read() == bytes(range(10, 30))
        stream.seek(-5, 2)
        assert stream.read(99) == bytes(range(25, 30))
        stream.seek(50)
        assert stream.read() == b""
    inner = RangeContent(stretch, 5, 3)
    assert inner.head(99) == bytes((15, 16, 17))


def test_a_zip_inside_a_mail_inside_a_mailbox_is_reached_step_by_step() -> None:
    held = zip_of({"客户.txt": b"content"}, method=zipfile.ZIP_STORED)
    part = (
        b'Content-Disposition: attachment; filename="a.zip"\r\nContent-Transfer-Encoding: binary\r\n\r\n'
        + held
    )
    box = b"From a Mon Jun  1 10:00:00 2009\n" + mail(parts=(part,)) + b"\n"
    (message,) = steps(box, "mbox")
    assert isinstance(message, Member)
    (attachment,) = steps(message.open().read(), "eml", depth=1)
    assert isinstance(attachment, Member)
    assert outcomes(attachment.open().read(), "zip") == [(0, "客户.txt", b"content")]


def test_nothing_of_a_member_reaches_an_error_text() -> None:
    raw = zip_of({"张三身份证.txt": b"110101199003070000"}, method=zipfile.ZIP_STORED)
    raw = raw.replace(b"110101", b"110102")
    step = steps(raw, "zip")[0]
    assert isinstance(step, Member)
    with pytest.raises(Exception, match="KD-A302") as raised:
        step.open().read()
    assert "张三" not in str(raised.value)
    assert "1101" not in str(raised.value)


def test_a_real_chain_of_formats_is_opened_to_its_end() -> None:
    (inner,) = steps(shared("test-zip-of-zip.zip"), "zip")
    assert isinstance(inner, Member)
    assert [name for _, name, _ in outcomes(inner.open().read(), "zip")] == ["text.html"]
