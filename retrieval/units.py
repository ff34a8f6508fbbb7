"""Measures: numbers with a unit, made comparable within what they measure."""

from __future__ import annotations

from dataclasses import dataclass

from retrieval.words import UNIT_OF, words

_FACTORS = {
    "length": {"mm": 0.001, "cm": 0.01, "m": 1.0, "km": 1000.0, "inch": 0.0254, "ft": 0.3048, "yd": 0.9144},
    "weight": {"mg": 1e-6, "g": 0.001, "kg": 1.0, "oz": 0.028349523125, "lb": 0.45359237},
    "volume": {"ml": 0.001, "cl": 0.01, "l": 1.0, "pt": 0.473176473, "qt": 0.946352946, "gal": 3.785411784},
    "storage": {"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12},
    "frequency": {"hz": 1.0, "khz": 1e3, "mhz": 1e6, "ghz": 1e9},
    "power": {"w": 1.0, "kw": 1e3},
    "apparent power": {"va": 1.0, "kva": 1e3},
    "people": {"people": 1.0},
    "pieces": {"pc": 1.0},
    "charge": {"mah": 1.0},
}
_KNOWN = {
    unit: (number, factor) for number, units in enumerate(_FACTORS.values(), start=1) for unit, factor in units.items()
}

_NAMES = {
    "length": "length width height depth diagonal diameter",
    "weight": "weight",
    "volume": "capacity volume",
    "storage": "memory storage capacity",
    "frequency": "frequency",
    "power": "power wattage output",
    "apparent power": "power capacity",
    "people": "seat sleep people person",
    "pieces": "piece",
    "charge": "capacity charge",
}
_COUNTED = {"seat": "people", "seater": "people", "person": "people", "people": "people", "pack": "pc"}
"""Counted things that are units only where a text is nothing but a number of them."""
NAMES_OF_KIND = {number: frozenset(_NAMES[name].split()) for number, name in enumerate(_FACTORS, start=1)}
"""Words in the name of an attribute whose unitless numbers are read as such a measure."""


KINDS = ("", *_FACTORS)
"""The name of each kind of measure by its number; nothing for numbers without a known unit."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number as written; where its unit is known, what kind of thing it measures (0: no unit) and the SI amount."""

    number: float
    kind: int = 0
    amount: float = 0.0


def measure(text: str, name: str = "") -> Measure | None:
    """The measure that a text is ("32 GB", "6.5in", "12"), or None where it is another kind of text.

    Args:
        text: a value or a limit.
        name: the attribute's name, whose last word may be the unit ("capacity ml", "width (cm)").
    """
    if len(text) > 40:
        return None
    found = words(text)
    if not found or len(found) > 2 or not found[0].replace(".", "", 1).isdecimal():
        return None
    unit = unit_of_name(name) if len(found) == 1 else _COUNTED.get(found[1], UNIT_OF.get(found[1]))
    if unit is None:
        return None
    sign = -1.0 if text.lstrip().startswith("-") else 1.0
    return with_unit(sign * float(found[0]), unit)


def unit_of_name(name: str) -> str:
    """The unit at the end of an attribute's name, or nothing."""
    last = name.replace("_", " ").replace(")", "").replace("(", " ").split()[1:][-1:]
    return UNIT_OF.get(last[0].casefold(), "") if last and last[0] != "in" else ""


def factors_of(kind: int) -> dict[str, float]:
    """Every unit of a kind of measure, with its SI amount."""
    return {unit: factor for unit, (number, factor) in _KNOWN.items() if number == kind}


def with_unit(number: float, unit: str) -> Measure:
    """A measure from a number and a unit as `retrieval.words` spells it ("" for none)."""
    kind, factor = _KNOWN.get(unit, (0, 0.0))
    return Measure(number, kind, number * factor)
