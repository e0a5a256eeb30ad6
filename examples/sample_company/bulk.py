"""Many small born-digital files for measuring: quickly written, each different."""

from __future__ import annotations

from collections.abc import Iterator

from examples.sample_company.habits import typed
from examples.sample_company.paper import Written
from examples.sample_company.papers.parts import Setting
from examples.sample_company.tree import BUILDERS, file_name, setting_for
from examples.sample_company.world import World
from examples.sample_company.writers.choice import render

FILES_A_SCALE = 400  # so that --scale 250 gives about a hundred thousand
FILES_A_FOLDER = 500
DESKS = ("销售一部-老王", "销售二部-李雪梅", "财务室", "客服部", "行政-冯玉珍", "共享盘")
KINDS = [
    "sales_contract",
    "service_agreement",
    "supplement",
    "nda",
    "order",
    "quotation",
    "delivery_note",
    "invoice",
    "receipt",
    "voucher",
    "bank_slip",
    "customer_statement",
    "repair",
    "installation",
    "complaint",
    "survey",
    "letter",
    "minutes",
    "call_notes",
    "registration_card",
    "notice",
    "manual",
]
STYLES = [
    "txt/utf-8",
    "txt/gb18030",
    "docx",
    "docx",
    "docx",
    "xlsx",
    "csv/gb18030",
    "csv/utf-8",
    "html/utf-8",
    "md/utf-8",
    "plain-pdf",
    "plain-pdf",
    "json/utf-8",
    "xml/utf-8",
    "eml/utf-8",
    "eml/gb18030",
    "rtf",
    "odt",
    "doc",
    "xls",
]


def bulk(world: World, seed: int, scale: int) -> Iterator[Written]:
    """The files that `--scale` adds: none at scale 1."""
    for number in range((scale - 1) * FILES_A_SCALE):
        kind = KINDS[number % len(KINDS)]
        style = STYLES[(number // len(KINDS) + number) % len(STYLES)]
        yield _one(world, f"{seed}:bulk:{number}", number, "mail" if style.startswith("eml") else kind, style)


def _one(world: World, key: str, number: int, kind: str, style: str) -> Written:
    setting: Setting = setting_for(world, key)
    paper = typed(BUILDERS[kind](setting), setting.random)
    rendered = render(paper, style, setting)
    folder = f"{DESKS[number % len(DESKS)]}/归档/{number // (FILES_A_FOLDER * len(DESKS)) + 1:03d}"
    stem, _, extension = file_name(setting, paper, rendered.extension).rpartition(".")
    return Written(
        path=f"{folder}/{number:06d}_{stem}.{extension}",
        payload=rendered.payload,
        format=rendered.format,
        paper=rendered.paper,
        text=rendered.text,
        findings=rendered.findings,
        modified=setting.day,
    )
