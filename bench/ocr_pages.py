"""Chinese office pages with known text, drawn the same way for the same seed.

Four layouts (contract, form, ruled table, letter) in every font that is at hand. Each page carries
numbers whose check digits are right: resident ids, mobile numbers, bank cards. All people, firms
and numbers are invented.
"""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pylopdf_fonts_zh_cn
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Pixels = npt.NDArray[np.uint8]

A4_AT_200_DPI = (1654, 2339)
MARGIN = 150

_DEBIAN = Path("/usr/share/fonts")
_FONTS = (
    ("noto-sans", Path(pylopdf_fonts_zh_cn.sans_path()), 0),
    ("noto-serif", Path(pylopdf_fonts_zh_cn.serif_path()), 0),
    ("ukai", _DEBIAN / "truetype/arphic/ukai.ttc", 0),
    ("uming", _DEBIAN / "truetype/arphic/uming.ttc", 0),
    ("zenhei", _DEBIAN / "truetype/wqy/wqy-zenhei.ttc", 0),
    ("noto-sans-bold", _DEBIAN / "opentype/noto/NotoSansCJK-Bold.ttc", 2),
    ("noto-serif-bold", _DEBIAN / "opentype/noto/NotoSerifCJK-Bold.ttc", 2),
)

_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英建国志远晓东梓涵宇轩思琪浩然雨欣"
_CITIES = ("北京市海淀区", "上海市浦东新区", "广州市天河区", "成都市武侯区", "杭州市西湖区", "武汉市洪山区")
_ROADS = (
    "中关村南大街",
    "世纪大道",
    "体育西路",
    "人民南路四段",
    "文三西路",
    "珞喻路",
    "解放北路",
    "建设二马路",
)
_TRADES = ("贸易", "科技", "物流", "装饰工程", "医疗器械", "餐饮管理", "教育咨询", "电子商务")
_WORDS = ("恒信", "瑞丰", "鼎盛", "安泰", "华宇", "金谷", "蓝海", "智远", "博雅", "嘉禾", "同创", "万联")
_SENTENCES = (
    "甲乙双方本着平等自愿、诚实信用的原则，经友好协商，就下列事项达成一致，签订本合同。",
    "乙方应于每月二十五日前将上月服务费用汇入甲方指定的银行账户，逾期按日加收万分之五的滞纳金。",
    "任何一方未经对方书面同意，不得将本合同项下的权利义务转让给第三方。",
    "本合同自双方签字盖章之日起生效，有效期三年，期满前三十日内双方可协商续签。",
    "因不可抗力致使合同无法履行的，遭受不可抗力的一方应当及时通知对方，并提供有关机构的证明。",
    "双方在履行过程中发生争议的，应首先协商解决；协商不成的，提交甲方所在地人民法院诉讼解决。",
    "客户于收货后七日内提出质量异议，我公司已安排售后工程师上门检测，结果记录在维修单中。",
    "清算组已书面通知全体债权人，并于六十日内在报纸上公告，请债权人在规定期限内申报债权。",
    "公司停止经营后，客户档案由清算组统一接收、整理、编号，保管期限届满后依法销毁。",
    "经核对，原始凭证共计壹佰贰拾叁张，金额合计人民币肆拾伍万陆仟柒佰捌拾玖元整。",
    "投诉人反映产品外包装破损，要求退货并赔偿运费，客服人员已登记并转交仓储部门处理。",
    "为保护个人信息，未经授权的人员不得查阅、复制、摘抄或者拍摄本档案中的任何材料。",
    "The parties agree that invoices are payable within 30 days of receipt by bank transfer.",
    "会员积分余额可在有效期内兑换礼品或者抵扣货款，逾期未使用的积分自动清零，不再补发。",
    "验收标准参照GB/T 18894-2016执行，抽样比例不低于5%，不合格批次整批退回并重新检验。",
)


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """One page's pixels, the text on it in reading order, and the numbers that must come out right."""

    name: str
    pixels: Pixels
    text: str
    numbers: tuple[str, ...]


def fonts_at_hand() -> list[tuple[str, Path, int]]:
    """The fonts that exist on this machine; the two of the font package always do."""
    return [entry for entry in _FONTS if entry[1].is_file()]


def resident_id(chance: random.Random) -> str:
    """An invented resident id whose check character is right."""
    body = f"{chance.choice(('110108', '310115', '440106', '510107'))}{chance.randint(1950, 2004)}"
    body += f"{chance.randint(1, 12):02d}{chance.randint(1, 28):02d}{chance.randint(0, 999):03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    rest = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11
    return body + "10X98765432"[rest]


def bank_card(chance: random.Random) -> str:
    """An invented card number of 19 digits that passes Luhn."""
    body = "622202" + "".join(str(chance.randint(0, 9)) for _ in range(12))
    total = 0
    for place, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return body + str(-total % 10)


def mobile(chance: random.Random) -> str:
    """An invented mobile number."""
    return chance.choice(("138", "139", "150", "186", "177")) + f"{chance.randint(0, 10**8 - 1):08d}"


def person(chance: random.Random) -> str:
    """An invented name."""
    return chance.choice(_SURNAMES) + "".join(chance.sample(_GIVEN, chance.choice((1, 2, 2))))


def _company(chance: random.Random) -> str:
    city = chance.choice(_CITIES)[:2]
    return f"{city}{chance.choice(_WORDS)}{chance.choice(_TRADES)}有限公司"


def _address(chance: random.Random) -> str:
    road = chance.choice(_ROADS)
    return f"{chance.choice(_CITIES)}{road}{chance.randint(1, 399)}号{chance.randint(1, 30)}室"


class _Sheet:
    """A white page on which lines are written; it remembers what stands where."""

    def __init__(self, font: tuple[str, Path, int], size: int) -> None:
        self.image = Image.new("L", A4_AT_200_DPI, 255)
        self.pen = ImageDraw.Draw(self.image)
        self.font = ImageFont.truetype(str(font[1]), size, index=font[2])
        self.title_font = ImageFont.truetype(str(font[1]), int(size * 1.6), index=font[2])
        self.size = size
        self.y = MARGIN
        self.lines: list[str] = []
        self.numbers: list[str] = []

    def title(self, words: str) -> None:
        width = self.title_font.getlength(words)
        self.pen.text(((A4_AT_200_DPI[0] - width) / 2, self.y), words, fill=0, font=self.title_font)
        self.lines.append(words)
        self.y += int(self.size * 3.2)

    def row(self, *cells: tuple[int, str]) -> None:
        for left, words in cells:
            self.pen.text((left, self.y), words, fill=0, font=self.font)
        self.lines.append("".join(words for _left, words in cells))
        self.y += int(self.size * 1.75)

    def paragraph(self, words: str) -> None:
        line = "　　"
        for sign in words:
            if self.font.getlength(line + sign) > A4_AT_200_DPI[0] - 2 * MARGIN:
                self.row((MARGIN, line))
                line = ""
            line += sign
        self.row((MARGIN, line))

    def full(self) -> bool:
        return self.y > A4_AT_200_DPI[1] - MARGIN - 2 * self.size


def _contract(sheet: _Sheet, chance: random.Random) -> None:
    sheet.title("服务合同书")
    sheet.row((MARGIN, f"合同编号：HT-{chance.randint(2018, 2024)}-{chance.randint(1, 9999):04d}"))
    for side in ("甲方", "乙方"):
        card, phone, number = bank_card(chance), mobile(chance), resident_id(chance)
        sheet.row((MARGIN, f"{side}：{_company(chance)}"))
        sheet.row((MARGIN, f"联系人：{person(chance)}"), (860, f"联系电话：{phone}"))
        sheet.row((MARGIN, f"身份证号码：{number}"))
        sheet.row((MARGIN, f"开户账号：{card}"))
        sheet.numbers += [card, phone, number]
    while not sheet.full():
        sheet.paragraph("".join(chance.sample(_SENTENCES, 3)))


def _form(sheet: _Sheet, chance: random.Random) -> None:
    sheet.title("客户信息登记表")
    while not sheet.full():
        card, phone, number = bank_card(chance), mobile(chance), resident_id(chance)
        sheet.row((MARGIN, f"姓名：{person(chance)}"), (860, f"手机号码：{phone}"))
        sheet.row((MARGIN, f"证件号码：{number}"))
        sheet.row((MARGIN, f"银行卡号：{card}"))
        sheet.row((MARGIN, f"住址：{_address(chance)}"))
        sheet.row((MARGIN, f"备注：{chance.choice(_SENTENCES)[:24]}"))
        sheet.y += sheet.size
        sheet.numbers += [card, phone, number]


def _table(sheet: _Sheet, chance: random.Random) -> None:
    sheet.title("销售明细表")
    edges = (110, 210, 360, 730, 1000, 1250, 1544)
    top = sheet.y
    sheet.row(
        *zip([x + 12 for x in edges], ("序号", "姓名", "身份证号", "手机", "金额", "日期"), strict=False)
    )
    for ordinal in range(1, 60):
        if sheet.full():
            break
        phone, number = mobile(chance), resident_id(chance)
        cells = (
            str(ordinal),
            person(chance),
            number,
            phone,
            f"{chance.randint(100, 99999)}.{chance.randint(0, 99):02d}",
        )
        day = f"{chance.randint(2018, 2024)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
        sheet.row(*zip([x + 12 for x in edges], (*cells, day), strict=False))
        sheet.numbers += [phone, number]
    step = int(sheet.size * 1.75)
    for y in range(top - sheet.size // 3, sheet.y, step):
        sheet.pen.line([(edges[0], y), (edges[-1], y)], fill=0, width=2)
    for x in edges:
        sheet.pen.line([(x, top - sheet.size // 3), (x, sheet.y - sheet.size // 3)], fill=0, width=2)


def _letter(sheet: _Sheet, chance: random.Random) -> None:
    sheet.title("关于客户投诉处理情况的函")
    sheet.row((MARGIN, f"{_company(chance)}："))
    while not sheet.full():
        phone = mobile(chance)
        sheet.numbers.append(phone)
        said = "".join(chance.sample(_SENTENCES, 2))
        sheet.paragraph(f"{said}经办人{person(chance)}，电话{phone}，地址{_address(chance)}。")


_LAYOUTS = (("contract", _contract), ("form", _form), ("table", _table), ("letter", _letter))


def clean_pages(seed: int, count: int) -> Iterator[DrawnPage]:
    """`count` clean pages at 200 dpi, over all layouts and fonts in turn."""
    fonts = fonts_at_hand()
    for ordinal in range(count):
        chance = random.Random(seed * 1000 + ordinal)
        layout, write = _LAYOUTS[ordinal % len(_LAYOUTS)]
        font = fonts[(ordinal // len(_LAYOUTS) + ordinal) % len(fonts)]
        sheet = _Sheet(font, 28 if layout == "table" else chance.choice((29, 33)))
        write(sheet, chance)
        pixels = np.asarray(sheet.image.convert("RGB"), dtype=np.uint8)
        yield DrawnPage(f"{layout}/{font[0]}", pixels, "\n".join(sheet.lines), tuple(sheet.numbers))


def degraded(page: DrawnPage, seed: int, *, skew: float = 1.2) -> DrawnPage:
    """The page as a poor office scanner would give it: 150 dpi, skewed, blurred, noisy, stamped."""
    source = Image.fromarray(page.pixels)
    small = source.resize((source.width * 3 // 4, source.height * 3 // 4), Image.Resampling.BILINEAR)
    turned = small.rotate(skew, resample=Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))
    pen = ImageDraw.Draw(turned)
    pen.ellipse([(780, 1250), (1060, 1530)], outline=(205, 60, 60), width=8)
    blurred = turned.filter(ImageFilter.GaussianBlur(0.8))
    noise = np.random.default_rng(seed).normal(0, 9, (*blurred.size[::-1], 1))
    shade = np.linspace(0, -40, blurred.width)[None, :, None]
    rough = np.clip(np.asarray(blurred, dtype=np.float32) + noise + shade, 0, 255).astype(np.uint8)
    stored = io.BytesIO()
    Image.fromarray(rough).save(stored, "JPEG", quality=40)
    pixels = np.asarray(Image.open(stored).convert("RGB"), dtype=np.uint8)
    return DrawnPage(f"degraded/{page.name}", pixels, page.text, page.numbers)
