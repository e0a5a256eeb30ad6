"""Readers that know nothing of the writers find in each file what the truth says."""

from __future__ import annotations

import email
import email.policy
import hashlib
import io
import tarfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import py7zr
import pypdfium2
import pytest
import rarfile
from PIL import Image

from examples.sample_company.evaluate import text_recall
from examples.sample_company.mess import PASSWORD
from tests.examples.readers import BY_XBERG, READERS, text_of, with_xberg
from tests.examples.sample import Sample

Entry = dict[str, Any]


def readable(sample: Sample) -> Iterator[tuple[Entry, bytes]]:
    """Files that have text."""
    for entry, payload in sample.loose():
        if entry["class"] is not None and entry["problem"] is None:
            yield entry, payload


@pytest.mark.parametrize("kind", sorted(READERS))
def test_every_file_of_the_format_holds_its_text(sample: Sample, kind: str) -> None:
    checked = 0
    for entry, payload in readable(sample):
        if entry["format"] == kind:
            plain = entry["charset"] and READERS[kind] is text_of
            found = text_of(payload, entry["charset"]) if plain else READERS[kind](payload)
            assert text_recall(entry["text"], found) > 0.999, entry["path"]
            checked += 1
    assert checked


def test_old_office_files_and_messages_hold_their_text(sample: Sample, tmp_path: Path) -> None:
    entries = [entry for entry, _ in readable(sample) if entry["format"] in BY_XBERG]
    files = [
        (sample.raw_path(entry).decode("utf-8", "surrogateescape"), BY_XBERG[entry["format"]])
        for entry in entries
    ]
    recalls = defaultdict(list)
    for entry, text in zip(entries, with_xberg(files, tmp_path), strict=True):
        recalls[entry["format"]].append(text_recall(entry["text"], text))
    assert set(recalls) == set(BY_XBERG)
    assert {kind: min(values) > 0.97 for kind, values in recalls.items()} == dict.fromkeys(BY_XBERG, True)


def members(payload: bytes, kind: str) -> dict[str, bytes]:
    """Names and bytes of an archive's members."""
    stream = io.BytesIO(payload)
    if kind == "zip":
        with zipfile.ZipFile(stream, metadata_encoding="gb18030") as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    if kind == "7z":
        with py7zr.SevenZipFile(stream) as archive:
            factory = py7zr.io.BytesIOFactory(10_000_000)
            archive.extractall(factory=factory)  # noqa: S202 - into memory
            return {name: file.read() for name, file in factory.products.items()}
    if kind == "rar":
        with rarfile.RarFile(stream) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    with tarfile.open(fileobj=stream) as archive:
        files = ((entry.name, archive.extractfile(entry)) for entry in archive)
        return {name: file.read() for name, file in files if file is not None}


@pytest.mark.parametrize("kind", ["zip", "7z", "rar", "tar", "tar.gz"])
def test_every_member_of_an_archive_stands_in_the_truth(sample: Sample, kind: str) -> None:
    whole = [pair for pair in sample.loose() if pair[0]["format"] == kind and pair[0]["problem"] is None]
    assert whole
    for entry, payload in whole:
        expected = {
            inner["inside"][0]: inner["sha256"]
            for inner in sample.truth["files"]
            if inner["path"] == entry["path"] and len(inner.get("inside", [])) == 1
        }
        found = {name: hashlib.sha256(data).hexdigest() for name, data in members(payload, kind).items()}
        assert found == expected


def test_every_attachment_of_a_mail_stands_in_the_truth(sample: Sample) -> None:
    seen = 0
    for entry, payload in readable(sample):
        if entry["format"] != "eml":
            continue
        message = email.message_from_bytes(payload, policy=email.policy.default)
        found = set()
        for part in message.iter_attachments():
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                found.add(hashlib.sha256(content).hexdigest())
        inner = [one for one in sample.truth["files"] if one["path"] == entry["path"]]
        expected = {
            one["sha256"] for one in inner if len(one.get("inside", [])) == 1 and one["format"] != "eml"
        }
        assert found >= expected, entry["path"]
        seen += len(expected)
    assert seen >= 20


def test_locked_files_open_with_the_password_only(sample: Sample) -> None:
    locked = {
        entry["format"]: payload for entry, payload in sample.loose() if entry["problem"] == "encrypted"
    }
    assert set(locked) == {"docx", "xlsx", "pdf", "zip"}
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(locked["pdf"])
    document = pypdfium2.PdfDocument(locked["pdf"], password=PASSWORD)
    assert "银行对账单" in document[0].get_textpage().get_text_range()
    document.close()
    with zipfile.ZipFile(io.BytesIO(locked["zip"]), metadata_encoding="gb18030") as archive:
        with pytest.raises(RuntimeError):
            archive.read("名单.csv")
        assert "客户编号" in archive.read("名单.csv", pwd=PASSWORD.encode()).decode("gb18030")
    for kind in ("docx", "xlsx"):
        assert locked[kind][:8] == bytes.fromhex("d0cf11e0a1b11ae1")
        assert "EncryptedPackage".encode("utf-16-le") in locked[kind]


def test_damaged_files_do_not_open(sample: Sample) -> None:
    damaged = {
        entry["path"].rpartition("/")[2]: data
        for entry, data in sample.loose()
        if entry["problem"] == "damaged"
    }
    for name in ("合同.docx.crdownload", "FILE0001.xlsx", "打不开.zip"):
        with pytest.raises(zipfile.BadZipFile):
            zipfile.ZipFile(io.BytesIO(damaged[name]))
    with pytest.raises(OSError, match="cannot identify"):
        Image.open(io.BytesIO(damaged["打不开的照片.jpg"]))


def test_scans_are_pictures_with_ink_on_them(sample: Sample) -> None:
    checked = 0
    for entry, payload in readable(sample):
        if entry["text_source"] == "ocr" and entry["format"] not in ("scan-pdf",):
            picture = Image.open(io.BytesIO(payload))
            assert min(picture.size) > 500, entry["path"]
            grey = picture.convert("L")
            assert grey.histogram()[:60] != [0] * 60, entry["path"]
            checked += 1
    assert checked >= 25
