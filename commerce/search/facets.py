"""From counted tokens to facets with labels. Pure. Not here: counting."""

from collections.abc import Collection, Iterable, Sequence

from commerce.search.rules import band_limits
from commerce.search.schemas import Facet, FacetValue, SearchRequest
from commerce.search.statement import Conditions
from foundation.i18n import taka

PREFIXES = {"category": "c=", "brand": "b=", "price": "p=", "seller": "s=", "rating": "r=", "in_stock": "k="}


#: Token, how many products bear it, its name and its name in Bangla where it has one.
Counted = tuple[str, int, str | None, str | None]


class Counts:
    """Tokens by their prefix, with how many products bear each and what they are called."""

    def __init__(self, counted: Iterable[Counted], locale: str) -> None:
        self._is_bangla = locale == "bn"
        self._by_prefix: dict[str, list[tuple[str, int, str]]] = {}
        self._add(counted)

    def _add(self, counted: Iterable[Counted]) -> None:
        for token, products, name, bangla in counted:
            label = (bangla if self._is_bangla and bangla else name) or token[2:]
            self._by_prefix.setdefault(token[:2], []).append((token[2:], products, label))

    def replace(self, prefix: str, counted: Sequence[Counted]) -> None:
        """Other counts for the tokens with a prefix."""
        self._by_prefix[prefix] = []
        self._add(counted)

    def of(self, prefix: str) -> list[tuple[str, int, str]]:
        """Values, counts and labels, the most frequent first."""
        return sorted(self._by_prefix.get(prefix, ()), key=lambda one: (-one[1], one[0]))


def chosen_facets(conditions: Conditions) -> list[tuple[str, str]]:
    """Facets that are filtered by, with the prefix of their tokens. Attributes are counted within what is chosen."""
    names = dict.fromkeys(name.split(".")[0] for name in conditions.parts)
    return [(name, PREFIXES[name]) for name in names if name in PREFIXES]


def facets_of(counts: Counts, request: SearchRequest) -> list[Facet]:
    """Facets in their order; those without values are left out."""
    chosen = {
        "category": {one.hex for one in request.category_id},
        "seller": {one.hex for one in request.seller_id},
        "brand": set(request.brand),
        "rating": {str(request.min_rating)},
        "in_stock": {"1"} if request.in_stock else set(),
    }
    found = [
        Facet(name=name, values=_values(name, counts.of(prefix)[:20], chosen.get(name, set())))
        for name, prefix in PREFIXES.items()
    ]
    by_code: dict[str, list[tuple[str, int, str]]] = {}
    for value, products, _ in counts.of("a="):
        code, _, own = value.partition(":")
        by_code.setdefault(code, []).append((own, products, own))
    found += [
        Facet(
            name=f"attribute:{code}",
            values=_values("attribute", values[:20], {one.removeprefix(f"{code}:") for one in request.attribute}),
        )
        for code, values in sorted(by_code.items())
    ]
    return [facet for facet in found if facet.values]


def _values(name: str, counted: Sequence[tuple[str, int, str]], chosen: Collection[str]) -> list[FacetValue]:
    is_id = name in {"category", "seller"}
    return [
        FacetValue(
            value=_dashed(value) if is_id else value,
            label=_band(int(value)) if name == "price" else label,
            products=products,
            is_chosen=value in chosen,
        )
        for value, products, label in counted
    ]


def _dashed(value: str) -> str:
    """An identifier's usual form."""
    return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"


def _band(band: int) -> str:
    low, high = band_limits(band)
    return f"{taka(low)} – {taka(high)}" if high is not None else f"{taka(low)} +"
