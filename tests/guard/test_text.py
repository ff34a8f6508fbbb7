"""A shopper's text before anything of it is stored: secrets masked, the invisible gone, what people write kept."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.guard.text import clean, luhn, mask_secrets
from tests.growth import LINEAR, growth

CARDS = """4111111111111111|5555555555554444|378282246310005|6011111111111117|3530111333300000|2223003122003222
30569309025904|4222222222222|4000000000000000006"""


@pytest.mark.parametrize("number", CARDS.replace("\n", "|").split("|"))
@pytest.mark.parametrize("form", ["{}", "my card is {}.", "card:{}", "({})", "visa{}", "{} please", "a {}\nb", "#{}"])
def test_a_card_number_is_masked_but_for_its_end(number: str, form: str) -> None:
    masked = mask_secrets(form.format(number))
    assert number not in masked
    assert f"[card ending {number[-4:]}]" in masked


@pytest.mark.parametrize(
    "typed",
    [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "4111  1111  1111  1111",
        "4111 1111-1111 1111",
        "4111\u00a01111\u00a01111\u00a01111",
        "3782 822463 10005",
        "4111\n1111\n1111\n1111",
        "４１１１ １１１１ １１１１ １１１１",
        "4111 1111 1111 1111 12/27",
        "4111 1111 1111 1111 12/27 123",
        "4111111111111111 123",
        "4111 1111 1111 1111 1227 123",
        "10482 4111 1111 1111 1111",
        "4111 1111 1111 1111 5555 5555 5555 4444",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    ],
)
def test_a_card_number_is_masked_however_it_is_typed_and_whatever_follows(typed: str) -> None:
    masked = unicodedata.normalize("NFKC", mask_secrets(clean(f"pay with {typed} thanks", 4000)))
    assert "[card ending" in masked
    digits = "".join(c for c in masked if c.isdigit())
    assert "11111111" not in digits
    assert "55555555" not in digits


def test_an_invisible_character_within_a_card_number_does_not_hide_it() -> None:
    hidden = "4111\u200b1111\u200d1111\u00ad1111"
    assert "[card ending" in mask_secrets(clean(hidden.replace("\u200d", "\u200b"), 4000))


@given(st.integers(2, 6), st.text("0123456789", min_size=11, max_size=17), st.sampled_from(["", " ", "-"]))
def test_every_number_that_passes_luhn_is_masked(first: int, middle: str, separator: str) -> None:
    body = f"{first}{middle}"
    check = next(c for c in "0123456789" if luhn(body + c))
    number = body + check
    typed = separator.join(number[i : i + 4] for i in range(0, len(number), 4))
    assert typed not in mask_secrets(f"it is {typed}, thanks")


@pytest.mark.parametrize(
    "harmless",
    [
        "order 10482",
        "orders JF-10482 and JF-10483",
        "call me at +44 20 7946 0958",
        "4111111111111112",
        "ISBN 978-3-16-148410-0",
        "tracking 1Z999AA10123456784",
        "RR123456785GB",
        "under $1,299.99",
        "between 2026-03-03 and 2026-04-04",
        "a 1920x1080 screen",
        "GB12 is my sector",
        "the pin is bent",
        "my password is not working",
        "is the security code reader in stock?",
        "3.14159265358979",
        "AB12 CDEF GHIJ KLMN",
        "I have 2 kids, 3 cats and 4 dogs in 5 rooms",
    ],
)
def test_what_is_no_secret_is_kept(harmless: str) -> None:
    assert mask_secrets(harmless) == harmless


@pytest.mark.parametrize(
    "iban",
    [
        "DE89370400440532013000",
        "DE89 3704 0044 0532 0130 00",
        "de89 3704 0044 0532 0130 00",
        "GB29 NWBK 6016 1331 9268 19",
        "FR14 2004 1010 0505 0001 3M02 606",
        "NO93 8601 1117 947",
        "MT84MALT011000012345MTLCAST001S",
    ],
)
@pytest.mark.parametrize("form", ["{}", "send it to {} please", "AB12 is my code and my iban is {}, ok", "IBAN:{}"])
def test_an_iban_is_masked(iban: str, form: str) -> None:
    masked = mask_secrets(form.format(iban))
    assert masked == form.format("[bank account removed]")


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("my ssn is 123-45-6789", "6789"),
        ("cvv 123", "123"),
        ("CVV: 1234", "1234"),
        ("cvc is 987", "987"),
        ("cvv2=123", "123"),
        ("the security code is 123", "123"),
        ("security code: is 123", "123"),
        ("my cvv number is 123", "123"),
        ("security code on the back is 123", "123"),
        ("password: hunter2", "hunter2"),
        ("my password is hunter2", "hunter2"),
        ("my password is: hunter2", "hunter2"),
        ("password = 'hunter2'", "hunter2"),
        ("passcode is abc9", "abc9"),
        ("PIN: 4711", "4711"),
        ("my pin code is 4711", "4711"),
        ("pwd=hunter2", "hunter2"),
    ],
)
def test_other_secrets_that_are_named_as_such_are_masked(text: str, secret: str) -> None:
    masked = mask_secrets(text)
    assert secret not in masked
    assert "removed]" in masked


def test_masking_twice_is_masking_once() -> None:
    text = "4111 1111 1111 1111, cvv 123, DE89 3704 0044 0532 0130 00, 123-45-6789, password: hunter2"
    assert mask_secrets(mask_secrets(text)) == mask_secrets(text)


def test_without_masking_these_secrets_would_be_stored() -> None:
    """The fault planted: text that is cleaned only."""
    assert "4111 1111 1111 1111" in clean("4111 1111 1111 1111", 4000)


# --- cleaning --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kept",
    [
        "👨‍👩‍👧‍👦",
        "👋🏽",
        "🏳️‍🌈",
        "🇩🇪",
        "1️⃣",
        "🫨",
        "naïve Zürich 東京 מנהל हिन्दी",
        "a\nb",
        "a\tb",
        "„Größe“ – 5×5 ½ m²",
        "<b>hi</b>",
        "{1.price}",
    ],
)
def test_what_people_write_is_kept(kept: str) -> None:
    assert clean(kept, 4000) == kept


@pytest.mark.parametrize(
    ("dirty", "expected"),
    [
        ("a\x00b\x07c\x1b[31m", "abc[31m"),
        ("a\u200bb\ufeffc\u2060d", "abcd"),
        ("\u202eevil\u202c", "evil"),
        ("a\r\nb\rc\x85d", "a\nb\nc\nd"),
        ("one\u2028two", "one\ntwo"),
        ("a\ud800b", "ab"),
        ("a\ue000b", "ab"),
        ("a\U000e0041b", "ab"),
        ("  hi  ", "hi"),
        ("a      b", "a  b"),
        ("e\u0301", "é"),
        ("\x00\x01", ""),
        ("a\ufffeb", "ab"),
    ],
)
def test_what_nobody_sees_is_taken_out(dirty: str, expected: str) -> None:
    assert clean(dirty, 4000) == expected


@given(st.text(st.characters()), st.integers(200, 4000))
def test_cleaning_is_bounded_and_leaves_nothing_invisible(text: str, most: int) -> None:
    cleaned = clean(text, most)
    assert len(cleaned) <= most
    assert not [c for c in cleaned if unicodedata.category(c) in ("Cc", "Cs", "Co") and c not in "\n\t"]
    assert clean(cleaned, most) == cleaned
    cleaned.encode()  # both databases take it


@pytest.mark.parametrize(
    "piece", ["4", "4 ", "x", "👨‍👩‍👧‍👦", "DE89 ", "password: ", "\u0301", "cvv ", " ", "4111 1111 1111 1112 "]
)
def test_a_hundred_kilobytes_are_cut_and_masked_at_once(piece: str) -> None:
    def work(size: int) -> str:
        return mask_secrets(clean(piece * (size // len(piece)), 4000))

    assert len(work(100_000)) <= 8_000
    assert growth(work, 25_000) < LINEAR
