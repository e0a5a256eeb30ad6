"""Telling by mail which copies are late, as the environment says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from kedang.holdings.actions.alarming import raise_alarm
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.mails import MailSettings, Protection
from kedang.holdings.errors import AlarmUnsent
from kedang.holdings.queries.copy_standings import CopyStanding


def mail_late(
    archive: Archive, late: Sequence[CopyStanding], environment: Mapping[str, str], *, now: datetime
) -> bool:
    """Whether a mail has told of the late copies; not where nobody is named, and not twice a day.

    Raises:
        AlarmUnsent: a setting is missing or none that is known, or the mail could not be sent.
    """
    settings = mail_settings(environment)
    return bool(late) and settings is not None and raise_alarm(archive, late, settings, now=now)


def mail_settings(environment: Mapping[str, str]) -> MailSettings | None:
    """To whom and how alarms are mailed; None when nobody is named.

    Raises:
        AlarmUnsent: a receiver is named, but a setting is missing or none that is known.
    """
    receivers = tuple(one.strip() for one in environment.get("KEDANG_MAIL_TO", "").split(",") if one.strip())
    if not receivers:
        return None
    protection = environment.get("KEDANG_SMTP_PROTECTION") or Protection.STARTTLS
    port = environment.get("KEDANG_SMTP_PORT") or ("465" if protection == Protection.TLS else "587")
    password = environment.get("KEDANG_SMTP_PASSWORD_FILE")
    try:
        return MailSettings(
            receivers=receivers,
            sender=environment.get("KEDANG_MAIL_FROM") or receivers[0],
            host=environment["KEDANG_SMTP_HOST"],
            port=int(port),
            protection=Protection(protection),
            user=environment.get("KEDANG_SMTP_USER", ""),
            password=Path(password).read_text(encoding="utf-8").strip() if password else "",
        )
    except (KeyError, ValueError, OSError) as error:
        raise AlarmUnsent(reason="settings") from error
