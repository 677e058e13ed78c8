"""Adapter of the bank's transfer API: a transfer by our reference, once; a statement. Decides nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from commerce.payments.ports import BankRefused, BankSilent, Outcome
from foundation.http_client import Peer, PeerUnavailable
from foundation.money import to_taka
from foundation.settings import Settings


class TransferBank:
    """Our connection to the bank."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._peer = Peer("bank", settings.bank, slots=10, threshold=20, reset_s=2.0)

    async def send(self, *, reference: str, kind: str, account: str, amount_poisha: int) -> Outcome:
        """See `Bank`."""
        body = {
            "reference": reference,
            "kind": kind,
            "account": account,
            "amount": to_taka(amount_poisha),
            "currency": "BDT",
        }
        status, answer = await self._ask("POST", "/v1/transfers", body)
        if status in {200, 202, 409} and isinstance(answer, dict) and "status" in answer:
            return Outcome(reference, str(answer["status"]))
        if 400 <= status < 500 and status not in {401, 408, 429}:
            raise BankRefused(str(answer))
        raise BankSilent

    async def find(self, reference: str) -> Outcome | None:
        """See `Bank`."""
        status, answer = await self._ask("GET", f"/v1/transfers/{reference}")
        if status == 404 and isinstance(answer, dict) and answer.get("error") == "not_found":
            return None
        if status != 200 or not isinstance(answer, dict) or "status" not in answer:
            raise BankSilent
        return Outcome(reference, str(answer["status"]))

    async def statement(self, after: int) -> Sequence[Outcome]:
        """See `Bank`."""
        status, answer = await self._ask("GET", f"/v1/statement?after={after}")
        if status != 200 or not isinstance(answer, list):
            raise BankSilent
        return [Outcome(str(row["reference"]), str(row["status"]), int(row["seq"])) for row in answer]

    async def close(self) -> None:
        """Close its connections."""
        await self._peer.close()

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, Any]:
        headers = {"x-api-key": self._settings.bank_api_key, "content-type": "application/json"}
        content = None if body is None else orjson.dumps(body)
        try:
            response = await self._peer.ask(
                method, path, content=content, deadline_s=self._settings.provider_timeout_s, headers=headers
            )
            return response.status_code, orjson.loads(response.content)
        except (PeerUnavailable, orjson.JSONDecodeError) as error:
            raise BankSilent from error
