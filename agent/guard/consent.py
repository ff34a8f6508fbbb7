"""Is a message a plain yes or no to the card on the table?

Deliberately narrow, and rules rather than a model: a yes with a condition ("yes, but…") is neither, so that
money never moves on a maybe. Buttons on the card are the main way; this serves those who type.
"""

from __future__ import annotations

import re

_YES = re.compile(
    r"(?:(?:yes|yep|yeah|yup|ya|sure|ok|okay|okey|correct|right|absolutely|definitely|perfect|great|fine|good|confirm(?:ed)?"
    r"|agreed|alright|exactly|affirmative|please|thanks|thank you|"
    r"i confirm|i agree|i'm sure|im sure|go ahead|go for it|do it|do that|proceed|please do|sounds good|looks good|"
    r"that's (?:right|correct|fine|good|ok)|thats (?:right|correct|fine|good|ok)|yes please|"
    r"cancel it|please cancel(?: it)?|go on|make it so|of course|"
    r"that works|works for me|please go ahead|all good)[\s,.!]*)+"
)
_NO = re.compile(
    r"(?:(?:no|nope|nah|don't|dont|do not|stop|never ?mind|forget it|leave it|cancel that|not now|wait|"
    r"no thanks|no thank you|i changed my mind|changed my mind|keep it|keep the order|please|thanks|thank you|"
    r"don't do (?:it|that)|dont do (?:it|that)|do not do (?:it|that)|rather not|i'd rather not|better not)[\s,.!]*)+"
)
_IRONY = re.compile(r"(?:oh,? )?(?:yeah|yea|ya|sure),? right[\s,.!]*")
_POLITE = re.compile(r"(?:(?:please|thanks|thank you|right|good|great|fine|perfect)[\s,.!]*)+")


def consent(text: str) -> bool | None:
    """True for a plain yes, False for a plain no, None for anything else."""
    said = re.sub(r"[’`]", "'", text.strip().lower())
    said = re.sub(r"(?:\U0001f44d[\U0001f3fb-\U0001f3ff]?|✅)+", " yes ", said)
    said = re.sub(r"(?:\U0001f44e[\U0001f3fb-\U0001f3ff]?|❌)+", " no ", said).strip()
    if not said or len(said) > 60 or _IRONY.fullmatch(said):
        return None
    if _NO.fullmatch(said) and not _POLITE.fullmatch(said):
        return False
    if _YES.fullmatch(said) and not (_POLITE.fullmatch(said) and said.startswith(("thank", "please"))):
        return True
    return None
