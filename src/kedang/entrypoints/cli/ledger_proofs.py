"""`kedang ledger prove`, `receipt`, `verify`, `witness`, `verifier`: what outsiders hold, and what it shows."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer
from cryptography.x509 import Certificate

from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.help import Verb
from kedang.entrypoints.cli.ledger import Out, ledger_app
from kedang.entrypoints.cli.options import Case, Json
from kedang.entrypoints.cli.outputs import written
from kedang.entrypoints.cli.speaking import EXIT_FINDINGS, EXIT_GOOD, EXIT_STATUS
from kedang.entrypoints.cli.texts import either
from kedang.holdings.actions.witnessing import witness_head
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.errors import RecordUnknown
from kedang.holdings.queries.ledger_proving import earlier_head, growth_since, numbers_of, receipt_of
from kedang.holdings.queries.ledger_verifying import LedgerVerdict, verify_case_ledger
from kedang.holdings.queries.locating import find_record
from kedang.ledger.errors import ProofFileMalformed
from kedang.ledger.proof_files import write_proof_file
from kedang.ledger.short_codes import short_code
from kedang.ledger.timestamps import read_certificates
from kedang.records.errors import Kind, code_texts

GIVEN_BYTES_MAX = 64 << 20  # of one file that somebody holds
Certificates = Annotated[
    Path | None,
    typer.Option(
        "--certificate", help=either("时间戳机构的根证书（PEM）。", "The authority's root certificate, PEM.")
    ),
]


@ledger_app.command(
    "prove",
    cls=Verb,
    help=either(
        "一条记载在台账中的证明，或台账前后相续的证明。",
        "Proof of an entry, or of growth since an earlier head.",
    ),
)
def prove(
    n: Annotated[int | None, typer.Argument(min=0, help=either("条目序号。", "Number of the entry."))] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            help=either(
                "证明台账是从前的延续：从前的条数、纸面短码，或外人所持的回执、台账头文件。",
                "That the ledger continues an earlier head: its size or short code, or a file that somebody holds.",
            ),
        ),
    ] = None,
    out: Out = Path("-"),
    case: Case = None,
    as_json: Json = False,
) -> int:
    """Proof of an entry, or of growth since an earlier head."""
    if (n is None) == (since is None):
        raise typer.BadParameter("N | --since")
    context = new_context(fonds_code=case, as_json=as_json)
    with context.reading() as archive:
        if n is not None:
            file = receipt_of(archive, [n], now=context.now())
        else:
            held = since or ""
            given = _read_given(Path(held)) if Path(held).is_file() else held
            file = growth_since(archive, earlier_head(given), now=context.now())
    whole = as_json or n is None
    text = write_proof_file(file) if whole else str(file.leaves[0].receipt)
    with written(out) as sink:
        sink.write(text.encode())
    return EXIT_GOOD


@ledger_app.command(
    "receipt",
    cls=Verb,
    help=either("回执：一个小文件，任何人日后都能凭它核验。", "A small file that anybody can check later."),
)
def receipt(
    what: Annotated[
        str, typer.Argument(help=either("条目序号，或档号、记录号。", "Entry number, or a record."))
    ],
    out: Annotated[Path, typer.Option("--out", help=either("写到哪个文件。", "Where to."))],
    case: Case = None,
    as_json: Json = False,
) -> None:
    """A small file that anybody can check later."""
    context = new_context(fonds_code=case, as_json=as_json)
    with context.reading() as archive:
        file = receipt_of(archive, _numbers(archive, what), now=context.now())
    with written(out) as sink:
        sink.write(write_proof_file(file).encode())
    said = json.loads(write_proof_file(file))
    numbers = [leaf.receipt.n for leaf in file.leaves]
    if as_json:
        context.print_json({"entries": numbers, "code": said["code"], "key": str(file.key), "file": str(out)})
        return
    context.print("ledger-receipt", path=out, entries=", ".join(map(str, numbers)))
    context.print("ledger-code", code=said["code"])
    context.print("ledger-key", text=str(file.key))


def _numbers(archive: Archive, what: str) -> list[int]:
    """The entries that a number or a record stands for."""
    if what.isdecimal():
        return [int(what)]
    numbers = numbers_of(archive, find_record(archive, what).id)
    if not numbers:
        raise RecordUnknown(matches=0)
    return numbers


@ledger_app.command(
    "verify",
    cls=Verb,
    help=either(
        "逐条核对整部台账与所有留存的台账头。", "The whole ledger against every head that is still held."
    ),
)
def verify(
    against: Annotated[
        list[str] | None,
        typer.Option(
            "--against",
            help=either(
                "外人所持的回执、台账头文件，或纸面短码；可多次给出。",
                "A receipt or head that somebody holds, or a printed short code.",
            ),
        ),
    ] = None,
    certificate: Certificates = None,
    case: Case = None,
    as_json: Json = False,
) -> int:
    """The whole ledger against every head that is still held."""
    context = new_context(fonds_code=case, as_json=as_json)
    given = [_read_given(Path(one)) if Path(one).is_file() else one for one in against or ()]
    trusted = _certificates(certificate)
    with context.reading(even_older=True) as archive:
        found = verify_case_ledger(archive, given=given, certificates=trusted, now=context.now())
    if as_json:
        context.print_json(found.to_json())
    else:
        _print_verdict(context, found)
    if not found.whole:
        return EXIT_STATUS[Kind.CORRUPT]
    return EXIT_FINDINGS if found.findings else EXIT_GOOD


def _print_verdict(context: Context, found: LedgerVerdict) -> None:
    key = "ledger-whole" if found.whole else "ledger-broken"
    context.print(key, size=found.size, heads=found.heads)
    if found.since is not None and found.proven_time is not None:
        context.print(
            "ledger-proven",
            proven=found.proven_size,
            until=_moment(found.proven_time.isoformat()),
            since=_moment(found.since.isoformat()),
        )
    if found.unsigned:
        context.print("ledger-unsigned", count=found.unsigned)
    for stamp in found.stamps:
        context.print("ledger-stamp", size=stamp.size, time=_moment(stamp.time.isoformat()))
    context.print("ledger-code", code=found.code)
    texts = code_texts()
    for finding in found.findings[:100]:
        said = texts[finding.code].said(context.language)
        where = context.say(f"ledger-where-{finding.where}")
        context.out.print(f"  {finding.code}  [{finding.n}] {where}  {said}")


def _moment(said: str) -> str:
    return said[:19].replace("T", " ") + " UTC"


@ledger_app.command(
    "witness",
    cls=Verb,
    help=either(
        "请时间戳机构（RFC 3161）为台账头加盖时间戳；只送出一个摘要。",
        "Have the head time-stamped; sends a digest only.",
    ),
)
def witness(
    tsa: Annotated[str, typer.Option("--tsa", help=either("时间戳机构的网址。", "The authority's URL."))],
    certificate: Annotated[
        Path,
        typer.Option(
            "--certificate", help=either("时间戳机构的根证书（PEM）。", "Its root certificate, PEM.")
        ),
    ],
    case: Case = None,
    as_json: Json = False,
) -> int:
    """Have the head time-stamped; sends a digest only."""
    context = new_context(fonds_code=case, as_json=as_json)
    trusted = _certificates(certificate)
    with context.reading() as archive:
        found = witness_head(archive, tsa, trusted, clock=context.now)
    code = str(short_code(found.head))
    if as_json:
        said = {"size": found.head.size, "time": found.time.isoformat(), "code": code, "ahead": found.ahead}
        context.print_json(said)
    else:
        context.print("ledger-stamp", size=found.head.size, time=_moment(found.time.isoformat()))
        context.print("ledger-code", code=code)
        if found.ahead:
            context.print("ledger-clock")
    return EXIT_FINDINGS if found.ahead else EXIT_GOOD


@ledger_app.command(
    "verifier",
    cls=Verb,
    help=either(
        "写出单文件核验程序：只需 Python，不需 kedang。",
        "The one-file verifier: needs Python only, no kedang.",
    ),
)
def verifier(out: Out) -> None:
    """The one-file verifier: needs Python only, no kedang."""
    context = new_context()
    program = files("kedang.ledger.outside").joinpath("kedang_verify.py").read_bytes()
    with written(out) as sink:
        sink.write(program)
    context.err.print(context.say("ledger-verifier", path=out))


def _certificates(path: Path | None) -> list[Certificate]:
    return read_certificates(_read_given(path)) if path is not None else []


def _read_given(path: Path) -> str:
    """A file that somebody brings, if it is text."""
    with path.open("rb") as stream:
        octets = stream.read(GIVEN_BYTES_MAX)
    try:
        return octets.decode()
    except UnicodeDecodeError as error:
        raise ProofFileMalformed(size_bytes=len(octets)) from error


__all__ = ["ledger_app"]
