"""Which characters the bytes of a text stand for.

The order: byte order mark, strict UTF-8, UTF-16 without a mark, 7-bit East Asian escapes, then the legacy
codec under which the most characters are common ones. Text that fits none is not text.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The most frequent characters of running Chinese, simplified and traditional, and the marks between them.
FREQUENT = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形"
    "公司客户姓名电话地址金额合同编号订单号码日期单位款元备注收付税数价格产品服务先生女士省市区县路街银行账户期签订甲乙方省州北京上海"
    "這個國為們來時對會發動過說產種現經進著電裡實兩體製機當點從業開還應無與東員後間題問長見話氣樣總條務區號碼單據帳戶價額訂購"
    "，。、；：！？（）《》“”【】"
)
PRIVATE = re.compile("[\ue000-\uf8ff]")


def _rectangle(leads: range, trails: range, codec: str) -> frozenset[str]:
    """The characters that the codec puts in a rectangle of two-byte codes."""
    pairs = b"".join(bytes((lead, trail)) for lead in leads for trail in trails)
    return frozenset(pairs.decode(codec, "ignore"))


# The planes of commonly used characters: GB 2312 level 1 (3,755) and Big5 level 1 (5,401).
LEVEL_ONE = {
    "gb18030": _rectangle(range(0xB0, 0xD8), range(0xA1, 0xFF), "gb18030"),
    "big5hkscs": _rectangle(range(0xA4, 0xC7), range(0x40, 0xFF), "big5hkscs"),
}
CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
HIGH_RUN = re.compile(rb"[\x80-\xff]+")
SAMPLE_BYTES = 64 * 1024  # more never changed the choice on the test texts
MAX_CONTROL_SHARE = 0.02  # hostile strings and old printer texts hold a few; binary data holds far more
MAX_BROKEN_SHARE = 0.02  # of the characters; a disk error or a cut line breaks a few
GOOD_SCORE = 0.22  # running Chinese scores above 0.4 under the right codec and below 0.15 under a wrong one
BEYOND_ASCII = re.compile("[^\x00-\x7f]+")
SCORED_BYTES = 16 * 1024
SCORED_CHARACTERS = 1500  # enough to tell; scoring is a loop in Python


@dataclass(frozen=True, slots=True)
class Charset:
    """A codec that reads the bytes, and whether the choice is beyond doubt."""

    codec: str
    sure: bool


def charset_of(sample: bytes, *, complete: bool) -> Charset | None:
    """The codec of a text's bytes; None when they are not text.

    `complete` says that the sample is the whole text, so that a character cut at its end is an error.
    """
    for mark, codec in BOMS:
        if sample.startswith(mark):
            return Charset(codec, sure=True) if decodes(sample, codec, complete=complete) else None
    if not sample:
        return Charset("utf-8", sure=True)
    wide = _utf16_without_mark(sample)
    if wide is not None:
        return Charset(wide, sure=True)
    escaped = _escaped(sample)
    if escaped is not None:
        return Charset(escaped, sure=True)
    if len(CONTROLS.findall(sample)) > max(2, len(sample) * MAX_CONTROL_SHARE) or b"\x00\x00" in sample:
        return None
    if decodes(sample, "utf-8", complete=complete):
        return Charset("utf-8", sure=True)
    if _mostly_utf8(sample[:SAMPLE_BYTES]):
        return Charset("utf-8", sure=False)
    return _legacy(sample[:SAMPLE_BYTES], complete=complete and len(sample) <= SAMPLE_BYTES)


def decodes(sample: bytes, codec: str, *, complete: bool) -> bool:
    """Whether the codec reads the sample without one error."""
    try:
        decoder = codecs.getincrementaldecoder(codec)()
        decoder.decode(sample, final=complete)
    except (UnicodeError, LookupError):
        return False
    return True


def decode(raw: bytes, codec: str) -> tuple[str, bool]:
    """The text, and whether every byte was understood; bytes that were not become U+FFFD."""
    if codec == ISO_2022_CN:
        return _decode_iso2022cn(raw)
    try:
        return raw.decode(codec), True
    except UnicodeError:
        return raw.decode(codec, "replace"), False


def declared(label: str) -> str | None:
    """The Python codec for a charset label of a mail or a page; None when it is unknown.

    gb2312 and gbk are read as gb18030, big5 with the Hong Kong characters, latin-1 as cp1252, as browsers do.
    """
    name = label.strip().strip("\"'").lower()
    name = _WIDENED.get(name, name)
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        return None


ISO_2022_CN = "iso2022_cn"
_WIDENED = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "chinese": "gb18030",
    "cp936": "gb18030",
    "ms936": "gb18030",
    "windows-936": "gb18030",
    "gb18030-2000": "gb18030",
    "gb18030-2022": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "x-big5": "big5hkscs",
    "cp950": "big5hkscs",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "ansi": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "shift-jis": "cp932",
    "hz-gb-2312": "hz",
    "unicode": "utf-16",
    "utf8": "utf-8",
    "x-unknown": "gb18030",
    "default": "gb18030",
    "cp-850": "cp850",
}


def _mostly_utf8(sample: bytes) -> bool:
    """Whether the sample is UTF-8 but for a few broken bytes."""
    said = sample.decode("utf-8", "replace")
    broken = said.count("\ufffd")
    return sum(map(len, BEYOND_ASCII.findall(said))) > 20 * broken


def _utf16_without_mark(sample: bytes) -> str | None:
    """UTF-16 by where its zero bytes stand, or by Chinese high bytes in every second place."""
    whole = sample[: len(sample) & ~1][:8192]
    if len(whole) < 4 or b"\x00" not in whole:
        return None
    for codec, high, low in (
        ("utf-16-le", whole[1::2], whole[0::2]),
        ("utf-16-be", whole[0::2], whole[1::2]),
    ):
        units = len(high)
        zeros = high.count(0)
        ideographs = sum(0x4E <= byte <= 0x9F or byte in (0x30, 0xFF) for byte in high)
        plain = zeros >= units * 0.2 and low.count(0) <= units * 0.02
        if (plain and zeros + ideographs > units * 0.9) and _readable(whole, codec):
            return codec
        if (
            zeros
            and ideographs + zeros > units * 0.97
            and low.count(0) <= units * 0.02
            and _readable(whole, codec)
        ):
            return codec
    return None


def _readable(whole: bytes, codec: str) -> bool:
    """Whether the bytes decode, but for a pair cut at the end, and hold next to no control characters."""
    if not decodes(whole, codec, complete=False):
        return False
    said = whole.decode(codec, "ignore")
    strange = sum(character < " " and character not in "\t\r\n\f" for character in said)
    return strange <= len(said) * MAX_CONTROL_SHARE


def _escaped(sample: bytes) -> str | None:
    """The 7-bit codec whose escape sequences the sample holds."""
    if b"\x1b$)A" in sample and b"\x0e" in sample:
        return ISO_2022_CN
    if b"\x1b$B" in sample or b"\x1b$@" in sample:
        return "iso2022_jp" if decodes(sample, "iso2022_jp", complete=False) else None
    if b"\x1b$)C" in sample:
        return "iso2022_kr" if decodes(sample, "iso2022_kr", complete=False) else None
    if b"~{" in sample and b"~}" in sample and sample.isascii() and decodes(sample, "hz", complete=False):
        said = sample.decode("hz", "ignore")
        return "hz" if any(character in FREQUENT for character in said) else None
    return None


def _decode_iso2022cn(raw: bytes) -> tuple[str, bool]:
    """ISO-2022-CN (RFC 1922), the GB 2312 part: pairs between SO and SI, the sets named by escapes."""
    pieces: list[str] = []
    sound = True
    for stretch in re.split(rb"\x1b\$[)*+][A-Z]", raw):
        for number, part in enumerate(re.split(rb"[\x0e\x0f]", stretch)):
            wide = bytes(byte | 0x80 if 0x20 < byte < 0x7F else byte for byte in part) if number % 2 else part
            said = wide.decode("gb2312" if number % 2 else "ascii", "replace")
            sound = sound and "\ufffd" not in said
            pieces.append(said)
    return "".join(pieces), sound


def _legacy(sample: bytes, *, complete: bool) -> Charset | None:
    """The East Asian or Western codec whose reading is likeliest."""
    runs = HIGH_RUN.findall(sample)
    lonely = sum(len(run) == 1 for run in runs)
    best, best_score = None, -1.0
    for codec in ("gb18030", "big5hkscs"):
        score = _score(sample, codec, complete=complete)
        if score is not None and score > best_score:
            best, best_score = codec, score
        if best_score > 2 * GOOD_SCORE:
            break
    if best is not None and best_score >= GOOD_SCORE and lonely < len(runs) * 0.8:
        return Charset(best, sure=best_score >= GOOD_SCORE * 1.5)
    guess = from_bytes(sample[:8192]).best()
    if guess is not None and decodes(sample, guess.encoding, complete=complete):
        return Charset(guess.encoding, sure=False)
    if best is not None and lonely < len(runs) * 0.8:
        return Charset(best, sure=False)
    return Charset("cp1252", sure=False) if decodes(sample, "cp1252", complete=True) else None


def _score(sample: bytes, codec: str, *, complete: bool) -> float | None:
    """The share of characters that are common ones, halved if a few bytes cannot be read; None for more."""
    share = 1.0
    if not decodes(sample, codec, complete=complete):
        text = sample.decode(codec, "replace")
        if text.count("\ufffd") > MAX_BROKEN_SHARE * len(text):
            return None
        share = 0.5
    said = "".join(BEYOND_ASCII.findall(sample[:SCORED_BYTES].decode(codec, "ignore")))[:SCORED_CHARACTERS]
    if not said:
        return 0.0
    level_one = sum(map(LEVEL_ONE[codec].__contains__, said))
    frequent = sum(map(FREQUENT.__contains__, said))
    private = len(PRIVATE.findall(said))
    return share * (level_one + 2 * frequent - 3 * private) / (3 * len(said)) + (0.0 if private else 0.01)
