"""Notifications: events become messages in the buyer's language, each goes out once, silence is looked up, nights are quiet."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from conftest import free_port, wait_for_port

from commerce.context import Commerce
from commerce.notifications import sending
from commerce.notifications.ports import ChannelSilent
from commerce.notifications.use_cases import notify
from commerce.relay import Relay
from foundation.clock import DHAKA
from foundation.ids import uuid7

NOON = datetime(2026, 5, 4, 12, tzinfo=DHAKA).astimezone(UTC)
NIGHT = datetime(2026, 5, 4, 23, tzinfo=DHAKA).astimezone(UTC)


class Killed(BaseException):
    """The process is gone."""


class Messengers:
    """The sandbox's control desk."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/messages/admin"

    def taken(self) -> list[dict]:
        return httpx.get(f"{self.url}/messages", trust_env=False).json()

    def to(self, recipient: str) -> list[dict]:
        return [message for message in self.taken() if message["recipient"] == recipient]

    def faults(self, script: dict) -> None:
        httpx.put(f"{self.url}/faults", json=script, trust_env=False).raise_for_status()


@pytest.fixture
def world(settings, launch):
    port = free_port()
    own = settings.model_copy(update={"sandbox_port": port})
    launch(own, "-m", "uvicorn", "sandbox.app:create_app", "--factory", "--port", str(port), "--log-level", "error")
    wait_for_port(port)
    messengers = Messengers(port)
    messengers.faults({})
    return own, messengers


class Time:
    """A clock that a test turns."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


async def opened(settings, now: datetime) -> tuple[Commerce, Time]:
    time = Time(now)
    commerce = Commerce.build(settings, clock=time)
    await commerce.open()
    return commerce, time


async def work(commerce: Commerce) -> None:
    """What the relay does until nothing is due."""
    while await Relay(commerce).react_once():
        pass
    while await sending.make_digest(commerce):
        pass
    while await sending.send_due(commerce):
        pass


async def told(commerce: Commerce, user_id, template: str = "order.shipped") -> None:
    async with commerce.database.transaction() as connection:
        await notify(
            commerce, connection, user_id=user_id, event_id=uuid7(), template=template,
            params={"number": "G77", "amount_poisha": 5000},
        )  # fmt: skip


def state_of(shop, user_id) -> list[tuple]:
    return shop.sql("select channel, state, tries from notifications.messages where user_id = %s order by id", user_id)


def test_a_buyer_hears_of_the_order_once_in_bangla(run, open_api, shop, world):
    settings, messengers = world
    offer = shop.add_offer(stock=5)

    async def story():
        async with open_api(settings) as api:
            buyer = await api.buyer()
            placed = (await buyer.place({offer: 2})).json()
            commerce, _ = await opened(settings, NOON)
            await work(commerce)
            await work(commerce)
            await commerce.close()
            inbox = await buyer.client.get("/v1/me/notifications", headers={"accept-language": "hi"})
            first = inbox.json()["items"][0]["id"]
            read = await buyer.client.post(f"/v1/me/notifications/{first}/read")
            unread = (await buyer.client.get("/v1/me/notifications?unread_only=true")).json()
            return buyer, placed, inbox.json(), read.status_code, unread

    buyer, placed, inbox, status, unread = run(story())
    texts = messengers.to(f"88{buyer.phone}")
    assert len(texts) == 1
    assert placed["number"] in texts[0]["body"]
    assert "অর্ডার" in texts[0]["body"]
    assert "ऑर्डर" in inbox["items"][0]["title"], "the inbox speaks the reader's language"
    assert (inbox["unread"], status, unread["items"], unread["unread"]) == (1, 204, [], 0)
    assert shop.sql("select state from notifications.messages where user_id = %s", buyer.user_id) == [("sent",)]
    stored = shop.sql("select recipient_encrypted, params_encrypted from notifications.messages where user_id = %s", buyer.user_id)  # fmt: skip
    assert all(buyer.phone[1:].encode() not in bytes(value) for row in stored for value in row)


def test_silence_is_looked_up_and_never_sent_twice(run, open_api, shop, world):
    """The gateway takes the text and fails to say so; then it is down altogether; the text arrives once each time."""
    settings, messengers = world

    async def story():
        async with open_api(settings) as api:
            buyer = await api.buyer()
        commerce, time = await opened(settings, NOON)
        messengers.faults({"sms": {"act_then_503": 1.0}})
        await told(commerce, buyer.user_id)
        await work(commerce)
        in_doubt = state_of(shop, buyer.user_id)
        messengers.faults({})
        time.now += timedelta(minutes=2)
        await sending.resolve_doubtful(commerce)
        messengers.faults({"sms": {"fail_503": 1.0}})
        await told(commerce, buyer.user_id)
        await work(commerce)
        messengers.faults({})
        for _ in range(3):
            time.now += timedelta(minutes=2)
            await sending.resolve_doubtful(commerce)
            await sending.send_due(commerce)
        await commerce.close()
        return buyer, in_doubt

    buyer, in_doubt = run(story())
    assert in_doubt == [("sms", "unknown", 1)]
    assert state_of(shop, buyer.user_id) == [("sms", "sent", 1), ("sms", "sent", 2)]
    assert len(messengers.to(f"88{buyer.phone}")) == 2


def test_a_naive_sender_would_send_twice(run, world):
    """The broken twin: a new reference for each try and no look-up."""
    settings, messengers = world

    async def story():
        commerce, _ = await opened(settings, NOON)
        sms = commerce.channels["sms"]
        messengers.faults({"sms": {"act_then_503": 1.0}})
        for tries in range(2):
            if tries:
                messengers.faults({})
            outgoing = sending.Outgoing(reference=uuid7(), recipient="8801711111111", title="", body="hello")
            try:
                await sms.send(outgoing)
            except ChannelSilent:
                continue
        await commerce.close()

    run(story())
    assert len(messengers.to("8801711111111")) == 2


def test_a_killed_sender_leaves_a_message_that_is_looked_up(run, open_api, shop, world, monkeypatch):
    settings, messengers = world

    async def story():
        async with open_api(settings) as api:
            buyer = await api.buyer()
        commerce, time = await opened(settings, NOON)
        await told(commerce, buyer.user_id)
        with monkeypatch.context() as patch:
            patch.setattr(sending, "_close", _die)
            with pytest.raises(Killed):
                await sending.send_due(commerce)
        time.now += timedelta(minutes=2)
        await sending.resolve_doubtful(commerce)
        await work(commerce)
        await commerce.close()
        return buyer

    buyer = run(story())
    assert state_of(shop, buyer.user_id) == [("sms", "sent", 1)]
    assert len(messengers.to(f"88{buyer.phone}")) == 1


async def _die(*_: object, **__: object) -> None:
    raise Killed


def test_nights_are_quiet_but_payments_are_told(run, open_api, shop, world):
    settings, messengers = world

    async def story():
        async with open_api(settings) as api:
            buyer = await api.buyer()
        commerce, time = await opened(settings, NIGHT)
        await told(commerce, buyer.user_id)
        await told(commerce, buyer.user_id, "payment.declined")
        await work(commerce)
        at_night = len(messengers.to(f"88{buyer.phone}"))
        time.now += timedelta(hours=9, minutes=1)
        await work(commerce)
        await commerce.close()
        return at_night, len(messengers.to(f"88{buyer.phone}"))

    assert run(story()) == (1, 2)


def test_a_digest_gathers_a_day(run, open_api, shop, world):
    settings, messengers = world

    async def story():
        async with open_api(settings) as api:
            buyer = await api.buyer()
            wanted = {
                "choices": [{"category": "order", "channel": "email", "is_on": False}],
                "quiet_from": "00:00", "quiet_until": "00:00", "digest_categories": ["order"],
            }  # fmt: skip
            put = await buyer.client.put("/v1/me/notification-preferences", json=wanted)
            got = (await buyer.client.get("/v1/me/notification-preferences")).json()
        commerce, time = await opened(settings, NOON)
        await told(commerce, buyer.user_id)
        await told(commerce, buyer.user_id)
        await work(commerce)
        before = len(messengers.to(f"88{buyer.phone}"))
        time.now += timedelta(hours=22)
        await work(commerce)
        await work(commerce)
        await commerce.close()
        return put, got, before, messengers.to(f"88{buyer.phone}")

    put, got, before, texts = run(story())
    assert put.status_code == 200
    assert got["quiet_from"] == got["quiet_until"] == "00:00"
    assert {"category": "order", "channel": "email", "is_on": False} in got["choices"]
    assert before == 0
    assert len(texts) == 1
    assert texts[0]["body"].count("G77") == 2


def test_a_device_whose_app_is_gone_is_forgotten(run, open_api, shop, world):
    settings, messengers = world

    async def story():
        async with open_api(settings) as api:
            buyer = await api.buyer()
            for token in (f"gone-{uuid4()}", f"alive-{buyer.user_id}"):
                device = {"token": token, "platform": "android"}
                assert (await buyer.client.post("/v1/me/notification-devices", json=device)).status_code == 204
        commerce, _ = await opened(settings, NOON)
        await told(commerce, buyer.user_id)
        await work(commerce)
        await commerce.close()
        return buyer

    buyer = run(story())
    assert len(messengers.to(f"alive-{buyer.user_id}")) == 1
    assert shop.sql("select count(*) from notifications.devices where user_id = %s", buyer.user_id) == [(1,)]
    states = shop.sql("select state from notifications.messages where user_id = %s and channel = 'push' order by 1", buyer.user_id)  # fmt: skip
    assert states == [("failed",), ("sent",)]


def test_a_refused_text_is_not_repeated_for_ever(run, open_api, shop, world):
    settings, messengers = world
    own = settings.model_copy(update={"sms_api_token": "wrong"})

    async def story():
        async with open_api(settings) as api:
            buyer = await api.buyer()
        commerce, time = await opened(own, NOON)
        await told(commerce, buyer.user_id)
        for _ in range(9):
            await work(commerce)
            time.now += timedelta(hours=2)
        await commerce.close()
        return buyer

    buyer = run(story())
    assert state_of(shop, buyer.user_id) == [("sms", "failed", 6)]
    assert messengers.to(f"88{buyer.phone}") == []


def test_a_code_reaches_a_phone_that_has_no_account_and_opens_one(run, open_api, shop, world):
    settings, messengers = world
    phone = f"017{uuid4().int % 10**8:08d}"

    async def story():
        async with open_api(settings) as api:
            asked = await api.client.post("/v1/auth/codes", json={"phone": phone}, headers={"accept-language": "bn"})
            commerce, _ = await opened(settings, NIGHT)
            await work(commerce)
            await work(commerce)
            await commerce.close()
            [text] = messengers.to(f"88{phone}")
            code = next(word for word in text["body"].split() if word.isdecimal())
            path = f"/v1/auth/codes/{asked.json()['challenge_id']}/verify"
            return text["body"], await api.client.post(path, json={"code": code, "full_name": "Rahima"})

    body, verified = run(story())
    assert "কাউকে বলবেন না" in body, "in the caller's language, at night too"
    assert verified.status_code in {200, 201}, verified.text
    assert shop.sql("select count(*) from identity.outgoing_codes") == [(0,)]
