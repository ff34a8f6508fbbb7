"""Prices and stock as catalogues write them, read without guessing: what is ambiguous is a bad row."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from agent.feeds.entries import RowError
from agent.shop import Money, exponent

# The codes of ISO 4217 in use for goods.
CURRENCIES = frozenset(
    re.findall(
        "[A-Z]{3}",
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
        "CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD "
        "HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD "
        "MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN "
        "PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY "
        "TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG ",
    )
)
# What a sign may stand for; the first where the catalogue's own currency is none of them.
_SIGNS = {
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "TWD", "CLP", "COP", "ARS"),
    "US$": ("USD",),
    "A$": ("AUD",),
    "C$": ("CAD",),
    "CA$": ("CAD",),
    "€": ("EUR",),
    "£": ("GBP",),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
    "₩": ("KRW",),
    "zł": ("PLN",),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
    "R$": ("BRL",),
    "CHF": ("CHF",),
}
_LARGEST_PRICE = Decimal(10) ** 12
LARGEST_STOCK = 2**31 - 1
_PRICE = re.compile(r"([^\d.,+-]*)([+-]?)([\d.,](?:[\d.,]|[ \u00a0\u202f'’](?=\d))*)\s*([^\d.,+-]*)")
_DIGIT_GAP = re.compile(r"(?<=\d)[ \u00a0\u202f'’](?=\d{3}(?!\d))")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?")
_PLAIN = re.compile(r"\d+\.?\d*|\.\d+")
_AVAILABLE = {"in stock": None, "instock": None, "available": None, "yes": None, "true": None}
_GONE = {"out of stock": 0, "outofstock": 0, "sold out": 0, "unavailable": 0, "no": 0, "false": 0}
_STOCK_WORDS: dict[str, int | None] = {**_AVAILABLE, **_GONE}


def currency_code(value: Any, default: str) -> str:
    """The ISO 4217 code of a row; the default where it names none. RowError for a code that is unknown."""
    code = str(value).strip().upper() if value is not None else ""
    if code and code not in CURRENCIES:
        raise RowError(f"the currency {code[:20]!r} is not an ISO 4217 code such as USD")
    return code or default


def money(value: Any, currency: str, decimal: str | None = None) -> Money | None:
    """A price: a number, or text such as ``15.00 USD``, ``$1,299`` or ``15,99 €``; None where it is empty.

    A currency written with the price goes before `currency`. `decimal` is the decimal sign, "." or ","; None
    decides by the text, and raises RowError where it could be either (``1.299``).
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool):
        raise RowError(f"the price {value!r} is not a number")
    if isinstance(value, int | float):
        return _checked(_exact(repr(value)), currency)
    text = str(value).strip()
    match = _PRICE.fullmatch(text) if len(text) <= 64 else None
    if match is None:
        raise RowError(f"the price {text[:40]!r} is not a number")
    before, sign, number, after = match.groups()
    currency = _currency_of_mark(before.strip() or after.strip(), currency, text)
    if sign == "-":
        raise RowError(f"the price {text[:40]!r} is negative")
    return _checked(_number(number, decimal, currency), currency)


def stock(value: Any) -> int | None:
    """Units on hand: a number, or words such as ``in stock`` (None: not counted) and ``sold out`` (0).

    Fewer than none is none. RowError for anything else.
    """
    text = str(value).strip().lower() if value is not None else ""
    if not text:
        return None
    words = text.replace("_", " ").replace("-", " ")
    if words in _STOCK_WORDS:
        return _STOCK_WORDS[words]
    try:
        count = Decimal(text.replace(",", "")) if len(text) <= 32 else Decimal("NaN")
    except InvalidOperation:
        count = Decimal("NaN")
    if not count.is_finite() or count > LARGEST_STOCK:
        raise RowError(f"the stock {text[:40]!r} is not a number of units")
    return max(0, int(count))


def _currency_of_mark(mark: str, currency: str, text: str) -> str:
    if not mark:
        return currency
    if mark.upper() in CURRENCIES:
        return mark.upper()
    meant = _SIGNS.get(mark)
    if meant is None:
        raise RowError(f"the price {text[:40]!r} has an unknown currency")
    return currency if currency in meant else meant[0]


def _number(text: str, decimal: str | None, currency: str) -> Decimal:
    text = _DIGIT_GAP.sub("", text)
    if decimal is None:
        decimal = _decimal_sign(text, currency)
    normal = text if decimal == "." else text.translate({ord("."): ",", ord(","): "."})
    if _GROUPED.fullmatch(normal):
        return _exact(normal.replace(",", ""))
    if _PLAIN.fullmatch(normal):
        return _exact(normal)
    raise RowError(f"the price {text!r} is not a number with {decimal!r} as its decimal sign")


def _decimal_sign(text: str, currency: str) -> str:
    dot, comma = text.rfind("."), text.rfind(",")
    if dot >= 0 and comma >= 0:
        return "." if dot > comma else ","
    if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", text) and exponent(currency) != 3:
        raise RowError(f"the price {text!r} may mean thousands or a decimal; set decimal in a mapping to say which")
    if comma >= 0:
        return "," if text.count(",") == 1 and len(text) - comma - 1 != 3 else "."
    return "," if text.count(".") > 1 else "."


def _exact(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise RowError(f"the price {text[:40]!r} is not a number") from None


def _checked(amount: Decimal, currency: str) -> Money:
    if not amount.is_finite():
        raise RowError("the price is not a finite number")
    if amount < 0:
        raise RowError(f"the price {amount} is negative")
    if amount > _LARGEST_PRICE:
        raise RowError("the price is too large")
    return Money.of(amount, currency)
