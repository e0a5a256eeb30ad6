"""Numbers that pass their own check digits and belong to nobody.

Resident ids and credit codes carry the county code `99`, which no county of China has: they pass every
check digit, province and date rule, yet cannot have been issued.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from random import Random

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015, table 1: no I, O, S, V, Z
CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))  # GB 32100-2015, 3^(i-1) mod 31
RESIDENT_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))  # GB 11643-1999
RESIDENT_CHECK = "10X98765432"  # ISO 7064 MOD 11-2

MOBILE_PREFIXES = [
    "133",
    "135",
    "136",
    "137",
    "138",
    "139",
    "150",
    "151",
    "152",
    "153",
    "155",
    "156",
    "157",
    "158",
    "159",
    "166",
    "173",
    "175",
    "176",
    "177",
    "178",
    "180",
    "181",
    "182",
    "183",
    "185",
    "186",
    "187",
    "188",
    "189",
    "191",
    "195",
    "198",
    "199",
]
CARD_PREFIXES = ("621700", "622848", "621226", "622588", "621661", "622202")
PERMIT_FORMS = (("C", 8), ("H", 8), ("M", 8))


def _digits(random: Random, count: int) -> str:
    return "".join(random.choices("0123456789", k=count))


def resident_id_check(first_17: str) -> str:
    """The 18th character of a resident id."""
    total = sum(int(digit) * weight for digit, weight in zip(first_17, RESIDENT_WEIGHTS, strict=True))
    return RESIDENT_CHECK[total % 11]


def resident_id(random: Random, *, area: str, born: date, female: bool) -> str:
    """18 characters of a person who does not exist: `area` is the four digits of province and city."""
    serial = random.randrange(0, 500) * 2 + (0 if female else 1)
    first = f"{area}99{born:%Y%m%d}{serial:03d}"
    return first + resident_id_check(first)


def old_resident_id(new: str) -> str:
    """The 15-digit form that was valid before 2013."""
    return new[:6] + new[8:17]


def luhn_check(digits: str) -> str:
    """The digit that makes `digits` pass Luhn's check when put behind it."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def bank_card(random: Random) -> str:
    """A 19-digit (sometimes 16-digit) card number with a good check digit."""
    length = 18 if random.random() < 0.8 else 15
    prefix = random.choice(CARD_PREFIXES)
    first = prefix + _digits(random, length - len(prefix))
    return first + luhn_check(first)


def credit_code(random: Random, *, area: str) -> str:
    """An 18-character unified social credit code of a company that does not exist."""
    body = "MA" + "".join(random.choices("0123456789ABCDEFGHJKLMNPQRTUWXY", k=6))
    first = f"91{area}99{body}{organisation_check(body)}"
    total = sum(
        CREDIT_ALPHABET.index(char) * weight for char, weight in zip(first, CREDIT_WEIGHTS, strict=True)
    )
    return first + CREDIT_ALPHABET[-total % 31]


def organisation_check(body: str) -> str:
    """The ninth character of an organisation code, GB 11714-1997."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(char, 36) * weight for char, weight in zip(body, weights, strict=True))
    rest = 11 - total % 11
    return "X" if rest == 10 else str(rest % 11)


def mobile_phone(random: Random) -> str:
    """Eleven digits of a mobile number."""
    return random.choice(MOBILE_PREFIXES) + _digits(random, 8)


def landline(random: Random, *, area: str) -> str:
    """A land-line with its area code: 0512-65xxxxxx."""
    width = 8 if area in ("010", "021", "022", "020", "025", "027", "028", "0512", "0571", "0574") else 7
    return f"{area}-{random.choice('5678')}{_digits(random, width - 1)}"


def passport(random: Random) -> str:
    """An ordinary passport number: E and eight digits, or E, a letter and seven."""
    if random.random() < 0.5:
        return "E" + _digits(random, 8)
    return "E" + random.choice("ABCDEFGHJKLM") + _digits(random, 7)


def travel_permit(random: Random) -> str:
    """A permit for Hong Kong, Macau or the mainland: a letter and eight digits."""
    letter, width = random.choice(PERMIT_FORMS)
    return letter + _digits(random, width)


def licence_plate(random: Random, *, prefix: str) -> str:
    """A number plate: 苏E·8K2M1, or with a D or F in front for a new-energy car."""
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
    if random.random() < 0.3:
        return prefix + random.choice("DF") + _digits(random, 5)
    tail = "".join(random.choices(alphabet, k=4)) + random.choice("0123456789")
    return f"{prefix}{random.choice(('·', ''))}{tail}"


def invoice_number(random: Random, *, year: int) -> str:
    """Twenty digits of a fully digital invoice (since 2023), eight of the older ones."""
    if year >= 2023:
        return f"{year % 100:02d}3220000{_digits(random, 11)}"
    return _digits(random, 8)


def card_like_order(random: Random) -> str:
    """An order number of 19 digits that begins like a card and fails the card's check digit."""
    first = "6217" + _digits(random, 14)
    return first + str((int(luhn_check(first)) + random.randrange(1, 10)) % 10)


def phone_like_order(random: Random) -> str:
    """An order number of eleven digits that begins with 1 as a phone number does."""
    return random.choice(("110", "120", "122")) + _digits(random, 8)


def pick(random: Random, items: Sequence[str]) -> str:
    """One of the items."""
    return items[random.randrange(len(items))]
