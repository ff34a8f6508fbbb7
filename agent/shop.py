"""The shop's own words: products, money, shoppers and orders, as frozen values.

These types carry no storage and no behaviour beyond arithmetic. Where they are kept is
`agent.store`; what may be done with them is `agent.policy`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from agent.errors import MoneyError

# Currencies of ISO 4217 whose minor unit is not a hundredth.
_EXPONENTS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "AUD": "A$", "CAD": "CA$"}

AttributeValue = str | float | bool


def exponent(currency: str) -> int:
    """The number of decimals that a currency's minor unit stands for (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount of money: an integer count of minor units (cents) and an ISO 4217 code."""

    minor: int
    currency: str = "USD"

    @classmethod
    def of(cls, amount: Decimal | float | str, currency: str = "USD") -> Money:
        """Money from an amount in major units, rounded half up to the minor unit."""
        scale = Decimal(10) ** exponent(currency)
        return cls(int((Decimal(str(amount)) * scale).quantize(Decimal(1), ROUND_HALF_UP)), currency)

    @property
    def amount(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.minor) / (Decimal(10) ** exponent(self.currency))

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other).minor, self.currency)

    def __mul__(self, count: int) -> Money:
        return Money(self.minor * count, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other).minor

    def __str__(self) -> str:
        digits = exponent(self.currency)
        sign = "-" if self.minor < 0 else ""
        number = f"{abs(self.amount):,.{digits}f}"
        symbol = _SYMBOLS.get(self.currency)
        return f"{sign}{symbol}{number}" if symbol else f"{sign}{number} {self.currency}"

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise MoneyError(f"cannot combine {self.currency} with {other.currency}; convert one of them first")
        return other


@dataclass(frozen=True, slots=True)
class Variant:
    """One thing that can be bought: a product in one choice of its options."""

    id: str
    options: dict[str, str]
    price: Money | None
    stock: int | None
    """Units on hand; None where the shop does not count (sold as available)."""

    @property
    def in_stock(self) -> bool:
        return self.stock is None or self.stock > 0


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the catalogue. A plain product has exactly one variant, without options."""

    id: str
    title: str
    description: str = ""
    brand: str | None = None
    category: tuple[str, ...] = ()
    """From the broadest to the narrowest, e.g. ``("Home", "Lighting", "Desk lamps")``."""
    attributes: dict[str, AttributeValue] = field(default_factory=dict)
    image: str | None = None
    rating: float | None = None
    rating_count: int = 0
    variants: tuple[Variant, ...] = ()

    @property
    def price(self) -> Money | None:
        """The lowest price among the variants in stock (or among all, when none is)."""
        priced = [v for v in self.variants if v.price is not None]
        offered = [v for v in priced if v.in_stock] or priced
        return min((v.price for v in offered if v.price is not None), key=lambda m: m.minor, default=None)

    @property
    def in_stock(self) -> bool:
        return any(v.in_stock for v in self.variants)

    @property
    def stock(self) -> int | None:
        """Units over all variants; None where the shop does not count."""
        counts = [v.stock for v in self.variants if v.stock is not None]
        return sum(counts) if len(counts) == len(self.variants) and counts else None

    @property
    def options(self) -> dict[str, tuple[str, ...]]:
        """Each option's name with its values, in the order in which variants bring them."""
        seen: dict[str, dict[str, None]] = {}
        for variant in self.variants:
            for name, value in variant.options.items():
                seen.setdefault(name, {})[value] = None
        return {name: tuple(values) for name, values in seen.items()}


@dataclass(frozen=True, slots=True)
class Address:
    name: str
    line1: str
    line2: str
    city: str
    region: str
    postcode: str
    country: str

    def __str__(self) -> str:
        place = " ".join(p for p in (self.city + ",", self.region, self.postcode) if p.strip(","))
        return ", ".join(p for p in (self.name, self.line1, self.line2, place, self.country) if p)


class PaymentKind(StrEnum):
    CARD = "card"
    PAYPAL = "paypal"
    GIFT_CARD = "gift_card"


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """A way to pay. `label` is what may be shown; no number or secret is ever kept."""

    id: str
    kind: PaymentKind
    label: str
    balance: Money | None = None
    """What is left on a gift card; None for the other kinds."""


@dataclass(frozen=True, slots=True)
class Shopper:
    id: str
    name: str
    email: str
    address: Address
    payment_methods: tuple[PaymentMethod, ...] = ()
    simulated: bool = False
    """True for the people of the demo shop, who may be impersonated there."""


class OrderStatus(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURN_REQUESTED = "return requested"
    RETURNED = "returned"
    EXCHANGE_REQUESTED = "exchange requested"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line as it was when bought: later changes of the catalogue do not reach it."""

    id: str
    product_id: str
    variant_id: str
    title: str
    options: dict[str, str]
    price: Money
    """For one unit."""
    quantity: int = 1
    image: str | None = None

    @property
    def total(self) -> Money:
        return self.price * self.quantity


@dataclass(frozen=True, slots=True)
class OrderChange:
    """One entry of an order's history."""

    at: datetime
    status: OrderStatus
    note: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that moved for an order: positive towards the shop, negative back to the shopper."""

    at: datetime
    amount: Money
    method_id: str
    key: str
    """The idempotency key: one movement of money a key, ever."""


@dataclass(frozen=True, slots=True)
class Order:
    id: str
    shopper_id: str
    status: OrderStatus
    placed_at: datetime
    lines: tuple[OrderLine, ...]
    shipping: Money
    address: Address
    payment_method_id: str
    expected_at: datetime | None = None
    delivered_at: datetime | None = None
    tracking: str | None = None
    history: tuple[OrderChange, ...] = ()
    payments: tuple[Payment, ...] = ()
    version: int = 0
    """Grows with each change; a write names the version that it saw."""

    @property
    def subtotal(self) -> Money:
        total = Money(0, self.shipping.currency)
        for line in self.lines:
            total = total + line.total
        return total

    @property
    def total(self) -> Money:
        return self.subtotal + self.shipping
