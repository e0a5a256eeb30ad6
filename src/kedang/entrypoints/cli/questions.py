"""`kedang questions`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.options import Case, Json
from kedang.entrypoints.cli.showing import one_line
from kedang.entrypoints.cli.speaking import EXIT_FINDINGS
from kedang.entrypoints.cli.texts import either
from kedang.holdings.actions import consulting
from kedang.holdings.actions.answering import answer_question
from kedang.records.errors import code_texts

Answers = Annotated[
    list[str] | None,
    typer.Option(
        "--answer",
        help=either(
            "问题号=accepted（属实）、dismissed（不成立）或一个类别：personal、contract、transaction、"
            "service、communication、other；可多次给出。",
            "ID=accepted, dismissed or a class: personal, contract, transaction, service, "
            "communication, other; may be given several times.",
        ),
    ),
]
Why = Annotated[
    str,
    typer.Option(
        "--reason",
        help=either(
            "理由，密封保存；审核退回的必须写。与 --answer 合用，对这一次的各个答复都有效。",
            "Why, kept sealed; needed for what a review has sent back. With --answer, for each answer given.",
        ),
    ),
]
Limit = Annotated[int, typer.Option(min=1, help=either("最多显示几个。", "Show at most so many."))]


def questions(
    answer: Answers = None,
    reason: Why = "",
    limit: Limit = 100,
    case: Case = None,
    as_json: Json = False,
) -> int:
    """What people must decide; exit status 1 while any is open."""
    context = new_context(as_json=as_json, fonds_code=case)
    if answer:
        with context.writing() as archive:
            for given in answer:
                question, _, decision = given.partition("=")
                answer_question(archive, question, decision, reason=reason, clock=context.now)
        context.print("questions-answered", count=len(answer))
        return 0
    with context.reading() as archive:
        found = consulting.list_questions(archive, limit=limit, clock=context.now)
    if as_json:
        context.print_json(found)
        return EXIT_FINDINGS if found else 0
    if not found:
        context.print("questions-none")
        return 0
    for one in found:
        _print_question(context, one)
    context.print("questions-answer-next")
    return EXIT_FINDINGS


def _print_question(context: Context, one: dict[str, Any]) -> None:
    known = code_texts().get(one["code"])
    said = known.said(context.language) if known else ""
    context.out.print(f"{one['id'][:12]}  {one['code']}  {said}", style="bold")
    context.out.print(f"              {one_line(one['path'])}")
    if known and known.next_step(context.language):
        context.out.print(f"              → {known.next_step(context.language)}")
