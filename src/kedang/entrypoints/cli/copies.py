"""`kedang copies` and `kedang backup`: where the archive lies besides the home, and bringing it there."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.help import Verb, Verbs
from kedang.entrypoints.cli.mailing import mail_settings
from kedang.entrypoints.cli.options import Case, Json
from kedang.entrypoints.cli.progress import TerminalProgress
from kedang.entrypoints.cli.speaking import EXIT_FINDINGS, EXIT_GOOD, EXIT_STATUS
from kedang.entrypoints.cli.texts import about, either
from kedang.holdings.actions.alarming import raise_alarm
from kedang.holdings.actions.backing_up import BackedUp, back_up
from kedang.holdings.actions.registering import DEFAULT_DAYS, give_up_copy, register_copy
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.copies import CREDENTIALS, CopyStore, described, open_copies, open_copy
from kedang.holdings.errors import NoCopies
from kedang.holdings.queries.copies import CopyStanding, chosen_copy, standing_of, standings_of
from kedang.records.errors import KedangError, Kind, code_texts

MEGABYTE = 1_000_000
SENT = "sent"
copies_app = typer.Typer(
    name="copies",
    cls=Verbs,
    help=about("copies"),
    no_args_is_help=True,
)

Address = Annotated[
    str,
    typer.Argument(help=either("空文件夹，或 s3://桶名/前缀。", "An empty folder, or s3://bucket/prefix.")),
]
Name = Annotated[str, typer.Option("--name", help=either("名称。", "What to call it."))]
Endpoint = Annotated[
    str | None,
    typer.Option("--endpoint", help=either("对象存储的服务地址。", "Address of the storage service.")),
]
Addressing = Annotated[
    str,
    typer.Option(
        "--addressing",
        help=either(
            "桶名写在路径里（path）还是域名里（host，部分云服务要求）。",
            "Bucket in the path, or in the host name, which some clouds want: path or host.",
        ),
    ),
]
Every = Annotated[
    int,
    typer.Option("--every", min=1, max=3660, help=either("几天备份一次。", "Back up every so many days.")),
]
Rate = Annotated[
    float,
    typer.Option(
        "--rate",
        min=0,
        help=either("每秒最多多少 MB；0 为不限。", "At most so many MB a second; 0: no limit."),
    ),
]
Chosen = Annotated[
    list[str] | None,
    typer.Argument(
        help=either("只备份这些副本（编号、名称或地址）。", "Only these copies: number, name or address.")
    ),
]
Due = Annotated[
    bool,
    typer.Option(
        "--due",
        help=either(
            "只做到期的，逾期则发邮件提醒；供定时任务用。",
            "Do what is due and mail about what is late; for a timer.",
        ),
    ),
]
Verify = Annotated[
    bool,
    typer.Option(
        "--verify",
        help=either(
            "把副本全部读回核对，坏的重写。", "Read everything in the copies back; mend what is damaged."
        ),
    ),
]


@copies_app.command(
    "add",
    cls=Verb,
    help=either(
        "登记一个副本：文件夹、移动硬盘或对象存储。", "Register a copy: folder, mounted disk or bucket."
    ),
)
def add(
    address: Address,
    name: Name = "",
    endpoint: Endpoint = None,
    addressing: Addressing = "path",
    every: Every = DEFAULT_DAYS,
    rate: Rate = 0.0,
    case: Case = None,
    as_json: Json = False,
) -> int:
    """Register a copy."""
    context = new_context(as_json=as_json, fonds_code=case)
    surroundings = dict(os.environ)
    if "://" in address:
        _ask_credentials(context, surroundings)
    kind, said = described(address, environment=surroundings, endpoint=endpoint, addressing=addressing)
    with context.changing("copies") as archive:
        row = register_copy(
            archive,
            kind,
            said | ({"name": name} if name else {}),
            every_days=every,
            bytes_per_second=round(rate * MEGABYTE),
            clock=context.now,
        )
        copy = open_copy(archive, row)
        standing = standing_of(row, epoch=archive.epoch, now=context.now())
    if as_json:
        context.print_json(_shown(copy, standing))
        return EXIT_GOOD
    context.print("copies-added", number=row.ordinal, address=copy.address)
    if row.beside_home:
        context.print("copies-beside-home")
    context.print("copies-next")
    return EXIT_GOOD


def _ask_credentials(context: Context, surroundings: dict[str, str]) -> None:
    """What the environment does not give is asked for on a terminal; it is never an argument."""
    for name in ("access_key_id", "secret_access_key"):
        if not surroundings.get(CREDENTIALS[name]) and sys.stdin.isatty():
            surroundings[CREDENTIALS[name]] = getpass.getpass(context.say(f"copies-ask-{name}"))


@copies_app.command(
    "list", cls=Verb, help=either("各副本的地点、状况和时间。", "Every copy: where it is and how it stands.")
)
def list_copies(case: Case = None, as_json: Json = False) -> int:
    """Every copy: where it is and how it stands; exit status 1 while one is late."""
    context = new_context(as_json=as_json, fonds_code=case)
    with context.reading() as archive:
        now = context.now()
        shown = [(copy, standing_of(copy.row, epoch=archive.epoch, now=now)) for copy in open_copies(archive)]
        zone = ZoneInfo(archive.case.time_zone)
    if as_json:
        context.print_json([_shown(copy, standing) for copy, standing in shown])
    elif not shown:
        context.print("copies-none")
    else:
        for copy, standing in shown:
            context.out.print(f"[{standing.ordinal}] {copy.name}", style="bold", markup=False)
            if copy.name != copy.address:
                context.out.print(f"    {copy.address}", markup=False)
            print_standing(context, standing, zone)
    return EXIT_FINDINGS if any(standing.alarming for _, standing in shown) else EXIT_GOOD


def print_standing(context: Context, standing: CopyStanding, zone: ZoneInfo) -> None:
    """The lines that tell how a copy stands."""
    for care, level, last in (
        ("backup", standing.level, standing.last_complete),
        ("verification", standing.verification, standing.last_verified),
        ("drill", standing.drill, standing.last_drilled),
    ):
        when = _local(last, zone) if last else context.say("copies-not-yet")
        said = context.say(
            "copies-level-not-yet" if not last and level == "good" else f"copies-level-{level}"
        )
        context.out.print(f"    {context.say(f'copies-care-{care}')}  {when}  {said}", markup=False)
    context.out.print(f"    {context.say(f'copies-keys-{standing.keys}')}", markup=False)
    if standing.beside_home:
        context.out.print(f"    {context.say('copies-beside-home')}", markup=False)
    if standing.last_code:
        known = code_texts().get(standing.last_code)
        reason = known.said(context.language) if known else ""
        context.out.print(f"    {standing.last_code}  {reason}", markup=False)


@copies_app.command(
    "remove",
    cls=Verb,
    help=either("注销一个副本；里面的内容原样留着。", "Give a copy up; what lies in it stays there."),
)
def remove(
    copy: Annotated[str, typer.Argument(help=either("编号、名称或地址。", "Number, name or address."))],
    case: Case = None,
    as_json: Json = False,
) -> int:
    """Give a copy up; what lies in it stays there."""
    context = new_context(as_json=as_json, fonds_code=case)
    with context.changing("copies") as archive:
        chosen = chosen_copy(list(open_copies(archive)), copy)
        give_up_copy(archive, chosen, clock=context.now)
    if as_json:
        context.print_json({"removed": chosen.id})
    else:
        context.print("copies-removed", address=chosen.address)
    return EXIT_GOOD


def backup(
    copies: Chosen = None,
    due: Due = False,
    verify: Verify = False,
    case: Case = None,
    as_json: Json = False,
) -> int:
    """Bring the copies up to date; everything written is read back."""
    context = new_context(as_json=as_json, fonds_code=case)
    with context.changing("copies") as archive:
        known = list(open_copies(archive))
        if not known:
            raise NoCopies()
        wanted = [chosen_copy(known, said) for said in copies] if copies else known
        standings = {one.id: one for one in standings_of(archive.case_id, now=context.now())}
        if due:
            wanted = [one for one in wanted if _is_due(standings[one.id])]
        results: list[BackedUp] = []
        if wanted:
            with TerminalProgress(context.err, context.language) as progress:
                results = back_up(
                    archive,
                    wanted,
                    clock=context.now,
                    progress=progress,
                    verify=lambda one: verify or (due and standings[one.id].verification != "good"),
                )
        late, mailed = _late(context, archive) if due else ([], "")
    _tell(context, {one.id: one for one in known}, results, late, mailed)
    return _status(results, late)


def _is_due(standing: CopyStanding) -> bool:
    return (
        standing.level != "good"
        or standing.verification != "good"
        or standing.keys == "outstanding"
        or bool(standing.last_code)
    )


def _late(context: Context, archive: Archive) -> tuple[list[CopyStanding], str]:
    """The copies that somebody must be told of; "sent" when a mail has told, or why it could not."""
    late = [one for one in standings_of(archive.case_id, now=context.now()) if one.alarming]
    try:
        settings = mail_settings(os.environ)
        if late and settings is not None and raise_alarm(archive, late, settings, now=context.now()):
            return late, SENT
    except KedangError as error:
        return late, error.code
    return late, ""


def _tell(
    context: Context,
    known: dict[str, CopyStore],
    results: Sequence[BackedUp],
    late: Sequence[CopyStanding],
    mailed: str,
) -> None:
    if context.as_json:
        numbers = {one.id: one.row.ordinal for one in known.values()}
        shown = [asdict(one) | {"number": numbers[one.copy], "complete": not one.code} for one in results]
        context.print_json({"copies": shown, "late": [one.to_json() for one in late], "mailed": mailed})
        return
    for one in results:
        _print_result(context, known[one.copy], one)
    if not results:
        context.print("backup-nothing-due")
    for standing in late:
        context.print("backup-late", number=standing.ordinal, name=known[standing.id].name)
    if mailed == SENT:
        context.print("backup-mailed")
    elif mailed:
        known_code = code_texts()[mailed]
        context.print("backup-unmailed", code=mailed, said=known_code.said(context.language))


def _print_result(context: Context, copy: CopyStore, one: BackedUp) -> None:
    if one.code:
        known = code_texts().get(one.code)
        said = known.said(context.language) if known else ""
        following = known.next_step(context.language) if known else ""
        context.print("backup-failed", name=copy.name, code=one.code, said=said)
        if following:
            context.out.print(f"    {following}", markup=False)
        return
    context.print(
        "backup-done",
        name=copy.name,
        objects=one.objects,
        megabytes=f"{one.bytes / MEGABYTE:,.1f}",
        kept=one.kept,
        seconds=f"{one.seconds:,.1f}",
    )
    if one.mended:
        context.print("backup-mended", count=one.mended)
    if one.old_packs:
        context.print("backup-old-packs", count=one.old_packs)


def _status(results: Sequence[BackedUp], late: Sequence[CopyStanding]) -> int:
    """0 all complete; 1 one is late, or some are outstanding; 5 none could be completed."""
    failed = [one for one in results if one.code]
    if failed and not late and len(failed) == len(results):
        return EXIT_STATUS[Kind.UNAVAILABLE]
    return EXIT_FINDINGS if failed or late else EXIT_GOOD


def _shown(copy: CopyStore, standing: CopyStanding) -> dict[str, Any]:
    return {"name": copy.name, "address": copy.address} | standing.to_json()


def _local(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M")
