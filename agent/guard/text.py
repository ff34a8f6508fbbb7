"""Guarding a shopper's text before anything is stored: cleaned, cut, and secrets masked.

Covered: control and invisible characters, over-long text, card numbers (by Luhn's check), card security
codes, IBANs, US social security numbers, and passwords that are named as such. Not covered: secrets that
look like ordinary words, and personal data that a shopper may rightly mention (name, address, e-mail).
"""

from __future__ import annotations

import re
import unicodedata

_CARD = re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_SSN = re.compile(r"\b\d{3}-\d{2}-\d{4}\b")
_CVC = re.compile(r"(?i)\b(cvv2?|cvc2?|security code)(\s*(?:is|:|=|#)?\s*)\d{3,4}\b")
_PASSWORD = re.compile(r"(?i)\b(password|passcode|pin)(\s*(?:is|:|=)\s*)\S+")


def clean(text: str, most: int) -> str:
    """Normalised text (NFC) without control or invisible characters, of at most `most` characters."""
    text = unicodedata.normalize("NFC", text[: most * 4])
    kept = (
        c if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn") else _joiner(c) for c in text
    )
    return re.sub(r"[ \t]{3,}", "  ", "".join(kept)).strip()[:most]


def _joiner(character: str) -> str:
    # The zero-width joiner holds emoji families and some scripts together; everything else invisible goes.
    return character if character == "\u200d" else ""


def mask_secrets(text: str) -> str:
    """The text with card numbers, IBANs, social security numbers, security codes and passwords masked."""
    text = _CARD.sub(lambda m: _mask_card(m.group()), text)
    text = _IBAN.sub("[bank account removed]", text)
    text = _SSN.sub("[number removed]", text)
    text = _CVC.sub(r"\1\2[removed]", text)
    return _PASSWORD.sub(r"\1\2[removed]", text)


def _mask_card(found: str) -> str:
    digits = re.sub(r"\D", "", found)
    return f"[card ending {digits[-4:]}]" if luhn(digits) else found


def luhn(digits: str) -> bool:
    """Does a number pass the check of ISO/IEC 7812-1, Annex B?"""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
