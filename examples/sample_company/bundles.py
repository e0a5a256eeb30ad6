"""Things with things inside: mails with attachments, mailboxes, archives, the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from examples.sample_company.marks import marked_values, plain
from examples.sample_company.paper import Paper, Written
from examples.sample_company.papers import talk
from examples.sample_company.tree import in_gbk, one, setting_for
from examples.sample_company.world import World
from examples.sample_company.writers import archives, mail, outlook
from examples.sample_company.writers.choice import envelope, mail_truth
from examples.sample_company.writers.database import CUSTOMERS, customer_database

MAILBOX = "邮件备份"
ARCHIVED = "旧电脑D盘备份/压缩包"
ARCHIVE_DAY = date(2024, 6, 3)
BOX_MAILS, MAILDIR_MAILS = 24, 12
TYPICAL = (
    ("sales_contract", "docx"),
    ("quotation", "xlsx"),
    ("invoice", "pdf"),
    ("delivery_note", "xls"),
    ("complaint", "docx"),
    ("notice", "docx"),
    ("service_log", "csv/gb18030"),
    ("letter", "doc"),
    ("registration_card", "pdf"),
    ("minutes", "txt/utf-8"),
    ("bank_slip", "plain-pdf"),
    ("manual", "html/utf-8"),
)


def bundles(world: World, seed: int, existing: list[Written]) -> Iterator[Written]:
    """Every bundle; `existing` are the files that lie loose, some of which travel as attachments too."""
    yield from travelling(world, seed, existing)
    yield mailbox(world, seed, existing)
    yield from maildir(world, seed, existing)
    yield from packed(world, seed)
    setting = setting_for(world, f"{seed}:database")
    payload, shown = customer_database(setting)
    ids = tuple(customer.id for customer in world.customers[:CUSTOMERS])
    paper = Paper(
        "customer_database",
        "",
        tuple(shown.split("\n")),
        "personal",
        setting.day,
        also=("transaction",),
        customers=ids,
        rule="RS-PERSONAL-SENS",
    )
    yield Written("旧电脑D盘备份/订单系统/customers.db", payload, "sqlite", paper, modified=setting.day)


def member(written: Written, name: str = "") -> Written:
    """The file as it lies inside a bundle."""
    return replace(written, path=name or written.path.rpartition("/")[2], inside=list(written.inside))


def _mail(
    world: World, key: str, attached: list[Written], *, charset: str = "utf-8"
) -> tuple[Written, mail.Envelope]:
    setting = setting_for(world, key)
    paper, letter = talk.mail_body(setting), envelope(setting)
    attachments = tuple(mail.Attachment(file.path.rpartition("/")[2], file.payload) for file in attached)
    seen = mail_truth(paper, letter)
    payload = mail.eml(paper, letter, attachments, charset=charset)
    written = Written(
        "mail.eml",
        payload,
        "eml",
        paper,
        text=plain(seen),
        findings=marked_values(seen),
        modified=setting.day,
    )
    written.inside = [member(file) for file in attached]
    return written, letter


def _readable(existing: list[Written]) -> list[Written]:
    """Files with a plain name and a moderate size."""
    return [
        file
        for file in existing
        if file.path.isascii() or (file.path.isprintable() and len(file.payload) < 120_000)
    ]


def travelling(world: World, seed: int, existing: list[Written]) -> Iterator[Written]:
    """The same contract attached to several mails, one of them an Outlook message, one forwarded whole."""
    loose = [file for file in _readable(existing) if file.format in ("docx", "pdf", "xlsx")]
    for group in range(3):
        attached = loose[group * 11 : group * 11 + 1 + group]
        for copy in range(3):
            written, _ = _mail(
                world, f"{seed}:travel:{group}:{copy}", attached, charset="gb18030" if copy == 1 else "utf-8"
            )
            written.path = f"{MAILBOX}/往来附件/第{group + 1}组-{copy + 1}.eml"
            yield written
    setting = setting_for(world, f"{seed}:travel:msg")
    paper, letter = talk.mail_body(setting), envelope(setting)
    attached = loose[:2]
    payload = outlook.msg(
        paper, letter, tuple(mail.Attachment(file.path.rpartition("/")[2], file.payload) for file in attached)
    )
    seen = mail_truth(paper, letter)
    inside = [member(file) for file in attached]
    yield Written(
        f"{MAILBOX}/往来附件/带附件.msg",
        payload,
        "msg",
        paper,
        text=plain(seen),
        findings=marked_values(seen),
        modified=setting.day,
        inside=inside,
    )
    inner, _ = _mail(world, f"{seed}:travel:inner", loose[3:4])
    inner.path = "转发的原邮件.eml"
    outer, _ = _mail(world, f"{seed}:travel:outer", [inner])
    outer.path = f"{MAILBOX}/往来附件/转发.eml"
    yield outer


def mailbox(world: World, seed: int, existing: list[Written]) -> Written:
    """An mbox of some years, a third of the mails with attachments."""
    loose = _readable(existing)
    found, inside = [], []
    for number in range(BOX_MAILS):
        attached = [loose[number * 7 % len(loose)]] if number % 3 == 0 else []
        written, letter = _mail(
            world, f"{seed}:mbox:{number}", attached, charset="gb18030" if number % 5 == 4 else "utf-8"
        )
        written.path = f"{number + 1:04d}.eml"
        inside.append(written)
        found.append((letter.sent, written.payload))
    return Written(
        f"{MAILBOX}/收件箱2021-2025.mbox", mail.mbox(found), "mbox", modified=ARCHIVE_DAY, inside=inside
    )


def maildir(world: World, seed: int, existing: list[Written]) -> Iterator[Written]:
    """A maildir: each mail a file without an extension."""
    loose = _readable(existing)
    for number in range(MAILDIR_MAILS):
        attached = [loose[number * 13 % len(loose)]] if number % 4 == 0 else []
        written, letter = _mail(world, f"{seed}:maildir:{number}", attached)
        folder = "new" if number % 6 == 5 else "cur"
        flags = "" if folder == "new" else ":2,S"
        written.path = (
            f"{MAILBOX}/Maildir/{folder}/{int(letter.sent.timestamp())}.M{number}P77.mailhost{flags}"
        )
        yield written


def packed(world: World, seed: int) -> Iterator[Written]:
    """Archives of every kind, one inside another."""
    taken: set[str] = set()
    members = [
        one(world, f"{seed}:packed:{place}", kind, style, f"资料{place % 3}", taken)
        for place, (kind, style) in enumerate(TYPICAL * 3)
    ]
    groups = [[member(file, file.path) for file in members[start : start + 6]] for start in range(0, 36, 6)]
    day, inner = ARCHIVE_DAY, groups[3]
    zipped_inner = archives.zipped(_files(inner), day, charset="gb18030")
    outer = [Written("内层/2022年资料.zip", zipped_inner, "zip", inside=inner), *groups[4][:3]]
    loose = groups[4][3:]
    found = (
        ("客户资料GBK.zip", "zip", groups[0], archives.zipped(_files(groups[0]), day, charset="gb18030")),
        ("项目归档.7z", "7z", groups[1], archives.seven_zip(_files(groups[1]), day)),
        ("服务器备份.tar.gz", "tar.gz", groups[2], archives.tarred(_files(groups[2]), day)),
        ("套娃.zip", "zip", outer, archives.zipped(_files(outer), day)),
        ("老王U盘.rar", "rar", groups[5], archives.stored_rar(_files(groups[5]), day)),
        ("导出.tar", "tar", loose, archives.tarred(_files(loose), day, compression="")),
    )
    for name, kind, inside, payload in found:
        path = f"{ARCHIVED}/{name}"
        yield Written(in_gbk(path) if kind == "tar" else path, payload, kind, inside=inside, modified=day)


def _files(group: list[Written]) -> list[tuple[str, bytes]]:
    return [(file.path, file.payload) for file in group]
