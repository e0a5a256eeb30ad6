"""The people of the sample: the closing company, its staff and its customers."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from examples.sample_company import identifiers

FIRST_DAY = date(2021, 1, 4)
LAST_DAY = date(2025, 12, 26)
CUSTOMERS_AT_SCALE_1 = 60
PERSONS_IN_TEN = 4  # of ten customers four are natural persons


@dataclass(frozen=True, slots=True)
class Place:
    """A city with what numbers begin with there."""

    province: str
    city: str
    district: str
    area: str
    dial: str
    plate: str

    @property
    def town(self) -> str:
        """The city's name as companies bear it: 苏州, 上海."""
        return (self.city or self.province).removesuffix("市")


@dataclass(frozen=True, slots=True)
class Person:
    """A natural person: a customer, or the contact of one."""

    name: str
    female: bool
    resident_id: str
    born: date
    mobile: str
    email: str
    wechat: str
    qq: str
    card: str
    address: str
    plate: str
    passport: str
    permit: str


@dataclass(frozen=True, slots=True)
class Company:
    """An organisation: a customer, a supplier, or the closing company itself."""

    name: str
    short: str
    old_name: str
    traditional: str
    typo: str
    credit_code: str
    legal_person: str
    contact: Person
    landline: str
    email: str
    address: str
    bank: str
    account: str


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer: exactly one of `person` and `company` is set."""

    id: str
    number: int
    person: Person | None
    company: Company | None
    traditional: str
    since: date

    @property
    def name(self) -> str:
        """The name in full, as on the customer list."""
        return self.company.name if self.company else self.human.name

    @property
    def human(self) -> Person:
        """The person himself, or the company's contact."""
        if self.person is not None:
            return self.person
        if self.company is None:
            raise ValueError("a customer is a person or a company")
        return self.company.contact

    @property
    def short(self) -> str:
        """What colleagues call him."""
        if self.company:
            return self.company.short
        return self.name

    def aliases(self) -> tuple[str, ...]:
        """Other spellings under which he is met."""
        if self.company:
            names: tuple[str, ...] = (
                self.company.short,
                self.company.old_name,
                self.company.traditional,
                self.company.typo,
            )
        else:
            names = (self.traditional,)
        return tuple(dict.fromkeys(name for name in names if name and name != self.name))

    def identifiers(self) -> tuple[tuple[str, str], ...]:
        """The numbers that are his alone."""
        who = self.human
        if self.company:
            return (
                ("credit_code", self.company.credit_code),
                ("landline", self.company.landline),
                ("email", self.company.email),
                ("bank_account", self.company.account),
            )
        numbers = (
            ("resident_id", who.resident_id),
            ("mobile_phone", who.mobile),
            ("email", who.email),
            ("bank_card", who.card),
            ("passport", who.passport),
            ("travel_permit", who.permit),
        )
        return tuple((kind, value) for kind, value in numbers if value)


@dataclass(frozen=True, slots=True)
class World:
    """Everybody."""

    own: Company
    staff: tuple[str, ...]
    suppliers: tuple[Company, ...]
    customers: tuple[Customer, ...]
    products: tuple[str, ...]
    by_id: dict[str, Customer] = field(default_factory=dict)
    namesakes: Counter[str] = field(default_factory=Counter)
    """How many customers bear a name."""


@cache
def pools() -> dict[str, Any]:
    """The words of pools.toml."""
    return tomllib.loads(files(__package__).joinpath("pools.toml").read_text("utf-8"))


@cache
def places() -> tuple[Place, ...]:
    """The cities."""
    return tuple(Place(**entry) for entry in pools()["cities"])


def build_world(seed: int, scale: int) -> World:
    """The same people for the same seed; a larger scale adds customers behind the first sixty."""
    random = Random(f"world:{seed}")
    own = _own_company(random)
    suppliers = tuple(_company(random, number) for number in range(900_000, 900_006))
    customers = tuple(_customer(random, number) for number in range(1, CUSTOMERS_AT_SCALE_1 * scale + 1))
    products = tuple(
        f"{model}{product}" for product in pools()["products"] for model in pools()["models"][:4]
    )
    by_id = {customer.id: customer for customer in customers}
    namesakes = Counter(customer.name for customer in customers)
    return World(own, tuple(pools()["colleagues"]), suppliers, customers, products, by_id, namesakes)


def _customer(random: Random, number: int) -> Customer:
    since = FIRST_DAY + timedelta(days=random.randrange(0, 1500))
    identity = f"C{number:06d}"
    if number % 10 < PERSONS_IN_TEN:
        special = pools()["special_people"]
        order = number // 10 * PERSONS_IN_TEN + number % 10 - 1
        entry = special[order] if 0 <= order < len(special) else None
        person = _person(random, random.choice(places()), name=entry["name"] if entry else "")
        return Customer(identity, number, person, None, entry["traditional"] if entry else "", since)
    return Customer(identity, number, None, (company := _company(random, number)), company.traditional, since)


def _person(random: Random, place: Place, *, name: str = "", rich: bool = True) -> Person:
    words = pools()
    female = random.random() < 0.5
    chosen = name or random.choice(words["surnames"]) + random.choice(
        words["given_female"] if female else words["given_male"]
    )
    born = date(1955, 1, 1) + timedelta(days=random.randrange(0, 50 * 365))
    handle = "".join(random.choices("abcdefghjkmnpqrstuvwxyz", k=random.randrange(4, 8))) + str(
        random.randrange(10, 9999)
    )
    return Person(
        name=chosen,
        female=female,
        resident_id=identifiers.resident_id(random, area=place.area, born=born, female=female),
        born=born,
        mobile=identifiers.mobile_phone(random),
        email=f"{handle}@{random.choice(words['mail_hosts'])}",
        wechat=random.choice(("wxid_", "", "wx_")) + handle,
        qq=str(random.randrange(10_000_000, 3_000_000_000)),
        card=identifiers.bank_card(random),
        address=_address(random, place, home=True),
        plate=identifiers.licence_plate(random, prefix=place.plate),
        passport=identifiers.passport(random) if rich and random.random() < 0.6 else "",
        permit=identifiers.travel_permit(random) if rich and random.random() < 0.5 else "",
    )


def _address(random: Random, place: Place, *, home: bool) -> str:
    words = pools()
    start = f"{place.province}{place.city}" if place.city else place.province
    road = f"{start}{place.district}{random.choice(words['roads'])}{random.randrange(1, 999)}号"
    if home:
        house = f"{random.randrange(1, 30)}幢{random.randrange(101, 2405)}室"
        return f"{road}{random.choice(words['buildings'][4:8])}{house}"
    return f"{road}{random.choice(words['buildings'])}{random.choice('ABC')}座{random.randrange(2, 28)}层"


def _company(random: Random, number: int) -> Company:
    words = pools()
    special = words["special_companies"]
    order = number // 10 * (10 - PERSONS_IN_TEN) + number % 10 - PERSONS_IN_TEN
    if order < len(special):
        entry = special[order]
        place = places()[entry["city"]]
        name, short = entry["name"], entry["short"]
        old_name, traditional, typo = entry["old_name"], entry["traditional"], entry["typo"]
    else:
        place = random.choice(places())
        first, second = _brand(number), random.choice(words["industries"])
        form = random.choice(words["company_forms"])
        start = place.town
        name, short = f"{start}{first}{second}{form}", f"{first}{second[:2]}"
        old_name = (
            f"{start}{first}{random.choice(words['industries'])}{form}" if random.random() < 0.2 else ""
        )
        traditional, typo = "", name.replace("有限", "有线") if random.random() < 0.3 else ""
    return Company(
        name=name,
        short=short,
        old_name=old_name if old_name != name else "",
        traditional=traditional,
        typo=typo,
        credit_code=identifiers.credit_code(random, area=place.area),
        legal_person=random.choice(words["surnames"]) + random.choice(words["given_male"]),
        contact=_person(random, place, rich=False),
        landline=identifiers.landline(random, area=place.dial),
        email=f"{random.choice(('info', 'cg', 'office', 'sales'))}{number}@{_domain(number)}.example.com",
        address=_address(random, place, home=False),
        bank=f"{random.choice(words['banks'])}{place.town}{place.district}支行",
        account=str(random.randrange(10**16, 10**17)) + "01",
    )


def _brand(number: int) -> str:
    first, second = pools()["company_first"], pools()["company_second"]
    step = number * 37
    brand: str = first[step % len(first)] + second[step // len(first) % len(second)]
    rounds = number // (len(first) * len(second))
    return brand + (second[rounds % len(second)] if rounds else "")


def _domain(number: int) -> str:
    letters = "bcdfghjklmnpqrstvwxyz"
    return "".join(letters[number * step % len(letters)] for step in (1, 7, 11, 17, 3))


def _own_company(random: Random) -> Company:
    place = places()[0]
    return Company(
        name="苏州样禾办公设备有限公司",
        short="样禾办公",
        old_name="苏州样禾文具经营部",
        traditional="蘇州樣禾辦公設備有限公司",
        typo="",
        credit_code=identifiers.credit_code(random, area=place.area),
        legal_person="沈样禾",
        contact=_person(random, place, name="王建军", rich=False),
        landline="0512-65550188",
        email="service@yanghe.example.com",
        address="江苏省苏州市吴中区青梧路88号禾风科技园A座6层",
        bank="中国工商银行苏州吴中支行",
        account="110202600900123456",
    )
