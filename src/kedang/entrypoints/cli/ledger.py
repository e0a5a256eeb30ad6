"""`kedang ledger`: who did what when, and proofs of it that outsiders can check."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.help import Verb, Verbs
from kedang.entrypoints.cli.options import Case, Json
from kedang.entrypoints.cli.outputs import written
from kedang.entrypoints.cli.texts import about, either
from kedang.entrypoints.ledger_page.render import render_ledger_page
from kedang.holdings.actions.unlocking import which_case
from kedang.holdings.actions.witnessing import note_ledger_shown
from kedang.holdings.queries.ledger_events import Wanted, events, reference_codes, told
from kedang.holdings.queries.ledger_paging import page_data
from kedang.holdings.queries.ledger_proving import exported_ledger
from kedang.holdings.queries.locating import record_named
from kedang.ledger.schema import act_named
from kedang.records.ids import CaseId

ledger_app = typer.Typer(
    name="ledger",
    cls=Verbs,
    help=about("ledger"),
    no_args_is_help=True,
)
SHOWN = 50  # events on a screen when nothing else is said
COLUMNS = (
    "n",
    "time",
    "local_time",
    "act",
    "act_zh",
    "act_en",
    "actor",
    "objects",
    "reference_codes",
    "facts",
)
FORMATS = ["%Y-%m-%d"]
Out = Annotated[
    Path,
    typer.Option("--out", help=either("写到哪个文件；- 为标准输出。", "Where to; - is standard output.")),
]


Since = Annotated[
    datetime | None,
    typer.Option("--from", formats=FORMATS, help=either("自这一天起。", "From this day.")),
]
Until = Annotated[
    datetime | None,
    typer.Option("--to", formats=FORMATS, help=either("到这一天为止（含）。", "To this day, included.")),
]
OfAct = Annotated[str | None, typer.Option("--act", help=either("行为，如 archived。", "Act."))]
OfActor = Annotated[
    str | None, typer.Option("--actor", help=either("责任者号或其开头。", "Agent's id or its beginning."))
]
OfRecord = Annotated[
    str | None, typer.Option("--record", help=either("档号或记录号。", "Reference code or record id."))
]
Limit = Annotated[
    int | None, typer.Option("--limit", min=1, help=either("最近多少条。", "The latest so many."))
]
ToCsv = Annotated[Path | None, typer.Option("--csv", help=either("写入 CSV 文件。", "To a CSV file."))]


@ledger_app.command(
    "list", cls=Verb, help=either("列出台账条目；无需密钥。", "List the ledger's entries; needs no key.")
)
def list_events(
    since: Since = None,
    until: Until = None,
    act: OfAct = None,
    actor: OfActor = None,
    record: OfRecord = None,
    limit: Limit = None,
    to_csv: ToCsv = None,
    case: Case = None,
    as_json: Json = False,
) -> None:
    """List the ledger's entries; needs no key."""
    context = new_context(as_json=as_json, fonds_code=case)
    context.prepare()
    row = which_case(case)
    zone, case_id = ZoneInfo(row.time_zone), CaseId(row.id)
    if act is not None:
        act_named(act)
    screen = not as_json and to_csv is None
    wanted = Wanted(
        since=since.replace(tzinfo=zone) if since else None,
        until=until.replace(tzinfo=zone) + timedelta(days=1) if until else None,
        act=act,
        actor=actor,
        record=record_named(case_id, record).id if record else None,
        limit=limit or (SHOWN if screen else None),
    )
    rows = _told(case_id, wanted, zone)
    if as_json:
        context.print_json(list(rows))
    elif to_csv is not None:
        with written(to_csv) as sink:
            count = _write_csv(rows, sink)
        context.err.print(context.say("ledger-written", path=to_csv, count=count))
    else:
        _print_events(context, list(rows)[::-1])


def _told(case_id: CaseId, wanted: Wanted, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    """The events for people, some thousands at a time."""
    found = list(events(case_id, wanted))
    codes = reference_codes(case_id, found)
    for leaf in found:
        yield told(leaf, codes) | {"local_time": leaf.time.astimezone(zone).isoformat(timespec="seconds")}


def _write_csv(rows: Iterable[dict[str, Any]], sink: Any) -> int:
    """Events for Excel and WPS; nothing in them comes from outside. How many."""
    sink.write(codecs.BOM_UTF8)
    text = io.TextIOWrapper(sink, encoding="utf-8", newline="", write_through=True)
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(COLUMNS)
    count = 0
    for row in rows:
        joined = {
            "objects": " ".join(row["objects"]),
            "reference_codes": " ".join(row["reference_codes"]),
            "facts": json.dumps(row["facts"], ensure_ascii=False, sort_keys=True),
        }
        table.writerow([(row | joined)[name] for name in COLUMNS])
        count += 1
    text.detach()
    return count


def _print_events(context: Context, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        named = " ".join(row["reference_codes"]) or " ".join(one[:21] for one in row["objects"][:3])
        said = row["act_zh"] if context.language == "zh" else row["act_en"]
        time = row["local_time"][:19].replace("T", " ")
        context.out.print(f"{row['n']:>8}  {time}  {said}  {named}")
    context.print("ledger-shown" if rows else "ledger-none", count=len(rows))


@ledger_app.command(
    "export",
    cls=Verb,
    help=either(
        "整部台账（条目、台账头、时间戳），供外人核验。", "The whole ledger, for outsiders to verify."
    ),
)
def export(
    out: Out,
    case: Case = None,
) -> None:
    """The whole ledger, for outsiders to verify."""
    context = new_context(fonds_code=case)
    with context.reading() as archive:
        note_ledger_shown(archive, "json", now=context.now())
        count = -1  # the first line is no entry
        with written(out) as sink:
            for line in exported_ledger(archive, now=context.now()):
                sink.write(line)
                count += 1
    context.err.print(context.say("ledger-written", path=out, count=count))


@ledger_app.command(
    "page",
    cls=Verb,
    help=either(
        "一页台账，可筛选、不联网：谁在何时做了什么，是否完整。", "One page to look through, offline."
    ),
)
def page(
    out: Annotated[
        Path, typer.Option("--out", help=either("台账页（HTML）。", "The ledger page, an HTML file."))
    ],
    case: Case = None,
) -> None:
    """One page to look through, offline."""
    context = new_context(fonds_code=case)
    with context.reading(even_older=True) as archive:
        note_ledger_shown(archive, "html", now=context.now())
        data = page_data(archive, now=context.now())
        text = render_ledger_page(data, language=context.language)
        with written(out) as sink:
            sink.write(text.encode())
    context.err.print(context.say("ledger-written", path=out, count=len(data.events)))
