"""Who hears of alerts: the log, an e-mail address, a webhook. A sink says whether it was told. Not here: when, retries."""

from typing import Protocol
from urllib.parse import urlsplit

import orjson

from commerce.notifications.ports import Channel, ChannelSilent, MessageRefused, Outgoing
from commerce.notifications.providers import EmailApi
from commerce.webhooks.rules import signed_headers
from foundation.clock import system_clock
from foundation.http_client import Peer, PeerUnavailable
from foundation.logging import get_logger
from foundation.settings import Settings
from pipelines.alerts.store import Notice

DEADLINE_S = 10.0


class Sink(Protocol):
    """One way to tell people."""

    async def tell(self, notice: Notice) -> bool:
        """Tell of a notice; whether it arrived. Told twice, the receiver sees the same id."""

    async def close(self) -> None:
        """Close connections."""


class LogSink:
    """One line in the log of this process."""

    async def tell(self, notice: Notice) -> bool:
        """As the port."""
        log = get_logger()
        say = log.error if notice.news == "opened" else log.info
        say(f"alert_{notice.news}", cause=notice.cause, title=notice.title, detail=notice.detail)
        return True

    async def close(self) -> None:
        """Nothing to close."""


class EmailSink:
    """An e-mail through commerce's channel."""

    def __init__(self, channel: Channel, recipient: str) -> None:
        self._channel = channel
        self._recipient = recipient

    async def tell(self, notice: Notice) -> bool:
        """As the port."""
        body = f"{notice.detail}\n\n{notice.cause}, {notice.happened_at:%Y-%m-%d %H:%M:%S} UTC"
        message = Outgoing(notice.notice_id, self._recipient, f"GetIt: {notice.title}", body)
        try:
            await self._channel.send(message)
        except (ChannelSilent, MessageRefused) as error:
            get_logger().warning("alert_not_mailed", reason=str(error))
            return False
        return True

    async def close(self) -> None:
        """Close the channel."""
        await self._channel.close()


class WebhookSink:
    """A signed POST, as Standard Webhooks; any 2xx is an answer. The address is the operator's: it may be internal."""

    def __init__(self, url: str, secret: str) -> None:
        parts = urlsplit(url)
        self._peer = Peer("alerts", f"{parts.scheme}://{parts.netloc}")
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._secret = secret

    async def tell(self, notice: Notice) -> bool:
        """As the port."""
        body = orjson.dumps({
            "type": f"alert.{notice.news}", "timestamp": notice.happened_at,
            "data": {"cause": notice.cause, "title": notice.title, "detail": notice.detail},
        })  # fmt: skip
        sent_at = int(system_clock().timestamp())
        headers = signed_headers([self._secret], f"msg_{notice.notice_id.hex}", sent_at, body)
        try:
            answer = await self._peer.post(self._path, content=body, headers=headers, deadline_s=DEADLINE_S)
        except PeerUnavailable:
            return False
        return answer.is_success

    async def close(self) -> None:
        """Close its connections."""
        await self._peer.close()


def sinks_of(settings: Settings) -> dict[str, Sink]:
    """The sinks that the settings name; the log always."""
    sinks: dict[str, Sink] = {"log": LogSink()}
    if settings.alert_email:
        sinks["email"] = EmailSink(EmailApi(settings), settings.alert_email)
    if settings.alert_webhook_url and settings.alert_webhook_secret:
        sinks["webhook"] = WebhookSink(settings.alert_webhook_url, settings.alert_webhook_secret)
    return sinks
