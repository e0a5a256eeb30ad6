"""Chinese customers as many desks would write them down, with the truth: persons, families, namesakes, firms, branches.

Nothing here exists. The same seed and count give the same mentions. What is wrong or missing in a mention is drawn
by the shares in `Habits`; a mention says only what its desk would have known.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from pypinyin import Style, lazy_pinyin

from kedang.records.identifiers import Identifier, IdentifierKind, resident_check_digit
from kedang.resolution.comparable import Address, Comparable
from kedang.resolution.mentions import MentionKind

# Shares of the commonest surnames in per cent (全国姓名报告, 公安部), the rest below one per thousand each.
_SURNAMES = dict(
    zip(
        "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤",
        [7.2, 7.1, 6.8, 5.4, 4.6, 3.1, 2.2, 2.1, 2.0, 1.9, 1.7, 1.5, 1.3, 1.3, 1.2, 1.1, 1.1, 1.1]
        + [0.9] * 12
        + [0.6] * 20
        + [0.35] * 50,
        strict=False,
    )
) | dict.fromkeys(["欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐"], 0.03)
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰涛明超霞平刚桂英华玉红秀兰建文国志海峰鑫宇浩然子轩梓涵佳怡雨欣思晨雪梅婷琳丹萍玲慧颖倩莹洁晓春燕云飞龙鹏辉斌波宁庆福贵生荣昌林森山川江河湖清波澜亭帆远航启明德仁义礼智信忠孝诚恩泽润民安邦定康健乐天成就业嘉祥瑞琪瑶珍珠翠碧彤丹青岚岩松柏桐梧楠榕柳菊莲荷茜薇蕾蓉苗芸芝莉若诗韵书墨画琴棋雅淑贤惠婉柔美娟婵媛妍姝娇嫣然舒畅悦欢喜盈盛旺兴发达利益"
_CORE = "云帆星海瑞丰恒泰鼎盛华腾中联天成金桥银河东方远大长青百川万象启航博雅致远嘉禾永信安达通宇宏图锦绣卓越创智汇聚源润泽新元正和顺昌隆福禄祥龙凤凯旋捷豹朗晴澄碧蓝天翔宇力拓极光辰曦晟煜昊轩尚品优佳宜居乐享众诚德邦"
_INDUSTRIES = [
    "科技",
    "贸易",
    "商贸",
    "实业",
    "电子",
    "网络科技",
    "信息技术",
    "建筑工程",
    "装饰工程",
    "文化传媒",
    "餐饮管理",
    "物流",
    "医疗器械",
    "教育咨询",
    "服饰",
    "食品",
    "机械设备",
    "物业管理",
    "广告",
    "汽车销售",
]
_FORMS = ["有限公司"] * 9 + ["股份有限公司"]
_CITIES = [
    ("浙江省", "杭州市", ("西湖区", "上城区", "滨江区", "余杭区")),
    ("江苏省", "苏州市", ("吴中区", "姑苏区", "虎丘区")),
    ("江苏省", "南京市", ("鼓楼区", "玄武区", "秦淮区")),
    ("上海市", "上海市", ("闵行区", "徐汇区", "浦东新区", "静安区")),
    ("北京市", "北京市", ("海淀区", "朝阳区", "丰台区", "西城区")),
    ("广东省", "广州市", ("天河区", "越秀区", "番禺区")),
    ("广东省", "深圳市", ("南山区", "福田区", "宝安区")),
    ("四川省", "成都市", ("武侯区", "锦江区", "青羊区")),
    ("湖北省", "武汉市", ("武昌区", "洪山区", "江汉区")),
    ("陕西省", "西安市", ("雁塔区", "碑林区", "未央区")),
]
_ROAD_WORDS = [
    "中山",
    "人民",
    "解放",
    "建设",
    "文化",
    "和平",
    "新华",
    "胜利",
    "长江",
    "黄河",
    "文三",
    "学院",
    "朝阳",
    "友谊",
    "团结",
    "光明",
    "青年",
    "体育",
    "科技",
    "创业",
    "古墩",
    "莫干山",
    "天目山",
    "延安",
    "凤起",
    "庆春",
    "环城",
    "滨江",
    "望江",
    "江南",
]
_ROADS = [f"{word}{side}路" for word in _ROAD_WORDS for side in ("", "东", "西", "南", "北")]
_HOSTS = ("163.com", "qq.com", "126.com", "sina.com", "139.com")
_SYSTEMS = ("erp:客户:编号", "crm:会员:卡号", "shop:买家:账号")
_HOMOPHONES_FROM = _GIVEN + "".join(_SURNAMES)


@dataclass(frozen=True, slots=True)
class Habits:
    """Shares of mentions (0 to 1): what they say, and what of it is wrong."""

    says_id: float = 0.4
    says_mobile: float = 0.75
    says_landline: float = 0.15
    says_email: float = 0.2
    says_handle: float = 0.15
    says_account: float = 0.15
    says_key: float = 0.3
    says_address: float = 0.6
    says_birth: float = 0.22
    homophone: float = 0.02
    wrong_character: float = 0.01
    weak_name: float = 0.03
    digit: float = 0.025
    old_number: float = 0.2
    old_address: float = 0.1
    short_address: float = 0.3
    short_name: float = 0.15
    """Of firms: 云帆, 云帆贸易 in place of the registered name."""
    mean_mentions: float = 3.3


@dataclass(slots=True)
class _Customer:
    kind: MentionKind
    name: str
    surname: str = ""
    given: str = ""
    core: str = ""
    region: str = ""
    industry: str = ""
    legal_form: str = ""
    branch: str = ""
    certain: tuple[Identifier, ...] = ()
    mobiles: list[str] = field(default_factory=list)
    landline: str = ""
    email: str = ""
    handle: str = ""
    account: str = ""
    addresses: list[Address] = field(default_factory=list)
    birth: str = ""
    keys: dict[str, str] = field(default_factory=dict)


@cache
def _sound(character: str) -> str:
    return " ".join(lazy_pinyin(character, style=Style.NORMAL))


def _sound_of(name: str) -> str:
    return " ".join(map(_sound, name))


@cache
def _homophones() -> dict[str, str]:
    by_sound: dict[str, str] = {}
    for character in dict.fromkeys(
        _HOMOPHONES_FROM + "玮炜薇维蔚静婧靖晶娟涓俐莉丽建健剑军君均钧佳嘉家宇羽雨玉钰育"
    ):
        by_sound[_sound(character)] = by_sound.get(_sound(character), "") + character
    return {one: same.replace(one, "") for same in by_sound.values() for one in same if len(same) > 1}


class _Maker:
    def __init__(self, seed: int, habits: Habits) -> None:
        self.chance = random.Random(seed)
        self.habits = habits
        self._registered: set[str] = set()
        self._surnames, self._shares = list(_SURNAMES), list(_SURNAMES.values())
        self._given_shares = [1 / (place + 8) for place in range(len(_GIVEN))]

    def customers(self) -> Iterator[_Customer]:
        while True:
            if self.chance.random() < 0.3:
                yield from self._firm()
            elif self.chance.random() < 0.3:
                yield from self._family()
            else:
                yield self._person()

    def _digits(self, count: int) -> str:
        return f"{self.chance.randrange(10**count):0{count}d}"

    def _mobile(self) -> str:
        return self.chance.choice(
            ("130", "135", "138", "139", "150", "158", "177", "186", "189")
        ) + self._digits(8)

    def _address(self) -> Address:
        province, city, districts = self.chance.choice(_CITIES)
        room = f"{self.chance.randint(1, 20)}-{self.chance.randint(1, 4)}-{self.chance.randint(1, 28)}0{self.chance.randint(1, 4)}"
        return Address(
            province,
            city,
            self.chance.choice(districts),
            self.chance.choice(_ROADS),
            str(self.chance.randint(1, 900)),
            room,
        )

    def _given_name(self) -> str:
        count = 1 if self.chance.random() < 0.22 else 2
        return "".join(self.chance.choices(_GIVEN, self._given_shares, k=count))

    def _person(
        self, surname: str = "", address: Address | None = None, landline: str = "", generation: str = ""
    ) -> _Customer:
        chance = self.chance
        surname = surname or chance.choices(self._surnames, self._shares)[0]
        given = generation + chance.choice(_GIVEN) if generation else self._given_name()
        birth = f"{chance.randint(1945, 2005)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
        body = f"{chance.choice(('330106', '320506', '310112', '110108', '440305'))}{birth.replace('-', '')}{self._digits(3)}"
        certain: tuple[Identifier, ...] = (
            Identifier(IdentifierKind.RESIDENT_ID, body + resident_check_digit(body)),
        )
        if chance.random() < 0.04:
            certain += (Identifier(IdentifierKind.PASSPORT, f"E{self._digits(8)}"),)
        return _Customer(
            MentionKind.PERSON, surname + given, surname, given, certain=certain,
            mobiles=[self._mobile(), self._mobile()], landline=landline or f"0571{self._digits(8)}",
            email=f"{_sound_of(given).replace(' ', '')}{self._digits(4)}@{chance.choice(_HOSTS)}",
            handle=f"wechat:wx_{self._digits(9)}", account=f"6222{self._digits(15)}",
            addresses=[address or self._address(), self._address()], birth=birth,
            keys={system: f"{system}:{self._digits(8)}" for system in _SYSTEMS if chance.random() < 0.5},
        )  # fmt: skip

    def _family(self) -> Iterator[_Customer]:
        """Spouses and children at one address with one landline, often with one mobile for all orders."""
        chance, address, landline = self.chance, self._address(), f"0571{self._digits(8)}"
        father = self._person(address=address, landline=landline)
        others = [self._person(address=address, landline=landline)]
        generation = chance.choice(_GIVEN) if chance.random() < 0.4 else ""
        others += [
            self._person(father.surname, address, landline, generation) for _ in range(chance.randint(0, 2))
        ]
        for one in others:
            if chance.random() < 0.25:
                one.mobiles[0] = father.mobiles[0]
            if chance.random() < 0.05:
                one.account = father.account
        yield father
        yield from others

    def _firm(self) -> Iterator[_Customer]:
        chance = self.chance
        core = "".join(chance.choices(_CORE, k=chance.choice((2, 2, 2, 3, 4))))
        firm = self._company(core, chance.choice(_INDUSTRIES), self._address())
        yield firm
        if (
            chance.random() < 0.1
        ):  # a sister at the same address, with the same switchboard and often the same clerk
            sister = self._company(core, chance.choice(_INDUSTRIES), firm.addresses[0])
            sister.landline = firm.landline
            if chance.random() < 0.5:
                sister.mobiles[0] = firm.mobiles[0]
            yield sister
        if chance.random() < 0.12:
            for number in range(chance.randint(1, 3)):
                city = chance.choice(_CITIES)[1].removesuffix("市")
                word = f"{city}分公司" if chance.random() < 0.6 else f"{chance.choice(_ROADS)}门店"
                if firm.name + word in self._registered:
                    continue
                self._registered.add(firm.name + word)
                branch = replace(
                    firm,
                    branch=word,
                    name=firm.name + word,
                    certain=(),
                    mobiles=[self._mobile(), self._mobile()],
                )
                branch.addresses, branch.keys = [self._address(), self._address()], {}
                branch.landline = firm.landline if number == 0 else f"0571{self._digits(8)}"
                yield branch

    def _company(self, core: str, industry: str, address: Address) -> _Customer:
        chance, form = self.chance, self.chance.choice(_FORMS)
        region = address.city.removesuffix("市")
        while (
            name := f"{region}{core}{industry}{form}"
        ) in self._registered:  # no register gives a name twice
            core += chance.choice(_CORE)
        self._registered.add(name)
        return _Customer(
            MentionKind.ORGANISATION, name, core=core, region=region, industry=industry,
            legal_form=form, certain=(Identifier(IdentifierKind.CREDIT_CODE, f"9133{self._digits(14)}"),),
            mobiles=[self._mobile(), self._mobile()], landline=f"0571{self._digits(8)}",
            email=f"sales{self._digits(5)}@{_sound_of(core).replace(' ', '')}.com", account=f"3301{self._digits(15)}",
            addresses=[address, self._address()],
            keys={system: f"{system}:{self._digits(8)}" for system in _SYSTEMS if chance.random() < 0.5},
        )  # fmt: skip

    def mention(self, one: _Customer, number: int) -> Comparable:
        chance, habits = self.chance, self.habits

        def says(share: float) -> bool:
            return chance.random() < share

        said = Comparable(id=f"m{number:08d}", kind=one.kind)
        said = (
            self._named_person(said, one) if one.kind is MentionKind.PERSON else self._named_firm(said, one)
        )
        mobiles = tuple(self._number(one.mobiles)) if says(habits.says_mobile) else ()
        if mobiles and says(0.04):
            mobiles = tuple(dict.fromkeys((*mobiles, *one.mobiles)))
        return replace(
            said,
            certain=one.certain[: 1 if says(0.9) else 2] if says(habits.says_id) else (),
            mobiles=mobiles,
            landlines=(one.landline,) if says(habits.says_landline) else (),
            emails=(one.email,) if one.email and says(habits.says_email) else (),
            handles=(one.handle,) if one.handle and says(habits.says_handle) else (),
            accounts=(one.account,) if one.account and says(habits.says_account) else (),
            keys=(chance.choice(list(one.keys.values())),) if one.keys and says(habits.says_key) else (),
            address=self._where(one) if says(habits.says_address) else Address(),
            birth_date=self._born(one.birth) if one.birth and says(habits.says_birth) else "",
        )

    def _number(self, mobiles: Sequence[str]) -> list[str]:
        number = mobiles[1] if self.chance.random() < self.habits.old_number else mobiles[0]
        if self.chance.random() < self.habits.digit:
            place = self.chance.randrange(3, 11)
            number = f"{number[:place]}{self.chance.randrange(10)}{number[place + 1 :]}"
        return [number]

    def _where(self, one: _Customer) -> Address:
        address = one.addresses[1] if self.chance.random() < self.habits.old_address else one.addresses[0]
        if self.chance.random() >= self.habits.short_address:
            return address
        return self.chance.choice((
            replace(address, room=""),
            replace(address, room="", number=""),
            replace(address, room="", number="", street=""),
        ))  # fmt: skip

    def _born(self, birth: str) -> str:
        if self.chance.random() >= self.habits.digit:
            return birth
        year, month, day = birth.split("-")
        return self.chance.choice(
            (f"{year}-{month}-{self.chance.randint(1, 28):02d}", f"{int(year) + 1}-{month}-{day}")
        )

    def _wrong(self, name: str) -> str:
        draw = self.chance.random()
        place = self.chance.randrange(len(name))
        if draw < self.habits.homophone and name[place] in _homophones():
            return name[:place] + self.chance.choice(_homophones()[name[place]]) + name[place + 1 :]
        if self.habits.homophone <= draw < self.habits.homophone + self.habits.wrong_character:
            return name[:place] + self.chance.choice(_GIVEN) + name[place + 1 :]
        return name

    def _named_person(self, said: Comparable, one: _Customer) -> Comparable:
        if self.chance.random() < self.habits.weak_name:
            return replace(
                said, name=self.chance.choice("老小") + one.surname, weak_name=True, surname=one.surname
            )
        given = self._wrong(one.given)
        surname = self._wrong(one.surname) if self.chance.random() < 0.2 else one.surname
        name = surname + given
        return replace(said, name=name, surname=surname, given_name=given, sound=_sound_of(name))

    def _named_firm(self, said: Comparable, one: _Customer) -> Comparable:
        core = self._wrong(one.core)
        said = replace(said, core=core, branch=one.branch)
        if self.chance.random() < self.habits.short_name:
            industry = one.industry if self.chance.random() < 0.5 else ""
            name = core + industry + one.branch
            return replace(said, name=name, sound=_sound_of(name), industry=industry)
        name = one.name.replace(one.core, core)
        said = replace(said, name=name, sound=_sound_of(name))
        return replace(said, region=one.region, industry=one.industry, legal_form=one.legal_form)


def customers(count: int, *, seed: int, habits: Habits | None = None) -> Iterator[tuple[Comparable, int]]:
    """`count` mentions in random order of desks, each with the number of the customer it is of."""
    maker = _Maker(seed, habits or Habits())
    said = 0
    for customer, one in enumerate(maker.customers()):
        for _ in range(min(40, 1 + int(maker.chance.expovariate(1 / (maker.habits.mean_mentions - 0.5))))):
            yield maker.mention(one, said), customer
            said += 1
            if said == count:
                return
