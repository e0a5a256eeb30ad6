"""`kedang copies`: where the archive lies besides the home."""

from __future__ import annotations

import getpass
import os
import sys
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.help import Verb, Verbs
from kedang.entrypoints.cli.options import Case, Json
from kedang.entrypoints.cli.speaking import EXIT_FINDINGS, EXIT_GOOD
from kedang.entrypoints.cli.texts import about, either
from kedang.holdings.actions.registering import DEFAULT_DAYS, give_up_copy, register_copy
from kedang.holdings.adapters.copies import CREDENTIALS, CopyStore, described, open_copies, open_copy
from kedang.holdings.queries.copy_standings import CopyStanding, chosen_copy, standing_of
from kedang.records.errors import code_texts

MEGABYTE = 1_000_000
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
            context.out.print(f"[{standing.ordinal}] {copy.name}", style="bold")
            if copy.name != copy.address:
                context.out.print(f"    {copy.address}")
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
        context.out.print(f"    {context.say(f'copies-care-{care}')}  {when}  {said}")
    context.out.print(f"    {context.say(f'copies-keys-{standing.keys}')}")
    if standing.beside_home:
        context.out.print(f"    {context.say('copies-beside-home')}")
    if standing.last_code:
        known = code_texts().get(standing.last_code)
        reason = known.said(context.language) if known else ""
        context.out.print(f"    {standing.last_code}  {reason}")


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


def _shown(copy: CopyStore, standing: CopyStanding) -> dict[str, Any]:
    return {"name": copy.name, "address": copy.address} | standing.to_json()


def _local(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M")
