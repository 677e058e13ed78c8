"""What every answer of the API has in common: ETags, traces, CORS, fields' problems in the caller's language."""

import asyncio
import json
from uuid import UUID

import pytest
import structlog

from foundation import tracing
from foundation.errors import InvalidInput
from foundation.http_client import Peer
from foundation.i18n import catalogue
from foundation.outbox import NewEvent, record_events

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


class TestConditionalGet:
    def test_who_has_it_already_is_told_so(self, run, open_api, settings, shop):
        offer = shop.add_offer(stock=10)

        async def story():
            async with open_api(settings) as api:
                buyer = await api.buyer()
                public = await api.client.get("/v1/products")
                again = await api.client.get("/v1/products", headers={"if-none-match": public.headers["etag"]})
                cart = await buyer.client.get("/v1/cart")
                await buyer.client.put(f"/v1/cart/lines/{offer}", json={"quantity": 1})
                changed = await buyer.client.get("/v1/cart", headers={"if-none-match": cart.headers["etag"]})
                error = await buyer.client.get("/v1/orders/no-such", headers={"if-none-match": "*"})
                return public, again, cart, changed, error

        public, again, cart, changed, error = run(story())

        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", public.headers["etag"])
        assert (public.headers["cache-control"], cart.headers["cache-control"]) == ("no-cache", "private, no-cache")
        assert "Authorization" in public.headers["vary"]
        assert (changed.status_code, changed.json()["lines"][0]["quantity"]) == (200, 1)
        assert (error.status_code, "etag" in error.headers) == (422, False)

    def test_documents_have_one_and_pages_do_not(self, run, open_api, settings, shop):
        async def story():
            async with open_api(settings) as api:
                return await api.client.get("/commerce/docs"), await api.client.get("/commerce/openapi.json")

        page, description = run(story())
        assert "etag" not in page.headers
        assert description.headers["etag"]


class TestTrace:
    def test_one_trace_from_the_request_to_the_event(self, run, open_api, settings, shop):
        offer = shop.add_offer(stock=10)

        async def story():
            async with open_api(settings) as api:
                buyer = await api.buyer()
                buyer.client.headers["traceparent"] = PARENT
                placed = await buyer.place({offer: 1})
                del buyer.client.headers["traceparent"]
                other = await buyer.place({offer: 1})
                return placed.json()["group_id"], other.json()["group_id"]

        groups = run(story())
        found = [
            shop.sql(
                "select traceparent from platform.outbox where event_type = 'order.placed' and payload ->> 'group_id' = %s",
                group,
            )[0][0]
            for group in groups
        ]
        assert found[0].split("-")[1] == TRACE
        # Our own span, not the caller's; and another request is another trace.
        assert found[0] != PARENT
        assert found[1].split("-")[1] not in {TRACE, "0" * 32}

    def test_lines_and_calls_carry_it(self, run, open_api, settings, shop, capsys):
        async def story():
            async with open_api(settings) as api:
                tracing.begin(PARENT)
                heard = []

                async def handler(reader, writer):
                    heard.append((await reader.readuntil(b"\r\n\r\n")).decode())
                    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
                    await writer.drain()
                    writer.close()

                server = await asyncio.start_server(handler, "127.0.0.1", 0)
                peer = Peer("other", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
                await peer.get("/", deadline_s=5)
                await peer.close()
                server.close()
                structlog.get_logger("traced").warning("a line")
                async with api.app.state.commerce.database.transaction() as connection:
                    event = NewEvent(topic="t", aggregate_id="x", event_type="thing.happened", payload={})
                    await record_events(connection, [event])
                return heard[0]

        heard = run(story())
        assert f"traceparent: 00-{TRACE}-" in heard.lower()
        line = json.loads(next(one for one in capsys.readouterr().out.splitlines() if "a line" in one))
        assert line["trace_id"] == TRACE
        rows = shop.sql("select traceparent from platform.outbox where event_type = 'thing.happened'")
        assert [one.split("-")[1] for (one,) in rows] == [TRACE]

    @pytest.mark.parametrize("given", [None, "", "00-x-y-01", f"00-{'0' * 32}-00f067aa0ba902b7-01", PARENT + "x", "é"])
    def test_what_is_no_trace_begins_a_new_one(self, given):
        trace_id = tracing.begin(given).split("-")[1]
        assert trace_id != TRACE
        assert len(trace_id) == 32


def test_fields_are_told_in_the_callers_language(run, open_api, settings, shop):
    async def story():
        async with open_api(settings) as api:
            bodies = {"phone": 5, "password": "x", "full_name": "", "surprise": True}
            return [
                (await api.client.post("/v1/auth/register", json=bodies, headers={"accept-language": locale})).json()
                for locale in ("en", "bn", "hi")
            ]

    english, bangla, hindi = run(story())
    for answer, locale in ((bangla, "bn"), (hindi, "hi")):
        texts = {one["field"]: one["detail"] for one in answer["errors"]}
        assert len(texts) >= 3
        for one in english["errors"]:
            assert texts[one["field"]] != one["detail"]
        assert answer["title"] != english["title"]
        assert catalogue(locale)[InvalidInput.message].startswith(answer["title"])


def test_only_allowed_origins_may_ask_from_a_browser(run, open_api, settings, shop):
    async def story():
        found = []
        for origins in (("https://shop.example",), ()):
            own = settings.model_copy(update={"allowed_origins": origins})
            async with open_api(own) as api:
                ask = {"access-control-request-method": "POST", "access-control-request-headers": "idempotency-key"}
                for origin in ("https://shop.example", "https://evil.example"):
                    answer = await api.client.options("/v1/orders", headers={"origin": origin, **ask})
                    found.append(answer.headers.get("access-control-allow-origin"))
        return found

    assert run(story()) == ["https://shop.example", None, None, None]


def test_an_order_that_is_sent_again_is_no_conditional_get(run, open_api, settings, shop):
    """POST answers are stored byte for byte: nothing is added to or taken from them."""
    offer = shop.add_offer(stock=10)

    async def story():
        async with open_api(settings) as api:
            buyer = await api.buyer()
            answers = [await buyer.place({offer: 1}, key="the-same-key-twice") for _ in range(2)]
            return [(answer.status_code, answer.content, "etag" in answer.headers) for answer in answers]

    first, second = run(story())
    assert first == second
    assert (first[0], first[2]) == (201, False)
    assert UUID(json.loads(first[1])["group_id"])


def test_too_many_tries_are_told_when_to_come_again(run, open_api, settings, shop):
    """And without the middleware, the twin, nobody is."""

    async def story():
        found = []
        for is_on in (True, False):
            async with open_api(settings.model_copy(update={"rate_limits": is_on})) as api:
                login = {"phone": "01712345678", "password": "wrong wrong wrong"}
                ask = {"accept-language": "bn", "x-forwarded-for": "203.0.113.9"}
                answers = [
                    await api.client.post("/v1/auth/refresh", json={"refresh_token": "x"}, headers=ask)
                    for _ in range(140)
                ]
                other = await api.client.post(
                    "/v1/auth/login", json=login, headers=ask | {"x-forwarded-for": "203.0.113.10"}
                )
                found.append(([answer for answer in answers if answer.status_code == 429], other.status_code))
        return found

    (refused, other), (free, _) = run(story())

    assert refused
    assert int(refused[0].headers["retry-after"]) >= 1
    assert refused[0].json()["code"] == "too-many-requests"
    assert refused[0].headers["content-type"] == "application/problem+json"
    assert refused[0].headers["content-language"] == "bn"
    assert other != 429
    assert free == []
