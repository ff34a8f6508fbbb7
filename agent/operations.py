"""What a proposal does to the shop's records, exactly: ids and amounts, nothing left to work out.

A tool resolves the shopper's words to operations; the card shows them; the yes is bound to their hash; and
`agent.effects` carries out these and nothing else. An operation names the version of the record that it was
computed from, so that one computed from an older state is refused instead of done.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agent.shop import Address, Money

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """The whole order ends; what was paid goes back to the method that paid it."""

    order: str
    version: int
    reason: str
    refund: Money
    method: str


@dataclass(frozen=True, slots=True)
class Units:
    """So many units of one line of an order."""

    line: str
    count: int


@dataclass(frozen=True, slots=True)
class ReturnItems:
    """Delivered units go back to the shop; `refund` goes to `method`."""

    order: str
    version: int
    units: tuple[Units, ...]
    refund: Money
    method: str


@dataclass(frozen=True, slots=True)
class Swap:
    """Units of a line become units of another variant of the same product, at `price` each."""

    line: str
    count: int
    variant: str
    price: Money


@dataclass(frozen=True, slots=True)
class ChangeItems:
    """Lines of an order that has not left yet take other options. `money` > 0 goes back, < 0 is to be paid."""

    order: str
    version: int
    swaps: tuple[Swap, ...]
    money: Money
    method: str


@dataclass(frozen=True, slots=True)
class ExchangeItems:
    """Delivered units go back and others of the same product come. `money` as in `ChangeItems`."""

    order: str
    version: int
    swaps: tuple[Swap, ...]
    money: Money
    method: str


@dataclass(frozen=True, slots=True)
class SetOrderAddress:
    order: str
    version: int
    address: Address


@dataclass(frozen=True, slots=True)
class SetDefaultAddress:
    """The address on the shopper's account; `before` is what it must still be when this is done."""

    before: Address
    address: Address


@dataclass(frozen=True, slots=True)
class SetPayment:
    """`amount` is charged to `method`, and the same goes back to `before`."""

    order: str
    version: int
    method: str
    before: str
    amount: Money


Operation = CancelOrder | ReturnItems | ChangeItems | ExchangeItems | SetOrderAddress | SetDefaultAddress | SetPayment
_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (CancelOrder, ReturnItems, ChangeItems, ExchangeItems, SetOrderAddress, SetDefaultAddress, SetPayment)
}
_NESTED = {"refund": Money, "money": Money, "amount": Money, "price": Money, "address": Address}


def operation_json(operation: Operation) -> Json:
    """The operation as JSON, with its kind under ``do``."""
    return {"do": type(operation).__name__, **asdict(operation)}


def read_operation(data: Json) -> Operation:
    """The operation of `operation_json`. Raises KeyError or TypeError for anything else."""
    fields = {name: _value(name, value, data["do"]) for name, value in data.items() if name != "do"}
    operation: Operation = _KINDS[data["do"]](**fields)
    return operation


def fingerprint(operations: Sequence[Operation]) -> str:
    """The SHA-256 of the operations, in hex: what a yes is bound to."""
    text = json.dumps([operation_json(o) for o in operations], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _value(name: str, value: Any, kind: str) -> Any:
    if name == "units":
        return tuple(Units(**unit) for unit in value)
    if name == "swaps":
        return tuple(Swap(**{**swap, "price": Money(**swap["price"])}) for swap in value)
    if name == "before":
        return Address(**value) if kind == SetDefaultAddress.__name__ else value
    return _NESTED[name](**value) if name in _NESTED else value
