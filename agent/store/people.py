"""Shoppers and their orders in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from agent.errors import Conflict, NotFound
from agent.shop import (
    Money,
    Order,
    OrderChange,
    OrderLine,
    OrderStatus,
    Payment,
    PaymentKind,
    PaymentMethod,
    Shopper,
)
from agent.store.database import Database
from agent.store.rows import address_json, read_address
from agent.store.tables import order_history, order_lines, orders, payment_methods, payments, shoppers


class PeopleStore:
    """Reads shoppers and orders; writes take a connection, so that they join the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def shopper(self, shopper_id: str) -> Shopper:
        """Raises NotFound for an id that nobody has."""
        with self._db.read() as connection:
            row = connection.execute(select(shoppers).where(shoppers.c.id == shopper_id)).first()
            if row is None:
                raise NotFound(f"there is no shopper {shopper_id!r}")
            return _shopper(connection, row)

    def simulated(self, most: int = 20) -> list[Shopper]:
        """The first people of the demo shop, who may be impersonated there."""
        query = select(shoppers).where(shoppers.c.simulated).order_by(shoppers.c.id).limit(most)
        with self._db.read() as connection:
            return [_shopper(connection, row) for row in connection.execute(query).all()]

    def count(self) -> int:
        with self._db.read() as connection:
            return connection.execute(select(func.count()).select_from(shoppers)).scalar_one()

    def orders_of(self, shopper_id: str, most: int = 10) -> list[Order]:
        """A shopper's orders, the newest first."""
        query = select(orders).where(orders.c.shopper_id == shopper_id)
        query = query.order_by(orders.c.placed_at.desc(), orders.c.id.desc()).limit(most)
        with self._db.read() as connection:
            return _orders(connection, connection.execute(query).all())

    def order(self, order_id: str, shopper_id: str) -> Order:
        """One order of this shopper.

        Raises:
            NotFound: there is no such order, or it is somebody else's; the two look the same.
        """
        found = self.find_order(order_id, shopper_id)
        if found is None:
            raise NotFound(f"no order {order_id} in this account")
        return found

    def find_order(self, order_id: str, shopper_id: str) -> Order | None:
        """One order of this shopper, or None."""
        with self._db.read() as connection:
            return read_order(connection, order_id, shopper_id)

    def add(self, people: Iterable[Shopper], their_orders: Iterable[Order]) -> None:
        """Add shoppers and orders, all or nothing."""
        with self._db.write() as connection:
            _insert_shoppers(connection, list(people))
            _insert_orders(connection, list(their_orders))


def read_order(connection: Connection, order_id: str, shopper_id: str) -> Order | None:
    """One order of this shopper within a transaction, or None."""
    query = select(orders).where(orders.c.id == order_id, orders.c.shopper_id == shopper_id)
    return next(iter(_orders(connection, connection.execute(query).all())), None)


def change_order(connection: Connection, order: Order, status: OrderStatus, entry: OrderChange) -> None:
    """Move an order to a state and write its history, if it still is as `order` was read.

    Raises:
        Conflict: the order has changed since.
    """
    result = connection.execute(
        update(orders)
        .where(orders.c.id == order.id, orders.c.version == order.version)
        .values(status=status.value, version=order.version + 1)
    )
    if result.rowcount != 1:
        raise Conflict(f"order {order.id} has changed meanwhile")
    connection.execute(
        insert(order_history).values(
            order_id=order.id, position=len(order.history), at=entry.at, status=entry.status.value, note=entry.note
        )
    )


def add_payment(connection: Connection, order_id: str, payment: Payment) -> None:
    """Record a movement of money; a gift card's balance moves with it. The key makes it happen once."""
    connection.execute(
        insert(payments).values(
            key=payment.key,
            order_id=order_id,
            at=payment.at,
            amount_minor=payment.amount.minor,
            currency=payment.amount.currency,
            method_id=payment.method_id,
        )
    )
    owner = select(orders.c.shopper_id).where(orders.c.id == order_id).scalar_subquery()
    connection.execute(
        update(payment_methods)
        .where(
            payment_methods.c.shopper_id == owner,
            payment_methods.c.id == payment.method_id,
            payment_methods.c.balance_minor.is_not(None),
        )
        .values(balance_minor=payment_methods.c.balance_minor - payment.amount.minor)
    )


def _shopper(connection: Connection, row: Row[Any]) -> Shopper:
    query = select(payment_methods).where(payment_methods.c.shopper_id == row.id).order_by(payment_methods.c.position)
    methods = tuple(
        PaymentMethod(
            m.id,
            PaymentKind(m.kind),
            m.label,
            None if m.balance_minor is None else Money(m.balance_minor, m.currency),
        )
        for m in connection.execute(query)
    )
    return Shopper(row.id, row.name, row.email, read_address(row.address), methods, row.simulated)


def _orders(connection: Connection, rows: Sequence[Row[Any]]) -> list[Order]:
    """Whole orders from their rows, with three queries however many there are."""
    ids = [row.id for row in rows]
    lines = _grouped(connection, order_lines, ids)
    history = _grouped(connection, order_history, ids)
    paid: dict[str, list[Row[Any]]] = {}
    if ids:
        query = select(payments).where(payments.c.order_id.in_(ids)).order_by(payments.c.at, payments.c.key)
        for row in connection.execute(query):
            paid.setdefault(row.order_id, []).append(row)
    return [_order(row, lines.get(row.id, []), history.get(row.id, []), paid.get(row.id, [])) for row in rows]


def _grouped(connection: Connection, table: Any, ids: Sequence[str]) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = {}
    if ids:
        query = select(table).where(table.c.order_id.in_(ids)).order_by(table.c.order_id, table.c.position)
        for row in connection.execute(query):
            found.setdefault(row.order_id, []).append(row)
    return found


def _order(row: Row[Any], lines: list[Row[Any]], history: list[Row[Any]], paid: list[Row[Any]]) -> Order:
    return Order(
        id=row.id,
        shopper_id=row.shopper_id,
        status=OrderStatus(row.status),
        placed_at=row.placed_at,
        lines=tuple(
            OrderLine(
                line.id,
                line.product_id,
                line.variant_id,
                line.title,
                line.options,
                Money(line.price_minor, row.currency),
                line.quantity,
                line.image,
            )
            for line in lines
        ),
        shipping=Money(row.shipping_minor, row.currency),
        address=read_address(row.address),
        payment_method_id=row.payment_method_id,
        expected_at=row.expected_at,
        delivered_at=row.delivered_at,
        tracking=row.tracking,
        history=tuple(OrderChange(h.at, OrderStatus(h.status), h.note) for h in history),
        payments=tuple(Payment(p.at, Money(p.amount_minor, p.currency), p.method_id, p.key) for p in paid),
        version=row.version,
    )


def _insert_shoppers(connection: Connection, people: Sequence[Shopper]) -> None:
    if not people:
        return
    connection.execute(
        insert(shoppers),
        [
            {
                "id": p.id,
                "name": p.name,
                "email": p.email,
                "address": address_json(p.address),
                "simulated": p.simulated,
                "version": 0,
            }
            for p in people
        ],
    )
    methods = [
        {
            "shopper_id": p.id,
            "id": m.id,
            "position": number,
            "kind": m.kind.value,
            "label": m.label,
            "balance_minor": None if m.balance is None else m.balance.minor,
            "currency": "USD" if m.balance is None else m.balance.currency,
        }
        for p in people
        for number, m in enumerate(p.payment_methods)
    ]
    if methods:
        connection.execute(insert(payment_methods), methods)


def _insert_orders(connection: Connection, items: Sequence[Order]) -> None:
    if not items:
        return
    connection.execute(insert(orders), [_order_values(o) for o in items])
    for table, rows in (
        (order_lines, [_line_values(o, n, line) for o in items for n, line in enumerate(o.lines)]),
        (
            order_history,
            [
                {"order_id": o.id, "position": n, "at": h.at, "status": h.status.value, "note": h.note}
                for o in items
                for n, h in enumerate(o.history)
            ],
        ),
        (
            payments,
            [
                {
                    "key": p.key,
                    "order_id": o.id,
                    "at": p.at,
                    "amount_minor": p.amount.minor,
                    "currency": p.amount.currency,
                    "method_id": p.method_id,
                }
                for o in items
                for p in o.payments
            ],
        ),
    ):
        if rows:
            connection.execute(insert(table), rows)


def _order_values(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "shopper_id": order.shopper_id,
        "status": order.status.value,
        "placed_at": order.placed_at,
        "currency": order.shipping.currency,
        "shipping_minor": order.shipping.minor,
        "address": address_json(order.address),
        "payment_method_id": order.payment_method_id,
        "expected_at": order.expected_at,
        "delivered_at": order.delivered_at,
        "tracking": order.tracking,
        "version": order.version,
    }


def _line_values(order: Order, position: int, line: OrderLine) -> dict[str, Any]:
    return {
        "order_id": order.id,
        "id": line.id,
        "position": position,
        "product_id": line.product_id,
        "variant_id": line.variant_id,
        "title": line.title,
        "options": line.options,
        "price_minor": line.price.minor,
        "quantity": line.quantity,
        "image": line.image,
    }
