from __future__ import annotations

import base64
import email
import email.policy
import quopri
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.accession.containers.transfer import decoded
from kedang.accession.limits import Limits
from kedang.accession.members import DAMAGED, TOO_DEEP, TRUNCATED, Damage, Member, MemberKind
from tests.accession.samples import EndlessContent, codes, mail, outcomes, pieces_of, shared, steps


def attached(octets: bytes, header: bytes, encoding: bytes = b"base64") -> bytes:
    body = base64.encodebytes(octets).replace(b"\n", b"\r\n") if encoding == b"base64" else octets
    return header + b"\r\nContent-Transfer-Encoding: " + encoding + b"\r\n\r\n" + body


def test_attachments_are_members_and_body_texts_are_not() -> None:
    message = EmailMessage(policy=email.policy.SMTP)
    message["Subject"] = "报价"
    message.set_content("正文")
    message.add_alternative("<p>正文</p>", subtype="html")
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="报价单.pdf")
    message.add_attachment("a,b\n", subtype="csv", filename="清单.csv")
    found = outcomes(message.as_bytes(), "eml")
    assert [(name, result) for _, name, result in found] == [
        ("报价单.pdf", b"%PDF-1.4"),
        ("清单.csv", b"a,b\r\n"),
    ]
    assert [number for number, _, _ in found] == [2, 3]  # the two texts are parts 0 and 1


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (b'Content-Disposition: attachment; filename="plain.txt"', "plain.txt"),
        (b'Content-Disposition: attachment; filename="=?gb2312?B?us/NrC5kb2M=?="', "合同.doc"),
        (b"Content-Disposition: attachment; filename*=utf-8''%E5%90%88%E5%90%8C.doc", "合同.doc"),
        (b"Content-Disposition: inline; filename*0*=utf-8''%E5%90%88; filename*1*=%E5%90%8C.doc", "合同.doc"),
        ('Content-Disposition: attachment; filename="合同.doc"'.encode("gbk"), "合同.doc"),
        (b'Content-Type: application/pdf; name="=?UTF-8?Q?=E5=90=88=E5=90=8C=2Edoc?="', "合同.doc"),
        (b'Content-Disposition: attachment;\r\n filename="folded\r\n name.txt"', "folded name.txt"),
        (b"Content-Type: application/pdf", "part-2.pdf"),
        (b'Content-Disposition: attachment; filename="../../x"', "../../x"),
    ],
)
def test_the_name_of_an_attachment_is_read_however_it_is_written(header: bytes, name: str) -> None:
    assert outcomes(mail(parts=(attached(b"x", header),)), "eml") == [(1, name, b"x")]


def test_a_character_cut_between_two_encoded_words_is_whole_again() -> None:
    octets = "合同附件".encode()
    words = b" ".join(b"=?utf-8?B?" + base64.b64encode(piece) + b"?=" for piece in pieces_of(octets, 4))
    header = b'Content-Disposition: attachment; filename="' + words + b'"'
    assert steps(mail(parts=(attached(b"x", header),)), "eml")[0].name == "合同附件"


def test_a_mail_inside_a_mail_is_one_member_in_place() -> None:
    deep = attached(b"deep", b'Content-Disposition: attachment; filename="d"')
    inner = mail(b"inner\r\n", parts=(deep,), boundary=b"inner")
    raw = mail(parts=(b"Content-Type: message/rfc822\r\n\r\n" + inner,))
    (step,) = steps(raw, "eml")
    assert isinstance(step, Member)
    assert (step.kind, step.open().read()) == (MemberKind.MESSAGE, inner)
    assert step.verbatim is not None
    assert raw[step.verbatim.offset : step.verbatim.offset + step.verbatim.length] == inner
    assert outcomes(inner, "eml") == [(1, "d", b"deep")]


def test_a_part_takes_its_headers_and_body_and_nothing_of_its_neighbours() -> None:
    parts = (
        attached(b"first", b'Content-Disposition: attachment; filename="secret-1"'),
        attached(b"second", b'Content-Disposition: attachment; filename="secret-2"'),
    )
    raw = mail(parts=parts)
    first, second = steps(raw, "eml")
    assert first.range is not None
    assert second.range is not None
    held = raw[first.range.offset : first.range.offset + first.range.length]
    assert held == parts[0]
    rest = raw[: first.range.offset] + raw[first.range.offset + first.range.length :]
    assert b"secret-1" not in rest
    assert b"secret-2" in rest


def test_a_mail_without_its_end_mark_keeps_its_last_part() -> None:
    raw = mail(parts=(attached(b"whole", b'Content-Disposition: attachment; filename="a"'),))
    assert outcomes(raw.removesuffix(b"\r\n--limit--\r\n"), "eml") == [(1, "a", b"whole")]


def test_a_mail_that_is_only_a_file_has_it_as_member() -> None:
    raw = b"Subject: scan\r\n" + attached(b"%PDF", b"Content-Type: application/pdf")
    assert outcomes(raw, "eml") == [(0, "part-1.pdf", b"%PDF")]


def test_a_plain_mail_has_no_members() -> None:
    assert outcomes(mail(), "eml") == []
    assert outcomes(b"", "eml") == []


def test_ten_thousand_parts_in_each_other_end_at_the_limit() -> None:
    level = b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n'
    opening = b"".join(level % (number, number) for number in range(10_000))
    found = steps(b"Subject: x\r\n" + opening + b"\r\nend", "eml")
    assert [step.code for step in found if isinstance(step, Damage)] == [TOO_DEEP]


def test_ten_thousand_parts_side_by_side_are_all_found() -> None:
    part = attached(b"x", b'Content-Disposition: attachment; filename="a"')
    assert len(steps(mail(parts=(part,) * 10_000), "eml")) == 10_000


def test_headers_without_end_do_not_fill_the_memory() -> None:
    endless = EndlessContent(b"X-Header: " + b"a" * 1000 + b"\r\n", 20_000)
    assert steps(endless, "eml", limits=Limits(header_bytes=10_000)) == []


def test_a_line_of_many_megabytes_is_read_in_pieces() -> None:
    line = b"A" * 20_000_000
    part = attached(line, b'Content-Disposition: attachment; filename="a"', b"7bit")
    assert outcomes(mail(parts=(part,)), "eml") == [(1, "a", line)]


def test_a_boundary_inside_a_long_line_is_no_boundary() -> None:
    body = b"x" * (64 * 1024) + b"--limit\r\n"
    part = attached(body, b'Content-Disposition: attachment; filename="a"', b"8bit")
    assert outcomes(mail(parts=(part,)), "eml") == [(1, "a", body)]


def test_broken_base64_is_damage_and_the_next_part_is_read() -> None:
    header = b'Content-Disposition: attachment; filename="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    good = attached(b"ok", b'Content-Disposition: attachment; filename="b"')
    assert [result for _, _, result in outcomes(mail(parts=(header + b"QUJDR", good)), "eml")] == [
        DAMAGED,
        b"ok",
    ]


UU = b"begin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\n"


@pytest.mark.parametrize(
    ("encoding", "body", "result"),
    [
        ("base64", b"YQ==YmM=", b"abc"),
        ("base64", b"Y W\xa0Jj", b"abc"),
        ("quoted-printable", b"a=3D=\r\nb=E5=90", b"a=b\xe5\x90"),
        ("x-uuencode", UU, b"Cat"),
        ("x-uuencode", b"\r\n", b""),
        ("7bit", b"as it stands", b"as it stands"),
        ("x-unknown", b"as it stands", b"as it stands"),
    ],
)
def test_transfer_encodings_are_undone(encoding: str, body: bytes, result: bytes) -> None:
    assert b"".join(decoded(encoding, iter((body,)))) == result


def test_a_cut_uuencode_is_truncated() -> None:
    part = attached(UU[:-5], b'Content-Disposition: attachment; filename="a"', b"x-uuencode")
    assert codes(outcomes(mail(parts=(part,)), "eml")) == [TRUNCATED]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=4000), st.integers(1, 999))
def test_base64_does_not_depend_on_how_the_bytes_arrive(octets: bytes, size: int) -> None:
    packed = base64.encodebytes(octets)
    assert b"".join(decoded("base64", pieces_of(packed, size))) == octets


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.integers(1, 99))
def test_quoted_printable_does_not_depend_on_how_the_bytes_arrive(text: str, size: int) -> None:
    packed = quopri.encodestring(text.encode("utf-8", "ignore"))
    whole = b"".join(decoded("quoted-printable", iter((packed,))))
    assert b"".join(decoded("quoted-printable", pieces_of(packed, size))) == whole


def test_modification_dates_of_attachments_are_kept() -> None:
    header = (
        b'Content-Disposition: attachment; filename="a"; modification-date="Tue, 15 Nov 2022 15:54:12 GMT"'
    )
    (step,) = steps(mail(parts=(attached(b"x", header),)), "eml")
    assert step.modified == datetime(2022, 11, 15, 15, 54, 12, tzinfo=UTC)


def test_an_apple_mail_is_read_between_its_length_and_its_list() -> None:
    inner = mail(parts=(attached(b"x", b'Content-Disposition: attachment; filename="a"'),))
    raw = b"%-10d\n" % len(inner) + inner + b"<?xml version='1.0'?><plist/>"
    assert outcomes(raw, "emlx") == [(1, "a", b"x")]
    (step,) = steps(raw, "emlx")
    assert step.range is not None
    assert raw[step.range.offset :].startswith(b"Content-Disposition")


def test_a_saved_page_keeps_its_pictures_but_gives_its_attachments() -> None:
    raw = mail(
        parts=(
            attached(b"\x89PNG", b"Content-Type: image/png\r\nContent-Location: http://example.com/a.png"),
            attached(
                b"%PDF", b'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="a.pdf"'
            ),
        )
    )
    assert outcomes(raw, "mhtml") == [(2, "a.pdf", b"%PDF")]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_flipped_bytes_never_give_more_than_codes(data: st.DataObject) -> None:
    raw = bytearray(shared("attachment_pdf.eml").octets)
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    for _, _, result in outcomes(bytes(raw), "eml"):
        assert isinstance(result, bytes) or result.startswith("KD-A3")
