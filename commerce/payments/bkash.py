"""Client of bKash tokenized checkout v1.2.0-beta. Speaks the protocol and says what happened; decides nothing.

An answer is trusted only where it is complete: everything else is `ProviderSilent`, whose outcome is unknown.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from foundation.errors import Unavailable
from foundation.http_client import Peer, PeerUnavailable
from foundation.money import from_taka, to_taka
from foundation.settings import Settings

BASE = "/tokenized/checkout"
TOKEN_SLACK_S = 300


class ProviderSilent(Unavailable):
    """No usable answer: the provider may or may not have acted. Only a query tells."""

    code = "provider-silent"
    message = "The payment provider does not answer just now. We will ask it again; do not pay twice."


class ProviderRefused(Exception):
    """The provider answered that it did not do it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True)
class ProviderPayment:
    """A payment as the provider tells it."""

    payment_id: str
    status: str
    transaction_id: str | None
    amount_poisha: int | None
    currency: str | None
    invoice: str | None
    payer: str | None
    is_verified: bool

    @property
    def is_completed(self) -> bool:
        return self.status == "Completed"


class BkashClient:
    """One merchant's connection: keeps the grant token, never retries an execute or a refund."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._peer = Peer("bkash", settings.bkash, slots=20, threshold=20, reset_s=2.0)
        self._token: str | None = None
        self._token_until = 0.0
        self._granting = asyncio.Lock()

    async def create(
        self, *, invoice: str, amount_poisha: int, payer_reference: str, callback_url: str
    ) -> tuple[str, str]:
        """Open a payment; (payment id, address of the customer's page). No money moves.

        Raises:
            ProviderSilent, ProviderRefused.
        """
        answer = await self._call(
            f"{BASE}/create",
            {
                "mode": "0011",
                "payerReference": payer_reference,
                "callbackURL": callback_url,
                "amount": to_taka(amount_poisha),
                "currency": "BDT",
                "intent": "sale",
                "merchantInvoiceNumber": invoice,
            },
        )
        try:
            return str(answer["paymentID"]), str(answer["bkashURL"])
        except KeyError as error:
            raise ProviderSilent from error

    async def execute(self, payment_id: str) -> ProviderPayment:
        """Take the money the customer has authorised. Call once; after `ProviderSilent` only `query` may follow.

        Raises:
            ProviderSilent, ProviderRefused.
        """
        return _payment(await self._call(f"{BASE}/execute", {"paymentID": payment_id}), payment_id)

    async def query(self, payment_id: str) -> ProviderPayment:
        """State of a payment. May be repeated.

        Raises:
            ProviderSilent, ProviderRefused.
        """
        return _payment(await self._call(f"{BASE}/payment/status", {"paymentID": payment_id}), payment_id)

    async def refund(self, *, payment_id: str, transaction_id: str, amount_poisha: int, sku: str, reason: str) -> str:
        """Return money; the provider's refund id. Call once; after `ProviderSilent` ask `refunded` first.

        Raises:
            ProviderSilent, ProviderRefused.
        """
        body = {"paymentId": payment_id, "trxId": transaction_id, "refundAmount": to_taka(amount_poisha),
                "sku": sku[:255], "reason": reason[:255]}  # fmt: skip
        answer = await self._call("/v2/tokenized-checkout/refund/payment/transaction", body)
        if answer.get("refundTransactionStatus") != "Completed" or not answer.get("refundTrxId"):
            raise ProviderSilent
        return str(answer["refundTrxId"])

    async def refunded(self, *, payment_id: str, transaction_id: str) -> list[tuple[str, int, str]]:
        """Refunds the provider has made of a payment: (refund id, poisha, sku).

        Raises:
            ProviderSilent, ProviderRefused.
        """
        body = {"paymentId": payment_id, "trxId": transaction_id}
        answer = await self._call("/v2/tokenized-checkout/refund/payment/status", body)
        done = answer.get("refundTransactions") or []
        return [
            (str(item["refundTrxId"]), from_taka(item["refundAmount"]), str(item.get("sku", "")))
            for item in done
            if item.get("refundTransactionStatus") == "Completed"
        ]

    async def close(self) -> None:
        """Close its connections."""
        await self._peer.close()

    async def _call(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = await self._post(path, body, await self._grant())
        if answer is None:
            # The token ended early: bKash refused the request before acting on it, so it may be sent again.
            self._token = None
            answer = await self._post(path, body, await self._grant())
        if answer is None:
            raise ProviderSilent
        return answer

    async def _post(self, path: str, body: Mapping[str, Any], token: str) -> dict[str, Any] | None:
        headers = {"authorization": token, "x-app-key": self._settings.bkash_app_key}
        try:
            response = await self._peer.post_json(
                path, body, deadline_s=self._settings.provider_timeout_s, headers=headers
            )
        except PeerUnavailable as error:
            raise ProviderSilent from error
        if response.status_code == 401:
            return None
        return _checked(response.status_code, response.content)

    async def _grant(self) -> str:
        async with self._granting:
            if self._token is None or time.monotonic() > self._token_until:
                answer = await self._fetch_token()
                self._token = str(answer["id_token"])
                self._token_until = time.monotonic() + max(60, int(answer.get("expires_in", 3600)) - TOKEN_SLACK_S)
            return self._token

    async def _fetch_token(self) -> dict[str, Any]:
        settings = self._settings
        headers = {"username": settings.bkash_username, "password": settings.bkash_password}
        body = {"app_key": settings.bkash_app_key, "app_secret": settings.bkash_app_secret}
        try:
            response = await self._peer.post_json(
                f"{BASE}/token/grant", body, deadline_s=settings.provider_timeout_s, headers=headers
            )
        except PeerUnavailable as error:
            raise ProviderSilent from error
        answer = _checked(response.status_code, response.content)
        if "id_token" not in answer:
            raise ProviderSilent
        return answer


def _checked(status: int, content: bytes) -> dict[str, Any]:
    """Answer of a call that the provider says it did. It has three shapes of failure, all told apart here."""
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise ProviderSilent from error
    if not isinstance(answer, dict) or status >= 500:
        raise ProviderSilent
    code = (
        answer.get("statusCode") or answer.get("errorCode") or answer.get("internalCode") or answer.get("externalCode")
    )
    if code not in {None, "0000"}:
        text = answer.get("statusMessage") or answer.get("errorMessage") or answer.get("errorMessageEn") or ""
        if str(code) in {"503", "9999"}:
            raise ProviderSilent
        raise ProviderRefused(str(code), str(text))
    if answer.get("status") == "fail":
        raise ProviderRefused("fail", str(answer.get("msg", "")))
    if set(answer) <= {"message"}:
        raise ProviderSilent
    return answer


def _payment(answer: Mapping[str, Any], payment_id: str) -> ProviderPayment:
    try:
        amount = None if answer.get("amount") is None else from_taka(answer["amount"])
        status = str(answer["transactionStatus"])
    except (KeyError, ValueError) as error:
        raise ProviderSilent from error
    verified = answer.get("userVerificationStatus") or answer.get("verificationStatus")
    return ProviderPayment(
        payment_id=str(answer.get("paymentID", payment_id)),
        status=status,
        transaction_id=answer.get("trxID"),
        amount_poisha=amount,
        currency=answer.get("currency"),
        invoice=answer.get("merchantInvoiceNumber") or answer.get("merchantInvoice"),
        payer=answer.get("customerMsisdn") or answer.get("payerAccount"),
        is_verified=verified == "Complete",
    )
