"""Between rows and values: how addresses, calls, effects and the like are written as JSON and read back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from agent.messages import Change, Effect, ToolCall, ToolResult
from agent.shop import Address, Money

Json = dict[str, Any]


def now() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC)


def address_json(address: Address) -> Json:
    return asdict(address)


def read_address(row: Json) -> Address:
    return Address(**row)


def money_json(money: Money | None) -> Json | None:
    return None if money is None else {"minor": money.minor, "currency": money.currency}


def read_money(row: Json | None) -> Money | None:
    return None if row is None else Money(row["minor"], row["currency"])


def call_json(call: ToolCall) -> Json:
    return {"id": call.id, "name": call.name, "arguments": call.arguments}


def read_call(row: Json) -> ToolCall:
    return ToolCall(row["id"], row["name"], row["arguments"])


def result_json(result: ToolResult | None) -> Json | None:
    return None if result is None else asdict(result)


def read_result(row: Json | None) -> ToolResult | None:
    return None if row is None else ToolResult(**row)


def effect_json(effect: Effect) -> Json:
    return {
        "title": effect.title,
        "changes": [asdict(change) for change in effect.changes],
        "money": money_json(effect.money),
        "method": effect.method,
        "warnings": list(effect.warnings),
    }


def read_effect(row: Json) -> Effect:
    return Effect(
        title=row["title"],
        changes=tuple(Change(**change) for change in row["changes"]),
        money=read_money(row["money"]),
        method=row["method"],
        warnings=tuple(row["warnings"]),
    )
