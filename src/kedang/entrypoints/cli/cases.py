"""`kedang init`."""

from __future__ import annotations

import getpass
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from shamir_mnemonic.wordlist import WORDLIST

from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.offered import passphrase_from_environment
from kedang.entrypoints.cli.options import Json
from kedang.entrypoints.cli.texts import either
from kedang.holdings.actions.cases import NewCase, OpenedCase, open_case

PASSPHRASE_LENGTH = 7  # words of 10 bits
WORDS_IN_ROW = 6  # of a share on the screen: 76 columns
LONGEST_WORD = 8  # letters (SLIP-0039)


def _day(option: str, said: str) -> Any:
    return typer.Option(option, formats=["%Y-%m-%d"], help=said)


Name = Annotated[str, typer.Option("--name", help=either("企业全称。", "The company's full name."))]
Code = Annotated[
    str,
    typer.Option(
        "--code",
        help=either("全宗号，一个大写字母加三位数字。", "Fonds number: a capital letter and three digits."),
    ),
]
Industry = Annotated[
    list[str] | None,
    typer.Option(
        "--industry",
        help=either(
            "行业规则包，可多次给出；名称见手册。",
            "Industry pack, may be given several times; the guide lists them.",
        ),
    ),
]
CreditCode = Annotated[
    str,
    typer.Option(
        "--credit-code", help=either("统一社会信用代码。", "Unified social credit code of the company.")
    ),
]
Stopped = Annotated[
    datetime | None,
    _day("--service-stopped", either("停止提供产品或服务之日。", "Day on which service stopped.")),
]
Deregistered = Annotated[
    datetime | None, _day("--deregistered", either("核准注销之日。", "Day of deregistration."))
]
OwnNames = Annotated[
    Path | None,
    typer.Option(
        "--own-name-file",
        help=either("企业曾用名、简称，每行一个。", "Other names of the company, one a line."),
    ),
]
Review = Annotated[
    str,
    typer.Option(
        "--review",
        help=either("归档审核：off 或 second-person。", "Review before archiving: off or second-person."),
    ),
]
Unattended = Annotated[
    bool,
    typer.Option(
        "--unattended/--no-unattended",
        help=either("本机保存自动开启密钥。", "Keep a secret on this computer that unlocks by itself."),
    ),
]
SharesOut = Annotated[
    Path | None,
    typer.Option(
        "--shares-out",
        help=either(
            "把恢复份额写入文件而不显示在屏幕。", "Write the shares to a file instead of the screen."
        ),
    ),
]


def init(
    name: Name,
    code: Code = "Q001",
    industry: Industry = None,
    credit_code: CreditCode = "",
    stopped: Stopped = None,
    deregistered: Deregistered = None,
    own_name_file: OwnNames = None,
    review: Review = "off",
    unattended: Unattended = True,
    shares_out: SharesOut = None,
    as_json: Json = False,
) -> None:
    """Open a case; prints the recovery shares once."""
    context = new_context(as_json=as_json)
    context.prepare()
    passphrase, made = _passphrase(context)
    names = own_name_file.read_text(encoding="utf-8").split("\n") if own_name_file else []
    new = NewCase(
        name=name,
        fonds_code=code,
        passphrase=passphrase,
        own_names=tuple(filter(None, (line.strip() for line in names))),
        credit_code=credit_code,
        milestones=_milestones(service_stopped_on=stopped, deregistered_on=deregistered),
        archiving_review=review,
        industry_packs=tuple(industry or ()),
        unattended=unattended,
        agent_name=getpass.getuser(),
    )
    with context.home.held(), _reserved(shares_out):
        opened = open_case(new, context.home, context.places, now=context.now(), random_bytes=os.urandom)
    _tell_opened(context, opened, passphrase if made else "", shares_out)


@contextmanager
def _reserved(shares_out: Path | None) -> Iterator[None]:
    """A new file for the shares, made before the case: a case whose shares cannot be written is not begun."""
    if shares_out is None:
        yield
        return
    os.close(os.open(shares_out, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        yield
    except BaseException:
        shares_out.unlink(missing_ok=True)  # there is no case that it could be of
        raise


def _milestones(**days: datetime | None) -> dict[str, date]:
    return {name: day.date() for name, day in days.items() if day is not None}


def _passphrase(context: Context) -> tuple[str, bool]:
    """The passphrase, and whether it was made here because nobody could be asked."""
    given = passphrase_from_environment()
    if given:
        return given, False
    if sys.stdin.isatty():
        while True:
            first = getpass.getpass(context.say("new-passphrase"))
            if first and first == getpass.getpass(context.say("repeat-passphrase")):
                return first, False
            context.print("passphrases-differ")
    return " ".join(secrets.choice(WORDLIST) for _ in range(PASSPHRASE_LENGTH)), True


def _tell_opened(context: Context, opened: OpenedCase, made_passphrase: str, shares_out: Path | None) -> None:
    if shares_out is not None:
        lines = [*opened.shares, made_passphrase] if made_passphrase else list(opened.shares)
        with shares_out.open("w", encoding="utf-8") as stream:
            stream.write("\n\n".join(lines) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
    if context.as_json:
        shown = {} if shares_out else {"shares": opened.shares, "passphrase": made_passphrase}
        context.print_json({"case": opened.case_id, "code": opened.fonds_code} | shown)
        return
    context.print("case-opened", code=opened.fonds_code, home=context.home.root)
    context.print("keys-at", places=", ".join(map(str, context.places.sheets)))
    if shares_out is not None:
        context.print("shares-written", path=shares_out)
        return
    context.print("shares-follow")
    for number, share in enumerate(opened.shares, start=1):
        context.out.print(f"\n[{number}]  {share}" if not sys.stdout.isatty() else _to_copy(number, share))
    if made_passphrase:
        context.print("made-passphrase", passphrase=made_passphrase)
    context.print("shares-end")


def _to_copy(number: int, share: str) -> str:
    """A share in rows of numbered words, which no terminal breaks within a word: it is copied by hand."""
    words = [f"{place:>2} {word:<{LONGEST_WORD}}" for place, word in enumerate(share.split(), start=1)]
    rows = (words[start : start + WORDS_IN_ROW] for start in range(0, len(words), WORDS_IN_ROW))
    return "\n".join((f"\n[{number}]", *("  ".join(row).rstrip() for row in rows)))
