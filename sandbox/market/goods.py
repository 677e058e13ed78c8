"""What the market's shoppers can choose from: real offers of the shop with their prices. Reads; never writes."""

import itertools
import random
from dataclasses import dataclass
from uuid import UUID

import psycopg

from foundation.settings import Settings
from sandbox.market.people import dice_of

# What was sold in the past had been delivered before: today's shelf does not limit it (the 1000).
# History takes goods that the imported panel lists but nobody bought: real sellers, products and prices, while the
# panel's own demand series stay exactly what they are in its file.
_UNSOLD = """
select o.id, p.code, s.code, h.code, o.price_poisha, 1000
from catalog.offers o join catalog.products p on p.id = o.product_id join sellers.sellers s on s.id = o.seller_id
join inventory.stock k on k.offer_id = o.id join inventory.hubs h on h.id = k.hub_id
where o.status = 'active' and k.shipped = 0 order by o.id
"""
_ANY = _UNSOLD.replace("and k.shipped = 0 ", "and k.on_hand - k.reserved > 0 ")
FEWEST = 200


@dataclass(frozen=True, slots=True)
class Good:
    """One offer."""

    offer_id: UUID
    product_code: str
    seller_code: str
    hub_code: str
    price_poisha: int
    on_hand: int


class Shelf:
    """Goods with their popularity: a few sell much, most sell little."""

    def __init__(self, goods: list[Good], seed: int) -> None:
        if not goods:
            raise LookupError("The shop has no offers to buy: import order history first with `getit import orders`.")
        shuffled = sorted(goods, key=lambda good: good.product_code)
        dice_of(seed, "popularity").shuffle(shuffled)
        self.goods = shuffled
        self._edges = list(itertools.accumulate(1.0 / (rank + 12) ** 0.85 for rank in range(len(shuffled))))

    def pick(self, dice: random.Random) -> Good:
        """A good, by popularity."""
        return dice.choices(self.goods, cum_weights=self._edges)[0]

    def pick_dear(self, dice: random.Random, tries: int) -> Good:
        """The dearest of several."""
        return max((self.pick(dice) for _ in range(tries)), key=lambda good: good.price_poisha)


def load_shelf(settings: Settings, *, seed: int) -> Shelf:
    """Offers of the shop for the history."""
    with psycopg.connect(settings.postgres("getit", role="getit_app")) as connection:
        rows = connection.execute(_UNSOLD).fetchall()
        if len(rows) < FEWEST:
            rows = connection.execute(_ANY).fetchall()
    return Shelf([Good(*row) for row in rows], seed)
