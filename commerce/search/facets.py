"""From counted tokens to facets with labels. Pure. Not here: counting."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from commerce.search.rules import band_limits
from commerce.search.schemas import Facet, FacetValue, SearchRequest
from commerce.search.statement import Conditions
from foundation.i18n import taka

PREFIXES = {"category": "c=", "brand": "b=", "price": "p=", "seller": "s=", "rating": "r=", "in_stock": "k="}


class Counts:
    """Tokens with how many products bear each."""

    def __init__(self, counted: Iterable[tuple[str, int]]) -> None:
        self._counted = dict(counted)

    def replace(self, prefix: str, counted: Sequence[tuple[str, int]]) -> None:
        """Other counts for the tokens with a prefix."""
        kept = {token: products for token, products in self._counted.items() if not token.startswith(prefix)}
        self._counted = {**kept, **dict(counted)}

    def of(self, prefix: str) -> list[tuple[str, int]]:
        """Values after the prefix, most frequent first."""
        found = [(token.removeprefix(prefix), n) for token, n in self._counted.items() if token.startswith(prefix)]
        return sorted(found, key=lambda one: (-one[1], one[0]))

    def ids(self, prefix: str) -> list[UUID]:
        """Values that are identifiers."""
        return [UUID(value) for value, _ in self.of(prefix)]

    def attributes(self) -> list[str]:
        """Codes of attributes that were counted."""
        return sorted({value.partition(":")[0] for value, _ in self.of("a=")})


def chosen_facets(conditions: Conditions) -> list[tuple[str, str]]:
    """Facets that are filtered by, with the prefix of their tokens. Attributes are counted within what is chosen."""
    names = dict.fromkeys(name.split(".")[0] for name in conditions.parts)
    return [(name, PREFIXES[name]) for name in names if name in PREFIXES]


def facets_of(counts: Counts, names: Mapping[UUID, str], request: SearchRequest) -> list[Facet]:
    """Facets in their order; those without values are left out."""
    chosen = {
        "category": {one.hex for one in request.category_id},
        "seller": {one.hex for one in request.seller_id},
        "brand": set(request.brand),
        "rating": {str(request.min_rating)},
        "in_stock": {"1"} if request.in_stock else set(),
    }
    found = [
        Facet(
            name=name,
            values=[
                FacetValue(
                    value=str(UUID(value)) if name in {"category", "seller"} else value,
                    label=_label(name, value, names),
                    products=products,
                    is_chosen=value in chosen.get(name, ()),
                )
                for value, products in counts.of(prefix)[:20]
            ],
        )
        for name, prefix in PREFIXES.items()
    ]
    found += [_attribute(code, counts, request) for code in counts.attributes()]
    return [facet for facet in found if facet.values]


def _label(name: str, value: str, names: Mapping[UUID, str]) -> str:
    if name in {"category", "seller"}:
        return names.get(UUID(value), "")
    if name == "price":
        low, high = band_limits(int(value))
        return f"{taka(low)} – {taka(high)}" if high is not None else f"{taka(low)} +"
    return value


def _attribute(code: str, counts: Counts, request: SearchRequest) -> Facet:
    values = counts.of(f"a={code}:")[:20]
    return Facet(
        name=f"attribute:{code}",
        values=[
            FacetValue(value=value, label=value, products=products, is_chosen=f"{code}:{value}" in request.attribute)
            for value, products in values
        ],
    )
