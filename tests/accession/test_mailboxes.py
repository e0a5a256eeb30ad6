from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.accession.members import Member
from tests.accession.samples import EndlessContent, mail, outcomes, shared, steps

FROM = b"From lin@example.com Mon Jun  1 10:00:00 2009\n"


def mbox(*mails: bytes) -> bytes:
    return b"".join(FROM + one + b"\n" for one in mails)


def test_each_mail_is_the_bytes_between_two_from_lines() -> None:
    mails = [mail(b"one\n"), mail(b"two\n\nFrom here on it is text\n"), mail(b">From quoted\n")]
    assert [result for _, _, result in outcomes(mbox(*mails), "mbox")] == mails


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=80).filter(lambda b: b"From " not in b), min_size=1, max_size=5))
def test_ranges_of_a_mailbox_cover_it_wholly(bodies: list[bytes]) -> None:
    raw = mbox(*[mail(body + b"\n") for body in bodies])
    reach = 0
    for step in steps(raw, "mbox"):
        assert isinstance(step, Member)
        assert step.range is not None
        assert step.range.offset == reach
        reach += step.range.length
    assert reach == len(raw)


def test_a_from_line_must_follow_a_blank_line_and_tell_a_time() -> None:
    body = b"line\nFrom bo@example.com Mon Jun  1 10:00:00 2009\nnot a new mail\n\nFrom now on\n"
    assert [result for _, _, result in outcomes(mbox(mail(body)), "mbox")] == [mail(body)]


def test_the_first_line_need_not_tell_a_time() -> None:
    assert [result for _, _, result in outcomes(b"From MAILER\n" + mail(), "mbox")] == [mail()]


def test_windows_line_ends_are_understood() -> None:
    raw = mbox(mail(b"one\r\n"), mail(b"two\r\n")).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert [result for _, _, result in outcomes(raw, "mbox")] == [mail(b"one\r\n"), mail(b"two\r\n")]


def test_a_real_mailbox_gives_its_three_mails() -> None:
    content = shared("complex.mbox")
    found = outcomes(content, "mbox")
    assert [len(result) for _, _, result in found] == [3693, 5179, 4784]
    assert outcomes(content, "mbox", start_after=1) == found[2:]


def test_a_line_of_hundreds_of_megabytes_is_passed_in_pieces() -> None:
    endless = EndlessContent(b"x" * 1_000_000, 300)
    assert steps(endless, "mbox") == []


def test_a_large_mailbox_is_never_held_whole() -> None:
    block = mbox(mail(b"x" * 900 + b"\n" * 2)) * 100
    endless = EndlessContent(block, 200)
    found = steps(endless, "mbox")
    assert len(found) == 20_000
    last = found[-1]
    assert isinstance(last, Member)
    assert last.open().read(5) == b"From:"


def test_an_empty_mailbox_gives_nothing() -> None:
    assert steps(b"", "mbox") == []
