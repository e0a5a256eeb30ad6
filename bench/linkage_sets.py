"""The labelled sets of others: FEBRL 1 to 4 and Splink's thousand, as Comparables with their truth.

Persons of other countries: names in Latin letters, the social security number as a number by which a system names a
customer (it is wrong in some copies, so it is no certain number), the suburb as district, the postcode as city.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from kedang.resolution.comparable import Address, Comparable
from kedang.resolution.mentions import MentionKind

SETS = {
    "FEBRL 1": ("febrl_dataset1.csv",),
    "FEBRL 2": ("febrl_dataset2.csv",),
    "FEBRL 3": ("febrl_dataset3.csv",),
    "FEBRL 4": ("febrl_dataset4a.csv", "febrl_dataset4b.csv"),
    "Splink 1000": ("splink_fake_1000.csv",),
}


def labelled(folder: Path, name: str) -> Iterator[tuple[Comparable, str]]:
    """The mentions of a set, each with the name of the person it is of."""
    for file in SETS[name]:
        with (folder / file).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, skipinitialspace=True):
                yield _febrl(row) if "rec_id" in row else _splink(row)


def _febrl(row: dict[str, str]) -> tuple[Comparable, str]:
    said = {name: value.strip() for name, value in row.items()}
    born, number = said["date_of_birth"], said["soc_sec_id"]
    one = Comparable(
        id=said["rec_id"],
        kind=MentionKind.PERSON,
        name=f"{said['given_name']} {said['surname']}".strip(),
        surname=said["surname"],
        given_name=said["given_name"],
        sound=f"{said['given_name']} {said['surname']}".strip(),
        keys=(f"ssn:{number}",) if number else (),
        address=Address(
            province=said["state"],
            city=said["postcode"],
            district=said["suburb"],
            street=said["address_1"],
            number=said["street_number"],
            room=said["address_2"],
        ),
        birth_date=f"{born[:4]}-{born[4:6]}-{born[6:]}" if len(born) == 8 else "",
    )
    return one, said["rec_id"].split("-")[1]


def _splink(row: dict[str, str]) -> tuple[Comparable, str]:
    said = {name: (value or "").strip().lower() for name, value in row.items()}
    one = Comparable(
        id=said["unique_id"],
        kind=MentionKind.PERSON,
        name=f"{said['first_name']} {said['surname']}".strip(),
        surname=said["surname"],
        given_name=said["first_name"],
        sound=f"{said['first_name']} {said['surname']}".strip(),
        emails=(said["email"],) if said["email"] else (),
        address=Address(city=said["city"]),
        birth_date=said["dob"],
    )
    return one, said["cluster"]
