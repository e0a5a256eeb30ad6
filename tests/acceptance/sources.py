"""Sources that the whole product takes in: real formats, written by the writers of the sample company."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from random import Random

from examples.sample_company.paper import Grid, Paper
from examples.sample_company.papers.parts import Setting
from examples.sample_company.world import build_world
from examples.sample_company.writers import archives, mail
from examples.sample_company.writers.choice import envelope, render
from examples.sample_company.writers.rendering import Rendered
from tests.world import files_below

SETTLED = 1_700_000_000  # seconds since 1970; long before any test runs
DAY = date(2024, 3, 18)
BORN_DIGITAL = (
    *("txt/utf-8", "txt/gbk", "txt/big5", "txt/utf-16", "csv/gb18030", "csv/utf-8", "md/utf-8", "json/utf-8"),
    *("xml/utf-8", "html/utf-8", "docx", "xlsx", "xls", "et", "pdf", "plain-pdf", "eml/utf-8", "eml/gb18030"),
    *("eml/web", "msg", "ofd", "doc", "wps", "ppt", "dps", "pptx", "odt", "ods", "odp", "rtf", "chat-txt"),
    *("chat-csv", "chat-html", "wecom-txt", "vcf", "vcf/old", "ics", "wav"),
)
SCANNED = ("scan-png", "scan-pdf/90")


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody whom the files of a source speak of."""

    name: str
    mobile: str
    email: str
    company: str
    address: str


ORDINARY = Subject("何知秋", "13899990001", "he@example.com", "北辰五金有限公司", "河滨路 18 号")


@cache
def _setting(subject: Subject) -> Setting:
    world = build_world(5, 1)
    first = next(one for one in world.customers if one.person is not None)
    person = replace(
        first.human,
        name=subject.name,
        mobile=subject.mobile,
        email=subject.email,
        address=subject.address,
    )
    return Setting(world, Random(11), replace(first, person=person), DAY)


def paper(subject: Subject, number: int = 1) -> Paper:
    """A document that names the subject in its title, in lines and in cells."""
    who = (subject.name, subject.mobile, subject.email)
    return Paper(
        kind="letter",
        title=f"{subject.name}回访记录 第{number}号",
        blocks=(
            f"客户{subject.name}，手机{subject.mobile}，邮箱{subject.email}。",
            f"单位：{subject.company}；地址：{subject.address}。",
            f"第{number}次回访：设备运行正常，客户满意。",
            Grid(headers=("姓名", "手机", "邮箱"), rows=(who,)),
        ),
        record_class="service",
        day=DAY,
        facts=(("invoice_number", f"{number:020d}"), ("amount", "1280.00")),
    )


def rendered(style: str, subject: Subject = ORDINARY, number: int = 1) -> Rendered:
    """A document of that number in one of the styles."""
    return render(paper(subject, number), style, replace(_setting(subject), random=Random(number)))


def payload(style: str, subject: Subject = ORDINARY, number: int = 1) -> bytes:
    """The bytes of a document."""
    return rendered(style, subject, number).payload


def letter(subject: Subject, attachments: Iterable[tuple[str, bytes]] = (), number: int = 1) -> bytes:
    """A mail with attachments."""
    setting = replace(_setting(subject), random=Random(number))
    inside = tuple(mail.Attachment(name, octets) for name, octets in attachments)
    return mail.eml(paper(subject, number), envelope(setting), inside)


def mailbox(messages: Iterable[bytes]) -> bytes:
    """Mails as one mbox."""
    setting = _setting(ORDINARY)
    return mail.mbox([(mail.sent_at(Random(n), setting.day), one) for n, one in enumerate(messages)])


def zipped(members: Iterable[tuple[str, bytes]], charset: str = "utf-8", password: bytes = b"") -> bytes:
    """A zip whose names are in the charset."""
    return archives.zipped(list(members), DAY, charset=charset, password=password)


def put(folder: Path, files: Iterable[tuple[str | bytes, bytes]]) -> None:
    """Write the files below the folder; a name may be raw bytes."""
    for name, octets in files:
        path = os.path.join(os.fsencode(folder), os.fsencode(name))
        Path(os.fsdecode(path)).parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as file:
            file.write(octets)


def settle(folder: Path) -> None:
    """Make every file old enough to count as written to its end."""
    for path in files_below(folder):
        os.utime(path, (SETTLED, SETTLED))


def mixed(folder: Path) -> int:
    """Everything that an office leaves behind, small: containers in containers, doubles, damage; how many files."""
    put(folder, _mixed_files())
    (folder / "桌面/打印队列").mkdir(parents=True)
    os.mkfifo(folder / "桌面/打印队列/fifo")
    (folder / "桌面/断链").symlink_to("nowhere")
    settle(folder)
    return sum(1 for _ in folder.rglob("*"))


def _mixed_files() -> Iterator[tuple[str | bytes, bytes]]:
    quick = [style for style in BORN_DIGITAL if style != "wav"]
    for number, style in enumerate(quick, start=1):
        made = rendered(style, number=number)
        yield f"文件/{number:02d}.{made.extension}", made.payload
    for number in range(40, 60):
        yield f"销售部/合同/{number}.txt", payload("txt/utf-8", number=number)
    report = payload("docx", number=70)
    yield "财务部/报告.docx", report
    yield "财务部/报告 副本.docx", report
    yield "财务部/名单.csv", payload("csv/gb18030", number=71)
    yield "空文件.txt", b""
    yield "坏的.docx", report[: len(report) // 2]
    yield "名单".encode("gbk") + b".txt", payload("txt/gbk", number=72)
    inner = zipped([("内层/报告.docx", report), ("内层/说明.txt", payload("txt/utf-8", number=73))])
    outer = zipped([("归档.zip", inner), ("合同.pdf", payload("pdf", number=74))], "gbk")
    yield "备份/归档.zip", outer
    yield "备份/归档 副本.zip", outer
    yield "备份/加密.zip", zipped([("密.txt", payload("txt/utf-8", number=75))], password=b"1234")
    yield "备份/日志.tar.gz", archives.tarred([("甲.txt", payload("txt/gbk", number=76)), ("空", b"")], DAY)
    yield "备份/资料.7z", archives.seven_zip([("乙.txt", payload("txt/utf-8", number=77))], DAY)
    with_report = letter(ORDINARY, [("报告.docx", report), ("归档.zip", inner)], 78)
    yield "邮件/来信.eml", with_report
    yield "邮件/收件箱.mbox", mailbox([with_report, letter(ORDINARY, [("报告.docx", report)], 79)])
