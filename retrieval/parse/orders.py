"""What is asked of the order and the level of prices: the cheapest, cheaper, cheap; and of ratings and stock."""

from __future__ import annotations

import re

from retrieval.parse.cutting import Cutting
from retrieval.parse.phrases import one_of, phrase
from retrieval.query import Sort

_SORTS = (
    (
        phrase("""
            (?:the )?(?:very )?(?:cheapest|least expensive|lowest[- ](?:priced?|costs?)|most affordable|least pricey)
            (?:the )?(?:lowest|best) price
            (?:sort(?:ed)? |order(?:ed)? )?(?:by )?price(?: from)? low to high | sort(?:ed)? by price
            lowest price first | cheapest first
        """),
        Sort.CHEAPEST,
    ),
    (
        phrase("""
            (?:the )?(?:most expensive|priciest|dearest|highest[- ]priced?|highest price|most costly)
            (?:the )?(?:fanciest|most luxurious) | price high to low
        """),
        Sort.MOST_EXPENSIVE,
    ),
    (
        phrase("""
            (?:the |with (?:the )?)?(?:best|top|highest|better)[- ]?(?:rated|reviewed|reviews?|ratings?) | most popular
            (?:the )?(?:one )?with (?:the )?(?:best|most|highest) (?:reviews|ratings?|stars)
        """),
        Sort.BEST_RATED,
    ),
)
_MORE_SO = r"(?:(?:a (?:bit|little)|even|much|way|something|anything|any|somewhat|slightly) )*"
_CHEAPER = phrase(rf"""
    {_MORE_SO}(?:cheaper|less (?:expensive|pricey|costly)|more affordable|lower priced?)(?: ones?| options?)?(?! than)
    not so (?:expensive|pricey) | too much money | can't afford (?:that|it|this|those)
    (?:that's |it's |still )?(?:a bit |way |far |much |still )*too (?:expensive|pricey|dear|costly)
    (?:that's |it's )?(?:a bit |way )?too much(?: for me)?(?=\s*(?:$|[.,!?]))
    (?:out of|over|above|beyond) (?:my|our) (?:budget|price range)
""")
_DEARER = phrase(rf"""
    {_MORE_SO}(?:more expensive|pricier|fancier|more premium|higher end|more upmarket|dearer|more luxurious)(?! than)
""")
_CHEAP = phrase("""
    (?:not|nothing) (?:too |very |so |that |overly )?(?:expensive|pricey|dear|costly) | cheap | cheapish | inexpensive
    affordable | budget(?:[- ]friendly)? | low[- ]cost | low[- ]priced? | good value | reasonably priced
    doesn't cost (?:too )?much | not (?:too |that )much money
""")
_BETTER = r"(?:more|better|higher|above|up|over)"
_AT_LEAST = (
    r"(?:(?:(?:with|a|an|have|has|customer|average|user|star|minimum|min|at least|over|above|of)\s+)*"
    r"(?:rated|ratings?|reviews?|reviewed)"
    r"(?:\s+(?:is|are|at|of|at least|over|above|minimum|(?:better|higher|more) than|from))*\s+)"
)
_STARS = r"(?:\s*(?:-| )?(?:stars?)(?:\s+(?:ratings?|reviews?))?)"
_OR_BETTER = rf"(?:\s*(?:\+|plus\b|or {_BETTER}|and (?:up|above|over|higher|better)))"
_VALUE = r"(?P<a>[1-5](?:\.\d)?)(?:\s*/\s*5|\s+out of\s+(?:5|five))?"
_RATING = re.compile(
    rf"(?:{_AT_LEAST}{_VALUE}(?![\d.]|\s*%){_STARS}?{_OR_BETTER}?{_STARS}?"
    rf"|(?:(?:with|at least|minimum|min|over|above|from|more than|better than)\s+)*"
    rf"(?<![\d.]){_VALUE.replace('<a>', '<b>')}{_OR_BETTER}?{_STARS}{_OR_BETTER}?"
    rf"(?:\s*(?:ratings?|rated))?)(?![\w])"
)
_STOCK = re.compile(
    r"(?<!\w)(?:only\s+)?(?:(?:that|which|what)(?:'s)?\s+)?(?:(?:you|u)\s+(?:have|got)\s+)?(?:(?:is|are)\s+)?"
    r"(?:(?:currently|still|actually)\s+)?"
    + one_of("""
        in[- ]stock | available (?:right )?now | available today | on hand | ready to ship
        ships? (?:now|today|immediately)
        (?:not|nothing|no|isn't|aren't|non|never)(?: that is| that's)? (?:sold[- ]out|out of stock|unavailable)
    """)
    + r"(?!\w)"
)


def cut_rating(text: Cutting) -> float | None:
    """Cut out the rating that products must have at the least."""
    return next((float(match["a"] or match["b"]) for match in text.cut(_RATING, most=1)), None)


def cut_sort(text: Cutting) -> Sort | None:
    """Cut out a superlative."""
    return next((order for pattern, order in _SORTS if text.take(pattern)), None)


def cut_stock(text: Cutting) -> bool:
    """Cut out the wish for what is there now."""
    return text.take(_STOCK)


def cut_cheap(text: Cutting) -> bool:
    """Cut out "cheap" and its like: the lower half of the prices."""
    return text.take(_CHEAP)


def cut_not_dear(text: Cutting) -> bool:
    """Cut out "not too expensive", which is no wish for something cheaper than what was shown."""
    return text.take(_NOT_DEAR)


def cut_relative(text: Cutting) -> tuple[bool, bool]:
    """Cut out "cheaper" and "fancier", relative to what was shown."""
    return text.take(_CHEAPER), text.take(_DEARER)


_NOT_DEAR = phrase("(?:not|nothing) (?:too |very |that |overly |all that )(?:expensive|pricey|dear|costly)")
