"""The second wall: a read that forgot to ask whose rows they are shows a shopper nothing of others."""

import asyncio

import psycopg

from commerce.orders import use_cases
from foundation import rows
from foundation.database import fetch_all
from getit.databases import OWNED
from getit.schema import metadata

CHECK = "(%(sees_all)s or g.buyer_id = %(buyer_id)s)"


def test_a_statement_without_its_owner_check_shows_a_shopper_nothing(run, open_api, settings, shop, monkeypatch):
    offer = shop.add_offer(stock=10)
    assert CHECK in use_cases.SQL["invoice"]
    broken = use_cases.SQL["invoice"].replace(CHECK, "%(buyer_id)s::uuid is not null")
    monkeypatch.setattr(use_cases, "SQL", {**use_cases.SQL, "invoice": broken})

    async def story():
        async with open_api(settings) as api:
            owner, other = await api.buyer(), await api.buyer()
            path = f"/v1/orders/{(await owner.place({offer: 1})).json()['group_id']}/invoice"
            answers = [(await who.client.get(path)).status_code for who in (owner, other, api.staff("support"))]
            # Whoever comes next on the same connections is not restricted any more.
            again = (await owner.place({offer: 1})).status_code
            return answers, again

    assert run(story()) == ([200, 404, 200], 201)


def test_many_at_once_each_see_their_own(run, open_api, settings, shop):
    offer = shop.add_offer(stock=1_000)

    async def story():
        async with open_api(settings) as api:
            buyers = api.buyers(shop, 20)
            await asyncio.gather(*(buyer.place({offer: 1}) for buyer in buyers))
            pages = await asyncio.gather(*(buyer.client.get("/v1/orders") for buyer in buyers for _ in range(5)))
            return [len(page.json()["items"]) for page in pages]

    assert run(story()) == [1] * 100


def test_a_guarded_table_shows_nothing_of_others_and_takes_nothing_for_them(run, open_api, settings, shop):
    offer = shop.add_offer(stock=10)

    async def story():
        async with open_api(settings) as api:
            owner, other = await api.buyer(), await api.buyer()
            await owner.place({offer: 1})
            token = rows.begin()
            found = []
            try:
                for user in (owner.user_id, other.user_id):
                    rows.only_of(user)
                    async with api.app.state.commerce.database.connection() as connection:
                        found.append(len(await fetch_all(connection, "select id from orders.order_groups")))
                        changed = await connection.execute("update orders.order_groups set district_code = null")
                        found.append(changed.rowcount)
            finally:
                rows.end(token)
            return found

    assert run(story()) == [1, 1, 0, 0]


def test_every_guarded_table_has_its_owner_and_its_policy(settings, engine):
    for table, owner in OWNED.items():
        assert owner in metadata.tables[table].columns
    with psycopg.connect(settings.postgres("getit")) as connection:
        found = connection.execute(
            "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            "join pg_policy p on p.polrelid = c.oid where c.relrowsecurity"
        ).fetchall()
    assert {table for (table,) in found} == set(OWNED)
