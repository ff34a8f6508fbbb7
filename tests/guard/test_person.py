"""Whoever asks for a person gets one, whatever the dialog model would do."""

from __future__ import annotations

import pytest

from agent.guard.person import asks_for_person


@pytest.mark.parametrize(
    "text",
    [
        "i want to talk to a person",
        "my parcel is broken, i want a human",
        "Let me speak to a human being!",
        "get me an agent",
        "can i talk to someone real",
        "connect me to customer service",
        "human please",
        "I need to speak with a representative",
        "real person",
        "give me a manager",
        "please transfer me to support staff",
        "i don't want to talk to a bot, i want a human",
        "could I chat with one of your colleagues?",
        "i’d like to speak to somebody in charge",
        "put me through to an operator now",
        "is it possible to talk to a real human",
    ],
)
def test_who_asks_for_a_person_is_heard(text: str) -> None:
    assert asks_for_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "i need a gift for a person who likes tea",
        "a tent for four people",
        "i want a chair for a person of 120 kg",
        "do you have personalised mugs",
        "a human anatomy poster",
        "i don't want to talk to a human",
        "no need to connect me to an agent",
        "what do other people buy",
        "i like people watching",
        "cleaning agent for ovens",
        "i need someone to love me",
        "suggest something for my manager",
        "",
    ],
)
def test_who_speaks_of_people_is_not_handed_over(text: str) -> None:
    assert not asks_for_person(text)
