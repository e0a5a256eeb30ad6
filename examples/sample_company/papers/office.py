"""What has nothing to do with customers: menus, notices, manuals, rules, the company's own papers."""

from __future__ import annotations

from examples.sample_company import marks
from examples.sample_company.paper import Block, Grid, Heading, Paper
from examples.sample_company.papers.parts import Setting, capital, money, phrases, spoken


def _other(
    setting: Setting,
    kind: str,
    title: str,
    blocks: list[Block],
    *,
    rule: str = "RS-OTHER",
    secret: bool = False,
    also: tuple[str, ...] = (),
) -> Paper:
    return Paper(
        kind,
        title,
        tuple(blocks),
        "other",
        setting.day,
        rule=rule,
        secret=secret,
        also=also,
        ends=setting.day,
    )


def _some(setting: Setting, section: str, key: str, low: int, high: int) -> list[str]:
    words: list[str] = list(phrases()[section][key])
    setting.random.shuffle(words)
    return words[: setting.random.randrange(low, high)]


def menu(setting: Setting) -> Paper:
    """A restaurant's menu."""
    return _other(
        setting,
        "menu",
        setting.choose("外卖菜单", "食堂本周菜谱", "聚餐点菜单"),
        list(_some(setting, "office", "menus", 5, 13)),
    )


def notice(setting: Setting) -> Paper:
    """A notice to the staff."""
    holiday = setting.choose("国庆节", "春节", "端午节", "劳动节", "中秋节", "元旦")
    blocks: list[Block] = [
        "各部门:",
        f"根据国务院办公厅通知精神,现将{setting.day.year}年{holiday}放假安排通知如下:放假共{setting.choose('三', '五', '七', '八')}天。",
        *_some(setting, "office", "notices", 2, 5),
        f"行政部 {spoken(setting.random, setting.day)}",
    ]
    return _other(setting, "notice", f"关于{holiday}放假的通知", blocks)


def manual(setting: Setting) -> Paper:
    """A machine's manual."""
    blocks: list[Block] = []
    for chapter in setting.random.sample(
        ("安全须知", "安装", "日常使用", "网络设置", "故障排除", "维护保养"), 4
    ):
        blocks += [Heading(chapter), *_some(setting, "office", "manual", 2, 6)]
    return _other(setting, "manual", f"{setting.product()} 使用说明书", blocks)


def training(setting: Setting) -> Paper:
    """Material for new staff."""
    blocks: list[Block] = []
    for place, text in enumerate(_some(setting, "office", "training", 3, 6), 1):
        blocks += [Heading(f"第{place}讲"), text]
    return _other(setting, "training", setting.choose("新员工培训", "员工手册(节选)", "服务礼仪培训"), blocks)


def private_note(setting: Setting) -> Paper:
    """Something private that lies on an office computer."""
    return _other(
        setting,
        "private_note",
        setting.choose("随手记", "周末计划", "无标题", "新建文本文档"),
        list(_some(setting, "office", "recipes", 2, 6)),
    )


def resolution(setting: Setting) -> Paper:
    """A shareholders' resolution on the closing."""
    own = setting.world.own
    blocks: list[Block] = [
        f"{marks.organisation(own.name)}于{spoken(setting.random, setting.day)}召开股东会,经全体股东一致同意,决议如下:",
        "一、公司因经营期限届满,同意解散并成立清算组。"
        if setting.random.random() < 0.5
        else "一、同意公司停止经营,依法办理注销登记。",
        f"二、清算组由{marks.person(own.legal_person)}、{marks.person('冯玉珍')}、{marks.person('王建军')}组成,{marks.person(own.legal_person)}任组长。",
        "三、清算期间不得开展与清算无关的经营活动,公司档案由清算组统一接管。",
        f"全体股东签字:{marks.person(own.legal_person)} {marks.person('王建军')}",
    ]
    return _other(
        setting,
        "resolution",
        setting.choose("股东会决议", "关于解散公司的股东会决议", "清算组成立决议"),
        blocks,
        rule="RS-CORP",
    )


def own_licence(setting: Setting) -> Paper:
    """The company's own business licence: never a customer."""
    own = setting.world.own
    blocks: list[Block] = [
        f"统一社会信用代码 {marks.credit_code(own.credit_code)}",
        f"名称 {marks.organisation(own.name)}",
        f"法定代表人 {marks.person(own.legal_person)}",
        f"住所 {marks.address(own.address)}",
        "成立日期 2009年03月18日",
        "登记机关 市场监督管理局(样本)",
    ]
    return _other(setting, "own_licence", "营业执照", blocks, rule="RS-CORP", also=("personal",))


def price_floor(setting: Setting) -> Paper:
    """Cost and lowest prices: a trade secret without a person in it."""
    rows = tuple(
        (
            setting.product(),
            money(setting.random.randrange(1000, 90000)),
            money(setting.random.randrange(90000, 400000)),
        )
        for _ in range(15)
    )
    blocks: list[Block] = [
        "商业秘密 仅限销售经理以上查阅,不得复制外传",
        Grid(("品名", "进货成本", "最低成交价"), rows, "底价"),
    ]
    return _other(
        setting, "price_floor", f"{setting.day.year}年底价表", blocks, secret=True, also=("transaction",)
    )


def brochure(setting: Setting) -> Paper:
    """An advertisement."""
    blocks: list[Block] = [
        Heading(f"{setting.product()}:{setting.choose('高效', '静音', '省电', '耐用')}之选"),
        "三年质保,全国联保,免费上门安装。",
        f"销售热线:{marks.landline(setting.world.own.landline)}",
        marks.organisation(setting.world.own.name),
    ]
    return _other(setting, "brochure", setting.choose("产品手册", "新品宣传", "公司简介"), blocks)


def supplier_contract(setting: Setting) -> Paper:
    """A purchase from a supplier: a contract whose other party is no customer."""
    supplier, cents = setting.random.choice(setting.world.suppliers), setting.random.randrange(10**6, 10**8)
    own = setting.world.own
    ends = setting.later(100, 600)
    blocks: list[Block] = [
        f"合同编号:{(number := setting.number('CG'))}",
        f"买方:{marks.organisation(own.name)}",
        f"卖方:{marks.organisation(supplier.name)} 统一社会信用代码:{marks.credit_code(supplier.credit_code)}",
        f"一、买方向卖方采购{setting.product()},价款{money(cents)}元(大写:{capital(cents)})。",
        f"二、合同有效期至{spoken(setting.random, ends)}。",
        *(
            f"{place}、{setting.phrase('clauses', key).format(deadline=spoken(setting.random, ends), days='10', months='12', method='银行转账')}"
            for place, key in (("三", "delivery"), ("四", "quality"), ("五", "breach"))
        ),
        f"签订日期:{spoken(setting.random, setting.day)}",
    ]
    facts = (
        ("contract_number", number),
        ("party", own.name),
        ("party", supplier.name),
        ("signed_on", setting.day.isoformat()),
        ("valid_until", ends.isoformat()),
    )
    return Paper(
        "supplier_contract",
        setting.choose("采购合同", "进货合同"),
        tuple(blocks),
        "contract",
        setting.day,
        facts=facts,
        rule="RS-CONTRACT-TAX",
        ends=ends,
    )


def photo(setting: Setting) -> Paper:
    """A picture without a word."""
    return _other(setting, "photo", "", [])
