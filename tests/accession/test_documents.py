from __future__ import annotations

import struct
import zipfile

import pytest

from kedang.accession.limits import Limits
from kedang.accession.members import NOT_TAKEN_OUT, Member, MemberKind
from tests.accession.samples import codes, outcomes, shared, steps, zip_of


def sizes(name: str, fmt_name: str) -> list[tuple[str, int]]:
    return [(member, len(result)) for _, member, result in outcomes(shared(name), fmt_name)]


def test_embedded_files_are_members_and_parts_of_the_document_are_not() -> None:
    assert sizes("testWORD_embeded.docx", "docx") == [
        ("word/embeddings/Microsoft_Office_Word_97_-_2003_Document1.doc", 14_848),
        ("word/embeddings/Microsoft_Office_PowerPoint_Presentation2.pptx", 59_245),
        ("word/embeddings/Microsoft_Office_Excel_Worksheet1.xlsx", 14_294),
    ]
    assert sizes("testWORD_macros.docm", "docm") == []
    (chart_data,) = steps(shared("716.docx"), "docx")
    assert isinstance(chart_data, Member)
    assert chart_data.kind is MemberKind.EMBEDDED


@pytest.mark.parametrize(
    ("name", "fmt_name"),
    [
        ("testWPSAttachment.docx", "docx"),
        ("testWPSAttachment.xlsx", "xlsx"),
        ("testWPSAttachment.pptx", "pptx"),
    ],
)
def test_files_in_ole_wrappers_are_taken_out_under_their_own_names(name: str, fmt_name: str) -> None:
    found = {member.rpartition("/")[2]: result for _, member, result in outcomes(shared(name), fmt_name)}
    assert found["PDF.pdf"][:4] == b"%PDF"
    assert len(found["TXT.txt"]) == 11
    assert found["XML.xml"][:1] == b"<"


def test_a_wrapper_that_lies_about_its_length_is_not_taken_out() -> None:
    native = struct.pack("<IH", 100, 2) + b"a.txt\0C:\\a.txt\0" + struct.pack("<II", 0x30000, 0)
    raw = zip_of(
        {"word/embeddings/oleObject1.bin": compound({"\x01Ole10Native": native + b"\xff\xff\xff\x7fx"})}
    )
    assert codes(outcomes(raw, "docx")) == [NOT_TAKEN_OUT]


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file with small streams, as another program would write it."""
    directory = entry("Root Entry", 5, child=1, start=2, size=64 * 64)
    mini, mini_fat, number = b"", [], 0
    for index, (name, octets) in enumerate(streams.items(), 1):
        count = (len(octets) + 63) // 64
        directory += entry(
            name, 2, start=number, size=len(octets), right=index + 1 if index < len(streams) else -1
        )
        mini += octets.ljust(count * 64, b"\0")
        mini_fat += [*range(number + 1, number + count), 0xFFFFFFFE]
        number += count
    end = 0xFFFFFFFE
    fat = [0xFFFFFFFD, end, *range(3, 10), end, end]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0") + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6)
    header = header.ljust(44, b"\0") + struct.pack("<IIIIIIIII", 1, 1, 0, 4096, 10, 1, end, 0, 0)
    header = header.ljust(512, b"\xff")
    words = struct.pack(f"<{len(fat)}I", *fat).ljust(512, b"\xff")
    minis = struct.pack(f"<{len(mini_fat)}I", *mini_fat).ljust(512, b"\xff")
    return header + words + directory.ljust(512, b"\0") + mini.ljust(4096, b"\0") + minis


def entry(name: str, kind: int, *, child: int = -1, start: int = 0, size: int = 0, right: int = -1) -> bytes:
    raw = (name + "\0").encode("utf-16-le")
    fields = struct.pack("<HBBiii", len(raw), kind, 1, -1, right, child)
    return (raw.ljust(64, b"\0") + fields).ljust(116, b"\0") + struct.pack("<III", start, size, 0)


def test_packages_and_native_files_are_found_in_a_compound_file() -> None:
    held = b"PK the workbook itself"
    raw = zip_of({"xl/embeddings/oleObject1.bin": compound({"Package": held})})
    assert outcomes(raw, "xlsx") == [(0, "xl/embeddings/oleObject1.bin", held)]
    native = struct.pack("<IH", 0, 2) + "合同.txt\0".encode("gbk") + b"C:\\x\0"
    native += struct.pack("<III", 0x30000, 2, 0)[:8] + b"C\0" + struct.pack("<I", 3) + b"abc"
    raw = zip_of({"xl/embeddings/oleObject1.bin": compound({"\x01Ole10Native": native})})
    assert outcomes(raw, "xlsx") == [(0, "xl/embeddings/合同.txt", b"abc")]


def test_binary_objects_of_an_odf_are_members() -> None:
    raw = zip_of({"mimetype": b"x", "Object 1": b"old binary", "Object 2/content.xml": b"<chart/>"})
    assert outcomes(raw, "odt") == [(1, "Object 1", b"old binary")]


def test_a_document_that_is_no_zip_reports_nothing_more_than_its_reader_does() -> None:
    assert outcomes(shared("testODTnotaZipFile.odt"), "odt") == []


def test_attachments_of_a_pdf_are_members() -> None:
    assert sizes("with-attachment.pdf", "pdf") == [("image.png", 6_669)]
    assert sizes("testPDFPackage.pdf", "pdf") == [("PDF1.pdf", 35_964), ("PDF2.pdf", 35_961)]


@pytest.mark.parametrize("raw", [b"%PDF-1.7 broken", b"", b"%PDF-1.4\n%%EOF"])
def test_a_pdf_that_cannot_be_opened_has_no_members(raw: bytes) -> None:
    assert steps(raw, "pdf") == []


def test_a_pdf_beyond_the_memory_allowed_says_so() -> None:
    assert codes(outcomes(shared("with-attachment.pdf"), "pdf", limits=Limits(memory_bytes=10))) == [
        NOT_TAKEN_OUT
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("999.ofd", [("original_invoice.xml", 41_256)]),
        ("SignScaleError.ofd", [("data.xml", 4_498)]),
        ("draw_param_ref.ofd", [("original_invoice.xml", 57_755)]),
        ("AddAttachment.ofd", [("Gao.jpg", 36_494)]),
        ("1-1.ofd", []),
    ],
)
def test_attachments_of_an_ofd_are_members(name: str, expected: list[tuple[str, int]]) -> None:
    assert sizes(name, "ofd") == expected


def test_entities_in_an_attachment_list_are_not_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    listed = (
        bomb
        + b'<Attachments><Attachment Name="&b;&f;"><FileLoc>&f;a.xml</FileLoc></Attachment></Attachments>'
    )
    raw = zip_of(
        {"Doc_0/Attachs/Attachments.xml": listed, "Doc_0/Attachs/a.xml": b"x"}, method=zipfile.ZIP_STORED
    )
    for step in steps(raw, "ofd"):
        assert "root:" not in step.name
        assert "aaaa" not in step.name
