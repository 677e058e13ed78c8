"""The mapping file: what each column of a stranger's order history means. Parses and checks; reads no data.

A column is named by itself (`basket_id`) or, when it comes from a lookup file, with the lookup's name before it
(`products.department`). Everything that the history lacks is assigned by a rule under `assign` and marked synthetic.
"""

import hashlib
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from foundation.errors import InvalidInput


class MappingError(InvalidInput):
    code = "bad-mapping"
    message = "The mapping {name} cannot be used. {problems} Correct it and import again."


class Part(BaseModel):
    """Base of every part of a mapping: unknown keys are mistakes, not extras."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is no time zone: write one like Asia/Dhaka or UTC")
    return name


Zone = Annotated[str, AfterValidator(_zone)]
Ratio = Annotated[float, Field(ge=0, le=1)]


def _short_text(value: Any) -> Any:
    """`order_id: basket_id` is short for `order_id: {column: basket_id}`."""
    return {"column": value} if isinstance(value, str) else value


def _short_money(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class Text(Part):
    """Where a text comes from: one column, several joined, or a constant."""

    column: str | None = None
    join: tuple[str, ...] = ()
    separator: str = " "
    constant: str | None = None
    # Put before the value: keeps codes of different sources apart.
    prefix: str = ""
    # Value where the file has none.
    missing: str | None = None
    case: Literal["as_is", "title", "lower"] = "as_is"
    # File's word → ours.
    values: dict[str, str] = {}

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if sum((self.column is not None, bool(self.join), self.constant is not None)) != 1:
            raise ValueError("give exactly one of column, join or constant")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,) if self.column else self.join


TextSource = Annotated[Text, BeforeValidator(_short_text)]


class Instant(Part):
    """Where an instant comes from. A date alone means noon in Dhaka."""

    column: str
    # Python's strptime forms, tried in turn; empty: the column has a date type, or ISO text. Also "epoch_s", "epoch_ms".
    formats: tuple[str, ...] = ()
    # What zone a time without one is in.
    zone: Zone = "Asia/Dhaka"


InstantSource = Annotated[Instant, BeforeValidator(_short_text)]


class Condition(Part):
    """Which rows a rule is for."""

    column: str
    equals: tuple[str, ...] = ()
    starts_with: str | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        if bool(self.equals) == (self.starts_with is not None):
            raise ValueError("give either equals or starts_with")
        return self


class UnitRule(Part):
    """Goods that the file counts in another unit."""

    when: Condition
    divisor: int = Field(1, ge=1)
    # The divisor is for quantities from here on; smaller ones are already in the unit.
    at_least: float = 0
    uom: str
    # Goods by measure are history only: nobody can put 3.2 gallons into a cart.
    is_sellable: bool = True


class Quantity(Part):
    """How much was bought."""

    column: str
    uom: str = "each"
    rules: tuple[UnitRule, ...] = ()


QuantitySource = Annotated[Quantity, BeforeValidator(_short_text)]
MoneyColumns = Annotated[tuple[str, ...], BeforeValidator(_short_money)]


class Money(Part):
    """What the numbers are and how they become taka."""

    currency: str = "BDT"
    poisha_per_unit: int = Field(100, ge=1)
    decimal: str = Field(".", min_length=1, max_length=1)
    thousands: str = Field("", max_length=1)


class Label(Part):
    """What an order turned out to be, and when that became known. Rows without `known_at` have no such label."""

    is_fraud: TextSource
    origin: TextSource
    occurred_at: InstantSource
    known_at: InstantSource


class Columns(Part):
    """Column by column. Header fields (customer, place, outcome …) are read from the first row of their order."""

    order_id: TextSource | None = None
    line_id: TextSource | None = None
    customer: TextSource
    seller: TextSource
    product: TextSource
    placed_at: InstantSource
    quantity: QuantitySource
    # Exactly one of the two. Both are sums over columns; the total is after discount.
    line_total: MoneyColumns = ()
    unit_price: MoneyColumns = ()
    discount: MoneyColumns = ()
    # Of the seller's parcel: taken from its first row.
    shipping: MoneyColumns = ()
    # Of one piece: becomes the supplier's price.
    cost: MoneyColumns = ()

    title: TextSource | None = None
    brand: TextSource | None = None
    package_size: TextSource | None = None
    category: tuple[TextSource, ...] = Field((), max_length=3)
    seller_name: TextSource | None = None
    hub: TextSource | None = None

    payment_method: TextSource | None = None
    district: TextSource | None = None
    courier: TextSource | None = None
    outcome: TextSource | None = None
    shipped_at: InstantSource | None = None
    closed_at: InstantSource | None = None
    voucher_code: TextSource | None = None
    device_index: TextSource | None = None
    phone_index: TextSource | None = None
    payer_index: TextSource | None = None

    customer_name: TextSource | None = None
    customer_phone: TextSource | None = None
    customer_password_hash: TextSource | None = None
    customer_district: TextSource | None = None
    buyer_created_at: InstantSource | None = None

    # One entry for each word that may be said of an order: first the courier's, later the wallet's or the analyst's.
    labels: tuple[Label, ...] = Field((), max_length=4)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if bool(self.line_total) == bool(self.unit_price):
            raise ValueError("give either line_total or unit_price")
        return self


class Lookup(Part):
    """A second file that rows are joined to, by equality of one column; the first row of a key counts."""

    file: str
    # Column of the orders file.
    column: str
    # Column of the lookup file.
    key: str


class Rebase(Part):
    """Moves the whole history in time, by whole days: its last local date becomes yesterday in Dhaka."""

    # The file's wall clock, taken as Dhaka's: five in the afternoon stays five in the afternoon.
    wall_zone: Zone = "Asia/Dhaka"


class Weights(Part):
    """Choices with their shares."""

    choices: dict[str, float]

    @model_validator(mode="after")
    def _positive(self) -> Self:
        if not self.choices or min(self.choices.values()) < 0 or sum(self.choices.values()) <= 0:
            raise ValueError("give at least one choice with a share above zero")
        return self


WeightedChoice = Annotated[
    Weights, BeforeValidator(lambda value: {"choices": value} if isinstance(value, dict) else value)
]


class Names(Part):
    """Two lists; a name is one word from each."""

    first: tuple[str, ...] = Field(min_length=1)
    second: tuple[str, ...] = Field(min_length=1)


class Assign(Part):
    """Seeded rules for what the history lacks. All of it is marked synthetic."""

    payment_method: WeightedChoice | None = None
    courier: WeightedChoice | None = None
    # Customers, hubs and sellers without a district get one, drawn by population.
    places: bool = False
    # Share of cash-on-delivery parcels refused at the door.
    refused_ratio: Ratio = 0.0
    # Days from order to door: (fewest, most), inside Dhaka and elsewhere.
    delivery_days: tuple[float, float] = (1.0, 4.0)
    seller_name: Names | None = None
    customer_name: Names | None = None
    commission_bp: tuple[int, ...] = (800,)
    # Stock on hand covers this many days of the last four weeks' demand: (fewest, most).
    stock_cover_days: tuple[float, float] | None = None
    # Supplier's price as a share of ours: (lowest, highest).
    cost_ratio: tuple[float, float] = (0.6, 0.85)


class Mapping(Part):
    """A whole mapping file."""

    version: Literal[1] = 1
    source: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    description: str = ""
    channel: Literal["import", "market"] = "import"
    number_prefix: str = ""
    # Set when the whole history is made up, not only what `assign` adds.
    is_synthetic: bool = False
    files: tuple[str, ...] = ()
    delimiter: str = Field(",", min_length=1, max_length=1)
    encoding: str = "utf-8-sig"
    lookups: dict[str, Lookup] = {}
    columns: Columns
    # Without an order_id: rows of one customer on one day are one order.
    derive_order: Literal["customer_and_day"] | None = None
    money: Money = Money()
    rebase: Rebase | None = None
    # A lookup that lists the whole range: its products come in though nobody bought them.
    catalog: str | None = None
    assign: Assign = Assign()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.columns.order_id is None) == (self.derive_order is None):
            raise ValueError("give either columns.order_id or derive_order")
        if self.columns.payment_method is None and self.assign.payment_method is None:
            raise ValueError("payment_method: map a column, or give shares under assign.payment_method")
        if self.catalog is not None and self.catalog not in self.lookups:
            raise ValueError(f"catalog: there is no lookup {self.catalog!r}")
        ZoneInfo(self.columns.placed_at.zone)
        return self

    @property
    def sha256(self) -> str:
        """Fingerprint of the meaning: comments and spelling of the file do not change it."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def load_mapping(path: Path) -> Mapping:
    """Read and check a mapping file.

    Raises:
        MappingError: unreadable or wrong; the message names every key and what is wrong with it.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MappingError(name=str(path), problems=f"It cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise MappingError(name=str(path), problems=f"It is not YAML: {error}.") from error
    if not isinstance(document, dict):
        raise MappingError(name=str(path), problems="It must be a YAML document with keys such as source and columns.")
    try:
        return Mapping.model_validate(document)
    except ValidationError as error:
        problems = "; ".join(_explain(item) for item in error.errors())
        raise MappingError(name=str(path), problems=f"{problems}.") from error


def _explain(item: Any) -> str:
    key = ".".join(str(part) for part in item["loc"] if not str(part).startswith("function-")) or "the file"
    text = str(item["msg"]).removeprefix("Value error, ")
    if item["type"] == "extra_forbidden":
        text = "is no key of a mapping"
    return f"{key}: {text}"
