"""What the shop knows, as values. Money in cents, times in seconds of the demo clock (see clock.py)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sku:
    """One specification of a product, e.g. 黑色 43码."""

    spec: str
    stock: int
    restock_days: int


@dataclass(frozen=True, slots=True)
class Product:
    """One product; `prices` are (time, cents), oldest first."""

    id: int
    name: str
    name_en: str
    category: str
    brand: str
    price: int
    facts: str
    facts_en: str
    warranty_months: int
    install: bool
    sales: int
    skus: tuple[Sku, ...] = ()
    prices: tuple[tuple[int, int], ...] = ()

    @property
    def stock(self) -> int:
        """Pieces over all specs."""
        return sum(sku.stock for sku in self.skus)


@dataclass(frozen=True, slots=True)
class Shopper:
    """One customer of the shop."""

    id: str
    name: str
    phone: str
    email: str
    level: str
    points: int
    spent: int
    address: str


@dataclass(frozen=True, slots=True)
class Item:
    """One line of an order; `price` is what one piece cost."""

    line: int
    product_id: int
    name: str
    name_en: str
    spec: str
    quantity: int
    price: int


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a parcel."""

    at: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel. `stage`: moving, stuck, delivering, station, signed."""

    tracking_no: str
    courier: str
    stage: str
    eta: int
    wish: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Refund:
    """Money on its way back. `state`: waiting, processing, done, withdrawn."""

    id: int
    aftersale_id: int | None
    amount: int
    state: str
    created: int
    due: int
    method: str


@dataclass(frozen=True, slots=True)
class Aftersale:
    """One after-sales request; `state` is a key of wording.STEPS."""

    id: int
    kind: str
    state: str
    reason: str
    created: int
    updated: int
    amount: int

    @property
    def open(self) -> bool:
        """Still under way."""
        return self.state not in ("done", "withdrawn")


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice; `state` is applied or issued."""

    title: str
    tax_id: str
    email: str
    state: str
    amount: int


@dataclass(frozen=True, slots=True)
class Order:
    """One order. `ship_by` is when it was promised to leave; times that have not come are None.

    `protected` is what price protection has paid back already.
    """

    id: str
    state: str
    created: int
    paid_at: int | None
    ship_by: int | None
    shipped_at: int | None
    signed_at: int | None
    paid: int
    charged_twice: bool
    discount: int
    freight: int
    method: str
    recipient: str
    phone: str
    address: str
    note: str
    urged: int
    protected: int
    items: tuple[Item, ...]
    parcel: Parcel | None = None
    refunds: tuple[Refund, ...] = ()
    aftersales: tuple[Aftersale, ...] = ()
    invoice: Invoice | None = None

    @property
    def tail(self) -> str:
        """The last four digits."""
        return self.id[-4:]

    @property
    def aftersale(self) -> Aftersale | None:
        """The request that is under way."""
        return next((case for case in self.aftersales if case.open), None)

    @property
    def shown_state(self) -> str:
        """The state a customer sees."""
        busy = self.state == "signed" and self.aftersale is not None
        return "aftersale" if busy else self.state

    @property
    def refundable(self) -> int:
        """Cents that may still be paid back."""
        back = sum(refund.amount for refund in self.refunds if refund.state != "withdrawn")
        return self.paid - back


@dataclass(frozen=True, slots=True)
class Coupon:
    """One coupon: `off` cents from `threshold` cents on, or `percent` to pay.

    `group` is shop, platform or freight: at most one of each group is used together.
    """

    id: int
    name: str
    name_en: str
    group: str
    threshold: int
    off: int
    percent: int
    category: str
    ends: int
    used: bool


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint that was filed; `order_id` is empty where it is about no order."""

    id: int
    order_id: str
    created: int

    @property
    def number(self) -> str:
        """How customers know it."""
        return f"T{self.id:05d}"


@dataclass(frozen=True, slots=True)
class Dossier:
    """All the shop holds of one customer; orders and complaints newest first."""

    shopper: Shopper
    orders: tuple[Order, ...] = ()
    coupons: tuple[Coupon, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    _by_id: dict[str, Order] = field(default_factory=dict, repr=False, compare=False)

    def order(self, order_id: str) -> Order | None:
        """The order with this very id."""
        return self._by_id.get(order_id)
