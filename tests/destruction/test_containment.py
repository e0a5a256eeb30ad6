"""What lies in containers goes with its range, at every place; what has no range is restricted or dissolved."""

from __future__ import annotations

import gzip
import io
import mailbox
import random
import tarfile
import zipfile
import zlib
from base64 import b64encode
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pytest

from tests.destruction.ordering import (
    destroyed,
    holed,
    opened,
    planned,
    record_named,
    refused,
    total,
    with_copy,
)
from tests.sharing import made_once
from tests.world import World

DOOMED, KEPT = "黄河路七号的甲方林晚照", "长江路九号的乙方薄青山"
BAD = f"服务合同 {DOOMED} 电话13912340001 签订于2023年5月1日。".encode()
GOOD = f"服务合同 {KEPT} 电话13912340002 签订于2023年6月1日。".encode()
LONG = "很长的文件夹名称" * 12


def zipped(*members: tuple[str, bytes], stored: bool = False) -> bytes:
    """A zip archive of these members."""
    octets = io.BytesIO()
    method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(octets, "w", method) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, (2023, 5, 1, 8, 0, 0)), content, method)
    return octets.getvalue()


def deflated(octets: bytes) -> bytes:
    """The bytes as a zip archive has them."""
    packing = zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, -15)
    return packing.compress(octets) + packing.flush()


def tarred(*members: tuple[str, bytes]) -> bytes:
    """A tar archive whose long names stand in pax headers."""
    octets = io.BytesIO()
    with tarfile.open(fileobj=octets, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return octets.getvalue()


def mailed(subject: str, *attachments: tuple[str, bytes]) -> bytes:
    """A mail with attachments in base64."""
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "lin@example.com"
    message["To"] = "bo@example.com"
    message.set_content(f"{subject}，请查收附件。")
    for name, content in attachments:
        message.add_attachment(content, maintype="text", subtype="plain", filename=name)
    return message.as_bytes()


def boxed(folder: Path, *mails: bytes) -> bytes:
    """A mailbox of these mails."""
    box = mailbox.mbox(folder / "box")
    for mail in mails:
        box.add(mail)
    box.close()
    return (folder / "box").read_bytes()


def workbook() -> bytes:
    """A list of customers as a workbook."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["客户名称", "联系电话", "备注"])
    sheet.append(["林晚照", "13912340001", "住在沧浪路七号"])
    sheet.append(["薄青山", "13912340002", "住在沉香里九号"])
    octets = io.BytesIO()
    book.save(octets)
    return octets.getvalue()


def containers(folder: Path) -> dict[str, bytes]:
    """One container of each kind, with a member to be destroyed and one to be kept."""
    two = (("坏.txt", BAD), ("好.txt", GOOD))
    mail = mailed("合同往来", *two)
    return {
        "stored.zip": zipped(*two, stored=True),
        "deflated.zip": zipped(*two),
        "twice.zip": zipped(*two, ("又一份.txt", BAD), stored=True),
        "nested.zip": zipped(("inner.zip", zipped(*two, stored=True)), ("外.txt", GOOD + b"1"), stored=True),
        "long.tar": tarred((f"{LONG}/坏.txt", BAD), (f"{LONG}/好.txt", GOOD)),
        "letter.eml": mail,
        "box.mbox": boxed(folder, mail, mailed("无附件的信")),
        "box-in.zip": zipped(("in.mbox", boxed(folder, mail))),
    }


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, opened_case: World) -> World:
    """One archive of every kind of container."""

    def made(folder: Path) -> World:
        world = opened_case.copied(folder)
        desk = folder / "desk"
        desk.mkdir()
        for name, octets in containers(folder).items():
            (desk / name).write_bytes(octets)
        world.intake(desk)
        return world

    return made_once(tmp_path_factory, "filled-containers", made)


def of_member(world: World) -> str:
    """The record that is to go."""
    (hit,) = [one for one in world.catalogue() if one["text"].startswith("服务合同 黄河")]
    record: str = hit["record_id"]
    return record


def test_a_member_is_restricted_while_a_deflated_archive_holds_it(filled: World, tmp_path: Path) -> None:
    world = with_copy(filled.copied(tmp_path / "world"))
    record = of_member(world)
    plan = planned(world, record)
    around = record_named(world, "box-in.zip")["record_id"]
    (row,) = plan["records"]
    assert (row["outcome"], around in row["containing"]) == ("restricted", True)
    outcome = destroyed(world, record, status=1)
    assert outcome["containing"] == {record: row["containing"]}
    assert total(world, DOOMED) > 0


def test_a_member_goes_from_every_container_and_takes_no_other_byte(filled: World, tmp_path: Path) -> None:
    world = with_copy(filled.copied(tmp_path / "world"))
    before = {name: (world.root / "desk" / name).read_bytes() for name in containers(tmp_path)}
    outcome = destroyed(world, of_member(world), "--dissolve")
    assert outcome["destroyed"] == 1
    assert total(world, DOOMED) == 0
    assert total(world, KEPT) > 0
    for name, octets in before.items():
        record = record_named(world, name)
        left = holed(world, record["record_id"])
        assert len(left) == len(octets), name
        changed = [place for place, (one, other) in enumerate(zip(octets, left, strict=True)) if one != other]
        assert changed, name
        assert all(left[place] == 0 for place in changed), name
        for written in (BAD, DOOMED.encode(), b64encode(BAD)[:60], deflated(BAD)):
            assert written not in left, name
        assert (GOOD in octets) == (GOOD in left), name
        assert DOOMED not in record["text"], name
        assert opened(world, record["record_id"]).status == 2
    kept = record_named(world, "好.txt")["record_id"]
    assert opened(world, kept).out == GOOD


def test_rows_of_a_workbook_are_restricted(world: World, tmp_path: Path) -> None:
    desk = tmp_path / "desk"
    desk.mkdir()
    (desk / "名单.xlsx").write_bytes(workbook())
    world.intake(desk)
    with_copy(world)
    record = record_named(world, "名单.xlsx")["record_id"]
    (row,) = planned(world, "--rows", f"{record}:1")["rows"]
    assert (row["outcome"], row["containing"]) == ("restricted", [record])
    outcome = destroyed(world, "--rows", f"{record}:1", status=1)
    assert outcome["containing"] == {record: [record]}
    assert total(world, "沧浪路") == 1


def test_a_container_without_ranges_is_dissolved_when_all_its_parts_are_kept(
    world: World, tmp_path: Path
) -> None:
    desk = tmp_path / "desk"
    desk.mkdir()
    (desk / "包.tar.gz").write_bytes(gzip.compress(tarred(("坏.txt", BAD), ("好.txt", GOOD))))
    world.intake(desk)
    with_copy(world)
    record = of_member(world)
    assert planned(world, record)["records"][0]["outcome"] == "restricted"
    outcome = destroyed(world, record, "--dissolve")
    assert len(outcome["dissolved"]) == 1
    assert total(world, DOOMED) == 0
    assert opened(world, record_named(world, "好.txt")["record_id"]).out == GOOD
    gone = outcome["dissolved"][0]
    assert world.rows("SELECT state, length(commitment) FROM holdings_record WHERE id = ?", gone) == [
        ("destroyed", 32)
    ]
    assert [one["outcome"] for one in outcome["things"] if one["id"] == gone] == ["dissolved"]


def test_a_container_with_refused_parts_is_not_dissolved(world: World, tmp_path: Path) -> None:
    desk = tmp_path / "desk"
    desk.mkdir()
    noise = random.Random(7).randbytes(200_000)
    octets = gzip.compress(tarred(("坏.txt", BAD), ("断.bin", noise)))
    (desk / "包.tar.gz").write_bytes(octets[:-100_000])
    world.intake(desk)
    with_copy(world)
    assert refused(world, of_member(world), "--dissolve") == "KD-H131"


def test_other_versions_are_named_and_go_when_asked_for(world: World, tmp_path: Path) -> None:
    desk = tmp_path / "desk"
    desk.mkdir()
    (desk / "合同.txt").write_bytes(BAD)
    world.intake(desk)
    (desk / "合同.txt").write_bytes(BAD + " 第二版".encode())
    world.intake(desk)
    with_copy(world)
    newer = next(one["record_id"] for one in world.catalogue() if "第二版" in one["text"])
    plan = planned(world, newer)
    assert (len(plan["records"]), len(plan["versions"])) == (1, 1)
    assert len(planned(world, newer, "--with-versions")["records"]) == 2
    destroyed(world, newer, "--with-versions")
    assert total(world, DOOMED) == 0
