"""Chats as WeChat and 企业微信 tools export them, and address books and calendars."""

from __future__ import annotations

import csv
import io
from datetime import datetime, time, timedelta
from html import escape

from examples.sample_company.marks import Marked, marked_values, plain
from examples.sample_company.paper import Grid, Paper
from examples.sample_company.papers.parts import Setting
from examples.sample_company.writers.text import encode


def _rows(paper: Paper) -> tuple[tuple[Marked, ...], ...]:
    return next(block for block in paper.blocks if isinstance(block, Grid)).rows


def wechat_text(paper: Paper) -> bytes:
    """The mail export of WeChat: a line with speaker and hour, a line with the words."""
    lines = [plain(paper.title), ""]
    for moment, speaker, words in _rows(paper):
        lines += [f"{plain(speaker)}  {moment}", plain(words), ""]
    return "\r\n".join(lines).encode()


def wechat_table(paper: Paper) -> bytes:
    """A CSV with the columns of a common export tool; the title is not in it."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(("localId", "StrTime", "NickName", "Type", "IsSender", "StrContent"))
    for number, (moment, speaker, words) in enumerate(_rows(paper), 1):
        writer.writerow((number, moment, plain(speaker), 1, number % 2, plain(words)))
    return encode(target.getvalue(), "utf-8-sig")


def wechat_page(paper: Paper) -> bytes:
    """A web page of bubbles."""
    style = "<style>.message{margin:8px}.nickname{color:#888}.content{background:#95ec69}</style>"
    title = escape(plain(paper.title))
    parts = [
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title>{style}</head>',
        f"<body><h3>{title}</h3>",
    ]
    for moment, speaker, words in _rows(paper):
        parts.append(
            f'<div class="message"><span class="nickname">{escape(plain(speaker))}</span> '
            f'<span class="time">{moment}</span>'
            f'<div class="content">{escape(plain(words))}</div></div>'
        )
    return "\n".join([*parts, "</body></html>"]).encode()


def wecom_text(paper: Paper) -> bytes:
    """企业微信's export: hour, speaker and words on one line, in GB18030."""
    lines = [f"企业微信会话存档 {plain(paper.title)}"]
    lines += [f"[{moment}] {plain(speaker)}:{plain(words)}" for moment, speaker, words in _rows(paper)]
    return encode("\n".join(lines), "gb18030")


def vcard(setting: Setting, *, old: bool) -> bytes:
    """A vCard: 3.0 in UTF-8, or 2.1 with quoted-printable as old phones wrote."""
    who, company = setting.customer.human, setting.customer.company
    if old:
        coded = "".join(f"={byte:02X}" for byte in who.name.encode())
        place = "".join(f"={byte:02X}" for byte in who.address.encode())
        lines = ["BEGIN:VCARD", "VERSION:2.1", f"N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:;{coded};;;"]
        lines += [
            f"FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:{coded}",
            f"TEL;CELL:{who.mobile}",
            f"EMAIL;INTERNET:{who.email}",
        ]
        lines.append(f"ADR;HOME;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:;;{place};;;;")
        if company:
            lines.append(
                "ORG;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:"
                + "".join(f"={byte:02X}" for byte in company.name.encode())
            )
    else:
        lines = [
            "BEGIN:VCARD",
            "VERSION:3.0",
            f"N:{who.name};;;;",
            f"FN:{who.name}",
            f"TEL;TYPE=CELL:{who.mobile}",
        ]
        lines += [f"EMAIL:{who.email}", f"ADR;TYPE=HOME:;;{who.address};;;;"]
        lines += [f"ORG:{company.name}"] if company else []
    return "\r\n".join([*lines, "END:VCARD", ""]).encode()


def calendar(paper: Paper, setting: Setting) -> bytes:
    """An appointment as iCalendar, long lines folded."""
    start = datetime.combine(setting.day, time(14))
    words = "\\n".join(plain(line) for line in paper.lines()[1:]).replace(",", "\\,").replace(";", "\\;")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//yanghe//sample//CN", "BEGIN:VEVENT"]
    lines += [
        f"UID:{setting.random.getrandbits(64):016x}@yanghe.example.com",
        f"DTSTAMP:{start:%Y%m%dT%H%M%SZ}",
    ]
    lines += [
        f"DTSTART;TZID=Asia/Shanghai:{start:%Y%m%dT%H%M%S}",
        f"DTEND;TZID=Asia/Shanghai:{start + timedelta(hours=1):%Y%m%dT%H%M%S}",
    ]
    lines += [
        *_folded(f"SUMMARY:{plain(paper.title)}"),
        *_folded(f"DESCRIPTION:{words}"),
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines).encode()


def _folded(line: str) -> list[str]:
    width = 24  # characters: at most 72 bytes in UTF-8
    pieces = [line[start : start + width] for start in range(0, len(line), width)]
    return pieces[:1] + [" " + piece for piece in pieces[1:]]


def seen(paper: Paper) -> tuple[str, list[tuple[str, str]]]:
    """What a reader of a chat's export sees: title, then rows, without the column names."""
    text = "\n".join([paper.title, *("\t".join(row) for row in _rows(paper))])
    return plain(text), marked_values(text)
