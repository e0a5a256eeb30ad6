from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from hashlib import shake_256
from io import BytesIO
from pathlib import Path

import cv2
import numpy
import pylopdf_fonts_zh_cn
import pypdfium2
import pytest

from kedang.entrypoints.cards.printing import fonts_of, print_cards
from kedang.entrypoints.errors import CardFontMissing
from kedang.vault.quorums import DEFAULT_QUORUM, Group, Quorum, any_of
from kedang.vault.share_words import check_entry
from kedang.vault.shares import ShareCard, cards_of, combine_shares, split_secret

PRINTED = date(2026, 11, 22)
SECRET = shake_256(b"secret").digest(32)
POINTS_A4 = (595, 842)


def _random(seed: str) -> Callable[[int], bytes]:
    calls = iter(range(2**32))
    return lambda count: shake_256(f"{seed} {next(calls)}".encode()).digest(count)


def _cards(quorum: Quorum = DEFAULT_QUORUM) -> tuple[ShareCard, ...]:
    return cards_of(split_secret(SECRET, random_bytes=_random("cards"), quorum=quorum))


def _printed(cards: tuple[ShareCard, ...]) -> bytes:
    return print_cards(cards, fonds_code="K001", printed_on=PRINTED)


def _texts(document: bytes) -> list[str]:
    opened = pypdfium2.PdfDocument(BytesIO(document))
    return [page.get_textpage().get_text_range() for page in opened]


def test_two_cards_stand_on_a_sheet_of_a4() -> None:
    opened = pypdfium2.PdfDocument(BytesIO(_printed(_cards())))
    assert len(opened) == 2
    assert [tuple(round(side) for side in page.get_size()) for page in opened] == [POINTS_A4] * 2


def test_each_card_says_what_it_is_which_it_is_and_how_many_are_needed() -> None:
    first, second = _texts(_printed(_cards()))
    for said in (
        "恢复份额卡",
        "第 1 份，共 3 份",
        "第 2 份，共 3 份",
        "3 份中任意 2 份",
        "any 2 of 3",
        "K001",
        "2026-11-22",
    ):
        assert said in first
    assert "第 3 份，共 3 份" in second
    for said in (
        "单凭本卡，什么也打不开",
        "This card alone opens nothing",
        "怎么用",
        "怎么保管",
        "丢失怎么办",
    ):
        assert said in first
        assert said in second
    for card in _cards()[:2]:
        assert f"{card.mark[:3]} {card.mark[3:]}" in first
        assert f"{card.identifier:05d}" in first


def test_every_word_is_on_its_card_with_its_number() -> None:
    text = " ".join(_texts(_printed(_cards()))[1].split())
    for at, word in enumerate(_cards()[2].words, start=1):
        assert f"{at} {word}" in text


def test_the_qr_code_on_the_paper_gives_the_words_that_open_the_case() -> None:
    opened = pypdfium2.PdfDocument(BytesIO(_printed(_cards())))
    read = []
    for page in opened:
        picture = numpy.asarray(page.render(scale=300 / 72, grayscale=True).to_pil())
        half = picture.shape[0] // 2
        for part in (picture[:half], picture[half:]):
            words, _, _ = cv2.QRCodeDetector().detectAndDecode(numpy.ascontiguousarray(part))
            if words:
                read.append(words)
    assert len(read) == 3
    assert all(check_entry(words).right for words in read)
    assert combine_shares(read[1:]) == SECRET


def test_no_character_is_set_in_a_font_that_does_not_have_it() -> None:
    fonts = {name.split("+")[1] for name in fonts_of(_printed(_cards()))}
    assert fonts == {"NotoSansSC-Regular", "DejaVuSansMono", "DejaVuSansMono-Bold"}


def test_a_missing_font_is_an_error_and_not_empty_boxes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pylopdf_fonts_zh_cn, "sans_path", lambda: tmp_path / "none.otf")
    with pytest.raises(CardFontMissing):
        _printed(_cards())


def test_cards_of_groups_say_which_groups_are_needed() -> None:
    quorum = Quorum(2, (Group(2, 3), Group(1, 1), Group(3, 5)))
    texts = _texts(_printed(_cards(quorum)))
    assert len(texts) == 5
    assert "第 1 组，共 3 组，须齐 2 组" in texts[0]
    assert "本组 3 份中任意 2 份为一组" in texts[0]
    assert "本组仅此一份" in texts[1]


def test_a_card_that_opens_alone_says_so() -> None:
    text = "".join(_texts(_printed(_cards(any_of(1, 2))))[0].split())
    assert "单凭本卡即可打开全部档案" in text
    assert "什么也打不开" not in text


@pytest.mark.parametrize("code", ["K001", 'Z"); #read("/etc/passwd") //', "全宗-７", "\\#sys"])
def test_what_is_printed_is_data_and_never_a_program(code: str) -> None:
    text = _texts(print_cards(_cards(), fonds_code=code, printed_on=PRINTED))[0]
    assert code in text
    assert "root:" not in text


def test_the_largest_set_fits() -> None:
    quorum = Quorum(16, (Group(16, 16),) * 16)
    cards = _cards(quorum)
    assert len(_texts(_printed(cards[:4]))) == 2
    assert len(cards) == 256


def test_printing_leaves_nothing_on_the_disk(tmp_path: Path) -> None:
    """Temporary, cache and home folders of the process stay empty; the PDF comes through a pipe."""
    program = (
        "import sys; from datetime import date;"
        "from kedang.entrypoints.cards.printing import print_cards;"
        "from kedang.vault.shares import cards_of, split_secret;"
        "cards = cards_of(split_secret(bytes(32), random_bytes=lambda n: bytes(range(n))));"
        "sys.stdout.buffer.write(print_cards(cards, fonds_code='K', printed_on=date(2026, 1, 1)))"
    )
    names = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")
    environment = os.environ | dict.fromkeys(names, str(tmp_path)) | {"PYTHONDONTWRITEBYTECODE": "1"}
    printed = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=tmp_path, check=True, capture_output=True
    )
    assert printed.stdout.startswith(b"%PDF")
    assert list(tmp_path.rglob("*")) == []


def test_the_words_are_not_in_the_files_metadata() -> None:
    opened = pypdfium2.PdfDocument(BytesIO(_printed(_cards())))
    told = " ".join(opened.get_metadata_dict().values())
    assert "kedang share cards" in told
    assert not set(_cards()[0].words[2:]) & set(told.split())
