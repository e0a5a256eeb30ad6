"""Basic information: customer lists, cards, id copies, licences, marketing lists."""

from __future__ import annotations

from examples.sample_company import identifiers, marks
from examples.sample_company.paper import Block, Grid, Paper
from examples.sample_company.papers.parts import Setting, name_of, spoken
from examples.sample_company.world import Customer


def _personal(
    setting: Setting,
    kind: str,
    title: str,
    blocks: list[Block],
    *,
    customers: tuple[str, ...] = (),
    rule: str = "RS-PERSONAL",
) -> Paper:
    return Paper(
        kind,
        title,
        tuple(blocks),
        "personal",
        setting.day,
        customers=customers or (setting.customer.id,),
        rule=rule,
    )


def customer_list(setting: Setting) -> Paper:
    """The master list: what ties a name to a number."""
    count = max(1, len(setting.world.customers) * 5 // 6)
    chosen = setting.world.customers[: min(count, 400)]
    return _list(setting, chosen, "客户总表")


def short_list(setting: Setting) -> Paper:
    """A salesman's own list."""
    chosen = tuple(setting.random.sample(setting.world.customers, 16))
    return _list(setting, chosen, setting.choose("我的客户", "老客户名单", "2023年重点客户", "会员名单"))


def _list(setting: Setting, customers: tuple[Customer, ...], title: str) -> Paper:
    rows = []
    for customer in customers:
        who = customer.human
        number = (
            marks.credit_code(customer.company.credit_code)
            if customer.company
            else marks.resident_id(who.resident_id)
        )
        phone = marks.mobile(who.mobile)
        old = (
            marks.organisation(customer.company.old_name)
            if customer.company and customer.company.old_name
            else ""
        )
        rows.append(
            (
                customer.id,
                name_of(customer),
                old,
                number,
                marks.person(who.name),
                phone,
                marks.email(who.email),
                marks.address(who.address),
            )
        )
    headers = ("客户编号", "客户名称", "曾用名", "证件号/信用代码", "联系人", "手机", "邮箱", "地址")
    return _personal(
        setting,
        "customer_list",
        title,
        [Grid(headers, tuple(rows), "客户")],
        customers=tuple(customer.id for customer in customers),
    )


def marketing_list(setting: Setting) -> Paper:
    """Names for advertising; it must not survive the closure."""
    rows, ids = [], []
    for customer in setting.random.sample(setting.world.customers, 20):
        who = customer.human
        ids.append(customer.id)
        rows.append(
            (
                marks.person(who.name),
                marks.mobile(who.mobile),
                marks.mark("wechat_id", who.wechat),
                setting.choose("高意向", "已发短信", "拒绝来电", "老客户"),
            )
        )
    title = setting.choose("短信营销名单", "双十一推广名单", "地推潜客名单")
    return _personal(
        setting,
        "marketing_list",
        title,
        [Grid(("姓名", "手机", "微信", "状态"), tuple(rows), "名单")],
        customers=tuple(ids),
        rule="RS-MARKETING",
    )


def registration_card(setting: Setting) -> Paper:
    """A card filled in when the customer came first."""
    customer, who = setting.customer, setting.customer.human
    blocks: list[Block] = [f"客户名称:{name_of(customer)} 登记日期:{spoken(setting.random, setting.day)}"]
    if customer.company:
        blocks += [
            f"统一社会信用代码:{marks.credit_code(customer.company.credit_code)}",
            f"法定代表人:{marks.person(customer.company.legal_person)}",
        ]
    else:
        blocks += [
            f"性别:{'女' if who.female else '男'} 出生日期:{marks.mark('birth_date', spoken(setting.random, who.born))}",
            f"身份证号:{marks.resident_id(who.resident_id)}",
        ]
        blocks += [f"护照号:{marks.mark('passport', who.passport)}"] if who.passport else []
        blocks += (
            [
                f"{'港澳居民来往内地通行证' if who.permit[0] in 'HM' else '往来港澳通行证'}:{marks.mark('travel_permit', who.permit)}"
            ]
            if who.permit
            else []
        )
        blocks += [f"车牌号:{marks.mark('licence_plate', who.plate)}"]
    blocks += [
        f"联系人:{marks.person(who.name)} 手机:{marks.mobile(who.mobile)}",
        f"微信号:{marks.mark('wechat_id', who.wechat)} QQ:{marks.mark('qq_id', who.qq)}",
        f"邮箱:{marks.email(who.email)}",
        f"地址:{marks.address(who.address)}",
        f"来源:{setting.choose('老客户介绍', '展会', '网络搜索', '上门')} 经办:{marks.person(setting.choose(*setting.world.staff))}",
    ]
    sensitive = customer.company is None
    return _personal(
        setting,
        "registration_card",
        setting.choose("客户登记表", "客户信息卡", "新客户建档表", "会员申请表"),
        blocks,
        rule="RS-PERSONAL-SENS" if sensitive else "RS-PERSONAL",
    )


def old_id_card(setting: Setting) -> Paper:
    """An old list with 15-digit ids, from before 2013 but still kept."""
    rows = []
    people = [customer for customer in setting.world.customers if customer.person][:8]
    for customer in people:
        who = customer.human
        rows.append(
            (
                marks.person(who.name),
                marks.resident_id(identifiers.old_resident_id(who.resident_id)),
                marks.mobile(who.mobile),
            )
        )
    return _personal(
        setting,
        "old_id_list",
        "早期会员(15位证号)",
        [Grid(("姓名", "身份证号", "手机"), tuple(rows), "会员")],
        customers=tuple(customer.id for customer in people),
        rule="RS-PERSONAL-SENS",
    )


def id_copy(setting: Setting) -> Paper:
    """Both sides of an id card as a photocopy; for a person only."""
    who = setting.customer.human
    blocks: list[Block] = [
        f"姓名 {marks.person(who.name)}",
        f"性别 {'女' if who.female else '男'} 民族 汉",
        f"出生 {marks.mark('birth_date', f'{who.born.year}年{who.born.month}月{who.born.day}日')}",
        f"住址 {marks.address(who.address)}",
        f"公民身份号码 {marks.resident_id(who.resident_id)}",
        "中华人民共和国 居民身份证 样本",
        f"签发机关 {who.address[3:6]}公安局(样本)",
        f"仅供办理{setting.choose('分期付款', '会员登记', '送货上门')}使用 {spoken(setting.random, setting.day)}",
    ]
    return _personal(setting, "id_copy", "", blocks, rule="RS-PERSONAL-SENS")


def licence_copy(setting: Setting) -> Paper:
    """A copy of a company's business licence; for a company only."""
    company = setting.customer.company or setting.world.own
    blocks: list[Block] = [
        f"统一社会信用代码 {marks.credit_code(company.credit_code)}",
        f"名称 {marks.organisation(company.name)}",
        "类型 有限责任公司",
        f"法定代表人 {marks.person(company.legal_person)}",
        f"注册资本 {setting.choose('伍拾万', '壹佰万', '伍佰万', '贰仟万')}元整",
        f"成立日期 {setting.random.randrange(2005, 2020)}年{setting.random.randrange(1, 13):02d}月{setting.random.randrange(1, 28):02d}日",
        f"住所 {marks.address(company.address)}",
        "登记机关 市场监督管理局(样本)",
    ]
    return _personal(setting, "licence_copy", "营业执照(副本)", blocks)


def permit_list(setting: Setting) -> Paper:
    """Travellers of a customers' excursion, with passports, permits and cars."""
    people = [customer for customer in setting.world.customers if customer.person]
    rows, chosen = [], setting.random.sample(people, min(9, len(people)))
    for customer in chosen:
        who = customer.human
        passport = marks.mark("passport", who.passport) if who.passport else ""
        permit = marks.mark("travel_permit", who.permit) if who.permit else ""
        born = marks.mark("birth_date", f"{who.born:%Y-%m-%d}")
        rows.append(
            (
                marks.person(who.name),
                born,
                passport,
                permit,
                marks.mark("licence_plate", who.plate),
                marks.mark("qq_id", who.qq),
            )
        )
    headers = ("姓名", "出生日期", "护照号码", "通行证号码", "车牌号", "QQ")
    title = setting.choose("客户答谢活动报名表", "境外参展人员名单", "自驾活动登记")
    ids = tuple(customer.id for customer in chosen)
    return _personal(
        setting,
        "permit_list",
        title,
        [Grid(headers, tuple(rows), "报名")],
        customers=ids,
        rule="RS-PERSONAL-SENS",
    )


def contact_card(setting: Setting) -> Paper:
    """What an address book knows of one contact."""
    who, customer = setting.customer.human, setting.customer
    blocks: list[Block] = [
        marks.person(who.name),
        marks.mobile(who.mobile),
        marks.email(who.email),
        marks.address(who.address),
    ]
    if customer.company:
        blocks.insert(1, marks.organisation(customer.name))
    return _personal(setting, "contact_card", "", blocks)
