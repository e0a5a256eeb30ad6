from __future__ import annotations

import contextlib
import email
import email.policy
import struct
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.accession.containers import mapi
from kedang.accession.containers.heaps import HeapBroken, properties_of
from kedang.accession.containers.mapi import MapiAttachment, MapiMessage, Properties, unpacked_rtf
from kedang.accession.containers.ole import CompoundFile, OleBroken
from kedang.accession.containers.rendering import rendered
from kedang.accession.contents import BytesContent
from kedang.accession.members import NOT_OPENED, NOT_TAKEN_OUT, TRUNCATED, Damage, Member, MemberKind
from tests.accession.samples import codes, outcomes, shared, steps

EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


def string(text: str) -> tuple[int, bytes]:
    return mapi.UNICODE, text.encode("utf-16-le")


def moment(when: datetime) -> tuple[int, bytes]:
    return mapi.TIME, struct.pack("<Q", int((when - EPOCH).total_seconds()) * 10_000_000)


def message(**more: tuple[int, bytes]) -> MapiMessage:
    values = {
        mapi.SUBJECT: string("报价 第二版"),
        mapi.SENDER_NAME: string("林某"),
        mapi.SENDER_SMTP: string("lin@example.com"),
        mapi.BODY: string("正文\r\n第二行"),
        mapi.SENT: moment(datetime(2023, 4, 5, 6, 7, 8, tzinfo=UTC)),
        mapi.MESSAGE_CLASS: string("IPM.Note"),
    }
    values.update({getattr(mapi, name): value for name, value in more.items()})
    to = Properties({mapi.DISPLAY_NAME: string("Bo, Ltd"), mapi.SMTP_ADDRESS: string("bo@example.com")})
    kind = (mapi.INTEGER, (2).to_bytes(4, "little"))
    copy = Properties({mapi.SMTP_ADDRESS: string("chen@example.com"), mapi.RECIPIENT_KIND: kind})
    return MapiMessage(Properties(values), (to, copy), ())


def parsed(held: MapiMessage) -> email.message.EmailMessage:
    octets = b"".join(rendered(held, origin="pst"))
    found = email.message_from_bytes(octets, policy=email.policy.default)
    assert isinstance(found, email.message.EmailMessage)
    assert not found.defects
    return found


def test_a_message_without_transport_headers_gets_them_from_its_properties() -> None:
    found = parsed(message())
    assert found["From"] == "林某 <lin@example.com>"
    assert found["To"] == '"Bo, Ltd" <bo@example.com>'
    assert found["Cc"] == "chen@example.com"
    assert found["Subject"] == "报价 第二版"
    assert found["Date"].datetime == datetime(2023, 4, 5, 6, 7, 8, tzinfo=UTC)
    assert found["X-Kedang-Derived"] == "pst"
    body = found.get_body()
    assert body is not None
    assert body.get_content().splitlines() == ["正文", "第二行"]


def test_transport_headers_are_kept_word_for_word_but_for_those_of_the_old_parts() -> None:
    headers = (
        "Received: from a\r\n by b\r\nSubject: as sent\r\nContent-Type: text/plain\r\nMIME-Version: 1.0\r\n"
    )
    held = message(TRANSPORT_HEADERS=string(headers))
    octets = b"".join(rendered(held, origin="pst"))
    assert octets.startswith(b"Received: from a\r\n by b\r\nSubject: as sent\r\n")
    assert octets.count(b"Content-Type: text/plain\r\n") == 0
    assert parsed(held)["To"] == '"Bo, Ltd" <bo@example.com>'


def test_text_and_html_are_alternatives_and_attachments_follow() -> None:
    inner = message(SUBJECT=string("inner"))
    attachments = (
        MapiAttachment("表格.xlsx", "application/x", "cid-1", lambda: iter((b"a" * 100_000, b"b"))),
        MapiAttachment("inner", "", "", lambda: iter(()), inner),
    )
    plain = message(HTML=(mapi.BINARY, b"<p>x</p>"))
    held = MapiMessage(plain.properties, plain.recipients, attachments)
    found = parsed(held)
    kinds = [part.get_content_type() for part in found.walk()]
    assert kinds[:4] == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html"]
    octets = b"".join(rendered(held, origin="pst"))
    _, name, result = outcomes(octets, "eml")[0]
    assert (name, len(result)) == ("表格.xlsx", 100_001)
    nested = steps(octets, "eml")[1]
    assert nested.name == "inner"
    assert isinstance(nested, Member)
    assert nested.kind is MemberKind.MESSAGE


def test_the_same_message_gives_the_same_bytes() -> None:
    first, second = (b"".join(rendered(message(), origin="pst")) for _ in range(2))
    assert first == second


def test_line_breaks_in_properties_make_no_headers() -> None:
    held = message(SUBJECT=string("a\r\nBcc: evil@example.com\r\n\r\nbody"))
    found = parsed(held)
    assert found["Bcc"] is None
    assert found["Subject"] == "a Bcc: evil@example.com body"


def test_contacts_show_what_a_person_reads_on_their_card() -> None:
    held = message(MESSAGE_CLASS=string("IPM.Contact"))
    values = {**held.properties.values, 0x3A1C: string("13800138000"), 0x3A16: string("某公司")}
    body = parsed(MapiMessage(Properties(values), (), ())).get_body()
    assert body is not None
    assert "Mobile telephone: 13800138000" in body.get_content()
    assert "Company: 某公司" in body.get_content()


@pytest.mark.parametrize(
    ("page", "octets"),
    [
        (936, "客户".encode("gbk")),
        (950, "客戶".encode("big5")),
        (65001, "客户".encode()),
        (None, "客户".encode("gbk")),
    ],
)
def test_eight_bit_strings_follow_the_code_page_of_the_message(page: int | None, octets: bytes) -> None:
    values = {mapi.SUBJECT: (mapi.STRING8, octets)}
    if page is not None:
        values[mapi.MESSAGE_CODE_PAGE] = (mapi.INTEGER, page.to_bytes(4, "little"))
    assert Properties(values).text(mapi.SUBJECT) in ("客户", "客戶")


def test_compressed_rtf_is_unpacked() -> None:
    # The two examples of MS-OXRTFCP, section 3.
    plain = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert unpacked_rtf(plain) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    crossing = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert unpacked_rtf(crossing) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


@given(st.binary(max_size=300))
def test_damaged_rtf_never_does_more_than_end(octets: bytes) -> None:
    unpacked_rtf(struct.pack("<4I", len(octets), 100, 0x75465A4C, 0) + octets)


def test_a_real_pst_gives_its_messages_by_folder_and_says_what_it_cannot_reach() -> None:
    found = steps(shared("testPST.pst"), "pst")
    assert [step.ordinal for step in found] == list(range(8))
    messages = [step for step in found if isinstance(step, Member)]
    assert len(messages) == 7
    assert all(
        step.derived and step.name.startswith("Début du fichier de données Outlook/") for step in messages
    )
    assert [step.code for step in found if isinstance(step, Damage)] == [NOT_TAKEN_OUT]
    first = email.message_from_bytes(messages[0].open().read(), policy=email.policy.default)
    assert first["From"] == "Jörn Kottmann <kottmann@gmail.com>"
    body = first.get_body()
    assert body is not None
    assert "clearAdaptivData" in body.get_content()
    ((_, name, inner),) = outcomes(messages[6].open().read(), "eml")
    assert name == "First email.eml"
    assert isinstance(inner, bytes)
    found_inside = email.message_from_bytes(inner, policy=email.policy.default)
    assert (found_inside["To"], found_inside["Subject"]) == ("lfcnassif@gmail.com", "First email")
    assert "recipients, attachments" in found_inside["X-Kedang-Incomplete"]
    text = found_inside.get_body()
    assert text is not None
    assert "Docx file attached." in text.get_content()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_block_of_properties_never_does_more_than_fail(data: st.DataObject) -> None:
    raw = bytearray(heap({0x37: "subject", 0x1000: "body"}))
    assert properties_of(bytes(raw)).values[0x1000] == string("body")
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(HeapBroken):
        properties_of(bytes(raw))


def heap(values: dict[int, str]) -> bytes:
    """A property context of one block (MS-PST, section 2.3.3)."""
    held = [string(text)[1] for text in values.values()]
    rows = b"".join(
        struct.pack("<HHI", tag, mapi.UNICODE, (index + 3) << 5) for index, tag in enumerate(values)
    )
    parts = [struct.pack("<BBBBI", 0xB5, 2, 6, 0, 2 << 5), rows, *held]
    places = [12]
    for part in parts:
        places.append(places[-1] + len(part))
    table = struct.pack(f"<HH{len(places)}H", len(parts), 0, *places)
    return struct.pack("<HBBII", places[-1], 0xEC, 0xBC, 1 << 5, 0) + b"".join(parts) + table


def test_a_pst_is_taken_up_behind_any_message() -> None:
    assert outcomes(shared("testPST.pst"), "pst", start_after=4) == outcomes(shared("testPST.pst"), "pst")[5:]


def test_what_is_no_pst_cannot_be_opened() -> None:
    assert codes(outcomes(b"!BDN" + b"\0" * 600, "pst")) == [NOT_OPENED]


def test_attachments_of_a_msg_are_taken_out_and_its_messages_composed() -> None:
    assert [(name, len(result)) for _, name, result in outcomes(shared("testMSG_att_doc.msg"), "msg")] == [
        ("test-unicode.doc", 24_064),
        ("pj1.txt", 89),
    ]
    inner, pdf = steps(shared("testMSG_att_msg.msg"), "msg")
    assert isinstance(inner, Member)
    assert isinstance(pdf, Member)
    assert (inner.kind, inner.derived, pdf.kind) == (MemberKind.MESSAGE, True, MemberKind.ATTACHMENT)
    assert pdf.open().read().startswith(b"%PDF")
    found = email.message_from_bytes(inner.open().read(), policy=email.policy.default)
    assert found["From"] == "Nick Booth <nick.booth@pof.com.au>"
    assert found["Subject"] == "Test Attachment"


def test_a_msg_without_attachments_has_no_members() -> None:
    assert steps(shared("testMSG_chinese.msg"), "msg") == []
    assert steps(b"no compound file", "msg") == []


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_flipped_bytes_of_a_msg_never_give_more_than_codes(data: st.DataObject) -> None:
    raw = bytearray(shared("testMSG_att_msg.msg").octets)
    for _ in range(data.draw(st.integers(1, 20))):
        raw[data.draw(st.integers(0, 8191))] = data.draw(st.integers(0, 255))
    for _, _, result in outcomes(bytes(raw), "msg"):
        assert isinstance(result, bytes) or result.startswith("KD-A3")


def test_a_chain_that_bites_its_tail_ends() -> None:
    raw = bytearray(shared("testMSG.msg").octets)
    (first_fat,) = struct.unpack_from("<I", raw, 76)
    at = (first_fat + 1) * 512
    for number in range(128):
        struct.pack_into("<I", raw, at + 4 * number, 0)
    try:
        found = CompoundFile(BytesContent(bytes(raw)))
    except OleBroken:
        return
    assert len(found.entries) < 10_000


def test_attachments_of_winmail_are_taken_out() -> None:
    found = outcomes(shared("testWINMAIL.dat"), "tnef")
    assert [name for _, name, _ in found] == [
        "quick.doc",
        "quick.html",
        "quick.pdf",
        "quick.txt",
        "quick.xml",
    ]
    assert found[3][2][:9] == b"The quick"


def test_a_cut_winmail_gives_what_came_before() -> None:
    raw = shared("testWINMAIL.dat").octets
    found = outcomes(raw[:40_000], "tnef")
    assert len(found[0][2]) == 19_968
    assert codes(found)[-1] == TRUNCATED
    assert codes(outcomes(b"no tnef", "tnef")) == [NOT_OPENED]
