"""Prices as shops write them: just under a round figure, in more than one fashion."""

from __future__ import annotations


def shop_price(amount: float, ending: float) -> int:
    """An amount of money rounded to a price that looks like one, in minor units (hundredths).

    `ending` in [0, 1) picks the fashion, so that the choices of one product share theirs.
    """
    if amount < 20:
        return max(round(amount) * 100, 200) - (1 if ending < 0.5 else 5 if ending < 0.8 else 50)
    if amount < 150:
        return round(amount) * 100 - (1 if ending < 0.45 else 5 if ending < 0.65 else 0)
    step = 5 if amount < 400 else 10
    whole = round(amount / step) * step
    return (whole - 1) * 100 if ending < 0.55 else whole * 100 - (1 if ending < 0.8 else 0)
