"""Every message arrives as it was sent; what is no message is an error, never code that runs."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from multiprocessing import Pipe

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.accession.reading import Signature
from kedang.pipeline import messages
from kedang.pipeline.items import FilePlace, Item
from kedang.pipeline.messages import (
    BlobAt,
    ColumnValue,
    Examined,
    ExamineRequest,
    Failed,
    MemberChunk,
    MembersRequest,
    MentionKeys,
    OcrRequest,
    Outcomes,
    Proven,
    ProveRequest,
    RangeOf,
    ReceivedMember,
    RowsRequest,
    RowsTaken,
    SealBatch,
    Sealed,
    SealedBatch,
    SealRequest,
    Summary,
    TableRequest,
    WorkerSetup,
    receive,
    send,
)
from kedang.pipeline.page_messages import Mark, PageDrawn, PageRequest
from kedang.pipeline.paper_messages import PaperDone, PaperRequest
from kedang.pipeline.resolving_messages import (
    Founder,
    Join,
    JudgedPair,
    KeptSegment,
    LookWider,
    NamedRecord,
    NamedRecords,
    Outcome,
    ProposedPair,
    ResolvedChunk,
    ResolvedCluster,
    ResolveNow,
    ResolverSetup,
    Touched,
)
from kedang.pipeline.sealing_messages import ClosePack, OpenPack, PackClosed, SealerSetup
from kedang.pipeline.table_messages import HeadsRead, TableChunk, TableRead
from kedang.records.content import Family, Format, Problem
from kedang.resolution.links import KeyKind
from kedang.resolution.mention import MentionKind
from kedang.resolution.named_rows import NamedInRow, NamedRow, encode_named
from kedang.resolution.roles import Role

ITEM = Item(
    1, "合同.txt", ("销售部",), 3, place=FilePlace(b"/\xff", "名".encode("gbk"), Signature(3, 1, 2, 3, 4))
)
SUMMARY = Summary(
    record_class="contract",
    class_permille=910,
    accounting=True,
    accounting_kind="voucher",
    sensitivity="personal",
    record_date="2024-03-18",
    title="合同",
    text_source="embedded",
    pages=None,
    awaits_ocr=False,
    trigger_dates={"signed_on": "2024-03-18"},
    finding_counts={"person_name": 2},
    problems=(Problem("KD-E103", {"page": 3}),),
    mentions=(MentionKeys(0, "person", 1, by_name=True, keys=(("mobile", "13899990001"),)),),
)
EXAMINED = Examined(
    ticket=1,
    sha256=bytes(32),
    size_bytes=3,
    format=Format("text/plain", Family.TEXT, "utf-8-text", "x-fmt/111", "utf-8"),
    is_container=True,
    ranges=(RangeOf(0, 2, (1, 2)),),
    summary=SUMMARY,
    derived=b"{}",
    seconds={"read": 0.1},
)
NAMED = NamedInRow(
    MentionKind.PERSON, Role.BUYER, 3, by_name=True, name="谢", keys=((KeyKind.MOBILE_PHONE, "13899990001"),)
)
AT, OTHER = ("0" * 32, 3), ("1" * 32, 0)
EXAMPLES = (
    WorkerSetup(bytes(32), "/w", ("甲",), ("9",), name_model=True, understand=True, max_memory_bytes=1),
    ExamineRequest((ITEM,), only_digest=True),
    MembersRequest(ITEM, "zip", 3, 1, 5, 6),
    OcrRequest(ITEM, b"derived"),
    EXAMINED,
    MemberChunk((ReceivedMember(0, b"\xff", "名", datetime(2024, 3, 18, tzinfo=UTC)),), True, 1, 2),
    SealerSetup("0" * 32, "/v", bytes(32), "AES_256_GCM"),
    SealRequest(1, "0" * 32, bytes(32), ITEM, bytes(32), b"", ((3, "1" * 32, bytes(32)),)),
    Sealed(1, content=BlobAt(1, 2), derived=BlobAt(3, 4), segments=(BlobAt(5, 6),)),
    OpenPack("0" * 32),
    ClosePack(),
    PackClosed("0" * 32, 1, 2),
    Failed("KD-W104", {"size": 3}),
    ProveRequest(1, ITEM, bytes(32)),
    Proven(1, same=True),
    Outcomes((EXAMINED, Examined(2, refused="KD-W101"))),
    SealBatch((SealRequest(1, "0" * 32, bytes(32), ITEM, columns=(ColumnValue("1" * 32, "a.b", b"{}"),)),)),
    SealedBatch((Sealed(1, columns=(b"sealed",)),)),
    RowsRequest(ITEM, b"derived", (0, 2)),
    RowsTaken(((0, 12), (30, 9)), EXAMINED),
    TableRequest(
        ITEM,
        Format("text/plain", Family.TEXT, "utf-8-text", "x-fmt/111", "utf-8"),
        HeadsRead((TableRead("客户", 2, 7),), "名单", is_personal=True, columns=(("客户", "name"),)),
    ),
    TableChunk(rows=((0, 1, b"row"),), last=True, named=encode_named([NamedRow(0, 1, (NAMED,))])),
    ResolverSetup("/work", 2, b"before", bytes(32)),
    NamedRecords((NamedRecord("0" * 32, b"{}", ((3, "1" * 32),), "2" * 32),)),
    LookWider((AT,), ("1" * 32,), ("2" * 32,), (JudgedPair("person", {"name": "near"}, same=True),)),
    Touched({"0" * 32: [1, 2]}),
    ResolveNow(((AT, OTHER),), (), (("1" * 32, "2" * 32),)),
    ResolvedChunk(
        (
            ResolvedCluster(
                (AT, OTHER),
                (OTHER,),
                ("1" * 32,),
                Founder("person", "谢", "0" * 32),
                (Join(AT, OTHER, b"{}"),),
            ),
        ),
        (ProposedPair(AT, OTHER, b"{}", 7),),
        last=True,
        outcome=Outcome(3, 2, 1, b"before", (0, -1)),
    ),
    KeptSegment(b"segment"),
    PageRequest(
        Format("text/plain", Family.TEXT, "utf-8-text", "x-fmt/111", "utf-8"), 0, b"page", hidden=("谢",)
    ),
    PageDrawn(b"picture", 3, 4, 1, (Mark(1, 0.1, 0.2, 0.3, 0.4),)),
    PaperRequest(b"photo", (0.0, 0.1), 1),
    PaperDone((0.0, 0.1), True, ("blurred",), b"picture", 3, 4),
)


def test_there_is_an_example_of_every_message() -> None:
    assert tuple(type(example) for example in EXAMPLES) == messages._TYPES


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda message: type(message).__name__)
def test_a_message_arrives_as_it_was_sent(message: object) -> None:
    near, far = Pipe()
    with near, far:
        send(near, message)
        assert receive(far) == message


class Spring:
    """Would run a program when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('sprung')",)


@given(st.one_of(st.binary(max_size=200), st.just(pickle.dumps(Spring()))))
def test_what_is_no_message_is_an_error_and_runs_nothing(octets: bytes) -> None:
    near, far = Pipe()
    with near, far:
        near.send_bytes(octets)
        try:
            message = receive(far)
        except (msgspec.MsgspecError, IndexError, EOFError):
            return
        assert isinstance(message, messages._TYPES)


def test_a_gone_partner_and_a_message_too_large_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    near, far = Pipe()
    monkeypatch.setattr(messages, "MESSAGE_BYTES", 1000)
    with far:
        near.send_bytes(bytes(1001))
        with pytest.raises(OSError, match="bad message length"):
            receive(far)
    near, far = Pipe()
    near.close()
    with far, pytest.raises(EOFError):
        receive(far)
