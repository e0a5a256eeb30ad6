"""`kedang customers`: who is a customer, what is known of him, and what persons decide about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from typer._click import Context as ClickContext

from kedang.entrypoints.cli import customers_judging, customers_reconciling, customers_showing, exports
from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.help import Verb, Verbs
from kedang.entrypoints.cli.options import Case, Json
from kedang.entrypoints.cli.progress import TerminalProgress
from kedang.entrypoints.cli.showing import one_line
from kedang.entrypoints.cli.texts import about, either
from kedang.holdings.actions.customer_consulting import look_at_customers
from kedang.holdings.actions.judging import Decided, merge, move, undo
from kedang.holdings.actions.resolving import resolve_customers
from kedang.holdings.queries.customers import CustomerFilter, CustomerLine
from kedang.holdings.queries.locating import find_customer, find_record

customers_app = typer.Typer(
    name="customers", cls=Verbs, help=about("customers"), invoke_without_command=True, no_args_is_help=False
)
SHOWN = 50

Number = Annotated[int, typer.Argument(min=1, help=either("客户编号。", "Number of the customer."))]
Reason = Annotated[
    str, typer.Option("--reason", help=either("理由；加密保存。", "Why; it is sealed."), prompt=False)
]
Records = Annotated[
    list[str],
    typer.Option(
        "--record",
        help=either("档号或记录号；可多次给出。", "Reference code or record id; may be given several times."),
    ),
]


@customers_app.callback()
def customers(
    click: ClickContext,
    form: Annotated[
        exports.CustomersFormat | None,
        typer.Option(
            "--format",
            help=either("写成什么格式；不给则显示在屏幕。", "In which form; without it, on the screen."),
        ),
    ] = None,
    out: exports.Out = None,
    case: Case = None,
    as_json: Json = False,
) -> None:
    """Without a verb: recognised customers and their records, in clear."""
    if click.invoked_subcommand is None:
        exports.customers(form, out, case, as_json)


@customers_app.command(
    "list",
    cls=Verb,
    help=either("列出客户，可按种类、名称、编号、类别筛选。", "List customers, with filters."),
)
def list_verb(
    kind: Annotated[
        str,
        typer.Option("--kind", help=either("person 自然人或 organisation 单位。", "person or organisation.")),
    ] = "",
    name: Annotated[str, typer.Option("--name", help=either("名称中的一段。", "A part of the name."))] = "",
    number: Annotated[
        int | None,
        typer.Option("--number", help=either("编号；已并入的编号也可。", "A number, also a merged one.")),
    ] = None,
    record_class: Annotated[
        str,
        typer.Option("--class", help=either("有这一类档案的客户。", "Customers with records of this class.")),
    ] = "",
    to_judge: Annotated[
        bool,
        typer.Option("--to-judge", help=either("有待判定者。", "About whom a pair waits for a judgement.")),
    ] = False,
    limit: Annotated[
        int, typer.Option(min=1, max=10_000, help=either("最多显示几位。", "Show at most so many."))
    ] = SHOWN,
    offset: Annotated[
        int, typer.Option(min=0, help=either("从第几位之后开始。", "Begin behind so many."))
    ] = 0,
    case: Case = None,
    as_json: Json = False,
) -> None:
    """Customers by number."""
    context = new_context(as_json=as_json, fonds_code=case)
    wanted = CustomerFilter(kind, name, number, record_class, to_judge)
    with context.reading() as archive:
        total, lines = look_at_customers(archive, wanted, limit=limit, offset=offset, clock=context.now)
    if as_json:
        context.print_json({"total": total, "customers": [line.to_json() for line in lines]})
    else:
        _print_lines(context, total, lines)


def _print_lines(context: Context, total: int, lines: Sequence[CustomerLine]) -> None:
    if not total:
        context.print("customers-none")
    for line in lines:
        _print_line(context, line)
    if total > len(lines):
        context.print("customers-more", shown=len(lines), total=total)


def _print_line(context: Context, line: CustomerLine) -> None:
    said = f"{line.number:>5}  {one_line(line.name)}  ({sum(line.classes.values())})"
    if line.merged:
        said += "  " + context.say("customers-merged", numbers="、".join(map(str, line.merged)))
    if line.to_judge:
        said += "  " + context.say("customers-to-judge", count=line.to_judge)
    context.out.print(said)


@customers_app.command(
    "resolve",
    cls=Verb,
    help=either(
        "比对所有提到的人和单位，归到客户名下。", "Compare everybody who is named, and find customers."
    ),
)
def resolve(
    again: Annotated[
        bool,
        typer.Option(
            "--again", help=either("即使没有新内容也重新比对。", "Compare again, also when nothing is new.")
        ),
    ] = False,
    case: Case = None,
    as_json: Json = False,
) -> None:
    """Find who is who."""
    context = new_context(as_json=as_json, fonds_code=case)
    with (
        context.writing() as archive,
        TerminalProgress(context.err, context.language) as progress,
    ):
        done = resolve_customers(archive, progress=progress, clock=context.now, again=again)
    if as_json:
        context.print_json(asdict(done))
        return
    if not done.mentions:
        context.print("resolve-nothing")
        return
    context.print(
        "resolve-done",
        mentions=done.mentions,
        compared=done.compared,
        customers=done.customers,
        joined=done.joined,
        merged=done.merged,
        to_judge=done.to_judge,
    )
    if done.to_judge:
        context.print("resolve-next")


@customers_app.command(
    "merge",
    cls=Verb,
    help=either(
        "把一位客户并入另一位；原编号仍可查到。",
        "Merge one customer into another; the number still leads there.",
    ),
)
def merge_verb(
    number: Number,
    into: Annotated[
        int, typer.Option("--into", min=1, help=either("并入哪位客户。", "Into which customer."))
    ],
    reason: Reason = "",
    case: Case = None,
    as_json: Json = False,
) -> None:
    """Two numbers become one customer."""
    context = new_context(as_json=as_json, fonds_code=case)
    with context.writing() as archive:
        one, other = find_customer(archive, number), find_customer(archive, into)
        row = merge(archive, one, other, Decided(reason), clock=context.now)
    _tell(context, row.ordinal, "customers-merged-now")


@customers_app.command(
    "split",
    cls=Verb,
    help=either(
        "把一些档案从一位客户分出，给一个新编号。", "Give some of a customer's records to a new number."
    ),
)
def split(
    number: Number, record: Records, reason: Reason = "", case: Case = None, as_json: Json = False
) -> None:
    """One customer becomes two."""
    _move(number, record, None, reason, new_context(as_json=as_json, fonds_code=case))


@customers_app.command(
    "move",
    cls=Verb,
    help=either(
        "把一些档案从一位客户移到另一位名下。", "Give some of a customer's records to another customer."
    ),
)
def move_verb(
    number: Number,
    record: Records,
    to: Annotated[int, typer.Option("--to", min=1, help=either("移到哪位客户。", "To which customer."))],
    reason: Reason = "",
    case: Case = None,
    as_json: Json = False,
) -> None:
    """Records change hands."""
    _move(number, record, to, reason, new_context(as_json=as_json, fonds_code=case))


def _move(number: int, records: Sequence[str], to: int | None, reason: str, context: Context) -> None:
    with context.writing() as archive:
        row = move(
            archive,
            [find_record(archive, one).id for one in records],
            find_customer(archive, number),
            find_customer(archive, to) if to is not None else None,
            Decided(reason),
            clock=context.now,
        )
    _tell(context, row.ordinal, "customers-moved-now")


@customers_app.command(
    "undo",
    cls=Verb,
    help=either(
        "撤销一项判定、合并、拆分或移动，恢复原样。", "Take back a judgement, merge, split or move, exactly."
    ),
)
def undo_verb(
    judgement: Annotated[int, typer.Argument(min=1, help=either("判定编号。", "Number of the judgement."))],
    case: Case = None,
    as_json: Json = False,
) -> None:
    """As if it had not been decided."""
    context = new_context(as_json=as_json, fonds_code=case)
    with context.writing() as archive:
        row = undo(archive, judgement, clock=context.now)
    _tell(context, row.ordinal, "customers-undone-now")


def _tell(context: Context, ordinal: int, key: str) -> None:
    if context.as_json:
        context.print_json({"judgement": ordinal})
    else:
        context.print(key, number=ordinal)


customers_app.command(
    "judge",
    cls=Verb,
    help=either("逐对判定：是不是同一位客户。", "Judge pair by pair whether they are one customer."),
)(customers_judging.judge_verb)
customers_app.command(
    "audit",
    cls=Verb,
    help=either(
        "随机抽查归户结果，给出误并率上限。",
        "Look at a random sample of joins and state the bound of wrong ones.",
    ),
)(customers_judging.audit_verb)
customers_app.command(
    "show",
    cls=Verb,
    help=either(
        "一位客户的档案：资料出处、往来、风险、期限、依据。",
        "One customer's file: sources, dealings, risks, retention, grounds.",
    ),
)(customers_showing.show_verb)
customers_app.command(
    "reconcile",
    cls=Verb,
    help=either(
        "合同、订单、收付款、发票、送货逐笔核对，并与控制总数核对。",
        "Contracts, orders, payments, invoices and deliveries against each other and control totals.",
    ),
)(customers_reconciling.reconcile_verb)
