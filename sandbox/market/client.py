"""The shop as its users see it: calls of the public HTTP API, and the provider's page in a browser's stead.

A call that gets no answer is repeated with the same Idempotency-Key. Not here: who buys what, and why.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from sandbox.market.behaviour import Intent
from sandbox.market.people import Shopper

TRIES = 4
OTP, PIN = "123456", "12121"
SESSION_S = 5400.0


class ShopAway(Exception):
    """The shop does not answer, or answers that it cannot: come back later."""


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt to order."""

    # placed, declined, or refused_ with the problem's code (stock, voucher, prices)
    status: str
    group_id: str | None = None


class ShopClient:
    """One market's connection to the shop."""

    def __init__(self, base_url: str, *, password: str) -> None:
        limits = httpx.Limits(max_connections=12, max_keepalive_connections=12)
        self._http = httpx.AsyncClient(base_url=base_url, timeout=30, limits=limits, trust_env=False)
        self._password = password
        self._sessions: dict[str, tuple[str, float]] = {}

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def call(
        self, method: str, path: str, *, token: str | None = None, key: str | None = None, **more: Any
    ) -> httpx.Response:
        """One call, repeated while nothing comes back.

        Raises:
            ShopAway: still no answer, or a 5xx.
        """
        headers = {"authorization": f"Bearer {token}"} if token else {}
        if key:
            headers["idempotency-key"] = key
        for attempt in range(TRIES):
            try:
                response = await self._http.request(method, path, headers=headers, **more)
            except httpx.HTTPError:
                response = None
            is_repeatable = method != "POST" or key is not None
            if response is not None and response.status_code < 500 and response.status_code != 429:
                return response
            if not is_repeatable:
                break
            await asyncio.sleep(0.3 * 2**attempt)
        raise ShopAway(path)

    async def log_in(self, account: Mapping[str, str]) -> str:
        """Token of an existing account.

        Raises:
            ShopAway: not let in.
        """
        response = await self.call("POST", "/v1/auth/login", json=dict(account))
        if response.status_code != 200:
            raise ShopAway("log in")
        return str(response.json()["access_token"])

    async def session(self, person: Shopper) -> str:
        """Token of a shopper, who opens an account if there is none."""
        token, until = self._sessions.get(person.ref, ("", 0.0))
        if time.monotonic() < until:
            return token
        login = {"phone": person.phone, "password": self._password}
        response = await self.call("POST", "/v1/auth/login", json=login)
        if response.status_code == 401:
            district = {"district_code": person.district_code, "full_name": person.name, "locale": "bn"}
            response = await self.call("POST", "/v1/auth/register", json=login | district)
        if response.status_code not in {200, 201}:
            raise ShopAway("log in or register")
        token = str(response.json()["access_token"])
        self._sessions[person.ref] = (token, time.monotonic() + SESSION_S)
        return token

    async def shop(self, intent: Intent, *, by_cart: bool) -> Outcome:
        """Look at the goods, order, and pay if it is prepaid.

        Raises:
            ShopAway.
        """
        token = await self.session(intent.account)
        await self.call("GET", f"/v1/products/{intent.lines[0][0].product_code}")
        lines = [{"offer_id": str(good.offer_id), "quantity": quantity} for good, quantity in intent.lines]
        if by_cart:
            await self.call("DELETE", "/v1/cart", token=token)
            for line in lines:
                path, quantity = f"/v1/cart/lines/{line['offer_id']}", {"quantity": line["quantity"]}
                answer = await self.call("PUT", path, token=token, json=quantity)
                if answer.status_code >= 400:
                    return Outcome(f"refused_{_problem(answer)}")
        response = await self._place(intent, token, None if by_cart else lines, intent.voucher_code)
        if response.status_code == 409 and intent.voucher_code is not None:
            response = await self._place(intent, token, None if by_cart else lines, None)
        if response.status_code == 403:
            return Outcome("declined")
        if response.status_code != 201:
            return Outcome(f"refused_{_problem(response)}")
        placed = response.json()
        if placed["payment"] is not None:
            await self._pay(placed["payment"]["redirect_url"], intent)
        elif intent.outcome == "cancelled":
            await self._change_mind(placed, token)
        return Outcome("placed", placed["group_id"])

    async def _change_mind(self, placed: dict[str, Any], token: str) -> None:
        for order in placed["orders"]:
            await self.call("POST", f"/v1/orders/{order['order_id']}/cancel", token=token, json={})

    async def _place(
        self, intent: Intent, token: str, lines: list[dict[str, Any]] | None, voucher: str | None
    ) -> httpx.Response:
        address = {"district_code": intent.district_code, "line": "House 12, Road 3", "phone": intent.contact_phone}
        body = {
            "lines": lines, "payment_method": intent.payment_method, "address": address, "voucher_code": voucher,
            "device_id": intent.device, "channel": "market",
            "payer_wallet": intent.wallet if intent.payment_method == "bkash" else None,
        }  # fmt: skip
        return await self.call("POST", "/v1/orders", token=token, key=str(uuid4()), json=body)

    async def _pay(self, redirect: str, intent: Intent) -> None:
        """Follow the shop to the provider's page, answer its steps, and follow it back."""
        page = await self.call("GET", redirect)
        if page.status_code != 303:
            return
        # The page is on the shop's own front door: take its path, whatever host it names.
        path = _path(page.headers["location"])
        await self.call("GET", path)
        answers = [("wallet", intent.wallet), ("otp", OTP), ("pin", PIN)]
        for step, value in answers:
            is_given_up = intent.outcome == "cancelled" and step == "pin"
            data = {"step": step, "value": value, "action": "cancel" if is_given_up else "next"}
            page = await self._http.post(path, data=data)
        if page.status_code == 303:
            await self.call("GET", _path(page.headers["location"]))


def _problem(response: httpx.Response) -> str:
    """The last part of a problem's type, such as out-of-stock."""
    try:
        return str(response.json()["type"]).rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    except (ValueError, KeyError, TypeError):
        return str(response.status_code)


def _path(location: str) -> str:
    parts = urlsplit(location)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
