"""The mail that tells of late backups. Nothing personal stands in it: numbers, days, codes."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from enum import StrEnum
from ipaddress import ip_address
from typing import Protocol

from kedang.holdings.errors import AlarmUnsent

WAIT_SECONDS = 60


class Protection(StrEnum):
    """How the way to the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class MailSettings:
    """To whom, from whom, by which server."""

    receivers: tuple[str, ...]
    sender: str
    host: str
    port: int
    protection: Protection = Protection.STARTTLS
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    trusted: ssl.SSLContext | None = field(default=None, repr=False)
    """Whose certificates count; None: those that the computer trusts."""


class LateCopy(Protocol):
    """What a mail says of a copy."""

    @property
    def ordinal(self) -> int: ...

    @property
    def last_complete(self) -> datetime | None: ...

    @property
    def every_days(self) -> int: ...

    @property
    def last_code(self) -> str: ...


def alarm_mail(
    fonds_code: str, late: Sequence[LateCopy], settings: MailSettings, *, now: datetime
) -> EmailMessage:
    """The mail, in Chinese and English."""
    mail = EmailMessage()
    mail["Subject"] = f"[kedang] {fonds_code} 备份逾期 / backup overdue"
    mail["From"], mail["To"] = settings.sender, ", ".join(settings.receivers)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = make_msgid(domain="kedang.invalid")
    mail["Auto-Submitted"] = "auto-generated"
    lines = [f"全宗 {fonds_code} 有 {len(late)} 个副本的备份逾期，请尽快处理：", ""]
    lines += [f"  {_told_zh(one, now)}" for one in late]
    lines += ["", "接上该副本后运行：kedang backup；详情：kedang copies list", "", "-" * 40, ""]
    lines += [f"Case {fonds_code}: the backup of {len(late)} of its copies is overdue.", ""]
    lines += [f"  {_told_en(one, now)}" for one in late]
    lines += ["", "Connect the copy and run: kedang backup; for more: kedang copies list", ""]
    mail.set_content("\n".join(lines))
    return mail


def _told_zh(one: LateCopy, now: datetime) -> str:
    since = f"上次完成于 {(now - one.last_complete).days} 天前" if one.last_complete else "从未完成"
    reason = f"，最近一次失败的原因代码 {one.last_code}" if one.last_code else ""
    return f"副本 {one.ordinal}：{since}（应每 {one.every_days} 天一次）{reason}"


def _told_en(one: LateCopy, now: datetime) -> str:
    since = (
        f"last complete {(now - one.last_complete).days} day(s) ago"
        if one.last_complete
        else "never complete"
    )
    reason = f"; the last attempt failed with {one.last_code}" if one.last_code else ""
    return f"copy {one.ordinal}: {since}, wanted every {one.every_days} day(s){reason}"


def send(settings: MailSettings, mail: EmailMessage) -> None:
    """Hand a mail to the server.

    Raises:
        AlarmUnsent: it was not reached, did not take it, or a password would have gone unprotected.
    """
    if settings.password and settings.protection is Protection.NONE and not _is_here(settings.host):
        raise AlarmUnsent(reason="unprotected-password")
    trusted = settings.trusted or ssl.create_default_context()
    try:
        with _connected(settings, trusted) as server:
            if settings.protection is Protection.STARTTLS:
                server.starttls(context=trusted)
            if settings.user:
                server.login(settings.user, settings.password)
            server.send_message(mail)
    except (OSError, smtplib.SMTPException) as error:
        code = error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None
        raise AlarmUnsent(reason=type(error).__name__, answered=code) from None


def _connected(settings: MailSettings, trusted: ssl.SSLContext) -> smtplib.SMTP:
    if settings.protection is Protection.TLS:
        return smtplib.SMTP_SSL(settings.host, settings.port, timeout=WAIT_SECONDS, context=trusted)
    return smtplib.SMTP(settings.host, settings.port, timeout=WAIT_SECONDS)


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
