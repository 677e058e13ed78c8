"""Fixtures: the API with a clock that a test can move, and what the shop would have sent by SMS."""

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from commerce.identity.messages import PARAMS, RECIPIENT
from foundation.clock import system_clock
from foundation.ids import uuid7


@dataclass
class Door:
    """The API as a visitor sees it, and the hands of its owner."""

    api: object
    shop: object
    ahead: list = field(default_factory=lambda: [timedelta()])

    @property
    def commerce(self):
        return self.api.app.state.commerce

    def pass_time(self, **amount):
        self.ahead[0] += timedelta(**amount)

    async def call(self, method, path, token=None, agent="Android", **more):
        headers = {"user-agent": agent, **more.pop("headers", {})}
        if token:
            headers["authorization"] = f"Bearer {token}"
        return await self.api.client.request(method, path, headers=headers, **more)

    def sent(self, challenge_id):
        """(recipient, code) as the one who delivers messages reads them."""
        [(recipient, params)] = self.shop.sql(
            "select recipient_encrypted, params_encrypted from identity.outgoing_codes where challenge_id = %s",
            UUID(challenge_id),
        )
        cipher = self.commerce.cipher
        return cipher.decrypt(recipient, RECIPIENT), json.loads(cipher.decrypt(params, PARAMS))["code"]

    async def code(self, phone):
        """(challenge id, code) of a fresh code."""
        challenge = (await self.call("POST", "/v1/auth/codes", json={"phone": phone})).raise_for_status().json()
        return challenge["challenge_id"], self.sent(challenge["challenge_id"])[1]

    async def by_code(self, phone, token=None, **body):
        challenge_id, code = await self.code(phone)
        return await self.call("POST", f"/v1/auth/codes/{challenge_id}/verify", token, json={"code": code, **body})

    def token(self, *scopes, user_id=None):
        return self.api.app.state.tokens.issue(user_id or uuid7(), scopes)

    async def register(self, **more):
        body = {"phone": a_phone(), "password": "correct horse battery", "full_name": "Rahima Begum", **more}
        return body, (await self.call("POST", "/v1/auth/register", json=body)).raise_for_status().json()


def a_phone():
    return f"018{uuid4().int % 10**8:08d}"


@pytest.fixture
def phone():
    return a_phone()


@pytest.fixture
def open_door(open_api, settings, shop):
    @asynccontextmanager
    async def opened():
        async with open_api(settings) as api:
            shop.sql("delete from identity.attempts")
            door = Door(api, shop)
            clock = lambda: system_clock() + door.ahead[0]
            api.app.state.commerce = replace(door.commerce, clock=clock)
            api.client.timeout = httpx.Timeout(60)
            yield door

    return opened
