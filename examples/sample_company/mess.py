"""The mess of real life: doubles, versions, locked, broken and empty files, litter, impossible names."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from random import Random

from examples.sample_company.habits import typed
from examples.sample_company.paper import Paper, Written
from examples.sample_company.papers import books, contract, personal, trade
from examples.sample_company.papers.parts import money
from examples.sample_company.tree import in_gbk, one, setting_for, shortened
from examples.sample_company.world import World
from examples.sample_company.writers import archives, locked, portable, sheets, text, word
from examples.sample_company.writers.compound import Storage, compound

PASSWORD = "yanghe2023"  # noqa: S105 - everybody may open the sample
COPIES = 24
VERSIONS = ("v1", "v2", "最终版", "最终版2", "最终版2-打死不改")
OLD_DESK = "旧电脑D盘备份"


def mess(world: World, seed: int, existing: list[Written]) -> Iterator[Written]:
    """All of it; `existing` are the files that lie there already."""
    yield from doubles(seed, existing)
    yield from versions(world, seed)
    yield from locked_files(world, seed)
    yield from damaged(world, seed)
    yield from litter(seed)
    yield from odd_names(world, seed)
    yield from wrong_extensions(world, seed)
    yield from misnamed(world, seed)


def doubles(seed: int, existing: list[Written]) -> Iterator[Written]:
    """Copies of files on other desks, some under another name."""
    random = Random(f"{seed}:doubles")
    for number, file in enumerate(random.sample(existing, COPIES)):
        name = file.path.rpartition("/")[2]
        stem, _, extension = name.rpartition(".")
        forms = (
            f"桌面/拷贝/{name}",
            f"{OLD_DESK}/桌面备份2022/{name}",
            f"共享盘/临时/{stem} - 副本.{extension}",
        )
        form = (
            forms[number % 3] if name.isprintable() else forms[number % 2]
        )  # never two charsets in one name
        yield replace(file, path=form, inside=list(file.inside), note="double")


def versions(world: World, seed: int) -> Iterator[Written]:
    """Three contracts in five versions each: a clause or a sum differs."""
    for family in range(3):
        setting = setting_for(world, f"{seed}:versions:{family}")
        paper = typed(contract.sales_contract(setting), setting.random)
        for number, version in enumerate(VERSIONS):
            changed = (
                replace(paper, blocks=(*paper.blocks, f"(修订{number}:另付运费{money(number * 12_345)}元)"))
                if number
                else paper
            )
            path = f"销售一部-老王/合同/修改稿/{setting.customer.short}合同{version}.docx"
            yield Written(
                path,
                word.docx(changed),
                "docx",
                changed,
                modified=setting.later(number, number + 1),
                family=f"family-{family}",
            )


def locked_files(world: World, seed: int) -> Iterator[Written]:
    """Files under a password that nobody wrote down."""
    setting = setting_for(world, f"{seed}:locked")
    random = setting.random
    paper, table = contract.sales_contract(setting), personal.short_list(setting)
    listing = text.comma_separated(table, charset="gb18030")
    day = setting.day
    found = (
        (
            "财务室/密码保护/合同底稿.docx",
            locked.locked_office(word.docx(paper), PASSWORD, random),
            "docx",
            paper,
        ),
        (
            "财务室/密码保护/客户名单(加密).xlsx",
            locked.locked_office(sheets.xlsx(table), PASSWORD, random),
            "xlsx",
            table,
        ),
        (
            "财务室/密码保护/银行流水.pdf",
            locked.locked_pdf(books.bank_statement(setting), PASSWORD, random),
            "pdf",
            books.bank_statement(setting),
        ),
    )
    for path, payload, kind, content in found:
        yield Written(path, payload, kind, content, problem="encrypted", modified=day)
    hidden = Written("名单.csv", listing, "csv", table, problem="encrypted", modified=day)
    zipped = archives.zipped([("名单.csv", listing)], day, charset="gb18030", password=PASSWORD.encode())
    yield Written(
        "财务室/密码保护/名单.zip", zipped, "zip", problem="encrypted", modified=day, inside=[hidden]
    )


def damaged(world: World, seed: int) -> Iterator[Written]:
    """Files cut short, overwritten, or empty."""
    setting = setting_for(world, f"{seed}:damaged")
    folder, day = f"{OLD_DESK}/修复的文件", setting.day
    paper = contract.sales_contract(setting)
    whole_pdf, whole_docx, whole_xlsx = portable.pdf(paper), word.docx(paper), sheets.xlsx(paper)
    zipped = archives.zipped([("合同.docx", whole_docx)] * 3, day, charset="gb18030")
    tail = setting.random.randbytes(2_000)
    found = (
        ("合同(未下载完).pdf", whole_pdf[: len(whole_pdf) // 2], "pdf", "damaged"),
        ("合同.docx.crdownload", whole_docx[: len(whole_docx) * 2 // 3], "docx", "damaged"),
        ("FILE0001.xlsx", whole_xlsx[:1_500] + tail, "xlsx", "damaged"),
        ("打不开.zip", zipped[: len(zipped) - 120], "zip", "damaged"),
        ("打不开的照片.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + tail, "jpg", "damaged"),
        (
            "坏邮件.eml",
            b"From: \r\nSubject: =?gb2312?B?xOO6w\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x",
            "eml",
            "damaged",
        ),
        ("空文件.txt", b"", "empty", "empty"),
        ("新建 DOCX 文档.docx", b"", "empty", "empty"),
        ("新建文本文档 (3).txt", b"\r\n  \r\n", "txt", "empty"),
        ("未知.dat", tail, "unknown", "unknown-format"),
        ("全是零.pdf", bytes(4_096), "unknown", "unknown-format"),
    )
    for name, payload, kind, problem in found:
        yield Written(f"{folder}/{name}", payload, kind, problem=problem, modified=day)


def litter(seed: int) -> Iterator[Written]:
    """What programs leave behind."""
    random = Random(f"{seed}:litter")
    thumbs = compound(
        Storage({"Catalog": struct.pack("<HHIII", 16, 7, 1, 96, 96), "1": random.randbytes(5_000)})
    )
    owner = "老王".encode("utf-16-le")
    lock = b"\x04" + b"\xc0\xcf\xcd\xf5".ljust(53, b" ") + bytes([2, 0]) + owner.ljust(106, b"\0")
    store = b"\x00\x00\x00\x01Bud1" + struct.pack(">III", 0x1000, 0x800, 0x1000) + bytes(2_028)
    found = (
        ("扫描件/证照/Thumbs.db", thumbs, "thumbs"),
        ("桌面/.DS_Store", store, "ds-store"),
        ("销售一部-老王/合同/~$合同最终版.docx", lock, "office-lock"),
        ("销售二部-李雪梅/2023年/~$报价.xlsx", lock, "office-lock"),
        ("桌面/desktop.ini", "[.ShellClassInfo]\r\nLocalizedResourceName=@桌面\r\n".encode("utf-16"), "txt"),
        ("桌面/~WRL0001.tmp", random.randbytes(700), "unknown"),
        ("行政-冯玉珍/网址.url", b"[InternetShortcut]\r\nURL=https://intranet.example.com/\r\n", "txt"),
    )
    for path, payload, kind in found:
        yield Written(path, payload, kind, problem=None, note="litter")


def odd_names(world: World, seed: int) -> Iterator[Written]:
    """Names as long as a file system takes, with blanks, dots, tricks of direction, and none of UTF-8."""
    setting = setting_for(world, f"{seed}:names")
    names = (
        shortened("关于" + "非常" * 120 + "重要的通知", "txt"),
        " 前面有空格.txt",
        "没有扩展名",
        "...三个点.txt",
        "表情😀合同.txt",
        "组合字符e\u0301.txt",
        "反向\u202etxt.exe.txt",
        "全角ABC123.txt",
        "䶮𠮷.txt",
        "UPPER.TXT",
        "-rf.txt",
        "换行\n名.txt",
    )
    for name in names:
        paper = trade.receipt(setting)
        yield Written(
            f"共享盘/奇怪的名字/{name}",
            text.txt(paper),
            "txt",
            paper,
            modified=setting.day,
            note="name",
            charset="utf-8",
        )
    paper = trade.order(setting)
    raw = in_gbk(f"共享盘/奇怪的名字/{shortened('国标编码的很长文件名' * 9, 'txt')}")
    yield Written(
        raw,
        text.txt(paper, charset="gb18030"),
        "txt",
        paper,
        modified=setting.day,
        note="name",
        charset="gb18030",
    )


def wrong_extensions(world: World, seed: int) -> Iterator[Written]:
    """Files that are not what they are called, as web systems and hurried people make them."""
    setting = setting_for(world, f"{seed}:wrong")
    folder, day = "销售二部-李雪梅/系统导出", setting.day
    order, listing, letter = (
        trade.customer_statement(setting),
        personal.short_list(setting),
        contract.supplement(setting),
    )
    untitled = text.untitled(listing)
    yield Written(f"{folder}/对账单导出.xls", text.html(order), "html", order, modified=day, note="extension")
    yield Written(
        f"{folder}/客户导出.xls",
        text.comma_separated(text.fitting(listing, "gb18030"), charset="gb18030"),
        "csv",
        untitled,
        modified=day,
        note="extension",
        charset="gb18030",
    )
    yield Written(f"{folder}/补充协议.doc", word.docx(letter), "docx", letter, modified=day, note="extension")
    yield Written(f"{folder}/订单2023.PDF", portable.pdf(order), "pdf", order, modified=day, note="extension")
    yield Written(f"{folder}/报表", sheets.xlsx(order), "xlsx", order, modified=day, note="extension")
    yield _damaged_numbers(world, seed, folder)


def _damaged_numbers(world: World, seed: int, folder: str) -> Written:
    """A list whose 18-digit ids were typed as numbers: the program kept fifteen digits."""
    setting = setting_for(world, f"{seed}:fifteen")
    paper: Paper = personal.old_id_card(setting)
    people = [customer for customer in world.customers if customer.person][:8]
    names = [("person_name", customer.name) for customer in people]
    payload = sheets.numbers_xlsx(
        ["姓名", "身份证号"],
        [(customer.name, float(customer.human.resident_id[:15] + "000")) for customer in people],
        setting.day,
    )
    return Written(
        f"{folder}/身份证号变成数字了.xlsx",
        payload,
        "xlsx",
        paper,
        modified=setting.day,
        text="\n".join(["姓名\t身份证号", *(customer.name for customer in people)]),
        findings=names,
        note="digits-lost",
    )


def misnamed(world: World, seed: int) -> Iterator[Written]:
    """Files whose names say nothing, or something else."""
    found = (
        ("新建 Microsoft Word 文档 (2).docx", "sales_contract", "docx"),
        ("合同.docx", "menu", "docx"),
        ("发票.pdf", "notice", "pdf"),
        ("IMG_20230512_101533.jpg", "contract_page", "scan-jpg/skew"),
        ("照片.jpg", "receipt", "scan-jpg/0"),
        ("1.xlsx", "customer_statement", "xlsx"),
        ("客户资料.docx", "training", "docx"),
        ("文档1.doc", "complaint", "doc"),
        ("aaa.txt", "registration_card", "txt/gb18030"),
        ("会议纪要.docx", "quotation", "docx"),
    )
    for place, (name, kind, style) in enumerate(found):
        written = one(world, f"{seed}:misnamed:{place}", kind, style, "桌面/未整理", set())
        yield replace(written, path=f"桌面/未整理/{name}", note="name-misleads")
