"""The files of the plan: which document in which format lies where."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib.resources import files
from random import Random
from typing import Any

from examples.sample_company.habits import typed
from examples.sample_company.marks import plain
from examples.sample_company.paper import Paper, Written
from examples.sample_company.papers import books, contract, office, personal, prose, service, talk, trade
from examples.sample_company.papers.parts import Setting
from examples.sample_company.world import FIRST_DAY, LAST_DAY, Customer, World
from examples.sample_company.writers.choice import render
from examples.sample_company.writers.rendering import Rendered

Builder = Callable[[Setting], Paper]

BUILDERS: dict[str, Builder] = {
    "diary": prose.diary,
    "feedback": prose.feedback,
    "handover": prose.handover,
    "answer": prose.answer,
    "bilingual_contract": prose.bilingual_contract,
    "contract_page": prose.contract_page,
    "jotting": prose.jotting,
    "sales_contract": contract.sales_contract,
    "service_agreement": contract.service_agreement,
    "framework_agreement": contract.framework_agreement,
    "supplement": contract.supplement,
    "nda": contract.nda,
    "contract_register": contract.contract_register,
    "order": trade.order,
    "quotation": trade.quotation,
    "delivery_note": trade.delivery_note,
    "invoice": trade.invoice,
    "receipt": trade.receipt,
    "voucher": trade.voucher,
    "bank_slip": trade.bank_slip,
    "bank_statement": books.bank_statement,
    "customer_statement": trade.customer_statement,
    "order_book": trade.order_book,
    "refund_list": trade.refund_list,
    "ledger": books.ledger,
    "annual_report": books.annual_report,
    "interim_report": books.interim_report,
    "repair": service.repair,
    "installation": service.installation,
    "complaint": service.complaint,
    "survey": service.survey,
    "consultation": service.consultation,
    "service_log": service.service_log,
    "letter": talk.letter,
    "mail": talk.mail_body,
    "minutes": talk.minutes,
    "meeting": talk.minutes,
    "call_notes": talk.call_notes,
    "chat": talk.chat,
    "calendar": talk.meeting_invitation,
    "sms": talk.sms_export,
    "recording": talk.recording_note,
    "customer_list": personal.customer_list,
    "short_list": personal.short_list,
    "marketing_list": personal.marketing_list,
    "registration_card": personal.registration_card,
    "permit_list": personal.permit_list,
    "member_card": personal.registration_card,
    "old_id_list": personal.old_id_card,
    "id_copy": personal.id_copy,
    "licence_copy": personal.licence_copy,
    "contact_card": personal.contact_card,
    "menu": office.menu,
    "notice": office.notice,
    "manual": office.manual,
    "training": office.training,
    "private_note": office.private_note,
    "photo": office.photo,
    "resolution": office.resolution,
    "own_licence": office.own_licence,
    "price_floor": office.price_floor,
    "brochure": office.brochure,
    "supplier_contract": office.supplier_contract,
}
PERSONS_ONLY = {"id_copy", "member_card"}
COMPANIES_ONLY = {"licence_copy"}
YEAR = re.compile(r"(20\d\d)年")
UNTITLED = {"id_copy": "身份证", "contact_card": "名片", "contract_page": "扫描件", "jotting": "便签"}
FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
NAME_BYTES = 255  # the longest file name of common file systems
VERSIONS = ("", "", "", "", "", "v2", "最终版", "(终稿)", "-副本", "_改")


def setting_for(world: World, key: str, *, kind: str = "", year: int = 0) -> Setting:
    """Chance, customer and day of the document with this key."""
    random = Random(key)
    customers: tuple[Customer, ...] = world.customers
    if kind in PERSONS_ONLY:
        customers = tuple(customer for customer in customers if customer.person)
    elif kind in COMPANIES_ONLY:
        customers = tuple(customer for customer in customers if customer.company)
    day = FIRST_DAY + timedelta(days=random.randrange((LAST_DAY - FIRST_DAY).days))
    if year:
        day = day.replace(year=year, day=min(day.day, 28))
    return Setting(world, random, customers[random.randrange(len(customers))], day)


def file_name(setting: Setting, paper: Paper, extension: str) -> str:
    """A name as people give it."""
    title = plain(paper.title).split("\n")[0] or UNTITLED.get(paper.kind, "文件")
    short, day = setting.customer.short, f"{setting.day:%Y%m%d}"
    forms: tuple[str, ...]
    if paper.record_class == "other" or not paper.customers:
        forms = (title, f"{day}{title}", f"{title}{setting.day.year}")
    elif len(paper.customers) > 1:
        forms = (title, f"{title}{setting.day:%Y-%m}", f"{day}{title}")
    else:
        forms = (
            f"{short}{title}",
            f"{title}-{short}",
            f"{day}{short}{title}",
            f"{title}({short}){setting.day:%y.%m}",
            f"{short}-{day}",
        )
    stem = setting.choose(*forms) + setting.choose(*VERSIONS)
    return shortened(FORBIDDEN.sub("", stem), extension)


def shortened(stem: str, extension: str) -> str:
    """The name with its extension, cut to what a file system takes."""
    room = NAME_BYTES - len(extension.encode()) - 1
    while len(stem.encode()) > room:
        stem = stem[:-1]
    return f"{stem}.{extension}"


def planned(world: World, seed: int) -> Iterator[Written]:
    """Every file of plan.toml."""
    plan: dict[str, Any] = tomllib.loads(files(__package__).joinpath("plan.toml").read_text("utf-8"))
    taken: set[str] = set()
    for desk in plan["desk"]:
        for kind, style, count in desk["items"]:
            for place in range(count):
                written = one(
                    world,
                    f"{seed}:{desk['folder']}:{kind}:{style}:{place}",
                    kind,
                    style,
                    desk["folder"],
                    taken,
                )
                if desk.get("gbk_name"):
                    written.path = in_gbk(written.path)
                yield written


def one(world: World, key: str, kind: str, style: str, folder: str, taken: set[str]) -> Written:
    """One document in one format, under a name that is still free."""
    year = YEAR.search(folder)
    setting = setting_for(world, key, kind=kind, year=int(year[1]) if year else 0)
    paper = typed(BUILDERS[kind](setting), setting.random)
    rendered: Rendered = render(paper, style, setting)
    name = file_name(setting, paper, rendered.extension)
    stem, _, extension = name.rpartition(".")
    number = 2
    while f"{folder}/{name}" in taken:
        name = shortened(f"{stem}({number})", extension)
        number += 1
    taken.add(f"{folder}/{name}")
    return Written(
        path=f"{folder}/{name}",
        payload=rendered.payload,
        format=rendered.format,
        paper=rendered.paper,
        text=rendered.text,
        findings=rendered.findings,
        text_source=rendered.text_source,
        modified=setting.day,
        inside=rendered.inside,
        charset=rendered.charset,
    )


def in_gbk(path: str) -> str:
    """The path with its file name in GBK bytes, surrogate-escaped."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/{os.fsdecode(name.encode('gb18030'))}"
