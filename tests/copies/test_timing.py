"""What happens with time: late backups are told by mail, old snapshots end with a change of keys."""

from __future__ import annotations

import socket
import ssl
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from kedang.holdings.adapters.mails import MailSettings, Protection, alarm_mail, send
from kedang.holdings.errors import AlarmUnsent
from tests.copies import earlier
from tests.copies.certificates import self_signed
from tests.copies.kept import objects_of
from tests.world import COMPANY, World

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Late:
    """A copy that is late."""

    ordinal: int = 2
    last_complete: datetime | None = NOW - timedelta(days=11)
    every_days: int = 7
    last_code: str = "KD-H145"


STANDING = Late()


@dataclass
class Mailbox:
    """A mail server's inside."""

    mails: list[EmailMessage] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    refuses: bool = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take the mail, or not."""
        del server
        if self.refuses:
            return "451 not now"
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.encrypted.append(session.ssl is not None)
        return "250 taken"


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


@pytest.fixture
def server(mailbox: Mailbox) -> Iterator[Controller]:
    """A mail server without protection."""
    running = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    running.start()
    yield running
    running.stop()


def settings_of(running: Controller, **values: Any) -> MailSettings:
    """How to reach it."""
    plain = MailSettings(("lin@example.cn",), "kedang@example.cn", "127.0.0.1", running.port, Protection.NONE)
    return replace(plain, **values)


def test_the_mail_says_what_is_late_in_two_languages_and_nothing_personal(
    server: Controller, mailbox: Mailbox
) -> None:
    settings = settings_of(server)
    send(settings, alarm_mail("Q001", [STANDING], settings, now=NOW))
    (mail,) = mailbox.mails
    text = mail.get_content()
    assert "副本 2：上次完成于 11 天前（应每 7 天一次），最近一次失败的原因代码 KD-H145" in text
    assert (
        "copy 2: last complete 11 day(s) ago, wanted every 7 day(s); the last attempt failed with KD-H145"
        in text
    )
    assert (mail["To"], mail["Subject"]) == ("lin@example.cn", "[kedang] Q001 备份逾期 / backup overdue")


def test_a_password_goes_over_a_protected_line_only(mailbox: Mailbox, tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    given: list[bytes] = []

    def known(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        given.append(data.password)
        return AuthResult(success=True)

    inside = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    inside.load_cert_chain(certificate)
    running = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=inside,
        require_starttls=True,
        authenticator=known,
    )
    running.start()
    try:
        trusted = ssl.create_default_context(cafile=str(certificate))
        settings = settings_of(
            running, protection=Protection.STARTTLS, user="kedang", password="geheim", trusted=trusted
        )
        send(settings, alarm_mail("Q001", [STANDING], settings, now=NOW))
        with pytest.raises(AlarmUnsent):
            send(replace(settings, trusted=None), alarm_mail("Q001", [STANDING], settings, now=NOW))
    finally:
        running.stop()
    assert (mailbox.encrypted, given) == ([True], [b"geheim"])
    elsewhere = replace(settings, protection=Protection.NONE, host="mail.example.cn")
    with pytest.raises(AlarmUnsent, match="unprotected"):
        send(elsewhere, alarm_mail("Q001", [STANDING], elsewhere, now=NOW))


def driven(world: World, *arguments: str | Path) -> None:
    """Do something as of days ago."""
    ran = world.run(*arguments, program=(sys.executable, str(Path(earlier.__file__))))
    assert ran.status == 0, ran.said


def test_a_late_backup_is_mailed_once_a_day_and_no_more_when_it_is_made_up_for(
    archive: World, server: Controller, mailbox: Mailbox
) -> None:
    driven(archive, "register", "30", archive.root / "copy")
    (archive.root / "copy").rename(archive.root / "unplugged")
    watched = replace(
        archive,
        environment={
            "KEDANG_MAIL_TO": "lin@example.cn, bo@example.cn",
            "KEDANG_MAIL_FROM": "kedang@example.cn",
            "KEDANG_SMTP_HOST": "127.0.0.1",
            "KEDANG_SMTP_PORT": str(server.port),
            "KEDANG_SMTP_PROTECTION": "none",
        },
    )
    for mailed in ("sent", ""):
        ran = watched.run("backup", "--due", "--json")
        assert (ran.status, ran.json["mailed"]) == (1, mailed)
        assert [one["level"] for one in ran.json["late"]] == ["never"]
    assert watched.run("copies", "list").status == 1
    (mail,) = mailbox.mails
    assert mail["To"] == "lin@example.cn, bo@example.cn"
    assert COMPANY not in str(mail)
    assert str(archive.root) not in str(mail)
    (archive.root / "unplugged").rename(archive.root / "copy")
    ran = watched.run("backup", "--due", "--json")
    assert (ran.status, ran.json["late"], ran.json["copies"][0]["complete"]) == (0, [], True)
    ran = watched.run("backup", "--due", "--json")
    assert (ran.status, ran.json["copies"]) == (0, []), "nothing is due any more"


@pytest.mark.parametrize("why", ["refused", "unreached", "unset"])
def test_a_mail_that_cannot_be_sent_is_said(
    archive: World, server: Controller, mailbox: Mailbox, why: str
) -> None:
    driven(archive, "register", "30", archive.root / "copy")
    (archive.root / "copy").rename(archive.root / "unplugged")
    mailbox.refuses = True
    environment = {"KEDANG_MAIL_TO": "lin@example.cn", "KEDANG_SMTP_PROTECTION": "none"}
    if why != "unset":
        environment |= {"KEDANG_SMTP_HOST": "127.0.0.1"}
        environment["KEDANG_SMTP_PORT"] = str(server.port) if why == "refused" else str(free_port())
    ran = replace(archive, environment=environment).run("backup", "--due", "--json")
    assert (ran.status, ran.json["mailed"]) == (1, "KD-H149")
    assert archive.rows("SELECT alarmed FROM holdings_copy") == [(None,)]


def test_old_snapshots_end_with_the_next_change_of_keys_and_leave_the_copies(archive: World) -> None:
    driven(archive, "register", "120", archive.root / "copy")
    driven(archive, "back-up", "100")
    (archive.root / "desk" / "neu.txt").write_text("补充协议", "utf-8")
    archive.intake(archive.root / "desk")
    archive.ask("backup")
    taken = [one for (one,) in archive.rows("SELECT id FROM holdings_snapshot ORDER BY taken")]
    names = {name for name in objects_of(archive.root / "copy") if name.startswith("snapshots/")}
    assert names == {f"snapshots/{one}" for one in taken}
    assert archive.run("rotate").status in (0, 1)
    dropped = archive.rows("SELECT id FROM holdings_snapshot WHERE dropped IS NOT NULL")
    assert dropped == [(taken[0],)]
    (result,) = archive.ask("backup")["copies"]
    left = {name for name in objects_of(archive.root / "copy") if name.startswith("snapshots/")}
    assert left == {f"snapshots/{taken[1]}", f"snapshots/{result['snapshot']}"}
    assert archive.run("drill").status == 0
    assert archive.ask("verify", "--deep")["clean"]
