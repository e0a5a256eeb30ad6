"""Communication: letters, mails, minutes, calls, chats."""

from __future__ import annotations

from datetime import timedelta

from examples.sample_company import marks
from examples.sample_company.marks import Marked
from examples.sample_company.paper import Block, Grid, Paper
from examples.sample_company.papers.parts import (
    METHODS,
    Setting,
    dear,
    loose_name,
    money,
    name_of,
    short_of,
    spoken,
)


def _words(setting: Setting) -> dict[str, str]:
    random = setting.random
    return {
        "deadline": spoken(random, setting.later(2, 40)),
        "amount": money(random.randrange(10_000, 9_000_000)),
        "product": setting.product(),
        "percent": str(random.randrange(70, 100)),
        "days": str(random.randrange(2, 60)),
        "method": setting.choose(*METHODS),
    }


def _talk(
    setting: Setting, kind: str, title: Marked, blocks: list[Block], *, customers: tuple[str, ...] = ()
) -> Paper:
    return Paper(
        kind,
        title,
        tuple(blocks),
        "communication",
        setting.day,
        customers=customers or (setting.customer.id,),
        rule="RS-COMM",
        ends=setting.day,
    )


def sentences(setting: Setting, section: str, key: str, count: int) -> list[str]:
    """Some sentences with their slots filled."""
    return [setting.phrase(section, key).format(**_words(setting)) for _ in range(count)]


def letter(setting: Setting) -> Paper:
    """A business letter on paper."""
    blocks: list[Block] = [
        f"{loose_name(setting)}:",
        setting.phrase("letters", "openings") + sentences(setting, "letters", "bodies", 1)[0],
        *sentences(setting, "letters", "bodies", setting.random.randrange(1, 3)),
        setting.phrase("letters", "closings"),
        marks.organisation(setting.world.own.name),
        spoken(setting.random, setting.day),
    ]
    return _talk(
        setting,
        "letter",
        setting.choose("商务函", "催款函", "关于设备巡检的函", "致客户的一封信", "工作联系函", "告知函"),
        blocks,
    )


def mail_body(setting: Setting) -> Paper:
    """The text of a mail; its title is the subject."""
    own = setting.world.own
    staff = setting.choose(*setting.world.staff)
    blocks: list[Block] = [
        f"{dear(setting)}:",
        setting.phrase("letters", "openings"),
        *sentences(setting, "letters", "bodies", setting.random.randrange(1, 4)),
        setting.phrase("letters", "closings"),
        "--",
        f"{marks.person(staff)} {marks.organisation(own.name)} 电话:{marks.landline(own.landline)}",
    ]
    subjects = (
        "关于{product}的报价",
        "回复:合同盖章事宜",
        "对账单请查收",
        "转发:发货通知",
        "Re: 开票资料",
        "{short}项目进度",
        "会议邀请",
        "催款提醒",
    )
    subject = setting.choose(*subjects).format(product=setting.product(), short=short_of(setting.customer))
    return _talk(setting, "mail", subject, blocks)


def minutes(setting: Setting) -> Paper:
    """Minutes of a meeting with a customer."""
    present = "、".join(marks.person(name) for name in setting.random.sample(setting.world.staff, 3))
    blocks: list[Block] = [
        f"时间:{spoken(setting.random, setting.day)} {setting.random.randrange(9, 17)}:00 地点:{setting.choose('一号会议室', '客户会议室', '线上会议')}",
        f"参会人员:{present};客户方:{loose_name(setting)} {dear(setting)}",
        f"记录人:{marks.person(setting.choose(*setting.world.staff))}",
        *(
            f"{place}. {text}"
            for place, text in enumerate(
                sentences(setting, "letters", "minutes", setting.random.randrange(3, 7)), 1
            )
        ),
        f"下次会议:{spoken(setting.random, setting.later(7, 40))}",
    ]
    return _talk(setting, "minutes", setting.choose("会议纪要", "客户沟通会议记录", "项目例会纪要"), blocks)


def call_notes(setting: Setting) -> Paper:
    """Notes of telephone calls."""
    rows, ids = [], []
    for line in range(setting.random.randrange(4, 10)):
        customer = setting.random.choice(setting.world.customers)
        who = customer.human
        ids.append(customer.id)
        text = sentences(setting, "letters", "calls", 1)[0]
        rows.append(
            (
                f"{setting.day + timedelta(days=line):%m-%d}",
                marks.person(who.name),
                marks.mobile(who.mobile),
                text,
            )
        )
    return _talk(
        setting,
        "call_notes",
        setting.choose("电话记录", "通话记录", "客户回访电话记录"),
        [Grid(("日期", "姓名", "电话", "内容"), tuple(rows), "电话")],
        customers=tuple(dict.fromkeys(ids)),
    )


def chat(setting: Setting) -> Paper:
    """A chat with one customer: each line is time, speaker, words, parted by tabs."""
    who, staff = setting.customer.human, setting.choose(*setting.world.staff)
    minute, rows = setting.random.randrange(9 * 60, 17 * 60), []
    nick = setting.choose(
        marks.person(who.name),
        short_of(setting.customer) + (who.name[0] + "总" if setting.customer.company else ""),
        who.name[-1] + "姐" if who.female else who.name[-1] + "哥",
    )
    for _ in range(setting.random.randrange(6, 30)):
        minute += setting.random.randrange(0, 9)
        text: Marked = sentences(setting, "letters", "chats", 1)[0]
        if setting.random.random() < 0.08:
            text = setting.choose(
                f"我电话{marks.mobile(who.mobile)}",
                f"微信号:{marks.mark('wechat_id', who.wechat)}",
                f"地址发你:{marks.address(who.address)}",
                f"卡号{marks.card(who.card)} 户名{marks.person(who.name)}",
            )
        stamp = f"{setting.day:%Y-%m-%d} {minute // 60 % 24:02d}:{minute % 60:02d}:{setting.random.randrange(60):02d}"
        speaker = nick if setting.random.random() < 0.5 else marks.person(staff)
        rows.append((stamp, speaker, text))
    title = f"与“{nick}”的聊天记录"
    return _talk(setting, "chat", title, [Grid(("时间", "发送人", "内容"), tuple(rows), "聊天记录")])


def meeting_invitation(setting: Setting) -> Paper:
    """What a calendar entry says."""
    blocks: list[Block] = [f"参加人:{dear(setting)}", sentences(setting, "letters", "minutes", 1)[0]]
    return _talk(setting, "calendar", f"拜访{short_of(setting.customer)}", blocks)


def sms_export(setting: Setting) -> Paper:
    """Text messages sent to customers."""
    rows, ids = [], []
    for customer in setting.random.sample(setting.world.customers, 8):
        code = setting.random.randrange(100_000, 999_999)
        text = setting.choose(
            f"【样禾办公】尊敬的{customer.human.name[0]}先生/女士,您的验证码为{code},5分钟内有效。",
            f"【样禾办公】您的订单已发货,运单号SF{code}{code}。",
            "【样禾办公】新春特惠,耗材八折,退订回T。",
        )
        ids.append(customer.id)
        rows.append(
            (
                f"{setting.day:%Y-%m-%d} {setting.random.randrange(8, 20)}:00",
                marks.mobile(customer.human.mobile),
                text,
            )
        )
    return _talk(
        setting,
        "sms",
        "短信发送记录",
        [Grid(("发送时间", "手机号", "内容"), tuple(rows), "短信")],
        customers=tuple(ids),
    )


def recording_note(setting: Setting) -> Paper:
    """What the tags of a recording say."""
    return _talk(
        setting,
        "recording",
        f"{setting.day:%Y%m%d}_{short_of(setting.customer)}来电",
        [f"通话录音 {name_of(setting.customer)}"],
    )
