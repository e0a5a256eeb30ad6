"""Services and what customers say of them: repairs, complaints, surveys, consultations."""

from __future__ import annotations

from examples.sample_company import marks
from examples.sample_company.paper import Block, Grid, Paper
from examples.sample_company.papers.parts import Setting, loose_name, name_of, phrases, spoken


def _service(
    setting: Setting, kind: str, title: str, blocks: list[Block], *, rating: str = "", other: bool = False
) -> Paper:
    return Paper(
        kind=kind,
        title=title,
        blocks=tuple(blocks),
        record_class="other" if other else "service",
        day=setting.day,
        also=("service",) if other else ("other",),
        facts=(("rating", rating),) if rating else (),
        customers=(setting.customer.id,),
        rule="RS-OTHER" if other else "RS-SERVICE",
        ends=setting.day,
    )


def repair(setting: Setting) -> Paper:
    """A repair at the customer's."""
    who, rating = setting.customer.human, setting.phrase("service", "ratings")
    blocks: list[Block] = [
        f"{setting.choose('工单号', '维修单号', '派工单号')}:WX{setting.day:%y%m%d}{setting.random.randrange(100):02d} {setting.choose('报修时间', '受理日期')}:{spoken(setting.random, setting.day)}",
        f"客户名称:{loose_name(setting)}",
        f"联系人:{marks.person(who.name)} 电话:{marks.mobile(who.mobile)}",
        f"设备型号:{setting.product()} 序列号:SN{setting.random.randrange(10**9, 10**10)}",
        f"故障现象:{setting.phrase('service', 'faults')},{setting.phrase('service', 'faults')}",
        f"原因分析:{setting.phrase('service', 'causes')}",
        f"处理措施:{setting.phrase('service', 'actions')};{setting.phrase('service', 'actions')}",
        f"工程师:{marks.person(setting.choose(*setting.world.staff))} 客户评价:{rating} 客户签字:{marks.person(who.name)}",
    ]
    return _service(
        setting,
        "repair",
        setting.choose("售后维修服务单", "维修记录", "现场服务报告", "设备保养记录表"),
        blocks,
        rating=rating,
    )


def installation(setting: Setting) -> Paper:
    """A machine was installed and taken over."""
    who = setting.customer.human
    blocks: list[Block] = [
        f"用户:{name_of(setting.customer)} 安装地点:{marks.address(who.address)}",
        f"设备:{setting.product()} 安装日期:{spoken(setting.random, setting.day)}",
        "检查项目:外观完好 □ 通电正常 ☑ 网络连接 ☑ 打印测试页 ☑ 用户培训 ☑",
        f"遗留问题:{setting.choose('无', '缺少一根电源线,三日内补寄', '网络端口待客户开通')}",
        f"用户代表:{marks.person(who.name)} 安装工程师:{marks.person(setting.choose(*setting.world.staff))}",
    ]
    return _service(
        setting, "installation", setting.choose("安装验收单", "设备安装调试报告", "验收报告"), blocks
    )


def complaint(setting: Setting) -> Paper:
    """A complaint with its answer."""
    who, rating = setting.customer.human, setting.phrase("service", "ratings")
    blocks: list[Block] = [
        f"投诉编号:TS{setting.day:%Y%m%d}{setting.random.randrange(10)} 投诉日期:{spoken(setting.random, setting.day)} 渠道:{setting.choose('电话', '微信', '上门', '邮件', '12315转办')}",
        f"投诉人:{marks.person(who.name)} 单位:{loose_name(setting)} 电话:{marks.mobile(who.mobile)}",
        f"投诉内容:{setting.phrase('service', 'complaints')}{setting.phrase('service', 'complaints')}",
        f"处理结果:{setting.phrase('service', 'replies')}",
        f"回访意见:{rating} 经办人:{marks.person(setting.choose(*setting.world.staff))}",
    ]
    return _service(
        setting,
        "complaint",
        setting.choose("客户投诉处理单", "投诉记录表", "客诉登记"),
        blocks,
        rating=rating,
        other=True,
    )


def survey(setting: Setting) -> Paper:
    """A satisfaction survey, filled in by one customer."""
    rating = setting.phrase("service", "ratings")
    rows = tuple(
        (item, setting.phrase("service", "ratings"))
        for item in ("产品质量", "送货速度", "售后响应", "人员态度", "价格")
    )
    blocks: list[Block] = [
        f"客户:{loose_name(setting)} 填表人:{marks.person(setting.customer.human.name)} 日期:{spoken(setting.random, setting.day)}",
        Grid(("调查项目", "评价"), rows, "调查"),
        f"总体评价:{rating}",
        f"意见建议:{setting.phrase('service', 'suggestions')}",
    ]
    return _service(
        setting,
        "survey",
        setting.choose("客户满意度调查表", "满意度回访问卷", "客户意见征询表"),
        blocks,
        rating=rating,
        other=True,
    )


def consultation(setting: Setting) -> Paper:
    """A day's questions to the service desk."""
    rows, ids = [], []
    for customer in setting.random.sample(setting.world.customers, 6):
        who = customer.human
        ids.append(customer.id)
        text = setting.phrase("service", "consults").format(product=setting.product())
        rows.append(
            (
                f"{setting.random.randrange(9, 18)}:{setting.random.randrange(60):02d}",
                marks.person(who.name),
                marks.mobile(who.mobile),
                text,
            )
        )
    blocks: list[Block] = [
        f"日期:{spoken(setting.random, setting.day)} 值班:{marks.person(setting.choose(*setting.world.staff))}",
        Grid(("时间", "来电人", "电话", "咨询内容及答复"), tuple(rows), "咨询"),
    ]
    paper = _service(setting, "consultation", setting.choose("客服咨询登记表", "热线值班记录"), blocks)
    return Paper(
        paper.kind,
        paper.title,
        paper.blocks,
        "service",
        setting.day,
        also=("communication",),
        customers=tuple(ids),
        rule="RS-SERVICE",
        ends=setting.day,
    )


def service_log(setting: Setting) -> Paper:
    """A month's after-sale list, as an export."""
    rows, ids = [], []
    for line in range(setting.random.randrange(10, 26)):
        customer = setting.random.choice(setting.world.customers)
        who, words = customer.human, phrases()["service"]
        ids.append(customer.id)
        rows.append(
            (
                f"WX{setting.day:%y%m}{line:03d}",
                name_of(customer),
                marks.person(who.name),
                marks.mobile(who.mobile),
                setting.random.choice(words["faults"]),
                setting.random.choice(words["actions"]),
                setting.random.choice(words["ratings"]),
            )
        )
    grid = Grid(("工单号", "客户名称", "联系人", "电话", "故障", "处理", "评价"), tuple(rows), "售后")
    return Paper(
        "service_log",
        f"{setting.day.year}年{setting.day.month}月售后服务台账",
        (grid,),
        "service",
        setting.day,
        customers=tuple(dict.fromkeys(ids)),
        rule="RS-SERVICE",
        ends=setting.day,
    )
