"""Mails as Chinese programs write them."""

from __future__ import annotations

import base64

import pytest

from kedang.records.content import Extraction
from tests.extraction.contents import codes, format_of, read, real

BODY = "您好，附件是与北京某某公司的合同，请查收。"


def _mail(*head: str | bytes, body: bytes = b"") -> bytes:
    lines = [line if isinstance(line, bytes) else line.encode() for line in head]
    return b"\r\n".join([b"From: =?gb2312?B?1cXI/Q==?= <zhang@example.com>", *lines]) + b"\r\n\r\n" + body


def _told(found: Extraction, name: str) -> list[str]:
    return [value for key, value in found.metadata if key == name]


@pytest.mark.parametrize(
    ("charset", "codec"), [("gb2312", "gbk"), ("gbk", "gbk"), ("gb18030", "gb18030"), ("utf-8", "utf-8")]
)
def test_a_base64_body_is_read_in_its_charset(charset: str, codec: str) -> None:
    raw = _mail(
        "Subject: =?gb2312?B?us/NrA==?=",
        f"Content-Type: text/plain; charset={charset}",
        "Content-Transfer-Encoding: base64",
        body=base64.encodebytes(BODY.encode(codec)),
    )
    found = read(raw)
    assert BODY in found.text
    assert _told(found, "from") == ["张三 <zhang@example.com>"]
    assert _told(found, "subject") == ["合同"]


def test_raw_gbk_in_head_and_body_without_any_label_is_read() -> None:
    found = read(_mail("Subject: 关于合同的回复".encode("gbk"), "To: c@d", body=BODY.encode("gbk")))
    assert _told(found, "subject") == ["关于合同的回复"]
    assert BODY in found.text


def test_a_body_labelled_latin_but_written_in_gbk_is_read() -> None:
    raw = _mail("Subject: x", "Content-Type: text/plain; charset=iso-8859-1", body=(BODY * 3).encode("gbk"))
    assert BODY in read(raw).text


def test_a_character_cut_between_two_encoded_words_is_joined() -> None:
    whole = "合同编号".encode("gbk")
    words = " ".join(f"=?gbk?B?{base64.b64encode(part).decode()}?=" for part in (whole[:3], whole[3:]))
    assert _told(read(_mail(f"Subject: {words}", "To: c@d")), "subject") == ["合同编号"]


def test_of_an_alternative_the_plain_text_is_read_once() -> None:
    raw = _mail(
        "Subject: x",
        "Content-Type: multipart/alternative; boundary=b",
        body=b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\xe7\x94\xb2\xe6\x96\xb9\r\n--b\r\n"
        b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>\xe7\x94\xb2\xe6\x96\xb9</p>\r\n--b--",
    )
    assert read(raw).text.count("甲方") == 1


def test_a_body_of_html_alone_is_read_as_a_reader_sees_it() -> None:
    page = "<html><head><style>p{color:red}</style></head><body><p>您的订单&nbsp;DD1</p><script>x()</script></body></html>"
    raw = _mail("Subject: x", "Content-Type: text/html; charset=gbk", body=page.encode("gbk"))
    body = read(raw).text
    assert "您的订单 DD1" in body
    assert "color" not in body
    assert "x()" not in body


def test_attachments_and_mails_inside_are_no_text_of_the_mail() -> None:
    raw = _mail(
        "Subject: x",
        "Content-Type: multipart/mixed; boundary=b",
        body=b"--b\r\nContent-Type: text/plain\r\n\r\nfirst\r\n"
        b"--b\r\nContent-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nsecret\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: x@y\r\nSubject: inner\r\n\r\ninside\r\n--b--",
    )
    found = read(raw)
    assert "first" in found.text
    assert not any(word in found.text for word in ("secret", "inside", "a.txt"))


def test_head_and_body_are_places() -> None:
    found = read(_mail("Subject: x", "To: c@d", body=b"body"))
    header, body = found.places
    assert (header.kind, body.kind) == ("header", "body")
    assert found.text[header.start : header.end].startswith("From: 张三")
    assert found.text[body.start : body.end] == "body\n"


def test_a_mail_cut_off_in_its_body_gives_what_is_left() -> None:
    raw = _mail(
        "Subject: x",
        "Content-Type: multipart/mixed; boundary=b",
        body=b"--b\r\nContent-Type: text/plain\r\n\r\nfirst part of",
    )
    assert "first part of" in read(raw).text


def test_an_apple_mail_is_read_without_its_property_list() -> None:
    mail = _mail("Subject: x", "To: c@d", body=BODY.encode())
    raw = f"{len(mail)}\n".encode() + mail + b"<?xml version='1.0'?><plist><key>flags</key></plist>"
    assert format_of(raw) == "emlx"
    assert "plist" not in read(raw).text


def test_an_outlook_message_tells_head_and_body() -> None:
    found = read(real("行政部/邮件备份/testMSG_chinese.msg"))
    assert _told(found, "date") == ["2011-03-29T08:52:48+00:00"]
    assert _told(found, "to") == ["Tests Chang@FT (張毓倫) <tests.chang@fengttt.com>"]


def test_an_outlook_message_cut_in_half_is_damaged_not_fatal() -> None:
    raw = real("行政部/邮件备份/testMSG_chinese.msg")
    assert set(codes(read(raw[: len(raw) // 2]))) <= {"KD-E102", "KD-E103", "KD-E105"}
