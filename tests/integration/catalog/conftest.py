"""A seller with an account, a moderator, categories with attributes."""

from dataclasses import dataclass
from uuid import UUID

import httpx
import pytest

from foundation.ids import uuid7


@dataclass
class Shopkeeper:
    """A person who sells for one seller."""

    user_id: UUID
    seller_id: UUID

    def client(self, api) -> httpx.AsyncClient:
        token = api.token_for(self.user_id, "shop", "sell")
        return httpx.AsyncClient(
            transport=api.client._transport, base_url="http://shop", headers={"authorization": f"Bearer {token}"}
        )


@pytest.fixture(scope="module")
def shopkeepers(shop) -> list[Shopkeeper]:
    people = []
    for number in range(2):
        shop.add_offer(stock=5, seller=number)
        person = Shopkeeper(uuid7(), shop.sellers[number])
        shop.sql("insert into identity.users (id, full_name) values (%s, 'Seller')", person.user_id)
        shop.sql(
            "insert into sellers.members (seller_id, user_id, role) values (%s, %s, 'seller_owner')",
            person.seller_id, person.user_id,
        )  # fmt: skip
        people.append(person)
    return people


@pytest.fixture(scope="module")
def shirts(shop) -> UUID:
    """Clothing > Shirts: colour and size make variants, material is required; colour is defined above."""
    clothing, shirt = uuid7(), uuid7()
    shop.sql("insert into catalog.categories (id, path, name_en) values (%s, 'Clothing', 'Clothing')", clothing)
    shop.sql(
        "insert into catalog.categories (id, parent_id, path, name_en, name_bn) values (%s, %s, 'Clothing > Shirts', 'Shirts', 'শার্ট')",
        shirt, clothing,
    )  # fmt: skip
    rows = [
        (clothing, "colour", "choice", '[{"code": "blue", "en": "Blue"}, {"code": "red", "en": "Red"}]', False, True),
        (shirt, "size", "choice", '[{"code": "M", "en": "M"}, {"code": "XL", "en": "XL"}]', False, True),
        (shirt, "material", "text", "[]", True, False),
    ]
    for category, code, kind, choices, required, variant in rows:
        shop.sql(
            "insert into catalog.attributes (id, category_id, code, label_en, kind, choices, is_required, is_variant, is_facet) "
            "values (%s, %s, %s, %s, %s, %s, %s, %s, true)",
            uuid7(), category, code, code.title(), kind, choices, required, variant,
        )  # fmt: skip
    return shirt
