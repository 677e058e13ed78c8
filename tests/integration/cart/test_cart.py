"""The cart over HTTP: saved for later, notices in the caller's language, a guest's cart merged, the same order again."""

from uuid import uuid4

import pytest


@pytest.fixture
def offers(shop):
    return [shop.add_offer(stock=stock, price_poisha=150_000) for stock in (100, 3)]


def lines_of(cart):
    return {line["offer_id"]: line["quantity"] for line in cart["lines"]}


def test_saved_for_later_stays_when_the_cart_is_ordered(run, open_api, settings, shop, offers):
    first, second = map(str, offers)

    async def story():
        async with open_api(settings) as api:
            buyer = await api.buyer()
            await buyer.client.put(f"/v1/cart/lines/{first}", json={"quantity": 1})
            cart = await buyer.client.put(f"/v1/cart/lines/{second}", json={"quantity": 2, "is_saved": True})
            body = {
                "payment_method": "cod",
                "address": {"district_code": "BD-13", "line": "House 7", "phone": "01712345678"},
            }
            placed = await buyer.client.post("/v1/orders", json=body, headers={"idempotency-key": str(uuid4())})
            after = await buyer.client.get("/v1/cart")
            kept = await buyer.client.put(f"/v1/cart/lines/{second}", json={"quantity": 3})
            return cart.json(), placed, after.json(), kept.json()

    cart, placed, after, kept = run(story())
    assert lines_of(cart) == {first: 1}
    assert cart["subtotal_poisha"] == 150_000
    assert placed.json()["subtotal_poisha"] == 150_000
    assert (after["lines"], [line["offer_id"] for line in after["saved"]]) == ([], [second])
    assert [line["quantity"] for line in kept["saved"]] == [3], "a new quantity does not move it back"


def test_notices_say_what_has_changed_until_it_is_seen(run, open_api, settings, shop, offers):
    plenty, few = map(str, offers)

    async def story():
        async with open_api(settings) as api:
            buyer = await api.buyer()
            buyer.client.headers["accept-language"] = "bn"
            await buyer.client.put(f"/v1/cart/lines/{plenty}", json={"quantity": 1})
            await buyer.client.put(f"/v1/cart/lines/{few}", json={"quantity": 4})
            shop.sql("update catalog.offers set price_poisha = 12345600 where id = %s", offers[0])
            changed = (await buyer.client.get("/v1/cart")).json()
            seen = (await buyer.client.post("/v1/cart/seen")).json()
            shop.sql("update catalog.offers set status = 'withdrawn' where id = %s", offers[0])
            gone = (await buyer.client.get("/v1/cart")).json()
            return changed, seen, gone

    changed, seen, gone = run(story())
    first, second = changed["lines"]
    assert first["notices"] == [{"code": "price_up", "text": "দাম ৳১,৫০০.০০ থেকে বেড়ে ৳১,২৩,৪৫৬.০০ হয়েছে।"}]
    assert [notice["code"] for notice in second["notices"]] == ["too_few"]
    assert seen["lines"][0]["notices"] == []
    assert [notice["code"] for notice in gone["lines"][0]["notices"]] == ["not_sold"]


def test_a_guests_cart_moves_into_the_account_once(run, open_api, settings, shop, offers):
    plenty, few = map(str, offers)

    async def story():
        async with open_api(settings) as api:
            guest, member = api.buyers(shop, 2)
            for buyer, offer, quantity in ((guest, plenty, 5), (guest, few, 1), (member, plenty, 2)):
                await buyer.client.put(f"/v1/cart/lines/{offer}", json={"quantity": quantity})
            token = guest.client.headers["authorization"].removeprefix("Bearer ")
            merged = [await member.client.post("/v1/cart/merge", json={"guest_token": token}) for _ in range(2)]
            forged = await member.client.post("/v1/cart/merge", json={"guest_token": token[:-4] + "AAAA"})
            left = await guest.client.get("/v1/cart")
            return [lines_of(answer.json()) for answer in merged], forged.status_code, left.json()["lines"]

    merged, forged, left = run(story())
    assert merged == [{plenty: 5, few: 1}] * 2
    assert (forged, left) == (401, [])


def test_the_same_again_and_its_invoice(run, open_api, settings, shop, offers):
    async def story():
        async with open_api(settings) as api:
            buyer, stranger = api.buyers(shop, 2)
            placed = (await buyer.place({offers[0]: 2, offers[1]: 1})).json()
            path = f"/v1/orders/{placed['group_id']}"
            shop.sql("update catalog.offers set status = 'withdrawn' where id = %s", offers[1])
            again = (await buyer.client.post(f"{path}/reorder")).json()
            cart = (await buyer.client.get("/v1/cart")).json()
            invoice = (await buyer.client.get(f"{path}/invoice")).json()
            page = await buyer.client.get(f"{path}/invoice?format=html", headers={"accept-language": "bn"})
            foreign = [
                (await stranger.client.get(f"{path}/invoice")).status_code,
                (await stranger.client.post(f"{path}/reorder")).status_code,
            ]
            return placed, again, cart, invoice, page, foreign

    placed, again, cart, invoice, page, foreign = run(story())
    assert again == {"in_cart": [str(offers[0])], "not_sold": [str(offers[1])]}
    assert lines_of(cart) == {str(offers[0]): 2}
    assert invoice["total_poisha"] == placed["total_poisha"]
    assert sum(line["total_poisha"] for order in invoice["orders"] for line in order["lines"]) == 450_000
    assert "৳৪,৫০০.০০" in page.text
    assert "ক্যাশ অন ডেলিভারি" in page.text
    assert foreign == [404, 404]


def test_a_quote_is_the_price_of_the_order(run, open_api, settings, shop, offers):
    async def story():
        async with open_api(settings) as api:
            buyer = api.buyers(shop, 1)[0]
            body = {
                "lines": [{"offer_id": str(offers[0]), "quantity": 2}],
                "address": {"district_code": "BD-10", "line": "House 7", "phone": "01712345678"},
            }
            quote = (await buyer.client.post("/v1/orders/quote", json=body)).json()
            order = body | {"payment_method": "cod", "expected_total_poisha": quote["total_poisha"]}
            placed = await buyer.client.post("/v1/orders", json=order, headers={"idempotency-key": str(uuid4())})
            return quote, placed

    quote, placed = run(story())
    assert quote["total_poisha"] == 300_000 + 12_000
    assert placed.json()["total_poisha"] == quote["total_poisha"]
