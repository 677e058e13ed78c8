"""Those who act after an order: the courier, the fraud analyst, owners of stolen wallets. They use staff accounts.

A day of the market lasts a minute, so that parcels, refusals and disputes can be watched. Not here: shoppers.
"""

import asyncio
import json
import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import structlog
from psycopg.rows import dict_row

from foundation.clock import system_clock
from foundation.settings import Settings
from sandbox.market.behaviour import Intent, courier_of
from sandbox.market.client import ShopAway, ShopClient
from sandbox.market.truth import SQL

DAY = timedelta(seconds=60)
# Orders that do not come from the market (somebody tries the shop) are carried too, after a while.
SHIP_AFTER = {"market": timedelta(seconds=15)}
SHIP_AFTER_OTHERS = timedelta(minutes=3)
DELIVER_AFTER_OTHERS = timedelta(minutes=3)
REVIEW_AFTER = timedelta(seconds=25)
ANALYST_IS_RIGHT = 0.9
REPORTS = {"stolen_wallet": "wallet_dispute", "coupon_ring": "analyst", "parcel_refuser": "analyst"}
_log = structlog.get_logger("market")

Connection = psycopg.AsyncConnection[dict[str, Any]]


class Parties:
    """Courier, analyst and wallet owners of one installation."""

    def __init__(self, settings: Settings, client: ShopClient, dice: random.Random) -> None:
        self._settings = settings
        self._client = client
        self._dice = dice
        self._tokens: dict[str, str] = {}

    async def remember(self, group_id: str, intent: Intent) -> None:
        """Keep the hidden truth of an order that was placed."""
        placed_at = system_clock()
        found = None if intent.found_out_days is None else placed_at + intent.found_out_days * DAY
        row = {
            "group_id": group_id, "account": intent.account.ref, "is_fraud": intent.is_fraud, "typology": intent.typology,
            "actor": intent.actor, "placed_at": placed_at, "outcome": intent.outcome,
            "closes_at": placed_at + intent.days_to_close * DAY, "found_at": found,
        }  # fmt: skip
        async with await self._connect() as connection:
            await connection.execute(SQL["keep_live_order"], row)

    async def act(self) -> None:
        """One round of everybody.

        Raises:
            ShopAway, psycopg.OperationalError: come back later.
        """
        await self._ship()
        await self._bring()
        await self._review()
        await self._report()

    async def _ship(self) -> None:
        for order in await self._open("placed", "courier"):
            age = system_clock() - datetime.fromisoformat(order["placed_at"])
            if age >= SHIP_AFTER.get(order["channel"], SHIP_AFTER_OTHERS):
                await self._move(order, "shipped", "courier", courier=courier_of(self._dice))

    async def _bring(self) -> None:
        orders = await self._open("shipped", "courier")
        truth = await self._truth_of(orders)
        for order in orders:
            known = truth.get(UUID(order["group_id"]))
            shipped_at = datetime.fromisoformat(order["shipped_at"])
            due = known["closes_at"] if known else shipped_at + DELIVER_AFTER_OTHERS
            if system_clock() >= due:
                is_refused = known is not None and known["outcome"] == "refused"
                await self._move(order, "refused" if is_refused else "delivered", "courier")

    async def _review(self) -> None:
        """The analyst looks at held orders and is right most of the time."""
        orders = [
            order
            for order in await self._open("on_hold", "analyst")
            if system_clock() - datetime.fromisoformat(order["placed_at"]) >= REVIEW_AFTER
        ]
        truth = await self._truth_of(orders)
        for order in orders:
            known = truth.get(UUID(order["group_id"]))
            is_fraud = known is not None and known["is_fraud"]
            seems_fraud = is_fraud == (self._dice.random() < ANALYST_IS_RIGHT) if known else False
            if not await self._move(order, "cancelled" if seems_fraud else "placed", "analyst", reason="reviewed"):
                continue
            if seems_fraud:
                await self._label(order["group_id"], origin="analyst", occurred_at=order["placed_at"])

    async def _report(self) -> None:
        async with await self._connect() as connection:
            found = await (await connection.execute(SQL["found_out"], {"now": system_clock()})).fetchall()
            for row in found:
                origin = REPORTS[row["typology"]]
                await self._label(str(row["group_id"]), origin=origin, occurred_at=row["placed_at"].isoformat())
                await connection.execute(SQL["mark_reported"], {"group_id": row["group_id"]})

    async def _label(self, group_id: str, *, origin: str, occurred_at: str) -> None:
        body = {"group_id": group_id, "is_fraud": True, "origin": origin, "occurred_at": occurred_at}
        response = await self._staff("POST", "/v1/risk/labels", "analyst", json=body)
        if response.status_code >= 400:
            _log.warning("label refused", status=response.status_code)

    async def _open(self, status: str, who: str) -> list[dict[str, Any]]:
        response = await self._staff("GET", "/v1/orders/open", who, params={"status": status, "limit": 100})
        if response.status_code != 200:
            raise ShopAway("open orders")
        return list(response.json()["items"])

    async def _move(self, order: dict[str, Any], to: str, who: str, **more: str) -> bool:
        response = await self._staff(
            "POST", f"/v1/orders/{order['order_id']}/transitions", who, json={"to": to, **more}
        )
        return bool(response.status_code < 400)

    async def _staff(self, method: str, path: str, who: str, **more: Any) -> Any:
        """A call as a member of staff; logs in again when the session is over."""
        for _ in range(2):
            token = self._tokens.get(who) or await self._log_in(who)
            response = await self._client.call(method, path, token=token, **more)
            if response.status_code != 401:
                return response
            self._tokens.pop(who, None)
        raise ShopAway(path)

    async def _log_in(self, who: str) -> str:
        path = self._settings.folder("secrets") / "staff.json"
        try:
            accounts = json.loads(await asyncio.to_thread(path.read_text))
        except (OSError, ValueError) as error:
            raise ShopAway("staff accounts are not there yet") from error
        self._tokens[who] = await self._client.log_in(accounts[who])
        return self._tokens[who]

    async def _truth_of(self, orders: list[dict[str, Any]]) -> dict[UUID, dict[str, Any]]:
        ids = [UUID(order["group_id"]) for order in orders]
        async with await self._connect() as connection:
            rows = await (await connection.execute(SQL["live_orders"], {"group_ids": ids})).fetchall()
        return {row["group_id"]: row for row in rows}

    async def _connect(self) -> Connection:
        url = self._settings.postgres("getit", role="getit_market")
        return await psycopg.AsyncConnection.connect(url, autocommit=True, row_factory=dict_row)
