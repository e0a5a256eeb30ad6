"""What a QR label holds: a reference code in capital letters and digits, with a character that checks it.

    Q001-KH·HT·2025·D10-00042    becomes    Q001-KH.HT.2025.D10-00042*K

`·` is written `.`, so that the symbol stays in QR's alphanumeric mode and any scanner gives the same text. The last
character is that of ISO/IEC 7064 MOD 37,36 over the letters and digits: it finds every single wrong character and
every two neighbours that are swapped.
"""

from __future__ import annotations

import re

from kedang.catalogue.errors import ReferenceCodeMalformed

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MODULUS = len(_ALPHABET)
CHECK_JOINER = "*"
_PLAIN = re.compile(r"[0-9A-Z.\-]{1,100}")


def scan_code(code: str) -> str:
    """What the symbol of a reference code, or of a box, holds.

    Raises:
        ReferenceCodeMalformed: it has characters that a label's symbol cannot hold.
    """
    plain = code.replace("·", ".")
    if not _PLAIN.fullmatch(plain):
        raise ReferenceCodeMalformed(characters=len(code))
    return f"{plain}{CHECK_JOINER}{check_character(plain)}"


def read_scan_code(scanned: str) -> str:
    """The code that was scanned or typed.

    Raises:
        ReferenceCodeMalformed: it was not read rightly: the check character is another.
    """
    plain, joiner, check = scanned.strip().upper().rpartition(CHECK_JOINER)
    if not joiner or not _PLAIN.fullmatch(plain) or check_character(plain) != check:
        raise ReferenceCodeMalformed(characters=len(scanned))
    return plain.replace(".", "·")


def check_character(plain: str) -> str:
    """The character of ISO/IEC 7064 MOD 37,36; joiners do not count."""
    rest = _MODULUS
    for sign in plain:
        if sign in _ALPHABET:
            rest = (rest + _ALPHABET.index(sign)) % _MODULUS or _MODULUS
            rest = rest * 2 % (_MODULUS + 1)
    return _ALPHABET[(_MODULUS + 1 - rest) % _MODULUS]


def box_code(fonds: str, number: int) -> str:
    """The code of a box: Q001-BOX-0007."""
    return f"{fonds}-BOX-{number:04d}"
