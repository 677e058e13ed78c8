"""Puts the statement `find` together from its fixed parts: conditions, order, place of the cursor. Pure.

Each part is a constant; what the shopper typed goes in as parameters only. A statement that holds only the conditions that
are asked for lets PostgreSQL plan each kind of search by itself. Not here: SQL of answers (see `finding.sql`), I/O.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from commerce.search.rules import attribute_token
from commerce.search.schemas import SearchRequest
from commerce.search.signals import TEXT_SHARE, TEXT_WEIGHTS

#: The best so many matches are scored by text, counted into facets and can be paged through by relevance.
CANDIDATES = 1_000
MOST_COMBINATIONS = 32
_WEIGHTS = "'{" + ", ".join(str(weight) for weight in TEXT_WEIGHTS) + "}'"
_TEXT_SCORE = f"({TEXT_SHARE} * ts_rank({_WEIGHTS}, d.words, %(query)s::tsquery) + d.quality)::float8"
#: A search that more match than this reads the best first instead of all.
BROAD = 8_000
#: Above this a total is not counted exactly.
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Order:
    """A way to sort: the key that chooses candidates, its direction, the column that hits are sorted and paged by."""

    key: str
    direction: str
    column: str


ORDERS: Mapping[str, Order] = {
    "relevance": Order("d.quality", "desc", "score"),
    # What has no price is not listed by price.
    "price": Order("d.price_poisha", "asc", "price_poisha"),
    "-price": Order("d.price_poisha", "desc", "price_poisha"),
    "newest": Order("d.created_at", "desc", "created_at"),
    # Of the best by quality, most of which is popularity: an index on units would be rewritten by every order.
    "popular": Order("d.quality", "desc", "units_ordered"),
}


@dataclass
class Conditions:
    """Conditions on documents with their parameters; `groups` names the facet that each belongs to."""

    parts: dict[str, str] = field(default_factory=dict)
    params: dict[str, object] = field(default_factory=dict)

    def text(self, *, without: str | None = None) -> str:
        """All conditions, or all but those of one facet."""
        kept = [part for name, part in self.parts.items() if name.split(".")[0] != without]
        return " and ".join(kept) or "true"


def conditions_of(request: SearchRequest, query: str | None) -> Conditions:
    """Conditions of a request; `query` is the text of a `tsquery`."""
    found = Conditions()
    if query is not None:
        found.parts["words"] = "d.words @@ %(query)s::tsquery"
        found.params["query"] = query
    tokens = {
        "category": [f"c={one.hex}" for one in request.category_id],
        "brand": [f"b={one}" for one in request.brand],
        "seller": [f"s={one.hex}" for one in request.seller_id],
        "rating": [f"r={request.min_rating}"] if request.min_rating else [],
        "in_stock": ["k=1"] if request.in_stock else [],
    }
    for code, values in _by_code(request.attribute).items():
        tokens[f"attribute.{code}"] = [attribute_token(code, value) for value in values]
    for number, (name, wanted) in enumerate(tokens.items()):
        if wanted:
            found.parts[name] = f"d.filters && %(filter_{number})s::text[]"
            found.params[f"filter_{number}"] = wanted
    _add_variants(found, _by_code(request.attribute))
    _add_prices(found, request)
    if request.sort in {"price", "-price"}:
        found.parts["sort"] = "d.price_poisha is not null"
    return found


def _by_code(attributes: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in attributes:
        code, _, value = one.partition(":")
        found.setdefault(code, []).append(value)
    return found


def _add_variants(found: Conditions, wanted: Mapping[str, Sequence[str]]) -> None:
    """Values of several attributes must meet in one variant; those of the product itself count for all its variants."""
    if len(wanted) < 2:
        return
    combinations = itertools.islice(itertools.product(*wanted.values()), MOST_COMBINATIONS)
    documents = [orjson.dumps([dict(zip(wanted, values, strict=True))]).decode() for values in combinations]
    # The tokens above have found candidates by the index; this looks into their variants.
    found.parts["attribute.variants"] = (
        "(d.variants = '[]' or exists (select 1 from unnest(%(combinations)s::jsonb[]) as w (wanted), "
        "jsonb_array_elements(d.variants) as v (own) where not exists (select 1 from jsonb_each_text(w.wanted -> 0) as e "
        "where v.own ? e.key and lower(v.own ->> e.key) <> lower(e.value))))"
    )
    found.params["combinations"] = documents


def _add_prices(found: Conditions, request: SearchRequest) -> None:
    for name, value, sign in (("min", request.min_price_poisha, ">="), ("max", request.max_price_poisha, "<=")):
        if value is not None:
            found.parts[f"price.{name}"] = f"d.price_poisha {sign} %({name}_price)s"
            found.params[f"{name}_price"] = value


def find_statement(
    parts: Mapping[str, str], request: SearchRequest, conditions: Conditions, *, estimate: int | None
) -> str:
    """The statement `find` for a request; facets only on the first page.

    `estimate`: about how many documents match the words; None when unknown or without words.
    """
    order = ORDERS[request.sort]
    is_broad = (estimate is None or estimate > BROAD) if "words" in conditions.parts else True
    kind = {"newest": "timestamptz", "relevance": "float8"}.get(request.sort, "bigint")
    sign = "<" if order.direction == "desc" else ">"
    after, condition = "true", conditions.text()
    if request.cursor is not None:
        after = f"(t.{order.column}, t.product_id) {sign} (%(after)s::{kind}, %(after_id)s::uuid)"
        if request.sort not in {"relevance", "popular"}:
            condition += f" and ({order.key}, d.product_id) {sign} (%(after)s::{kind}, %(after_id)s::uuid)"
    slots = {"order_key": order.key, "condition": condition, "direction": order.direction}
    return parts["find"].format(
        **slots,
        matched=parts["matched_best" if is_broad else "matched_all"].format(**slots),
        total=_total(parts, conditions, slots, estimate=estimate, is_broad=is_broad),
        score=_TEXT_SCORE if "words" in conditions.parts else "d.quality::float8",
        after=after,
        order=f"t.{order.column} {order.direction}, t.product_id {order.direction}",
        hit_order=f"h.{order.column} {order.direction}, h.product_id {order.direction}",
        facets=parts["facets"] if request.cursor is None else "null::jsonb",
    )


def _total(
    parts: Mapping[str, str], conditions: Conditions, slots: Mapping[str, str], *, estimate: int | None, is_broad: bool
) -> str:
    if not is_broad:
        return "(select count(*) from matched)"
    if set(conditions.parts) <= {"words"} and estimate is not None and estimate > MOST_COUNTED:
        # The vocabulary has counted them.
        return str(MOST_COUNTED + 1)
    return parts["total_counted"].format(**slots)
