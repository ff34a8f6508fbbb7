"""The tables, once, for SQLite and PostgreSQL alike.

Amounts are integers in minor units beside their currency; times are UTC, stored as text in ISO 8601 so
that both databases keep them the same. Nested values that no query looks into are JSON.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Time(TypeDecorator[datetime]):
    """A moment in UTC, kept as fixed-width ISO 8601 text: it sorts as text, and no driver shifts it."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else datetime.fromisoformat(value)


# --- catalogue -----------------------------------------------------------------------------------------

catalogues = Table(
    "catalogues",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("fingerprint", String(64), nullable=False),
    Column("source", String(400), nullable=False),
    Column("state", String(10), nullable=False),  # building, current, old
    Column("products", Integer, nullable=False, default=0),
    Column("index_folder", String(200), nullable=False, default=""),
    Column("created_at", Time, nullable=False),
)

products = Table(
    "products",
    metadata,
    Column("catalogue_id", ForeignKey("catalogues.id", ondelete="CASCADE"), primary_key=True),
    Column("id", String(200), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("brand", String(300)),
    Column("category", JSON, nullable=False),
    Column("attributes", JSON, nullable=False),
    Column("image", Text),
    Column("rating", Float),
    Column("rating_count", Integer, nullable=False),
)

variants = Table(
    "variants",
    metadata,
    Column("catalogue_id", Integer, primary_key=True),
    Column("id", String(200), primary_key=True),
    Column("product_id", String(200), nullable=False),
    Column("position", Integer, nullable=False),
    Column("options", JSON, nullable=False),
    Column("price_minor", BigInteger),
    Column("currency", String(3), nullable=False),
    Column("stock", Integer),
    Index(None, "catalogue_id", "product_id"),
)

# --- people and orders ---------------------------------------------------------------------------------

shoppers = Table(
    "shoppers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("email", String(320), nullable=False, index=True),
    Column("address", JSON, nullable=False),
    Column("simulated", Boolean, nullable=False, default=False),
    Column("version", Integer, nullable=False, default=0),
)

payment_methods = Table(
    "payment_methods",
    metadata,
    Column("shopper_id", ForeignKey("shoppers.id", ondelete="CASCADE"), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("label", String(100), nullable=False),
    Column("balance_minor", BigInteger),
    Column("currency", String(3), nullable=False),
)

orders = Table(
    "orders",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("shopper_id", ForeignKey("shoppers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("status", String(30), nullable=False),
    Column("placed_at", Time, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("shipping_minor", BigInteger, nullable=False),
    Column("address", JSON, nullable=False),
    Column("payment_method_id", String(64), nullable=False),
    Column("expected_at", Time),
    Column("delivered_at", Time),
    Column("tracking", String(100)),
    Column("version", Integer, nullable=False, default=0),
)

order_lines = Table(
    "order_lines",
    metadata,
    Column("order_id", ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("product_id", String(200), nullable=False),
    Column("variant_id", String(200), nullable=False),
    Column("title", Text, nullable=False),
    Column("options", JSON, nullable=False),
    Column("price_minor", BigInteger, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("image", Text),
)

order_history = Table(
    "order_history",
    metadata,
    Column("order_id", ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("at", Time, nullable=False),
    Column("status", String(30), nullable=False),
    Column("note", Text, nullable=False, default=""),
)

payments = Table(
    "payments",
    metadata,
    Column("key", String(100), primary_key=True),
    Column("order_id", ForeignKey("orders.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Time, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("method_id", String(64), nullable=False),
)

behaviour = Table(
    "behaviour",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("shopper_id", String(64), nullable=False),
    Column("product_id", String(200), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("at", Time, nullable=False),
    Column("session", String(64), nullable=False, default=""),
    Index(None, "shopper_id", "at"),
)

preferences = Table(
    "preferences",
    metadata,
    Column("shopper_id", String(64), primary_key=True),
    Column("facet", String(100), primary_key=True),
    Column("value", String(200), primary_key=True),
    Column("liked", Boolean, nullable=False),
    Column("at", Time, nullable=False),
)

# --- conversations -------------------------------------------------------------------------------------

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("token_hash", String(64), nullable=False),
    Column("shopper_id", String(64), index=True),
    Column("status", String(10), nullable=False, index=True),
    Column("version", Integer, nullable=False, default=0),
    Column("last_sequence", Integer, nullable=False, default=0),
    Column("assigned_to", String(100)),
    Column("handover_reason", Text),
    Column("handover", JSON),
    Column("rating", Integer),
    Column("rating_text", Text),
    Column("created_at", Time, nullable=False),
    Column("updated_at", Time, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("role", String(10), nullable=False),
    Column("text", Text, nullable=False),
    Column("calls", JSON, nullable=False),
    Column("result", JSON),
    Column("author", String(100)),
    Column("client_id", String(100)),
    Column("turn_id", String(64)),
    Column("at", Time, nullable=False),
    UniqueConstraint("conversation_id", "client_id"),
)

events = Table(
    "events",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("type", String(20), nullable=False),
    Column("data", JSON, nullable=False),
    Column("turn_id", String(64)),
    Column("at", Time, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("sequence", Integer, nullable=False),  # of the message that it answers
    Column("state", String(10), nullable=False, index=True),  # received, deciding, tool, saying, done
    Column("kind", String(10), nullable=False),  # message, decision
    Column("data", JSON, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("worker", String(64)),
    Column("lease_until", Time),
    Column("created_at", Time, nullable=False),
    Column("finished_at", Time),
    Index(None, "conversation_id", "sequence"),
)

proposals = Table(
    "proposals",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("turn_id", String(64), nullable=False),
    Column("call", JSON, nullable=False),
    Column("effect", JSON, nullable=False),
    Column("state", String(10), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("subject_version", Integer, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("expires_at", Time, nullable=False),
    Column("decided_at", Time),
)

outbox = Table(
    "outbox",
    metadata,
    Column("key", String(100), primary_key=True),  # the idempotency key
    Column("proposal_id", String(64), nullable=False),
    Column("kind", String(20), nullable=False),  # refund
    Column("data", JSON, nullable=False),
    Column("state", String(10), nullable=False),  # waiting, sent
    Column("created_at", Time, nullable=False),
    Column("sent_at", Time),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Time, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("conversation_id", String(64)),
    Column("proposal_id", String(64)),
    Column("action", String(60), nullable=False),
    Column("data", JSON, nullable=False),
)

staff = Table(
    "staff",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("password_hash", String(200), nullable=False),
    Column("created_at", Time, nullable=False),
)
