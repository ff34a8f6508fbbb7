"""What of the shop a chat could have changed: compared before and after, it shows that nothing was."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from agent.services import Services
from agent.store import tables

_WATCHED = (
    tables.orders, tables.order_lines, tables.order_history, tables.payments, tables.payment_methods,
    tables.shoppers, tables.outbox, tables.preferences, tables.variants,
)  # fmt: skip


def shop_state(shop: Services) -> dict[str, list[Any]]:
    with shop.database.read() as connection:
        return {t.name: sorted(map(repr, connection.execute(select(t)).all())) for t in _WATCHED}
