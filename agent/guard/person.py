"""Does the shopper ask for a person? Read by code before any model is asked, so that no model can stand in the way.

Rules rather than a model, and rather too few than too many: what they miss, the dialog model may still see. Not
covered: wishes for a person that name none ("call me"), and other languages than English.
"""

from __future__ import annotations

import re

_WHO = (
    r"(?:(?:an?|the|some|your|another|one of your|any)\s+)?"
    r"(?:(?:real|live|actual|human|proper|support|service|sales)\s+)*"
    r"(?:human(?: being)?s?|persons?|people|agents?|operators?|representatives?|reps?|managers?|supervisors?"
    r"|colleagues?|advisors?|employees?|team members?|staff(?: members?)?|customer (?:service|support|care)"
    r"|some(?:one|body)(?: (?:real|human|else|in charge))?|support(?: team)?)"
)
_TALK = r"(?:talk|speak|chat|write|be connected|be transferred|be put through)(?:ing)?\s+(?:to|with)"
_BRING = (
    r"(?:connect|transfer|pass|put|forward|hand|switch)\s+me\s+(?:over\s+|through\s+)?(?:to|with)"
    r"|(?:get|give|find|bring)\s+me|(?:want|need|prefer|demand|'d like)|bring in|let me have"
)
_PLAIN = r"(?:human|real person|live agent|real human|a person|a human|operator|representative)"
_ASKS = re.compile(
    rf"\b{_TALK}\s+{_WHO}\b"
    rf"|(?:\b|(?<=i)(?='d))(?:{_BRING})\s+(?!some(?:one|body)\b){_WHO}\b(?!\s+(?:who|that|of|for|to\s+(?:sit|sleep|fit|carry|hold)|tent|sized?))"
    rf"|^\W*(?:{_PLAIN})(?:\s*,?\s*(?:please|pls|now))?\W*$"
)
_NOT = re.compile(r"\b(?:don't|dont|do not|no need|without|not)\b[^.!?]{0,25}$")


def asks_for_person(text: str) -> bool:
    """True where the message asks to be brought together with a person of the shop."""
    said = re.sub(r"[’`]", "'", text.lower())
    match = _ASKS.search(said)
    return match is not None and not _NOT.search(said[: match.start()])
