"""Typing errors are put right towards the catalogue's words; everything else is left alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from retrieval.encoder import TextEncoder
from retrieval.mentions import Mentions
from retrieval.spelled import spelled, speller, unknown
from tests.retrieval.word_encoder import WordEncoder

TITLES = ("Dragon Book", "Book of Dragons", "Tonic Water", "Tonic Water, 6 bottles", "Vinpocetine 10mg", "Vinpocetine")
MENTIONS = Mentions.build([(title,) for title in TITLES])


class Reading(WordEncoder):
    """An encoder that knows a word of the language which the catalogue never says."""

    def vocabulary(self) -> frozenset[str]:
        return frozenset({"tunic"})


def put_right(text: str, encoder: TextEncoder) -> str:
    return spelled(text, MENTIONS, speller(MENTIONS, encoder))


def test_a_typing_error_becomes_the_word_of_the_catalogue() -> None:
    assert put_right("Fragon book", WordEncoder()) == "dragon book"
    assert put_right("vinpositine", WordEncoder()) == "vinpocetine"


def test_words_of_the_catalogue_stay_as_they_are_written() -> None:
    assert put_right("DRAGONS  Books", WordEncoder()) == "DRAGONS Books"


def test_a_word_that_the_encoder_knows_is_no_typing_error() -> None:
    assert put_right("tunic", WordEncoder()) == "tonic"
    assert put_right("tunic", Reading()) == "tunic"


def test_words_that_were_added_later_stay_too() -> None:
    old = speller(MENTIONS, WordEncoder())
    more = MENTIONS.joined(Mentions.build([("Fragon",)]))
    assert spelled("fragon", MENTIONS, old) == "dragon"
    assert spelled("fragon", more, old) == "fragon"


def test_what_is_near_no_word_stays() -> None:
    assert put_right("qwertyuiop zzz 12-x3", WordEncoder()) == "qwertyuiop zzz 12-x3"


def test_only_words_that_no_product_says_are_unknown() -> None:
    assert unknown("dragon boat", MENTIONS)
    assert not unknown("dragon books", MENTIONS)
    assert not unknown("", MENTIONS)


@given(st.text(max_size=40))
def test_any_text_is_read(text: str) -> None:
    put_right(text, WordEncoder())
