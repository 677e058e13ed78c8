"""Talk between buyers and shops: masked before it is stored, seen by its two sides only, pushed as it happens, none lost."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from conftest import free_port, wait_for_port
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from commerce.context import Commerce
from commerce.engagement import talk
from commerce.engagement.talk import Side
from commerce.engagement.talk_schemas import MessageRequest
from commerce.identity.roles import ROLES
from commerce.relay import Relay
from foundation.ids import uuid7


def open_shop(api, shop) -> tuple[object, object]:
    """A new shop and its owner."""
    seller_id, user = uuid7(), uuid7()
    shop.sql("insert into sellers.sellers (id, code, name) values (%s, %s, 'Rahim Store')", seller_id, f"t-{seller_id}")
    shop.sql("insert into sellers.members (seller_id, user_id, role) values (%s, %s, 'seller_owner')", seller_id, user)
    return seller_id, api._as(api.token_for(user, *ROLES["seller_owner"]), user, "")


async def thread_of(buyer, seller_id) -> str:
    return (await buyer.client.post("/v1/messages/threads", json={"seller_id": str(seller_id)})).json()["id"]


async def say(person, thread: str, text: str, **headers: str) -> dict:
    side = "shop/" if person.phone == "" else ""
    answer = await person.client.post(f"/v1/messages/{side}threads/{thread}", json={"text": text}, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_contact_details_are_hidden_from_both_and_the_writer_is_told_why(run, open_api, settings, shop):
    async def story():
        async with open_api(settings) as api:
            buyer = await api.buyer()
            seller_id, seller = open_shop(api, shop)
            thread = await thread_of(buyer, seller_id)
            again = await thread_of(buyer, seller_id)
            written = await say(
                seller, thread, "Call 01712345678 or whatsapp e knock diyen", **{"accept-language": "bn"}
            )
            plain = await say(buyer, thread, "Is it in stock?")
            read = (await buyer.client.get(f"/v1/messages/threads/{thread}?limit=1")).json()
            older = (
                await buyer.client.get(f"/v1/messages/threads/{thread}?limit=1&cursor={read['next_cursor']}")
            ).json()
            listed = (await seller.client.get("/v1/messages/shop/threads")).json()
            return thread, again, written, plain, read, older, listed

    thread, again, written, plain, read, older, listed = run(story())
    assert thread == again
    assert "01712345678" not in written["text"]
    assert {one["kind"] for one in written["hidden"]} == {"phone", "messenger"}
    assert all("GetIt" in one["reason"] or "এখানেই" in one["reason"] for one in written["hidden"])
    assert any("ক্রেতার সুরক্ষা" in one["reason"] for one in written["hidden"])
    assert (plain["text"], plain["hidden"]) == ("Is it in stock?", [])
    assert read["items"][0]["text"] == "Is it in stock?"
    assert older["items"][0]["text"] == written["text"]
    assert listed["items"][0]["waiting_since_at"] is not None
    stored = shop.sql("select text_encrypted from engagement.messages where thread_id = %s", thread)
    assert all(b"stock" not in bytes(row[0]) for row in stored)


def test_only_the_two_sides_see_a_thread(run, open_api, settings, shop):
    async def story():
        async with open_api(settings) as api:
            buyer, stranger = await api.buyer(), await api.buyer()
            seller_id, _ = open_shop(api, shop)
            _, rival = open_shop(api, shop)
            thread = await thread_of(buyer, seller_id)
            return [
                (await stranger.client.get(f"/v1/messages/threads/{thread}")).status_code,
                (await stranger.client.post(f"/v1/messages/threads/{thread}", json={"text": "hi"})).status_code,
                (await rival.client.get(f"/v1/messages/shop/threads/{thread}")).status_code,
                (await rival.client.post(f"/v1/messages/shop/threads/{thread}", json={"text": "hi"})).status_code,
                (await buyer.client.get(f"/v1/messages/shop/threads/{thread}")).status_code,
            ]

    assert run(story()) == [404, 404, 404, 404, 403]


def test_response_time_counts_from_the_first_unanswered_question(run, open_api, settings, shop):
    moment = [datetime(2026, 3, 1, 6, tzinfo=UTC)]

    async def story():
        async with open_api(settings) as api:
            buyer, other = await api.buyer(), await api.buyer()
            seller_id, _ = open_shop(api, shop)
            threads = [await thread_of(person, seller_id) for person in (buyer, other)]
        commerce = Commerce.build(settings, clock=lambda: moment[0])
        await commerce.open()

        async def at(minutes: int, thread: str, side: Side) -> None:
            moment[0] = datetime(2026, 3, 1, 6, tzinfo=UTC) + timedelta(minutes=minutes)
            request = MessageRequest(text="hello")
            await talk.write(commerce, side, uuid7(), thread, request, locale="en")

        mine, theirs, shop_side = Side(buyer_id=buyer.user_id), Side(buyer_id=other.user_id), Side(seller_id=seller_id)
        nothing = await talk.response_time(commerce, seller_id)
        await at(0, threads[0], mine)
        await at(5, threads[0], mine)
        await at(10, threads[0], shop_side)
        await at(11, threads[0], shop_side)
        await at(20, threads[0], mine)
        await at(50, threads[0], shop_side)
        await at(60, threads[1], theirs)
        moment[0] += timedelta(hours=30)
        waiting = await talk.response_time(commerce, seller_id)
        await at(60 + 31 * 60, threads[1], shop_side)
        after = await talk.response_time(commerce, seller_id)
        await commerce.close()
        return nothing, waiting, after

    nothing, waiting, after = run(story())
    assert (nothing.answered, nothing.median_seconds, nothing.within_day_bp) == (0, None, None)
    assert (waiting.answered, waiting.median_seconds, waiting.within_day_bp, waiting.overdue) == (2, 20 * 60, 10_000, 1)
    assert (after.answered, after.median_seconds, after.within_day_bp, after.overdue) == (3, 30 * 60, 6666, 0)


def test_a_buyer_is_told_that_the_shop_has_answered(run, open_api, settings, shop):
    async def story():
        async with open_api(settings) as api:
            buyer = await api.buyer()
            seller_id, seller = open_shop(api, shop)
            thread = await thread_of(buyer, seller_id)
            await say(buyer, thread, "Is it new?")
            await say(seller, thread, "Yes")
            commerce = Commerce.build(settings)
            await commerce.open()
            while await Relay(commerce).react_once():
                pass
            await commerce.close()
            return (await buyer.client.get("/v1/me/notifications")).json()["items"]

    assert [item["title"] for item in run(story())] == ["Rahim Store has answered"]


@pytest.fixture
def server(settings, launch) -> str:
    """The API in another process than the one that writes."""
    port = free_port()
    launch(
        settings, "-m", "uvicorn", "commerce.app:create_app", "--factory", "--port", str(port), "--log-level", "error"
    )
    wait_for_port(port)
    return f"ws://127.0.0.1:{port}/v1/messages/ws"


async def hello(socket, token: str, **more: object) -> dict:
    await socket.send(json.dumps({"token": token, **more}))
    return json.loads(await asyncio.wait_for(socket.recv(), 10))


async def hear(socket) -> dict:
    return json.loads(await asyncio.wait_for(socket.recv(), 10))


def test_messages_come_as_they_happen_and_resume_without_loss(run, open_api, settings, shop, server):
    async def story():
        async with open_api(settings) as api:
            buyer, stranger = await api.buyer(), await api.buyer()
            seller_id, seller = open_shop(api, shop)
            thread = await thread_of(buyer, seller_id)
            other = await thread_of(stranger, seller_id)
            buyer_token = api.token_for(buyer.user_id, "shop")
            seller_token = api.token_for(seller.user_id, *ROLES["seller_owner"])
            async with connect(server) as mine, connect(server) as theirs:
                ready = [await hello(mine, buyer_token), await hello(theirs, seller_token, as_seller=True)]
                await say(stranger, other, "not for the other buyer")
                await say(buyer, thread, "one")
                first = await hear(mine)
                shop_heard = [(await hear(theirs))["message"]["text"] for _ in range(2)]
            await say(seller, thread, "two")
            await say(seller, thread, "three")
            async with connect(server) as again:
                await hello(again, buyer_token, last_id=first["id"])
                missed = [(await hear(again))["message"]["text"] for _ in range(2)]
                await say(seller, thread, "four")
                live = (await hear(again))["message"]["text"]
            return ready, first, shop_heard, missed, live

    ready, first, shop_heard, missed, live = run(story())
    assert ready == [{"type": "ready"}, {"type": "ready"}]
    assert (first["message"]["text"], first["message"]["written_by"]) == ("one", "buyer")
    assert shop_heard == ["not for the other buyer", "one"]
    assert missed == ["two", "three"]
    assert live == "four"


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ('{"token": "not a token"}', 4401),
        ("no json", 4400),
        ('{"token": "x", "last_id": "drop table"}', 4400),
        ('{"token": "x", "more": 1}', 4400),
    ],
)
def test_without_a_token_nothing_is_told(run, server, first, code):
    async def story():
        async with connect(server) as socket:
            await socket.send(first)
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(socket.recv(), 10)
            return socket.close_code

    assert run(story()) == code


def test_a_buyer_cannot_listen_for_a_shop(run, open_api, settings, shop, server):
    async def story():
        async with open_api(settings) as api:
            buyer = await api.buyer()
            seller_id, _ = open_shop(api, shop)
            codes = []
            for scopes in (("shop",), ("shop", "sell")):
                async with connect(server) as socket:
                    token = api.token_for(buyer.user_id, *scopes)
                    await socket.send(json.dumps({"token": token, "as_seller": True, "seller_id": str(seller_id)}))
                    with pytest.raises(ConnectionClosed):
                        await asyncio.wait_for(socket.recv(), 10)
                    codes.append(socket.close_code)
            return codes

    assert run(story()) == [4401, 4401]
