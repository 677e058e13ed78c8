"""Fixtures: people who open shops, with papers in their own names."""

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from commerce.identity.messages import PARAMS
from commerce.sellers.rules import TERMS_VERSION
from foundation.clock import system_clock
from foundation.ids import uuid7

JPEG = b"\xff\xd8\xff\xe0" + b"scan"
ROUTING = "225150135"


@dataclass
class Owner:
    """Somebody with a shop."""

    market: object
    token: str
    user_id: UUID
    phone: str
    seller_id: UUID | None = None

    async def call(self, method, path, **more):
        headers = {"authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        if self.seller_id and path.startswith("/v1/seller") and not path.startswith("/v1/sellers"):
            headers["x-seller-id"] = str(self.seller_id)
        return await self.market.api.client.request(method, path, headers=headers, **more)

    async def open(self, legal_name="Md. Abdul Karim", **more):
        body = {"name": "Karim Store", "legal_name": legal_name, "district_code": "BD-13", **more}
        answer = await self.call("POST", "/v1/sellers", json=body)
        if answer.status_code == 201:
            self.token, self.seller_id = answer.json()["access_token"], UUID(answer.json()["seller_id"])
        return answer

    async def upload(self, content=None, name="nid.jpg"):
        content = content if content is not None else JPEG + uuid4().bytes
        return await self.call("POST", "/v1/seller/documents", files={"file": (name, content)})

    async def show(self, requirement, **body):
        return await self.call("POST", f"/v1/seller/requirements/{requirement}", json=body)

    async def show_all(self, *, name="মোঃ আব্দুল করিম", nid=None, wallet=None):
        """Everything required; the answers of identity and payout account."""
        place = {"pickup_line": "House 7, canary lane", "pickup_phone": self.phone}
        await self.call("PATCH", "/v1/seller", json=place)
        await self.show("terms", method="terms", terms_version=TERMS_VERSION)
        document = (await self.upload()).json()["id"]
        identity = await self.show("identity", method="nid", number=nid or a_nid(), name=name, document_id=document)
        account = await self.show("payout_account", method="wallet", number=wallet or self.phone, name=name)
        return identity, account


@dataclass
class Market:
    """The API and its owner's hands."""

    api: object
    shop: object
    ahead: list = field(default_factory=lambda: [timedelta()])

    def pass_time(self, **amount):
        self.ahead[0] += timedelta(**amount)

    async def owner(self):
        buyer = await self.api.buyer()
        token = buyer.client.headers["authorization"].removeprefix("Bearer ")
        return Owner(self, token, buyer.user_id, buyer.phone)

    def staff(self, *scopes):
        user_id = uuid7()
        return Owner(self, self.api.token_for(user_id, *scopes), user_id, "")

    def invitation(self, invite_id):
        [(params,)] = self.shop.sql(
            "select params_encrypted from identity.outgoing_codes where challenge_id = %s", UUID(invite_id)
        )
        return json.loads(self.api.app.state.commerce.cipher.decrypt(params, PARAMS))["token"]


def a_nid():
    return f"1990{26}1{uuid4().int % 10**10:010d}"


@pytest.fixture
def open_market(open_api, settings, shop):
    @asynccontextmanager
    async def opened():
        async with open_api(settings) as api:
            shop.sql("delete from identity.attempts")
            market = Market(api, shop)
            clock = lambda: system_clock() + market.ahead[0]
            api.app.state.commerce = replace(api.app.state.commerce, clock=clock)
            yield market

    return opened
