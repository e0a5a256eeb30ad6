"""From rows, texts and paths to comparables: what belongs to whom, and in which form."""

from __future__ import annotations

import sqlite3

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.extract import extract
from kedang.extraction.limits import Limits
from kedang.extraction.recognition import recognise
from kedang.records.content import Appraisal, Extraction, Finding, FindingCategory, RecordClass, Sensitivity
from kedang.records.identifiers import Identifier, IdentifierKind
from kedang.resolution.columns import column_key
from kedang.resolution.comparable import Address, Comparable
from kedang.resolution.links import Own, founds_customer, link_keys, may_link_by_name
from kedang.resolution.meanings import Meaning
from kedang.resolution.mentions import Mention, MentionKind, Role, mentions_of
from kedang.resolution.normal_parts import comparable_of
from tests.extraction.contents import BytesContent

C = FindingCategory


def appraised(text: str, *found: tuple[C, str]) -> Appraisal:
    findings, last = [], 0
    for category, value in found:
        last = text.index(value, last)
        findings.append(Finding(category, last, last + len(value), 0.95))
        last += len(value)
    return Appraisal(
        RecordClass.PERSONAL, 0.9, (), accounting=False, accounting_kind=None, sensitivity=Sensitivity.PERSONAL, title="",
        record_date=None, findings=tuple(findings), facts=(),
    )  # fmt: skip


def sheet(name: str, headers: tuple[str, ...], *rows: tuple[str, ...]) -> Extraction:
    assembly = TextAssembly(Limits())
    assembly.write_rows(name, headers, rows, first_row=2)
    return assembly.extraction()


def test_a_row_gives_all_its_parts_in_normal_forms() -> None:
    extraction = sheet(
        "客户表",
        ("姓名", "手机", "邮箱", "省", "市", "地址", "生日", "银行账号", "客户编号", "微信", "业务员"),
        ("陳 靜", "138 0013 8000", "12345678@qq.com", "浙江省", "杭州市", "西湖区文三路388号3-2-501", "1990/7/3", "3301 0401 6000 1234", "k-001", "chenjing_90", "李强"),
    )  # fmt: skip
    found = [(C.PERSON_NAME, "陳 靜"), (C.MOBILE_PHONE, "138 0013 8000"), (C.EMAIL, "12345678@qq.com"), (C.WECHAT_ID, "chenjing_90"), (C.PERSON_NAME, "李强")]  # fmt: skip
    chen, li = mentions_of(extraction, appraised(extraction.text, *found))
    assert (chen.role, li.role) == (Role.CUSTOMER_LIST, Role.HANDLER)
    assert comparable_of(chen, id="r1-0", source="销售部") == Comparable(
        id="r1-0",
        kind=MentionKind.PERSON,
        name="陈静",
        surname="陈",
        given_name="静",
        sound="chen jing",
        mobiles=("13800138000",),
        emails=("12345678@qq.com",),
        accounts=("3301040160001234",),
        handles=("wechat:chenjing_90", "qq:12345678"),
        keys=("销售部:*:客户编号:k-001",),
        address=Address("浙江省", "杭州市", "西湖区", "文三路", "388", "3-2-501"),
        birth_date="1990-07-03",
    )
    assert comparable_of(li, id="").keys == ()


def test_a_resident_id_tells_the_birth_date_and_an_english_firm_sounds_like_the_chinese_one() -> None:
    identity = Identifier(IdentifierKind.RESIDENT_ID, "110101199003074477")
    person = Mention(MentionKind.PERSON, 0, 2, "王伟", "王伟", Role.NAMED, (identity,))
    assert (comparable_of(person, id="").birth_date, comparable_of(person, id="").certain) == (
        "1990-03-07",
        (identity,),
    )
    firms = [
        comparable_of(Mention(MentionKind.ORGANISATION, 0, 1, raw, raw, Role.NAMED), id="")
        for raw in ("杭州云帆贸易有限公司", "Hangzhou Yunfan Trading Co., Ltd.")
    ]
    assert {(firm.sound, firm.region) for firm in firms} == {("yun fan", "杭州市")}


def test_names_that_nobody_found_are_taken_from_columns_that_hold_names() -> None:
    headless = sheet("Sheet1", (), ("王伟", "13800138000"), ("李娜", "13900139000"), ("张强", "13700137000"))
    assert [one.raw for one in mentions_of(headless, appraised(headless.text))] == ["王伟", "李娜", "张强"]
    products = sheet(
        "Sheet1",
        ("名称", "单价"),
        ("金笔", "12.00"),
        ("方桌", "99.00"),
        ("订书机", "3.50"),
        ("复印纸", "5.50"),
    )
    assert mentions_of(products, appraised(products.text)) == ()
    said = {column_key("名称", 0): Meaning.PERSON}
    assert [one.raw for one in mentions_of(products, appraised(products.text), overrides=said)][:2] == [
        "金笔",
        "方桌",
    ]


def test_tables_side_by_side_do_not_share_their_numbers() -> None:
    both = sheet(
        "Sheet1", ("姓名", "手机", "", "姓名", "手机"), ("王伟", "13800138000", "", "李娜", "13900139000")
    )
    found = [(C.PERSON_NAME, "王伟"), (C.MOBILE_PHONE, "13800138000"), (C.PERSON_NAME, "李娜"), (C.MOBILE_PHONE, "13900139000")]  # fmt: skip
    numbers = {one.raw: [number.value for number in one.identifiers] for one in mentions_of(both, appraised(both.text, *found))}  # fmt: skip
    assert numbers == {"王伟": ["13800138000"], "李娜": ["13900139000"]}


def database(*statements: str) -> Extraction:
    connection = sqlite3.connect(":memory:")
    connection.executescript(";".join(statements))
    content = BytesContent(connection.serialize())
    connection.close()
    return extract(content, recognise(content, name="shop.db"), limits=Limits())


def test_a_foreign_key_names_the_customer_of_an_order() -> None:
    extraction = database(
        "CREATE TABLE clients (id INTEGER PRIMARY KEY, company TEXT, phone TEXT)",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, buyer INTEGER REFERENCES clients, client_id INTEGER, total REAL)",
        "CREATE TABLE staff (id INTEGER PRIMARY KEY, name TEXT, boss INTEGER REFERENCES staff(id), phone TEXT)",
        "INSERT INTO clients VALUES (7, '杭州云帆贸易有限公司', '0571-88886666')",
        "INSERT INTO orders VALUES (1, 7, NULL, 12.5), (2, NULL, 7, 9.5)",
    )
    tables = {table.name: table for table in extraction.tables}
    assert [(key.column, key.table, key.referenced) for key in tables["orders"].foreign_keys] == [
        ("buyer", "clients", "id")
    ]
    client, *orders = mentions_of(
        extraction, appraised(extraction.text, (C.ORGANISATION_NAME, "杭州云帆贸易有限公司"))
    )
    assert client.keys == ("clients:id:7",)
    assert [(one.raw, one.kind, one.keys) for one in orders] == [
        ("", MentionKind.ORGANISATION, ("clients:id:7",))
    ] * 2
    assert not link_keys(orders[0]), "a number of the firm's own system is certain nowhere else"


def test_names_of_foreign_customers_are_put_together_from_their_columns() -> None:
    extraction = database(
        "CREATE TABLE Customer (CustomerId INTEGER PRIMARY KEY, FirstName TEXT, LastName TEXT, Company TEXT, Email TEXT)",
        "INSERT INTO Customer VALUES (2, 'Leonie', 'Köhler', NULL, 'leonekohler@surfeu.de')",
        "INSERT INTO Customer VALUES (3, 'Ana', 'Trujillo', 'Emparedados y helados', NULL)",
    )
    found = mentions_of(extraction, appraised(extraction.text))
    assert [(one.kind, one.raw) for one in found] == [
        (MentionKind.PERSON, "Leonie Köhler"),
        (MentionKind.ORGANISATION, "Emparedados y helados"),
    ]


def test_a_dump_declares_its_keys_too() -> None:
    dump = (
        "CREATE TABLE `members` (\n  `id` int NOT NULL,\n  `name` varchar(9),\n  `phone` varchar(20),\n  PRIMARY KEY (`id`)\n);\n"
        "CREATE TABLE `orders` (\n  `no` int,\n  `buyer` int,\n"
        "  CONSTRAINT `fk` FOREIGN KEY (`buyer`) REFERENCES `members` (`id`)\n);\n"
        "INSERT INTO `members` VALUES (5,'王伟','13800138000');\nINSERT INTO `orders` VALUES (1,5);\n"
    )
    content = BytesContent(dump.encode())
    extraction = extract(content, recognise(content, name="shop.sql"), limits=Limits())
    found = mentions_of(extraction, appraised(extraction.text, (C.PERSON_NAME, "王伟'"[:2])))
    assert {key for one in found for key in one.keys} == {"members:id:5"}


def test_who_signs_a_message_has_the_numbers_of_the_signature() -> None:
    text = "发票已寄出。\n--\n王伟\n杭州云帆贸易有限公司\n手机：13800138000\n"
    appraisal = appraised(text, (C.PERSON_NAME, "王伟"), (C.ORGANISATION_NAME, "杭州云帆贸易有限公司"), (C.MOBILE_PHONE, "13800138000"))  # fmt: skip
    extraction = Extraction(text=text, metadata=(("from", "a@b.cn"),))
    signed = [one for one in mentions_of(extraction, appraisal) if one.role is Role.SIGNATURE]
    assert [(one.raw, len(one.identifiers)) for one in signed] == [("王伟", 1), ("杭州云帆贸易有限公司", 1)]


def test_a_path_names_customers_and_founds_and_ties_nobody() -> None:
    path = ("客户", "杭州云帆贸易", "合同", "王伟-20240131v2.docx")
    found = mentions_of(Extraction(), appraised(""), path=path)
    assert [(one.raw, one.kind, one.role) for one in found] == [
        ("杭州云帆贸易", MentionKind.ORGANISATION, Role.PATH),
        ("王伟", MentionKind.PERSON, Role.PATH),
    ]
    assert not any(founds_customer(one, Own()) or may_link_by_name(one) for one in found)
    assert mentions_of(Extraction(), appraised(""), path=("2021年", "合同", "设备采购方案-高清.docx")) == ()
