"""Use cases of risk: ask for a decision within the deadline, keep it with the order, take in labels.

Not here: scoring. `serving` is asked over HTTP; when it is late, down or talks nonsense, the policy decides and says so.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from psycopg.types.json import Jsonb
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from commerce.risk.rules import TEXTS, VERSION, fallback
from commerce.risk.schemas import DecisionAnswer, Reason
from foundation.bangladesh.phones import normalise_phone
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import NotFound
from foundation.http_client import PeerUnavailable
from foundation.i18n import translate
from foundation.ids import uuid7
from foundation.outbox import NewEvent, record_events
from foundation.security.fields import FieldCipher
from foundation.statements import load_statements

if TYPE_CHECKING:
    from commerce.context import Commerce
    from commerce.orders.quote import Quote
    from commerce.orders.schemas import PlaceOrderRequest

SQL = load_statements(__file__)


@dataclass(frozen=True)
class Footprint:
    """What an order leaves behind, as keyed hashes; `features` is filled by the decision."""

    device_index: str | None
    phone_index: str | None
    payer_index: str | None
    features: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, cipher: FieldCipher, request: "PlaceOrderRequest") -> "Footprint":
        """Footprint of a request."""
        phone = normalise_phone(request.address.phone) or request.address.phone
        wallet = normalise_phone(request.payer_wallet) if request.payer_wallet else None
        return cls(
            device_index=cipher.index(request.device_id, "device") if request.device_id else None,
            phone_index=cipher.index(phone, "phone"),
            payer_index=cipher.index(wallet, "wallet") if wallet else None,
        )


class _ServingAnswer(BaseModel):
    """What we believe of the scoring service's answer; anything else counts as no answer."""

    model_config = ConfigDict(extra="ignore")
    decision_id: UUID
    action: str = Field(pattern="^(allow|review|decline)$")
    score: float = Field(ge=0, le=1, allow_inf_nan=False)
    reasons: list[Reason]
    model_version: str
    source: str
    features: dict[str, Any] = {}


async def describe_buyer(connection: Connection, buyer_id: UUID) -> Mapping[str, Any]:
    """Account facts a decision needs.

    Raises:
        NotFound: no such account.
    """
    row = await fetch_one(connection, SQL["describe_buyer"], buyer_id=buyer_id)
    if row is None:
        raise NotFound
    return row


async def decide(
    commerce: "Commerce",
    quote: "Quote",
    request: "PlaceOrderRequest",
    *,
    footprint: Footprint,
    buyer: Mapping[str, Any],
    locale: str,
) -> DecisionAnswer:
    """Decision for a checkout: the scoring service's within the deadline, else the policy's. Never fails."""
    started = time.perf_counter()
    body = _question(quote, request, footprint, buyer)
    deadline = commerce.settings.decision_deadline_ms / 1000
    headers = {"accept-language": locale, "authorization": f"Bearer {commerce.serving_token()}"}
    why = "unavailable"
    try:
        response = await commerce.serving.post_json("/v1/fraud/score", body, deadline_s=deadline, headers=headers)
        answer = _ServingAnswer.model_validate(orjson.loads(response.content)) if response.is_success else None
        why = f"status_{response.status_code}"
    except PeerUnavailable as error:
        answer = None
        why = "late" if isinstance(error.__cause__, TimeoutError) else "unavailable"
    except (ValidationError, orjson.JSONDecodeError):
        answer, why = None, "bad_answer"
    latency = round((time.perf_counter() - started) * 1000, 2)
    if answer is not None:
        footprint.features.update(answer.features)
        return DecisionAnswer(**answer.model_dump(exclude={"features"}), latency_ms=latency)
    return _policy(commerce.clock(), quote, request, buyer, why=why, locale=locale, latency=latency)


def _question(
    quote: "Quote", request: "PlaceOrderRequest", footprint: Footprint, buyer: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "event_id": quote.group_id,
        "event_type": "checkout",
        "occurred_at": quote.placed_at,
        "buyer_id": buyer["id"],
        "buyer_created_at": buyer["created_at"],
        "payment_method": request.payment_method,
        "amount_poisha": quote.total_poisha,
        "subtotal_poisha": quote.subtotal_poisha,
        "discount_poisha": quote.discount_poisha,
        "item_count": sum(line.quantity for line in quote.lines),
        "seller_count": len(quote.orders),
        "max_line_poisha": max(line.subtotal_poisha for line in quote.lines),
        "district_code": request.address.district_code,
        "device_index": footprint.device_index,
        "phone_index": footprint.phone_index,
        "payer_index": footprint.payer_index,
        "voucher_code": next(iter(request.codes), None),
        "channel": request.channel,
    }


def _policy(
    now: datetime,
    quote: "Quote",
    request: "PlaceOrderRequest",
    buyer: Mapping[str, Any],
    *,
    why: str,
    locale: str,
    latency: float,
) -> DecisionAnswer:
    action, code = fallback(
        payment_method=request.payment_method,
        total_poisha=quote.total_poisha,
        account_created_at=buyer["created_at"],
        now=now,
    )
    return DecisionAnswer(
        decision_id=uuid7(),
        action=action,
        score=None,
        reasons=[Reason(code=code, text=translate(TEXTS[code], locale))],
        source=f"rules:{why}",
        model_version=VERSION,
        latency_ms=latency,
    )


async def keep_decision(
    connection: Connection, group_id: UUID, decision: DecisionAnswer, features: Mapping[str, Any]
) -> None:
    """Keep a decision in the order's transaction."""
    await execute(
        connection,
        SQL["keep_decision"],
        id=decision.decision_id or uuid7(),
        group_id=group_id,
        action=decision.action,
        score=decision.score,
        reasons=Jsonb([reason.model_dump() for reason in decision.reasons]),
        source=decision.source,
        model_version=decision.model_version,
        latency_ms=decision.latency_ms,
        features=Jsonb(dict(features)),
    )


async def action_of(connection: Connection, group_id: UUID) -> str:
    """Action decided for a group; `allow` where none was kept."""
    row = await fetch_one(connection, SQL["action_of"], group_id=group_id)
    return str(row["action"]) if row else "allow"


async def add_label(
    connection: Connection, group_id: UUID, *, is_fraud: bool, origin: str, occurred_at: datetime, known_at: datetime
) -> bool:
    """Note what an order turned out to be; False if this origin had spoken already.

    Raises:
        NotFound: no such order group.
    """
    group = await fetch_one(connection, SQL["describe_group"], group_id=group_id)
    if group is None:
        raise NotFound
    label = {"is_fraud": is_fraud, "origin": origin, "occurred_at": occurred_at, "known_at": known_at}
    added = await fetch_one(connection, SQL["add_label"], id=uuid7(), group_id=group_id, **label)
    if added is None:
        return False
    payload = {key: None if value is None else str(value) for key, value in group.items()}
    payload |= {"is_fraud": is_fraud, "origin": origin}  # type: ignore[dict-item]
    payload |= {"occurred_at": occurred_at.isoformat(), "known_at": known_at.isoformat()}
    await record_events(
        connection, [NewEvent(topic="risk", aggregate_id=group_id, event_type="risk.labelled", payload=payload)]
    )
    return True


async def list_decisions(connection: Connection, *, action: str | None, limit: int) -> list[dict[str, Any]]:
    """Latest decisions."""
    return list(await fetch_all(connection, SQL["list_decisions"], action=action, limit=limit))
