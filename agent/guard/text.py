"""Guarding a shopper's text before anything is stored: cleaned, cut, and secrets masked.

Covered: control and invisible characters, over-long text, card numbers (by Luhn's check), card security
codes, IBANs, US social security numbers, and passwords that are named as such. Not covered: secrets that
look like ordinary words, and personal data that a shopper may rightly mention (name, address, e-mail).
"""

from __future__ import annotations

import re
import unicodedata

_DIGITS = re.compile(r"(?<!\d)\d(?:[\s.\-–/]{0,2}\d){12,}(?!\d)")
_IBAN_START = re.compile(r"\b[A-Za-z]{2}\d{2}(?=(?:[ -]?[A-Za-z0-9]){11})")
_SSN = re.compile(r"\b\d{3}-\d{2}-\d{4}\b")
_CVC = re.compile(r"(?i)\b(cvv2?|cvc2?|security code)((?:[\s:=#]|is|number|on the back)*)\d{3,4}\b")
_PASSWORD = re.compile(
    r"(?i)\b(?:(password|passcode|pwd)(\s*(?:is|:|=)[\s:=\"']*)(?!(?:not|wrong|incorrect|invalid|lost)\b)\S+"
    r"|(pin)(\s*(?:code\s*)?(?:is|:|=)[\s:=]*)\d{4,8}\b)"
)
_NEW_LINE = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")


def clean(text: str, most: int) -> str:
    """Normalised text (NFC) without control or invisible characters, of at most `most` characters."""
    text = _NEW_LINE.sub("\n", unicodedata.normalize("NFC", text[: most * 4]))
    kept = "".join(c for c in text if _visible(c))
    return re.sub(r"[ \t]{3,}", "  ", kept).strip()[:most].rstrip()


def _visible(character: str) -> bool:
    # The zero-width joiner holds emoji families and some scripts together; everything else invisible goes. Emoji
    # younger than this Python's tables count as unassigned.
    return (
        character in "\n\t\u200d"
        or "\U0001f000" <= character <= "\U0001faff"
        or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )


def mask_secrets(text: str) -> str:
    """The text with card numbers, IBANs, social security numbers, security codes and passwords masked."""
    text = _mask_ibans(text)
    text = _DIGITS.sub(lambda m: _mask_cards(m.group()), text)
    text = _SSN.sub("[number removed]", text)
    text = _CVC.sub(r"\1\2[removed]", text)
    return _PASSWORD.sub(r"\1\2\3\4[removed]", text)


def _mask_cards(run: str) -> str:
    """A run of digits and separators with each card number in it masked.

    A card's expiry or code often follows it without a word between, so every stretch of whole groups is tried.
    """
    groups = list(re.finditer(r"\d+", run))
    parts, at, first = [], 0, 0
    while first < len(groups):
        last = _card_end(groups, first)
        if last is not None:
            parts += [run[at : groups[first].start()], f"[card ending {_ending(groups[first : last + 1])}]"]
            at, first = groups[last].end(), last
        first += 1
    return "".join(parts) + run[at:]


def _ending(groups: list[re.Match[str]]) -> str:
    return "".join(g.group() for g in groups)[-4:]


def _card_end(groups: list[re.Match[str]], first: int) -> int | None:
    """The last of the groups that are a card number from `first` on: the longest that passes; None for none."""
    digits, found = "", None
    for place in range(first, len(groups)):
        digits += groups[place].group()
        if len(digits) > 19:
            break
        if len(digits) >= 13 and int(digits[0]) in range(2, 7) and luhn(digits):
            found = place
    return found


def _mask_ibans(text: str) -> str:
    parts, at = [], 0
    for match in _IBAN_START.finditer(text):
        end = _iban_end(text, match.start()) if match.start() >= at else None
        if end is not None:
            parts += [text[at : match.start()], "[bank account removed]"]
            at = end
    return "".join(parts) + text[at:]


def _iban_end(text: str, start: int) -> int | None:
    """Where the IBAN that begins here ends, by the check digits of ISO 13616; None where none begins here."""
    compact = ""
    best = None
    for place in range(start, len(text)):
        character = text[place]
        if character in " -":
            continue
        if not (character.isascii() and character.isalnum()) or len(compact) == 34:
            break
        compact += character
        ends = place + 1 == len(text) or not text[place + 1].isalnum()
        if ends and len(compact) >= 15 and _mod_97(compact) == 1:
            best = place + 1
    return best


def _mod_97(iban: str) -> int:
    return int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97


def luhn(digits: str) -> bool:
    """Does a number pass the check of ISO/IEC 7812-1, Annex B?"""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
