"""Who is named in a record, in which part, and with which numbers beside the name.

A mention is a name with the identifiers that stand in its row, its party block or its signature. It is not yet a
customer: `links` decides what is certain, and the later probabilistic matching compares the rest.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import getaddresses
from enum import StrEnum

from kedang.records import identifiers as shapes
from kedang.records.content import (
    Appraisal,
    Extraction,
    Finding,
    FindingCategory,
    RecordClass,
    Table,
)
from kedang.records.identifiers import Identifier, IdentifierKind
from kedang.resolution.forms import organisation_form, person_form

_BLOCK_LENGTH = 400  # characters behind an organisation's name in which its numbers may stand
_PERSON_REACH = 120  # characters behind a person's name in which his numbers may stand
_LABEL_REACH = 14
_CUSTOMER_TABLE = re.compile(
    r"客户|会员|顾客|买家|学员|业主|用户|通讯录|名单|名录|customer|client|member|contact", re.IGNORECASE
)
_FORMER_NAME = re.compile(r"曾用名|原名|旧名|别名|简称|英文名|former|alias", re.IGNORECASE)
_STAFF = re.compile(r"员工|职工|教师|工资|薪资|考勤|出勤|入职|工号|岗位|社保|教师资格")
_OTHER_PARTY_HEADER = re.compile(
    r"保险公司|供应商|开户|银行|快递|物流|承运|教练|老师|教师|顾问|业务|经办|跟进|来源|推荐|介绍|学校|工作单位|家长|紧急|导游|处理|负责"
)
_REPRESENTATIVE = re.compile(
    r"(?:方|人|单位)(?:授权)?(?:委托)?代表(?:人)?(?:[(（][^()（）\n]{0,10}[)）])?[ :：\t]*$|[Ff]or the (?:Buyer|Seller)[ :：]*$"
)
_BARE_LABEL = re.compile(r"([\u4e00-\u9fa5]{2,4}|[A-Z][a-z]+)(?:[(（][^()（）\n]{0,10}[)）])?[ :：\t]*\Z")
_LEAST_TABS = 2  # tabs that make a line of text a row
_LEAST_BARS = 3  # bars that make a line a row of a table in Markdown
_CELL_REACH = 16
_LABELLED_IN_CELL = re.compile(r"[\u4e00-\u9fa5][:：][ ]*\Z")
_BEFORE_IN_CELL = re.compile(r"(?:\A|[\t|\n])[ ]*\Z")
_BEHIND_IN_CELL = re.compile(
    r"[ ]*(?:先生|女士|小姐|经理|总|老师|师傅|同学|[(（][^()（）\t\n]{0,12}[)）]|[、,，;；/][^\t\n|。]{2,14})?[ ]*(?:[\t|\n]|\Z)"
)
_HAN_END = re.compile(r"[\u4e00-\u9fa5]\Z")
_SINGLE_PARTY = re.compile(r"[\u4e00-\u9fa5]人(?:[(（][^()（）\n]{0,10}[)）])?(?:姓名|签字)?[ :：\t\n]*$")
_CUSTOMER_HEADER = re.compile(
    r"客户|会员|顾客|买家|学员|业主|联系人|姓名|单位名称|公司名称|customer|name", re.IGNORECASE
)


class MentionKind(StrEnum):
    """Whether a person or an organisation is named."""

    PERSON = "person"
    ORGANISATION = "organisation"


class Role(StrEnum):
    """In which part somebody is named."""

    CUSTOMER_LIST = "customer-list"
    CONTRACT_PARTY = "contract-party"
    BUYER = "buyer"
    SELLER = "seller"
    PAYER = "payer"
    PAYEE = "payee"
    RECEIVER = "receiver"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTACT = "contact"
    COMPLAINANT = "complainant"
    ALIAS = "alias"  # a former or short name in the row of a customer list
    HANDLER = "handler"  # the closing company's own people: drawer of an invoice, engineer, cashier
    NAMED = "named"
    IN_PASSING = "in-passing"  # a person of whom the words of a cell speak (摘要, 备注): nothing tells which one of his name


_ROLE_LABELS: tuple[tuple[Role, re.Pattern[str]], ...] = tuple(
    (role, re.compile(rf"(?:{words})(?:[(（][^()（）\n]{{0,10}}[)）])?(?:名称|姓名|信息|全称|代表)?[ :：\t]*(?:名 ?称[:：]?)?[ \t\n]*$"))
    for role, words in (
        (Role.HANDLER, "开票人|复核人?|制单人?|制表人?|审核人?|审批人?|出纳|会计|记账|客服人员|客服专员|客服|受理人|处理人|跟进人|接待人|维修人员|服务人员|安装人员|维修工程师|服务工程师|工程师|技术员|业务员|销售员|销售代表|销售经理|客户经理|送货人|送货员|司机|记录人|主持人|回访人|回访员|经办人|承办人|登记人|填报人|移交人|监交人|保管人|监销人|报销人|领款人|操作员|发货员|仓管员?|采购员|店长"),
        (Role.BUYER, "购货方|购买方|购方|买方|需方|购货单位|采购方|采购单位|客户单位|客户|顾客|买受人|订货单位|委印单位|订购方|订购单位|订货人|下单人|会员|抬头|Buyer|Customer|Bill To"),
        (Role.SELLER, "销售方|销方|卖方|供方|销货单位|供应商|供货方|供货单位|出卖人|Seller"),
        (Role.PAYER, "付款人|付款方|付款单位|汇款人|交款单位|交款人|付款户名|缴款单位"),
        (Role.PAYEE, "收款人|收款方|收款单位|收款户名"),
        (Role.RECEIVER, "收货人|收货单位|收件人|收货方|签收人"),
        (Role.COMPLAINANT, "投诉人|投诉单位|反馈人|报修人|报修单位|咨询人|来电人|申请人|受访人|受访者"),
        (Role.CONTRACT_PARTY, "甲方|乙方|丙方|委托方|受托方|定作方|承揽方|托运人|承运人|债务人|经销方|旅游者|投保人|建设单位|承建单位|委托单位|研究开发方|发包方|承包方|发包人|承包人|出租方|承租方|出租人|承租人|借款人|担保人|委托人|受托人"),
        (Role.CONTACT, "联系人|法定代表人|负责人|授权代表|代理人|委托代理人|对接人|甲方联系人|乙方联系人"),
        (Role.SENDER, "发件人|From|寄件人"),
        (Role.RECIPIENT, "收信人|To|抄送|Cc"),
    )
)  # fmt: skip

_ORGANISATIONS_OWN = frozenset({
    FindingCategory.CREDIT_CODE, FindingCategory.TAXPAYER_NUMBER, FindingCategory.LANDLINE,
})  # fmt: skip
_NORMAL_FORMS: Mapping[FindingCategory, tuple[IdentifierKind, str]] = {
    FindingCategory.RESIDENT_ID: (IdentifierKind.RESIDENT_ID, "resident_id_of"),
    FindingCategory.CREDIT_CODE: (IdentifierKind.CREDIT_CODE, "credit_code_of"),
    FindingCategory.TAXPAYER_NUMBER: (IdentifierKind.TAXPAYER_NUMBER, "taxpayer_number_of"),
    FindingCategory.PASSPORT: (IdentifierKind.PASSPORT, "passport_of"),
    FindingCategory.TRAVEL_PERMIT: (IdentifierKind.TRAVEL_PERMIT, "travel_permit_of"),
    FindingCategory.MOBILE_PHONE: (IdentifierKind.MOBILE_PHONE, "mobile_phone_of"),
    FindingCategory.LANDLINE: (IdentifierKind.LANDLINE, "landline_of"),
    FindingCategory.EMAIL: (IdentifierKind.EMAIL, "email_of"),
    FindingCategory.BANK_CARD: (IdentifierKind.BANK_CARD, "bank_card_of"),
    FindingCategory.LICENCE_PLATE: (IdentifierKind.LICENCE_PLATE, "licence_plate_of"),
    FindingCategory.WECHAT_ID: (IdentifierKind.WECHAT_ID, "wechat_id_of"),
    FindingCategory.QQ_ID: (IdentifierKind.QQ_ID, "qq_id_of"),
}


@dataclass(frozen=True, slots=True)
class Mention:
    """One name in one record, with the numbers beside it. `start == end` when it stands in a message's header."""

    kind: MentionKind
    start: int
    end: int
    raw: str
    normalised: str
    role: Role
    identifiers: tuple[Identifier, ...] = ()
    row: tuple[int, int] | None = None
    """Table and row, 0-based, when it stands in a table."""


def identifier_of(category: FindingCategory, written: str) -> Identifier | None:
    """The normal form of a found number; None when it has none (its check digit fails)."""
    known = _NORMAL_FORMS.get(category)
    if known is None:
        return None
    kind, function = known
    value = getattr(shapes, function)(written)
    return Identifier(kind, value) if value else None


def mentions_of(extraction: Extraction, appraisal: Appraisal) -> tuple[Mention, ...]:
    """Every person and organisation named in a record, in the order in which they stand; headers of messages first."""
    return tuple(_Mentions(extraction, appraisal).all())


class _Mentions:
    def __init__(self, extraction: Extraction, appraisal: Appraisal) -> None:
        self._text = extraction.text
        self._metadata = extraction.metadata
        self._tables = extraction.tables
        self._class = appraisal.record_class
        self._title = appraisal.title
        self._findings = appraisal.findings
        self._rows = sorted([*_rows_of(extraction.tables), *_rows_seen(extraction.text, extraction.tables)])
        self._row_starts = [row[0] for row in self._rows]

    def all(self) -> Iterator[Mention]:
        yield from self._in_headers()
        by_row: dict[tuple[int, int], list[Finding]] = {}
        loose: list[Finding] = []
        for finding in self._findings:
            row = self._row_at(finding.start)
            if row is None:
                loose.append(finding)
            else:
                by_row.setdefault(row, []).append(finding)
        yield from self._in_text(loose)
        for row, findings in by_row.items():
            yield from self._in_row(row, findings)

    def _row_at(self, position: int) -> tuple[int, int] | None:
        place = bisect_right(self._row_starts, position) - 1
        if place < 0 or position >= self._rows[place][1]:
            return None
        return self._rows[place][2], self._rows[place][3]

    def _mention(
        self, finding: Finding, role: Role, numbers: Sequence[Identifier], row: tuple[int, int] | None = None
    ) -> Mention:
        raw = self._text[finding.start : finding.end]
        person = finding.category is FindingCategory.PERSON_NAME
        return Mention(
            kind=MentionKind.PERSON if person else MentionKind.ORGANISATION,
            start=finding.start,
            end=finding.end,
            raw=raw,
            normalised=person_form(raw) if person else organisation_form(raw),
            role=role,
            identifiers=tuple(dict.fromkeys(numbers)),
            row=row,
        )

    def _identifier(self, finding: Finding) -> Identifier | None:
        return identifier_of(finding.category, self._text[finding.start : finding.end])

    def _in_row(self, row: tuple[int, int], findings: Sequence[Finding]) -> Iterator[Mention]:
        """A row speaks of one customer: all its numbers belong to its names, each kind to the fitting name."""
        names = self._distinct([finding for finding in findings if _is_name(finding)])
        numbers = [(finding, number) for finding in findings if (number := self._identifier(finding))]
        role = Role.CUSTOMER_LIST if self._is_customer_list(row[0]) else Role.NAMED
        if self._is_staff_list(row[0]):
            role = Role.HANDLER
        organisations = [name for name in names if name.category is FindingCategory.ORGANISATION_NAME]
        persons = [name for name in names if name.category is FindingCategory.PERSON_NAME]
        for place, name in enumerate(names):
            organisation = name.category is FindingCategory.ORGANISATION_NAME
            alone = len(organisations if organisation else persons) == 1
            mine = [
                number
                for finding, number in numbers
                if self._fits(finding, organisation=organisation, both=bool(organisations and persons))
            ]
            part = role if place == 0 or not organisations or organisation else Role.CONTACT
            column_role = self._column_role(row[0], name)
            if not organisation and not self._fills_cell(name):
                column_role = Role.IN_PASSING
            if organisation and column_role is not Role.ALIAS:
                alone = alone or name is organisations[0]
            yield self._mention(
                name,
                column_role or part,
                mine if alone or column_role is Role.ALIAS else (),
                row if row[0] >= 0 else None,
            )

    def _distinct(self, names: Sequence[Finding]) -> list[Finding]:
        """One name of each writing: a list gives a private customer again as his own contact."""
        seen: dict[str, Finding] = {}
        for name in names:
            form = person_form(self._text[name.start : name.end])
            if form not in seen or (self._fills_cell(name) and not self._fills_cell(seen[form])):
                seen[form] = name
        return list(seen.values())

    @staticmethod
    def _fits(finding: Finding, *, organisation: bool, both: bool) -> bool:
        if not both:
            return True
        return (finding.category in _ORGANISATIONS_OWN) == organisation or (
            organisation and finding.category in (FindingCategory.MOBILE_PHONE, FindingCategory.EMAIL)
        )

    def _fills_cell(self, name: Finding) -> bool:
        """Whether the cell of a row is the name, with at most a title or a bracket, or labels it; no sentence."""
        before = self._text[max(0, name.start - _CELL_REACH) : name.start]
        if _LABELLED_IN_CELL.search(before):
            return True
        return (
            _BEFORE_IN_CELL.search(before) is not None
            and _BEHIND_IN_CELL.match(self._text, name.end) is not None
        )

    def _column_role(self, table: int, name: Finding) -> Role | None:
        if table < 0:
            return None
        starts = self._tables[table].row_starts
        row_start = starts[bisect_right(starts, name.start) - 1]
        column = self._text.count("\t", row_start, name.start)
        headers = self._tables[table].headers
        if column >= len(headers):
            return None
        if _FORMER_NAME.search(headers[column]):
            return Role.ALIAS
        role = _role_of_label(headers[column])
        if _OTHER_PARTY_HEADER.search(headers[column]):
            return Role.NAMED
        return role if role in (Role.HANDLER, Role.SELLER, Role.CONTACT) else None

    def _is_staff_list(self, place: int) -> bool:
        headers = self._tables[place].headers if place >= 0 else ()
        return _STAFF.search(" ".join((self._title, *headers))) is not None

    def _is_customer_list(self, place: int) -> bool:
        if self._class is not RecordClass.PERSONAL:
            return False
        if place < 0:
            return _CUSTOMER_TABLE.search(self._title) is not None
        table = self._tables[place]
        named = _CUSTOMER_TABLE.search(table.name) or _CUSTOMER_TABLE.search(self._title)
        return bool(named) or any(_CUSTOMER_HEADER.search(header) for header in table.headers)

    def _in_text(self, findings: Sequence[Finding]) -> Iterator[Mention]:
        names = [finding for finding in findings if _is_name(finding)]
        owned: dict[int, list[Identifier]] = {}
        for finding in findings:
            number = self._identifier(finding)
            owner = self._owner(finding, names) if number else None
            if number and owner is not None:
                owned.setdefault(owner.start, []).append(number)
        firms: set[str] = set()
        for name in names:
            role, label = self._role(name), self._label(name)
            if name.category is FindingCategory.ORGANISATION_NAME:
                firms |= {label} if label else set()
            elif role in (Role.CONTRACT_PARTY, Role.BUYER) and label in firms:
                role = Role.CONTACT  # the label has named a firm before: this is who signs for it
            yield self._mention(name, role, owned.get(name.start, ()))

    def _label(self, name: Finding) -> str:
        """The bare word of the label before a name, empty when there is none."""
        found = _BARE_LABEL.search(self._text, max(0, name.start - _LABEL_REACH), name.start)
        return found.group(1) if found else ""

    def _owner(self, number: Finding, names: Sequence[Finding]) -> Finding | None:
        """The name a number belongs to: the last fitting one before it in the same block; None when it is not plain."""
        place = bisect_right([name.start for name in names], number.start) - 1
        wants_organisation = number.category in _ORGANISATIONS_OWN
        while place >= 0 and number.start - names[place].end <= _BLOCK_LENGTH:
            name = names[place]
            between = self._text[name.end : number.start]
            organisation = name.category is FindingCategory.ORGANISATION_NAME
            if "\n\n\n" in between:
                return None
            if organisation:
                return name
            if not wants_organisation:
                return name if len(between) <= _PERSON_REACH and between.count("\n") <= 3 else None
            place -= 1
        return None

    def _role(self, name: Finding) -> Role:
        before = self._text[max(0, name.start - _LABEL_REACH) : name.start]
        role = _role_of_label(before) or Role.NAMED
        if role is Role.BUYER and name.category is FindingCategory.PERSON_NAME and _HAN_END.search(before):
            return Role.NAMED  # 老客户胡景行住在…: a sentence, and no field of a form
        if name.category is FindingCategory.PERSON_NAME and _REPRESENTATIVE.search(before):
            return Role.CONTACT  # he signs for a party and is none
        contract = self._class is RecordClass.CONTRACT
        if role is Role.BUYER and contract:
            return Role.CONTRACT_PARTY
        if role is Role.CONTRACT_PARTY and not contract and _SINGLE_PARTY.search(before):
            return Role.NAMED  # 借款人 of a pay slip, 委托人 of a power of attorney
        return role

    def _in_headers(self) -> Iterator[Mention]:
        """Senders and receivers of a message: the name with its address."""
        for field, role in (("from", Role.SENDER), ("to", Role.RECIPIENT), ("cc", Role.RECIPIENT)):
            values = [value for name, value in self._metadata if name == field]
            for display, address in getaddresses(values):
                email = shapes.email_of(address)
                if email is None:
                    continue
                organisation = bool(re.search(r"公司|集团|商行|银行|店$|部$|中心$", display))
                yield Mention(
                    kind=MentionKind.ORGANISATION if organisation else MentionKind.PERSON,
                    start=0,
                    end=0,
                    raw=display,
                    normalised=organisation_form(display) if organisation else person_form(display),
                    role=role,
                    identifiers=(Identifier(IdentifierKind.EMAIL, email),),
                )


_Row = tuple[int, int, int, int]
"""Start, end, table (-1: seen in the text), place."""


def _rows_of(tables: Sequence[Table]) -> Iterator[_Row]:
    for table, one in enumerate(tables):
        for place, (start, row) in enumerate(zip(one.row_starts, one.rows, strict=False)):
            yield start, start + sum(map(len, row)) + max(0, len(row) - 1), table, place


def _rows_seen(text: str, tables: Sequence[Table]) -> Iterator[_Row]:
    """Lines of cells outside of the tables: texts of documents write their tables so."""
    covered = sorted((one.row_starts[0], one.row_starts[-1]) for one in tables if one.row_starts)
    start = 0
    for place, line in enumerate(text.split("\n")):
        is_row = line.count("\t") >= _LEAST_TABS or line.count("|") >= _LEAST_BARS
        if is_row and not any(first <= start <= last for first, last in covered):
            yield start, start + len(line), -1, place
        start += len(line) + 1


def _is_name(finding: Finding) -> bool:
    return finding.category in (FindingCategory.PERSON_NAME, FindingCategory.ORGANISATION_NAME)


def _role_of_label(before: str) -> Role | None:
    for role, pattern in _ROLE_LABELS:
        if pattern.search(before):
            return role
    return None
