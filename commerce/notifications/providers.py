"""Adapters of the channels to HTTP APIs: SMS gateway, e-mail API, push service. They say what happened; decide nothing.

The SMS gateway speaks as Bangladeshi gateways do: HTTP 200 whatever happens, the outcome in the body, our own `csms_id`
once. Not here: retries, texts.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson

from commerce.notifications.ports import Channel, ChannelSilent, MessageRefused, Outgoing, Untraceable
from foundation.http_client import Peer, PeerAnswer, PeerUnavailable
from foundation.settings import Settings

DEADLINE_S = 8.0
DUPLICATE_SMS, UNKNOWN_SMS = 4011, 4004


class _Provider:
    """What the adapters share: one peer, patience, what the statuses of HTTP mean."""

    def __init__(self, name: str, settings: Settings) -> None:
        self._peer = Peer(name, settings.messages, slots=16, threshold=20, reset_s=2.0)
        self._settings = settings

    async def _ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        content = None if body is None else orjson.dumps(body)
        merged = {"content-type": "application/json", **(headers or {})}
        try:
            answer = await self._peer.ask(method, path, deadline_s=DEADLINE_S, content=content, headers=merged)
        except PeerUnavailable as error:
            raise ChannelSilent from error
        return _document(answer)

    async def close(self) -> None:
        """Close its connections."""
        await self._peer.close()


def _document(answer: PeerAnswer) -> dict[str, Any]:
    # 429 says that nothing was done; of a 5xx nobody knows; other 4xx will not change by waiting, but for our key (401, 403).
    if answer.status_code >= 500:
        raise ChannelSilent
    if answer.status_code >= 400:
        is_final = answer.status_code not in {401, 403, 408, 429}
        raise MessageRefused(f"HTTP {answer.status_code}", is_final=is_final)
    try:
        document = answer.json()
    except orjson.JSONDecodeError as error:
        raise ChannelSilent from error
    if not isinstance(document, dict):
        raise ChannelSilent
    return document


class SmsGateway(_Provider):
    """Texts to Bangladeshi mobile numbers in canonical form."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("sms", settings)

    def _signed(self, **more: str) -> dict[str, str]:
        return {"api_token": self._settings.sms_api_token, "sid": self._settings.sms_sender, **more}

    async def send(self, message: Outgoing) -> str:
        """As the port."""
        reference = str(message.reference)
        body = self._signed(msisdn=message.recipient, sms=message.body, csms_id=reference)
        answer = await self._ask("POST", "/sms/api/v3/send-sms", body)
        if answer.get("status_code") == DUPLICATE_SMS:
            return reference
        if answer.get("status") != "SUCCESS":
            code = str(answer.get("status_code"))
            raise MessageRefused(f"gateway {code}", is_final=code == "4003")
        return _sms_reference(answer)

    async def find(self, reference: UUID) -> str | None:
        """As the port."""
        answer = await self._ask("POST", "/sms/api/v3/sms-status", self._signed(csms_id=str(reference)))
        if answer.get("status_code") == UNKNOWN_SMS:
            return None
        if answer.get("status") != "SUCCESS":
            raise ChannelSilent
        return _sms_reference(answer)


def _sms_reference(answer: Mapping[str, Any]) -> str:
    try:
        return str(answer["smsinfo"][0]["reference_id"])
    except (KeyError, IndexError, TypeError) as error:
        raise ChannelSilent from error


class EmailApi(_Provider):
    """E-mails as plain text."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("email", settings)
        self._headers = {"authorization": f"Bearer {settings.email_api_key}"}

    async def send(self, message: Outgoing) -> str:
        """As the port."""
        body = {
            "from": self._settings.email_sender, "to": message.recipient, "subject": message.title,
            "text": message.body, "reference": str(message.reference),
        }  # fmt: skip
        answer = await self._ask("POST", "/email/v1/messages", body, self._headers)
        if not answer.get("id"):
            raise ChannelSilent
        return str(answer["id"])

    async def find(self, reference: UUID) -> str | None:
        """As the port."""
        query = urlencode({"reference": str(reference)})
        answer = await self._ask("GET", f"/email/v1/messages?{query}", headers=self._headers)
        items = answer.get("items") or []
        return str(items[0]["id"]) if items else None


class PushService(_Provider):
    """Messages to phones; the recipient is the device's token."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("push", settings)
        self._headers = {"authorization": f"Bearer {settings.push_api_key}"}

    async def send(self, message: Outgoing) -> str:
        """As the port."""
        path = f"/push/v1/projects/{self._settings.push_project}/messages:send"
        shown = {"title": message.title, "body": message.body}
        body = {"message": {"token": message.recipient, "notification": shown, "data": {"id": str(message.reference)}}}
        answer = await self._ask("POST", path, body, self._headers)
        if not answer.get("name"):
            raise ChannelSilent
        return str(answer["name"])

    async def find(self, reference: UUID) -> str | None:
        """Nobody can be asked.

        Raises:
            Untraceable: always.
        """
        raise Untraceable(str(reference))


def channels_of(settings: Settings) -> dict[str, Channel]:
    """Every channel by its name."""
    return {"sms": SmsGateway(settings), "email": EmailApi(settings), "push": PushService(settings)}
