"""What makes one match better than another: the weights, in one place. Pure; a learned ranking plugs in here.

The text score is made by PostgreSQL at query time, all else is known before: `quality` is stored with the document.
Not here: which products match.
"""

import math
from dataclasses import dataclass
from typing import Protocol

#: ts_rank weights of description, category, brand and size, title.
TEXT_WEIGHTS = (0.05, 0.2, 0.4, 1.0)
#: Final score = text share * text score + quality.
TEXT_SHARE = 3.0


@dataclass(frozen=True)
class Facts:
    """What is known of a product before anybody asks."""

    units_ordered: int
    is_in_stock: bool
    price_poisha: int | None
    offers: int
    has_bangla_title: bool
    rating_centi: int | None = None
    ratings: int = 0


class Signals(Protocol):
    """A ranking: turns facts into the part of the score that does not depend on the query (0 bad .. 1 good)."""

    name: str

    def quality(self, facts: Facts) -> float:
        """Quality of a product."""
        ...


class HandWeights:
    """Weights chosen by hand: what sells, can be bought now and is well spoken of stands higher."""

    name = "hand-weights-1"

    def quality(self, facts: Facts) -> float:
        """Quality between 0 and 1."""
        # In coarse steps: not every order shall rewrite a document.
        popularity = round(min(1.0, math.log1p(facts.units_ordered) / math.log(10_001)), 2)
        # Few ratings are pulled towards 3.5 stars.
        rating = ((facts.rating_centi or 0) * facts.ratings / 100 + 3.5 * 5) / (facts.ratings + 5) / 5
        score = 0.45 * popularity + 0.25 * facts.is_in_stock + 0.1 * (facts.price_poisha is not None) + 0.15 * rating
        return round(score + 0.03 * min(facts.offers, 3) / 3 + 0.02 * facts.has_bangla_title, 5)


SIGNALS: Signals = HandWeights()
