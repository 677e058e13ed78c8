"""Requests and answers of the API by which sellers keep their catalogue and staff moderates it. Not here: shoppers' answers."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

#: Text of one line; text of several. A NUL cannot be stored.
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")
]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000, pattern=r"^[^\x00]+$")]
Sku = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[\w][\w./-]{0,63}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Condition = Literal["new", "used", "refurbished"]
Price = Annotated[int, Field(ge=1, le=10**11)]
Values = dict[Code, Line | bool | int]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewOffer(_Request):
    product_id: UUID
    variant_id: UUID | None = None
    sku: Sku | None = None
    price_poisha: Price
    list_price_poisha: Price | None = Field(None, description="The price that is crossed out.")
    condition: Condition = "new"
    handling_days: int = Field(1, ge=0, le=60)


class OfferChange(_Request):
    """Only what is named changes."""

    sku: Sku | None = None
    price_poisha: Price = 1
    list_price_poisha: Price | None = None
    condition: Condition = "new"
    handling_days: int = Field(1, ge=0, le=60)
    status: Literal["active", "paused", "withdrawn"] = "active"


class OwnOffer(BaseModel):
    offer_id: UUID
    product_id: UUID
    variant_id: UUID | None
    title: str
    sku: str | None
    price_poisha: int
    list_price_poisha: int | None
    condition: str
    handling_days: int
    status: str
    is_listed: bool
    version: int
    created_at: datetime
    updated_at: datetime


class OfferPage(BaseModel):
    items: list[OwnOffer]
    next_cursor: str | None


class PastPrice(BaseModel):
    price_poisha: int
    from_at: datetime
    until_at: datetime | None
    changed_by: UUID | None


class PastPrices(BaseModel):
    items: list[PastPrice]
    next_cursor: str | None


class ProductWords(_Request):
    """What a product says, by language. Only what is named changes."""

    title_en: Line | None = None
    title_bn: Line | None = None
    title_hi: Line | None = None
    description_en: Prose | None = None
    description_bn: Prose | None = None
    description_hi: Prose | None = None
    brand: Line | None = None
    package_size: Line | None = None
    category_id: UUID | None = None
    attributes: Values | None = None
    variants: list[Values] | None = Field(None, max_length=100, description="Variants to add, each by its attributes.")
    pictures: list[Sha256] | None = Field(None, max_length=12, description="From POST /v1/media, in their order.")


class NewProduct(ProductWords):
    title_en: Line
    category_id: UUID


class Action(BaseModel):
    field: str
    before: Any = None
    after: Any = None


class Finding(BaseModel):
    check: str
    field: str
    detail: str


class Change(BaseModel):
    change_id: UUID
    product_id: UUID
    seller_id: UUID
    kind: Literal["create", "edit"]
    state: Literal["pending", "confirmed", "declined", "withdrawn"]
    actions: list[Action]
    findings: list[Finding]
    reason: str | None
    submitted_at: datetime
    decided_at: datetime | None


class ChangePage(BaseModel):
    items: list[Change]
    next_cursor: str | None


class Decline(_Request):
    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=3, max_length=1000, pattern=r"^[^\x00]+$")
    ]


class OwnProduct(BaseModel):
    product_id: UUID
    code: str
    title_en: str
    is_listed: bool
    version: int
    pending_change_id: UUID | None


class OwnProductPage(BaseModel):
    items: list[OwnProduct]
    next_cursor: str | None


class Choice(_Request):
    code: Annotated[str, StringConstraints(pattern=r"^[\w][\w .+-]{0,60}$")]
    en: Line
    bn: Line | None = None
    hi: Line | None = None


class AttributeDefinition(_Request):
    label_en: Line
    label_bn: Line | None = None
    label_hi: Line | None = None
    kind: Literal["text", "number", "choice", "boolean"]
    unit: Line | None = None
    choices: list[Choice] = Field([], max_length=200)
    is_required: bool = False
    is_variant: bool = False
    is_facet: bool = False
    position: int = Field(0, ge=0, le=1000)


class OwnAttribute(BaseModel):
    code: str
    category_id: UUID
    label: str
    kind: str
    unit: str | None
    choices: list[Choice]
    is_required: bool
    is_variant: bool
    is_facet: bool
    is_inherited: bool


class Attributes(BaseModel):
    items: list[OwnAttribute]


class NewCategory(_Request):
    parent_id: UUID | None = None
    name_en: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f>]+$")
    ]
    name_bn: Line | None = None


class MadeCategory(BaseModel):
    category_id: UUID
    path: str
