"""Telling people by mail that backups are late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import rewrite
from kedang.holdings.adapters.mails import MailSettings, alarm_mail, send
from kedang.holdings.models import Copy
from kedang.holdings.queries.copy_standings import CopyStanding

AGAIN_AFTER = timedelta(hours=23)  # a timer may run every hour; one mail a day is enough


def raise_alarm(
    archive: Archive, late: Sequence[CopyStanding], settings: MailSettings, *, now: datetime
) -> bool:
    """Mail about the copies that are late, once a day; whether a mail went out now.

    Raises:
        AlarmUnsent: the server did not take it.
    """
    rows = Copy.objects.filter(case_id=archive.case_id, id__in=[one.id for one in late])
    told = [row.alarmed for row in rows]
    if all(one is not None and now - AGAIN_AFTER < one <= now for one in told):
        return False
    send(settings, alarm_mail(archive.case.fonds_code, late, settings, now=now))
    with transaction.atomic():
        rewrite(archive, rows, alarmed=now)
    return True
