"""A mention as it is compared: the normal forms of its parts, and nothing that is only decoration."""

from __future__ import annotations

from dataclasses import dataclass

from kedang.records.identifiers import Identifier, IdentifierKind, birth_date_of
from kedang.resolution.mention import MentionKind


@dataclass(frozen=True, slots=True)
class Address:
    """An address in its parts, empty where nothing is said. Divisions are names with their suffix (浙江省, 杭州市, 西湖区)."""

    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    """Road with its lane: 文三路388号 gives 文三路; without a road the estate, else the town or village."""
    number: str = ""
    """House number: 388."""
    room: str = ""
    """Building, unit and room: 3-2-501."""
    estate: str = ""
    """Housing estate or building by name, also where a road is named: 云帆大厦, 翠苑小区."""


@dataclass(frozen=True, slots=True)
class Comparable:
    """One mention in normal forms; empty where it says nothing. Equal parts of two mentions are evidence, not proof."""

    id: str
    """Opaque: record and place of the mention, or any other name the caller gives it."""
    kind: MentionKind
    name: str = ""
    """Full form (`forms`): 欧阳修远, 杭州云帆贸易有限公司."""
    weak_name: bool = False
    """The name is a nickname or a title (老王, 小李, 王总): never ground enough."""
    surname: str = ""
    given_name: str = ""
    sound: str = ""
    """Pinyin of the full name without tones, syllables joined by blanks: ou yang xiu yuan; of an organisation, of its core."""
    core: str = ""
    """Of an organisation: what is left without region, industry, legal form and branch: 云帆."""
    region: str = ""
    industry: str = ""
    legal_form: str = ""
    branch: str = ""
    """上海分公司, 解放路门店; empty for the organisation itself. Parent and branch are never one."""
    certain: tuple[Identifier, ...] = ()
    """Numbers that belong to exactly one: resident id, passport, travel permit, credit code."""
    mobiles: tuple[str, ...] = ()
    landlines: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    """Bank cards and accounts."""
    handles: tuple[str, ...] = ()
    """wechat:… and qq:…"""
    keys: tuple[str, ...] = ()
    """Numbers by which the firm's own systems name a customer, with the system: source:table:column:value."""
    address: Address = Address()
    birth_date: str = ""
    """YYYY-MM-DD."""


def birth_of(one: Comparable) -> str:
    """The birthday of a mention, also where only its resident id says it."""
    if one.birth_date or not one.certain:
        return one.birth_date
    numbers = (number.value for number in one.certain if number.kind is IdentifierKind.RESIDENT_ID)
    born = next(filter(None, map(birth_date_of, numbers)), None)
    return born.isoformat() if born else ""
