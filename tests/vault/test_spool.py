from __future__ import annotations

import io
import os
import pickle
import zipfile
from pathlib import Path

import pytest

from kedang.records.content import Content
from kedang.vault.errors import BlobDamaged, KeyMismatch, NotSealed, ObjectExists, ObjectMissing
from kedang.vault.spool import SpoolContent, write_spool

from .seeded import KEY, OTHER_KEY, seeded_bytes

MARKER = "王小明 13800138000".encode()
MEMBER = seeded_bytes("member")(300_000) + MARKER + seeded_bytes("rest")(300_000)


def _spool(path: Path, member: bytes = MEMBER) -> SpoolContent:
    return write_spool(path, KEY, io.BytesIO(member), random_bytes=seeded_bytes("spool"))


def test_a_spooled_member_is_content_like_any_other(tmp_path: Path) -> None:
    content: Content = _spool(tmp_path / "spool")
    assert content.size_bytes == len(MEMBER)
    assert content.head(10) == MEMBER[:10]
    with content.open() as one, content.open() as other:
        assert one.read() == other.read() == MEMBER
        one.seek(-5, os.SEEK_END)
        assert one.read() == MEMBER[-5:]


def test_another_process_can_read_it_with_the_key(tmp_path: Path) -> None:
    sent = pickle.loads(pickle.dumps(_spool(tmp_path / "spool")))  # noqa: S301
    with sent.open() as stream:
        assert stream.read() == MEMBER


def test_a_zip_reader_finds_its_way_in_a_spooled_archive(tmp_path: Path) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writing:
        for number in range(50):
            writing.writestr(f"{number}.txt", f"内容{number}" * 500)
    with _spool(tmp_path / "spool", archive.getvalue()).open() as stream, zipfile.ZipFile(stream) as reading:
        assert reading.testzip() is None
        assert reading.read("7.txt").decode() == "内容7" * 500


def test_nothing_of_the_member_lies_on_the_disk_in_clear(tmp_path: Path) -> None:
    _spool(tmp_path / "spool")
    (file,) = tmp_path.iterdir()
    stored = file.read_bytes()
    assert MARKER not in stored
    assert not any(MEMBER[at : at + 16] in stored for at in range(0, len(MEMBER), 4096))
    assert file.stat().st_mode & 0o777 == 0o600


def test_two_spools_of_one_member_differ(tmp_path: Path) -> None:
    random_bytes = seeded_bytes("two")
    for name in ("one", "two"):
        write_spool(tmp_path / name, KEY, io.BytesIO(MEMBER), random_bytes=random_bytes)
    assert (tmp_path / "one").read_bytes()[8:] != (tmp_path / "two").read_bytes()[8:]


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "spool").write_bytes(b"something else")
    with pytest.raises(ObjectExists):
        _spool(tmp_path / "spool")
    assert (tmp_path / "spool").read_bytes() == b"something else"


def test_a_source_that_fails_leaves_no_file(tmp_path: Path) -> None:
    class Failing(io.BytesIO):
        def read(self, count: int | None = -1, /) -> bytes:
            if self.tell() > 100_000:
                raise OSError("the source is gone")
            return super().read(min(count or 0, 50_000))

    with pytest.raises(OSError, match="the source is gone"):
        write_spool(tmp_path / "spool", KEY, Failing(MEMBER), random_bytes=seeded_bytes("x"))
    assert list(tmp_path.iterdir()) == []


def test_another_run_with_another_key_reads_nothing(tmp_path: Path) -> None:
    _spool(tmp_path / "spool")
    with pytest.raises(KeyMismatch):
        SpoolContent(tmp_path / "spool", OTHER_KEY).open()


def test_a_changed_or_cut_spool_is_found(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    _spool(path)
    stored = path.read_bytes()
    path.write_bytes(stored[:200_000] + b"\x00" + stored[200_001:])
    with SpoolContent(path, KEY).open() as stream, pytest.raises(BlobDamaged):
        stream.read()
    path.write_bytes(stored[:-20])
    with pytest.raises(BlobDamaged):
        SpoolContent(path, KEY).open()
    path.write_bytes(b"")
    with pytest.raises(NotSealed):
        SpoolContent(path, KEY).open()
    path.unlink()
    with pytest.raises(ObjectMissing):
        SpoolContent(path, KEY).open()


def test_no_file_stays_open(tmp_path: Path) -> None:
    content = _spool(tmp_path / "spool")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        content.head(3)
        with pytest.raises(KeyMismatch):
            SpoolContent(content.path, OTHER_KEY).open()
    assert len(os.listdir("/proc/self/fd")) == before


def test_the_key_is_not_shown(tmp_path: Path) -> None:
    assert KEY.hex() not in repr(_spool(tmp_path / "spool"))
    assert repr(KEY) not in repr(vars(type(_spool(tmp_path / "other"))))
