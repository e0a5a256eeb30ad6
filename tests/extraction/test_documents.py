"""Documents of text processors, presentations, pages and books."""

from __future__ import annotations

import io
import zlib

import docx as python_docx
import pytest

from kedang.extraction import Limits
from tests.extraction.contents import codes, format_of, read, real
from tests.extraction.made import W, docx, paragraph, pdf, zipped

TRACKED = (
    "<w:p><w:r><w:t>甲方</w:t></w:r><w:del><w:r><w:delText>旧名</w:delText></w:r></w:del>"
    "<w:ins><w:r><w:t>新名</w:t></w:r></w:ins></w:p>"
)
BOX = (
    '<w:p><w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    f"<mc:Choice><w:txbxContent>{paragraph('框内')}</w:txbxContent></mc:Choice>"
    f"<mc:Fallback><w:txbxContent>{paragraph('框内')}</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r></w:p>"
)


def test_a_word_document_is_read_with_all_its_parts() -> None:
    document = python_docx.Document()
    document.add_paragraph("采购合同")
    table = document.add_table(rows=2, cols=2)
    for row, cells in zip(table.rows, (("名称", "数量"), ("钢材", "10")), strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.sections[0].header.paragraphs[0].text = "某某公司合同专用"
    document.sections[0].footer.paragraphs[0].text = "第 1 页"
    document.core_properties.title = "采购合同"
    made = io.BytesIO()
    document.save(made)
    found = read(made.getvalue())
    assert found.text.startswith("采购合同\n名称\t数量\n钢材\t10\n")
    kinds = {place.kind: found.text[place.start : place.end] for place in found.places}
    assert kinds["header"] == "某某公司合同专用\n"
    assert kinds["footer"] == "第 1 页\n"
    assert ("title", "采购合同") in found.metadata


@pytest.mark.parametrize(
    "other",
    [
        "<html><body><p>这不是文档</p></body></html>",
        "<document><body><p>没有名称空间</p></body></document>",
        '<w:document xmlns:w="urn:somebody:else"><w:body><w:p><w:r><w:t>字</w:t></w:r></w:p></w:body></w:document>',
        "<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
)
def test_a_word_document_whose_body_is_not_of_word_is_asked_about(other: str) -> None:
    alone = read(docx("", word__document_xml=other))
    assert (alone.text, codes(alone)) == ("", ["KD-E102"])
    header = f"<w:hdr {W}>{paragraph('页眉还在')}</w:hdr>"
    found = read(docx("", word__document_xml=other, word__header1_xml=header))
    assert (found.text.strip(), codes(found)) == ("页眉还在", ["KD-E103"])


def test_a_header_that_is_not_of_word_is_said_and_the_body_is_read() -> None:
    found = read(docx(paragraph("正文"), word__header1_xml="<html><p>别的</p></html>"))
    assert (found.text.strip(), codes(found)) == ("正文", ["KD-E103"])


def test_notes_and_comments_of_a_word_document_are_read() -> None:
    parts = {
        "word__footnotes_xml": f"<w:footnotes {W}><w:footnote w:type='separator'>{paragraph('———')}</w:footnote>"
        f"<w:footnote>{paragraph('见附件一')}</w:footnote></w:footnotes>",
        "word__comments_xml": f"<w:comments {W}><w:comment>{paragraph('请法务复核')}</w:comment></w:comments>",
    }
    found = read(docx(paragraph("正文"), **parts))
    assert found.text == "正文\n见附件一\n请法务复核\n"
    assert [place.kind for place in found.places] == ["body", "footnotes", "comments"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (TRACKED, "甲方新名"),
        (BOX, "\n框内"),
        ("<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>一</w:t><w:tab/><w:t>二</w:t></w:r></w:p>", "一\t二"),
        ("<w:p><w:r><w:t>一</w:t><w:br/><w:t>二</w:t></w:r></w:p>", "一\n二"),
        (f"<w:sdt><w:sdtContent>{paragraph('控件')}</w:sdtContent></w:sdt>", "控件"),
        (f"<w:tbl><w:sdt><w:sdtContent><w:tr><w:tc>{paragraph('格')}</w:tc></w:tr></w:sdtContent></w:sdt></w:tbl>", "格"),
        ("<w:p><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>1</w:t></w:r></w:p>", "1"),
        ("<w:p><w:hyperlink><w:r><w:t>链接</w:t></w:r></w:hyperlink></w:p>", "链接"),
    ],
)  # fmt: skip
def test_what_word_shows_is_what_is_read(body: str, text: str) -> None:
    assert read(docx(body)).text.strip("\n") == text.strip("\n")


def test_a_broken_note_part_leaves_the_body_readable() -> None:
    found = read(docx(paragraph("正文"), word__footnotes_xml=""))
    assert found.text.startswith("正文")
    assert codes(found) == ["KD-E103"]


def test_a_document_of_pictures_wants_ocr() -> None:
    found = read(docx(paragraph(""), word__media__image1_xml="x") + b"")
    assert found.ocr_pages == ()
    pictured = zipped(
        {
            "[Content_Types].xml": "'wordprocessingml.document.main+xml'",
            "word/document.xml": f"<w:document {W}><w:body>{paragraph('x')}</w:body></w:document>",
            "word/media/a.png": bytes(range(256)) * 40,
        }
    )
    assert read(pictured).ocr_pages == (0,)


def _page(*contents: bytes, resources: bytes = b"") -> bytes:
    stream = b"\n".join(contents)
    return pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>%s>>>>"
            % resources,
            b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            b"<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>"
            b"stream\nA\nendstream",
        ]
    )


def _text(words: bytes) -> bytes:
    return b"BT /F 12 Tf 50 700 Td (%s) Tj ET" % words


PICTURE = b"q 600 0 0 800 0 0 cm /I Do Q"
IMAGES = b"/XObject<</I 6 0 R>>"


def test_a_page_with_words_wants_no_ocr() -> None:
    found = read(_page(_text(b"Contract of sale, party A and party B agree on what follows below and above")))
    assert "Contract of sale" in found.text
    assert (found.pages, found.ocr_pages) == (1, ())
    assert [(place.kind, place.label) for place in found.places] == [("page", "1")]


def test_a_scanned_page_wants_ocr() -> None:
    assert read(_page(PICTURE, resources=IMAGES)).ocr_pages == (0,)


def test_a_scanned_page_with_a_page_number_wants_ocr() -> None:
    assert read(_page(PICTURE, _text(b"- 1 -"), resources=IMAGES)).ocr_pages == (0,)


def test_a_blank_page_wants_no_ocr() -> None:
    assert read(_page(b"")).ocr_pages == ()


def test_a_page_of_broken_glyphs_wants_ocr_and_keeps_no_rubbish() -> None:
    found = read(_page(_text(b"\\001\\003\\004\\005\\006" * 30)))
    assert found.ocr_pages == (0,)
    assert "\x04" not in found.text


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9])
def test_a_pdf_cut_short_gives_a_code_or_its_words(cut: float) -> None:
    raw = real("行政部/扫描件/direct_extract.pdf")
    found = read(raw[: int(len(raw) * cut)])
    assert found.text.strip() or codes(found) == ["KD-E102"] or found.ocr_pages


OFD_PAGE = "<ofd:Page xmlns:ofd='http://www.ofdspec.org/2016'><ofd:Content><ofd:Layer>{objects}</ofd:Layer></ofd:Content></ofd:Page>"


def _ofd(objects: str) -> bytes:
    head = "xmlns:ofd='http://www.ofdspec.org/2016'"
    return zipped(
        {
            "OFD.xml": f"<ofd:OFD {head}><ofd:DocBody><ofd:DocRoot>/Doc_0/document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
            "Doc_0/Document.xml": f"<ofd:Document {head}><ofd:Pages><ofd:Page ID='1' BaseLoc='Pages/P/Content.xml'/></ofd:Pages></ofd:Document>",
            "Doc_0/Pages/P/Content.xml": OFD_PAGE.format(objects=objects),
        }
    )  # fmt: skip


def test_an_ofd_page_is_read_line_by_line_from_left_to_right() -> None:
    pieces = ((60, 20.5, "右"), (10, 40, "下"), (10, 20, "左"))
    objects = "".join(
        f"<ofd:TextObject Boundary='{x} {y} 10 5'><ofd:TextCode X='0' Y='4'>{word}</ofd:TextCode></ofd:TextObject>"
        for x, y, word in pieces
    )
    assert read(_ofd(objects)).text == "左 右\n下\n"


def test_an_ofd_page_of_a_picture_wants_ocr() -> None:
    assert read(_ofd("<ofd:ImageObject Boundary='0 0 210 297' ResourceID='3'/>")).ocr_pages == (0,)


def test_an_ofd_whose_page_is_missing_says_so() -> None:
    raw = zipped(
        {
            "OFD.xml": "<OFD><DocBody><DocRoot>D/Document.xml</DocRoot></DocBody></OFD>",
            "D/Document.xml": "<Document><Pages><Page ID='1' BaseLoc='gone.xml'/></Pages></Document>",
        }
    )
    assert codes(read(raw)) == ["KD-E103"]


def test_an_encrypted_ofd_asks_for_its_password() -> None:
    raw = zipped({"OFD.xml": "<OFD/>", "Encryptions.xml": "<Encryptions/>"})
    assert codes(read(raw)) == ["KD-E101"]


INVOICE = (
    "<?xml version='1.0' encoding='{charset}'?><EInvoice><EInvoiceData><SellerInformation><SellerName>某某科技有限公司"
    "</SellerName><SellerIdNum>91110108MA01ABCD0X</SellerIdNum></SellerInformation><BuyerInformation><BuyerName>李四商行"
    "</BuyerName></BuyerInformation><BasicInformation><TotalTax-includedAmount>1060.00</TotalTax-includedAmount>"
    "</BasicInformation></EInvoiceData><TaxSupervisionInfo><InvoiceNumber>24112000000012345678</InvoiceNumber>"
    "<IssueTime>2024-05-01</IssueTime></TaxSupervisionInfo></EInvoice>"
)


@pytest.mark.parametrize("charset", ["UTF-8", "GBK"])
def test_an_electronic_invoice_tells_its_fields(charset: str) -> None:
    found = read(INVOICE.format(charset=charset).encode(charset))
    told = dict(found.metadata)
    assert told["kind"] == "electronic-invoice"
    assert told["invoice_number"] == "24112000000012345678"
    assert (told["seller"], told["buyer"], told["total"]) == ("某某科技有限公司", "李四商行", "1060.00")
    assert "BuyerName: 李四商行" in found.text


def test_an_old_contact_in_gbk_is_read() -> None:
    name = "张三".encode("gbk")
    quoted = b"".join(b"=%02X" % byte for byte in name)
    raw = (
        b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=GBK;ENCODING=QUOTED-PRINTABLE:" + quoted[:6] + b"=\r\n" + quoted[6:]
        + b";;;\r\nTEL;CELL:13800138000\r\nPHOTO;ENCODING=BASE64;TYPE=JPEG:\r\n /9j/4AAQ\r\n\r\nEND:VCARD\r\n"
    )  # fmt: skip
    table = read(raw).tables[0]
    assert table.headers == ("name", "phone")
    assert table.rows == (("张三", "13800138000"),)


def test_a_chinese_name_in_parts_is_written_family_name_first() -> None:
    raw = "BEGIN:VCARD\nVERSION:3.0\nN:欧阳;修;;;\nORG:某某公司;销售部\nEND:VCARD".encode()
    assert read(raw).tables[0].rows == (("欧阳修", "某某公司 销售部"),)


def test_a_calendar_entry_is_a_row() -> None:
    raw = (
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;TZID=Asia/Shanghai:20240501T093000\nSUMMARY:拜访客户\\, 签合同\n"
        "ATTENDEE;CN=张三:mailto:zhang@example.com\nBEGIN:VALARM\nDESCRIPTION:提醒\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR"
    ).encode()
    table = read(raw).tables[0]
    assert table.headers == ("start", "summary", "attendees")
    assert table.rows == (("2024-05-01T09:30:00", "拜访客户, 签合同", "张三 <zhang@example.com>"),)


CHATS = {
    "wechat": "2024-05-01 10:00:01 张三\n您好，发货了吗？\n\n2024-05-01 10:01:30 客服小李\n已发，单号 SF123\n请查收\n\n2024-05-01 10:02:00 张三\n好的\n",
    "wecom": "张三 2024/05/01 10:00:01\n您好，发货了吗？\n客服小李 2024/05/01 10:01:30\n已发，单号 SF123\n请查收\n张三 2024/05/01 10:02:00\n好的\n",
    "one line": "[2024-05-01 10:00] 张三: 您好，发货了吗？\n[2024-05-01 10:01] 客服小李: 已发，单号 SF123\n请查收\n[2024-05-01 10:02] 张三: 好的\n",
    "qq": "2024-05-01 10:00:01 张三(12345678)\n您好，发货了吗？\n\n2024-05-01 10:01:30 客服小李<li@example.com>\n已发，单号 SF123\n请查收\n\n2024-05-01 10:02:00 张三(12345678)\n好的\n",
}  # fmt: skip


@pytest.mark.parametrize("layout", CHATS)
def test_an_exported_chat_is_a_table_of_messages(layout: str) -> None:
    found = read(CHATS[layout].encode())
    (table,) = found.tables
    assert table.headers == ("time", "sender", "message")
    assert [row[1] for row in table.rows] == ["张三", "客服小李", "张三"]
    assert [row[2] for row in table.rows] == ["您好，发货了吗？", "已发，单号 SF123\n请查收", "好的"]
    assert found.text[table.row_starts[2] :].lstrip("[").startswith(("2024-05-01 10:02", "张三 2024"))


def test_a_chat_exported_as_a_page_is_a_table_of_messages() -> None:
    page = (
        "<html><body>"
        + "".join(f"<div>{line}</div>" for line in CHATS["wechat"].splitlines())
        + "</body></html>"
    )
    assert len(read(page.encode()).tables[0].rows) == 3


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-01 10:00 会议开始。\n讨论了三件事。\n会议结束。\n",
        "2024-01-01 10:00:00 INFO started\n" * 9,
        "甲方：张三\n乙方：李四\n丙方：王五\n",
    ],
)
def test_minutes_logs_and_parties_are_no_chat(text: str) -> None:
    assert read(text.encode(), "a.txt").tables == ()


def test_a_page_gives_what_a_reader_sees() -> None:
    page = (
        "<html><head><meta charset='gb2312'><title>订单 详情</title><script>var 秘密</script></head><body><h1>订单</h1>"
        "<p>张 三<br>电话</p><div style='display: none'>看不见</div><!-- 注释 --><pre>一\n 二</pre></body></html>"
    )
    found = read(page.encode("gbk"))
    assert found.text == "订单\n张 三\n电话\n一\n 二\n"
    assert ("title", "订单 详情") in found.metadata


def test_each_state_of_a_thing_has_its_code() -> None:
    assert codes(read(b"")) == ["KD-E104"]
    assert codes(read(b"\r\n  \r\n")) == ["KD-E104"]
    assert codes(read(real("旧电脑备份/损坏与可疑文件/testWORD_protected_passtika.docx"))) == ["KD-E101"]
    assert codes(read(docx(paragraph("x"))[:-30])) == ["KD-E103"]
    assert codes(read(docx(paragraph("x"))[:200], "x.docx")) == ["KD-E102"]
    assert codes(read(real("旧电脑备份/数据库/testACCESS.mdb"))) == ["KD-E105"]
    assert codes(read(b"\x00\x01\x02\x03" * 50)) == ["KD-E106"]
    assert codes(read(b"x" * 100, limits=Limits(max_whole_bytes=10, max_text_code_points=10))) == ["KD-E107"]
    assert codes(read(pdf([b"<</Type/Catalog>>"]), limits=Limits(max_whole_bytes=10))) == ["KD-E111"]


def test_archives_give_no_text_as_their_members_are_received_apart() -> None:
    found = read(zipped({"客户.txt": "x"}))
    assert (found.text, found.problems) == ("", ())
    assert format_of(zipped({"客户.txt": "x"})) == "zip"


def test_line_ends_nul_and_lone_halves_are_tidied() -> None:
    assert read("一\r\n二\r三\n".encode()).text == "一\n二\n三\n"
    assert read(zlib.decompress(zlib.compress(b'{"a": {"b": "\\ud800x"}}'))).text.count("\ufffd") == 1
