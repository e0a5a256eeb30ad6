"""Every container of the shared real data: what it gives is a table that changes only on purpose."""

from __future__ import annotations

import pytest

from kedang.accession.members import (
    CONTAINER_ENCRYPTED,
    DAMAGED,
    ENCRYPTED,
    NOT_A_FILE,
    NOT_TAKEN_OUT,
    TRUNCATED,
    UNSUPPORTED,
    VOLUMES_MISSING,
)
from tests.accession.samples import codes, outcomes, shared

TABLE: list[tuple[str, str, int, list[str]]] = [
    # file, format, members read, codes in order
    ("directories.zip", "zip", 1, []),
    ("gbk.zip", "zip", 1, []),
    ("sloppy-filenames.zip", "zip", 2, []),
    ("test-documents.zip", "zip", 9, []),
    ("test-zip-of-zip.zip", "zip", 1, []),
    ("testEmbedded.zip", "zip", 2, []),
    ("testZipEncrypted.zip", "zip", 1, [ENCRYPTED]),
    ("testZipEntryNameCharsetShiftSJIS.zip", "zip", 2, []),
    ("traditional-encryption.zip", "zip", 0, [ENCRYPTED]),
    ("unicode-path-extra-field.zip", "zip", 1, []),
    ("unicode.zip", "zip", 2, []),
    ("absolute path C xt.zip", "zip", 2, []),
    ("invalid relative path xt.zip", "zip", 2, []),
    ("multi-disk zip files are not supported found disk number 1.zip", "zip", 2, [VOLUMES_MISSING]),
    ("testZIP_corrupted_oom.zip", "zip", 0, [TRUNCATED]),
    ("too many bytes in the stream expected 82496 got at least 98304.zip", "zip", 0, [DAMAGED]),
    ("unexpected EOF.zip", "zip", 0, [TRUNCATED]),
    ("unsupported compression method 1.zip", "zip", 1, [UNSUPPORTED]),
    ("test-documents.tgz", "gzip", 9, []),
    ("quine.gz", "gzip", 1, []),
    ("test-documents.7z", "7z", 9, []),
    ("test7Z_protected_passTika.7z", "7z", 0, [ENCRYPTED]),
    ("crc_corrupted.7z", "7z", 0, [DAMAGED] * 3),
    ("data_corrupted.7z", "7z", 2, [DAMAGED]),
    ("empty.7z", "7z", 0, []),
    ("full_encrypted.7z", "7z", 0, [CONTAINER_ENCRYPTED]),
    ("symlink.7z", "7z", 1, [NOT_A_FILE] * 4),
    ("rar3-subdirs.rar", "rar", 4, []),
    ("rar5-subdirs.rar", "rar", 4, []),
    ("rar5-psw.rar", "rar", 0, [ENCRYPTED] * 2),
    ("rar5-vols.part1.rar", "rar", 0, [VOLUMES_MISSING] * 2),
    ("rar5-vols.part2.rar", "rar", 0, [VOLUMES_MISSING] * 2),
    ("rar5-vols.part3.rar", "rar", 1, [VOLUMES_MISSING]),
    ("test-documents-enc.rar", "rar", 0, [CONTAINER_ENCRYPTED]),
    ("test-documents.rar", "rar", 9, []),
    ("unicode.rar", "rar", 2, []),
    ("complex.mbox", "mbox", 3, []),
    ("multiline.mbox", "mbox", 1, []),
    ("testPST.pst", "pst", 7, [NOT_TAKEN_OUT]),
    ("testMSG.msg", "msg", 0, []),
    ("testMSG_att_doc.msg", "msg", 2, []),
    ("testMSG_att_msg.msg", "msg", 2, []),
    ("testWINMAIL.dat", "tnef", 5, []),
    ("testMHTMLFirefox.mhtml", "mhtml", 0, []),
    ("testEMLX.emlx", "emlx", 0, []),
    ("attachment_message_rfc822.eml", "eml", 1, []),
    ("attachment_nonascii_filename.eml", "eml", 1, []),
    ("attachment_pdf.eml", "eml", 1, []),
    ("attachment_pdf_non_ascii.eml", "eml", 1, []),
    ("attachment_with_base64_encoded_name.eml", "eml", 1, []),
    ("basic_email.eml", "eml", 0, []),
    ("bad_date_header.eml", "eml", 0, []),
    ("content_transfer_encoding_x_uuencode.eml", "eml", 1, []),
    ("multipart_report_multiple_status.eml", "eml", 1, []),
    ("raw_email2.eml", "eml", 1, []),
    ("raw_email_with_nested_attachment.eml", "eml", 2, []),
    ("testGroupWiseEml.eml", "eml", 2, []),
    ("testRFC822_encrypted_zip", "eml", 1, []),
    ("testRFC822_multipart_attachments.eml", "eml", 2, []),
]


@pytest.mark.parametrize(("name", "fmt_name", "read", "expected"), TABLE, ids=[row[0] for row in TABLE])
def test_a_real_container_gives_what_the_table_says(
    name: str, fmt_name: str, read: int, expected: list[str]
) -> None:
    found = outcomes(shared(name), fmt_name)
    assert codes(found) == expected
    assert len(found) - len(expected) == read


def test_an_encrypted_zip_inside_a_mail_is_found_to_be_encrypted() -> None:
    ((_, name, octets),) = outcomes(shared("testRFC822_encrypted_zip"), "eml")
    assert name == "test.zip"
    assert isinstance(octets, bytes)
    assert ENCRYPTED in codes(outcomes(octets, "zip"))
