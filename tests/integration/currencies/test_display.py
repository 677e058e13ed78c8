"""Other currencies over HTTP: rates that stand, the one in force on the day, prices beside taka and marked as approximate."""

from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from foundation.clock import business_date, system_clock

HEADER = "currency,effective_on,taka_per_unit,source\n"


def day(days: int) -> str:
    return str(business_date(system_clock()) + timedelta(days=days))


def line(currency: str, days: int, rate: str, source: str = "Bangladesh Bank") -> str:
    return f"{currency},{day(days)},{rate},{source}\n"


async def send(client, text: str):
    return await client.post("/v1/currencies/rates", files={"file": ("rates.csv", text.encode(), "text/csv")})


def test_rates_are_added_once_and_stand(run, open_api, settings, shop):
    async def story():
        async with open_api(settings) as api:
            finance, support = api.staff("finance").client, api.staff("support").client
            text = HEADER + line("EUR", -40, "130") + line("EUR", -1, "131.25") + line("EUR", 1, "140")
            denied = await send(support, text)
            added = await send(finance, text)
            again = await send(finance, text)
            other = await send(finance, HEADER + line("MYR", 0, "26.1") + line("EUR", -1, "131.26"))
            broken = await send(finance, HEADER + line("MYR", 0, "26.1") + line("EUR", -2, "cheap"))
            page = (await api.client.get("/v1/currencies/EUR/rates", params={"limit": 2})).json()
            rest = (
                await api.client.get("/v1/currencies/EUR/rates", params={"limit": 2, "cursor": page["next_cursor"]})
            ).json()
            unknown = await api.client.get("/v1/currencies/BDT/rates")
            listed = {row["currency"]: row["rate"] for row in (await api.client.get("/v1/currencies")).json()["items"]}
            return denied, added, again, other, broken, page, rest, unknown, listed

    denied, added, again, other, broken, page, rest, unknown, listed = run(story())
    assert denied.status_code == 403
    assert (added.json(), again.json()) == ({"added": 3, "unchanged": 0}, {"added": 0, "unchanged": 3})
    assert (other.status_code, other.json()["code"], other.json()["currency"]) == (409, "rate-stands", "EUR")
    assert (broken.status_code, broken.json()["line"], unknown.status_code) == (422, 3, 422)
    assert [row["taka_per_unit"] for row in page["items"]] == ["140.000000", "131.250000"]
    assert [row["taka_per_unit"] for row in rest["items"]] == ["130.000000"]
    assert listed["EUR"]["effective_on"] == day(-1), "tomorrow's rate is not yet in force"
    assert listed["MYR"] is None, "all of a file or none of it"
    with (
        psycopg.connect(settings.postgres("getit", role="getit_app")) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("update currencies.rates set micro_taka = 1")


def test_prices_are_shown_beside_taka_and_taka_are_charged(run, open_api, settings, shop):
    offer = shop.add_offer(stock=10, price_poisha=24_300)

    async def story():
        async with open_api(settings) as api:
            await send(api.staff("finance").client, HEADER + line("USD", -3, "121.50") + line("INR", -30, "1.4"))
            buyer = await api.buyer()
            await buyer.client.put(f"/v1/cart/lines/{offer}", json={"quantity": 2})
            ask = {"currency": "USD"}
            cart = (await buyer.client.get("/v1/cart", params=ask)).json()
            plain = (await buyer.client.get("/v1/cart")).json()
            stale = (await buyer.client.get("/v1/cart", params={"currency": "INR"})).json()
            wrong = await buyer.client.get("/v1/cart", params={"currency": "XXX"})
            products = (await api.client.get("/v1/products", params=ask)).json()["items"]
            detail = (await api.client.get(f"/v1/products/{products[0]['product_id']}", params=ask)).json()
            address = {"district_code": "BD-13", "line": "House 7", "phone": "01712345678"}
            basket = {"lines": [{"offer_id": str(offer), "quantity": 2}], "address": address}
            quoted = await buyer.client.post("/v1/orders/quote", params=ask, json=basket)
            placed = (await buyer.place({offer: 2})).json()
            orders = (await buyer.client.get("/v1/orders", params=ask)).json()["items"]
            group = (await buyer.client.get(f"/v1/orders/{placed['group_id']}", params=ask)).json()
            commerce = api.app.state.commerce
            api.app.state.commerce = replace(commerce, clock=lambda: system_clock() + timedelta(days=12))
            later = (await buyer.client.get("/v1/orders", params=ask)).json()["items"]
            return cart, plain, stale, wrong, detail, quoted, placed, orders, group, later

    cart, plain, stale, wrong, detail, quoted, placed, orders, group, later = run(story())
    assert cart["approximate"] == {
        "currency": "USD", "is_approximate": True, "rate_on": day(-3), "source": "Bangladesh Bank",
        "amounts": {"subtotal": "4.00"},
    }  # fmt: skip
    assert cart["lines"][0]["approximate"]["amounts"] == {"price": "2.00", "total": "4.00", "seen_price": "2.00"}
    assert (cart["subtotal_poisha"], plain["subtotal_poisha"]) == (48_600, 48_600)
    assert plain["approximate"] is stale["approximate"] is None, "none asked for; too old to be shown"
    assert wrong.status_code == 422
    assert detail["offers"][0]["approximate"]["amounts"]["price"] == "2.00"
    assert (quoted.status_code, quoted.json()["approximate"]["amounts"]["subtotal"]) == (200, "4.00")
    total = f"{placed['total_poisha'] / 100 / 121.5:.2f}"
    assert orders[0]["approximate"]["amounts"]["total"] == group["approximate"]["amounts"]["total"] == total
    assert "approximate" not in placed
    assert later[0]["approximate"] is None
    assert shop.sql("select amount_poisha from payments.attempts") == [(placed["total_poisha"],)]
