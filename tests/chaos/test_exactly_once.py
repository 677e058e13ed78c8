"""Every request that must have one effect, sent one to five times at once through two processes, some of them given up on.

One effect, identical bytes. The twin without a key has several effects, so the count can see them.
"""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from commerce.identity.roles import ROLES, scopes_of
from foundation.ids import uuid7

ROUNDS = 6
NOW = datetime.now(UTC)
TIMES = {"starts_at": NOW.isoformat(), "ends_at": (NOW + timedelta(days=1)).isoformat()}


def code() -> str:
    return f"X{uuid4().hex[:10].upper()}"


def requests_of(shop) -> dict[str, tuple[str, object, str]]:
    """Name → path, a maker of bodies, and the count that tells how often it took effect."""
    offers = [shop.add_offer(stock=100_000, price_poisha=10_000) for _ in range(2)]
    far = uuid7()
    shop.sql("insert into inventory.hubs (id, code, name, district_code) values (%s, %s, 'Far', 'BD-10')", far, code())
    first, second = map(str, offers)
    address = {"district_code": "BD-13", "line": "House 7", "phone": "01712345678"}
    count = "select count(*) from "
    return {
        "order": (
            "/v1/orders",
            lambda: {"lines": [{"offer_id": first, "quantity": 1}], "payment_method": "cod", "address": address},
            count + "orders.order_groups",
        ),
        "prepaid order": (
            "/v1/orders",
            lambda: {"lines": [{"offer_id": first, "quantity": 1}], "payment_method": "bkash", "address": address},
            count + "payments.attempts",
        ),
        "receipt": (
            f"/v1/inventory/offers/{second}/receipts",
            lambda: {"hub_id": str(shop.hub_id), "quantity": 3},
            "select sum(received) / 3 from inventory.stock where offer_id = '" + second + "'",
        ),
        "write-off": (
            f"/v1/inventory/offers/{second}/write-offs",
            lambda: {"hub_id": str(shop.hub_id), "quantity": 1, "reason": "broken"},
            "select sum(written_off) from inventory.stock where offer_id = '" + second + "'",
        ),
        "transfer": (
            "/v1/inventory/transfers",
            lambda: {"offer_id": second, "from_hub_id": str(shop.hub_id), "to_hub_id": str(far), "quantity": 1},
            count + "inventory.transfers",
        ),
        "purchase order": (
            "/v1/inventory/purchase-orders",
            lambda: {
                "seller_id": str(shop.sellers[0]), "hub_id": str(shop.hub_id), "supplier": "Mill",
                "lines": [{"offer_id": first, "quantity": 1, "unit_cost_poisha": 5}],
            },
            count + "inventory.purchase_orders",
        ),
        "campaign": (
            "/v1/promotions/campaigns", lambda: {"code": code(), "name_en": "Eid"} | TIMES, count + "promotions.campaigns"
        ),
        "voucher": (
            "/v1/promotions/vouchers",
            lambda: {"code": code(), "kind": "fixed", "amount_poisha": 5, "max_discount_poisha": 5, "limit_total": 9} | TIMES,
            count + "promotions.vouchers",
        ),
        "bundle": (
            "/v1/seller/promotions/bundles",
            lambda: {
                "code": code(), "name_en": "Pair", "discount_bp": 500, "items": [{"offer_id": first}, {"offer_id": second}],
            } | TIMES,
            count + "promotions.bundles",
        ),
    }  # fmt: skip


async def send(client, url, body, headers, *, gives_up: bool):
    """One sending; None when this sender lost patience."""
    try:
        return await client.post(url, json=body, headers=headers, timeout=0.004 if gives_up else 30)
    except httpx.HTTPError:
        return None


@pytest.fixture
def caller(shop, open_api, settings, run):
    async def token():
        async with open_api(settings) as api:
            user = uuid7()
            shop.sql("insert into identity.users (id, full_name) values (%s, 'Everything')", user)
            while not shop.sellers:
                shop.add_offer(stock=1)
            shop.sql(
                "insert into sellers.members (seller_id, user_id, role) values (%s, %s, 'seller_owner')",
                shop.sellers[0],
                user,
            )
            return api.token_for(user, *scopes_of(ROLES))

    return run(token())


def test_sent_up_to_five_times_it_happens_once(run, shop, servers, caller):
    chance = random.Random(20261123)
    wanted = requests_of(shop)

    async def story():
        found = {}
        async with httpx.AsyncClient(trust_env=False) as client:
            for name, (path, make, counting) in wanted.items():
                before, bodies = shop.sql(counting)[0][0] or 0, []
                for _ in range(ROUNDS):
                    body, key = make(), str(uuid4())
                    headers = {"authorization": f"Bearer {caller}", "idempotency-key": key}
                    first = chance.random() < 0.5
                    sendings = [
                        send(
                            client,
                            f"{servers.url(chance.randrange(2))}{path}",
                            body,
                            headers,
                            gives_up=n == 0 and first,
                        )
                        for n in range(chance.randint(1, 5))
                    ]
                    await asyncio.gather(*sendings)
                    # Whatever became of those: the last word at either process is the same.
                    last = [
                        await send(client, f"{servers.url(n)}{path}", body, headers, gives_up=False) for n in (0, 1)
                    ]
                    bodies.append({(answer.status_code, answer.content) for answer in last})
                found[name] = ((shop.sql(counting)[0][0] or 0) - before, bodies)
        return found

    for name, (effects, bodies) in run(story()).items():
        assert effects == ROUNDS, name
        assert all(len(same) == 1 and next(iter(same))[0] == 201 for same in bodies), (name, bodies)


def test_in_parallel_all_who_wait_get_the_same_bytes(run, shop, servers, caller):
    path, make, _ = requests_of(shop)["order"]

    async def story():
        body, headers = make(), {"authorization": f"Bearer {caller}", "idempotency-key": str(uuid4())}
        async with httpx.AsyncClient(trust_env=False) as client:
            return await asyncio.gather(
                *(send(client, f"{servers.url(n)}{path}", body, headers, gives_up=False) for n in range(5))
            )

    answers = run(story())
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert sum("idempotent-replayed" in answer.headers for answer in answers if answer.status_code == 201) == (
        sum(answer.status_code == 201 for answer in answers) - 1
    )


def test_without_one_key_it_happens_several_times(run, shop, servers, caller):
    """The broken twin: a client that makes a new key for every attempt."""
    path, make, counting = requests_of(shop)["order"]
    before = shop.sql(counting)[0][0]

    async def story():
        body = make()
        async with httpx.AsyncClient(trust_env=False) as client:
            await asyncio.gather(
                *(
                    send(
                        client, f"{servers.url(n)}{path}", body,
                        {"authorization": f"Bearer {caller}", "idempotency-key": str(uuid4())}, gives_up=False,
                    )
                    for n in range(3)
                )
            )  # fmt: skip

    run(story())
    assert shop.sql(counting)[0][0] - before == 3
