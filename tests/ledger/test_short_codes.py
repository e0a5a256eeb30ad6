from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.ledger.checkpoints import Checkpoint
from kedang.ledger.errors import ShortCodeMalformed
from kedang.ledger.short_codes import ALPHABET, ShortCode, short_code
from tests.ledger.worlds import ORIGIN

HEAD = Checkpoint(ORIGIN, 1024, bytes(range(32)))
CODE = "1024/TCPKW-THAT1-80E83-9P3TS-4PX2M-HWTBR-SR5EZ-XDC6Q"
heads = st.builds(Checkpoint, st.just(ORIGIN), st.integers(0, 2**40), st.binary(min_size=32, max_size=32))


def test_a_head_has_the_code_that_was_once_printed() -> None:
    assert str(short_code(HEAD)) == CODE


@given(heads)
def test_a_printed_code_is_read_back(head: Checkpoint) -> None:
    code = short_code(head)
    assert ShortCode.parse(str(code)) == ShortCode.parse(code.symbol) == code


def test_a_code_is_understood_as_people_type_it() -> None:
    typed = CODE.lower().replace("1", "l").replace("0", "o").replace("-", " ").replace("lo24/", "1024/")
    assert ShortCode.parse(f"  {typed} ") == short_code(HEAD)


@given(heads, st.data())
def test_one_wrong_character_is_always_noticed(head: Checkpoint, data: st.DataObject) -> None:
    code = short_code(head)
    place = data.draw(st.integers(0, len(code.characters) - 1))
    other = data.draw(st.sampled_from(sorted(set(ALPHABET) - {code.characters[place]})))
    wrong = ShortCode(code.size, code.characters[:place] + other + code.characters[place + 1 :])
    with pytest.raises(ShortCodeMalformed, match="KD-L306"):
        ShortCode.parse(str(wrong))


@pytest.mark.parametrize(
    "text", ["", "1024", CODE[:-1], CODE + "0", CODE.replace("1024", "1025"), "x/" + CODE]
)
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(ShortCodeMalformed):
        ShortCode.parse(text)


@given(heads, heads)
def test_different_heads_have_different_codes(one: Checkpoint, other: Checkpoint) -> None:
    assert (short_code(one) == short_code(other)) == (one == other)
