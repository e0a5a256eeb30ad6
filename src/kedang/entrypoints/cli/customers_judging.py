"""`kedang customers judge` and `audit`: two sides beside each other, judged key by key."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text
from typer._click.exceptions import UsageError

from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.drawing import draw
from kedang.entrypoints.cli.keyboard import pressed
from kedang.entrypoints.cli.options import Case, Json
from kedang.entrypoints.cli.showing import one_line
from kedang.entrypoints.cli.speaking import EXIT_FINDINGS, EXIT_GOOD
from kedang.entrypoints.cli.texts import either
from kedang.holdings.actions import auditing
from kedang.holdings.actions.customer_consulting import look_at_queue
from kedang.holdings.actions.judging import CANNOT_TELL, DIFFERENT, SAME, Decided, answer_pair, undo
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.queries.judging_queue import PairShown, waiting

LISTED = 20
TAKEN_BACK = "taken-back"
VERDICT_OF_KEY = {
    "1": SAME,
    "y": SAME,
    "s": SAME,
    "2": DIFFERENT,
    "n": DIFFERENT,
    "d": DIFFERENT,
    "3": CANNOT_TELL,
    "u": CANNOT_TELL,
}
SKIP, UNDO, QUIT = frozenset(" k"), frozenset("z"), frozenset("q\x1b\x04")

Answers = Annotated[
    list[str] | None,
    typer.Option(
        "--answer",
        help=either(
            "编号=same（同一）、different（不同）或 cannot-tell（无法判断）；可多次给出。",
            "PAIR=same, different or cannot-tell; may be given several times.",
        ),
    ),
]
Reason = Annotated[str, typer.Option("--reason", help=either("理由；加密保存。", "Why; it is sealed."))]


def judge_verb(
    answer: Answers = None,
    reason: Reason = "",
    limit: Annotated[
        int, typer.Option(min=1, help=either("最多显示几对。", "Show at most so many."))
    ] = LISTED,
    case: Case = None,
    as_json: Json = False,
) -> int:
    """Pairs that wait for a judgement; exit status 1 while there are any."""
    context = new_context(as_json=as_json, fonds_code=case)
    if answer:
        return _answer(context, answer, reason)
    if not as_json and sys.stdin.isatty():
        return _at_the_keyboard(context, reason)
    with context.reading() as archive:
        pairs = look_at_queue(archive, limit=limit, clock=context.now)
        left = waiting(archive)
    if as_json:
        context.print_json({"waiting": left, "pairs": [pair.to_json() for pair in pairs]})
    else:
        for pair in pairs:
            _print_pair(context, pair)
        context.print("judge-waiting" if left else "judge-none", count=left)
    return EXIT_FINDINGS if left else EXIT_GOOD


def _parsed(answers: Iterable[str]) -> list[tuple[str, str]]:
    found = [(pair, verdict) for pair, _, verdict in (one.partition("=") for one in answers)]
    if any(verdict not in (SAME, DIFFERENT, CANNOT_TELL) for _, verdict in found):
        raise UsageError("--answer PAIR=same|different|cannot-tell")
    return found


def _answer(context: Context, answers: Sequence[str], reason: str) -> int:
    given = _parsed(answers)
    told: list[dict[str, Any]] = []
    with context.writing() as archive:
        for said, verdict in given:
            judged, evidence = answer_pair(archive, said, verdict, Decided(reason), clock=context.now)
            told.append({"pair": said, "judgement": judged.ordinal, "verdict": verdict, "evidence": evidence})
        left = waiting(archive)
    if context.as_json:
        context.print_json({"judged": told, "waiting": left})
    else:
        context.print("judge-judged", count=len(told), left=left)
    return EXIT_FINDINGS if left else EXIT_GOOD


def _at_the_keyboard(context: Context, reason: str) -> int:
    """Pair after pair until the queue is empty or the person has had enough."""
    skipped: list[str] = []
    given: list[int] = []
    with context.writing() as archive:
        while pairs := look_at_queue(archive, limit=1, skipped=skipped, clock=context.now):
            pair = pairs[0]
            left = waiting(archive)
            context.print("judge-left", count=left)
            _print_pair(context, pair)
            said = _asked(context, lambda: _take_back(context, archive, given))
            if said is None:
                break
            if said == TAKEN_BACK:
                continue
            if not said:
                skipped.append(pair.id)
                continue
            judged, evidence = answer_pair(archive, pair.id, said, Decided(reason), clock=context.now)
            given.append(judged.ordinal)
            _print_evidence(context, said, evidence)
        left = waiting(archive)
    context.print("judge-judged", count=len(given), left=left)
    if given:
        context.print("judge-next")
    return EXIT_FINDINGS if left else EXIT_GOOD


def _take_back(context: Context, archive: Archive, given: list[int]) -> None:
    if given:
        undo(archive, given[-1], clock=context.now)
        context.print("customers-undone-now", number=given.pop())


def _asked(context: Context, take_back: Callable[[], None]) -> str | None:
    """The verdict of the next key; empty to skip, TAKEN_BACK when the last was taken back, None to end."""
    context.print("judge-keys")
    while True:
        key = pressed().lower()
        if key in VERDICT_OF_KEY:
            return VERDICT_OF_KEY[key]
        if key in SKIP:
            return ""
        if key in QUIT:
            return None
        if key in UNDO:
            take_back()
            return TAKEN_BACK


def _print_pair(context: Context, pair: PairShown) -> None:
    """Both sides, field by field; what differs stands out."""
    table = Table(box=None, padding=(0, 2, 0, 0), title=pair.id[:12], title_justify="left")
    table.add_column("", style="dim")
    for one in (pair.first, pair.second):
        whose = context.say("judge-customer", number=one.number) if one.number else ""
        where = one.reference_code or one.record_id[:12]
        table.add_column(f"{where} {whose}\n{one_line(one.title)}", overflow="fold")
    for name, left, right, same in pair.fields():
        style = "" if same else "bold yellow"
        label = context.say(f"value-of-{name}")
        table.add_row(label, Text(one_line(left), style=style), Text(one_line(right), style=style))
    draw(table)


def _print_evidence(context: Context, verdict: str, evidence: dict[str, Any]) -> None:
    said = context.say(f"judgement-{verdict}")
    context.print("judge-score", verdict=said, percent=f"{evidence['ppm'] / 10_000:.2f}")
    for step in evidence["steps"]:
        context.out.print(f"    {step['millibits'] / 1000:>+7.1f}  {step[context.language]}")


def audit_verb(
    size: Annotated[int, typer.Option("--size", min=1, help=either("抽查多少。", "How many to draw."))] = 100,
    answer: Answers = None,
    reason: Reason = "",
    case: Case = None,
    as_json: Json = False,
) -> int:
    """A random sample of joins; exit status 1 while some are not answered."""
    context = new_context(as_json=as_json, fonds_code=case)
    with context.writing() as archive:
        audit = auditing.draw(archive, size, now=context.now())
        for said, verdict in _parsed(answer or ()):
            auditing.answer(archive, audit, int(said), verdict, reason, clock=context.now)
        if not answer and not as_json and sys.stdin.isatty():
            _audit_at_the_keyboard(context, archive, audit, reason)
        standing = auditing.conclude(archive, audit, now=context.now())
        left = [pair for _, pair in auditing.unanswered(archive, audit)]
    if as_json:
        context.print_json(asdict(standing) | {"pairs": [pair.to_json() for pair in left]})
    else:
        for pair in left[:LISTED]:
            _print_pair(context, pair)
        _print_standing(context, standing)
    return EXIT_FINDINGS if left else EXIT_GOOD


def _audit_at_the_keyboard(
    context: Context, archive: Archive, audit: auditing.OpenAudit, reason: str
) -> None:
    given: list[int] = []
    for number, pair in auditing.unanswered(archive, audit):
        _print_pair(context, pair)
        said = _asked(context, lambda: _take_back(context, archive, given))
        if said is None or said == TAKEN_BACK:
            return
        if said:
            given.append(auditing.answer(archive, audit, number, said, reason, clock=context.now).ordinal)


def _print_standing(context: Context, standing: auditing.AuditStanding) -> None:
    if not standing.population:
        context.print("audit-nothing")
    elif standing.bound_ppm is None:
        context.print(
            "audit-goes-on", number=standing.number, answered=standing.answered, sample=standing.sample
        )
    else:
        context.print(
            "audit-bound",
            number=standing.number,
            sample=standing.answered,
            wrong=standing.wrong,
            percent=f"{standing.bound_ppm / 10_000:.2f}",
        )
